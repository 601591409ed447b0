"""Reports and their forms, files in every format, endpoints, and what no shape looks at."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import shifty
from rdflib.namespace import RDF

from seismic_graph import validate
from seismic_graph.errors import DataError, IncompleteAnswer, QueryError, SeismicError, StoreError, UsageError
from seismic_graph.remote import RemoteStore
from seismic_graph.settings import Settings
from seismic_graph.store import Answer, EmbeddedStore, text_of
from seismic_graph.validate import Report, Result, Unlooked, exit_code, extract, literals, validate_file
from seismic_graph.validate.judge import ONTOLOGY_GRAPH
from seismic_graph.validate.report import SHOWN
from seismic_graph.validate.shapes import severity_of
from seismic_graph.vocabulary import PREFIXES, SH, XSD
from tests.fixtures.servers import Server

SETTINGS = Settings()
SHAPES = SETTINGS.shape_files()
ONTOLOGY = [file for file in SETTINGS.ontology_files() if file.name in ("seismic.ttl", "event-kinds.ttl", "countries.ttl")]
sh = rdflib.Namespace(SH)

HEAD = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in ("sg", "xsd", "skos", "dcterms", "schema"))
HEAD += "".join(f"@prefix {kind}: <{PREFIXES['id']}{kind}/> .\n" for kind in ("event", "source", "city"))
HEAD += f"@prefix event-kind: <{PREFIXES['voc']}event-kind/> .\n"
PAGE = """
source:page a sg:Source ; skos:prefLabel "A page"@en ; schema:url <https://example.org/> ; sg:publisherName "Somebody" .
"""
GOOD = """
event:one a sg:Event ; skos:prefLabel "One"@en ; dcterms:type event-kind:workshop ; sg:start "2015"^^xsd:gYear ;
    sg:row <https://w3id.org/seismic-graph/dossier/events.csv#row=7> ; dcterms:source source:page .
"""

Check = Callable[[str], Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What is found in some Turtle."""

    def run(turtle: str) -> Report:
        file = tmp_path / "mine.ttl"
        file.write_text(HEAD + PAGE + turtle, encoding="utf-8")
        return validate_file([file], SHAPES, ONTOLOGY)

    return run


