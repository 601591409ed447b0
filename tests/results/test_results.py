"""Results: every format, values untouched for machines and harmless for people, typed frames, and nothing cut in silence."""

from __future__ import annotations

import builtins
import csv
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pandas as pd
import polars as pl
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from seismic_graph.errors import QueryError, StoreError, UnknownName, UsageError
from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.results import GRAPH_FORMATS, HTML_ROWS, ROW_FORMATS, Result, plain, stream, write
from seismic_graph.store import Answer, EmbeddedStore
from seismic_graph.vocabulary import ID, XSD

STORE = EmbeddedStore()
HOSTILE = 'a|b [link](javascript:x) `code` *bold* <script>alert("1")</script> & [red]red[/red] \\ \x1b[31m\u202eevil\n=1+2'
PREFIX = f"PREFIX xsd: <{XSD}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "


def ask(text: str, **about: Any) -> Result:
    return Result.from_answer(STORE.query(PREFIX + text), **about)


def values(*terms: str) -> Result:
    return ask(f"SELECT ?x {{ VALUES ?x {{ {' '.join(terms)} }} }}")


def hostile() -> Result:
    row = (ox.NamedNode(ID + "city/graz"), ox.Literal(HOSTILE, language="en"), ox.Literal(HOSTILE))
    return Result("rows", ("city", "cityLabel", "note"), [row])


# ---------------------------------------------------------------------- reading


def test_rows_are_read_when_they_are_needed_and_kept() -> None:
    read: list[int] = []

    def source() -> Iterator[tuple[ox.Literal]]:
        for number in range(5):
            read.append(number)
            yield (ox.Literal(number),)

    result = Result("rows", ("x",), source())
    assert not read
    walk = iter(result)
    next(walk)
    assert read == [0]
    assert bool(result)
    assert read == [0]
    assert len(result) == 5
    assert len(result.rows) == len(list(result)) == 5
    assert read == [0, 1, 2, 3, 4]


def test_a_limit_is_announced() -> None:
    cut = ask("SELECT ?x { VALUES ?x { 1 2 3 } }", limit=2)
    assert (len(cut), cut.truncated, cut.summary) == (2, True, "the first 2 rows; there are more")
    for form in ("table", "md"):
        assert "there are more" in cut.text(form)
    assert "there are more" in cut._repr_html_()
    whole = ask("SELECT ?x { VALUES ?x { 1 2 3 } }", limit=3)
    assert (len(whole), whole.truncated, whole.summary) == (3, False, "3 rows")


@pytest.mark.parametrize(("text", "summary"), [("SELECT ?x { VALUES ?x { } }", "0 rows"), ("SELECT ?x { VALUES ?x { 1 } }", "1 row")])
def test_summaries(text: str, summary: str) -> None:
    result = ask(text)
    assert result.summary == summary
    assert summary in repr(result)
    assert result.text("table").endswith(f"{summary}\n")


def test_what_a_boolean_says() -> None:
    yes, no = ask("ASK {}"), ask("ASK { ?s ?p ?o }")
    assert bool(yes)
    assert not no
    assert [yes.text(form) for form in ("table", "md", "csv")] == ["yes\n", "yes\n", "true"]
    assert json.loads(no.text("json"))["boolean"] is False
    assert "no" in no._repr_html_()
    assert yes.to_pandas()["answer"].tolist() == [True]


def test_what_cannot_be_read_to_the_end_is_an_error() -> None:
    def broken(error: Exception) -> Iterator[tuple[ox.Literal]]:
        yield (ox.Literal(1),)
        raise error

    with pytest.raises(StoreError, match="broke off after 1 rows: gone"):
        len(Result("rows", ("x",), broken(OSError("gone"))))
    with pytest.raises(QueryError, match="cannot be answered"):
        len(Result("rows", ("x",), broken(ValueError("bad"))))


def test_the_receipt_says_what_was_asked_and_where() -> None:
    receipt = ask("ASK {}", name="q", query="ASK {}", store="snapshot-1").receipt
    assert receipt == {"query": "q", "sha256": hashlib.sha256(b"ASK {}").hexdigest(), "store": "snapshot-1"}


# ---------------------------------------------------------------------- formats for machines


