"""A graph that is spread over several endpoints, asked as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seismic_graph.errors import QueryError, TooMuch, UsageError
from seismic_graph.remote import copied, patterns
from seismic_graph.remote.copied import Announce, Copied
from seismic_graph.remote.endpoint import RemoteStore
from seismic_graph.remote.pages import Property
from seismic_graph.store import Answer, EmbeddedStore, refuse_service, select, text_of

MOST = 2_000_000
"""So many triples are copied at most for a query that may need all of them."""


class Several:
    """Several endpoints as one store: the merge of what they hold, whatever is in which (RDF 1.1 Semantics, section 4.1).

    No endpoint can answer alone what is spread over all. So the triples of the properties that a query speaks of are copied from each of
    them (see `seismic_graph.remote.copied`), joined in memory, and the query is answered there.

    Args:
        stores: the endpoints.
        home: where copies are kept.
        fresh: read anew, whatever is kept.
        announce: told what is read, and why.

    Raises:
        UsageError: one of them is named twice.
    """

    def __init__(self, stores: Sequence[RemoteStore], home: Path, *, fresh: bool = False, announce: Announce = lambda text: None) -> None:
        if len({store.key for store in stores}) < len(stores):
            raise UsageError(f"One endpoint is named twice: {', '.join(store.name for store in stores)}.")
        self.stores = tuple(stores)
        self.copies = tuple(Copied(store, home, fresh=fresh, announce=announce) for store in stores)
        self._inner = EmbeddedStore()
        self._there: set[Property] = set()

    @property
    def name(self) -> str:
        """The addresses, without credentials."""
        return " + ".join(store.name for store in self.stores)

    @property
    def identity(self) -> str:
        """The addresses of all of them."""
        return " + ".join(store.identity for store in self.stores)

    def query(self, text: str) -> Answer:
        """The whole answer to a query over all endpoints.

        Raises:
            QueryError: the query cannot be read, reaches out, or tells the graphs of the endpoints apart.
            TooMuch: it may need all triples, and these are too many to copy.
            StoreError: one of the endpoints, which is named, did not give a whole answer.
        """
        refuse_service(text)
        if told := patterns.words(text) & {"GRAPH", "FROM"}:
            raise QueryError(
                f"{' and '.join(sorted(told))} cannot be asked of several endpoints, whose triples are read as one graph. "
                "Leave it out, or ask one of them."
            )
        EmbeddedStore().query(text)  # raises where it cannot be read, before anything is copied
        wanted = patterns.needed(text)
        if wanted is None:
            wanted = self._every()
        missing = wanted - self._there
        copied.joined(self.copies, sorted(missing), self._inner)
        self._there |= missing
        return self._inner.query(text)

    def _every(self) -> frozenset[Property]:
        """All properties of all endpoints."""
        sizes = [
            (text_of(row[0]), int(text_of(row[1])))
            for store in self.stores
            for row in select(store, "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p")
        ]
        if (count := sum(size for _, size in sizes)) > MOST:
            raise TooMuch(
                f"This query may need all triples of all endpoints, which are {count:,}; {MOST:,} are copied at most. "
                "Write its properties out (no variable as a property, no path with * or ?), or ask one endpoint."
            )
        return frozenset(Property(prop) for prop, _ in sizes)
