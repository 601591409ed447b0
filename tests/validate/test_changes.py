"""After a change: what is asked again, together with what stands, is what the whole graph is told."""

from __future__ import annotations

import functools
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seismic_graph import validate
from seismic_graph.errors import DataError, UsageError
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.validate import Report, changes, engines
from seismic_graph.validate.compile import Check, compiled
from seismic_graph.validate.engines import narrower_classes
from seismic_graph.validate.footprint import ways
from seismic_graph.validate.shapes import read
from seismic_graph.vocabulary import PREFIXES, RDF, RDFS, SG
from tests.shapes import test_shapes
from tests.validate import test_components

SHAPES = Settings().shape_files()
EDITED = ox.NamedNode("urn:edited")
TYPE = ox.NamedNode(RDF + "type")
KINDS = ("remove", "add", "replace", "retype", "untype", "foreign")

Edit = tuple[str, int, int, int]
edits = st.lists(st.tuples(st.sampled_from(KINDS), *[st.integers(0, 100_000)] * 3), min_size=1, max_size=60)


def triple(quad: ox.Quad) -> ox.Triple:
    return ox.Triple(quad.subject, quad.predicate, quad.object)


def edited(store: EmbeddedStore, asked: list[Edit]) -> set[ox.Triple]:
    """Make some edits; the triples that were added or removed. Terms are those of the store, in old and new places."""
    before = {triple(quad) for quad in store.triples()}
    quads = sorted(before, key=str)
    predicates = sorted({one.predicate for one in quads}, key=str)
    classes = sorted({one.object for one in quads if one.predicate == TYPE}, key=str)
    for kind, one, two, three in asked:
        chosen, other = quads[one % len(quads)], quads[two % len(quads)]
        gone: tuple[object, object, object] | None = None
        new: tuple[object, object, object] | None = None
        if kind in ("remove", "replace"):
            gone = (chosen.subject, chosen.predicate, chosen.object)
        if kind == "replace":
            new = (chosen.subject, chosen.predicate, other.object)
        elif kind == "add":
            new = (chosen.subject, predicates[three % len(predicates)], other.object)
        elif kind == "retype":
            new = (chosen.subject, TYPE, classes[three % len(classes)])
        elif kind == "untype":
            gone = (chosen.subject, TYPE, None)
        elif kind == "foreign":
            new = (other.object if not isinstance(other.object, ox.Literal) else other.subject, chosen.predicate, chosen.object)
        if gone:
            for quad in list(store.inner.quads_for_pattern(*gone, None)):  # type: ignore[arg-type]
                store.inner.remove(quad)
        if new:
            store.inner.add(ox.Quad(*new, EDITED))  # type: ignore[arg-type]
    return before ^ {triple(quad) for quad in store.triples()}


@functools.cache
def everything() -> tuple[list[ox.Quad], Report]:
    """The world with all the faults of the cases, and what is found in it."""
    quads = [quad for file in test_shapes.CASES for quad in test_shapes.triples(file)]
    store = EmbeddedStore()
    store.inner.extend([*test_shapes.world(), *quads])
    return list(store.triples()), validate.validate(store, SHAPES)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits)
def test_our_shapes_after_any_change(asked: list[Edit]) -> None:
    quads, before = everything()
    store = EmbeddedStore()
    store.inner.extend(quads)
    assert len(before.results) > 400
    assert before.unlooked
    changed = edited(store, asked)
    assert validate.revalidate(store, SHAPES, before, changed) == validate.validate(store, SHAPES)