def test_values_go_through_every_machine_format_untouched() -> None:
    terms = [
        "<https://example.org/a?b=1&c=2>",
        '"plain \\"quoted\\"\\twith tab\\nand line"',
        '"Malmö"@sv',
        '"2015"^^xsd:gYear',
        '"2015-09-30"^^xsd:date',
        "007",
        "1.50",
        "true",
        '"=1+2"',
        '"@SUM(A1)"',
    ]
    result = values(*terms)
    wanted = [row[0] for row in result]
    for form, engine in (("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML), ("tsv", ox.QueryResultsFormat.TSV)):
        back: Any = ox.parse_query_results(result.text(form), engine)
        assert [row[0] for row in back] == wanted
    rows = list(csv.reader(io.StringIO(result.text("csv"), newline="")))
    assert rows == [["x"], *([term.value] for term in wanted if not isinstance(term, ox.Triple) and term is not None)]
    ET.fromstring(result.text("xml"))


def test_unbound_blank_and_triple_terms() -> None:
    result = ask("SELECT ?a ?b ?c { BIND(BNODE() AS ?a) BIND(<<( <urn:s> <urn:p> 'o' )>> AS ?c) }")
    binding = json.loads(result.text("json"))["results"]["bindings"][0]
    assert set(binding) == {"a", "c"}
    assert binding["a"]["type"] == "bnode"
    assert binding["c"]["value"]["object"] == {"type": "literal", "value": "o"}
    assert result.to_pandas()["b"].isna().all()
    assert "urn:s" in result.text("table")


def test_csv_keeps_to_the_standard_even_where_spreadsheets_calculate() -> None:
    """SPARQL 1.1 Query Results CSV and TSV Formats, section 3: values as they are."""
    assert values('"=cmd()"').text("csv") == "x\r\n=cmd()\r\n"


def test_xml_says_what_it_cannot_carry() -> None:
    result = Result("rows", ("x",), [(ox.Literal("a\x01b"),)])
    with pytest.raises(UsageError, match=r"U\+0001"):
        result.text("xml")
    assert json.loads(result.text("json"))["results"]["bindings"][0]["x"]["value"] == "a\x01b"


def test_stream_writes_what_write_writes() -> None:
    text = PREFIX + "SELECT ?x { VALUES ?x { 1 2 } }"
    for form in ("csv", "tsv", "json", "xml"):
        out = io.BytesIO()
        stream(STORE.query(text), out, form)
        assert out.getvalue().decode() == Result.from_answer(STORE.query(text)).text(form)
    out = io.BytesIO()
    stream(STORE.query("CONSTRUCT { <urn:s> <urn:p> 1 } {}"), out, "nq")
    assert out.getvalue().startswith(b"<urn:s> <urn:p> ")
    with pytest.raises(UnknownName, match="csv"):
        stream(STORE.query(text), io.BytesIO(), "table")
    with pytest.raises(UnknownName, match="format"):
        stream(STORE.query("CONSTRUCT {} {}"), io.BytesIO(), "csv")


TRICKY = [
    *("{}", "},{", "}},{", '}},{"', '},{"x":{', '"', '""', "\\", '\\"', '\\\\"},{}', "a,b", "line\nbreak", "\r\n", "]}}", "[{"),
    *("</result><result>", "ä" * 5000 + '"', "\\" * 9000, '"' * 8190, "x" * 8185, "\n" * 8200),
]
"""Texts that look like the end of a row, or come to lie where the engine begins another piece."""


@st.composite
def answers(draw: st.DrawFn) -> str:
    """A query for rows of tricky texts; some values, and sometimes all of a row, are not bound."""
    cell = st.one_of(st.sampled_from(["UNDEF", "<urn:a>", "7"]), st.sampled_from(TRICKY).map(lambda text: str(ox.Literal(text))))
    rows = draw(st.lists(st.tuples(cell, cell), max_size=12))
    return f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {' '.join(f'({x} {y})' for x, y in rows)} }} }}"


@settings(max_examples=150, deadline=None)
@given(answers(), st.integers(1, 13), st.sampled_from(["json", "csv", "tsv", "xml"]))
def test_a_stream_ends_after_so_many_rows_and_says_so(text: str, limit: int, form: str) -> None:
    count = len(list(cast("Any", STORE.query(text))))
    out, whole = io.BytesIO(), io.BytesIO()
    cut = stream(STORE.query(text), out, form, limit=limit)
    assert (cut.count, cut.more) == (min(limit, count), count > limit)
    assert out.getvalue().decode() == Result.from_answer(STORE.query(text), limit=limit).text(form)
    assert stream(STORE.query(text), whole, form).count == count
    assert whole.getvalue() == cast("Any", STORE.query(text)).serialize(format=RESULT_FORMATS[form])


