"""What each shape accepts and refuses: one Turtle file a case, each failing one with its approved report.

``<class>/<kind>.<why>.ttl`` is judged together with ``world.ttl``, a small world with nothing to find fault with. The kind is the
worst that is found: valid (nothing), info, warning or invalid. What is found stands beside it in a file of the same name that ends
in ``.tsv``. After a change of the shapes, ``APPROVE=1 pytest tests/shapes`` writes these files anew; read the difference.
"""

from __future__ import annotations

import functools
import os
import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import shifty
from rdflib.namespace import RDF, RDFS

from seismic_graph import validate
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, text_of
from seismic_graph.validate.compile import compiled
from seismic_graph.validate.engines import columns
from seismic_graph.validate.shapes import read
from seismic_graph.vocabulary import CLASSES, PREFIXES, PROPERTIES, SH, SKOS, short

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.ttl"))
SHAPE_FILES = Settings().shape_files()
WORST = {"valid": None, "info": "info", "warning": "warning", "invalid": "violation"}
COLUMNS = ("severity", "focus", "path", "shape")

sh = rdflib.Namespace(SH)
Found = tuple[str, str, str, str]

SECOND_ENGINE_DIFFERS = {
    "knowledge-flow/invalid.no-address.ttl": "it writes the label of a blank node into the query, where it is a variable and matches all",
}
"""Cases in which pyshifty finds something else, with the reason."""

case = pytest.mark.parametrize("case", CASES, ids=lambda file: str(file.relative_to(HERE)))


@functools.cache
def shapes() -> rdflib.Graph:
    """The shapes as they stand in the files."""
    graph = rdflib.Graph()
    for file in SHAPE_FILES:
        graph.parse(file, format="turtle")
    return graph


@functools.cache
def world() -> list[ox.Quad]:
    """The world, and what the shapes ask of the vocabularies: schemes, flags and subclasses, without the texts.

    Themes and agendas get their English names from the dossier only, so they are left out.
    """
    files = [file for file in Settings().ontology_files() if file.name not in ("themes.ttl", "agendas.ttl")]
    asked = (f"{SKOS}inScheme", f"{RDFS}subClassOf", PREFIXES["sg"])
    return [quad for file in files for quad in triples(file) if quad.predicate.value.startswith(asked)] + triples(HERE / "world.ttl")


def triples(file: Path) -> list[ox.Quad]:
    return list(ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))


def store_of(file: Path) -> EmbeddedStore:
    store = EmbeddedStore()
    store.inner.extend([*world(), *triples(file)])
    return store


@functools.cache
def report_of(file: Path) -> validate.Report:
    return validate.validate(store_of(file), SHAPE_FILES)


def ours(report: validate.Report) -> Counter[Found]:
    return Counter((one.severity, _name(one.focus), one.path or "", one.shape) for one in report.results)


def theirs(report: rdflib.Graph) -> Counter[Found]:
    found: Counter[Found] = Counter()
    for node in report.subjects(RDF.type, sh.ValidationResult):
        focus = report.value(node, sh.focusNode)
        severity = str(report.value(node, sh.resultSeverity)).removeprefix(SH).lower()
        path, shape = report.value(node, sh.resultPath), report.value(node, sh.sourceShape)
        found[severity, "_" if isinstance(focus, rdflib.BNode) else str(focus), str(path or ""), str(shape)] += 1
    return found