@pytest.mark.parametrize("name", test_components.CASES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_each_component_after_any_change(name: str, tmp_path: Path, asked: list[Edit]) -> None:
    file = tmp_path / "shapes.ttl"
    if not file.exists():
        file.write_text(f"{test_components.HEAD} :Shape a sh:NodeShape ; {test_components.CASES[name]} .", encoding="utf-8")
    store = test_components.store()
    before = validate.validate(store, [file])
    changed = edited(store, asked)
    assert validate.revalidate(store, [file], before, changed) == validate.validate(store, [file])


# --- what is asked again --------------------------------------------------------------------------------------------


def said(subject: str, prop: str, value: str | ox.Literal) -> ox.Triple:
    return ox.Triple(
        ox.NamedNode(PREFIXES["id"] + subject), ox.NamedNode(prop), value if isinstance(value, ox.Literal) else ox.NamedNode(value)
    )


@pytest.fixture
def store(full_store: EmbeddedStore) -> EmbeddedStore:
    """The dossier in memory, so that it can be changed."""
    copy = EmbeddedStore()
    copy.inner.extend(full_store.triples())
    return copy


@pytest.fixture(scope="session")
def before(full_store: EmbeddedStore) -> Report:
    return validate.validate(full_store, SHAPES)


def test_a_small_change_asks_few_checks_of_few_nodes(store: EmbeddedStore, before: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def counted(store: EmbeddedStore, asked: list[tuple[Check, str]]) -> list[validate.Result]:
        texts.extend(text for _, text in asked)
        return engines.asked(store, asked)

    monkeypatch.setattr(changes, "asked", counted)
    end = said("event/ev-final-2016", str(SG.end), ox.Literal("1999", datatype=ox.NamedNode(PREFIXES["xsd"] + "gYear")))
    store.add([end], "urn:edited")
    report = validate.revalidate(store, SHAPES, before, [end])
    assert 0 < len(texts) < 30
    assert all("VALUES ?this { <https://w3id.org/seismic-graph/id/event/ev-final-2016> }" in text for text in texts)
    assert report == validate.validate(store, SHAPES)
    assert report.counts["violation"] == before.counts["violation"] + 2  # two ends, and one of them before the start


def test_a_change_of_what_others_refer_to_reaches_them(store: EmbeddedStore, before: Report) -> None:
    city = ox.NamedNode(PREFIXES["id"] + "city/amsterdam")
    gone = [quad for quad in store.triples() if quad.subject == city and quad.predicate == TYPE]
    for quad in gone:
        store.inner.remove(quad)
    report = validate.revalidate(store, SHAPES, before, gone)
    assert report == validate.validate(store, SHAPES)
    assert {one.path for one in report.results if one.value == city and one.severity == "violation"} >= {str(SG.city)}


def test_a_change_that_concerns_everything_is_asked_of_all(store: EmbeddedStore, before: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 3)
    scheme = ox.NamedNode(PREFIXES["voc"] + "direction")
    gone = [quad for quad in store.triples() if quad.object == scheme and quad.predicate.value.endswith("#inScheme")]
    for quad in gone:
        store.inner.remove(quad)
    report = validate.revalidate(store, SHAPES, before, gone)
    assert report == validate.validate(store, SHAPES)
    assert report.counts["violation"] > 3000


def test_a_row_that_changed_is_told_anew(store: EmbeddedStore, before: Report) -> None:
    one = next(one for one in before.results if one.row)
    (old,) = [quad for quad in store.triples() if quad.subject == one.focus and quad.predicate.value == SG.row]
    new = ox.Quad(old.subject, old.predicate, ox.NamedNode(old.object.value.rpartition("=")[0] + "=9999"), EDITED)  # type: ignore[union-attr]
    store.inner.remove(old)
    store.inner.add(new)
    report = validate.revalidate(store, SHAPES, before, [old, new])
    assert report == validate.validate(store, SHAPES)
    assert {again.row for again in report.results if again.focus == one.focus} == {9999}


def test_narrower_classes_change_everything(store: EmbeddedStore, before: Report) -> None:
    narrower = ox.Triple(ox.NamedNode("urn:Meeting"), ox.NamedNode(RDFS + "subClassOf"), ox.NamedNode(str(SG.Event)))
    meeting = said("event/new", RDF + "type", "urn:Meeting")
    store.add([narrower, meeting], "urn:edited")
    report = validate.revalidate(store, SHAPES, before, [narrower, meeting])
    assert report == validate.validate(store, SHAPES)
    assert any(one.focus == meeting.subject for one in report.results)


def test_no_change_is_the_former_report(store: EmbeddedStore, before: Report) -> None:
    assert validate.revalidate(store, SHAPES, before, []) is before


def test_what_is_left_to_pyshacl_is_validated_whole(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    union = "SELECT $this WHERE { { $this <urn:x:q> 9 } UNION { $this <urn:x:q> 2 } }"
    file.write_text(f'{test_components.HEAD} :Shape sh:targetClass :Wide ; sh:sparql [ sh:select "{union}" ] .', encoding="utf-8")
    graph = test_components.store()
    former = validate.validate(graph, [file])
    new = ox.Triple(ox.NamedNode("urn:x:e"), ox.NamedNode("urn:x:q"), ox.Literal(9))
    graph.add([new], "urn:edited")
    told: list[str] = []
    report = validate.revalidate(graph, [file], former, [new], announce=told.append)
    assert len(report.results) == len(former.results) + 1
    assert "Left to pySHACL" in told[0]


def test_a_report_of_other_shapes_is_refused(store: EmbeddedStore, before: Report, tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(f"{test_components.HEAD} :Shape a sh:NodeShape ; sh:targetClass :Wide ; sh:nodeKind sh:IRI .", encoding="utf-8")
    with pytest.raises(UsageError, match=r"report is one of other shapes.*Validate the whole graph again"):
        validate.revalidate(store, [file], before, [said("event/new", RDF + "type", "urn:Meeting")])


def test_every_check_of_ours_is_read() -> None:
    """None is asked in full because its text was not understood; paths of any length are the only ones that lead to no node."""
    checks, _ = compiled(read(SHAPES), narrower_classes(EmbeddedStore()))
    unled = set()
    for check in checks:
        found = ways(check.select)
        assert found
        assert None not in found
        unled |= {check.rule.shape.removeprefix(validate.SHAPES) for some in found.values() for way in some if way.back is None}
    assert unled == {"AgendaItem-cycle", "Network-cycle", "Programme-cycle", "Theme-cycle"}


# --- former reports -------------------------------------------------------------------------------------------------


def test_a_report_is_read_as_it_was_written(before: Report) -> None:
    assert Report.from_json(before.to_json()) == before
    assert Report.from_json(everything()[1].to_json()) == everything()[1]


@pytest.mark.parametrize("text", ["", "[]", '{"results": []}', '{"results": [{"focus": 1}], "unlooked": [], "judged": 1}'], ids=range(4))
def test_what_is_no_report_is_told(text: str) -> None:
    with pytest.raises(DataError, match="is no report"):
        Report.from_json(text)