def test_an_answer_that_is_written_first_is_read_when_it_is_needed() -> None:
    """It goes straight from the engine to the file; who reads its rows afterwards gets them by asking again."""
    asked = []
    text = PREFIX + "SELECT ?x ?y { VALUES ?x { 1 2 3 } }"

    def again() -> Answer:
        asked.append(1)
        return STORE.query(text)

    for form in ("csv", "tsv", "json", "xml"):
        asked.clear()
        result = Result.from_answer(STORE.query(text), again=again, limit=2)
        assert result.text(form) == Result.from_answer(STORE.query(text), limit=2).text(form)
        assert (len(result), result.truncated, result.summary) == (2, True, "the first 2 rows; there are more")
        assert not asked
        assert result.text(form) == result.text(form)
        assert result.rows == Result.from_answer(STORE.query(text), limit=2).rows
        assert bool(result)
        assert asked == [1]
    read = Result.from_answer(STORE.query(text), again=again)
    assert len(read) == 3
    asked.clear()
    assert read.text("csv") == "x,y\r\n1,\r\n2,\r\n3,\r\n"
    assert not asked


def test_a_disk_that_is_full_is_no_fault_of_the_answer() -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        stream(STORE.query("SELECT ?x { VALUES ?x { 1 } }"), cast("Any", Full()), "csv")


@pytest.mark.parametrize("form", ["ttl", "excel", ""])
def test_a_format_that_does_not_exist_is_named_with_those_that_do(form: str) -> None:
    with pytest.raises(UnknownName) as caught:
        values("1").text(form)
    assert caught.value.suggestions == tuple(ROW_FORMATS)
    with pytest.raises(UnknownName) as caught:
        ask("CONSTRUCT {} {}").text("csv")
    assert caught.value.suggestions == tuple(GRAPH_FORMATS)


def test_write_without_a_format_chooses_one() -> None:
    assert write(values("1")) == "x\r\n1\r\n"
    assert write(ask("ASK {}")) == "yes\n"
    assert write(ask("CONSTRUCT { <urn:s> <urn:p> 'o' } {}")).strip() == '<urn:s> <urn:p> "o" .'


# ---------------------------------------------------------------------- formats for people


def test_a_label_is_folded_into_the_column_that_it_names() -> None:
    result = hostile()
    assert result.text("md").startswith("| city | note |\n| --- | --- |\n")
    assert result.text("csv").startswith("city,cityLabel,note")
    assert "city/graz" in result.text("table", width=60)
    alone = Result("rows", ("Label", "xLabel"), [(ox.Literal("1"), ox.Literal("2"))])
    assert alone.text("md").startswith("| Label | xLabel |")


def test_a_terminal_gets_no_control_characters_and_no_markup() -> None:
    shown = hostile().text("table", width=200)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]red[/red]" in shown
    assert all(len(line) <= 60 for line in hostile().text("table", width=60).splitlines())
    assert plain("a\x07b\tc\nd") == "a\N{REPLACEMENT CHARACTER}b\tc\nd"


def test_a_markdown_cell_cannot_end_or_bring_markup() -> None:
    lines = hostile().text("md").splitlines()
    assert len(lines) == 5
    assert lines[2].replace("\\|", "").count("|") == 3
    assert "<script>" not in lines[2]
    assert r"\[link\](javascript:x)" in lines[2]
    assert r"\`code\` \*bold\*" in lines[2]
    assert "(<https://w3id.org/seismic-graph/id/city/graz>)" in lines[2]


def test_html_is_escaped_and_links_go_to_the_web_only() -> None:
    page = hostile()._repr_html_()
    assert "<script>" not in page
    assert f'href="{ID}city/graz"' in page
    ET.fromstring(page.replace("<br>", "<br/>"))
    for address in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"):
        assert "href" not in Result("rows", ("x",), [(ox.NamedNode(address),)])._repr_html_()
        assert "](" not in Result("rows", ("x",), [(ox.NamedNode(address),)]).text("md")


