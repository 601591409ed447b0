"""A store that is not ours, copied into memory whole: in pages, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pyoxigraph as ox

from seismic_graph.errors import IncompleteAnswer
from seismic_graph.remote import pages
from seismic_graph.store import EmbeddedStore, Store, select, text_of
from seismic_graph.vocabulary import graph_iri, short

COPY_GRAPH = graph_iri("copy")

Announce = Callable[[str], None]
_SIZES = "SELECT ?p (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } } GROUP BY ?p ORDER BY STR(?p)"
_NAMELESS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }"


def extract(store: Store, *, announce: Announce = lambda text: None, size: int = pages.FIRST) -> EmbeddedStore:
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
        quads = [ox.Quad(subject, predicate, value, graph) for subject, value in pages.named(store, pages.Property(prop), size)]  # type: ignore[arg-type]
        came[prop] += len(quads)
        copy.inner.extend(quads)
    missing = [f"{short(prop)} ({came[prop]:,} of {count:,})" for prop, count in sizes.items() if came[prop] != count]
    if missing:
        raise IncompleteAnswer(
            f"{store.name} did not hand over all it counts: {', '.join(missing[:5])}. Nothing was judged. "
            "If it was written to meanwhile, check again."
        )
    return copy
