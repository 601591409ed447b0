"""Findings: what insight sees, as answers that can be read, exported, drawn and asked again.

Every finding is a table with words and with the flows behind it; nothing here searches.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seismic_graph import trace
from seismic_graph.dates import day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.insight import claims as claims_room
from seismic_graph.insight import gaps as gaps_room
from seismic_graph.insight import indicators, robustness
from seismic_graph.insight import loops as loops_room
from seismic_graph.insight.absence import CODES
from seismic_graph.insight.claims import Claim
from seismic_graph.insight.gaps import Filter
from seismic_graph.interchange import table
from seismic_graph.paths import FlowNetwork, Path, Search
from seismic_graph.store import Store, select, text_of
from seismic_graph.things import Thing
from seismic_graph.trace import Trace
from seismic_graph.vocabulary import ID, PREFIXES, short

if TYPE_CHECKING:
    from seismic_graph.picture import Look

Things = Mapping[str, Thing]


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer of insight.

    Attributes:
        kind: what was asked: ``gaps``, ``loops``, ``balance``, ``indicators``, ``robustness``.
        title: the question in words.
        columns: the columns of the table; rows: its rows.
        lines: the answer for a reader, without title and snapshot.
        flows: the flows behind it, each once.
        snapshot: the identity of the store that answered.
        draw: takes a look and gives the picture as SVG, where this kind has one of its own; else the network of the flows is drawn.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    lines: tuple[str, ...]
    flows: tuple[Flow, ...]
    snapshot: str
    draw: Callable[..., str] | None = None

    def to_text(self) -> str:
        """The answer for a reader."""
        return "\n".join([self.title, "", *self.lines, "", f"snapshot {self.snapshot}"]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values."""
        return {"kind": self.kind, "title": self.title, "snapshot": self.snapshot, "rows": [dict(row) for row in self.rows]}

    def to_json(self) -> str:
        """The answer as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """The table as CSV (RFC 4180); lists are separated by semicolons."""

        def flat(row: Mapping[str, Any]) -> dict[str, Any]:
            return {name: ";".join(map(str, value)) if isinstance(value, (list, tuple)) else value for name, value in row.items()}

        return table([flat(row) for row in self.rows], self.columns)

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(_cell(row[name]))}</td>" for name in self.columns) + "</tr>" for row in self.rows)
        return f"<p><b>{escape(self.title)}</b></p><table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    return "" if value is None else ";".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _once(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    return tuple({flow.id: flow for flow in flows}.values())


def _label(things: Things, iri: str) -> str:
    return things[iri].label if iri in things else short(iri)


def _chain(path: Path | None) -> str:
    return " > ".join(short(node) for node in path.nodes) if path else ""


# --- gaps -----------------------------------------------------------------------------------------------------------

_GAP_COLUMNS = (
    *("kind", "thing", "label", "why", "also", "frontier", "chain", "days"),
    *("closing_from", "closing_kind", "closing_to", "closing_earliest", "closing_latest", "themes", "countries", "networks", "year"),
)


def gaps(network: FlowNetwork, things: Things, search: Search, wanted: Filter, snapshot: str) -> Finding:
    """Where chains stop, why, and the one edge that would close each gap.

    Raises:
        UsageError: there is no such kind of gap, or the search could never find what would close it.
    """
    found = gaps_room.gaps(network, things, search, wanted)
    rows, lines, flows = [], [], []
    for kind, words in gaps_room.KINDS.items():
        here = found.of(kind)
        if kind in found.judged:
            lines.append(f"{kind}: {len(here)} of {found.judged[kind]}: {words}")
        for gap in here:
            closing = gap.closing
            rows.append(
                {
                    "kind": kind,
                    "thing": gap.thing,
                    "label": _label(things, gap.thing),
                    "why": gap.why.code,
                    "also": list(gap.why.also),
                    "frontier": list(gap.frontier),
                    "chain": _chain(gap.path),
                    "days": gap.why.days,
                    "closing_from": closing.source if closing else None,
                    "closing_kind": closing.kind if closing else None,
                    "closing_to": closing.target if closing else None,
                    "closing_earliest": day_text(closing.earliest) if closing else None,
                    "closing_latest": day_text(closing.latest) if closing else None,
                    "themes": [short(theme).partition("/")[2] for theme in sorted(gap.profile.themes)],
                    "countries": sorted(gap.profile.countries),
                    "networks": [short(name).partition("/")[2] for name in sorted(gap.profile.networks)],
                    "year": gap.profile.year,
                }
            )
            lines.append(f"  - {gap.sentence(things)}")
            flows += [*(gap.path.flows if gap.path else ()), *((gap.why.flow,) if gap.why.flow else ())]
    if found.unjudged:
        lines += ["", f"Not judged: {len(found.unjudged)}"]
        lines += [f"  - {_label(things, iri)} ({kind}): {reason}" for kind, iri, reason in found.unjudged]

    def draw(look: Look | None = None) -> str:
        from seismic_graph.picture import Count, heat_map

        counted = Counter(
            (_label(things, theme), country)
            for gap in found.gaps
            for theme in gap.profile.themes or ("no theme",)
            for country in gap.profile.countries or ("no country",)
        )
        return heat_map([Count(*pair, number) for pair, number in counted.items()], title="Gaps by theme and country", of="gaps", look=look)

    return Finding("gaps", "Where the record stops", _GAP_COLUMNS, tuple(rows), tuple(lines), _once(flows), snapshot, draw)


# --- loops and balances ---------------------------------------------------------------------------------------------

_LOOP_COLUMNS = ("place", "label", "agenda_item", "reading", "basis", "days_least", "days_most", "up", "back", "sources")


def loops(network: FlowNetwork, things: Things, places: Iterable[str], search: Search, limit: int, snapshot: str) -> Finding:
    """Closed loops from a place up to an agenda item and back, with the days they took.

    Raises:
        UnknownName: there is no such place.
    """
    asked = list(places)
    if len(asked) == 1:
        answers = {asked[0]: loops_room.loops(network, things, asked[0], search, limit)}
    else:
        answers = loops_room.places_with_loops(network, things, asked, search, limit)
    rows, lines, flows = [], [], []
    for place, answer in answers.items():
        name = _label(things, place)
        more = " (and more)" if answer.more else ""
        lines.append(f"{name}: {len(answer.loops)} loop{'s' * (len(answer.loops) != 1)}{more}")
        if not answer.loops and answer.why:
            lines.append(f"  none is recorded: {CODES[answer.why.code]}")
        for loop in answer.loops:
            most = "open" if loop.took.most is None else str(loop.took.most)
            way = [loop.up[0].source, *(flow.target for flow in (*loop.up, *loop.back))]
            lines.append(f"  {loop.path.reading}, {loop.path.basis}, {loop.took.least} to {most} days: {' > '.join(map(short, way))}")
            for flow in (*loop.up, *loop.back):
                cited = ", ".join(source.rpartition("/")[2] for source in flow.sources)
                when = f"{day_text(flow.earliest) or '...'} to {day_text(flow.latest) or '...'}"
                lines.append(f"      {when}  {_label(things, flow.source)} - {flow.kind} - {_label(things, flow.target)} [{cited}]")
            rows.append(
                {
                    "place": place,
                    "label": name,
                    "agenda_item": loop.agenda_item,
                    "reading": loop.path.reading,
                    "basis": loop.path.basis,
                    "days_least": loop.took.least,
                    "days_most": loop.took.most,
                    "up": [short(flow.source) for flow in loop.up],
                    "back": [short(flow.source) for flow in loop.back] + [short(loop.back[-1].target)],
                    "sources": list(loop.path.sources),
                }
            )
            flows += [*loop.up, *loop.back]
    if not answers:
        lines.append("No closed loop is recorded within these limits.")

    def draw(look: Look | None = None) -> str:
        from seismic_graph.picture import flow_diagram

        return flow_diagram(_once(flows), things, look=look)

    return Finding("loops", "From a place up to an agenda and back", _LOOP_COLUMNS, tuple(rows), tuple(lines), _once(flows), snapshot, draw)


_BALANCE_COLUMNS = ("place", "label", "things", "flows_out", "flows_in", "flows_within", "gave_to", "got_from")


def balances(network: FlowNetwork, things: Things, places: Iterable[str], search: Search, snapshot: str) -> Finding:
    """What places gave to agendas, calls and projects, and what they got back.

    Raises:
        UnknownName: there is no such place.
    """
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    flows: list[Flow] = []
    for place, found in loops_room.balances(network, things, places, search).items():
        sides = found.flows
        if not (sides.gave or sides.got or sides.within):
            continue
        name = _label(things, place)
        lines.append(
            f"{name}: {len(sides.gave)} flows out, {len(sides.got)} in, {len(sides.within)} within; "
            f"gave to {len(found.gave_to)}, got from {len(found.got_from)} agenda items, calls and projects"
        )
        for word, side in (("gave to", found.gave_to), ("got from", found.got_from)):
            lines += [f"    {word} {_label(things, item.thing)}: {_chain(item.path)}" for item in side]
        rows.append(
            {
                "place": place,
                "label": name,
                "things": len(found.things),
                "flows_out": len(sides.gave),
                "flows_in": len(sides.got),
                "flows_within": len(sides.within),
                "gave_to": [short(item.thing) for item in found.gave_to],
                "got_from": [short(item.thing) for item in found.got_from],
            }
        )
        flows += [*sides.gave, *sides.got, *sides.within]

    def draw(look: Look | None = None) -> str:
        from seismic_graph.picture import map_picture

        return map_picture(things, _once(flows), look=look)

    return Finding("balance", "What places gave and got", _BALANCE_COLUMNS, tuple(rows), tuple(lines), _once(flows), snapshot, draw)


# --- indicators -----------------------------------------------------------------------------------------------------

INDICATORS: dict[str, str] = {
    **{f"flows-by-{by}": f"flows by {by}" for by in indicators.BY},
    "brokers": "on how many shortest time-respecting paths a thing lies",
    "brokers-ignoring-dates": "on how many shortest paths a thing lies when dates are ignored",
    "main-path": "the chain of flows that most chains run through",
    "times": "from need to agenda to call to project: how many, and in how many days",
}
"""Name -> what it says."""

_INDICATOR_COLUMNS = ("name", "group", "label", "value", "most", "unit", "of", "share", "flows")


def indicator(network: FlowNetwork, things: Things, name: str, search: Search, snapshot: str, *, explain: bool, limit: int) -> Finding:
    """One indicator with the flows and paths behind every number.

    Args:
        network, things, search, snapshot: as for all findings.
        name: a key of `INDICATORS`.
        explain: tell the flows and paths behind each number.
        limit: how many numbers to tell at most; the rest is announced.

    Raises:
        UsageError: there is no such indicator.
    """
    if name not in INDICATORS:
        raise UsageError(f"There is no indicator {name!r}; it is one of {', '.join(INDICATORS)}.")
    if name.startswith("flows-by-"):
        found = indicators.counts(network, things, name.removeprefix("flows-by-"), search)
    elif name == "brokers":
        found = indicators.brokers(network, search)
    elif name == "brokers-ignoring-dates":
        found = indicators.static_betweenness(network, search)
    elif name == "main-path":
        found = [indicators.main_path(network, search)]
    else:
        found = indicators.times(network, things, search)
    shown = found[:limit]
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    flows: list[Flow] = []
    for item in shown:
        told = item.explain(things).split("\n")
        lines += told if explain or name == "main-path" else told[:1]
        rows.append(
            {
                "name": item.name,
                "group": item.group,
                "label": _label(things, item.group) if item.group else "",
                "value": item.value,
                "most": item.most,
                "unit": item.unit,
                "of": item.of,
                "share": item.share,
                "flows": [flow.id for flow in item.flows],
            }
        )
        flows += item.flows
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown)} more: raise --limit to see them")

    def draw(look: Look | None = None) -> str:
        from seismic_graph.picture import Count, flow_diagram, heat_map

        if name == "main-path":
            return flow_diagram(_once(flows), things, look=look)
        cells = [
            Count(_label(things, item.group) if item.group else item.name, item.unit, round(item.value))
            for item in shown
            if item.value is not None
        ]
        return heat_map(cells, title=INDICATORS[name], of=shown[0].unit if shown else "flows", look=look)

    return Finding("indicators", INDICATORS[name], _INDICATOR_COLUMNS, tuple(rows), tuple(lines), _once(flows), snapshot, draw)


# --- claims ---------------------------------------------------------------------------------------------------------

_CLAIM_COLUMNS = (
    *("claim", "subject", "subject_label", "object", "object_label", "verdict", "without_own_sources", "without_own_publishers"),
    *("self_supported", "late", "days", "chain", "sources"),
)

_CLAIMS = f"""PREFIX sg: <{PREFIXES["sg"]}>
PREFIX skos: <{PREFIXES["skos"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT ?claim ?statement ?subjects ?object ?date ?note
  (GROUP_CONCAT(DISTINCT STR(?by); SEPARATOR=";") AS ?claimants) (GROUP_CONCAT(DISTINCT STR(?source); SEPARATOR=";") AS ?cited)
WHERE {{
  ?claim a sg:Claim ; skos:prefLabel ?statement ; sg:claimSubjects ?subjects ; sg:claimObject ?object ; dcterms:source ?source .
  ?claim sg:claimedBy|sg:publisherName ?by .
  OPTIONAL {{ ?claim dcterms:date ?date }}
  OPTIONAL {{ ?claim skos:note ?note }}
}} GROUP BY ?claim ?statement ?subjects ?object ?date ?note ORDER BY ?claim"""


def recorded_claims(store: Store, things: Things) -> dict[str, Claim]:
    """The claims that a store holds, by id, in the order of their ids."""

    def slugs(text: str) -> str:
        return ";".join(part.rpartition("/")[2] if part.startswith(ID) else part for part in text.split(";"))

    rows = []
    for row in select(store, _CLAIMS):
        claim, statement, subjects, target, date, note, claimants, cited = map(text_of, row)
        values = (claim.rpartition("/")[2], statement, slugs(claimants), subjects, target, date, slugs(cited), note)
        rows.append(dict(zip(claims_room.COLUMNS, values, strict=True)))
    return {claim.id: claim for claim in claims_room.read(rows, things)}


def claim(network: FlowNetwork, things: Things, asked: Claim, search: Search, publisher_of: Mapping[str, str], snapshot: str) -> Finding:
    """A claim held against the record: for each subject and object a verdict, with and without the claim's own sources."""
    found = claims_room.check(asked, network, things, search, publisher_of=publisher_of)
    rows: list[dict[str, Any]] = []
    flows: list[Flow] = []
    dated = f", {asked.date}" if asked.date else ""
    cited = ", ".join(source.rpartition("/")[2] for source in asked.sources)
    lines = [f"claimed by {', '.join(_label(things, name) for name in asked.claimed_by)}{dated} [{cited}]", found.summary(), ""]
    for row in found.rows:
        best = row.paths[0].path if row.paths else None
        rows.append(
            {
                "claim": asked.id,
                "subject": row.subject,
                "subject_label": _label(things, row.subject),
                "object": row.object,
                "object_label": _label(things, row.object),
                "verdict": row.verdict,
                "without_own_sources": row.without_own_sources,
                "without_own_publishers": row.without_own_publishers,
                "self_supported": row.self_supported,
                "late": row.late,
                "days": row.days,
                "chain": _chain(best),
                "sources": list(best.sources) if best else [],
            }
        )
        lines.append(f"{_label(things, row.subject)} -> {_label(things, row.object)}: {row.verdict.replace('-', ' ')}")
        lines.append(f"    {claims_room.explain(row, things)}")
        if best:
            lines.append(f"    {_chain(best)}")
            flows += best.flows
    return Finding("claim", asked.statement, _CLAIM_COLUMNS, tuple(rows), tuple(lines), _once(flows), snapshot)


# --- robustness -----------------------------------------------------------------------------------------------------

_ROBUST_COLUMNS = ("what", "item", "detail")


def robust(network: FlowNetwork, things: Things, answer: Trace, publisher_of: Mapping[str, str]) -> Finding:
    """What an answer rests on: weakest hops, what alone would break it, how many paths are independent, and who speaks."""
    assessed = robustness.assess(network, answer.source, answer.target, answer.search, publisher_of=publisher_of)
    register = robustness.Register(network, things)
    rows: list[dict[str, Any]] = []

    def add(what: str, item: str, detail: str = "") -> None:
        rows.append({"what": what, "item": item, "detail": detail})

    for flow in assessed.weakest:
        add(
            "weakest hop of the best path",
            short(flow.id),
            f"{flow.basis}, {len(flow.sources)} sources of {len(flow.publishers)} publishers",
        )
    for name, iris in (("flow", assessed.critical_flows), ("source", assessed.critical_sources)):
        for iri in iris:
            add(f"{name} without which no path is left", short(iri))
    for publisher in assessed.critical_publishers:
        add("publisher without whom no path is left", publisher)
    for one in assessed.independence:
        for name in ("flows", "things", "sources", "publishers"):
            count = getattr(one, name)
            add(f"{one.reading}: paths that share no {name}", str(count.found), "exact" if count.exact else f"at most {count.bound}")
    if assessed.found.paths:
        testimony = register.testimony(assessed.found.paths[0])
        for voice in testimony.voices:
            add("who speaks for the best path", voice.publisher, f"{voice.kind}: {voice.reason}")
        own = ", ".join(str(position + 1) for position in testimony.self_reported)
        add("hops that only a party to the path reports", own or "none")
    lines = tuple(f"{row['what']}: {row['item']}" + (f" ({row['detail']})" if row["detail"] else "") for row in rows)
    flows = _once(flow for path in assessed.found.paths for flow in path.flows)
    return Finding("robustness", "What the answer rests on", _ROBUST_COLUMNS, tuple(rows), lines, flows, answer.snapshot)


def compared(before: Iterable[Path], after: Iterable[Path], things: Things) -> list[str]:
    """The difference between two answers in words, for an answer that was asked again without some sources."""
    change = robustness.compare(list(before), list(after))
    lines = [f"vanished: {_chain(path)}" for path in change.vanished]
    lines += [f"appeared: {_chain(path)}" for path in change.appeared]
    lines += [f"changed: {_chain(item.after)} is now {item.after.reading}, {item.after.basis}" for item in change.reread]
    return lines or ["No path differs."]


def without(network: FlowNetwork, names: Iterable[str], publisher_of: Mapping[str, str]) -> FlowNetwork:
    """A network without some sources, named by id or IRI, or publishers, named as they are printed.

    Raises:
        UsageError: nothing has that name.
    """
    by_slug = {iri.rpartition("/")[2]: iri for iri in publisher_of}
    publishers = {name.casefold(): name for name in publisher_of.values()}
    sources, gone = set(), set()
    for name in names:
        if name in publisher_of or name in by_slug:
            sources.add(by_slug.get(name, name))
        elif name.casefold() in publishers:
            gone.add(publishers[name.casefold()])
        else:
            raise UsageError(f"No source and no publisher is called {name!r}. Sources are named by id, publishers as in sources.csv.")
    return robustness.without(network, sources=frozenset(sources), publishers=frozenset(gone), publisher_of=publisher_of)


KEYS: dict[str, tuple[str, ...]] = {
    "gaps": ("kind", "thing"),
    "loops": ("place", "up", "back"),
    "balance": ("place",),
    "indicators": ("name", "group"),
    "claim": ("subject", "object"),
}
"""Kind of finding -> the columns that say which row is which."""


def changed(before: Finding, after: Finding) -> list[str]:
    """The difference between two findings of one kind in words, row by row."""

    def by_key(finding: Finding) -> dict[str, Mapping[str, Any]]:
        return {" ".join(short(_cell(row[name])) for name in KEYS[finding.kind]): row for row in finding.rows}

    was, now = by_key(before), by_key(after)
    lines = [f"gone: {key}" for key in was if key not in now]
    lines += [f"new: {key}" for key in now if key not in was]
    for key in was.keys() & now.keys():
        fields = [
            f"{name} {_cell(was[key][name]) or 'none'} -> {_cell(now[key][name]) or 'none'}"
            for name in before.columns
            if was[key][name] != now[key][name] and name not in ("flows", "sources")
        ]
        if fields:
            lines.append(f"changed: {key}: {'; '.join(fields)}")
    return sorted(lines) or ["No row differs."]


# --- pictures -------------------------------------------------------------------------------------------------------

PICTURES = ("svg", "png", "html")
"""The formats of pictures."""
DRAWINGS = ("paths", "flows", "network", "timeline", "map")
"""The pictures that can be asked for; without a wish, each kind of answer has its own."""


def picture(store: Store, things: Things, answer: Trace | Finding, form: str, drawing: str | None = None) -> bytes:
    """The picture of an answer as ``svg``, ``png`` or ``html``; every edge opens its source.

    Args:
        store, things: where evidence and names are read from.
        answer: a trace or a finding.
        form: one of `PICTURES`.
        drawing: one of `DRAWINGS`; None for the one that suits the answer.

    Raises:
        UsageError: there is no such picture of this answer, or the converter to PNG is not installed.
    """
    from seismic_graph import picture as room

    if drawing is not None and drawing not in DRAWINGS:
        raise UsageError(f"There is no picture {drawing!r}; it is one of {', '.join(DRAWINGS)}.")
    if isinstance(answer, Trace):
        title, flows = f"{answer.label(answer.source)} to {answer.label(answer.target)}", answer.flows
        said = room.evidence(flows, answer.evidence, answer.sources)
        own: Callable[..., str] | None = lambda: room.path_diagram(answer)  # noqa: E731 - a choice like the others
    else:
        title, flows, own = answer.title, answer.flows, answer.draw
        said = room.evidence(flows, *trace.background(store, flows))
        if drawing == "paths":
            raise UsageError("Only a trace has a picture of paths.")
    ends = [things[iri] for iri in sorted({end for flow in flows for end in (flow.source, flow.target)}) if iri in things]
    draw: dict[str, Callable[[], str]] = {
        "flows": lambda: room.flow_diagram(flows, things, said),
        "network": lambda: room.network_diagram(flows, things, said),
        "timeline": lambda: room.timeline(ends, flows, said),
        "map": lambda: room.map_picture(things, flows, said),
    }
    svg = draw[drawing]() if drawing in draw else own() if own else draw["network"]()
    if form == "png":
        return room.to_png(svg)
    return (room.to_html(svg, title) if form == "html" else svg).encode()