def store_of(turtle: str) -> EmbeddedStore:
    store = EmbeddedStore()
    for file in ONTOLOGY:
        store.inner.load(path=str(file), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(ONTOLOGY_GRAPH))
    store.inner.load((HEAD + PAGE + turtle).encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:data"))
    return store


def shapes_of(report: Report) -> list[str]:
    return [one.shape.removeprefix(validate.SHAPES) for one in report.results]


# --- the dossier ----------------------------------------------------------------------------------------------------


def test_the_dossier_breaks_no_shape_and_every_finding_has_its_row(full_store: EmbeddedStore) -> None:
    report = validate.validate(full_store, SHAPES)
    assert report.counts["violation"] == 0, report.to_text()
    assert report.conforms()
    assert {one.shape.removeprefix(validate.SHAPES) for one in report.results if one.severity == "warning"} == {"KnowledgeFlow-contradicts"}
    assert all(one.file and one.file.endswith(".csv") and one.row for one in report.results)
    assert report.judged > 6000
    assert report.unlooked == ()


# --- reports --------------------------------------------------------------------------------------------------------


def test_places_come_from_the_rows() -> None:
    report = validate.validate(store_of(GOOD + "event:one sg:end '2014'^^xsd:gYear ."), SHAPES)
    (one,) = report.results
    assert (one.file, one.row, one.line, one.where) == ("events.csv", 7, None, "events.csv, row 7")
    assert (one.severity, text_of(one.focus), one.path) == ("violation", PREFIXES["id"] + "event/one", PREFIXES["sg"] + "end")
    assert one.value == ox.Literal("2014", datatype=ox.NamedNode(XSD + "gYear"))
    assert one.component == SH + "SPARQLConstraintComponent"


def test_the_text_says_what_where_why_and_what_to_do() -> None:
    text = validate.validate(store_of(GOOD + "event:one sg:city city:nowhere ."), SHAPES).to_text()
    assert text.splitlines() == [
        "1 violation, 0 warnings, 0 infos in 2 nodes.",
        "",
        "VIOLATION city [city]: 1",
        "  The city is not described as sg:City. Add a row to cities.csv, or correct the id.",
        "    events.csv, row 7  event/one  sg:city = city/nowhere",
    ]


def test_a_clean_graph_has_one_line() -> None:
    assert validate.validate(store_of(GOOD), SHAPES).to_text() == "0 violations, 0 warnings, 0 infos in 2 nodes.\n"


def many(count: int) -> Report:
    events = "".join(
        f"event:n{number} a sg:Event ; dcterms:type event-kind:workshop ; dcterms:source source:page .\n" for number in range(count)
    )
    return validate.validate(store_of(events), SHAPES)


def test_long_lists_are_cut_and_say_so() -> None:
    report = many(SHOWN + 5)
    assert report.counts == {"violation": 15, "warning": 0, "info": 15}
    text = report.to_text()
    assert text.count("event/n") == 2 * SHOWN
    assert text.count("... and 5 more, not shown here") == 2
    whole = report.to_text(everything=True)
    assert whole.count("event/n") == 30
    assert "more" not in whole.replace("more than one", "")
    assert "more" not in many(SHOWN).to_text()


def test_long_lists_of_what_no_shape_looks_at_are_cut_too() -> None:
    report = Report((), tuple(Unlooked("urn:a", f"urn:p{number}", 1) for number in range(23)), 1)
    assert "    ... and 3 more, not shown here" in report.to_text()
    assert "more" not in report.to_text(everything=True)


def test_nothing_judged_is_told() -> None:
    assert "nothing was judged" in validate.validate(EmbeddedStore(), SHAPES).to_text()


def test_json_holds_everything() -> None:
    report = many(12)
    told = json.loads(report.to_json())
    assert (told["conforms"], told["counts"], told["judged"]) == (False, report.counts, 13)
    assert len(told["results"]) == 24
    first = told["results"][0]
    assert set(first) == {"severity", "file", "row", "line", "focus", "path", "value", "message", "name", "shape", "component"}
    assert (first["severity"], first["focus"]) == ("violation", PREFIXES["id"] + "event/n0")
    assert told["unlooked"] == []
    value = json.loads(validate.validate(store_of(GOOD + "event:one sg:end 'x'@en ."), SHAPES).to_json())["results"][0]["value"]
    assert value == '"x"@en'


def test_turtle_is_a_validation_report() -> None:
    report = validate.validate(store_of(GOOD + "event:one sg:end '2014'^^xsd:gYear ; sg:city city:nowhere . [] a sg:Event ."), SHAPES)
    graph = rdflib.Graph().parse(data=report.to_turtle(), format="turtle")
    (node,) = graph.subjects(RDF.type, sh.ValidationReport)
    assert graph.value(node, sh.conforms) == rdflib.Literal(False)
    told = sorted(
        (
            str(graph.value(one, sh.resultSeverity)).removeprefix(SH).lower(),
            str(graph.value(one, sh.sourceShape)),
            str(graph.value(one, sh.value)) if isinstance(graph.value(one, sh.value), rdflib.Literal | rdflib.URIRef) else "",
        )
        for one in graph.objects(node, sh.result)
    )
    assert told == sorted((one.severity, one.shape, text_of(one.value) if _named(one.value) else "") for one in report.results)
    required = {sh.focusNode, sh.resultSeverity, sh.sourceConstraintComponent, sh.sourceShape, sh.resultMessage, RDF.type}
    for one in graph.objects(node, sh.result):
        assert required <= set(graph.predicates(one))
    assert (
        list(graph.objects(None, rdflib.URIRef(PREFIXES["sg"] + "row")))
        == [rdflib.URIRef("https://w3id.org/seismic-graph/dossier/events.csv#row=7")] * 2
    )


def _named(term: object) -> bool:
    return isinstance(term, ox.Literal | ox.NamedNode)


def test_turtle_of_a_clean_graph_conforms() -> None:
    graph = rdflib.Graph().parse(data=validate.validate(store_of(GOOD), SHAPES).to_turtle(), format="turtle")
    assert list(graph.objects(None, sh.conforms)) == [rdflib.Literal(True)]


def found(*severities: str) -> Report:
    node = ox.NamedNode("urn:a")
    return Report(tuple(Result(severity, node, None, None, "Wrong. Mend it.", "name", "urn:s", "urn:c") for severity in severities), (), 1)


@pytest.mark.parametrize(
    ("severities", "codes"),
    [
        ((), {"violation": 0, "warning": 0, "info": 0}),
        (("info",), {"violation": 0, "warning": 0, "info": 1}),
        (("warning",), {"violation": 0, "warning": 1, "info": 1}),
        (("violation",), {"violation": 1, "warning": 1, "info": 1}),
        (("violation", "info"), {"violation": 1, "warning": 1, "info": 1}),
    ],
)
def test_exit_codes_follow_the_mildest_finding_that_counts(severities: tuple[str, ...], codes: dict[str, int]) -> None:
    assert {fail_on: exit_code(found(*severities), fail_on) for fail_on in codes} == codes


def test_an_unknown_severity_is_named() -> None:
    with pytest.raises(UsageError, match=r"error.*violation, warning, info"):
        found().conforms("error")


# --- what no shape looks at -----------------------------------------------------------------------------------------


def test_unlooked_names_classes_properties_and_nodes_without_a_class() -> None:
    store = store_of(GOOD + "event:one sg:weather 'rain' . <urn:a> a <urn:Thing> . <urn:b> <urn:c> 1 . <urn:d> a skos:Concept .")
    unlooked = validate.validate(store, SHAPES).unlooked
    assert unlooked == (
        Unlooked(PREFIXES["sg"] + "Event", PREFIXES["sg"] + "weather", 1),
        Unlooked("urn:Thing", None, 1),
        Unlooked(None, None, 1),
    )
    assert list(map(str, unlooked)) == ["sg:weather of sg:Event (1)", "the class urn:Thing (1)", "1 node without a class"]


def test_a_property_is_looked_at_where_a_shape_of_any_class_of_the_node_does() -> None:
    """The agenda is looked at as the top of its scheme by the shape of agendas, not by that of its parts."""
    both = "<urn:a> a sg:Agenda , sg:AgendaItem ; skos:topConceptOf <urn:s> . "
    assert validate.validate(store_of(both), SHAPES).unlooked == ()
    part = "<urn:b> a sg:AgendaItem ; skos:topConceptOf <urn:s> ."
    assert validate.validate(store_of(both + part), SHAPES).unlooked == (
        Unlooked(PREFIXES["sg"] + "AgendaItem", PREFIXES["skos"] + "topConceptOf", 1),
    )


def test_narrower_classes_are_judged_as_the_wider_ones() -> None:
    """What the ontology says of subclasses holds: a national network is judged as a network."""
    report = validate.validate(store_of("<urn:a> a sg:NationalNetwork ; sg:meetingCount 'many' ."), SHAPES)
    assert "Network-meetings" in shapes_of(report)
    assert report.unlooked == ()
    assert report.judged == 2


def test_a_value_is_counted_once_however_many_graphs_hold_it() -> None:
    """A count may rule out a second value; it must not do so where one node has two and another has none."""
    store = store_of(GOOD)
    again = ox.Triple(*(ox.NamedNode(PREFIXES[prefix] + name) for prefix, name in (("id", "event/one"), ("sg", "city"), ("id", "city/a"))))
    for graph in ("urn:one", "urn:two"):
        store.add([again], graph)
    too_many = "http://www.w3.org/ns/shacl#MaxCountConstraintComponent"
    assert too_many not in {one.component for one in validate.validate(store, SHAPES).results}
    store.add([ox.Triple(again.subject, again.predicate, ox.NamedNode(PREFIXES["id"] + "city/b"))], "urn:two")
    (found,) = (one for one in validate.validate(store, SHAPES).results if one.component == too_many)
    assert (found.focus, found.path) == (again.subject, again.predicate.value)


# --- files ----------------------------------------------------------------------------------------------------------

FAULTY = GOOD + "event:one sg:end '2014'^^xsd:gYear ; sg:participantCount '40'^^xsd:int ; sg:note 'x' ."


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("suffix", ["ttl", "trig", "nt", "nq", "jsonld", "rdf", "owl", "n3"])
def test_every_format_is_judged_alike(suffix: str, packed: bool, tmp_path: Path) -> None:
    from seismic_graph.rdf import rdf_format

    file = tmp_path / f"mine.{suffix}{'.gz' if packed else ''}"
    quads = ox.parse((HEAD + PAGE + FAULTY).encode(), format=ox.RdfFormat.TURTLE)
    body = ox.serialize((quad.triple for quad in quads), format=rdf_format(file))
    assert isinstance(body, bytes)
    file.write_bytes(gzip.compress(body, mtime=0) if packed else body)
    report = validate_file([file], SHAPES, ONTOLOGY)
    assert shapes_of(report) == ["Event-participants", "order-of-dates"]
    assert all(one.file == str(file) and one.row is None for one in report.results)
    assert report.unlooked == (Unlooked(PREFIXES["sg"] + "Event", PREFIXES["sg"] + "note", 1),)
    assert report.judged == 2


def test_a_line_is_told_where_each_statement_has_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.nt"
    kind = f"<{RDF.type}> <{PREFIXES['sg']}City> ."
    date = f'<{PREFIXES["dcterms"]}date> "2020-02-30"^^<{XSD}date> .'
    file.write_text(f"# a comment\n\n<urn:a> {kind}\n   \n<urn:a> {date} # wrong\n<urn:b> {date}", encoding="utf-8")
    report = validate_file([file], SHAPES, ONTOLOGY)
    assert [(text_of(one.focus), one.line) for one in report.results if one.shape.endswith("WellFormedLiteral")] == [
        ("urn:a", 5),
        ("urn:b", 6),
    ]
    assert {one.line for one in report.results if one.shape.endswith("#source")} == {3}


def test_a_literal_that_stands_once_is_found_in_turtle(check: Check) -> None:
    report = check("\n\nevent:one sg:end '2016-02-30'^^xsd:date .\n" + GOOD)
    lines = (HEAD + PAGE).count("\n") + 3
    assert [one.line for one in report.results] == [lines]
    assert f"line {lines}" in report.results[0].where


def test_a_literal_is_told_once_with_its_own_words(check: Check) -> None:
    report = check(GOOD + "event:one sg:end '2020-02-30'^^xsd:date ; sg:participantCount 'x'^^xsd:integer .")
    assert shapes_of(report) == ["WellFormedLiteral", "WellFormedLiteral"]
    assert "a day that exists" in report.to_text()


def test_a_datatype_is_judged_before_the_store_widens_it(check: Check) -> None:
    assert shapes_of(check(GOOD + "event:one sg:participantCount '40'^^xsd:int .")) == ["Event-participants"]
    assert shapes_of(check(GOOD + "event:one sg:participantCount '40'^^xsd:nonNegativeInteger .")) == ["Event-participants"]
    assert shapes_of(check(GOOD + "event:one sg:participantCount '0040'^^xsd:integer .")) == []


def test_a_datatype_is_asked_for_by_shapes_of_the_class_only(check: Check) -> None:
    """A network counts its meetings, an event does not; nobody asks about numbers elsewhere."""
    assert shapes_of(check(GOOD + "event:one sg:meetingCount '4'^^xsd:int . <urn:a> <urn:b> '4'^^xsd:byte .")) == []


WELL_FORMED = {
    "integer": (["0", "-0", "+007", "9" * 30], ["", "1.0", "1e3", "abc", " 1", "--1", "٣"]),
    "int": (["2147483647", "-2147483648"], ["2147483648", "-2147483649"]),
    "byte": (["127", "-128"], ["128", "-129"]),
    "unsignedByte": (["0", "255"], ["256", "-1"]),
    "positiveInteger": (["1"], ["0", "-1"]),
    "nonPositiveInteger": (["0", "-5"], ["1"]),
    "decimal": (["1", "1.", ".5", "-1.50", "+0.0"], ["", ".", "1e3", "1,5", "INF"]),
    "double": (["1", "1e3", "-1.5E-3", "INF", "-INF", "NaN"], ["", "e3", "inf", "1e", "infinity"]),
    "boolean": (["true", "false", "1", "0"], ["TRUE", "yes", ""]),
    "date": (
        ["2020-02-29", "2000-02-29", "0001-01-01", "12020-01-01", "-0044-03-15", "2020-01-01Z", "2020-01-01+14:00"],
        [
            "2019-02-29",
            "1900-02-29",
            "2020-04-31",
            "2020-13-01",
            "2020-00-01",
            "2020-01-00",
            "20-01-01",
            "2020-1-1",
            "2020-01-01T00:00:00",
            "2020-01-01+15:00",
            "012020-01-01",
        ],
    ),
    "dateTime": (
        ["2020-02-29T24:00:00", "2020-01-01T12:00:00.5Z"],
        ["2020-02-30T12:00:00", "2020-01-01T25:00:00", "2020-01-01", "2020-01-01T12:00"],
    ),
    "dateTimeStamp": (["2020-01-01T12:00:00Z"], ["2020-01-01T12:00:00"]),
    "time": (["12:00:00", "24:00:00"], ["24:00:01", "12:00", "12:60:00"]),
    "gYear": (["2015", "-0001", "12015"], ["15", "2015-09", "in 2015", "02015"]),
    "gYearMonth": (["2015-09"], ["2015-13", "2015-9", "2015"]),
    "gMonthDay": (["--02-29", "--12-31"], ["--02-30", "--04-31", "02-28"]),
    "gMonth": (["--09"], ["--13", "09"]),
    "gDay": (["---31"], ["---32", "31"]),
    "hexBinary": (["", "0aFF"], ["0", "0g"]),
    "language": (["en", "zh-Hant"], ["", "e n", "en-"]),
    "string": (["anything"], []),
    "anyURI": (["anything"], []),
}


@pytest.mark.parametrize("datatype", WELL_FORMED)
def test_lexical_forms(datatype: str) -> None:
    """XML Schema 1.1 part 2, section 3.3."""
    good, bad = WELL_FORMED[datatype]
    assert [text for text in good if not literals.is_well_formed(text, datatype)] == []
    assert [text for text in bad if literals.is_well_formed(text, datatype)] == []


def test_every_datatype_that_the_store_changes_is_known() -> None:
    names = {"integer": "5", "dateTimeStamp": "2020-01-01T12:00:00Z", "negativeInteger": "-5", "nonPositiveInteger": "-5"}
    for name in [*literals.INTEGERS, *literals.LEXICAL, "string", "anyURI", "token", "base64Binary", "duration"]:
        literal = ox.Literal(names.get(name, WELL_FORMED.get(name, (["5"], []))[0][0] or "00"), datatype=ox.NamedNode(XSD + name))
        store = ox.Store()
        store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), literal))
        (kept,) = {quad.object.datatype.value.removeprefix(XSD) for quad in store}
        assert (kept != name) == (name in literals.CHANGED), name


