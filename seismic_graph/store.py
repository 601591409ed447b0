"""What answers a SPARQL query: the `Store` protocol and the embedded store on disk.

Answers are pyoxigraph's own, whatever the store: ``QuerySolutions`` for SELECT, ``QueryBoolean`` for
ASK, an iterable of ``Triple`` for CONSTRUCT and DESCRIBE. The default graph is the union of all graphs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from seismic_graph.errors import IncompleteAnswer, QueryError, StoreError

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


_LINE_COLUMN = re.compile(r"at (\d+):(\d+)")


def query_error(error: Exception, text: str) -> QueryError:
    """A parser's message with the line of the query that it means."""
    message = str(error)
    if match := _LINE_COLUMN.search(message):
        line, column = int(match[1]), int(match[2])
        lines = text.splitlines()
        shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return QueryError(f"The query cannot be read at line {line}, column {column}: {message}\n    {shown}")
    return QueryError(f"The query cannot be answered: {message}")


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

    def query(self, text: str) -> Answer:
        """The whole answer; ``SERVICE`` is refused, since the engine would call other hosts.

        Raises:
            QueryError: the query cannot be parsed or evaluated, or asks for another host.
        """
        refuse_service(text)
        try:
            answer: Answer = self.inner.query(text, use_default_graph_as_union=True)
        except (SyntaxError, ValueError) as error:
            raise query_error(error, text) from None
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The store {self.name} could not answer: {error}") from error
        return answer

    def load(self, lines: Iterable[str], graph: str) -> None:
        """Add N-Triples lines to a named graph in one go (bulk load: nothing or all of it)."""
        text = "".join(lines).encode()
        self.inner.bulk_load(input=text, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))

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

    def dump(self, graph: str) -> bytes:
        """One named graph as N-Triples, in the order of the store."""
        buffer = io.BytesIO()
        self.inner.dump(buffer, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
        return buffer.getvalue()

    def flush(self) -> None:
        """Put everything on disk."""
        self.inner.flush()


_STRIP = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>|\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*""", re.DOTALL)


def refuse_service(text: str) -> None:
    """Raise a `QueryError` where a query or update would reach other hosts or files.

    The words are looked for outside IRIs, strings and comments (SPARQL 1.1 Federated Query, section 2; Update, section 3.1.4).
    """
    bare = _STRIP.sub(" ", text)
    if re.search(r"(?<![\w:?$])(service|load)(?![\w:])", bare, re.IGNORECASE):
        raise QueryError("SERVICE and LOAD are refused: a query may not reach other hosts or files. Bring the data in first.")


def text_of(term: Term | None) -> str:
    """The value of a term as plain text; empty for an unbound variable."""
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.Triple) else term.value


def pages(ask: Callable[[str], object], query: str, key: str, size: int = 5000) -> Iterator[list[Term | None]]:
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
            rows = [list(row) for row in ask(f"{query.replace('#filter', condition)} LIMIT {size}")]  # type: ignore[attr-defined]
        except IncompleteAnswer:
            if size <= 100:
                raise
            size //= 2
            continue
        yield from rows
        if len(rows) < size:
            return
        after = text_of(rows[-1][0])
