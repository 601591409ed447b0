"""The triples of one property of a store that is not ours: in one answer where it gives one, else in pages by key.

A page is put together by sorting, so that the largest ones that the store gives are the best. None relies on the order staying the same
between two answers: the next one begins after the last name seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

from seismic_graph import rdf
from seismic_graph.errors import IncompleteAnswer
from seismic_graph.store import Store, Term, select, text_of
from seismic_graph.vocabulary import short

WHOLE = 200_000
"""So many rows are asked for in one answer: some two hundred megabytes while they are read."""
FIRST = 10_000
"""So many rows has a page: Virtuoso sorts no more for one answer (SR353)."""
_SMALLEST = 100


@dataclass(frozen=True, slots=True, order=True)
class Property:
    """What is fetched together: the triples of a property, or those of a property and one value.

    Attributes:
        iri: the IRI of the property; value: that of the value, empty for all values.
    """

    iri: str
    value: str = ""

    @property
    def pattern(self) -> str:
        """The triple pattern of it."""
        return f"?s {rdf.iri(self.iri)} {rdf.iri(self.value) if self.value else '?o'}"

    @property
    def names(self) -> str:
        """The variables of the pattern."""
        return "?s" if self.value else "?s ?o"

    @property
    def nameless(self) -> str:
        """The condition that a blank node is in it."""
        return "isBlank(?s)" if self.value else "isBlank(?s) || isBlank(?o)"

    def pair(self, row: Sequence[Term | None]) -> tuple[Term, Term]:
        """Subject and value of a row."""
        return cast("Term", row[0]), ox.NamedNode(self.value) if self.value else cast("Term", row[1])


def triples(store: Store, wanted: Property) -> Iterator[tuple[Term, Term]]:
    """Subject and value of each triple, once. Nodes without a name come too; what they are called holds for one answer only.

    Raises:
        IncompleteAnswer: the store gives even fewer than a hundred rows, or than one name has.
        StoreError: the store did not give a whole answer.
    """
    head = f"SELECT DISTINCT {wanted.names} WHERE {{ {wanted.pattern}"
    most = getattr(store, "most_rows", None)
    if _count(store, wanted) <= (most or WHOLE):
        try:
            rows = list(select(store, f"{head} }}"))
        except IncompleteAnswer:
            pass
        else:
            yield from map(wanted.pair, rows)
            return
    yield from map(wanted.pair, select(store, f"{head} FILTER({wanted.nameless}) }}"))
    yield from named(store, wanted, min(FIRST, getattr(store, "most_rows", None) or FIRST))


def _count(store: Store, wanted: Property) -> int:
    return next(int(text_of(row[0])) for row in select(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ {wanted.pattern} }}"))


def named(store: Store, wanted: Property, size: int) -> Iterator[tuple[Term, Term]]:
    """Subject and value of each triple without blank nodes: subject after subject, none split between two pages.

    Args:
        store: any store.
        wanted: the property.
        size: rows a page. A page that the store cuts is asked for again at half the size.

    Raises:
        IncompleteAnswer: as for `triples`.
    """
    after = ""
    while True:
        only = f"!({wanted.nameless})" + (f" && STR(?s) > {rdf.literal(after)}" if after else "")
        query = f"SELECT DISTINCT {wanted.names} WHERE {{ {wanted.pattern} FILTER({only}) }} ORDER BY STR(?s)"
        rows, size = _page(store, query, size)
        if len(rows) < size:
            yield from map(wanted.pair, rows)
            return
        last = rows[-1][0]
        whole = [row for row in rows if row[0] != last]
        yield from map(wanted.pair, whole)
        if whole:
            after = text_of(whole[-1][0])
        else:
            yield from ((last, value) for value in _values(store, last, wanted.iri, size))
            after = text_of(last)


def _values(store: Store, subject: Term, prop: str, size: int) -> Iterator[Term]:
    """The values of one property of one node that has more than a page of them, in the order of their texts.

    Raises:
        IncompleteAnswer: more than a page of them have one text.
    """
    told: set[Term] = set()
    least = ""
    while True:
        condition = f"!isBlank(?o) && STR(?o) >= {rdf.literal(least)}"
        text = f"SELECT DISTINCT ?o WHERE {{ {subject} <{prop}> ?o FILTER({condition}) }} ORDER BY STR(?o)"
        rows, size = _page(store, text, size)
        new = [row[0] for row in rows if row[0] not in told]
        yield from new
        if len(rows) < size:
            return
        if not new:
            raise IncompleteAnswer(f"{store.name} gives no more than {size:,} rows, and {short(prop)} of {subject} has more.")
        least = text_of(new[-1])
        told = {value for value in (row[0] for row in rows) if text_of(value) == least}


def _page(store: Store, text: str, size: int) -> tuple[list[list[Term]], int]:
    """The first rows of a query, and how many were asked for: half as many each time that the store cuts them."""
    while True:
        try:
            rows = cast("list[list[Term]]", list(select(store, f"{text} LIMIT {size}")))
        except IncompleteAnswer:
            if size <= _SMALLEST:
                raise
            size = min(size // 2, getattr(store, "most_rows", None) or size)
        else:
            return rows, size
