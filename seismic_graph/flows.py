"""Flows as values, out of any store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from seismic_graph.dates import OPEN_END, OPEN_START, day_number
from seismic_graph.rdf import iri
from seismic_graph.store import Store, Term, pages, select, select_all, text_of
from seismic_graph.vocabulary import PREFIXES, VOCABULARY

BASES = ("stated", "structural", "contextual")
"""The bases of a hop, the strongest first."""
DIRECTIONS = ("bottom-up", "top-down", "horizontal")
READINGS = ("static", "possible", "strict")
"""The readings of time, the weakest first: each one holds wherever a later one holds."""
BATCH = 100
"""About so many things one query asks: an answer of one row each stays below the row caps of endpoints."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One movement of knowledge, as the search sees it. Days are proleptic ordinals.

    Attributes:
        id: IRI of the flow.
        source, target: IRIs of the things at its ends, along the movement.
        kind, direction, basis: slugs of the vocabularies.
        earliest, latest: the days within which it can have happened; open bounds are `OPEN_START` and `OPEN_END`.
        standing: it holds over a period, and knowledge passes at once on any day of it.
        sure_from, sure_until: the days on which a standing flow holds for certain; crossed over where nothing is certain.
        sources: IRIs of the sources that state it, sorted.
        publishers: the publishers of those sources.
        contradicted: its stated date contradicts the own time of one of its ends; it stands, and its order is never certain.
        reversed: the sentence of its kind reads against the movement: the target is "adapted from" the source.
    """

    id: str
    source: str
    target: str
    kind: str
    direction: str
    basis: str
    earliest: int = OPEN_START
    latest: int = OPEN_END
    standing: bool = False
    sure_from: int = OPEN_END
    sure_until: int = OPEN_START
    sources: tuple[str, ...] = ()
    publishers: frozenset[str] = frozenset()
    reversed: bool = False
    contradicted: bool = False


_HEAD = "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in ("sg", "dcterms"))

_FLOWS = (
    _HEAD
    + """
SELECT ?flow ?from ?to ?kind ?direction ?basis ?earliest ?latest
  ?standing ?timeless ?surelyFrom ?surelyUntil ?reversed ?contradicted WHERE {
  ?flow a sg:KnowledgeFlow ; sg:from ?from ; sg:to ?to ; sg:flowKind ?kind ; sg:direction ?direction ; sg:basis ?basis .
  OPTIONAL { ?flow sg:earliest ?earliest }
  OPTIONAL { ?flow sg:latest ?latest }
  OPTIONAL { ?kind sg:standing ?standing }
  OPTIONAL { ?kind sg:timeless ?timeless }
  OPTIONAL { ?kind sg:reversed ?reversed }
  OPTIONAL { ?flow sg:contradicts ?contradicted }
  OPTIONAL { ?flow sg:surelyFrom ?surelyFrom }
  OPTIONAL { ?flow sg:surelyUntil ?surelyUntil }
  #filter
} ORDER BY STR(?flow)"""
)

_SOURCES = (
    _HEAD
    + """
SELECT ?flow (GROUP_CONCAT(DISTINCT STR(?source); SEPARATOR=" ") AS ?sources) WHERE {
  ?flow a sg:KnowledgeFlow ; dcterms:source ?source .
  #filter
} GROUP BY ?flow ORDER BY STR(?flow)"""
)

_PUBLISHERS = (
    _HEAD
    + """
SELECT ?source (SAMPLE(?name) AS ?publisher) WHERE {
  ?source a sg:Source ; sg:publisherName ?name .
  #filter
} GROUP BY ?source ORDER BY STR(?source)"""
)


def load(store: Store) -> list[Flow]:
    """Every flow of a store, in the order of their IRIs; the same from every engine.

    A remote store is read in pages by key, so that a row cap does not matter.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    return _made(select_all(store, _FLOWS, "flow"), select_all(store, _SOURCES, "flow"), publishers(store))


