"""Traces as a view: the form, the paths with their evidence, or why there is none."""

from __future__ import annotations

from typing import Any

from seismic_graph.errors import SeismicError
from seismic_graph.picture import Look, path_diagram
from seismic_graph.trace import Reach, Trace
from seismic_graph.web import asked, evidence
from seismic_graph.web.asked import Query
from seismic_graph.web.view import Context, Form, View, from_turtle, network_forms, rdf_forms

SHOWN = 100
"""How many reached things a page shows; the data has all."""
EXAMPLE = ("nanet-se", "sria-2015")
"""The ends of the trace that pages offer as an example."""
WIDE, NARROW = 1040, 340
"""The widths in pixels for which pictures are drawn, for wide and for narrow screens."""


def traces(context: Context, query: Query) -> View:
    """The form for a trace and, where it is filled in, the answer: paths, picture, table, or why there is none."""
    source, target = asked.one(query, "from"), asked.one(query, "to")
    answer: Trace | None = None
    reached: Reach | None = None
    error: SeismicError | None = None
    try:
        limits = asked.limits(query)
        if source and target:
            answer = context.graph.trace(source, target, paths=asked.number(query, "paths", 5, asked.MOST_PATHS), **limits)
        elif source:
            reached = context.graph.reach(source, **limits)
    except SeismicError as problem:
        error = problem
    ends = context.labels([answer.source, answer.target]) if answer else {}

    def content() -> dict[str, Any]:
        return {
            "one": lambda name, default="": asked.one(query, name, default),
            "choices": asked.CHOICES,
            "example": EXAMPLE,
            "error": error,
            "answer": answer,
            "paths": _paths(context, answer) if answer else [],
            "reasons": _reasons(context, answer) if answer else [],
            "ends": ends,
            "pictures": pictures(context, answer) if answer else (),
            "reached": _reached(context, reached) if reached else None,
            "prepared": _prepared(context) if context.urls.files and not source else (),
        }

    title = context.words("trace.title")
    if answer:
        title = context.words("trace.title.of", source=ends[answer.source], target=ends[answer.target])
    kept = asked.kept(query, "from", "to", *asked.LIMITS, "paths")
    return View("trace", title, "trace.html", content, _forms(context, answer, reached), kept, context.words("trace.lead"), error=error)


def _forms(context: Context, answer: Trace | None, reached: Reach | None) -> dict[str, Form]:
    if answer:
        networks = network_forms(lambda: context.graph.tables(answer))
        return {
            "json": answer.to_json,
            "csv": answer.to_csv,
            **rdf_forms(lambda: from_turtle(answer.to_turtle())),
            "rq": answer.to_sparql,
            "svg": lambda: path_diagram(answer),
            **{name: form for name, form in networks.items() if name != "csv"},
        }
    return {"json": reached.to_json, "csv": reached.to_csv} if reached else {}


def _paths(context: Context, answer: Trace) -> list[dict[str, Any]]:
    return [{"path": path, "rows": evidence.told(context, path.flows, answer.evidence, answer.sources)} for path in answer.paths]


def _reasons(context: Context, answer: Trace) -> list[dict[str, Any]]:
    """Why there is no path, in words, each with the nearest chain."""
    told = []
    for reason in answer.reasons:
        path = reason.path
        code = "uncertain" if reason.code == "backwards" and reason.days == 0 else reason.code
        words = context.words(
            f"why.{code}",
            days=reason.days or 0,
            hop=(reason.hop or 0) + 1,
            hops=len(path.flows) if path else 0,
            basis=context.words(f"basis.{path.basis}") if path else "",
        )
        rows = evidence.told(context, path.flows, answer.evidence, answer.sources) if path else []
        broken = path.flows[reason.hop].id if path and reason.hop is not None else ""
        told.append({"words": words, "rows": rows, "broken": broken})
    return told


def pictures(context: Context, answer: Trace) -> tuple[str, ...]:
    """The paths of a trace as drawings for wide and for narrow screens; every edge opens its source."""
    chains = answer.paths or tuple(reason.path for reason in answer.reasons if reason.path)
    nodes = {answer.source, answer.target, *(node for path in chains for node in path.nodes)}
    pages = {iri: context.urls.thing(iri) for iri in nodes}
    return tuple(path_diagram(answer, pages=pages, look=Look(width=width, styles=False)) for width in (WIDE, NARROW))


def _prepared(context: Context) -> list[tuple[evidence.Linked, list[evidence.Linked]]]:
    """The traces that a site of files has: each start with the ends."""
    pairs = [name.split("/")[1:] for name in sorted(context.urls.prepared) if name.startswith("trace/")]
    iris = {slug: context.graph.find(slug) for pair in pairs for slug in pair}
    labels = context.labels(iris.values())
    ends: dict[str, list[evidence.Linked]] = {}
    for source, *target in pairs:
        ends.setdefault(source, []).extend(evidence.Linked(labels[iris[slug]], iris[slug]) for slug in target)
    return [(evidence.Linked(labels[iris[source]], iris[source]), found) for source, found in ends.items()]


def _reached(context: Context, reached: Reach) -> dict[str, Any]:
    rows = reached.rows()
    labels = context.labels([reached.source, *(row["to"] for row in rows[:SHOWN])])
    return {
        "source": labels[reached.source],
        "rows": [{**row, "label": labels[row["to"]]} for row in rows[:SHOWN]],
        "count": len(rows),
    }
