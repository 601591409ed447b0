"""The derive rules, case by case: a folder a rule, a file a case.

A case is a TriG file. Its default graph is what is given; ``graph:derived`` is exactly what must follow by the rule of the folder.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import derive
from seismic_graph.errors import DataError, QueryError
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import graph_iri

HERE = Path(__file__).parent
RULES = {rule.name: rule for rule in derive.rules(Settings().derive_files())}
CASES = sorted(HERE.glob("*/*.trig"))
GIVEN = graph_iri("dossier")


def given_and_asked(case: Path) -> tuple[list[ox.Triple], set[ox.Triple]]:
    quads = list(ox.parse(path=str(case), format=ox.RdfFormat.TRIG))
    assert {quad.graph_name for quad in quads} <= {ox.DefaultGraph(), ox.NamedNode(derive.GRAPH)}
    given = [quad.triple for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    return given, {quad.triple for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}


def file_of(name: str) -> Path:
    return Settings().queries / "derive" / f"{name}.rq"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_exactly_this_follows(case: Path) -> None:
    given, asked = given_and_asked(case)
    store = EmbeddedStore()
    store.add(given, GIVEN)
    derive.derive(store, [file_of(case.parent.name)])
    found = {quad.triple for quad in store.triples(derive.GRAPH)}
    assert sorted(map(str, found - asked)) == [], "not expected"
    assert sorted(map(str, asked - found)) == [], "missing"


def test_every_rule_has_a_case() -> None:
    assert set(RULES) - {case.parent.name for case in CASES} == set()


def test_every_case_has_a_rule() -> None:
    assert {case.parent.name for case in CASES} - set(RULES) == set()
    assert {file.suffix for file in HERE.glob("*/*") if file.parent.name != "__pycache__"} == {".trig"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_case_says_in_its_first_line_what_it_holds(case: Path) -> None:
    first = case.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_nothing_where_nothing_is_given(name: str) -> None:
    assert derive.derive(EmbeddedStore(), [file_of(name)]) == {name: 0}


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if "sg:rule" in rule.text])
def test_a_rule_that_makes_flows_names_itself_in_them(name: str) -> None:
    text = RULES[name].text
    assert f'sg:rule "{name}"' in text
    assert f'"https://w3id.org/seismic-graph/id/flow/{name}--"' in text
    basis = "structural" if RULES[name].order == 20 else "contextual"
    assert f"vocabulary/basis/{basis}>" in text.partition("WHERE")[0]
    assert RULES[name].description.lower().startswith(basis)


def test_rules_of_one_order_do_not_see_each_other(tmp_path: Path) -> None:
    header = "#+ summary: s\n#+ description: d\n#+ order: {}\n"
    (tmp_path / "a.rq").write_text(header.format(1) + "CONSTRUCT { ?s <http://e/b> ?o } WHERE { ?s <http://e/a> ?o }")
    (tmp_path / "b.rq").write_text(header.format(1) + "CONSTRUCT { ?s <http://e/c> ?o } WHERE { ?s <http://e/b> ?o }")
    (tmp_path / "c.rq").write_text(header.format(2) + "CONSTRUCT { ?s <http://e/d> ?o } WHERE { ?s <http://e/b> ?o }")
    store = EmbeddedStore()
    told: list[str] = []
    store.add([ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/a"), ox.Literal("1"))], GIVEN)
    files = sorted(tmp_path.glob("*.rq"), reverse=True)
    assert derive.derive(store, files, progress=told.append) == {"a": 1, "b": 0, "c": 1}
    assert told == ["a", "b", "c"]


@pytest.mark.parametrize("order", ["first", "1.5", "true", "'1'", "[1]"])
def test_an_order_that_is_no_whole_number_is_refused(order: str, tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_text(f"#+ summary: s\n#+ description: d\n#+ order: {order}\nCONSTRUCT {{}} WHERE {{}}")
    with pytest.raises(DataError, match=r"a\.rq, column order: .*is no whole number"):
        derive.rules([tmp_path / "a.rq"])


@pytest.mark.parametrize("key", ["summary", "description", "order"])
def test_a_header_without_a_key_is_refused(key: str, tmp_path: Path) -> None:
    lines = [line for line in ("#+ summary: s", "#+ description: d", "#+ order: 1") if key not in line]
    (tmp_path / "a.rq").write_text("\n".join([*lines, "CONSTRUCT {} WHERE {}"]))
    with pytest.raises(DataError, match=rf"a\.rq, column {key}: the header lacks this key"):
        derive.rules([tmp_path / "a.rq"])


@pytest.mark.parametrize("text", ["SELECT * WHERE { ?s ?p ?o }", "ASK {}"])
def test_a_rule_that_is_no_construct_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_text("#+ summary: s\n#+ description: d\n#+ order: 1\n" + text)
    with pytest.raises(DataError, match=r"a\.rq: the rule is no CONSTRUCT"):
        derive.derive(EmbeddedStore(), [tmp_path / "a.rq"])


def test_a_rule_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_text("#+ summary: s\n#+ description: d\n#+ order: 1\nCONSTRUCT { ?s ?p }")
    with pytest.raises(QueryError, match=r"^a\.rq: .*line 4"):
        derive.derive(EmbeddedStore(), [tmp_path / "a.rq"])


def test_a_wrong_header_leaves_what_was_derived(tmp_path: Path) -> None:
    store = EmbeddedStore()
    store.add([ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/a"), ox.Literal("1"))], derive.GRAPH)
    (tmp_path / "a.rq").write_text("CONSTRUCT {} WHERE {}")
    with pytest.raises(DataError):
        derive.derive(store, [tmp_path / "a.rq"])
    assert len(store.inner) == 1