def test_files_are_taken_together(tmp_path: Path) -> None:
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text(HEAD + GOOD, encoding="utf-8")
    two.write_text(HEAD + PAGE + "event:two a sg:Event .", encoding="utf-8")
    assert "source" in shapes_of(validate_file([one], SHAPES, ONTOLOGY))
    report = validate_file([one, two], SHAPES, ONTOLOGY)
    assert {(one.file, text_of(one.focus).rpartition("/")[2]) for one in report.results} == {(str(two), "two")}


def test_blank_nodes_of_two_files_are_two_nodes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(
            HEAD + f"_:a a sg:Event ; sg:start '2015'^^xsd:gYear ; skos:note '{name}'@en .", encoding="utf-8"
        )
    report = validate_file([tmp_path / "one.ttl", tmp_path / "two.ttl"], SHAPES, ONTOLOGY)
    assert shapes_of(report).count("Event") == 2


def test_what_stands_beside_may_be_referred_to_and_is_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "mine.ttl"
    file.write_text(HEAD + GOOD + "event:one sg:city city:there .", encoding="utf-8")
    beside = store_of("city:there a sg:City .")
    report = validate_file([file], SHAPES, ONTOLOGY, beside=beside)
    assert (report.results, report.unlooked, report.judged) == ((), (), 1)
    assert shapes_of(validate_file([file], SHAPES, ONTOLOGY)) == ["city", "source"]


