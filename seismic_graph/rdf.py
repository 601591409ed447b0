"""RDF terms as N-Triples text, and the media types and suffixes of RDF and result formats.

For bulk work, text is several times faster than term objects, so readers write N-Triples.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat

from seismic_graph.errors import UsageError
from seismic_graph.vocabulary import XSD

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def is_iri(text: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987), by the parser that will read it.

    >>> is_iri("https://w3id.org/seismic-graph/"), is_iri("https://w3id.org/a b"), is_iri("https://w3id.org/100%")
    (True, False, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def iri(text: str) -> str:
    """The N-Triples form of an IRI.

    Raises:
        UsageError: the text has characters that an IRI cannot have.
    """
    if not is_iri(text):
        raise UsageError(f"{text!r} is not an absolute IRI; percent-encode the characters that do not belong in one.")
    return f"<{text}>"


@lru_cache(maxsize=256)
def is_language(tag: str) -> bool:
    """Whether a text is a well-formed language tag (BCP 47), by the parser that will read it.

    >>> is_language("pt-BR"), is_language("en_GB")
    (True, False)
    """
    try:
        Literal("", language=tag)
    except ValueError:
        return False
    return True


def literal(text: str, *, language: str | None = None, datatype: str | None = None) -> str:
    r"""The N-Triples form of a literal; every hostile character is escaped.

    >>> print(literal('a "word"', language="en"))
    "a \"word\""@en

    Raises:
        UsageError: the language is no tag of BCP 47, or the datatype is no IRI.
    """
    quoted = f'"{text.translate(_ESCAPES)}"'
    if language:
        if not is_language(language):
            raise UsageError(f"{language!r} is not a language tag; write it as in BCP 47: sv, pt-BR.")
        return f"{quoted}@{language}"
    return f"{quoted}^^{iri(datatype)}" if datatype else quoted


def date_literal(text: str) -> str:
    """A stated date (one that `dates.bounds` takes) with the precision it has.

    >>> date_literal("2015-09")
    '"2015-09"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    """
    datatype = {4: "gYear", 7: "gYearMonth"}.get(len(text), "date")
    return literal(text, datatype=XSD + datatype)


RDF_FORMATS: dict[str, RdfFormat] = {
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
}
"""Suffix -> format, for reading and writing."""

_OTHER_SUFFIXES = {"turtle": "ttl", "xml": "rdf", "owl": "rdf", "json": "jsonld", "ntriples": "nt", "nquads": "nq", "n3": "ttl"}

RESULT_FORMATS: dict[str, QueryResultsFormat] = {
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
}
"""Suffix -> SPARQL 1.1 result format."""


def rdf_format(file: Path) -> RdfFormat:
    """The RDF format that a file's suffix names; ``.gz`` is looked through.

    Raises:
        UsageError: the suffix names none.
    """
    name = file.name.removesuffix(".gz")
    _, dot, suffix = name.lower().rpartition(".")
    suffix = _OTHER_SUFFIXES.get(suffix, suffix) if dot else ""
    if suffix not in RDF_FORMATS:
        raise UsageError(f"{file}: the suffix names no RDF format; use one of {', '.join('.' + s for s in RDF_FORMATS)} (and .gz).")
    return RDF_FORMATS[suffix]
