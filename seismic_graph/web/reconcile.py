"""The reconciliation service: names of a table matched with things of the graph (W3C Reconciliation Service API 0.2).

https://reconciliation-api.github.io/specs/0.2/ says how OpenRefine and others ask. What is asked of the graph are the functions
without a request; what is at an address is a route.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from seismic_graph import __version__, names, rdf
from seismic_graph.graph import Graph
from seismic_graph.store import select, text_of
from seismic_graph.things import some
from seismic_graph.vocabulary import BASE, DCTERMS, ENTITY_TYPES, GEO, ID, ORG, PREFIXES, RDF, SCHEMA, SG, SKOS, short
from seismic_graph.web.pages import located
from seismic_graph.web.problems import Refused

BATCH = 50
"""How many queries one batch may have (section 3.1, batchSize)."""
MOST = 25
"""How many candidates one query gives at most."""
_SUGGESTED = 10
_IDS = 500
_MATCH = 95.0
_TYPES = {name: class_ for name, class_ in ENTITY_TYPES.items() if name not in ("flow", "participation", "funding")}
_PROPERTIES = {
    SG.country: "country",
    SG.city: "city",
    DCTERMS + "type": "kind",
    ORG + "classification": "kind of organisation",
    SG.network: "network",
    SG.theme: "theme",
    SG.acronym: "acronym",
    SG.start: "start",
    SG.end: "end",
    DCTERMS + "date": "date",
    DCTERMS + "issued": "published",
    SCHEMA + "url": "address",
    SCHEMA + "sameAs": "same as",
    GEO + "lat": "latitude",
    GEO + "long": "longitude",
    SKOS + "altLabel": "other name",
    DCTERMS + "source": "source",
}
"""Property that a query may compare and that an extension may fetch -> its name."""


def _property(iri: str) -> str:
    """The id of a property in this service: its short form."""
    return short(iri)


_BY_ID = {_property(iri): iri for iri in _PROPERTIES}


# --- asked of the graph -----------------------------------------------------------------------------------------------


def match(graph: Graph, batch: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The candidates for each query of a batch (sections 4.1 and 4.2)."""
    return {key: {"result": _candidates(graph, query)} for key, query in batch.items()}


