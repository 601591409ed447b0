"""A store that is not ours, copied into memory whole: in pages, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import cast

import pyoxigraph as ox

from seismic_graph import rdf
from seismic_graph.errors import IncompleteAnswer
from seismic_graph.store import EmbeddedStore, Store, Term, select, text_of
from seismic_graph.validate.report import shown
from seismic_graph.vocabulary import graph_iri, short

COPY_GRAPH = graph_iri("copy")

Announce = Callable[[str], None]
_SIZES = "SELECT ?p (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } } GROUP BY ?p ORDER BY STR(?p)"
_SMALLEST = 100
_NAMELESS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }"


def extract(store: Store, *, announce: Announce = lambda text: None, size: int = 5000) -> EmbeddedStore:
    """All triples of a store, copied into memory: property by property, in pages that start after the last node seen.

    What has blank nodes is fetched in one answer, since their labels hold within one answer only.

    Args:
        store: any store.
        announce: told how much there is.
        size: rows a page. A page that the endpoint cuts is asked for again at half the size.

    Raises:
        IncompleteAnswer: fewer triples came than the store counts, or it cuts even pages of a hundred rows.
        StoreError: the store did not give a whole answer.
    """
    sizes = {text_of(row[0]): int(text_of(row[1])) for row in select(store, _SIZES)}
    announce(f"{store.name} holds {sum(sizes.values()):,} triples; they are copied into memory to be judged.")
    copy = EmbeddedStore()
    graph = ox.NamedNode(COPY_GRAPH)
    came: Counter[str] = Counter()
    nameless: Iterable[ox.Triple] = store.query(_NAMELESS)  # type: ignore[assignment]
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in nameless]
    came.update(quad.predicate.value for quad in quads)
    copy.inner.extend(quads)
    for prop, count in sizes.items():
        if came[prop] == count:
            continue
        predicate = ox.NamedNode(prop)
        quads = [ox.Quad(subject, predicate, value, graph) for subject, value in _pages(store, prop, size)]  # type: ignore[arg-type]
        came[prop] += len(quads)
        copy.inner.extend(quads)
    missing = [f"{short(prop)} ({came[prop]:,} of {count:,})" for prop, count in sizes.items() if came[prop] != count]
    if missing:
        raise IncompleteAnswer(
            f"{store.name} did not hand over all it counts: {', '.join(missing[:5])}. Nothing was judged. "
            "If it was written to meanwhile, check again."
        )
    return copy


def _pages(store: Store, prop: str, size: int) -> Iterator[tuple[Term, Term]]:
    """The subjects and values of a property, without blank nodes: subject after subject, none split between two pages."""
    after = ""
    while True:
        named = "isIRI(?s) && !isBlank(?o)" + (f" && STR(?s) > {rdf.literal(after)}" if after else "")
        rows, size = _page(store, f"SELECT DISTINCT ?s ?o WHERE {{ ?s <{prop}> ?o FILTER({named}) }} ORDER BY STR(?s)", size)
        if len(rows) < size:
            yield from ((row[0], row[1]) for row in rows)
            return
        last = rows[-1][0]
        whole = [row for row in rows if row[0] != last]
        yield from ((row[0], row[1]) for row in whole)
        if whole:
            after = text_of(whole[-1][0])
        else:
            yield from ((last, value) for value in _values(store, last, prop, size))
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
            raise IncompleteAnswer(f"{store.name} gives no more than {size:,} rows, and {short(prop)} of {shown(subject)} has more.")
        least = text_of(new[-1])
        told = {value for value in (row[0] for row in rows) if text_of(value) == least}


def _page(store: Store, text: str, size: int) -> tuple[list[list[Term]], int]:
    """The first rows of a query, and how many were asked for: half as many each time that the endpoint cuts them."""
    while True:
        try:
            rows = cast("list[list[Term]]", list(select(store, f"{text} LIMIT {size}")))
        except IncompleteAnswer:
            if size <= _SMALLEST:
                raise
            size //= 2
        else:
            return rows, size
