"""Users' own tables by mappings: what a mapping may say, and that every row gives triples or a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import ingest
from seismic_graph.errors import DataError, ToolError, UsageError
from seismic_graph.settings import Settings
from seismic_graph.sources import drafting, engine, mapped, yarrrml
from seismic_graph.sources.filters import Known
from seismic_graph.sources.reading import Mapped, Outcome, Rejected, Scope
from seismic_graph.vocabulary import DCTERMS, SG, SKOS, entity_iri

HEAD = """
prefixes:
  ex: https://example.org/
mappings:
  project:
    s: id:project/x-$(id|slug)
    po:
      - [a, sg:Project]
      - [skos:prefLabel, $(name), en~lang]
"""


def wrong(text: str) -> str:
    with pytest.raises(DataError) as caught:
        yarrrml.parse(text, "map.yml", "table.csv")
    return str(caught.value)


REFUSED = [
    ("      - [sg:strt, $(start), xsd:date]", "line 10: 'sg:strt': is no property of the ontology. Did you mean: sg:start"),
    ("      - [sg:row, $(start)]", "added by the import or derived"),
    ("      - [a, sg:Projekt]", "is no class of the ontology. Use one of: sg:Project"),
    ("      - [foo:bar, $(start)]", "the prefix foo is not known"),
    ("      - [sg:country, voc:country/SE]", "Write voc:country/SE~iri"),
    ("      - [sg:city, id:city/$(city)~iri]", "Write $(city|slug)."),
    ("      - [sg:start, $(start|upper)]", "upper is no filter"),
    ("      - [sg:start, $(start]", "a reference is not closed"),
    ("      - [sg:start, $(start), xsd:gMonthDay]", "is no datatype that is checked here"),
    ("      - [dcterms:title, $(title), en_GB~lang]", "is no language tag"),
    ("      - [ex:$(name), $(name)]", "is a property that depends on the row"),
    ("      - [schema:url, $(url) and more~iri]", "is no IRI"),
    ('      - [skos:note, "a {brace}"]', "fixed text cannot have braces"),
    ("      - {p: skos:note, o: {function: ex:run}}", "'function': is not done by an import"),
    ("      - {p: skos:note, o: {value: $(x), type: blank}}", "nodes need an address"),
    ("      - {p: skos:note, o: {value: $(x), colour: red}}", "'colour': is no key of a value"),
    ("      - {p: sg:coordinator, o: {mapping: nobody}}", "is no mapping of this document"),
    ("      - {p: sg:coordinator, o: {mapping: project, condition: {function: equal}}}", "'condition': is not done by an import"),
    ("    graphs: ex:g", "every import has one graph"),
    ("    condition: {function: ex:run}", "conditions are not evaluated here"),
    ("  other:\n    po: [[a, sg:Call]]", "has no subject"),
    ("  other:\n    s: ex:$(id)\n    po: [[a, sg:Call]]", "is no name that things have here"),
    ("  other:\n    s: id:call/one\n    po: [[a, sg:Call]]", "names the same thing in every row"),
    ("  other:\n    s: id:call/$(id|slug)\n    po: [[skos:prefLabel, $(name), en~lang]]", "Add to its po: - [a, sg:Call]"),
    ("  other:\n    s: id:call/$(id|slug)\n    po: [[a, sg:Event]]", "is the name of a Call"),
    ("  project:\n    s: id:call/$(id|slug)\n    po: [[a, sg:Call]]", "stands twice in mappings"),
    ("sources: {t: [other.csv~csv]}", "is not the file that is imported (table.csv)"),
    ("sources: {t: {access: https://example.org/x.json}}", "is not the file that is imported (table.csv)"),
    ("sources: {t: {access: table.csv, type: mysql, credentials: {username: me}}}", "'credentials': is no key of a source"),
    ("targets: {t: [out.nt, void]}", "'targets': is not done by an import"),
    ("functions: {}", "'functions': is not done by an import"),
    ("base: https://example.org/", "write absolute IRIs or prefixes"),
    ("colour: red", "'colour': is no key of the document"),
]
"""What is added to a good mapping, and what is said of it."""


@pytest.mark.parametrize(("lines", "message"), REFUSED, ids=[lines.strip().splitlines()[-1].strip() for lines, _ in REFUSED])
def test_what_a_mapping_may_not_say_is_refused_by_name(lines: str, message: str) -> None:
    assert message in wrong(HEAD + lines + "\n")


def test_other_documents_are_refused() -> None:
    assert "schema is https://schema.org/" in wrong(HEAD.replace("ex: https://example.org/", "schema: http://schema.org/"))
    assert "is no YAML" in wrong("mappings: [")
    assert "has an alias" in wrong("a: &a [x]\nb: *a\n")
    assert "has no mappings" in wrong("prefixes: {}\n")


def test_all_that_is_wrong_is_told_at_once() -> None:
    said = wrong(HEAD + "      - [sg:strt, $(a)]\n      - [foo:bar, $(b)]\nbase: https://example.org/\n")
    assert "3 problems" in said


def test_long_and_short_forms_mean_the_same() -> None:
    long = """
