"""What we write as N-Triples is read back as it was meant, whatever the text; what cannot be, is refused."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import assume, example, given
from hypothesis import strategies as st

from seismic_graph import rdf
from seismic_graph.dates import bounds
from seismic_graph.errors import UsageError
from seismic_graph.vocabulary import XSD

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = st.text(st.sampled_from('<>"\\\n\r\t .@^_:a\x00\u2028\x85é'), max_size=20)
TAGS = st.one_of(
    st.sampled_from(["en", "sv", "pt-BR", "zh-Hans-CN", "de-CH-1996", "sl-rozaj", "i-klingon", "x-private"]),
    st.from_regex(r"[A-Za-z]{1,9}(-[A-Za-z0-9]{1,9}){0,4}", fullmatch=True),
    HOSTILE,
)
ADDRESSES = st.one_of(
    st.from_regex(r"https?://[a-z.]{1,10}/[^\s]{0,12}", fullmatch=True),
    st.builds("http://e.org/{}".format, HOSTILE),
    st.builds("{}:{}".format, st.text(max_size=5), TEXTS),
    TEXTS,
)


def read(statement: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(statement.encode(), format=ox.RdfFormat.N_TRIPLES)]


def said(term: str) -> object:
    """The one object of a statement with that term."""
    (triple,) = read(f"<http://e.org/s> <http://e.org/p> {term} .\n")
    return triple.object


@given(st.one_of(TEXTS, HOSTILE))
@example('"')
@example("\\")
@example('\\"')
@example("\\u0041")
@example("ends in \\")
@example("\n\r\t")
@example('" . <http://e.org/s> <http://e.org/p> "')
@example("\x00\x0b\x0c\x7f\x85\u2028\u2029\ufeff\ufffe\U0001f333")
@example("e\u0301")
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert said(rdf.literal(text)) == ox.Literal(text)
    assert said(rdf.literal(text, language="en")) == ox.Literal(text, language="en")
    assert said(rdf.literal(text, datatype="http://e.org/type")) == ox.Literal(text, datatype=ox.NamedNode("http://e.org/type"))


@given(st.one_of(TEXTS, HOSTILE))
def test_a_literal_stands_in_one_line(text: str) -> None:
    assert not {"\n", "\r"} & set(rdf.literal(text))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_another_reader_reads_the_same(text: str) -> None:
    graph = rdflib.Graph().parse(data=f"<http://e.org/s> <http://e.org/p> {rdf.literal(text, language='sv')} .\n", format="nt")
    assert [str(value) for value in graph.objects()] == [text]


@given(ADDRESSES)
@example("http://e.org/> <http://e.org/p> <http://e.org/o> .\n<http://e.org/s")
@example("http://e.org/\\u003e")
@example("http://e.org/%zz")
@example("http://e.org/[x]")
@example("http://e.org/#a#b")
@example("//e.org/")
@example("")
def test_an_address_is_read_back_as_it_was_or_refused(text: str) -> None:
    if rdf.is_iri(text):
        assert said(rdf.iri(text)) == ox.NamedNode(text)
        return
    with pytest.raises(UsageError, match="is not an absolute IRI"):
        rdf.iri(text)
    try:
        triples = read(f"<{text}> <{text}> <{text}> .\n")
    except (SyntaxError, UnicodeEncodeError):
        return
    assert [triple.subject for triple in triples if str(triple.subject) == f"<{text}>"] == [], "a good address is refused"


@pytest.mark.parametrize(
    "text",
    [
        "http://e.org/a b",
        "http://e.org/<a>",
        'http://e.org/"',
        "http://e.org/{a}",
        "http://e.org/a|b",
        "http://e.org/a^b",
        "http://e.org/`",
        "http://e.org/a\\b",
        "http://e.org/\n",
        "http://e.org/\x00",
        "http://e.org/100%",
        "http://[e.org/",
        "http://e.org:port/",
        "e.org",
        "/path",
        "#part",
        "",
        "1http://e.org",
        "http://e.org/\ud800",
    ],
)
def test_hostile_addresses_are_refused(text: str) -> None:
    assert not rdf.is_iri(text)
    with pytest.raises(UsageError):
        rdf.iri(text)


@pytest.mark.parametrize("text", ["http://e.org/", "https://e.org/å?x=1&y=%20#z", "urn:isbn:123", "mailto:a@e.org", "http://[::1]:80/"])
def test_good_addresses_pass(text: str) -> None:
    assert rdf.iri(text) == f"<{text}>"


@given(TAGS)
@example("en\n")
@example('en> . <http://e.org/s> <http://e.org/p> "x"@en')
@example("en-a")
@example("en-GB-GB")
def test_a_language_tag_is_read_back_or_refused(tag: str) -> None:
    assume(tag)
    if rdf.is_language(tag):
        assert said(rdf.literal("a", language=tag)) == ox.Literal("a", language=tag)
        return
    with pytest.raises(UsageError, match="is not a language tag"):
        rdf.literal("a", language=tag)
    try:
        triples = read(f'<http://e.org/s> <http://e.org/p> "a"@{tag} .\n')
    except (SyntaxError, UnicodeEncodeError):
        return
    assert [getattr(triple.object, "language", None) for triple in triples] != [tag.lower()], "a good tag is refused"


@given(ADDRESSES)
def test_a_datatype_is_an_address(text: str) -> None:
    if text and not rdf.is_iri(text):
        with pytest.raises(UsageError):
            rdf.literal("a", datatype=text)


@pytest.mark.parametrize(("text", "name"), [("2015", "gYear"), ("2015-09", "gYearMonth"), ("2015-09-30", "date")])
def test_a_date_keeps_its_precision(text: str, name: str) -> None:
    assert said(rdf.date_literal(text)) == ox.Literal(text, datatype=ox.NamedNode(XSD + name))


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_every_date_that_is_taken_is_well_formed(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    bounds(text)
    literal = rdf.date_literal(text)
    datatype = literal.partition("^^")[2]
    assert bool(ox.Store().query(f"ASK {{ FILTER(STR({datatype}({literal})) = '{text}') }}"))


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.nt", "nt"),
        ("a.ntriples", "nt"),
        ("a.nq", "nq"),
        ("a.nquads", "nq"),
        ("a.ttl", "ttl"),
        ("a.turtle", "ttl"),
        ("a.n3", "ttl"),
        ("a.trig", "trig"),
        ("a.jsonld", "jsonld"),
        ("a.json", "jsonld"),
        ("a.rdf", "rdf"),
        ("a.xml", "rdf"),
        ("a.owl", "rdf"),
        ("A.TTL", "ttl"),
        ("a.b.ttl", "ttl"),
        ("a.ttl.gz", "ttl"),
        ("folder.nt/a.nq.gz", "nq"),
    ],
)
def test_the_suffix_names_the_format(name: str, suffix: str) -> None:
    assert rdf.rdf_format(Path(name)) == rdf.RDF_FORMATS[suffix]


@pytest.mark.parametrize("name", ["a", "a.csv", "a.gz", "ttl", ".ttl.bz2", "a.html"])
def test_a_suffix_that_names_no_format(name: str) -> None:
    with pytest.raises(UsageError, match=r"the suffix names no RDF format; use one of \.nt, \.nq, \.ttl, \.trig, \.jsonld, \.rdf"):
        rdf.rdf_format(Path(name))


@pytest.mark.parametrize("suffix", rdf.RDF_FORMATS)
def test_every_format_is_written_and_read(suffix: str) -> None:
    quad = ox.Quad(ox.NamedNode("http://e.org/s"), ox.NamedNode("http://e.org/p"), ox.Literal("å", language="sv"), ox.DefaultGraph())
    text = io.BytesIO()
    ox.serialize([quad], text, rdf.RDF_FORMATS[suffix])
    assert list(ox.parse(text.getvalue(), format=rdf.RDF_FORMATS[suffix])) == [quad]


def test_result_formats_are_those_of_sparql() -> None:
    assert set(rdf.RESULT_FORMATS) == {"csv", "tsv", "json", "xml"}
