"""Report: one page, complete in itself and printable, on what an entity, theme or country gave and got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from seismic_graph import findings, paths, replay, trace
from seismic_graph.errors import UsageError
from seismic_graph.findings import Finding
from seismic_graph.flows import Flow
from seismic_graph.insight import places
from seismic_graph.insight.gaps import SUBJECTS, Filter
from seismic_graph.paths import FlowNetwork, Search
from seismic_graph.picture import Said, evidence, flow_diagram, map_picture, path_diagram, timeline
from seismic_graph.replay import Receipt
from seismic_graph.store import Store
from seismic_graph.things import Thing
from seismic_graph.trace import SourceInfo, Trace
from seismic_graph.vocabulary import short

Things = Mapping[str, Thing]
PATHS = 6
"""How many agenda items a report traces to, the nearest first; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as a page, with the receipt that lets it be asked again.

    Attributes:
        title: what it is about; html: the page; receipt: of the facts in it.
    """

    title: str
    html: str
    receipt: Receipt


def report(store: Store, network: FlowNetwork, things: Things, subject: str, search: Search, asked: Mapping[str, object]) -> Report:
    """The page on one subject: an IRI, or a country code.

    Args:
        store: where evidence and sources are read from.
        network, things: the flows and the things at their ends.
        subject: IRI of an entity or theme, or an ISO 3166-1 code.
        search: what counts as a path.
        asked: the arguments as they were given, for the receipt.

    Raises:
        UsageError: nothing is recorded of the subject.
    """
    members = _members(things, subject)
    title = things[subject].label if subject in things else subject
    usable = FlowNetwork(network.touching(members)).restricted(search, search.bases)
    gave = [flow for flow in usable.flows if flow.source in members and flow.target not in members]
    got = [flow for flow in usable.flows if flow.target in members and flow.source not in members]
    within = [flow for flow in usable.flows if flow.source in members and flow.target in members]
    flows = [*gave, *got, *within]
    told, sources = trace.background(store, flows)
    traces, left = _traces(store, network, things, members, search)
    gaps = _gaps(network, things, subject, search, store.identity)
    said = evidence(flows, told, sources)
    cited = {iri: info for answer in traces for iri, info in answer.sources.items()} | sources
    facts = {
        "subject": subject,
        "gave": _ids(gave),
        "got": _ids(got),
        "within": _ids(within),
        "paths": [[flow.id for flow in path.flows] for answer in traces for path in answer.paths],
        "gaps": [row["thing"] for row in gaps.rows],
    }
    receipt = replay.receipt("report", asked, store.identity, facts)
    involved = [things[iri] for iri in sorted({end for flow in flows for end in (flow.source, flow.target)}) if iri in things]
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_summary(things, subject, members, gave, got, within))}</p>",
        _section("What it gave", _flow_table(gave, things, told, sources)),
        _section("What it got", _flow_table(got, things, told, sources)),
        _section("Between its own things", _flow_table(within, things, told, sources)) if within else "",
        _section("Paths to research agendas", "".join(map(_path_part, traces)) + _left(left, bool(traces))),
        _section("Where the record stops", "".join(f"<p>{escape(line)}</p>" for line in gaps.lines)),
        _section("Pictures", _pictures(flows, involved, things, said)),
        _section("Sources", _source_list(cited)),
        _section(
            "Receipt", f"<pre>{escape(receipt.to_json())}</pre><p>Ask again: save the receipt and run <code>seismic replay</code>.</p>"
        ),
    ]
    return Report(title, _page(title, "".join(parts)), receipt)


def _ids(flows: Sequence[Flow]) -> list[str]:
    return sorted(flow.id for flow in flows)


def _members(things: Things, subject: str) -> frozenset[str]:
    if subject in things:
        thing = things[subject]
        if thing.type == "theme":
            return frozenset({subject, *(iri for iri, other in things.items() if subject in other.themes)})
        return places.things_of(things, subject, alone=True) | {subject} if thing.type in ("city", "network") else frozenset({subject})
    found = places.things_of(things, subject, alone=True)
    if not found:
        raise UsageError(f"Nothing is recorded of {subject!r}.")
    return found


def _summary(
    things: Things, subject: str, members: frozenset[str], gave: Sequence[Flow], got: Sequence[Flow], within: Sequence[Flow]
) -> str:
    kind = things[subject].type.replace("-", " ") if subject in things else "country"
    things_of_it = f"A {kind} with {len(members)} thing{'s' * (len(members) != 1)} on record that belong to it alone."
    movement = f"{len(gave)} flows of knowledge lead out of it, {len(got)} lead into it, {len(within)} run between its own things."
    return f"{things_of_it} {movement} What is not listed here is not recorded; that does not mean that it did not happen."


def _traces(store: Store, network: FlowNetwork, things: Things, members: frozenset[str], search: Search) -> tuple[list[Trace], int]:
    """The best paths from the subject to agenda items, the nearest items first, and how many items are left out."""
    nearest: dict[str, tuple[int, str]] = {}
    for source in sorted(members):
        for target, reached in paths.reach(network, source, search).items():
            if things[target].type == "agenda-item" and target not in members:
                nearest[target] = min(nearest.get(target, (99, "")), (reached.hops, source))
    chosen = sorted(nearest.items(), key=lambda item: (item[1][0], item[0]))
    answers = [trace.trace(store, network, source, target, search, 2) for target, (_, source) in chosen[:PATHS]]
    return [answer for answer in answers if answer.paths], max(0, len(chosen) - PATHS)


def _gaps(network: FlowNetwork, things: Things, subject: str, search: Search, snapshot: str) -> Finding:
    kind = things[subject].type if subject in things else "country"
    one = frozenset({subject})
    filters = {"country": Filter(countries=one), "theme": Filter(themes=one), "network": Filter(networks=one)}
    if kind in filters:
        wanted = filters[kind]
        return findings.gaps(network, things, search, wanted, snapshot)
    if kind not in SUBJECTS:
        return replace(_NO_GAP, snapshot=snapshot)
    found = findings.gaps(network, things, search, Filter(kinds=frozenset({SUBJECTS[kind]}), things=one), snapshot)
    return replace(found, lines=tuple(f"{row['kind']}: {row['why']}" for row in found.rows) or _NO_GAP.lines, flows=())


_NO_GAP = Finding("gaps", "Where the record stops", (), (), ("No gap is named for it.",), (), "")


def _left(left: int, some: bool) -> str:
    if left:
        return f"<p>{left} more agenda items are reached; ask for them with <code>seismic trace</code>.</p>"
    return "" if some else "<p>No path to an agenda item is recorded within these limits.</p>"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _flow_table(flows: Sequence[Flow], things: Things, told: Mapping[str, trace.Evidence], sources: Mapping[str, SourceInfo]) -> str:
    if not flows:
        return "<p>Nothing is recorded.</p>"
    rows = []
    for flow in sorted(flows, key=lambda flow: (flow.earliest, flow.latest, flow.id)):
        said = told[flow.id]
        links = ", ".join(_link(iri, sources.get(iri)) for iri in flow.sources)
        ends = (things[iri].label if iri in things else short(iri) for iri in (flow.source, flow.target))
        cells = (trace.span(flow), *ends)
        rows.append(
            f"<tr><td>{escape(cells[0])}</td><td>{escape(cells[1])}</td><td>{escape(flow.kind.replace('-', ' '))}</td>"
            f"<td>{escape(cells[2])}</td><td>{escape(flow.basis)}</td><td>{escape(said.words)} <small>{links}</small></td></tr>"
        )
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("when", "from", "how", "to", "basis", "evidence"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _link(iri: str, info: SourceInfo | None) -> str:
    name = escape(iri.rpartition("/")[2])
    return f'<a href="{escape(info.url, quote=True)}">{name}</a>' if info else name


def _path_part(answer: Trace) -> str:
    return f"<figure>{path_diagram(answer)}</figure>"


def _pictures(flows: Sequence[Flow], involved: Sequence[Thing], things: Things, said: Mapping[str, Said]) -> str:
    drawn = (
        flow_diagram(flows, things, said),
        timeline(involved, flows, said),
        map_picture({thing.id: thing for thing in involved} | dict(things), flows, said),
    )
    return "".join(f"<figure>{svg}</figure>" for svg in drawn)


def _source_list(sources: Mapping[str, SourceInfo]) -> str:
    items = (
        f'<li id="{escape(iri.rpartition("/")[2], quote=True)}">{escape(info.title)}. {escape(info.publisher)}. '
        f'<a href="{escape(info.url, quote=True)}">{escape(info.url)}</a></li>'
        for iri, info in sorted(sources.items())
    )
    return f"<ol>{''.join(items)}</ol>"


_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8886; min-width: 6rem; }
figure { margin: 1.5rem 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
pre { overflow-x: auto; }
@media print { body { max-width: none; margin: 0; } section { break-inside: auto; } figure, tr { break-inside: avoid; } }
"""


def _page(title: str, body: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )
