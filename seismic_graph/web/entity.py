"""The page of one thing: what is recorded of it, what moved to it and from it, who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from seismic_graph import export, flows, names, rdf, things, trace
from seismic_graph.dates import day_text
from seismic_graph.errors import UnknownName
from seismic_graph.flows import Flow
from seismic_graph.picture import Look, map_picture, network_diagram, timeline
from seismic_graph.picture import evidence as picture_evidence
from seismic_graph.store import Term, select, text_of
from seismic_graph.vocabulary import BASE, DCTERMS, GEO, ID, ORG, PREFIXES, PROV, RDF, SCHEMA, SG, SKOS, VOCABULARY, short
from seismic_graph.web import evidence
from seismic_graph.web.view import Context, Form, View, json_form, network_forms, rdf_forms

FLOWS = 200
"""How many flows a page shows."""
DRAWN = 60
"""Up to how many flows the picture of the neighbours stands in the page itself; larger ones, time and map are loaded when they are seen."""
OTHERS = 60
"""How many other things one relation shows."""
SOURCES = 100
"""How many sources a page lists."""
_FACTS = 3000
WIDE, NARROW = 720, 340
"""The widths in pixels for which pictures are drawn, for wide and for narrow screens."""

NAMES = (SKOS + "prefLabel", SKOS + "altLabel", SG.acronym, DCTERMS + "title")
_TEXTS = (SKOS + "definition", DCTERMS + "description", DCTERMS + "abstract", SKOS + "note", SKOS + "scopeNote", SKOS + "example")
_DAYS = tuple(
    getattr(SG, name)
    for name in (
        *("earliest", "latest", "surelyFrom", "surelyUntil", "takesFrom", "takesUntil", "givesFrom", "givesUntil"),
        *("earliestBy", "latestBy"),
    )
)
_HIDDEN = {
    *NAMES,
    *_TEXTS,
    *_DAYS,
    *(RDF + "type", DCTERMS + "source", SG.flowsTo, SG.flowsFrom, SG.ownTranslation, SG.row, SG.precedes),
    *(PROV + name for name in ("influenced", "wasInfluencedBy", "influencer", "agent")),
    *(SKOS + "topConceptOf", SKOS + "hasTopConcept", DCTERMS + "subject"),
}
"""What a page shows elsewhere, or not at all: it is in the data."""
_INCOMING_HIDDEN = {
    *(PREFIXES["sg"] + "from", SG.to, SG.flowsTo, SG.flowsFrom, SG.precedes, SG.participant, SG.inContext, SG.funder, SG.recipient),
    *(SG.earliestBy, SG.latestBy, SG.contradicts),
    *(PROV + name for name in ("influenced", "wasInfluencedBy", "influencer", "agent")),
    *(DCTERMS + "subject", SKOS + "topConceptOf", SKOS + "hasTopConcept", SKOS + "member", RDF + "type"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a fact: text, the language it is in, and the IRI where it is a thing."""

    text: str
    language: str = ""
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One property with its values; `more` says that there are more than these."""

    property: str
    label: str
    values: tuple[Value, ...]
    more: bool = False


def view(context: Context, path: str, iri: str) -> View:
    """The view of a thing or concept.

    Args:
        context: graph, words and addresses. path: where it lies below the base. iri: its IRI.

    Raises:
        UnknownName: nothing is recorded of it; carries the nearest ids.
    """
    entity = _Entity(context, iri)
    if not entity.statements:
        near = [short(other) for other, _ in names.similar(context.graph.store, iri.rpartition("/")[2].replace("-", " "))]
        raise UnknownName("entity", short(iri), near)
    return View(
        path,
        entity.label,
        "flow.html" if entity.type == "flow" else "entity.html",
        entity.content,
        {
            **rdf_forms(lambda: export.neighbourhood(context.graph.store, iri)),
            "json": json_form(entity.data),
            **entity.more_forms(),
        },
        description=entity.summary,
        about=iri,
        schema=entity.schema(),
    )


class _Entity:
    """What is known of one thing, read when it is first needed."""

    def __init__(self, context: Context, iri: str) -> None:
        self.context = context
        self.store = context.graph.store
        self.iri = iri
        self.type = short(iri).partition("/")[0] if iri.startswith(ID) else "concept"

    @cached_property
    def statements(self) -> list[tuple[str, Term]]:
        query = f"SELECT DISTINCT ?p ?o WHERE {{ {rdf.iri(self.iri)} ?p ?o }} ORDER BY STR(?p) STR(?o) LIMIT {_FACTS}"
        return [(text_of(row[0]), row[1]) for row in select(self.store, query) if row[1] is not None]

    def values(self, *properties: str) -> list[Term]:
        return [term for predicate, term in self.statements if predicate in properties]

    @cached_property
    def label(self) -> str:
        return self.context.labels([self.iri])[self.iri]

    @cached_property
    def summary(self) -> str:
        texts = [text_of(term) for term in self.values(SKOS + "definition", DCTERMS + "description", SKOS + "note")]
        kinds = ", ".join(self.kinds)
        return f"{self.label}: {kinds}. {texts[0][:200] if texts else ''}".strip()

    @cached_property
    def classes(self) -> list[str]:
        return [text_of(term) for term in self.values(RDF + "type") if text_of(term).startswith(PREFIXES["sg"])]

    @cached_property
    def kinds(self) -> list[str]:
        """What it is, in words: its class, and its kind where it has one."""
        narrow = [name for name in self.classes if name not in (SG.Network, SG.AgendaItem) or len(self.classes) == 1]
        of = [text_of(term) for term in self.values(DCTERMS + "type", ORG + "classification")]
        labels = self.context.labels([*narrow, *of])
        return list(dict.fromkeys(labels[iri] for iri in (*narrow, *of))) or [self.context.words("entity.concept")]

    # --- flows ------------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> list[Flow]:
        return flows.touching(self.store, self.iri, FLOWS + 1) if self.type != "concept" else []

    @cached_property
    def flows(self) -> list[Flow]:
        return self.found[:FLOWS]

    @cached_property
    def background(self) -> tuple[Mapping[str, trace.Evidence], Mapping[str, trace.SourceInfo]]:
        return trace.background(self.store, self.flows)

    def rows(self, chosen: Callable[[Flow], bool]) -> list[evidence.Row]:
        kept = sorted(filter(chosen, self.flows), key=lambda flow: (flow.earliest, flow.latest, flow.id))
        return evidence.told(self.context, kept, *self.background)

    @cached_property
    def ends(self) -> dict[str, things.Thing]:
        return things.some(self.store, {self.iri, *(end for flow in self.flows for end in (flow.source, flow.target))})

    def pictures(self) -> dict[str, Callable[[Look], str]]:
        """Name -> what draws it; only those that have something to show."""
        if not self.flows:
            return {}
        said = picture_evidence(self.flows, *self.background)
        pages = {iri: self.context.urls.thing(iri) for iri in self.ends}
        shown = self.ends.values()
        drawn: dict[str, Callable[[Look], str]] = {
            "network": lambda look: network_diagram(self.flows, self.ends, said, pages=pages, look=look)
        }
        if any(thing.earliest > -(10**6) for thing in shown):
            drawn["timeline"] = lambda look: timeline(shown, self.flows, said, pages=pages, look=look)
        if any(thing.latitude is not None or thing.countries for thing in shown):
            drawn["map"] = lambda look: map_picture(self._placed(), self.flows, said, pages=pages, look=look)
        return drawn

    def _placed(self) -> dict[str, things.Thing]:
        """The ends of the flows with the cities that they are in: a thing without coordinates stands in its city."""
        cities = {city for thing in self.ends.values() for city in thing.cities}
        return {**self.ends, **things.some(self.store, cities - set(self.ends))}

    def more_forms(self) -> dict[str, Form]:
        if not self.flows:
            return {}

        def drawn(draw: Callable[[Look], str], width: int) -> Form:
            return lambda: draw(Look(width=width))

        pictures = {
            f"{name}{narrow}.svg": drawn(draw, width)
            for narrow, width in (("", WIDE), ("-narrow", NARROW))
            for name, draw in self.pictures().items()
        }
        return {**network_forms(lambda: self.context.graph.neighbourhood(self.iri)), **pictures}

    # --- facts ------------------------------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> list[Fact]:
        grouped: dict[str, list[Term]] = {}
        for predicate, term in self.statements:
            if predicate not in _HIDDEN:
                grouped.setdefault(predicate, []).append(term)
        return self._facts(grouped)

    @cached_property
    def days(self) -> list[Fact]:
        grouped: dict[str, list[Term]] = {}
        for predicate, term in self.statements:
            if predicate in _DAYS:
                grouped.setdefault(predicate, []).append(term)
        return self._facts(grouped)

    def _facts(self, grouped: Mapping[str, list[Term]]) -> list[Fact]:
        iris = [term.value for terms in grouped.values() for term in terms[:OTHERS] if isinstance(term, ox.NamedNode)]
        labels = self.context.labels([*grouped, *(iri for iri in iris if iri.startswith(BASE))])
        return sorted(
            (
                Fact(
                    predicate,
                    self._property(predicate, labels),
                    tuple(_value(term, labels) for term in terms[:OTHERS]),
                    len(terms) > OTHERS,
                )
                for predicate, terms in grouped.items()
            ),
            key=lambda fact: fact.label.lower(),
        )

    def _property(self, predicate: str, labels: Mapping[str, str]) -> str:
        name = short(predicate)
        return self.context.words.maybe(f"property.{name.replace(':', '-')}", labels.get(predicate, name))

    @cached_property
    def neighbours(self) -> list[Fact]:
        """What points at it, by property: members, parts, things in it; a few of each."""
        query = f"""SELECT ?p (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s ?p {rdf.iri(self.iri)} }} GROUP BY ?p ORDER BY STR(?p)"""
        grouped: dict[str, tuple[list[str], bool]] = {}
        for row in select(self.store, query):
            predicate = text_of(row[0])
            if predicate in _INCOMING_HIDDEN:
                continue
            listed = f"SELECT DISTINCT ?s WHERE {{ ?s <{predicate}> {rdf.iri(self.iri)} }} ORDER BY STR(?s) LIMIT {OTHERS}"
            found = [text_of(other[0]) for other in select(self.store, listed)]
            grouped[predicate] = ([iri for iri in found if iri.startswith((ID, VOCABULARY))], int(text_of(row[1])) > OTHERS)
        labels = self.context.labels([*grouped, *(iri for found, _ in grouped.values() for iri in found)])
        return [
            Fact(
                predicate,
                self.context.words("entity.inverse", property=self._property(predicate, labels)),
                tuple(sorted((Value(labels[iri], iri=iri) for iri in found), key=lambda value: value.text.lower())),
                more,
            )
            for predicate, (found, more) in grouped.items()
            if found
        ]

    @cached_property
    def participations(self) -> list[dict[str, Any]]:
        """Who takes part in it and what it takes part in: contextual, no flow of knowledge by itself."""
        query = f"""PREFIX sg: <{PREFIXES["sg"]}>