def _candidates(graph: Graph, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    text = " ".join(str(query.get("query", "")).split())[:300]
    given = query.get("type") or []
    wanted = [given] if isinstance(given, str) else list(given)
    limit = min(int(query.get("limit") or 10), MOST)
    hits: dict[str, str] = {}
    if text:
        for name in wanted or [None]:
            of = _TYPES.get(name) if name else None
            if name and not of:
                continue
            hits.update(names.search(graph.store, text, MOST, of))
            if not hits:
                hits.update(names.similar(graph.store, text, of, MOST))
    conditions = [(_BY_ID[item["pid"]], _values(item["v"])) for item in query.get("properties", ()) if item.get("pid") in _BY_ID]
    if not text and conditions:
        hits = _by_properties(graph, conditions)
    found = [iri for iri in hits if short(iri).partition("/")[0] in _TYPES]
    labels = _all_labels(graph, found)
    agreed = _agreement(graph, found, conditions)
    shown = names.label(graph.store, found)
    scored = []
    for iri in found:
        likeness = _likeness(text, [*labels.get(iri, ()), short(iri), iri.rpartition("/")[2]]) if text else 100.0
        share = agreed[iri]
        score = likeness if share is None else 0.7 * likeness + 30.0 * share
        scored.append((score, share, iri))
    scored.sort(key=lambda item: (-item[0], item[2]))
    kept = scored[:limit]
    things = some(graph.store, [iri for _, _, iri in kept])
    sure = [iri for score, share, iri in scored if score >= _MATCH and share in (None, 1.0)]
    return [
        {
            **_entity(iri, shown[iri], _described(things, iri)),
            "score": round(score, 1),
            "match": sure == [iri],
            "features": [
                {"id": "name", "value": round(_likeness(text, labels.get(iri, ())), 1) if text else 0},
                *([{"id": "properties", "value": round(100 * share, 1)}] if share is not None else []),
            ],
        }
        for score, share, iri in kept
    ]


def _entity(iri: str, name: str, description: str) -> dict[str, Any]:
    kind = short(iri).partition("/")[0]
    return {"id": short(iri), "name": name, "description": description, "type": [{"id": kind, "name": kind.replace("-", " ")}]}


def _described(things: Mapping[str, Any], iri: str) -> str:
    """What tells namesakes apart: what it is, and where."""
    thing = things.get(iri)
    kind = short(iri).partition("/")[0].replace("-", " ")
    return ", ".join(part for part in (thing.kind.replace("-", " ") or kind, *thing.countries) if part) if thing else kind


def _all_labels(graph: Graph, iris: Sequence[str]) -> dict[str, list[str]]:
    if not iris:
        return {}
    values, properties = " ".join(map(rdf.iri, iris)), " ".join(f"<{one}>" for one in names.NAMING)
    rows = select(graph.store, f"SELECT DISTINCT ?s ?l WHERE {{ VALUES ?s {{ {values} }} VALUES ?p {{ {properties} }} ?s ?p ?l }}")
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(text_of(row[0]), []).append(text_of(row[1]))
    return found


def _likeness(text: str, labels: Sequence[str]) -> float:
    """From 0 to 100: how near the nearest name is; 100 where they are the same but for case and accents."""
    wanted = names.fold(text)
    best = 0.0
    for label in labels:
        known = names.fold(label)
        ratio = 1.0 if known == wanted else min(difflib.SequenceMatcher(None, known, wanted).ratio(), 0.94)
        best = max(best, ratio)
    return 100 * best


def _values(given: Any) -> list[str]:
    several = given if isinstance(given, list) else [given]
    return [str(value["id"] if isinstance(value, dict) else value) for value in several]


def _agreement(graph: Graph, iris: Sequence[str], conditions: Sequence[tuple[str, list[str]]]) -> dict[str, float | None]:
    """Entity -> the share of the conditions that it meets; None where there are none."""
    if not conditions or not iris:
        return dict.fromkeys(iris)
    values, properties = " ".join(map(rdf.iri, iris)), " ".join(f"<{one}>" for one, _ in conditions)
    rows = select(graph.store, f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} VALUES ?p {{ {properties} }} ?s ?p ?o }}")
    found: dict[tuple[str, str], set[str]] = {}
    objects = set()
    for subject, predicate, value in rows:
        found.setdefault((text_of(subject), text_of(predicate)), set()).add(text_of(value))
        objects.add(text_of(value))
    labels = names.label(graph.store, sorted(iri for iri in objects if iri.startswith(BASE)))

    def meets(iri: str, predicate: str, wanted: list[str]) -> bool:
        known = {
            form
            for value in found.get((iri, predicate), ())
            for form in (value, short(value), value.rpartition("/")[2], labels.get(value, ""))
        }
        folded = {names.fold(form) for form in known if form}
        return any(names.fold(value) in folded for value in wanted)

    return {iri: sum(meets(iri, *condition) for condition in conditions) / len(conditions) for iri in iris}


def _by_properties(graph: Graph, conditions: Sequence[tuple[str, list[str]]]) -> dict[str, str]:
    """Things that have a value of the first condition, for queries without a name."""
    predicate, wanted = conditions[0]
    terms = [f"<{ID}{value}>" for value in wanted if rdf.is_iri(ID + value)] + [
        f"<{PREFIXES['voc']}{value}>" for value in wanted if rdf.is_iri(PREFIXES["voc"] + value)
    ]
    terms += [rdf.literal(value) for value in wanted]
    rows = select(
        graph.store, f"SELECT DISTINCT ?s WHERE {{ VALUES ?o {{ {' '.join(terms)} }} ?s <{predicate}> ?o }} ORDER BY STR(?s) LIMIT {MOST}"
    )
    return dict.fromkeys((text_of(row[0]) for row in rows), "")


def suggest(graph: Graph, prefix: str, cursor: int, kind: str = "") -> dict[str, Any]:
    """Things whose names or ids hold the words of a text (section 6.3)."""
    text = prefix.strip()[:300]
    hits = (
        names.search(graph.store, text, cursor + _SUGGESTED, _TYPES.get(kind) or (kind if kind in _TYPES.values() else None))
        if text
        else []
    )
    hits = [(iri, name) for iri, name in hits[cursor:] if short(iri).partition("/")[0] in _TYPES]
    things = some(graph.store, [iri for iri, _ in hits])
    result = []
    for iri, name in hits:
        told = _entity(iri, name, _described(things, iri))
        result.append({"id": told["id"], "name": name, "description": told["description"], "notable": told["type"]})
    return {"result": result}


