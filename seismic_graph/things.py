"""Things as values: what insight and pictures need to know of everything at an end of a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seismic_graph import rdf
from seismic_graph.dates import OPEN_END, OPEN_START, day_number
from seismic_graph.store import EmbeddedStore, Store, lexical, select, select_all, text_of
from seismic_graph.vocabulary import DCTERMS, GEO, ID, ORG, SG, SKOS, VOCABULARY, short


@dataclass(frozen=True, slots=True)
class Thing:
    """One entity.

    Attributes:
        id: its IRI; type: the segment of its IRI (``network``, ``agenda-item``); label: its English name.
        kind: slug of its kind (``municipality``, ``workshop``, ``need``), or empty.
        countries: ISO 3166-1 alpha-2 codes; themes, cities, networks: IRIs.
        levels: slugs of its levels.
        earliest, latest: day numbers of its stated period, open where nothing is stated.
        latitude, longitude: degrees (WGS84), None where not recorded.
        sources: IRIs of the sources of its row.
    """

    id: str
    type: str
    label: str
    kind: str = ""
    countries: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    earliest: int = OPEN_START
    latest: int = OPEN_END
    latitude: float | None = None
    longitude: float | None = None
    sources: tuple[str, ...] = ()


_PROPERTIES: dict[str, tuple[str, ...]] = {
    "kind": (DCTERMS + "type", ORG + "classification"),
    "countries": (SG.country,),
    "themes": (SG.theme, SG.topic),
    "cities": (SG.city,),
    "networks": (SG.network, SG.shownBy),
    "levels": (SG.level,),
    "earliest": (SG.earliest,),
    "latest": (SG.latest,),
    "latitude": (GEO + "lat",),
    "longitude": (GEO + "long",),
    "sources": (DCTERMS + "source",),
}
"""Field -> the properties that fill it."""

PROPERTIES = (SKOS + "prefLabel", *(predicate for predicates in _PROPERTIES.values() for predicate in predicates))
"""All that `load` reads."""

_SKIPPED = {"flow", "funding", "participation", "source", "path", "claim"}


def load(store: Store) -> dict[str, Thing]:
    """Every entity that can be at an end of a flow, by IRI.

    A country of a city, and the city and country of an organisation, are its own; nothing is inherited over flows.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    if isinstance(store, EmbeddedStore):
        return _scanned(store)
    labels = {iri: text for iri, text in _labels(store) if _type(iri) and _type(iri) not in _SKIPPED}
    fields: dict[str, dict[str, list[str]]] = {}
    for name, predicates in _PROPERTIES.items():
        for predicate in predicates:
            for iri, values in _values(store, predicate):
                if iri in labels:
                    fields.setdefault(iri, {}).setdefault(name, []).extend(values)
    return {iri: _thing(iri, label, fields.get(iri, {})) for iri, label in sorted(labels.items())}


def _scanned(store: EmbeddedStore) -> dict[str, Thing]:
    """The same, property by property, each a scan: what a thing does not have costs nothing, and nothing is sorted by the engine."""
    fields: dict[bytes, dict[str, list[str]]] = {}
    for subject, value in store.scan(SKOS + "prefLabel"):
        if value.endswith(b'"@en') and (of := _type(subject[1:-1].decode())) and of not in _SKIPPED:
            fields.setdefault(subject, {}).setdefault("label", []).append(lexical(value))
    known: dict[bytes, str] = {}  # each text once, however many things have it
    for name, predicates in _PROPERTIES.items():
        for predicate in predicates:
            for subject, value in store.scan(predicate):
                if (mine := fields.get(subject)) is not None:
                    if value not in known:
                        known[value] = lexical(value)
                    mine.setdefault(name, []).append(known[value])
    return {iri: _thing(iri, min(found["label"]), found) for iri, found in sorted((lexical(name), of) for name, of in fields.items())}


def some(store: Store, iris: Iterable[str]) -> dict[str, Thing]:
    """Some things by IRI, as `load` gives them, without a look at all others; what has no English label is left out."""
    wanted = [iri for iri in dict.fromkeys(iris) if _type(iri) and _type(iri) not in _SKIPPED]
    labels: dict[str, str] = {}
    fields: dict[str, dict[str, list[str]]] = {}
    names = {predicate: name for name, predicates in _PROPERTIES.items() for predicate in predicates}
    asked = " ".join(f"<{predicate}>" for predicate in (SKOS + "prefLabel", *names))
    for start in range(0, len(wanted), _BATCH):
        values = " ".join(rdf.iri(iri) for iri in wanted[start : start + _BATCH])
        rows = select(store, f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} VALUES ?p {{ {asked} }} ?s ?p ?o }}")
        for subject, predicate, value in rows:
            iri, property_ = text_of(subject), text_of(predicate)
            if property_ == SKOS + "prefLabel":
                if getattr(value, "language", None) == "en":
                    labels[iri] = text_of(value)
            else:
                fields.setdefault(iri, {}).setdefault(names[property_], []).append(text_of(value))
    return {iri: _thing(iri, label, fields.get(iri, {})) for iri, label in sorted(labels.items())}


_BATCH = 200


def _thing(iri: str, label: str, found: Mapping[str, list[str]]) -> Thing:
    def several(name: str) -> tuple[str, ...]:
        return tuple(sorted(set(found.get(name, ()))))

    def slugs(name: str) -> tuple[str, ...]:
        return tuple(value.rpartition("/")[2] for value in several(name) if value.startswith(VOCABULARY))

    def number(name: str) -> float | None:
        return float(found[name][0]) if name in found else None

    return Thing(
        iri,
        _type(iri),
        label,
        (slugs("kind") or ("",))[0],
        slugs("countries"),
        several("themes"),
        several("cities"),
        several("networks"),
        slugs("levels"),
        day_number(min(found.get("earliest", [""])), OPEN_START),
        day_number(max(found.get("latest", [""])), OPEN_END),
        number("latitude"),
        number("longitude"),
        several("sources"),
    )


def _type(iri: str) -> str:
    return short(iri).partition("/")[0] if iri.startswith(ID) else ""


def _labels(store: Store) -> Iterable[tuple[str, str]]:
    query = (
        f"SELECT ?s (SAMPLE(?label) AS ?name) WHERE {{ ?s <{SKOS}prefLabel> ?label . "
        f'FILTER(LANG(?label) = "en") FILTER(STRSTARTS(STR(?s), "{ID}")) #filter\n}} GROUP BY ?s ORDER BY STR(?s)'
    )
    return ((text_of(row[0]), text_of(row[1])) for row in select_all(store, query, "s"))


def _values(store: Store, predicate: str) -> Iterable[tuple[str, list[str]]]:
    query = (
        'SELECT ?s (GROUP_CONCAT(DISTINCT STR(?o); SEPARATOR=" ") AS ?values) '
        f"WHERE {{ ?s <{predicate}> ?o #filter\n}} GROUP BY ?s ORDER BY STR(?s)"
    )
    return ((text_of(row[0]), text_of(row[1]).split()) for row in select_all(store, query, "s"))
