"""Findings as views: gaps, claims, loops, balances, indicators; each a table, a picture, the flows behind it, and the same as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from seismic_graph import findings, rdf, trace
from seismic_graph.errors import SeismicError, UnknownName
from seismic_graph.findings import Finding
from seismic_graph.flows import Flow
from seismic_graph.graph import Graph
from seismic_graph.insight.absence import CODES
from seismic_graph.insight.gaps import KINDS
from seismic_graph.picture import Look, network_diagram
from seismic_graph.picture import evidence as picture_evidence
from seismic_graph.vocabulary import BASE, ENTITY_TYPES, ID, VOCABULARY
from seismic_graph.web import asked, evidence
from seismic_graph.web.asked import Query
from seismic_graph.web.tracing import NARROW, WIDE
from seismic_graph.web.view import Context, Form, View, json_form, rdf_forms, table_form

SHOWN = 100
"""How many rows of a finding a page shows; the data has all."""
_FLOWS = 40
"""How many of the flows behind it a page tells."""
_MOST_KEPT = 64
_HIDDEN = ("label", "subject_label", "object_label", "flows", "claim")


def _finding(
    context: Context,
    path: str,
    title: str,
    query: Mapping[str, object],
    find: Callable[[], Finding],
    *,
    template: str = "finding.html",
    lead: str = "",
    more: Callable[[Finding], Mapping[str, Any]] = lambda finding: {},
    fields: Mapping[str, Any] | None = None,
) -> View:
    """The view of a finding.

    Args:
        context, path, title, query: as for every view. find: makes the finding. template: what shows it. lead: what it is, in a sentence.
        more: what the template shows besides. fields: what the form of the page needs; None for a page without one.
    """
    error: SeismicError | None = None
    found: Finding | None = None
    try:
        found = find()
    except SeismicError as problem:
        error = problem

    def content() -> dict[str, Any]:
        shared = {"lead": lead, "error": error, "finding": found, "shown": SHOWN, "fields": fields}
        if found is None:
            return {**shared, "columns": (), "rows": (), "pictures": (), "flows": (), "groups": (), "cited": (), "iri": ""}
        return {
            **shared,
            "columns": [name for name in found.columns if name not in _HIDDEN],
            "rows": _cells(context, found),
            "pictures": _pictures(context, found),
            "flows": evidence.rows(context, found.flows[:_FLOWS]),
            **more(found),
        }

    return View(path, title, template, content, _forms(context.graph, found) if found else {}, query, lead, error=error)


def _forms(graph: Graph, found: Finding) -> dict[str, Form]:
    return {
        "json": found.to_json,
        "csv": found.to_csv,
        **rdf_forms(lambda: _triples(graph, found.flows)),
        "svg": lambda: findings.picture(graph.store, graph.things, found, "svg"),
    }


def _cells(context: Context, found: Finding) -> list[dict[str, list[evidence.Linked]]]:
    """The rows of a finding with each value as text and, where it is a thing, its IRI."""
    rows = found.rows[:SHOWN]
    named = [value for row in rows for value in row.values() for value in (value if isinstance(value, list) else [value])]
    labels = context.labels(iri for value in named if isinstance(value, str) and (iri := _iri(value)))

    def cell(value: Any) -> list[evidence.Linked]:
        if value is None or value == "":
            return []
        if isinstance(value, (list, tuple)):
            return [item for each in value for item in cell(each)]
        if isinstance(value, str) and (iri := _iri(value)):
            return [evidence.Linked(labels[iri], iri)]
        text = f"{value:.4g}" if isinstance(value, float) else str(value)
        return [evidence.Linked(context.words.maybe(f"code.{text}", text), "")]

    return [{name: cell(value) for name, value in row.items() if name not in _HIDDEN} for row in rows]


def _iri(value: str) -> str:
    """The IRI that a cell names, whole or short; empty where it names none."""
    if value.startswith((ID, VOCABULARY)):
        return value
    kind, slash, slug = value.partition("/")
    return f"{ID}{value}" if slash and slug and " " not in value and kind in ENTITY_TYPES else ""


def _pictures(context: Context, found: Finding) -> tuple[str, ...]:
    """The picture of a finding for wide and narrow screens; none where nothing is behind it."""
    if found.draw is not None:
        return tuple(found.draw(Look(width=width, styles=False)) for width in (WIDE, NARROW))
    if not found.flows:
        return ()
    said = picture_evidence(found.flows, *trace.background(context.graph.store, found.flows))
    pages = {end: context.urls.thing(end) for flow in found.flows for end in (flow.source, flow.target)}
    return tuple(
        network_diagram(found.flows, context.graph.things, said, pages=pages, look=Look(width=width, styles=False))
        for width in (WIDE, NARROW)
    )


def _triples(graph: Graph, flows: Sequence[Flow]) -> list[ox.Triple]:
    """The statements of some flows, whole."""
    found: set[ox.Triple] = set()
    for start in range(0, len(flows), 200):
        values = " ".join(rdf.iri(flow.id) for flow in flows[start : start + 200])
        found.update(graph.store.query(f"CONSTRUCT {{ ?f ?p ?o }} WHERE {{ VALUES ?f {{ {values} }} ?f ?p ?o }}"))  # type: ignore[arg-type]
    return sorted(found, key=str)


def _kept(graph: Graph, find: Callable[[], Finding], *asked_for: Any) -> Finding:
    """A finding, kept with its graph: the same question asked of the same snapshot is answered once."""
    memory: dict[str, Finding] = graph.__dict__.setdefault("_found", {})
    key = repr(asked_for)
    if key not in memory:
        if len(memory) >= _MOST_KEPT:
            memory.pop(next(iter(memory)))
        memory[key] = find()
    return memory[key]


def _form(query: Query, **more: Any) -> dict[str, Any]:
    """What a form with the limits of a search needs."""
    return {"one": lambda name, default="": asked.one(query, name, default), "choices": asked.CHOICES, "place": False, **more}


# --- gaps -------------------------------------------------------------------------------------------------------------


def gaps(context: Context, query: Query) -> View:
    """Where the record stops, why, and the one edge that would close each gap."""
    filters = ("kind", "theme", "country", "network")

    def find() -> Finding:
        limits = asked.limits(query)
        wanted: dict[str, Any] = {name: asked.several(query, name) for name in filters}
        if asked.one(query, "year"):
            wanted["year"] = [asked.number(query, "year", 0, 9999)]
        return _kept(context.graph, lambda: context.graph.gaps(**wanted, **limits), "gaps", wanted, limits)

    return _finding(
        context,
        "gaps",
        context.words("gaps.title"),
        asked.kept(query, *filters, "year", *asked.LIMITS),
        find,
        template="gaps.html",
        lead=context.words("gaps.lead"),
        more=lambda found: {"groups": _gap_groups(context, found)},
        fields=_form(query, kinds=list(KINDS)),
    )


def _gap_groups(context: Context, found: Finding) -> list[dict[str, Any]]:
    """The gaps by kind: how many, and the first of them with what would close them."""
    labels = context.labels(iri for row in found.rows for iri in (row["thing"], row["closing_from"], row["closing_to"]) if iri)

    def told(row: Mapping[str, Any]) -> dict[str, Any]:
        closing = row["closing_from"] and {
            "from": evidence.Linked(labels[row["closing_from"]], row["closing_from"]),
            "to": evidence.Linked(labels[row["closing_to"]], row["closing_to"]),
            "kind": row["closing_kind"].replace("-", " "),
            "when": evidence.days(context.words, row["closing_earliest"] or "", row["closing_latest"] or "") or context.words("date.any"),
        }
        why = context.words.maybe(f"absence.{row['why']}", CODES.get(row["why"], row["why"]))
        return {"thing": evidence.Linked(labels[row["thing"]], row["thing"]), "why": why, "closing": closing}

    groups = []
    for kind in KINDS:
        rows = [row for row in found.rows if row["kind"] == kind]
        groups.append(
            {"kind": kind, "count": len(rows), "rows": [told(row) for row in rows[:SHOWN]], "words": context.words(f"gaps.{kind}")}
        )
    return groups


# --- places -----------------------------------------------------------------------------------------------------------


def loops(context: Context, query: Query) -> View:
    """Closed loops from places up to an agenda and back."""
    return _of_places(context, query, "loops", lambda places, limits: context.graph.loops(*places, **limits), 8)


def balance(context: Context, query: Query) -> View:
    """What places gave to agendas and beyond, and what they got back."""
    return _of_places(context, query, "balance", lambda places, limits: context.graph.balance(*places, **limits), 6)


def _of_places(context: Context, query: Query, name: str, ask: Callable[[list[str], dict[str, Any]], Finding], default_hops: int) -> View:
    places = asked.several(query, "place")

    def find() -> Finding:
        limits = asked.limits(query, default_hops)
        return _kept(context.graph, lambda: ask(places, limits), name, places, limits)

    return _finding(
        context,
        name,
        context.words(f"{name}.title"),
        asked.kept(query, "place", *asked.LIMITS),
        find,
        lead=context.words(f"{name}.lead"),
        fields=_form(query, place=True),
    )


# --- indicators -------------------------------------------------------------------------------------------------------


def indicators(context: Context, query: Query) -> View:
    """The indicators by name."""
    lead = context.words("indicators.lead")
    items = [(f"indicators/{name}", context.words(f"indicator.{name}"), "") for name in findings.INDICATORS]
    return View(
        "indicators",
        context.words("indicators.title"),
        "index.html",
        lambda: {"lead": lead, "groups": [("", items)]},
        {"json": json_form(lambda: findings.INDICATORS)},
        description=lead,
    )


def indicator(context: Context, query: Query, name: str) -> View:
    """One indicator: every number opens into the flows behind it.

    Raises:
        UnknownName: there is no such indicator.
    """
    if name not in findings.INDICATORS:
        raise UnknownName("indicator", name, findings.INDICATORS)

    def find() -> Finding:
        limits = asked.limits(query)
        return _kept(context.graph, lambda: context.graph.indicator(name, limit=SHOWN, **limits), "indicator", name, limits)

    title = context.words(f"indicator.{name}")
    path, kept = f"indicators/{name}", asked.kept(query, *asked.LIMITS)
    return _finding(context, path, title, kept, find, lead=context.words("indicator.lead"), fields=_form(query))


# --- claims -----------------------------------------------------------------------------------------------------------


def claims(context: Context, query: Query) -> View:
    """The claims on record."""
    recorded = context.graph.claims
    lead = context.words("claims.lead")

    def content() -> dict[str, Any]:
        labels = context.labels(by for claim in recorded.values() for by in claim.claimed_by if by.startswith(BASE))
        items = [
            (f"claims/{name}", claim.statement, ", ".join(filter(None, (*(labels.get(by, by) for by in claim.claimed_by), claim.date))))
            for name, claim in recorded.items()
        ]
        return {"lead": lead, "groups": [("", items)]}

    def rows() -> list[dict[str, Any]]:
        return [
            {"id": f"{ID}claim/{name}", "statement": claim.statement, "date": claim.date, "sources": list(claim.sources)}
            for name, claim in recorded.items()
        ]

    forms = {"json": json_form(rows), "csv": table_form(("id", "statement", "date", "sources"), rows)}
    return View("claims", context.words("claims.title"), "index.html", content, forms, description=lead)


def claim(context: Context, query: Query, name: str) -> View:
    """A claim held against the record, pair by pair.

    Raises:
        UnknownName: there is no such claim.
    """
    recorded = context.graph.claims.get(name)
    if recorded is None:
        raise UnknownName("claim", name, context.graph.claims)

    def find() -> Finding:
        limits = asked.limits(query)
        return _kept(context.graph, lambda: context.graph.claim(name, **limits), "claim", name, limits)

    info = trace.sources(context.graph.store, recorded.sources)
    labels = context.labels(by for by in recorded.claimed_by if by.startswith(BASE))
    by = ", ".join(labels.get(one, one) for one in recorded.claimed_by)
    cited = [evidence.cited(iri, info.get(iri)) for iri in recorded.sources]
    return _finding(
        context,
        f"claims/{name}",
        recorded.statement,
        asked.kept(query, *asked.LIMITS),
        find,
        template="claim.html",
        lead=context.words("claim.lead", by=by, date=recorded.date or context.words("date.none")),
        more=lambda found: {"cited": cited, "iri": f"{ID}claim/{name}"},
        fields=_form(query),
    )