sources: {t: {access: table.csv, referenceFormulation: csv}}
mappings:
  project:
    sources: [t, [table.csv~csv]]
    subjects: [id:project/x-$(id|slug)]
    predicateobjects:
      - {predicates: a, objects: sg:Project}
      - {predicate: [skos:prefLabel], object: {value: $(name), language: en}}
      - predicates: sg:start
        objects: [[$(start|year), xsd:gYear], [$(start|day), xsd:date]]
      - {p: schema:url, o: {v: $(url), type: iri}}
"""
    short = """
mappings:
  project:
    s: id:project/x-$(id|slug)
    po:
      - [a, sg:Project]
      - [skos:prefLabel, $(name)~en~lang]
      - [sg:start, $(start|year), xsd:gYear]
      - [sg:start, $(start|day), xsd:date]
      - [schema:url, $(url)~iri]
"""
    assert yarrrml.parse(long, "map.yml", "table.csv").rules == yarrrml.parse(short, "map.yml", "table.csv").rules


# --- with the engine ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return engine.ensure(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def concepts() -> dict[str, frozenset[str]]:
    return ingest.closed_lists(ingest.ontology_quads(Settings().ontology_files())).concepts


Read = tuple[list[Outcome], dict[str, int]]
Reading = Callable[..., Read]


@pytest.fixture
def read(python: Path, concepts: dict[str, frozenset[str]], tmp_path: Path) -> Reading:
    """Write a table, read it by a mapping: what becomes of the rows, and what was announced."""

    def run(
        table: str | list[dict[str, object]], mapping: str, *, name: str = "table.csv", piece: int = 2
    ) -> tuple[list[Outcome], dict[str, int]]:
        file = tmp_path / name
        file.write_text(table if isinstance(table, str) else json.dumps(table), encoding="utf-8")
        work = tmp_path / "work"
        work.mkdir()
        scope = Scope("mine", concepts)
        known = Known(scope, {"sweden": "SE"})
        parsed = yarrrml.parse(mapping, "map.yml", name)
        return list(mapped.read(mapped.only(file), parsed, known, partial(engine.run, python), work, piece=piece)), dict(scope.notes)

    return run


def triples(outcomes: list[Outcome]) -> set[tuple[str, str, str]]:
    text = "".join(one.lines + "".join(node.lines for node in one.shared) for one in outcomes if isinstance(one, Mapped))
    return {(quad.subject.value, quad.predicate.value, str(quad.object)) for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)}  # type: ignore[union-attr]


def reasons(outcomes: list[Outcome]) -> list[tuple[int, str | None, str]]:
    return [(one.record.number, one.column, one.reason) for one in outcomes if isinstance(one, Rejected)]


ROWS = """
      - [sg:start, $(start|year), xsd:gYear]
      - [sg:start, $(start|month), xsd:gYearMonth]
      - [sg:start, $(start|day), xsd:date]
      - [sg:country, voc:country/$(countries|list|country)~iri]
      - [schema:url, $(url|web)~iri]
      - [sg:totalCost, $(cost|point), xsd:decimal]
      - [rdfs:seeAlso, https://example.org/$(name)~iri]
      - [sg:coordinator, id:organisation/x-$(lead|slug)~iri]
  lead:
    s: id:organisation/x-$(lead|slug)
    po:
      - [a, sg:Stakeholder]
      - [skos:prefLabel, $(lead), en~lang]
      - [org:classification, voc:organisation-kind/$(kind)~iri]
"""


def test_every_row_gives_triples_or_a_reason(read: Reading) -> None:
    table = (
        "id,name,start,countries,url,cost,lead,kind,spare\n"
        "1,Öne / 1?,2031,Sweden;NO,one.example.org,\"1,200.50\",Acme,ngo,x\n"
        "2,Two,2031-05,UK,,,Acme,ngo,\n"
        ",Nameless,2031,SE,,,,,\n"
        "4,Four,soon,SE,,,,,\n"
        "5,Five,2031-05-06,Atlantis,,,,,\n"
        "6,Six,,,not an address,,,,\n"
        "7,Seven,,,,twelve,,,\n"
        "8,Eight,,,,,Beta,club,\n"
        "9,Nine,,,,,ACME,university,\n"
        "10,Ten\n"
        "11,Eleven,2031-05-06,,,,,,\n"
    )  # fmt: skip
    outcomes, notes = read(table, HEAD + ROWS)
    assert [type(one).__name__ for one in outcomes] == ["Mapped", "Mapped", *["Rejected"] * 8, "Mapped"]
    told = reasons(outcomes)
    assert [(number, column) for number, column, _ in told] == [
        (4, "id"), (5, "start"), (6, "countries"), (7, "url"), (8, "cost"), (9, "kind"), (10, None), (11, None),
    ]  # fmt: skip
    for (_, _, reason), part in zip(
        told,
        ("names what the row is about", "'soon': not a date of the form", "no country code", "no web address", "no number",
         "no concept of the list organisation-kind", "row 2 says skos:prefLabel \"Acme\"@en", "cells where the header has"),
        strict=True,
    ):  # fmt: skip
        assert part in reason
    found = triples(outcomes)
    one, acme = entity_iri("project", "x-1"), entity_iri("organisation", "x-acme")
    year = '"2031"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    assert (one, SG.start, year) in found
    assert {value for subject, prop, value in found if (subject, prop) == (one, SG.country)} == {
        f"<https://w3id.org/seismic-graph/vocabulary/country/{code}>" for code in ("SE", "NO")
    }
    assert (one, "http://www.w3.org/2000/01/rdf-schema#seeAlso", "<https://example.org/%C3%96ne%20%2F%201%3F>") in found
    assert (one, SG.totalCost, '"1200.50"^^<http://www.w3.org/2001/XMLSchema#decimal>') in found
    assert (one, SG.coordinator, f"<{acme}>") in found
    assert {value for subject, prop, value in found if (subject, prop) == (acme, SG.row)} == {
        "<https://w3id.org/seismic-graph/import/mine/table.csv#row=2>"
    }
    assert (acme, DCTERMS + "source", f"<{entity_iri('source', 'mine')}>") in found
    assert notes == {"the column spare is not mapped": 1, "the mapping lead gave nothing where lead was empty": 1}


HOSTILE = [
    'a "quoted" word', "back\\slash \\u0041", "two\nlines", "a\ttab", '"@en . <x> <y> <z> .', "$(id) {c0} {row}", "nan", "None", "NULL",
    "007", "1.0", "<b>&amp;</b>", "emoji 🏘️ Ö", "line\u2028separator", "'; DROP TABLE", "=1+1",
]  # fmt: skip


def test_hostile_cells_come_through_unchanged(read: Reading) -> None:
    rows: list[dict[str, object]] = [{"id": str(number), "name": text} for number, text in enumerate(HOSTILE)]
    outcomes, _ = read(rows, HEAD, name="table.json", piece=20)
    labels = {
        str(quad.subject.value): quad.object.value  # type: ignore[union-attr]
        for one in outcomes if isinstance(one, Mapped)
        for node in one.shared
        for quad in ox.parse(node.lines, ox.RdfFormat.N_TRIPLES)
        if quad.predicate.value == SKOS + "prefLabel"
    }  # fmt: skip
    assert [labels[entity_iri("project", f"x-{number}")] for number in range(len(HOSTILE))] == HOSTILE


def test_control_characters_are_rejected(read: Reading) -> None:
    outcomes, _ = read([{"id": "1", "name": "bad\u0000"}, {"id": "2", "name": "good"}], HEAD, name="table.json")
    assert reasons(outcomes) == [(1, "name", "the cell has the control character U+0000. Remove it.")]


def test_nested_json_is_named_by_its_path(read: Reading) -> None:
    mapping = HEAD.replace("$(name)", "$(names.1)").replace("$(id|slug)", "$(about.id|slug)")
    outcomes, notes = read([{"about": {"id": 7}, "names": ["Seven", "Sju"]}], mapping, name="table.json")
    assert (entity_iri("project", "x-7"), SKOS + "prefLabel", '"Seven"@en') in triples(outcomes)
    assert notes == {"the column names.2 is not mapped": 1}


def test_rows_that_say_more_of_a_thing_add_to_it(read: Reading) -> None:
    table = "id,name,lead,country\n1,One,Acme,SE\n2,Two,Acme,NO\n"
    mapping = HEAD + (
        "  lead:\n    s: id:organisation/x-$(lead|slug)\n    po:\n      - [a, sg:Stakeholder]\n"
        "      - [skos:prefLabel, $(lead), en~lang]\n      - [sg:country, voc:country/$(country|country)~iri]\n"
    )
    outcomes, _ = read(table, mapping)
    second = outcomes[1]
    assert isinstance(second, Mapped)
    assert second.lines.count("\n") == 1
    assert "country/NO" in second.lines
    assert [node.key for node in second.shared] == [entity_iri("project", "x-2")]


def test_a_key_given_twice_is_left_to_the_import(read: Reading) -> None:
    outcomes, _ = read("id,name\n1,One\n1,Other\n", HEAD)
    assert [(one.key, bool(one.shared)) for one in outcomes if isinstance(one, Mapped)] == [
        (entity_iri("project", "x-1"), True), (entity_iri("project", "x-1"), False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "mapping", "message"),
    [
        ("id,nam\n1,One\n", HEAD, "'$(name)': the table has no such column. Did you mean: nam?"),
        ("id,name,lead,kind\n1,One,,\n", HEAD + ROWS[ROWS.index("  lead") :], "the mapping lead gives nothing: $(lead|slug) is empty"),
        ("id,name\n", HEAD, "has no rows"),
        ("id,name\n1,One\n", HEAD + "      - [sg:country, voc:country/XX~iri]\n", "is no concept of our closed lists"),
        ("id,name\n1,One\n", HEAD + "      - [sg:country, voc:countries/$(id)~iri]\n", "is no concept of our closed lists"),
    ],
    ids=["column", "silent-rule", "no-rows", "concept", "list"],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_an_error(read: Reading, table: str, mapping: str, message: str) -> None:
    with pytest.raises(DataError, match="problem") as caught:
        read(table, mapping)
    assert message in str(caught.value)


def test_a_property_that_is_never_filled_is_announced(read: Reading) -> None:
    _, notes = read("id,name,end\n1,One,\n", HEAD + "      - [sg:end, $(end|day), xsd:date]\n")
    assert notes == {"the mapping project gave no sg:end: $(end|day) is empty in every row": 1}


def test_one_table_at_a_time(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="Name the file"):
        mapped.only(tmp_path)
    (tmp_path / "c.pdf").write_bytes(b"%PDF")
    with pytest.raises(DataError, match="no table that is read here"):
        mapped.only(tmp_path / "c.pdf")


# --- the engine itself --------------------------------------------------------------------------------------------------


def test_a_run_that_takes_too_long_is_stopped(python: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="was stopped after 0 seconds"):
        list(engine.run(python, tmp_path, seconds=0.01))


def test_a_run_that_fails_says_why(python: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.ttl").write_text("this is no RML", encoding="utf-8")
    (tmp_path / "0000").mkdir()
    with pytest.raises(ToolError, match="failed"):
        list(engine.run(python, tmp_path))


DRIVER = Path(engine.__file__).with_name("engine_driver.py")


@pytest.mark.parametrize(
    ("deed", "allowed"),
    [
        ("open('inside.txt', 'w').write('x')", True),
        ("open(secret).read()", False),
        ("open(secret, 'w')", False),
        ("os.remove(secret)", False),
        ("os.rename('a', secret)", False),
        ("os.symlink(secret, 'link')", False),
        ("os.system('true')", False),
        ("import subprocess; subprocess.run(['true'])", False),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", False),
        ("import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')", False),
    ],
    ids=["write-inside", "read", "write", "remove", "rename", "link", "shell", "program", "socket", "http"],
)
def test_the_engine_is_confined(tmp_path: Path, deed: str, allowed: bool) -> None:
    """The limits of the driver, tried in a process of its own."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    (work / "a").write_text("a", encoding="utf-8")
    code = f"import os, runpy, pathlib; secret = {str(secret)!r}; runpy.run_path({str(DRIVER)!r})['confine'](pathlib.Path.cwd())\n{deed}"
    done = subprocess.run([sys.executable, "-I", "-B", "-c", code], cwd=work, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == allowed
    assert allowed or "the engine may not" in done.stderr
    assert secret.read_text(encoding="utf-8") == "secret"


# --- drafts ---------------------------------------------------------------------------------------------------------------


def drafted(table: str, tmp_path: Path, concepts: dict[str, frozenset[str]], of: str = "project") -> str:
    file = tmp_path / "table.csv"
    file.write_text(table, encoding="utf-8")
    return drafting.draft(mapped.only(file), Known(Scope("draft", concepts), {"sweden": "SE"}), of, "en")


def test_a_draft_is_a_mapping_that_fits_its_table(tmp_path: Path, read: Reading, concepts: dict[str, frozenset[str]]) -> None:
    table = (
        "Code;Project title;Start date;End;Total cost (EUR);Coordinator;Country;City;Web site;Contact e-mail;Remarks\n"
        "A/1;One;13/02/2031;2033;1.200,50;Acme;Sweden;Lund;one.example.org;x@example.org;none\n"
        "A/2;Two;01/03/2031;2033-05;99;Acme;SE;Malmö;two.example.org;y@example.org;\n"
    )
    text = drafted(table, tmp_path, concepts)
    for line in (
        "[sg:start, '$(Start date|dmy)', xsd:date]",
        "[sg:end, '$(End|year)', xsd:gYear]",
        "[sg:end, '$(End|month)', xsd:gYearMonth]",
        r"[sg:totalCost, '$(Total cost \(EUR\)|comma)', xsd:decimal]",
        "Contact e-mail looks like personal data",
        "# - [PROPERTY, '$(Remarks)']",
    ):
        assert line in text
    outcomes, notes = read(table, text)
    assert not reasons(outcomes)
    assert (entity_iri("city", "my-malmo-se"), SG.country, "<https://w3id.org/seismic-graph/vocabulary/country/SE>") in triples(outcomes)
    assert set(notes) == {"the column Contact e-mail is not mapped", "the column Remarks is not mapped"}


def test_a_draft_says_what_it_could_not_guess(tmp_path: Path, concepts: dict[str, frozenset[str]]) -> None:
    text = drafted("name,start,country\nOne,3/4/2031,Atlantis\nOne,soon,SE\n", tmp_path, concepts)
    assert "name is not filled and different in every row" in text
    assert "start holds no dates such as 2025" in text
    assert "country holds what is no code or name of a country: for example Atlantis" in text


def test_a_draft_of_another_type(tmp_path: Path, concepts: dict[str, frozenset[str]]) -> None:
    text = drafted("id,title,opened\n1,One,3/4/2031\n", tmp_path, concepts, "call")
    assert "[a, sg:Call]" in text
    assert "opened: is 3/4/2025 the third of April?" in text
    assert "[sg:opened, '$(opened|dmy)', xsd:date]" in text
    with pytest.raises(UsageError, match="type of things"):
        drafted("id\n1\n", tmp_path, concepts, "castle")
