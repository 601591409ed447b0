"""Random flows as a graph: those of `tests.columns`, with names that are IRIs and kinds that say what the flows do."""

from __future__ import annotations

from dataclasses import replace

from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.flows import Flow
from seismic_graph.paths import Search
from seismic_graph.rdf import iri
from seismic_graph.vocabulary import BASE, DCTERMS, ID, PREFIXES, RDF, SG, VOCABULARY

FIRST = 730_000
"""The day number of day 0."""


def thing(name: str) -> str:
    """The IRI of a thing."""
    return f"{ID}project/{name}"


def source(name: str) -> str:
    """The IRI of a source."""
    return f"{ID}source/{name}"


def _day(day: int) -> int:
    return day if day in (OPEN_START, OPEN_END) else FIRST + day


def search(asked: Search) -> Search:
    """A search of `tests.columns` among things that are IRIs."""
    return replace(
        asked,
        since=_day(asked.since),
        until=_day(asked.until),
        via=tuple(map(thing, asked.via)),
        avoid=frozenset(map(thing, asked.avoid)),
    )


def triples(flows: list[Flow]) -> str:
    """The flows as N-Triples."""
    lines = set()

    def say(subject: str, predicate: str, value: str) -> None:
        lines.add(f"{iri(subject)} {iri(predicate)} {value} .\n")

    def date(subject: str, predicate: str, day: int) -> None:
        if text := day_text(_day(day)):
            say(subject, predicate, f'"{text}"^^<{PREFIXES["xsd"]}date>')

    for flow in flows:
        name, timeless = f"{ID}flow/{flow.id}", flow.standing and flow.sure_from == OPEN_START
        kind = f"{VOCABULARY}flow-kind/{flow.kind}-{int(flow.standing)}{int(timeless)}{int(flow.reversed)}"
        for flag, holds in (("standing", flow.standing), ("timeless", timeless), ("reversed", flow.reversed)):
            if holds:
                say(kind, PREFIXES["sg"] + flag, f'"true"^^<{PREFIXES["xsd"]}boolean>')
        say(name, RDF + "type", iri(SG.KnowledgeFlow))
        say(name, PREFIXES["sg"] + "from", iri(thing(flow.source)))
        say(name, SG.to, iri(thing(flow.target)))
        say(name, SG.flowKind, iri(kind))
        say(name, SG.direction, iri(f"{VOCABULARY}direction/{flow.direction}"))
        say(name, SG.basis, iri(f"{VOCABULARY}basis/{flow.basis}"))
        date(name, SG.earliest, flow.earliest)
        date(name, SG.latest, flow.latest)
        if flow.standing and not timeless:
            date(name, SG.surelyFrom, flow.sure_from)
            date(name, SG.surelyUntil, flow.sure_until)
        if flow.contradicted:
            say(name, SG.contradicts, iri(thing(flow.source)))
        for cited in flow.sources:
            say(name, DCTERMS + "source", iri(source(cited)))
            say(source(cited), RDF + "type", iri(SG.Source))
            say(source(cited), SG.publisherName, f'"{cited.upper()}"')
    return "".join(sorted(lines))


GRAPH = BASE + "graph/random"
