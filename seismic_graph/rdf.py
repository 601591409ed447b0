"""RDF terms as N-Triples text, and the media types and suffixes of RDF and result formats.

For bulk work, text is several times faster than term objects, so readers write N-Triples.
"""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import QueryResultsFormat, RdfFormat

from seismic_graph.errors import UsageError
from seismic_graph.vocabulary import XSD

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def is_iri(text: str) -> bool:
    """Whether a text can stand as an absolute IRI in N-Triples (RDF 1.1 N-Triples, IRIREF)."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text)) and not _NOT_IN_IRI.search(text)


def iri(text: str) -> str:
    """The N-Triples form of an IRI.

    Raises:
        UsageError: the text has characters that an IRI cannot have.
    """
    if not is_iri(text):
        raise UsageError(f"{text!r} is not an absolute IRI; percent-encode the characters that do not belong in one.")
    return f"<{text}>"


def literal(text: str, *, language: str | None = None, datatype: str | None = None) -> str:
    """The N-Triples form of a literal; every hostile character is escaped.

    >>> literal('a "word"', language="en")
    '"a \\\\"word\\\\""@en'
    """
    quoted = f'"{text.translate(_ESCAPES)}"'
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^<{datatype}>" if datatype else quoted


def date_literal(text: str) -> str:
    """A stated date with the precision it has: ``2015`` a gYear, ``2015-09`` a gYearMonth, else a date."""
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
    suffix = name.rpartition(".")[2].lower()
    suffix = _OTHER_SUFFIXES.get(suffix, suffix)
    if suffix not in RDF_FORMATS:
        raise UsageError(f"{file}: the suffix names no RDF format; use one of {', '.join('.' + s for s in RDF_FORMATS)} (and .gz).")
    return RDF_FORMATS[suffix]
