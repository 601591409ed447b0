"""The answers of different engines in one form, so that they can be compared.

What engines may write differently without meaning anything else is written in one way:

* language tags in lower case (RDF 1.1 Concepts, section 3.3: tags are compared without case; the Oxigraph store lowers them);
* ``xsd:string`` is left out, since a literal without datatype has it (section 3.3);
* all integer types as ``xsd:integer``, and numbers in one lexical form (``10.50`` is ``10.5``, ``007`` is ``7``);
* booleans as ``true`` and ``false`` (Virtuoso gives ``1`` and ``0``, also allowed by XML Schema 1.1 Part 2, section 3.3.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from seismic_graph.vocabulary import XSD

Rows = list[tuple[str, ...]]

_INTEGERS = {
    XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
}
_NUMBERS = {XSD + "decimal", XSD + "double", XSD + "float"}


def rows(answer: Any) -> Rows:
    """The answer as a sorted list of tuples of N3 terms; an unbound variable is an empty text.

    Args:
        answer: of pyoxigraph (a store's or a parsed remote one), of rdflib, or rows of pyoxigraph terms.
    """
    return sorted(ordered(answer))


def ordered(answer: Any) -> Rows:
    """The same in the order of the answer."""
    return [tuple(_n3(term) for term in row) for row in _terms(answer)]


def _terms(answer: Any) -> Iterator[Iterable[Any]]:
    kind = getattr(answer, "type", None)  # rdflib
    if isinstance(answer, ox.QueryBoolean) or kind == "ASK":
        yield (ox.Literal(bool(answer)),)
    elif kind == "SELECT":
        for binding in answer.bindings:
            yield tuple(_engine(binding.get(variable)) for variable in answer.vars)
    elif kind in ("CONSTRUCT", "DESCRIBE"):
        for triple in answer.graph:
            yield tuple(_engine(term) for term in triple)
    else:
        for row in answer:
            yield (row.subject, row.predicate, row.object) if isinstance(row, ox.Triple) else tuple(row)


def _engine(term: Any) -> Any:
    """A term of rdflib as one of pyoxigraph."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or XSD + "string")))
    return term


def _n3(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        datatype = term.datatype.value
        if term.language:
            return str(ox.Literal(term.value, language=term.language.lower()))
        if datatype == XSD + "boolean":
            return str(ox.Literal(term.value in ("true", "1")))
        if datatype in _INTEGERS:
            return str(ox.Literal(int(term.value)))
        if datatype in _NUMBERS:
            number = format(Decimal(term.value).normalize(), "f")
            return str(ox.Literal(number, datatype=term.datatype))
    return str(term)