def test_nodes_that_shapes_name_are_judged_even_where_the_file_is_silent(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(HEAD + PAGE, encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(FOREIGN, encoding="utf-8")
    report = validate_file([tmp_path / "mine.ttl"], [tmp_path / "shapes.ttl"], ONTOLOGY)
    assert ("violation", "urn:nobody", "") in [(one.severity, text_of(one.focus), one.where) for one in report.results]


def test_an_empty_file_is_not_called_good(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_bytes(b"")
    report = validate_file([tmp_path / "mine.ttl"], SHAPES, ONTOLOGY)
    assert (report.results, report.judged) == ((), 0)
    assert "nothing was judged" in report.to_text()


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("a.ttl", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .", r"a\.ttl: is not Turtle at line 2, column 17: "),
        ("a.nt", b"<urn:a> <urn:b> <urn:c> .\nhello .", r"a\.nt: is not N-Triples at line 2, column 1: "),
        ("a.nq", b"<urn:a> <urn:b> <urn:c> <urn:d> <urn:e> .", r"a\.nq: is not N-Quads at line 1, column "),
        ("a.trig", b"<urn:g> { <urn:a> <urn:b> <urn:c>", r"a\.trig: is not TriG at line 1, column "),
        ("a.jsonld", b'{"@id": "urn:a",\n "urn:b" 1}', r"a\.jsonld: is not JSON-LD at line 2, column "),
        (
            "a.rdf",
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<r:a></r:RDF>',
            r"a\.rdf: is not RDF/XML at line 2, column ",
        ),
        ("a.rdf", b"<html/>", r"a\.rdf: is not RDF/XML"),
        ("a.rdf", "<?xml version='1.0'?><a/>".encode("utf-16"), r"a\.rdf: is not RDF/XML"),
        ("a.ttl", b'<urn:a> <urn:b> "\xff" .', r"a\.ttl: is not Turtle at line 1.*UTF-8"),
        ("a.ttl", b"<urn:a> <urn:b> <<( <urn:c> <urn:d> <urn:e> )>> .", r"a\.ttl: holds a triple term of RDF 1\.2"),
        ("a.nt", b"\n<urn:a> <urn:b> <<( <urn:c> <urn:d> <urn:e> )>> .", r"a\.nt: holds a triple term of RDF 1\.2 on line 2"),
        ("a.jsonld", b'{"@context": "http://127.0.0.1:9/context", "@id": "urn:a", "b": 1}', r"a\.jsonld: is not JSON-LD"),
        ("a.ttl.gz", b"not packed", r"a\.ttl\.gz: cannot be unpacked"),
        pytest.param(
            "a.ttl.gz", gzip.compress(b"<urn:a> <urn:b> <urn:c> ." * 999, mtime=0)[:40], r"a\.ttl\.gz: cannot be unpacked", id="cut gzip"
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(name: str, body: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(DataError, match=expected):
        validate_file([tmp_path / name], SHAPES, ONTOLOGY)


def test_missing_files_folders_and_unknown_suffixes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.ttl: cannot be read"):
        validate_file([tmp_path / "none.ttl"], SHAPES, ONTOLOGY)
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(DataError, match=r"folder\.ttl: cannot be read"):
        validate_file([tmp_path / "folder.ttl"], SHAPES, ONTOLOGY)
    (tmp_path / "a.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.ttl"):
        validate_file([tmp_path / "a.csv"], SHAPES, ONTOLOGY)


LAUGHS = '[<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ROOT = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'
    '<rdf:Description rdf:about="urn:a"><e:p>{}</e:p></rdf:Description></rdf:RDF>'
)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "<?xml version='1.0'?>\n",
        "\ufeff<?xml version='1.0'?><!-- a comment > with <tags> --><?pi?>\n",
        "  \n\t",
    ],
)
@pytest.mark.parametrize("word", ["DOCTYPE", "doctype"])
def test_entities_are_not_expanded(before: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "a.rdf").write_text(f"{before}<!{word} rdf {LAUGHS}{ROOT.format('&b;')}", encoding="utf-8")
    with pytest.raises(DataError, match="document type"):
        validate_file([tmp_path / "a.rdf"], SHAPES, ONTOLOGY)


def test_a_doctype_in_a_text_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.rdf").write_text(ROOT.format("<![CDATA[<!DOCTYPE html>]]>"), encoding="utf-8")
    assert validate_file([tmp_path / "a.rdf"], SHAPES, ONTOLOGY).judged == 0


def test_a_doctype_does_not_hide_behind_a_long_comment(tmp_path: Path) -> None:
    (tmp_path / "a.rdf").write_text(f"<!--{'x' * 2**20}--><!DOCTYPE rdf {LAUGHS}{ROOT.format('&b;')}", encoding="utf-8")
    with pytest.raises(DataError, match="no root element within its first megabyte"):
        validate_file([tmp_path / "a.rdf"], SHAPES, ONTOLOGY)


def test_large_files_are_refused_however_small_they_are_packed(tmp_path: Path) -> None:
    file = tmp_path / "a.nt.gz"
    file.write_bytes(gzip.compress(b"# nothing\n" * 100_000, mtime=0))
    assert file.stat().st_size < 10_000
    with pytest.raises(DataError, match=r"a\.nt\.gz: is larger than 50,000 bytes unpacked"):
        validate_file([file], SHAPES, ONTOLOGY, largest=50_000)


# --- shapes of others -----------------------------------------------------------------------------------------------

FOREIGN = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix sg: <https://w3id.org/seismic-graph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix my: <urn:my:> .

my:Short a sh:NodeShape ;
    sh:targetSubjectsOf skos:prefLabel ;
    sh:property [ sh:path skos:prefLabel ; sh:maxLength 3 ; sh:severity sh:Warning ; sh:message "Too long. Shorten it."@en ] .

my:Counted a sh:NodeShape ;
    sh:targetClass sg:Event ;
    sh:severity sh:Info ;
    sh:sparql [
        sh:message "There is a year. Fine."@en ;
        sh:select "SELECT $this ?value WHERE { $this <https://w3id.org/seismic-graph/ontology#start> ?value }"
    ] .

my:Sequence a sh:NodeShape ;
    sh:targetClass sg:Event ;
    sh:property my:sourceLabel .

my:sourceLabel sh:path ( <http://purl.org/dc/terms/source> skos:prefLabel ) ; sh:minCount 2 ; sh:message "Too few. Add one."@en .

my:Nested a sh:NodeShape ;
    sh:targetClass sg:Event ;
    sh:property [
        sh:path <http://purl.org/dc/terms/source> ;
        sh:severity my:Grave ;
        sh:message "No. Yes."@en ;
        sh:property my:nestedNote ;
    ] .

my:nestedNote sh:path skos:note ; sh:minCount 1 ; sh:severity my:Grave ; sh:message "No note. Add one."@en .

my:Off a sh:NodeShape ; sh:deactivated true ; sh:targetClass sg:Event ; sh:property [ sh:path skos:note ; sh:minCount 9 ] .

my:Referred a sh:NodeShape ; sh:targetClass sg:Event ; sh:node my:Held .
my:Held a sh:NodeShape ; sh:targetClass sg:Source ; sh:property [ sh:path sg:weather ; sh:maxCount 0 ] .

my:Named sh:targetNode <urn:nobody> ; sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ] .
my:Named a sh:NodeShape .
"""


def test_shapes_of_others_run_as_they_are(tmp_path: Path) -> None:
    shapes = tmp_path / "mine.ttl"
    shapes.write_text(FOREIGN, encoding="utf-8")
    store = store_of(GOOD.replace('"One"', '"A long name"'))
    store.inner.remove_graph(ox.NamedNode(ONTOLOGY_GRAPH))
    report = validate.validate(store, [shapes])
    got = sorted((one.severity, text_of(one.focus).rpartition("/")[2], one.shape.removeprefix("urn:my:")) for one in report.results)
    assert ("violation", "page", "nestedNote") in got, "a severity of others is a violation"
    lines = "".join(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in store.triples())
    _, other, _ = shifty.validate(lines, FOREIGN, graph_mode="data")
    expected = sorted(
        (severity_of(other.value(one, sh.resultSeverity)), str(other.value(one, sh.focusNode)).rpartition("/")[2])
        for one in other.subjects(RDF.type, sh.ValidationResult)
    )
    assert [one[:2] for one in got] == expected
    assert len(got) == 6
    assert ("info", "one", "Counted") in got
    assert report.results[-1].message == "There is a year. Fine."
    unlooked = {one.prop.removeprefix(PREFIXES["sg"]) for one in report.unlooked if one.prop and one.of == PREFIXES["sg"] + "Event"}
    assert unlooked == {"start", "row", PREFIXES["dcterms"] + "type", PREFIXES["skos"] + "prefLabel"}


BROKEN = "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetClass <urn:c> ; "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("@prefix sh: .", r"mine\.ttl: is not Turtle at line 1"),
        (BROKEN + "sh:property 3 .", "pySHACL"),
        (BROKEN + "sh:property [ sh:minCount 1 ] .", "pySHACL"),
        (BROKEN + "sh:sparql [ sh:select 'nonsense' ] .", "pySHACL"),
        (BROKEN + "sh:nodeKind sh:IRI , sh:Literal .", "pySHACL"),
    ],
)
def test_broken_shapes_are_told_as_such(body: str, expected: str, tmp_path: Path) -> None:
    shapes = tmp_path / "mine.ttl"
    shapes.write_text(body, encoding="utf-8")
    with pytest.raises(DataError, match=expected):
        validate.validate(store_of("<urn:a> a <urn:c> ."), [shapes])


def test_no_shapes_are_no_check(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no shapes"):
        validate.validate(EmbeddedStore(), [])
    with pytest.raises(DataError, match=r"none\.ttl: cannot be read"):
        validate.validate(EmbeddedStore(), [tmp_path / "none.ttl"])


def test_shapes_call_no_other_host(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(
        BROKEN + "sh:sparql [ sh:select 'SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }' ] ."
    )
    with pytest.raises(QueryError, match="SERVICE"):
        validate.validate(store_of("<urn:a> a <urn:c> ."), [tmp_path / "mine.ttl"])


def test_shapes_that_changed_are_read_again(tmp_path: Path) -> None:
    shapes, store = tmp_path / "mine.ttl", store_of(GOOD)
    shapes.write_text(FOREIGN, encoding="utf-8")
    assert validate.validate(store, [shapes]).counts["violation"] == 3
    shapes.write_text(FOREIGN.replace("sh:minCount 2", "sh:minCount 1"), encoding="utf-8")
    assert validate.validate(store, [shapes]).counts["violation"] == 2


# --- endpoints ------------------------------------------------------------------------------------------------------


class Endpoint:
    """A store that is not embedded, with a limit on rows; it can lose triples or tell of too many."""

    def __init__(self, store: EmbeddedStore, limit: int = 10**9, lose: str = "") -> None:
        self.store, self.limit, self.lose = store, limit, lose
        self.asked = 0

    name = identity = "http://example.org/query"

    def query(self, text: str) -> Answer:
        self.asked += 1
        if self.lose and f"<{self.lose}>" in text:
            return self.store.query("SELECT ?s ?o WHERE { ?s ?o ?o FILTER(false) }")
        rows = self.store.query(text)
        if isinstance(rows, ox.QuerySolutions) and len(list(rows)) > self.limit:
            raise IncompleteAnswer("cut")
        return self.store.query(text)


WORLD = GOOD + "".join(f'event:n{number} a sg:Event ; skos:prefLabel "{number}"@en , "Nr {number}"@sv .\n' for number in range(300))


@pytest.mark.parametrize("limit", [10**9, 5000, 150])
def test_an_endpoint_is_judged_like_a_store(limit: int) -> None:
    store = store_of(WORLD + "<urn:a> a sg:City ; sg:country [ a sg:Country ] . [] a sg:Source .")
    told: list[str] = []
    here, there = validate.validate(store, SHAPES), validate.validate(Endpoint(store, limit), SHAPES, announce=told.append)
    assert (there.counts, there.judged) == (here.counts, here.judged)
    assert there.to_text().replace("_:", "")[:200] == here.to_text().replace("_:", "")[:200]
    if limit >= 5000:
        assert told == [], "it is judged where it is"
    else:
        assert "does not answer 3 of" in told[0]
        assert f"{len(store.inner):,} triples" in told[1]


@pytest.mark.parametrize("size", [2, 3, 7, 100, 5000])
def test_pages_split_no_node_and_lose_nothing(size: int) -> None:
    store = EmbeddedStore()
    lines = [f'<urn:s{subject}> <urn:p> "{value}" .\n' for subject in range(9) for value in range(subject)]
    lines += [f"<urn:s{subject}> <urn:q\u00e9> <urn:s'{subject}> .\n" for subject in range(5)]
    store.load(lines, "urn:g")
    copy = extract(Endpoint(store), size=size)
    assert {quad.triple for quad in copy.triples()} == {quad.triple for quad in store.triples()}


def test_a_part_is_never_judged_as_the_whole() -> None:
    with pytest.raises(IncompleteAnswer, match=r"skos:prefLabel \(0 of 1,.*Nothing was judged"):
        extract(Endpoint(store_of(WORLD), lose=PREFIXES["skos"] + "prefLabel"))


def test_an_endpoint_that_cuts_everything_is_an_error() -> None:
    with pytest.raises(IncompleteAnswer):
        extract(Endpoint(store_of(WORLD), limit=40))


@pytest.fixture(params=["oxigraph_server", "virtuoso", "virtuoso_low"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    running: Server = request.getfixturevalue(request.param)
    yield running
    running.drop("urn:data")


def test_real_endpoints_are_judged_alike(server: Server) -> None:
    store = EmbeddedStore()
    faults = "event:one sg:end '2014'^^xsd:gYear ; sg:participantCount 'x' . <urn:a> a sg:City ; sg:country [ a sg:Country ] ."
    store.inner.load((HEAD + PAGE + WORLD + faults).encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:data"))
    server.put("urn:data", store.dump("urn:data").decode())
    here, there = validate.validate(store, SHAPES), validate.validate(RemoteStore(server.query), SHAPES)
    named = [(one.severity, str(one.focus), one.path, one.shape) for one in here.results]
    assert [(one.severity, str(one.focus), one.path, one.shape) for one in there.results if one.severity in here.counts] == named
    assert there.counts == here.counts


def test_an_endpoint_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        validate.validate(RemoteStore("http://127.0.0.1:9/query", timeout=5), SHAPES)


def test_every_error_is_one_of_ours() -> None:
    assert issubclass(DataError, SeismicError)
    assert issubclass(StoreError, SeismicError)