def _name(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else "_"


def rows(found: Counter[Found]) -> str:
    """The report as it is approved; blank nodes have no name that could be compared."""
    lines = sorted(
        "\t".join((severity, short(focus), short(path), shape.removeprefix(validate.SHAPES)))
        for (severity, focus, path, shape), times in found.items()
        for _ in range(times)
    )
    return "\n".join(["\t".join(COLUMNS), *lines]) + "\n"


# --- the cases ------------------------------------------------------------------------------------------------------


@case
def test_what_is_found_is_what_was_approved(case: Path) -> None:
    report, approved = report_of(case), case.with_suffix(".tsv")
    kind = case.name.split(".")[0]
    assert kind in WORST, f"a case is named <kind>.<why>.ttl, the kind one of {', '.join(WORST)}"
    worst = report.results[0].severity if report.results else None
    assert worst == WORST[kind], report.to_text()
    if kind == "valid":
        assert not approved.exists()
        return
    if os.environ.get("APPROVE"):
        approved.write_text(rows(ours(report)), encoding="utf-8")
    assert rows(ours(report)) == approved.read_text(encoding="utf-8")


@case
def test_the_engine_asked_node_by_node_finds_the_same(case: Path) -> None:
    """SPARQL constraints are asked of all nodes at once here; SHACL asks them of one after the other (section 5.3.1)."""
    _, report, _ = pyshacl.validate(columns(store_of(case).inner), shacl_graph=shapes(), inference="none")
    assert theirs(report) == ours(report_of(case))


@functools.cache
def second_engine() -> shifty.PreparedValidator:
    return shifty.PreparedValidator(shapes())


def ask_second_engine(store: EmbeddedStore) -> Counter[Found]:
    lines = {f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in store.triples()}
    _, report, _ = second_engine().validate("".join(lines).encode(), graph_mode="data", infer=False, on_unsupported="error")
    return theirs(report)


@case
def test_a_second_engine_finds_the_same(case: Path) -> None:
    found = ask_second_engine(store_of(case))
    same = found == ours(report_of(case))
    assert same != (str(case.relative_to(HERE)) in SECOND_ENGINE_DIFFERS), f"{found - ours(report_of(case))}"


def test_a_second_engine_finds_the_same_in_the_dossier(full_store: EmbeddedStore) -> None:
    assert ask_second_engine(full_store) == ours(validate.validate(full_store, SHAPE_FILES))


def test_no_report_without_a_case() -> None:
    assert [file.name for file in HERE.glob("*/*.tsv") if not file.with_suffix(".ttl").exists()] == []


# --- nothing is left untested ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in SHAPE_FILES if file.stem != "common"], ids=lambda file: file.stem)
def test_each_shape_has_a_valid_and_an_invalid_case(file: Path) -> None:
    kinds = {case.name.split(".")[0] for case in CASES if case.parent.name == file.stem}
    assert {"valid", "invalid"} <= kinds, f"add cases to tests/shapes/{file.stem}/"


def test_each_folder_of_cases_has_a_shape() -> None:
    assert {case.parent.name for case in CASES} <= {file.stem for file in SHAPE_FILES}


COMPONENTS: dict[rdflib.term.Node, str] = {
    sh["class"]: "Class",
    sh.datatype: "Datatype",
    sh.disjoint: "Disjoint",
    sh.hasValue: "HasValue",
    sh.maxCount: "MaxCount",
    sh.maxInclusive: "MaxInclusive",
    sh.minCount: "MinCount",
    sh.minInclusive: "MinInclusive",
    sh.minLength: "MinLength",
    sh.nodeKind: "NodeKind",
    sh.pattern: "Pattern",
    sh.sparql: "SPARQL",
    sh.uniqueLang: "UniqueLang",
}
"""Constraint -> the kind that its results name (SHACL 1.0, section 4)."""
NO_CONSTRAINT = {RDF.type, RDFS.label, RDFS.comment, sh.path, sh.name, sh.message, sh.severity, sh.property, sh.targetClass}


def test_each_constraint_was_seen_failing() -> None:
    graph = shapes()
    declared = set()
    for shape in {*graph.subjects(RDF.type, sh.PropertyShape), *graph.subjects(sh.targetClass)}:
        said = set(graph.predicates(shape)) - NO_CONSTRAINT
        assert said <= set(COMPONENTS), f"{shape}: give {said - set(COMPONENTS)} a place in COMPONENTS"
        declared |= {(str(shape), f"{SH}{COMPONENTS[predicate]}ConstraintComponent") for predicate in said}
    seen = {(one.shape, one.component) for case in CASES for one in report_of(case).results}
    assert sorted(declared - seen) == []


# --- how they are written -------------------------------------------------------------------------------------------


def test_each_class_of_the_data_has_a_shape() -> None:
    """Countries are checked with the ontology."""
    targets = {str(of).removeprefix(PREFIXES["sg"]) for of in shapes().objects(None, sh.targetClass)}
    assert targets == CLASSES - {"Country"}


@pytest.mark.parametrize("file", SHAPE_FILES, ids=lambda file: file.stem)
def test_one_file_and_one_node_shape_a_class(file: Path) -> None:
    graph = rdflib.Graph().parse(file, format="turtle")
    mains = [str(shape).removeprefix(validate.SHAPES) for shape in graph.subjects(sh.targetClass)]
    expected = [] if file.stem == "common" else ["".join(word.capitalize() for word in file.stem.split("-"))]
    assert mains == expected
    assert [str(of).removeprefix(PREFIXES["sg"]) for of in graph.objects(None, sh.targetClass)] == expected


def test_each_property_shape_says_what_is_wrong_and_what_to_do() -> None:
    graph = shapes()
    for shape in {*graph.subjects(RDF.type, sh.PropertyShape), *graph.subjects(sh.targetClass)}:
        assert isinstance(shape, rdflib.URIRef)
        assert len(list(graph.objects(shape, sh.severity))) == 1, shape
        messages = list(graph.objects(shape, sh.message))
        assert [message.language for message in messages if isinstance(message, rdflib.Literal)] == ["en"], shape
        assert re.fullmatch(r"[A-Z].*[.;:,] ?.*[.>]", str(messages[0])), shape
        assert len(re.findall(r"[.:] (?=[A-Z])", str(messages[0]))) >= 1, f"{shape}: the remedy is a sentence of its own"
        if (shape, RDF.type, sh.PropertyShape) in graph:
            assert len(list(graph.objects(shape, sh.name))) == 1, shape
            assert list(graph.subjects(sh.property, shape)), f"{shape} belongs to no class"


def test_paths_are_single_known_properties() -> None:
    for path in shapes().objects(None, sh.path):
        assert isinstance(path, rdflib.URIRef), "a compiler shall be able to take over: no exotic paths"
        if path.startswith(PREFIXES["sg"]):
            assert path.removeprefix(PREFIXES["sg"]) in PROPERTIES


def test_everything_is_compiled() -> None:
    """Nothing is left to pySHACL, and each SPARQL constraint is asked once of all the nodes of its shape."""
    checks, left = compiled(read(SHAPE_FILES), {})
    assert left.reasons == ()
    in_sparql = [check for check in checks if check.component == f"{SH}SPARQLConstraintComponent"]
    assert len(in_sparql) == len(list(shapes().subject_objects(sh.sparql)))


def test_the_world_has_one_of_each_class() -> None:
    """But for those that nothing refers to."""
    kinds = {text_of(quad.object) for quad in triples(HERE / "world.ttl") if quad.predicate.value == str(RDF.type)}
    assert {PREFIXES["sg"] + name for name in CLASSES - {"KnowledgeFlow", "Participation", "Funding", "Claim", "Country"}} == kinds