def extend(graph: Graph, ids: Sequence[str], properties: Sequence[str]) -> dict[str, Any]:
    """The values of some properties of some things (section 7.3)."""
    wanted = [name for name in properties if name in _BY_ID]
    iris = {id_: ID + id_ for id_ in ids if rdf.is_iri(ID + id_)}
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {id_: {name: [] for name in wanted} for id_ in ids}
    if iris and wanted:
        values, asked = " ".join(map(rdf.iri, iris.values())), " ".join(f"<{_BY_ID[name]}>" for name in wanted)
        pattern = f"VALUES ?s {{ {values} }} VALUES ?p {{ {asked} }} ?s ?p ?o"
        text = f"SELECT DISTINCT ?s ?p ?o WHERE {{ {pattern} }} ORDER BY STR(?s) STR(?p) STR(?o)"
        found = [[text_of(term) for term in row] for row in select(graph.store, text)]
        labels = names.label(graph.store, sorted({value for *_, value in found if value.startswith(BASE)}))
        for subject, predicate, value in found:
            cell = {"id": short(value), "name": labels[value]} if value in labels else {"str": value}
            rows[short(subject)][_property(predicate)].append(cell)
    return {"meta": [{"id": name, "name": _PROPERTIES[_BY_ID[name]]} for name in wanted], "rows": rows}


def preview(graph: Graph, id_: str) -> tuple[str, str, str] | None:
    """The name of a thing, what it is, and what is said of it; None where there is none."""
    iri = ID + id_
    if not rdf.is_iri(iri):
        return None
    rows = select(graph.store, f"SELECT ?p ?o WHERE {{ {rdf.iri(iri)} ?p ?o }} LIMIT 500")
    said = {text_of(row[0]): text_of(row[1]) for row in rows}
    if RDF + "type" not in said:
        return None
    about = said.get(SKOS + "definition") or said.get(DCTERMS + "description") or said.get(SKOS + "note") or ""
    return names.label(graph.store, [iri])[iri], _described(some(graph.store, [iri]), iri), about[:300]


# --- at an address ----------------------------------------------------------------------------------------------------


async def service(request: Request) -> Response:
    """The manifest; or the answer to a batch of queries or to an extension, by GET or POST."""
    fields = parse_qs(request.url.query, max_num_fields=20)
    if request.method == "POST":
        fields |= parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
    pool = request.app.state.pool
    if "queries" in fields:
        batch = _read(fields["queries"][-1])
        if len(batch) > BATCH:
            raise Refused(
                413, "Content Too Large", f"A batch may have {BATCH} queries; this has {len(batch)}. Send them in smaller batches."
            )
        for key, query in batch.items():
            _check(key, query)
        return JSONResponse((await pool.run(match, batch)).value)
    if "extend" in fields:
        asked = _read(fields["extend"][-1])
        ids, properties = asked.get("ids"), asked.get("properties")
        if not isinstance(ids, list) or not isinstance(properties, list) or len(ids) > _IDS:
            raise Refused(400, "Bad Request", f"extend takes ids (a list of at most {_IDS}) and properties (a list of objects with an id).")
        named = [item["id"] for item in properties if isinstance(item, dict) and isinstance(item.get("id"), str)]
        return JSONResponse((await pool.run(extend, [str(one) for one in ids], named)).value)
    return JSONResponse(_manifest(request))