SELECT DISTINCT ?node ?other ?role ?start ?end WHERE {{
  {{ ?node sg:participant {rdf.iri(self.iri)} ; sg:inContext ?other }}
  UNION {{ ?node sg:inContext {rdf.iri(self.iri)} ; sg:participant ?other }}
  OPTIONAL {{ ?node sg:participantRole ?role }} OPTIONAL {{ ?node sg:start ?start }} OPTIONAL {{ ?node sg:end ?end }}
}} ORDER BY STR(?other) STR(?node) LIMIT {FLOWS}"""
        found = [[text_of(term) for term in row] for row in select(self.store, query)]
        labels = self.context.labels([iri for row in found for iri in row[1:3] if iri])
        return [
            {"node": node, "other": other, "label": labels[other], "role": labels.get(role, ""), "start": start, "end": end}
            for node, other, role, start, end in found
        ]

    @cached_property
    def sources(self) -> list[evidence.Cited]:
        cited = [text_of(term) for term in self.values(DCTERMS + "source")]
        info = trace.sources(self.store, cited[:SOURCES])
        return sorted((evidence.cited(iri, info.get(iri)) for iri in cited[:SOURCES]), key=lambda source: source.title.lower())

    # --- page and data ----------------------------------------------------------------------------------------------

    def content(self) -> dict[str, Any]:
        """What the page shows."""
        row = next(iter(self.values(SG.row)), None)
        shared = {
            "iri": self.iri,
            "type": self.type,
            "kinds": self.kinds,
            "names": self._names(),
            "texts": [_value(term, {}) for term in self.values(*_TEXTS)],
            "facts": self.facts,
            "days": self.days,
            "sources": self.sources,
            "sources_more": len(self.values(DCTERMS + "source")) > SOURCES,
            "cell": text_of(row).removeprefix(BASE) if row else "",
            "url": next((text_of(term) for term in self.values(SCHEMA + "url")), ""),
        }
        if self.type == "flow":
            return {**shared, **self._flow()}
        pictures = self.pictures()
        inline = pictures["network"](Look(width=WIDE, styles=False)) if len(self.flows) <= DRAWN and pictures else ""
        return {
            **shared,
            "when": self._when(),
            "incoming": self.rows(lambda flow: flow.target == self.iri),
            "outgoing": self.rows(lambda flow: flow.source == self.iri),
            "flows_more": len(self.found) > FLOWS,
            "limit": FLOWS,
            "neighbours": self.neighbours,
            "participations": self.participations,
            "inline": inline,
            "pictures": [name for name in pictures if name != "network" or not inline],
        }

    def _names(self) -> list[Value]:
        """Its other names, with the language of each."""
        own = {text_of(term) for term in self.values(SG.ownTranslation)}
        seen = {self.label}
        kept = []
        for term in self.values(*NAMES):
            value = _value(term, {})
            if value.text not in seen:
                seen.add(value.text)
                kept.append((value, value.language in own))
        return kept  # type: ignore[return-value]

    def _when(self) -> str:
        thing = self.ends.get(self.iri) or things.some(self.store, [self.iri]).get(self.iri)
        return evidence.period(self.context.words, thing.earliest, thing.latest) if thing else ""

    def _flow(self) -> dict[str, Any]:
        """What the page of a flow shows besides: its ends, and how its days came about."""
        flow = flows.some(self.store, [self.iri])
        chosen = evidence.rows(self.context, flow)
        deciding = {iri for row in chosen for iri in (row.said.earliest_by, row.said.latest_by) if iri}
        return {"rows": chosen, "byname": self.context.labels(deciding), "day": day_text}

    def data(self) -> dict[str, Any]:
        """The thing as plain values."""
        node_rows, edge_rows = self.context.graph.neighbourhood(self.iri) if self.flows else ([], [])
        facts: dict[str, list[dict[str, str]]] = {}
        for predicate, term in self.statements:
            facts.setdefault(short(predicate), []).append(_plain(term))
        return {
            "id": self.iri,
            "label": self.label,
            "facts": facts,
            "flows": edge_rows,
            "neighbours": node_rows,
            "snapshot": self.store.identity,
        }

    def schema(self) -> dict[str, Any]:
        """What it is in schema.org."""
        urls = self.context.urls
        kind = _SCHEMA.get(self.type, "Thing")
        same = [text_of(term) for term in self.values(SCHEMA + "sameAs")]
        about: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": kind,
            "@id": self.iri,
            "name": self.label,
            "url": urls.absolute_page(self.iri.removeprefix(BASE)),
            "isPartOf": {"@type": "Dataset", "@id": BASE + "dataset"},
        }
        if same:
            about["sameAs"] = same
        for name, predicate in (("latitude", GEO + "lat"), ("longitude", GEO + "long")):
            if kind == "City" and (found := self.values(predicate)):
                about.setdefault("geo", {"@type": "GeoCoordinates"})[name] = float(text_of(found[0]))
        return about


_SCHEMA = {
    "organisation": "Organization",
    "network": "Organization",
    "event": "Event",
    "project": "ResearchProject",
    "programme": "FundingScheme",
    "call": "CreativeWork",
    "document": "CreativeWork",
    "recommendation": "CreativeWork",
    "source": "WebPage",
    "claim": "Claim",
    "city": "City",
    "theme": "DefinedTerm",
    "agenda-item": "DefinedTerm",
    "concept": "DefinedTerm",
}
"""Type of a thing -> its class in schema.org."""


def _value(term: Term, labels: Mapping[str, str]) -> Value:
    if isinstance(term, ox.Literal):
        return Value(term.value, term.language or "")
    iri = text_of(term)
    return Value(labels.get(iri, short(iri)), iri=iri)


def _plain(term: Term) -> dict[str, str]:
    """A term as in the JSON results of SPARQL 1.1."""
    if isinstance(term, ox.Literal):
        told = {"type": "literal", "value": term.value}
        if term.language:
            return {**told, "xml:lang": term.language}
        return told if term.datatype.value.endswith("#string") else {**told, "datatype": term.datatype.value}
    return {"type": "uri" if isinstance(term, ox.NamedNode) else "bnode", "value": text_of(term)}


def concepts(context: Context, scheme: str) -> list[tuple[str, str, str]]:
    """The concepts of a closed list: IRI, label and definition, by label."""
    query = f"SELECT DISTINCT ?c ?d WHERE {{ ?c <{SKOS}inScheme> {rdf.iri(VOCABULARY + scheme)} OPTIONAL {{ ?c <{SKOS}definition> ?d }} }}"
    found = {text_of(row[0]): text_of(row[1]) for row in select(context.graph.store, query)}
    labels = context.labels(found)
    return sorted(((iri, labels[iri], definition) for iri, definition in found.items()), key=lambda item: item[1].lower())


def linked(iris: Iterable[str], labels: Mapping[str, str]) -> list[Value]:
    """IRIs as values with their labels."""
    return [Value(labels.get(iri, short(iri)), iri=iri) for iri in iris]