def test_a_notebook_shows_so_many_rows_and_says_how_many_there_are() -> None:
    page = Result("rows", ("x",), [(ox.Literal(number),) for number in range(HTML_ROWS + 50)])._repr_html_()
    assert page.count("<tr>") == HTML_ROWS + 1
    assert f"{HTML_ROWS + 50} rows; the first {HTML_ROWS} are shown" in page


# ---------------------------------------------------------------------- graphs

GRAPH = """CONSTRUCT { <urn:b> <urn:p> ?v ; <urn:q> [ <urn:r> "x"@en ] .
<https://w3id.org/seismic-graph/id/city/graz> skos:prefLabel "Graz"@en }
{ VALUES ?v { 1 "2015"^^xsd:gYear 2.50 } }"""


def test_a_graph_is_a_set_in_one_order() -> None:
    first, second = ask(GRAPH), ask(GRAPH)
    for form in GRAPH_FORMATS:
        assert first.text(form) == second.text(form)
    assert [str(triple) for triple in first.triples] == sorted(str(triple) for triple in first.triples)
    assert first.text("nt").splitlines() == sorted(set(first.text("nt").splitlines()))


@pytest.mark.parametrize("form", sorted(RDF_FORMATS))
def test_a_graph_is_the_same_in_every_format(form: str) -> None:
    result = ask(GRAPH)
    wanted, back = ox.Dataset(), ox.Dataset()
    for triple in result.triples:
        wanted.add(ox.Quad(triple.subject, triple.predicate, triple.object))
    for quad in ox.parse(input=result.text(form), format=RDF_FORMATS[form]):
        back.add(quad)
    for dataset in (wanted, back):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert back == wanted


def test_prefixes_are_those_that_are_used_in_order() -> None:
    head = [line for line in ask(GRAPH).text("ttl").splitlines() if line.startswith("@prefix")]
    assert head == sorted(head)
    assert [line.split()[1] for line in head] == ["city:", "skos:", "xsd:"]


def test_to_rdflib_keeps_lexical_forms() -> None:
    graph = Result("graph", ("subject", "predicate", "object"), [
        (ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("007", datatype=ox.NamedNode(XSD + "integer"))),
        (ox.BlankNode("b"), ox.NamedNode("urn:p"), ox.Literal("Graz", language="de")),
        (ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("x")),
    ]).to_rdflib()  # fmt: skip
    assert (rdflib.URIRef("urn:s"), rdflib.URIRef("urn:p"), rdflib.Literal("x")) in graph
    assert sorted(str(value) for value in graph.objects()) == ["007", "Graz", "x"]
    assert isomorphic(ask(GRAPH).to_rdflib(), rdflib.Graph().parse(data=ask(GRAPH).text("nt"), format="nt"))
    with pytest.raises(UsageError, match="CONSTRUCT"):
        values("1").to_rdflib()
    with pytest.raises(UsageError, match="triple terms"):
        ask("CONSTRUCT { <urn:s> <urn:p> <<( <urn:a> <urn:b> 1 )>> } {}").to_rdflib()


def test_a_graph_as_a_table_of_triples() -> None:
    frame = ask("CONSTRUCT { <urn:s> <urn:p> 'o' } {}").to_pandas()
    assert frame.to_dict("records") == [{"subject": "urn:s", "predicate": "urn:p", "object": "o"}]
    assert "urn:s" in ask("CONSTRUCT { <urn:s> <urn:p> 'o' } {}")._repr_html_()


# ---------------------------------------------------------------------- files


def test_save_takes_the_format_from_the_suffix(tmp_path: Path) -> None:
    assert values("1").save(tmp_path / "a.csv").read_bytes() == b"x\r\n1\r\n"
    assert "1 row" in values("1").save(str(tmp_path / "a.txt")).read_text()
    assert ask(GRAPH).save(tmp_path / "a.TTL").read_text().startswith("@prefix")
    with pytest.raises(UsageError, match=r"a\.xlsx: the suffix names no format"):
        values("1").save(tmp_path / "a.xlsx")
    with pytest.raises(UsageError, match=r"\.ttl"):
        ask(GRAPH).save(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="does not exist"):
        values("1").save(tmp_path / "no" / "a.csv")


# ---------------------------------------------------------------------- typed frames

