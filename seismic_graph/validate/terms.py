"""Terms between pyoxigraph and rdflib, which pySHACL speaks: the only place where the two meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox

from seismic_graph.errors import DataError, Problem
from seismic_graph.store import Term
from seismic_graph.vocabulary import XSD


def wrong(file: Path | str, message: str, remedy: str) -> DataError:
    """The error for one thing that is wrong with a file."""
    return DataError([Problem(str(file), None, None, None, message, remedy)])


NO_TRIPLE_TERMS = "Write the statement as a node of its own."


def to_rdflib(term: Term) -> Any:
    """A term as rdflib's, with the lexical form that it has."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise wrong("The graph", f"holds a triple term of RDF 1.2: {term}.", NO_TRIPLE_TERMS)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def from_rdflib(term: Any) -> Term:
    """A term of rdflib's as ours."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))


class Uncovered(Exception):
    """A constraint that is not compiled to SPARQL, with the reason; pySHACL judges it. It never leaves this package."""


def in_sparql(term: Any) -> str:
    """A term of rdflib's as SPARQL and N-Triples write it.

    Raises:
        Uncovered: it is a blank node, which a query cannot name.
    """
    import rdflib

    if isinstance(term, rdflib.BNode):
        raise Uncovered("it names a blank node")
    return str(from_rdflib(term))
