"""What the workers do for the protocols: functions of the graph that write an answer and say what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

import pyoxigraph as ox

from seismic_graph.catalogue import LICENCE
from seismic_graph.errors import QueryError
from seismic_graph.graph import Graph
from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.results import Cut, stream
from seismic_graph.store import Dataset, Term, is_update
from seismic_graph.vocabulary import DCTERMS, RDF, VOID
from seismic_graph.web.hooks import Shown

_SD = "http://www.w3.org/ns/sparql-service-description#"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a query was answered with.

    Attributes:
        kind: ``rows``, ``boolean`` or ``graph``; ``update`` where the text is no query, and is not answered.
        written: whether there was a form for that kind.
        cut: how much there is, and whether there was more.
    """

    kind: str
    written: bool
    cut: Cut = field(default_factory=lambda: Cut(0, False))


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its dataset, as the protocol gives it, and what relative IRIs in it are resolved against."""

    text: str
    dataset: Dataset | None
    base: str


def answer(graph: Graph, out: IO[bytes], question: Question, rows: str | None, triples: str | None, limit: int) -> Answered:
    """Write the answer to a query, in the form ``rows`` for SELECT and ASK and ``triples`` for CONSTRUCT and DESCRIBE.

    Raises:
        QueryError: the query cannot be parsed or evaluated.
        UsageError: the form cannot carry a value.
    """
    try:
        found = graph.embedded.query(question.text, question.dataset, question.base)
    except QueryError:
        if is_update(question.text):
            return Answered("update", written=False)
        raise
    kind = _kind(found)
    form = triples if kind == "graph" else rows
    if form is None:
        return Answered(kind, written=False)
    return Answered(kind, True, stream(found, out, form, limit=limit))


def shown(graph: Graph, question: Question, limit: int) -> Shown:
    """The answer to a query as a page shows it.

    Raises:
        QueryError: the query cannot be parsed or evaluated.
    """
    found = graph.embedded.query(question.text, question.dataset, question.base)
    if isinstance(found, ox.QueryBoolean):
        return Shown("boolean", ("answer",), [("true" if found else "false",)], False)
    variables = [v.value for v in found.variables] if isinstance(found, ox.QuerySolutions) else ["subject", "predicate", "object"]
    try:
        rows = [tuple(_n3(term) for term in row) for row in islice(found, limit + 1)]
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"The query cannot be answered: {error}") from error
    return Shown(_kind(found), tuple(variables), rows[:limit], len(rows) > limit)


def _kind(found: object) -> str:
    return "rows" if isinstance(found, ox.QuerySolutions) else "boolean" if isinstance(found, ox.QueryBoolean) else "graph"


def _n3(term: Term | None) -> str:
    return "" if term is None else str(term)


def dump(graph: Graph, out: IO[bytes], name: str | None, form: str) -> bool:
    """Write a named graph whole, or the union of all; False where there is no such graph."""
    store = graph.embedded
    if name is not None and name not in store.graphs():
        return False
    triples: Iterator[ox.Triple] | set[ox.Triple] = (quad.triple for quad in store.triples(name))
    if name is None:
        triples = set(triples)  # a triple of several graphs is one triple of their union
    stream(triples, out, form)
    return True


def describe_service(graph: Graph, out: IO[bytes], endpoint: str, form: str) -> None:
    """Write the description of the service (SPARQL 1.1 Service Description)."""
    stream(_service(endpoint, graph.embedded.graphs()), out, form)


def _service(endpoint: str, graphs: list[str]) -> Iterator[ox.Triple]:
    service, dataset, default = ox.NamedNode(endpoint), ox.BlankNode("dataset"), ox.BlankNode("default")

    def say(subject: ox.NamedNode | ox.BlankNode, predicate: str, *objects: str | ox.BlankNode) -> Iterator[ox.Triple]:
        nodes = (ox.NamedNode(value) if isinstance(value, str) else value for value in objects)
        return (ox.Triple(subject, ox.NamedNode(predicate), node) for node in nodes)

    yield from say(service, RDF + "type", _SD + "Service")
    yield from say(service, _SD + "endpoint", endpoint)
    yield from say(service, _SD + "supportedLanguage", _SD + "SPARQL11Query")
    yield from say(service, _SD + "feature", _SD + "UnionDefaultGraph")
    yield from say(service, _SD + "resultFormat", *(form.iri for form in RESULT_FORMATS.values()))
    yield from say(service, _SD + "resultFormat", *(form.iri for form in RDF_FORMATS.values()))
    yield from say(service, _SD + "defaultDataset", dataset)
    yield from say(dataset, RDF + "type", _SD + "Dataset", VOID + "Dataset")
    yield from say(dataset, DCTERMS + "license", LICENCE)
    yield from say(dataset, _SD + "defaultGraph", default)
    yield from say(default, RDF + "type", _SD + "Graph")
    for number, name in enumerate(graphs, 1):
        named = ox.BlankNode(f"graph{number}")
        yield from say(dataset, _SD + "namedGraph", named)
        yield from say(named, RDF + "type", _SD + "NamedGraph")
        yield from say(named, _SD + "name", name)