def _read(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Refused(400, "Bad Request", f"This is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Refused(400, "Bad Request", "A JSON object is needed here.")
    return value


def _check(key: str, query: Any) -> None:
    """Raise where a query is not as section 4.1 has it."""

    def wrong(why: str) -> Refused:
        return Refused(400, "Bad Request", f"The query {key!r} {why}.")

    if not isinstance(query, dict) or not (query.get("query") or query.get("properties")):
        raise wrong("needs a text in query, or properties")
    limit = query.get("limit", 1)
    if not isinstance(limit, int | float) or isinstance(limit, bool) or limit < 1:
        raise wrong("has a limit that is no number of 1 or more")
    if not isinstance(query.get("type", []), str | list):
        raise wrong("has a type that is neither an id nor a list of ids")
    properties = query.get("properties", [])
    if not isinstance(properties, list) or not all(isinstance(item, dict) and {"pid", "v"} <= set(item) for item in properties):
        raise wrong("has properties that are not a list of objects with pid and v")
    if not all(
        isinstance(value, str | int | float | dict) and (not isinstance(value, dict) or "id" in value)
        for item in properties
        for value in (item["v"] if isinstance(item["v"], list) else [item["v"]])
    ):
        raise wrong("has a value that is neither a text, a number, nor an object with an id")


def _manifest(request: Request) -> dict[str, Any]:
    """The service manifest (section 3.1)."""
    urls, _ = located(request)
    site = urls.site.rstrip("/")

    def path(of: str) -> dict[str, str]:
        return {"service_url": site, "service_path": f"/reconcile/{of}"}

    return {
        "versions": ["0.1", "0.2"],
        "name": "seismic-graph",
        "identifierSpace": ID,
        "schemaSpace": PREFIXES["sg"],
        "documentation": urls.absolute_page("downloads"),
        "logo": urls.absolute("static/icon.svg"),
        "serviceVersion": __version__,
        "defaultTypes": [{"id": name, "name": name.replace("-", " ")} for name in _TYPES],
        "view": {"url": f"{site}/id/{{{{id}}}}"},
        "preview": {"url": f"{site}/reconcile/preview?id={{{{id}}}}", "width": 420, "height": 180},
        "suggest": {"entity": path("suggest/entity"), "type": path("suggest/type"), "property": path("suggest/property")},
        "extend": {"propose_properties": path("properties")},
        "batchSize": BATCH,
    }


def _prefix(request: Request) -> tuple[str, int]:
    cursor = request.query_params.get("cursor", "0")
    return request.query_params.get("prefix", ""), min(int(cursor[:4]), 1000) if cursor.isascii() and cursor.isdigit() else 0


async def suggest_entity(request: Request) -> Response:
    """Things by the beginning of their names."""
    prefix, cursor = _prefix(request)
    return JSONResponse((await request.app.state.pool.run(suggest, prefix, cursor, request.query_params.get("type", ""))).value)


def _listed(request: Request, known: Mapping[str, str]) -> Response:
    """Types or properties whose name or id holds a text."""
    prefix, cursor = _prefix(request)
    wanted = names.fold(prefix)
    found = [{"id": id_, "name": name} for id_, name in known.items() if wanted in names.fold(f"{name} {id_}")]
    return JSONResponse({"result": found[cursor : cursor + MOST]})


async def suggest_type(request: Request) -> Response:
    """Types by the beginning of their names."""
    return _listed(request, {name: name.replace("-", " ") for name in _TYPES})


async def suggest_property(request: Request) -> Response:
    """Properties by the beginning of their names."""
    return _listed(request, {_property(iri): name for iri, name in _PROPERTIES.items()})


async def properties(request: Request) -> Response:
    """The properties that an extension may fetch, for any type (section 7.2)."""
    limit = request.query_params.get("limit", "")
    found = [{"id": _property(iri), "name": name} for iri, name in _PROPERTIES.items()]
    most = int(limit[:4]) if limit.isascii() and limit.isdigit() and int(limit[:4]) else len(found)
    return JSONResponse({"type": request.query_params.get("type", ""), "limit": most, "properties": found[:most]})


async def preview_page(request: Request) -> Response:
    """A small page on a thing, to be shown in a frame by others (section 5)."""
    id_ = request.query_params.get("id", "")
    told = (await request.app.state.pool.run(preview, id_)).value
    if told is None:
        raise Refused(404, "Not Found", f"There is no thing with the id {id_!r}.")
    urls, _ = located(request)
    name, kind, about = map(escape, told)
    response = HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<link rel="stylesheet" href="{urls.to("static/style.css")}"></head><body class="preview">'
        f'<p><a href="{escape(urls.absolute_page(f"id/{id_}"))}" target="_blank" rel="noopener"><strong>{name}</strong></a></p>'
        f"<p>{kind}</p><p>{about}</p></body></html>"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
    return response


routes = [
    Route("/reconcile", service, methods=["GET", "POST"]),
    Route("/reconcile/suggest/entity", suggest_entity),
    Route("/reconcile/suggest/type", suggest_type),
    Route("/reconcile/suggest/property", suggest_property),
    Route("/reconcile/properties", properties),
    Route("/reconcile/preview", preview_page),
]
