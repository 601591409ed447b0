"""What answers a SPARQL query: the `Store` protocol and the embedded store on disk.

Answers are pyoxigraph's own, whatever the store: ``QuerySolutions`` for SELECT, ``QueryBoolean`` for
ASK, an iterable of ``Triple`` for CONSTRUCT and DESCRIBE. The default graph is the union of all graphs.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from seismic_graph.errors import IncompleteAnswer, QueryError, StoreError
from seismic_graph.store.texts import changes, is_update, lexical, names_dataset, query_error, query_form, refuse_service

__all__ = [
    "Answer",
    "Dataset",
    "EmbeddedStore",
    "Store",
    "Term",
    "changes",
    "is_update",
    "lexical",
    "pages",
    "query_error",
    "query_form",
    "refuse_service",
    "select",
    "select_all",
    "text_of",
]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Answer: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]


class Store(Protocol):
    """Anything that answers SPARQL 1.1 queries over the union of its graphs."""

    @property
    def name(self) -> str:
        """What people call it: a folder or an address."""
        ...

    @property
    def identity(self) -> str:
        """What its content is known by: the snapshot id, or the address where no id is known."""
        ...

    def query(self, text: str) -> Answer:
        """The whole answer to a query.

        Raises:
            QueryError: the query cannot be parsed or evaluated.
            StoreError: the store did not give a whole answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is about (SPARQL 1.1 Protocol, section 2.1.4).

    Attributes:
        default: the IRIs of the graphs that make up the default graph.
        named: the IRIs of the named graphs.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class EmbeddedStore:
    """A pyoxigraph store on disk (read-only unless told otherwise) or in memory.

    Args:
        path: the folder of the store; None keeps it in memory.
        writable: open for writing. One writer a folder; readers of a snapshot open read-only.
        identity: the snapshot id.

    Raises:
        StoreError: the folder holds no store that can be opened.
    """

    def __init__(self, path: Path | None = None, *, writable: bool = False, identity: str = "") -> None:
        self.path = path
        self.identity = identity or (str(path) if path else "memory")
        try:
            if path is None:
                self.inner = ox.Store()
            elif writable:
                self.inner = ox.Store(str(path))
            else:
                self.inner = ox.Store.read_only(str(path))
        except (OSError, ValueError) as error:
            raise StoreError(f"The store in {path} cannot be opened: {error}. Build it again with: seismic build") from error

    @property
    def name(self) -> str:
        """The folder, or "memory"."""
        return str(self.path) if self.path else "memory"

    def query(self, text: str, dataset: Dataset | None = None, base: str | None = None) -> Answer:
        """The whole answer; ``SERVICE`` is refused, since the engine would call other hosts.

        Args:
            text: the query.
            dataset: the graphs it is about, whatever FROM says in it; None where the query says it, or means the union of all.
            base: what relative IRIs are resolved against.

        Raises:
            QueryError: the query cannot be parsed or evaluated, or asks for another host.
        """
        refuse_service(text)
        try:
            answer: Answer
            if dataset is None:
                answer = self.inner.query(text, base_iri=base, use_default_graph_as_union=not names_dataset(text))
            else:
                answer = self.inner.query(
                    text,
                    base_iri=base,
                    default_graph=[ox.NamedNode(graph) for graph in dataset.default],
                    named_graphs=[ox.NamedNode(graph) for graph in dataset.named],
                )
        except (SyntaxError, ValueError) as error:
            raise query_error(error, text) from None
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The store {self.name} could not answer: {error}") from error
        return answer

    def load(self, lines: bytes | Iterable[str], graph: str, *, trusted: bool = False) -> None:
        """Add N-Triples lines to a named graph in one go (bulk load: nothing or all of it).

        Args:
            lines: one triple each.
            graph: the IRI of the graph.
            trusted: an engine wrote them, or has read them: IRIs and language tags are not looked at again, which is a sixth of the work.
        """
        text = lines if isinstance(lines, bytes) else "".join(lines).encode()
        self.inner.bulk_load(input=text, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph), lenient=trusted)

    def load_file(self, file: Path, graph: str, *, trusted: bool = False) -> None:
        """Add a file of N-Triples to a named graph in one go; see `load`."""
        self.inner.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph), lenient=trusted)

    def add(self, triples: Iterable[ox.Triple], graph: str) -> int:
        """Add triples to a named graph; how many there were, doubles counted."""
        name = ox.NamedNode(graph)
        quads = [ox.Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples]
        self.inner.extend(quads)
        return len(quads)

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self.inner.named_graphs() if isinstance(graph, ox.NamedNode))

    def triples(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """The quads of one named graph, or of all."""
        return self.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph) if graph else None)

    def scan(self, predicate: str) -> Iterator[tuple[bytes, bytes]]:
        """Subject and object of each triple of a predicate, in N-Triples but for numbers and truth values, which stand bare.

        The engine writes them as one text (SPARQL 1.1 Query Results CSV and TSV Formats, section 4), several times as fast as rows.
        """
        answer = self.inner.query(f"SELECT ?s ?o WHERE {{ ?s <{predicate}> ?o }}", use_default_graph_as_union=True)
        text: bytes = answer.serialize(format=ox.QueryResultsFormat.TSV)  # type: ignore[arg-type, assignment]
        for line in text.split(b"\n")[1:-1]:
            subject, _, value = line.partition(b"\t")
            yield subject, value

    def count(self, graph: str) -> int:
        """How many triples a named graph has."""
        rows = self.inner.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
        return int(next(iter(rows))[0].value)  # type: ignore[arg-type]

    def dump(self, graph: str) -> bytes:
        """One named graph as N-Triples, in the order of the store."""
        buffer = io.BytesIO()
        self.inner.dump(buffer, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
        return buffer.getvalue()

    def clear(self, graph: str) -> None:
        """Remove a named graph, if it is there."""
        self.inner.remove_graph(ox.NamedNode(graph))

    def flush(self) -> None:
        """Put everything on disk."""
        self.inner.flush()

    def close(self) -> None:
        """Let go of the folder; nothing can be asked any more."""
        del self.inner


def text_of(term: Term | None) -> str:
    """The value of a term as plain text; empty for an unbound variable."""
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.Triple) else term.value


def select(store: Store, text: str) -> Iterator[list[Term | None]]:
    """The rows of a SELECT query.

    Raises:
        QueryError: the query cannot be read, or is no SELECT.
        StoreError: the store did not give a whole answer.
    """
    answer = store.query(text)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryError("A SELECT query is needed here.")
    return ([*row] for row in answer)


def select_all(store: Store, query: str, key: str) -> Iterator[list[Term | None]]:
    """The rows of a query with one row a key: in one go from an embedded store, in pages from any other; see `pages`."""
    return select(store, query) if isinstance(store, EmbeddedStore) else pages(store, query, key)


def pages(store: Store, query: str, key: str, size: int = 5000) -> Iterator[list[Term | None]]:
    """The rows of a query with one row a key, fetched in pages that start after the last key seen.

    The query holds ``#filter`` where the condition belongs and orders by ``STR(?key)``. A page that the endpoint cuts is asked for
    again at half the size.

    Raises:
        IncompleteAnswer: the endpoint cuts even pages of a hundred rows.
    """
    after = ""
    while True:
        try:
            condition = f'FILTER(STR(?{key}) > "{after}")' if after else ""
            rows = list(select(store, f"{query.replace('#filter', condition)} LIMIT {size}"))
        except IncompleteAnswer:
            if size <= 100:
                raise
            size //= 2
            continue
        yield from rows
        if len(rows) < size:
            return
        after = text_of(rows[-1][0])
