"""Flows as the pages show them: who, how, to whom, when, on what basis, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seismic_graph import trace
from seismic_graph.flows import Flow
from seismic_graph.picture import marks
from seismic_graph.trace import Evidence, SourceInfo
from seismic_graph.vocabulary import concept_iri
from seismic_graph.web.view import Context
from seismic_graph.web.words import Words


@dataclass(frozen=True, slots=True)
class Cited:
    """A source at the end of a row: its IRI, title, publisher and address."""

    iri: str
    title: str
    publisher: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A flow as a row of a table, with all labels in the language of the page."""

    flow: Flow
    source: str
    target: str
    kind: str
    when: str
    said: Evidence
    sources: tuple[Cited, ...]


def rows(context: Context, flows: Iterable[Flow]) -> list[Row]:
    """Flows as rows, the earliest first."""
    chosen = sorted(flows, key=lambda flow: (flow.earliest, flow.latest, flow.id))
    said, sources = trace.background(context.graph.store, chosen)
    return told(context, chosen, said, sources)


def told(context: Context, flows: Sequence[Flow], said: Mapping[str, Evidence], sources: Mapping[str, SourceInfo]) -> list[Row]:
    """Flows as rows, in the order given, out of evidence that was already read."""
    kinds = {flow.kind: concept_iri("flow-kind", flow.kind) for flow in flows}
    labels = context.labels([*{end for flow in flows for end in (flow.source, flow.target)}, *kinds.values()])
    return [
        Row(
            flow,
            labels[flow.source],
            labels[flow.target],
            labels[kinds[flow.kind]],
            when(context.words, flow),
            said[flow.id],
            tuple(cited(iri, sources.get(iri)) for iri in flow.sources),
        )
        for flow in flows
    ]


def cited(iri: str, info: SourceInfo | None) -> Cited:
    """A source as it is cited; by its id where nothing is known of it."""
    name = iri.rpartition("/")[2]
    return Cited(iri, info.title, info.publisher, info.url) if info else Cited(iri, name, "", "")


def when(words: Words, flow: Flow) -> str:
    """The days within which a flow can have happened, in words."""
    return words("date.always") if marks.timeless(flow) else period(words, flow.earliest, flow.latest)


def period(words: Words, earliest: int, latest: int) -> str:
    """Days in words, no more precise than they need be."""
    return days(words, *marks.since_until(earliest, latest)) or words("date.none")


def days(words: Words, since: str, until: str) -> str:
    """A first and a last day in words; empty where there is neither."""
    if since == until:
        return since
    if not since or not until:
        return words("date.until", day=until) if until else words("date.from", day=since)
    return words("date.between", first=since, last=until)


@dataclass(frozen=True, slots=True)
class Linked:
    """A text, with the IRI of the thing that it names, or empty."""

    text: str
    iri: str