def touching(store: Store, thing: str, limit: int) -> list[Flow]:
    """The flows that have a thing at an end, in the order of their IRIs: at most so many, without a look at all others.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    ends = f"{{ ?flow sg:from {iri(thing)} }} UNION {{ ?flow sg:to {iri(thing)} }}"
    found = select(store, f"{_HEAD}\nSELECT DISTINCT ?flow WHERE {{ {ends} }} ORDER BY STR(?flow) LIMIT {limit}")
    return some(store, [text_of(row[0]) for row in found])


def some(store: Store, iris: Iterable[str]) -> list[Flow]:
    """Some flows, in the order of their IRIs; what is no flow is left out."""
    return sourced(store, _made(_about(store, _FLOWS, "flow", iris), (), {}))


def around(store: Store, things: Iterable[str], bases: Iterable[str], *, leaving: bool) -> list[Flow]:
    """The flows of some bases that leave some things, or enter them, without what is behind them; see `sourced`.

    They come in pages by key, so that a row cap does not matter.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    ends = f"VALUES {'?from' if leaving else '?to'} {{ {' '.join(iri(name) for name in things)} }}"
    query = _FLOWS.replace("  ?flow a sg:KnowledgeFlow ;", f"  {ends}\n  {of_bases(bases)}\n  ?flow a sg:KnowledgeFlow ;", 1)
    return _made(pages(store, query, "flow"), (), {})


def of_bases(bases: Iterable[str]) -> str:
    """The condition that ``?basis`` is one of some."""
    return f"FILTER(?basis IN ({', '.join(f'<{VOCABULARY}basis/{name}>' for name in sorted(bases))}))"


def sourced(store: Store, flows: Iterable[Flow]) -> list[Flow]:
    """Some flows with the sources and publishers behind them.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    bare = list(flows)
    cited: dict[str, tuple[str, ...]] = {}
    for row in _about(store, _SOURCES, "flow", (flow.id for flow in bare)):
        cited[text_of(row[0])] = tuple(sorted(text_of(row[1]).split()))
    every = sorted({name for names in cited.values() for name in names})
    publisher_of = {text_of(row[0]): text_of(row[1]) for row in _about(store, _PUBLISHERS, "source", every)}
    return [
        replace(flow, sources=(names := cited.get(flow.id, ())), publishers=frozenset(publisher_of.get(name, name) for name in names))
        for flow in bare
    ]


def _about(store: Store, query: str, key: str, iris: Iterable[str]) -> Iterator[list[Term | None]]:
    """The rows of a query about some things, asked for in batches."""
    wanted = list(iris)
    for start in range(0, len(wanted), BATCH):
        values = " ".join(iri(name) for name in wanted[start : start + BATCH])
        yield from select(store, query.replace(f"  ?{key} a ", f"  VALUES ?{key} {{ {values} }}\n  ?{key} a ", 1))


def _made(rows: Iterable[list[Term | None]], cited: Iterable[list[Term | None]], publisher_of: Mapping[str, str]) -> list[Flow]:
    sources = {text_of(row[0]): tuple(sorted(text_of(row[1]).split())) for row in cited}
    flows = {}
    for row in rows:
        flow, source, target, kind, direction, basis, earliest, latest, *rest = map(text_of, row)
        standing, timeless, sure_from, sure_until, against, clash = rest
        always, stands = timeless == "true", standing == "true"
        first, last = day_number(earliest, OPEN_START), day_number(latest, OPEN_END)
        named = sources.get(flow, ())
        flows[flow] = Flow(
            flow,
            source,
            target,
            slug(kind),
            slug(direction),
            slug(basis),
            first,
            last,
            stands,
            OPEN_START if always else max(first, day_number(sure_from, OPEN_END)),
            OPEN_END if always else min(last, day_number(sure_until, OPEN_START)),
            named,
            frozenset(publisher_of.get(name, name) for name in named),
            against == "true",
            bool(clash),
        )
    return [flows[iri] for iri in sorted(flows)]


def publishers(store: Store) -> dict[str, str]:
    """Source IRI -> the name of its publisher."""
    return {text_of(row[0]): text_of(row[1]) for row in select_all(store, _PUBLISHERS, "source")}


def slug(concept: str) -> str:
    """The slug of a concept of our vocabularies; any other IRI as it is."""
    return concept.removeprefix(VOCABULARY).partition("/")[2] or concept
