"""Ways in: the start page, the search, the trees of themes and agendas, and how to read it all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seismic_graph import catalogue, names
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.store import select, text_of
from seismic_graph.vocabulary import BASE, ENTITY_TYPES, ID, PREFIXES, SG, SKOS, VOID, short
from seismic_graph.web import asked, evidence, tracing
from seismic_graph.web.asked import Query
from seismic_graph.web.view import Context, View, json_form, rdf_forms, table_form

PAGE = 50
"""How many results a page of the search shows."""
NODES = 3000
"""How many nodes a tree shows."""
TYPES = tuple(name for name in ENTITY_TYPES if name not in ("flow", "participation", "funding"))
"""The types of things that the search offers, in the order of the story."""
STORY = ("initiative", "network", "event", "recommendation", "agenda-item", "call", "project", "city")


def start(context: Context, query: Query) -> View:
    """The start page: the story with the numbers of this snapshot, and one trace of it."""

    def content() -> dict[str, Any]:
        sizes = counts(context)
        trace = _example(context)
        networks = _of_class(context, "NationalNetwork", 0, PAGE)
        return {
            "sizes": sizes,
            "story": STORY,
            "example": tracing.EXAMPLE,
            "trace": trace,
            "networks": networks,
        }

    data = json_form(lambda: {"title": catalogue.TITLE, "counts": counts(context), "snapshot": context.graph.store.identity})
    urls = context.urls
    schema = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": catalogue.DATASET,
        "name": catalogue.TITLE,
        "description": catalogue.DESCRIPTION,
        "license": catalogue.LICENCE,
        "url": urls.absolute_page(""),
        "creator": {"@type": "Organization", "name": "The seismic-graph authors"},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": urls.absolute(f"dataset.{suffix}")}
            for suffix, media in (("nq", "application/n-quads"), ("trig", "application/trig"))
        ],
    }
    return View(
        "", context.words("site.title"), "start.html", content, {"json": data}, description=context.words("site.lead"), schema=schema
    )


def counts(context: Context) -> dict[str, int]:
    """How many things of each type there are, as the catalogue of the snapshot has them."""
    query = f"SELECT ?class (MAX(?n) AS ?most) WHERE {{ ?part <{VOID}class> ?class ; <{VOID}entities> ?n }} GROUP BY ?class"
    found = {text_of(row[0]): int(text_of(row[1])) for row in select(context.graph.store, query)}
    return {name: found.get(PREFIXES["sg"] + class_, 0) for name, class_ in ENTITY_TYPES.items()}


def _example(context: Context) -> dict[str, Any] | None:
    """One trace to show; None where this graph knows neither end."""
    try:
        answer = context.graph.trace(*tracing.EXAMPLE, paths=1)
    except UsageError:
        return None
    if not answer.paths:
        return None
    path = answer.paths[0]
    return {
        "path": path,
        "rows": evidence.told(context, path.flows, answer.evidence, answer.sources),
        "ends": context.labels([answer.source, answer.target]),
        "pictures": tracing.pictures(context, answer),
    }


def search(context: Context, query: Query) -> View:
    """What has some words in its names, in any language; without words, all things of a type."""
    text, of = asked.one(query, "q"), asked.one(query, "type")
    page = asked.number(query, "page", 1, 10_000)
    if of and of not in TYPES:
        raise UnknownName("type", of, TYPES)
    kept = asked.kept(query, "q", "type")
    class_ = ENTITY_TYPES.get(of)
    near: list[tuple[str, str]] = []
    if text:
        found = names.search(context.graph.store, text, page * PAGE + 1, class_)
        hits, more = found[(page - 1) * PAGE : page * PAGE], len(found) > page * PAGE
        if not found:
            near = names.similar(context.graph.store, text, class_)
    elif of:
        hits = _of_class(context, class_ or "", (page - 1) * PAGE, PAGE + 1)
        hits, more = hits[:PAGE], len(hits) > PAGE
    else:
        hits, more = [], False

    def rows() -> list[dict[str, str]]:
        return [{"id": iri, "label": label, "type": short(iri).partition("/")[0]} for iri, label in hits]

    def content() -> dict[str, Any]:
        return {
            "text": text,
            "of": of,
            "types": TYPES,
            "sizes": counts(context) if not text else {},
            "hits": _localised(context, hits),
            "near": _localised(context, near),
            "page": page,
            "more": more,
            "kept": kept,
        }

    title = context.words("search.for", text=text) if text else context.words(f"types.{of}") if of else context.words("search.title")
    forms = {
        "json": json_form(lambda: {"query": text, "type": of, "more": more, "results": rows()}),
        "csv": table_form(("id", "label", "type"), rows),
    }
    return View("search", title, "search.html", content, forms, {**kept, **({"page": page} if page > 1 else {})})


def _localised(context: Context, hits: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Hits with the label in the language of the page, and the name that matched where it is another."""
    found = dict(hits)
    labels = context.labels(found)
    return [(iri, labels[iri], label if label != labels[iri] else "") for iri, label in found.items()]


