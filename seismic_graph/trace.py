"""Trace: which paths lead from one thing to another, hop by hop, each with its date and its source."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seismic_graph import names, paths, rdf
from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.flows import BASES, Flow
from seismic_graph.paths import FlowNetwork, Found, Path, Reached, Reason, Search
from seismic_graph.store import Store, select, text_of
from seismic_graph.vocabulary import BASE, PREFIXES, SG, short


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the record says of a flow, beyond what the search needs.

    Attributes:
        statement: what the source says, in our words; empty for a hop that a rule reads off a row.
        start, end: the stated dates, with the precision they have.
        rule: the derive rule, for a hop that is not stated.
        row: the dossier row: file and row number.
        earliest_by, latest_by: what set the bounds: the flow itself or one of its ends.
        contradicts: ends whose own time contradicts what is stated.
    """

    statement: str = ""
    start: str = ""
    end: str = ""
    rule: str = ""
    row: str = ""
    earliest_by: str = ""
    latest_by: str = ""
    contradicts: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What vouches for the flow, in a few words: the statement, or the row and the rule that read it off."""
        return self.statement or (f"read off {self.row} by the rule {self.rule}" if self.row else f"by the rule {self.rule}")


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as a reader needs it: title, publisher, address."""

    title: str
    publisher: str
    url: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer to one trace, complete in itself.

    Attributes:
        source, target: IRIs; search: what was asked; found: the paths.
        reasons: why there is none, where there is none.
        labels, evidence, sources, own_dates: what the paths need to be told: by IRI.
        snapshot: the identity of the store that answered.
    """

    source: str
    target: str
    search: Search
    found: Found
    reasons: tuple[Reason, ...]
    labels: Mapping[str, str]
    evidence: Mapping[str, Evidence]
    sources: Mapping[str, SourceInfo]
    own_dates: Mapping[str, tuple[tuple[str, str], ...]]
    snapshot: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths, the best first."""
        return self.found.paths

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The flows on its paths, each once; where there is no path, those of the nearest."""
        shown = self.paths or tuple(reason.path for reason in self.reasons if reason.path)
        return tuple({flow.id: flow for path in shown for flow in path.flows}.values())

    def label(self, iri: str) -> str:
        """The label of something on a path."""
        return self.labels.get(iri) or short(iri)

    def to_text(self, *, explain_dates: bool = False) -> str:
        """The answer for a reader: one hop a line, its evidence below it, and the sources at the end."""
        return _text(self, explain_dates)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, with all evidence."""
        return _mapping(self)

    def to_json(self) -> str:
        """The answer as JSON, with all evidence."""
        return json.dumps(_mapping(self), indent=2, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """One row a hop (RFC 4180)."""
        return _csv(self)

    def to_turtle(self) -> str:
        """The answer as PROV-O in Turtle: each path a sequence of qualified influences with their sources."""
        return _turtle(self)

    def to_mermaid(self) -> str:
        """A Mermaid flow chart: solid for stated, thick for structural, dotted for contextual."""
        return _mermaid(self)

    def to_sparql(self) -> str:
        """A query that re-checks every hop on any endpoint: one row comes back for each hop of which the graph says the same."""
        return _sparql(self)

    def _repr_html_(self) -> str:
        return _html(self)

    def __str__(self) -> str:
        return self.to_text()


FORMATS: dict[str, Callable[[Trace], str]] = {
    "text": Trace.to_text,
    "json": Trace.to_json,
    "csv": Trace.to_csv,
    "turtle": Trace.to_turtle,
    "mermaid": Trace.to_mermaid,
}
"""Name -> writer of a trace."""


def trace(store: Store, network: FlowNetwork, source: str, target: str, search: Search, limit: int = 5) -> Trace:
    """The best paths from one entity to another with all their evidence; where there is none, why.

    Args:
        store: where labels and evidence are read from.
        network: the flows of that store.
        source, target: IRIs.
        search: reading, bases, limits and filters.
        limit: how many paths to show.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    found = paths.find(network, source, target, search, limit)
    reasons = () if found.paths else tuple(paths.why_not(network, source, target, search))
    shown = [*found.paths, *(reason.path for reason in reasons if reason.path)]
    flows = {flow.id: flow for path in shown for flow in path.flows}
    evidence = _evidence(store, list(flows))
    cited = sources(store, sorted({iri for flow in flows.values() for iri in flow.sources}))
    things = {source, target, *search.via, *(node for path in shown for node in path.nodes)}
    kinds = {_kind_iri(flow) for flow in flows.values()}
    deciding = {iri for item in evidence.values() for iri in (item.earliest_by, item.latest_by, *item.contradicts) if iri}
    return Trace(
        source,
        target,
        search,
        found,
        reasons,
        names.label(store, sorted(things | kinds)),
        evidence,
        cited,
        _own_dates(store, sorted(deciding - set(flows))),
        store.identity,
    )


def _kind_iri(flow: Flow) -> str:
    return f"{PREFIXES['voc']}flow-kind/{flow.kind}"


def background(store: Store, flows: Iterable[Flow]) -> tuple[dict[str, Evidence], dict[str, SourceInfo]]:
    """What the record says of some flows, and of their sources; both by IRI."""
    chosen = list(flows)
    return _evidence(store, [flow.id for flow in chosen]), sources(store, sorted({iri for flow in chosen for iri in flow.sources}))


_BATCH = 200


def _select(store: Store, query: str, iris: Sequence[str]) -> Iterable[list[str]]:
    """The rows of a query about some things, asked for in batches."""
    for start in range(0, len(iris), _BATCH):
        values = " ".join(rdf.iri(iri) for iri in iris[start : start + _BATCH])
        for row in select(store, query.replace("{values}", values)):
            yield [text_of(term) for term in row]


_EVIDENCE = f"""PREFIX sg: <{PREFIXES["sg"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT ?flow ?property ?value WHERE {{
  VALUES ?flow {{ {{values}} }}
  VALUES ?property {{ dcterms:description sg:start sg:end sg:rule sg:row sg:earliestBy sg:latestBy sg:contradicts }}
  ?flow ?property ?value .
}}"""


def _evidence(store: Store, flows: Sequence[str]) -> dict[str, Evidence]:
    said: dict[str, dict[str, list[str]]] = {flow: {} for flow in flows}
    for flow, predicate, value in _select(store, _EVIDENCE, flows):
        said[flow].setdefault(predicate, []).append(value)

    def one(values: Mapping[str, list[str]], predicate: str) -> str:
        return min(values.get(predicate, [""]))

    return {
        flow: Evidence(
            one(values, PREFIXES["dcterms"] + "description"),
            one(values, SG.start),
            one(values, SG.end),
            one(values, SG.rule),
            one(values, SG.row).removeprefix(BASE + "dossier/").removeprefix(BASE + "import/").replace("#row=", " row "),
            one(values, SG.earliestBy),
            one(values, SG.latestBy),
            tuple(sorted(values.get(SG.contradicts, []))),
        )
        for flow, values in said.items()
    }


_SOURCE = f"""PREFIX sg: <{PREFIXES["sg"]}>
PREFIX skos: <{PREFIXES["skos"]}>
PREFIX schema: <{PREFIXES["schema"]}>
SELECT ?source ?title ?publisher ?url WHERE {{
  VALUES ?source {{ {{values}} }}
  ?source skos:prefLabel ?title ; sg:publisherName ?publisher ; schema:url ?url .
}}"""


def sources(store: Store, iris: Sequence[str]) -> dict[str, SourceInfo]:
    """Sources by IRI; one of which the record tells nothing is left out."""
    return {source: SourceInfo(title, publisher, url) for source, title, publisher, url in _select(store, _SOURCE, iris)}


_OWN_DATES = f"""PREFIX sg: <{PREFIXES["sg"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT ?thing ?property ?date WHERE {{
  VALUES ?thing {{ {{values}} }}
  VALUES ?property {{ sg:start sg:end sg:opened dcterms:issued dcterms:date }}
  {{ ?thing ?property ?date }} UNION {{ ?thing sg:agenda ?agenda . ?agenda ?property ?date }}
}}"""

_DATE_WORDS = {
    SG.start: "starts",
    SG.end: "ends",
    SG.opened: "opened",
    PREFIXES["dcterms"] + "issued": "published",
    PREFIXES["dcterms"] + "date": "dated",
}


def _own_dates(store: Store, things: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for thing, predicate, value in _select(store, _OWN_DATES, things):
        found.setdefault(thing, set()).add((_DATE_WORDS[predicate], value))
    return {thing: tuple(sorted(dates, key=lambda said: (said[1], said[0]))) for thing, dates in found.items()}


# --- text -----------------------------------------------------------------------------------------------------------


def span(flow: Flow) -> str:
    """The days of a flow as people read them."""
    first, last = day_text(flow.earliest), day_text(flow.latest)
    if first is None and last is None:
        return "at all times" if flow.standing and flow.sure_from == OPEN_START else "undated"
    return first if first == last and first else f"{first or '...'} to {last or '...'}"


def _kind(answer: Trace, flow: Flow) -> str:
    return answer.labels.get(_kind_iri(flow)) or flow.kind.replace("-", " ")


def _brief(label: str) -> str:
    """A label that leaves room for the rest of its line; the table of ends or JSON has it whole."""
    return label if len(label) <= _BRIEF else textwrap.shorten(label, _BRIEF, placeholder=" ...")


_BRIEF = 70


def _names(iris: Iterable[str]) -> str:
    return ", ".join(iri.rpartition("/")[2] for iri in iris)


def _text(answer: Trace, explain_dates: bool) -> str:
    search = answer.search
    lines = [
        f"from     {answer.label(answer.source)}  [{short(answer.source)}]",
        f"to       {answer.label(answer.target)}  [{short(answer.target)}]",
        _limits(search) + _filters(answer),
        "",
    ]
    used: dict[str, None] = {}
    for number, path in enumerate(answer.paths, 1):
        lines += [f"Path {number}: {_summary(path)}", *_hops(answer, path, explain_dates, used), ""]
    if not answer.paths:
        lines += _why(answer, explain_dates, used)
    if answer.found.more:
        lines += ["There are more paths than shown: ask for them with --paths.", ""]
    if not answer.found.exhausted:
        lines += ["The search gave up before it had looked at everything: lower --max-hops or narrow the basis.", ""]
    if used:
        lines.append("Sources")
        lines += [_source_line(answer, iri) for iri in sorted(used)]
        lines.append("")
    lines.append(f"snapshot {answer.snapshot}")
    return "\n".join(lines) + "\n"


def _limits(search: Search) -> str:
    bases = ", ".join(sorted(search.bases, key=BASES.index))
    return f"reading  {search.reading}; basis {bases}; at most {search.max_hops} hops"


def _filters(answer: Trace) -> str:
    search = answer.search
    said = [f"direction {', '.join(sorted(search.directions))}"] if search.directions else []
    if search.since != OPEN_START:
        said.append(f"since {day_text(search.since)}")
    if search.until != OPEN_END:
        said.append(f"until {day_text(search.until)}")
    if search.via:
        said.append(f"via {_names(search.via)}")
    if search.avoid:
        said.append(f"avoiding {_names(sorted(search.avoid))}")
    return "".join(f"; {part}" for part in said)


def _summary(path: Path) -> str:
    hops, voices = len(path.flows), len(path.publishers)
    return (
        f"{path.reading} in time, {path.basis} basis, {hops} hop{'s' * (hops != 1)}, specificity {path.specificity:.2g}, "
        f"{voices} independent publisher{'s' * (voices != 1)}"
    )


def _hops(answer: Trace, path: Path, explain_dates: bool, used: dict[str, None]) -> list[str]:
    lines = []
    for number, flow in enumerate(path.flows, 1):
        evidence = answer.evidence[flow.id]
        source, target = _brief(answer.label(flow.source)), _brief(answer.label(flow.target))
        arrow = f"{source} -- {_kind(answer, flow)} --> {target}"
        if flow.reversed:
            arrow = f"{source} --> {target}, {_kind(answer, flow)} it"
        lines.append(f"  {number}. {span(flow):<24} {arrow}")
        lines.append(f"       {flow.basis}: {evidence.words} [{_names(flow.sources)}]")
        used.update(dict.fromkeys(flow.sources))
        if evidence.contradicts:
            lines.append(
                f"       note: the stated date contradicts the own time of {', '.join(answer.label(iri) for iri in evidence.contradicts)}"
            )
        if explain_dates:
            lines += [f"       {line}" for line in _explained(answer, flow, evidence)]
    return lines


def _explained(answer: Trace, flow: Flow, evidence: Evidence) -> list[str]:
    """How each bound of a flow came about."""
    stated = f"stated {evidence.start or '...'} to {evidence.end or '...'}" if evidence.start or evidence.end else "no date stated"
    if flow.standing and flow.sure_from == OPEN_START:
        return [f"dates: {stated}; holds at all times"]
    lines = [f"dates: {stated}"]
    for side, day, by in (("earliest", flow.earliest, evidence.earliest_by), ("latest", flow.latest, evidence.latest_by)):
        if not by:
            lines.append(f"  {side} open: nothing bounds it")
        elif by == flow.id:
            lines.append(f"  {side} {day_text(day)}: as stated")
        else:
            lines.append(f"  {side} {day_text(day)}: by the own time of {_brief(answer.labels.get(by) or short(by))} ({_own(answer, by)})")
    if flow.standing:
        certain = f"{day_text(flow.sure_from)} to {day_text(flow.sure_until)}" if flow.sure_from <= flow.sure_until else "on no day"
        lines.append(f"  holds for certain {certain}")
    return lines


def _own(answer: Trace, thing: str) -> str:
    return ", ".join(f"{word} {value}" for word, value in answer.own_dates.get(thing, ())) or "undated"


def _source_line(answer: Trace, iri: str) -> str:
    info = answer.sources.get(iri)
    name = iri.rpartition("/")[2]
    return f"  {name}: {info.title}. {info.publisher}. {info.url}" if info else f"  {name}"


def _why(answer: Trace, explain_dates: bool, used: dict[str, None]) -> list[str]:
    lines = ["No such path is recorded. Why:"]
    for reason in answer.reasons:
        lines.append(f"- {_reason(answer, reason)}")
        if reason.path:
            lines += _hops(answer, reason.path, explain_dates, used)
    return [*lines, ""]


def _reason(answer: Trace, reason: Reason) -> str:
    path = reason.path
    if path is None:
        return f"No chain of up to {paths.MANY_HOPS} recorded flows of any basis leads there, whatever the dates."
    if reason.code == "backwards" and reason.hop is not None:
        hop = path.flows[reason.hop]
        where = f"hop {reason.hop + 1} ({_brief(answer.label(hop.source))} to {_brief(answer.label(hop.target))}, {span(hop)})"
        if reason.days == 0:
            return f"The order of the hops is possible but not certain; it first fails to be certain at {where}:"
        return f"Only chains that run backwards in time. The nearest misses by {reason.days} days, at {where}:"
    if reason.code == "several":
        return f"Several limits together stand in the way. With all of them lifted: {path.reading} in time, {path.basis} basis:"
    if reason.code == "weaker-basis":
        return f"Only on a weaker basis ({path.basis}), {path.reading} in time:"
    if reason.code == "more-hops":
        return f"Only with more hops ({len(path.flows)}), {path.reading} in time, {path.basis} basis:"
    return f"Only without the filters on direction, window, via and avoid, {path.reading} in time, {path.basis} basis:"


# --- data -----------------------------------------------------------------------------------------------------------


def _hop_mapping(answer: Trace, flow: Flow) -> dict[str, Any]:
    evidence = answer.evidence[flow.id]
    return {
        "flow": flow.id,
        "from": flow.source,
        "from_label": answer.label(flow.source),
        "kind": flow.kind,
        "to": flow.target,
        "to_label": answer.label(flow.target),
        "direction": flow.direction,
        "basis": flow.basis,
        "rule": evidence.rule or None,
        "stated_start": evidence.start or None,
        "stated_end": evidence.end or None,
        "earliest": day_text(flow.earliest),
        "latest": day_text(flow.latest),
        "earliest_by": evidence.earliest_by or None,
        "latest_by": evidence.latest_by or None,
        "standing": flow.standing,
        "contradicts": list(evidence.contradicts),
        "statement": evidence.statement or None,
        "row": evidence.row,
        "sources": list(flow.sources),
    }


def _path_mapping(answer: Trace, path: Path) -> dict[str, Any]:
    return {
        "reading": path.reading,
        "basis": path.basis,
        "specificity": float(f"{path.specificity:.6g}"),
        "publishers": list(path.publishers),
        "hops": [_hop_mapping(answer, flow) for flow in path.flows],
    }


def _mapping(answer: Trace) -> dict[str, Any]:
    search = answer.search
    return {
        "snapshot": answer.snapshot,
        "from": answer.source,
        "from_label": answer.label(answer.source),
        "to": answer.target,
        "to_label": answer.label(answer.target),
        "search": {
            "reading": search.reading,
            "basis": sorted(search.bases, key=BASES.index),
            "directions": sorted(search.directions),
            "max_hops": search.max_hops,
            "since": day_text(search.since),
            "until": day_text(search.until),
            "via": list(search.via),
            "avoid": sorted(search.avoid),
        },
        "paths": [_path_mapping(answer, path) for path in answer.paths],
        "more": answer.found.more,
        "exhausted": answer.found.exhausted,
        "why_not": [
            {
                "code": reason.code,
                "hop": reason.hop,
                "days": reason.days,
                "nearest": _path_mapping(answer, reason.path) if reason.path else None,
            }
            for reason in answer.reasons
        ],
        "sources": {
            iri: {"title": info.title, "publisher": info.publisher, "url": info.url} for iri, info in sorted(answer.sources.items())
        },
    }


def _csv(answer: Trace) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns: list[str] | None = None
    for number, path in enumerate(answer.paths, 1):
        for hop, flow in enumerate(path.flows, 1):
            row = {"path": number, "hop": hop, "reading": path.reading, **_hop_mapping(answer, flow)}
            row["sources"] = ";".join(flow.sources)
            row["contradicts"] = ";".join(row["contradicts"])
            if columns is None:
                columns = list(row)
                writer.writerow(columns)
            writer.writerow(["" if row[column] is None else row[column] for column in columns])
    return out.getvalue()


def _turtle(answer: Trace) -> str:
    import hashlib

    lines = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in ("sg", "prov", "rdf", "skos", "dcterms", "xsd")] + [""]
    for number, path in enumerate(answer.paths, 1):
        name = hashlib.sha256(" ".join(flow.id for flow in path.flows).encode()).hexdigest()[:16]
        members = " ;\n  ".join(
            [f"rdf:_{position} {rdf.iri(flow.id)} ; prov:hadMember {rdf.iri(flow.id)}" for position, flow in enumerate(path.flows, 1)]
        )
        label = rdf.literal(f"Path {number} from {answer.label(answer.source)} to {answer.label(answer.target)}", language="en")
        note = rdf.literal(f"{path.reading}, {path.basis}; snapshot {answer.snapshot}", language="en")
        lines.append(
            f"<{BASE}id/path/{name}> a prov:Collection, rdf:Seq ;\n  skos:prefLabel {label} ;\n  skos:note {note} ;\n  {members} .\n"
        )
    for flow in {flow.id: flow for path in answer.paths for flow in path.flows}.values():
        evidence = answer.evidence[flow.id]
        said = [
            "a sg:KnowledgeFlow, prov:Influence",
            f"sg:from {rdf.iri(flow.source)} ; prov:influencer {rdf.iri(flow.source)} ; sg:to {rdf.iri(flow.target)}",
            f"sg:flowKind {rdf.iri(_kind_iri(flow))}",
            f"sg:basis <{PREFIXES['voc']}basis/{flow.basis}> ; sg:direction <{PREFIXES['voc']}direction/{flow.direction}>",
            *(f"sg:{name} {rdf.date_literal(value)}" for name, value in (("start", evidence.start), ("end", evidence.end)) if value),
            *(
                f'sg:{name} "{day_text(day)}"^^xsd:date'
                for name, day in (("earliest", flow.earliest), ("latest", flow.latest))
                if day_text(day)
            ),
            *([f"sg:rule {rdf.literal(evidence.rule)}"] if evidence.rule else []),
            *([f"dcterms:description {rdf.literal(evidence.statement, language='en')}"] if evidence.statement else []),
            *(f"dcterms:source {rdf.iri(source)}" for source in flow.sources),
        ]
        lines.append(rdf.iri(flow.id) + " " + " ;\n  ".join(said) + " .\n")
        lines.append(f"{rdf.iri(flow.target)} prov:qualifiedInfluence {rdf.iri(flow.id)} ; prov:wasInfluencedBy {rdf.iri(flow.source)} .\n")
    things = {node for path in answer.paths for node in path.nodes}
    lines += [f"{rdf.iri(node)} skos:prefLabel {rdf.literal(answer.label(node), language='en')} ." for node in sorted(things)]
    for iri, info in sorted(answer.sources.items()):
        lines.append(
            f"{rdf.iri(iri)} a prov:Entity ; skos:prefLabel {rdf.literal(info.title)} ; "
            f"dcterms:publisher {rdf.literal(info.publisher)} ; prov:atLocation {rdf.iri(info.url)} ."
        )
    return "\n".join(lines) + "\n"


_ARROWS = {"stated": "-->", "structural": "==>", "contextual": "-.->"}


def _mermaid(answer: Trace) -> str:
    nodes: dict[str, str] = {}
    edges: dict[str, str] = {}
    for path in answer.paths:
        for node in path.nodes:
            nodes.setdefault(node, f"n{len(nodes)}")
        for flow in path.flows:
            text = _mermaid_text(f"{_kind(answer, flow)}<br/>{span(flow)}")
            edges.setdefault(flow.id, f"  {nodes[flow.source]} {_ARROWS[flow.basis]}|{text}| {nodes[flow.target]}")
    lines = ["flowchart LR", *(f"  {name}[{_mermaid_text(answer.label(node))}]" for node, name in nodes.items()), *edges.values()]
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """A text in double quotes, with the characters that Mermaid would read as syntax written as entity codes."""
    escaped = text.replace("#", "#35;").replace('"', "#quot;").replace("<br/>", "\0").replace("<", "#lt;").replace(">", "#gt;")
    return '"' + escaped.replace("\0", "<br/>").replace("\n", " ") + '"'


def _sparql(answer: Trace) -> str:
    rows = []
    for number, path in enumerate(answer.paths, 1):
        for hop, flow in enumerate(path.flows, 1):
            first, last = day_text(flow.earliest) or "", day_text(flow.latest) or ""
            rows.append(f'    ({number} {hop} {rdf.iri(flow.id)} {rdf.iri(flow.source)} {rdf.iri(flow.target)} "{first}" "{last}")')
    return f"""# Re-checks {len(rows)} hops of snapshot {answer.snapshot}.
# {len(rows)} rows must come back, one a hop. A hop that is missing is not confirmed.
PREFIX sg: <{PREFIXES["sg"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT ?path ?hop ?flow ?from ?kind ?to ?basis ?expectedEarliest ?expectedLatest (COUNT(DISTINCT ?source) AS ?sources)
WHERE {{
  VALUES (?path ?hop ?flow ?from ?to ?expectedEarliest ?expectedLatest) {{
{chr(10).join(rows)}
  }}
  ?flow sg:from ?from ; sg:to ?to ; sg:flowKind ?kind ; sg:basis ?basis ; dcterms:source ?source .
  OPTIONAL {{ ?flow sg:earliest ?earliest }}
  OPTIONAL {{ ?flow sg:latest ?latest }}
  FILTER(COALESCE(STR(?earliest), "") = ?expectedEarliest && COALESCE(STR(?latest), "") = ?expectedLatest)
}}
GROUP BY ?path ?hop ?flow ?from ?kind ?to ?basis ?expectedEarliest ?expectedLatest
ORDER BY ?path ?hop
"""


def _html(answer: Trace) -> str:
    """The answer for a notebook: a table a path, every source a link."""
    from html import escape

    parts = [f"<p><b>{escape(answer.label(answer.source))}</b> → <b>{escape(answer.label(answer.target))}</b></p>"]
    for number, path in enumerate(answer.paths, 1):
        parts.append(f"<p>Path {number}: {escape(_summary(path))}</p><table>")
        parts.append("<tr><th>when</th><th>from</th><th>how</th><th>to</th><th>basis</th><th>evidence</th></tr>")
        for flow in path.flows:
            evidence = answer.evidence[flow.id]
            links = " ".join(
                f'<a href="{escape(answer.sources[iri].url, quote=True)}">{escape(iri.rpartition("/")[2])}</a>'
                for iri in flow.sources
                if iri in answer.sources
            )
            cells = (span(flow), answer.label(flow.source), _kind(answer, flow), answer.label(flow.target), flow.basis)
            said = evidence.statement or f"{evidence.row}, rule {evidence.rule}"
            parts.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f"<td>{escape(said)} {links}</td></tr>")
        parts.append("</table>")
    if not answer.paths:
        parts.append(f"<pre>{escape(answer.to_text())}</pre>")
    return "".join(parts)


# --- from one to everything, and from many to many ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """What knowledge from one entity reaches: by class, then by hops and label."""

    source: str
    search: Search
    reached: tuple[tuple[str, Reached], ...]
    labels: Mapping[str, str]
    snapshot: str

    def rows(self) -> list[dict[str, Any]]:
        """One mapping a thing reached: class, IRI, label, fewest hops, first possible day."""
        return [
            {
                "class": kind,
                "to": item.node,
                "to_label": self.labels.get(item.node) or short(item.node),
                "hops": item.hops,
                "first_day": day_text(item.first_day),
            }
            for kind, item in self.reached
        ]

    def to_text(self) -> str:
        """A list for a reader, grouped by class."""
        search = self.search
        lines = [
            f"from     {self.labels.get(self.source) or short(self.source)}  [{short(self.source)}]",
            _limits(search),
            "",
        ]
        last = None
        for row in self.rows():
            if row["class"] != last:
                last = row["class"]
                lines.append(f"{last}: {sum(kind == last for kind, _ in self.reached)} reached")
            day = f", from {row['first_day']}" if row["first_day"] and search.reading == "possible" else ""
            lines.append(f"  {row['to_label']}  [{short(row['to'])}]  {row['hops']} hop{'s' * (row['hops'] != 1)}{day}")
        if not self.reached:
            lines.append("Nothing is reached within these limits, as far as is recorded.")
        return "\n".join([*lines, "", f"snapshot {self.snapshot}"]) + "\n"

    def to_json(self) -> str:
        """The list as JSON."""
        return json.dumps({"snapshot": self.snapshot, "from": self.source, "reached": self.rows()}, indent=2, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """One row a thing reached."""
        return _rows_csv(self.rows(), ["class", "to", "to_label", "hops", "first_day"])


def reach(store: Store, network: FlowNetwork, source: str, search: Search) -> Reach:
    """Everything that knowledge from one entity reaches within the limits of a search."""
    reached = paths.reach(network, source, search)
    labels = names.label(store, sorted({source, *reached}))
    ordered = sorted(
        ((short(node).partition("/")[0], item) for node, item in reached.items()),
        key=lambda entry: (entry[0], entry[1].hops, labels.get(entry[1].node, ""), entry[1].node),
    )
    return Reach(source, search, tuple(ordered), labels, store.identity)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts and best paths between two sets.

    Attributes:
        sources, targets: IRIs, in the order of their labels.
        cells: (source, target) -> what is found there; absent where there is no path.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    cells: Mapping[tuple[str, str], Found]
    search: Search
    labels: Mapping[str, str]
    snapshot: str

    def rows(self) -> list[dict[str, Any]]:
        """One mapping a pair with a path: count, whether there are more, and the best path."""
        out = []
        for source in self.sources:
            for target in self.targets:
                if (found := self.cells.get((source, target))) and found.paths:
                    best = found.paths[0]
                    out.append(
                        {
                            "from": source,
                            "from_label": self.labels.get(source) or short(source),
                            "to": target,
                            "to_label": self.labels.get(target) or short(target),
                            "paths": len(found.paths),
                            "more": found.more,
                            "reading": best.reading,
                            "basis": best.basis,
                            "hops": len(best.flows),
                            "specificity": float(f"{best.specificity:.6g}"),
                            "best": " > ".join(short(node) for node in best.nodes),
                        }
                    )
        return out

    def to_text(self) -> str:
        """For each source, the targets it reaches with the count of paths (``+``: there are more) and the best path."""
        search = self.search
        lines = [
            _limits(search),
            "",
        ]
        rows = self.rows()
        for source in self.sources:
            mine = [row for row in rows if row["from"] == source]
            lines.append(f"{self.labels.get(source) or short(source)}  [{short(source)}]: reaches {len(mine)} of {len(self.targets)}")
            for row in mine:
                count = f"{row['paths']}{'+' if row['more'] else ''} path{'s' * (row['paths'] != 1)}"
                lines.append(f"  {count} to {row['to_label']}; best ({row['reading']}, {row['basis']}): {row['best']}")
        return "\n".join([*lines, "", f"snapshot {self.snapshot}"]) + "\n"

    def to_json(self) -> str:
        """The pairs as JSON."""
        return json.dumps({"snapshot": self.snapshot, "pairs": self.rows()}, indent=2, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """One row a pair with a path."""
        return _rows_csv(
            self.rows(), ["from", "from_label", "to", "to_label", "paths", "more", "reading", "basis", "hops", "specificity", "best"]
        )


class _Cells(Mapping[tuple[str, str], Found]):
    """What was found for each pair; the paths of a pair are looked for when somebody asks for them."""

    def __init__(self, pairs: Iterable[tuple[str, str]], find: Callable[[str, str], Found]) -> None:
        self._found: dict[tuple[str, str], Found | None] = dict.fromkeys(pairs)
        self._find = find

    def __getitem__(self, pair: tuple[str, str]) -> Found:
        found = self._found[pair]
        if found is None:
            found = self._found[pair] = self._find(*pair)
        return found

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, pair: object) -> bool:
        return pair in self._found


def matrix(store: Store, network: FlowNetwork, sources: Sequence[str], targets: Sequence[str], search: Search, limit: int = 5) -> Matrix:
    """The paths between every pair of two sets, at most `limit` counted for each.

    Which pairs have a path is known from one pass for all sources; only where there are things to pass on the way, each pair is searched.
    """

    def find(source: str, target: str) -> Found:
        return paths.find(network, source, target, search, limit)

    labels = names.label(store, sorted({*sources, *targets}))
    pairs = [(source, target) for source in sources for target in targets if source != target]
    if search.via:
        pairs = [pair for pair in pairs if find(*pair).paths]
    else:
        within = network.reached(sources, search, targets)
        pairs = [(source, target) for source, target in pairs if target in within[source]]

    def ordered(iris: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(iris, key=lambda iri: (labels.get(iri, ""), iri)))

    return Matrix(ordered(sources), ordered(targets), _Cells(pairs, find), search, labels, store.identity)


def members(store: Store, class_name: str) -> list[str]:
    """The IRIs of all entities of a class, subclasses included, sorted.

    Raises:
        UnknownName: there is no such class.
    """
    import difflib

    from seismic_graph.errors import UnknownName
    from seismic_graph.vocabulary import CLASSES

    if class_name not in CLASSES:
        raise UnknownName("class", class_name, difflib.get_close_matches(class_name, CLASSES) or sorted(CLASSES))
    query = (
        f"PREFIX sg: <{PREFIXES['sg']}> PREFIX rdfs: <{PREFIXES['rdfs']}> "
        f"SELECT DISTINCT ?thing WHERE {{ {{ ?thing a sg:{class_name} }} "
        f"UNION {{ ?thing a ?sub . ?sub rdfs:subClassOf sg:{class_name} }} }}"
    )
    return sorted(text_of(row[0]) for row in select(store, query))


def _rows_csv(rows: list[dict[str, Any]], columns: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