TYPED = [
    (["1", "UNDEF", "-7"], "integer", "Int64", pl.Int64, [1, None, -7]),
    (['"5"^^xsd:int', '"6"^^xsd:nonNegativeInteger'], "integer", "Int64", pl.Int64, [5, 6]),
    (["1", "2.5"], "number", "Float64", pl.Float64, [1.0, 2.5]),
    (["1.5e3", "UNDEF"], "number", "Float64", pl.Float64, [1500.0, None]),
    (["true", "UNDEF", "false"], "boolean", "boolean", pl.Boolean, [True, None, False]),
    (['"2015-09-30"^^xsd:date', "UNDEF"], "date", "datetime64[s]", pl.Date, [date(2015, 9, 30), None]),
    (['"0001-01-01"^^xsd:date', '"9999-12-31"^^xsd:date'], "date", "datetime64[s]", pl.Date, [date(1, 1, 1), date(9999, 12, 31)]),
    (['"2015-09-30T10:00:00"^^xsd:dateTime'], "datetime", "datetime64[us]", pl.Datetime("us"), [datetime(2015, 9, 30, 10)]),
    (['"2015-09-30T10:00:00+02:00"^^xsd:dateTime'], "datetime", "datetime64[us]", pl.Datetime("us"), [datetime(2015, 9, 30, 8)]),
    (['"2015"^^xsd:gYear', '"2015-09"^^xsd:gYearMonth'], "string", "string", pl.String, ["2015", "2015-09"]),
    (['"2015-09-30"^^xsd:date', '"2015"^^xsd:gYear'], "string", "string", pl.String, ["2015-09-30", "2015"]),
    (['"2015-02-30"^^xsd:date'], "string", "string", pl.String, ["2015-02-30"]),
    (['"2015-09-30Z"^^xsd:date'], "string", "string", pl.String, ["2015-09-30Z"]),
    (['"2015-09-30T10:00:00"^^xsd:dateTime', '"2015-09-30T10:00:00Z"^^xsd:dateTime'], "string", "string", pl.String, None),
    (['"many"^^xsd:integer'], "string", "string", pl.String, ["many"]),
    (["1", '"x"'], "string", "string", pl.String, ["1", "x"]),
    (["<urn:a>", '"Graz"@de', '"Graz"'], "string", "string", pl.String, ["urn:a", "Graz", "Graz"]),
    (["UNDEF"], "string", "string", pl.String, [None]),
    ([], "string", "string", pl.String, []),
]


@pytest.mark.parametrize(("terms", "type_", "in_pandas", "in_polars", "expected"), TYPED, ids=[" ".join(row[0]) or "none" for row in TYPED])
def test_frames_are_typed(terms: list[str], type_: str, in_pandas: str, in_polars: Any, expected: list[Any] | None) -> None:
    result = values(*terms)
    assert result.columns()["x"].type == type_
    frame = result.to_pandas()
    assert str(frame["x"].dtype) == in_pandas
    assert result.to_polars().schema["x"] == in_polars
    if expected is not None:
        assert result.to_polars()["x"].to_list() == expected
        held = [None if pd.isna(value) else value for value in frame["x"]]
        assert held == [pd.Timestamp(value).as_unit("s") if type_ == "date" and value else value for value in expected]


@pytest.mark.parametrize("text", ["0.1234567890123456789", "12345678901234567890.5"])
def test_numbers_that_a_double_would_change_stay_exact(text: str) -> None:
    exact = Decimal(text)
    result = Result("rows", ("x",), [(ox.Literal(text, datatype=ox.NamedNode(XSD + "decimal")),), (None,)])
    assert result.columns()["x"].type == "decimal"
    assert result.to_pandas()["x"].tolist()[0] == exact
    assert result.to_polars()["x"].to_list() == [exact, None]


def test_integers_beyond_64_bits_stay_exact() -> None:
    number = 2**63
    result = Result("rows", ("x",), [(ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer")),)])
    assert int(result.to_pandas()["x"][0]) == number
    assert int(result.to_polars()["x"][0]) == number


def test_several_columns_keep_their_order() -> None:
    frame = ask("SELECT ?b ?a { VALUES (?a ?b) { (1 'x') (2 'y') } }").to_polars()
    assert frame.columns == ["b", "a"]
    assert frame.rows() == [("x", 1), ("y", 2)]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_missing_extra_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == package:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=rf"pip install 'seismic-graph\[{package}\]'"):
        getattr(values("1"), f"to_{package}")()
