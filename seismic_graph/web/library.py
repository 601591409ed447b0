"""The query library: every question as a form for its parameters, and its answer as a table and in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seismic_graph import queries
from seismic_graph.errors import SeismicError
from seismic_graph.query_files import Parameter
from seismic_graph.query_files import Query as Question
from seismic_graph.results import Result
from seismic_graph.store import Term
from seismic_graph.vocabulary import PREFIXES, VOCABULARY, short
from seismic_graph.web import asked, entity
from seismic_graph.web.asked import Query
from seismic_graph.web.evidence import Linked
from seismic_graph.web.view import RDF_SUFFIXES, RESULT_SUFFIXES, Context, Form, View, json_form

ROWS = 200
"""How many rows a page shows."""
MOST_ROWS = 100_000
"""How many rows an answer as data has; a cut is announced by the SPARQL endpoint, to which larger questions belong."""


def index(context: Context, query: Query) -> View:
    """All questions, by whom they serve; or those that have some words."""
    text = asked.one(query, "q")
    found = queries.find(context.graph.library, text) if text else list(context.graph.library.values())

    def content() -> dict[str, Any]:
        groups = [
            (
                context.words(f"users.{user}"),
                [(f"queries/{one.name}", one.summary, ", ".join(one.tags)) for one in found if one.users[0] == user],
            )
            for user in ("researchers", "analysts", "integrators")
        ]
        return {"lead": context.words("queries.lead"), "groups": [group for group in groups if group[1]], "text": text}

    data = json_form(
        lambda: [{"name": one.name, "summary": one.summary, "description": one.description, "tags": one.tags} for one in found]
    )
    return View(
        "queries",
        context.words("queries.title"),
        "queries.html",
        content,
        {"json": data},
        asked.kept(query, "q"),
        context.words("queries.lead"),
    )


def question(context: Context, query: Query, name: str) -> View:
    """One question with its parameters and its answer; parameters that are left out keep their defaults."""
    found = queries.named(context.graph.library, name)
    values = {parameter.name: given for parameter in found.parameters if (given := asked.several(query, parameter.name))}
    error: SeismicError | None = None
    answer: Result | None = None
    text = found.text
    try:
        text = queries.bound(context.graph.store, found, values)
        answer = Result.from_answer(
            context.graph.store.query(text), name=name, query=text, store=context.graph.store.identity, limit=MOST_ROWS
        )
    except SeismicError as problem:
        error = problem

    def content() -> dict[str, Any]:
        return {
            "question": found,
            "fields": [_field(context, found, parameter, values.get(parameter.name, ())) for parameter in found.parameters],
            "error": error,
            "result": answer,
            "table": table(context, answer) if answer is not None else None,
            "text": text,
            "limit": ROWS,
        }

    forms: dict[str, Form] = {}
    if answer is not None:
        result = answer

        def written(suffix: str) -> Form:
            return lambda: result.text(suffix)

        forms = {suffix: written(suffix) for suffix in (RDF_SUFFIXES if result.kind == "graph" else (*RESULT_SUFFIXES, "md"))}
        forms["rq"] = lambda: text
    return View(f"queries/{name}", found.summary, "question.html", content, forms, dict(values), found.description, error=error)


def _field(context: Context, found: Question, parameter: Parameter, given: Sequence[str]) -> dict[str, Any]:
    """What a form needs to ask for a parameter: its words, what was given, its default, and what to choose from."""
    choices: list[tuple[str, str]] = []
    if parameter.type == "concept" and parameter.of:
        choices = [(short(iri).partition("/")[2], label) for iri, label, _ in entity.concepts(context, parameter.of)]
    return {
        "name": parameter.name,
        "label": parameter.name[0].upper() + "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in parameter.name[1:]),
        "type": parameter.type,
        "of": parameter.of or "",
        "about": parameter.description,
        "value": "; ".join(given),
        "default": _readable(parameter.default),
        "choices": choices,
    }


def _readable(default: str) -> str:
    """A default as people type it: ids without their namespaces, numbers without their quotes."""
    parts = [part for part in default.replace(VOCABULARY, "").replace(PREFIXES["id"], "").split() if part]
    return "; ".join(part.strip("<>").rpartition("/")[2] if part.startswith("<") else part.partition("^^")[0].strip('"') for part in parts)


def table(context: Context, result: Result) -> dict[str, Any]:
    """The rows of a result as a page shows them: a column of labels is folded into the column that it names."""
    places = {name: place for place, name in enumerate(result.variables)}
    labels = {name: places.get(f"{name}Label") for name in places}
    columns = [name for name in places if not (name.endswith("Label") and name.removesuffix("Label") in places)]
    rows = []
    for number, row in enumerate(result):
        if number >= ROWS:
            break
        rows.append([_cell(row[places[name]], row[labels[name]] if labels[name] is not None else None) for name in columns])  # type: ignore[index]
    return {"columns": columns, "rows": rows, "summary": len(result), "more": len(result) > ROWS, "cut": result.truncated}


def _cell(term: Term | None, label: Term | None) -> Linked:
    if term is None:
        return Linked("", "")
    iri = getattr(term, "value", str(term)) if type(term).__name__ == "NamedNode" else ""
    text = getattr(label, "value", "") or (short(iri) if iri else getattr(term, "value", str(term)))
    return Linked(text, iri)