def _of_class(context: Context, class_: str, offset: int, limit: int) -> list[tuple[str, str]]:
    """Things of a class by their IRI, each with its label; an index look-up however many there are."""
    of = " ".join(f"<{PREFIXES['sg']}{name}>" for name in (class_, *names.SUBCLASSES.get(class_, ())))
    things = f"VALUES ?class {{ {of} }} ?s a ?class FILTER(STRSTARTS(STR(?s), '{ID}'))"
    rows = select(context.graph.store, f"SELECT DISTINCT ?s WHERE {{ {things} }} ORDER BY STR(?s) LIMIT {limit} OFFSET {offset}")
    return list(context.labels(text_of(row[0]) for row in rows).items())


# --- trees ------------------------------------------------------------------------------------------------------------


def themes(context: Context, query: Query) -> View:
    """All themes as trees, by the framework that they belong to."""
    return _tree(context, "themes", f"?s a <{SG.Theme}> . OPTIONAL {{ ?s <{SG.framework}> ?group }}")


def agendas(context: Context, query: Query) -> View:
    """All research agendas as trees of their parts."""
    return _tree(context, "agendas", f"?s a <{SG.AgendaItem}> . OPTIONAL {{ ?s <{SG.agenda}> ?group }}")


def _tree(context: Context, path: str, pattern: str) -> View:
    """Concepts and what is above each of them."""
    placed = f"{pattern} OPTIONAL {{ ?s <{SKOS}broader> ?above }}"
    text = f"SELECT DISTINCT ?s ?group ?above WHERE {{ {placed} }} ORDER BY STR(?s) LIMIT {NODES + 1}"
    rows = list(select(context.graph.store, text))
    above: dict[str, list[str]] = {}
    group_of: dict[str, str] = {}
    for row in rows[:NODES]:
        iri, group, parent = map(text_of, row)
        above.setdefault(iri, [])
        if parent:
            above[iri].append(parent)
        group_of.setdefault(iri, group)
    below: dict[str, list[str]] = {}
    for iri, parents in above.items():
        for parent in parents:
            below.setdefault(parent, []).append(iri)

    def content() -> dict[str, Any]:
        labels = context.labels([*above, *(group for group in group_of.values() if group.startswith(BASE))])
        seen: set[str] = set()

        def branch(iri: str) -> dict[str, Any]:
            seen.add(iri)
            under = sorted((child for child in below.get(iri, ()) if child not in seen), key=lambda child: labels[child].lower())
            return {"iri": iri, "label": labels[iri], "below": [branch(child) for child in under if child not in seen]}

        groups: dict[str, list[dict[str, Any]]] = {}
        tops = [iri for iri, parents in above.items() if not any(parent in above for parent in parents)]
        for iri in sorted(tops, key=lambda iri: labels[iri].lower()):
            group = group_of[iri]
            name = "" if path == "agendas" else labels.get(group, group) or context.words("themes.other")
            groups.setdefault(name, []).append(branch(iri))
        return {
            "lead": context.words(f"{path}.lead"),
            "groups": sorted(groups.items(), key=lambda item: item[0].lower()),
            "more": len(rows) > NODES,
            "limit": NODES,
        }

    def data() -> list[dict[str, Any]]:
        labels = context.labels(above)
        return [{"id": iri, "label": labels[iri], "broader": parents, "group": group_of[iri]} for iri, parents in above.items()]

    def triples() -> Any:
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ SELECT DISTINCT ?s WHERE {{ {pattern} }} LIMIT {NODES} }} ?s ?p ?o }}"
        return sorted(set(context.graph.store.query(text)), key=str)  # type: ignore[arg-type]

    forms = {"json": json_form(data), "csv": table_form(("id", "label", "broader", "group"), data), **rdf_forms(triples)}
    return View(path, context.words(f"{path}.title"), "tree.html", content, forms, description=context.words(f"{path}.lead"))


def guide(context: Context, query: Query) -> View:
    """How dates, bases, directions and readings are meant."""
    marks = {"basis": ("stated", "structural", "contextual"), "reading": ("strict", "possible", "static")}
    return View("guide", context.words("guide.title"), "guide.html", lambda: {"marks": marks}, description=context.words("guide.lead"))


def rule(context: Context, query: Query, name: str) -> View:
    """A rule that reads flows off the record: its words and its query."""
    from seismic_graph import query_files

    files = {file.stem: file for file in context.graph.settings.derive_files()}
    if name not in files:
        raise UnknownName("rule", name, sorted(files))
    header, text = query_files.read(files[name], required=("summary",))
    shown = {"summary": header["summary"], "about": header.get("description", ""), "text": text}
    return View(
        f"rules/{name}",
        context.words("rule.title", name=name),
        "rule.html",
        lambda: shown,
        {"json": json_form(lambda: {"name": name, **shown}), "rq": lambda: text},
        description=str(header["summary"]),
    )
