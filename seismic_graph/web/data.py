"""Linked data: identifiers that lead to pages or data, descriptions of the dataset, and what machines look for in known places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO
from xml.sax.saxutils import escape

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from seismic_graph import catalogue
from seismic_graph.errors import UnknownName
from seismic_graph.graph import Graph
from seismic_graph.queries import named
from seismic_graph.rdf import RDF_FORMATS
from seismic_graph.store import query_form
from seismic_graph.vocabulary import DCAT, DCTERMS, PREFIXES, RDF, RDFS, SCHEMA, SH, XSD, graph_iri
from seismic_graph.web import about, reconcile, views
from seismic_graph.web.negotiation import best
from seismic_graph.web.pages import located, page
from seismic_graph.web.urls import LANGUAGES, Urls
from seismic_graph.web.view import MEDIA, RDF_SUFFIXES, serialised

_THINGS = ("html", *RDF_SUFFIXES, "json")
"""The forms that an identifier leads to."""
_EXAMPLES = ".well-known/sparql-examples"
_SITEMAP = 40_000


async def identifier(request: Request) -> Response:
    """The way from a thing, which cannot be sent, to its page or its data (303, https://www.w3.org/TR/cooluris/)."""
    urls, path = located(request)
    if views.split(path)[1]:
        return await page(request)
    suffix = _liked(request, _THINGS)
    response = RedirectResponse(urls.page(path) if suffix == "html" else urls.to(f"{path}.{suffix}"), 303)
    response.headers.add_vary_header("Accept")
    return response


def _liked(request: Request, suffixes: Iterable[str]) -> str:
    """The suffix of the form that the client likes best; the first where it has no wish that can be met."""
    offers = {MEDIA[suffix]: suffix for suffix in suffixes}
    liked = best(request.headers.get("accept", ""), offers)
    return offers[liked] if liked else next(iter(offers.values()))


# --- the dataset ------------------------------------------------------------------------------------------------------


async def dataset(request: Request) -> Response:
    """The description of the dataset in VoID and DCAT; the page of the downloads for people."""
    urls, path = located(request)
    _, suffix = views.split(path)
    if suffix in ("nq", "trig"):
        return await _dump(request, None, suffix)
    if not suffix and _liked(request, ("html", *RDF_SUFFIXES)) == "html" and "html" in request.headers.get("accept", ""):
        return RedirectResponse(urls.page("downloads"), 303)
    return await _described(request, suffix)


async def void(request: Request) -> Response:
    """The description of the dataset where it is looked for (https://www.w3.org/TR/void/, section 7.2)."""
    return await _described(request, "")


async def _described(request: Request, suffix: str) -> Response:
    urls, _ = located(request)
    suffix = suffix or _liked(request, RDF_SUFFIXES)
    if suffix not in RDF_SUFFIXES:
        raise UnknownName("form of the dataset", suffix, (*RDF_SUFFIXES, "nq", "trig"))
    reply = await request.app.state.pool.run(description, urls, suffix)
    return _answer(reply.value, suffix, reply.snapshot)


def description(graph: Graph, urls: Urls, suffix: str) -> bytes:
    """VoID and DCAT of the snapshot, with the addresses of this deployment: endpoint, dumps, page."""
    whole = ox.NamedNode(catalogue.DATASET)
    service = ox.NamedNode(urls.absolute("sparql"))

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    added = [say(whole, DCAT + "landingPage", ox.NamedNode(urls.absolute_page("downloads")))]
    endpoint = [
        say(whole, PREFIXES["void"] + "sparqlEndpoint", service),
        say(service, RDF + "type", ox.NamedNode(DCAT + "DataService")),
        say(service, DCAT + "endpointURL", service),
        say(service, DCAT + "servesDataset", whole),
        say(service, DCTERMS + "title", ox.Literal("SPARQL endpoint of seismic-graph", language="en")),
    ]
    if not urls.files:  # files answer no queries
        added += endpoint
    for end in ("nq", "trig"):
        dump = ox.NamedNode(f"{catalogue.DATASET}.{end}")
        address = ox.NamedNode(urls.absolute(f"dataset.{end}"))
        added += [say(whole, PREFIXES["void"] + "dataDump", address), say(dump, DCAT + "downloadURL", address)]
    return serialised([*about.described(graph), *added], suffix)


def _answer(body: bytes, suffix: str, snapshot: str) -> Response:
    response = Response(body, media_type=MEDIA[suffix])
    response.headers["X-Seismic-Snapshot"] = snapshot
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Link"] = f'<{catalogue.LICENCE}>; rel="license", <{catalogue.DATASET}>; rel="cite-as"'
    response.headers.add_vary_header("Accept")
    return response


async def graph(request: Request) -> Response:
    """One named graph, whole."""
    name, suffix = views.split(request.path_params["name"])
    return await _dump(request, name, suffix or _liked(request, (*RDF_SUFFIXES, "nq", "trig")))


async def _dump(request: Request, name: str | None, suffix: str) -> Response:
    if suffix not in (*RDF_SUFFIXES, "nq", "trig"):
        raise UnknownName("form of a graph", suffix, (*RDF_SUFFIXES, "nq", "trig"))
    reply = await request.app.state.pool.write(dump, name, suffix)
    response = StreamingResponse(reply.body.chunks(), media_type=MEDIA[suffix])
    response.headers["X-Seismic-Snapshot"] = reply.snapshot
    response.headers["Content-Disposition"] = f'attachment; filename="seismic-graph{f"-{name}" if name else ""}.{suffix}"'
    response.headers["Link"] = f'<{catalogue.LICENCE}>; rel="license"'
    return response


def dump(graph: Graph, out: IO[bytes], name: str | None, suffix: str) -> None:
    """Write one named graph, or all of them.

    Raises:
        UnknownName: there is no such graph.
    """
    store = graph.embedded
    if name is not None and graph_iri(name) not in store.graphs():
        raise UnknownName("graph", name, [one.rpartition("/")[2] for one in store.graphs()])
    quads = store.triples(graph_iri(name) if name else None)
    kind = RDF_FORMATS[suffix]
    ox.serialize(quads if kind.supports_datasets and suffix != "jsonld" else (quad.triple for quad in quads), out, kind)


async def table(request: Request) -> Response:
    """A table of the dossier that this service was set up with."""
    name = request.path_params["name"]
    files = {file.name: file for file in request.app.state.settings.dossier_files()}
    if name not in files:
        raise UnknownName("table", name, files)
    return Response(files[name].read_bytes(), media_type=MEDIA["csv"])


# --- examples of queries ----------------------------------------------------------------------------------------------


async def examples(request: Request) -> Response:
    """The query library as examples in the layout of SIB: one ``sh:SPARQLExecutable`` a question."""
    urls, _ = located(request)
    suffix = _liked(request, RDF_SUFFIXES)
    reply = await request.app.state.pool.run(example_triples, urls, request.path_params.get("name", ""), suffix)
    return _answer(reply.value, suffix, reply.snapshot)


_FORMS = {
    "SELECT": ("select", "SPARQLSelectExecutable"),
    "ASK": ("ask", "SPARQLAskExecutable"),
    "CONSTRUCT": ("construct", "SPARQLConstructExecutable"),
}


def example_triples(graph: Graph, urls: Urls, name: str, suffix: str) -> bytes:
    """The questions of the library, or one of them, as triples.

    Raises:
        UnknownName: there is no such question.
    """
    chosen = [named(graph.library, name)] if name else list(graph.library.values())
    target = ox.NamedNode(urls.absolute("sparql"))
    prefixes = ox.BlankNode("prefixes")

    def say(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    triples = []
    for prefix, namespace in sorted(PREFIXES.items()):
        declared = ox.BlankNode(f"prefix{prefix}")
        triples += [
            say(prefixes, SH + "declare", declared),
            say(declared, SH + "prefix", ox.Literal(prefix)),
            say(declared, SH + "namespace", ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI"))),
        ]
    for question in chosen:
        property_, class_ = _FORMS[query_form(question.text) or "SELECT"]
        node = ox.NamedNode(urls.absolute(f"{_EXAMPLES}/{question.name}"))
        triples += [
            say(node, RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")),
            say(node, RDF + "type", ox.NamedNode(SH + class_)),
            say(node, RDFS + "label", ox.Literal(question.summary, language="en")),
            say(node, RDFS + "comment", ox.Literal(escape(question.summary), datatype=ox.NamedNode(RDF + "HTML"))),
            say(node, DCTERMS + "description", ox.Literal(question.description, language="en")),
            say(node, SH + property_, ox.Literal(question.text)),
            say(node, SH + "prefixes", prefixes),
            *([] if urls.files else [say(node, SCHEMA + "target", target)]),
            *(say(node, SCHEMA + "keywords", ox.Literal(tag)) for tag in question.tags),
        ]
    return serialised(triples, suffix)


# --- for crawlers -----------------------------------------------------------------------------------------------------


async def sitemap(request: Request) -> Response:
    """The addresses of all pages (https://www.sitemaps.org/protocol.html), those of large graphs up to a limit."""
    urls, _ = located(request)
    reply = await request.app.state.pool.run(sitemap_text, urls)
    return Response(reply.value, media_type="application/xml", headers={"Cache-Control": "public, max-age=3600"})


def sitemap_text(graph: Graph, urls: Urls) -> str:
    """The sitemap: each page with its other language; statements of the record are left to the data."""
    lines = []
    for number, path in enumerate(views.addresses(graph)):
        if number >= _SITEMAP:
            break
        if path.startswith(("id/flow/", "id/participation/", "id/funding/")):
            continue
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{tag}" href="{escape(urls.speaking(tag).absolute_page(path))}"/>' for tag in LANGUAGES
        )
        lines.append(f"<url><loc>{escape(urls.speaking(LANGUAGES[0]).absolute_page(path))}</loc>{others}</url>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        + "\n".join(lines)
        + "\n</urlset>\n"
    )


async def robots(request: Request) -> Response:
    """What crawlers may visit: all but what costs work at each visit."""
    urls, _ = located(request)
    closed = ("sparql", "sv/sparql", "reconcile", "trace?", "sv/trace?", "search?q", "sv/search?q")
    lines = ["User-agent: *", *(f"Disallow: {urls.root}{path}" for path in closed), f"Sitemap: {urls.absolute('sitemap.xml')}"]
    return PlainTextResponse("\n".join(lines) + "\n")


routes = [
    *reconcile.routes,
    *(Route(f"{prefix}/id/{{type}}/{{slug}}", identifier) for prefix in ("", "/sv")),
    *(Route(f"{prefix}/vocabulary/{{scheme}}/{{slug}}", identifier) for prefix in ("", "/sv")),
    *(Route(f"{prefix}/vocabulary/{{scheme}}", identifier) for prefix in ("", "/sv")),
    Route("/dataset", dataset),
    Route("/dataset.{suffix}", dataset),
    Route("/catalog", dataset),
    Route("/.well-known/void", void),
    Route(f"/{_EXAMPLES}", examples),
    Route(f"/{_EXAMPLES}/{{name}}", examples),
    Route("/graph/{name}", graph),
    Route("/dossier/{name}", table),
    Route("/sitemap.xml", sitemap),
    Route("/robots.txt", robots),
]
