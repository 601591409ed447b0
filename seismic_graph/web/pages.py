"""The routes of the pages: each view at its address, in each language, in each of its forms; and the pages of the SPARQL endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from seismic_graph import queries, query_files
from seismic_graph.errors import UnknownName
from seismic_graph.vocabulary import BASE, PREFIXES
from seismic_graph.web import assets, protocol, view, views
from seismic_graph.web.evidence import Linked
from seismic_graph.web.hooks import Shown
from seismic_graph.web.problems import Problem
from seismic_graph.web.signposting import links
from seismic_graph.web.urls import LANGUAGES, Urls
from seismic_graph.web.view import View
from seismic_graph.web.words import Words, words

_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation"
"""A picture by itself carries its styles inside, and no script."""
_FRESH = "public, max-age=60"


async def page(request: Request) -> Response:
    """One form of the view at an address; chosen by the suffix, else by the Accept header."""
    urls, path = located(request)
    path, suffix = views.split(path)
    query = parse_qs(request.url.query, max_num_fields=100)
    reply = await request.app.state.pool.run(views.answer, path, query, urls, suffix, request.headers.get("accept", ""))
    made: views.Answer = reply.value
    response = Response(made.body, made.status, media_type=made.media_type)
    response.headers["X-Seismic-Snapshot"] = reply.snapshot
    response.headers["Cache-Control"] = _FRESH
    response.headers["Link"] = links(made, urls, request.url.query)
    if made.suffix == "html":
        response.headers["Content-Language"] = urls.language
    if made.suffix.endswith("svg"):
        response.headers["Content-Security-Policy"] = _SVG_POLICY
    if not suffix:
        response.headers.add_vary_header("Accept")
        if made.suffix != "html":
            response.headers["Content-Location"] = urls.to(f"{made.path or 'index'}.{made.suffix}", query)
    return response


def located(request: Request) -> tuple[Urls, str]:
    """What makes the links of the answer, and the path that was asked for, below the base and without language."""
    root = request.scope.get("root_path", "").rstrip("/")
    path, language = views.spoken(request.scope["path"].removeprefix(root).lstrip("/"))
    return Urls(f"{root}/", f"{request.url.scheme}://{request.url.netloc}{root}/", language), path


async def start(request: Request) -> Response:
    """The start page; somebody whose browser prefers another of our languages is sent there."""
    liked = _language(request)
    if liked != LANGUAGES[0] and not request.url.query:
        urls, _ = located(request)
        response: Response = RedirectResponse(urls.speaking(liked).page(""), 302)
    else:
        response = await page(request)
    response.headers.add_vary_header("Accept-Language")
    return response


def _language(request: Request) -> str:
    """The language of the pages that a browser likes best (RFC 9110, section 12.5.4); ``?lang=`` counts more."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    liked: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        try:
            liked.setdefault(tag.partition("-")[0], float(quality or 1))
        except ValueError:
            continue
    return max(LANGUAGES, key=lambda tag: liked.get(tag, 0.0))


async def static(request: Request) -> Response:
    """A file that pages load."""
    found = assets.assets().get(request.path_params["name"])
    if found is None:
        raise UnknownName("file", request.path_params["name"])
    headers = {"ETag": f'"{found.hash}"', "Cache-Control": "public, max-age=300"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=headers)


def editor(library: Mapping[str, query_files.Query], said: Words, query: str = "", shown: Shown | None = None) -> View:
    """The page to write a query in, with the answer to one; the questions of the library are its examples."""
    content = {
        "query": query or _FIRST,
        "shown": shown,
        "table": _table(shown) if shown else None,
        "examples": [(name, found.summary, _plain(found)) for name, found in library.items()],
        "prefixes": json.dumps(PREFIXES),
    }
    return View("sparql", said("sparql.title"), "sparql.html", lambda: content)


class Pages:
    """The pages of the SPARQL endpoint and of errors, in the dress of the others (`plain.Hooks`)."""

    def error(self, request: Request, problem: Problem) -> Response:
        """What is wrong, what may have been meant, and the search."""
        urls, path = located(request)
        said = words(urls.language)
        suggestions = [
            (f"id/{name}" if "/" in name else name, name)
            for name in problem.more.get("suggestions", ())
            if "/" in name or name in views.VIEWS
        ]
        content: Mapping[str, object] = {
            "detail": problem.detail,
            "suggestions": suggestions or [(f"id/{name}", name) for name in problem.more.get("candidates", ())],
            "words": views.split(path)[0].rpartition("/")[2].replace("-", " ") if problem.status == 404 else "",
        }
        return self._made(View(path, said("error.title"), "problem.html", lambda: content), urls, "")

    def editor(self, request: Request, query: str) -> Response:
        """The editor, with the questions of the library as examples."""
        return self._sparql(request, query, None)

    def answer(self, request: Request, query: str, shown: Shown) -> Response:
        """The editor with an answer below it."""
        return self._sparql(request, query, shown)

    def _sparql(self, request: Request, query: str, shown: Shown | None) -> Response:
        urls, _ = located(request)
        library = queries.library(request.app.state.settings.query_files())
        return self._made(editor(library, words(urls.language), query, shown), urls, shown.snapshot if shown else "")

    @staticmethod
    def _made(seen: View, urls: Urls, snapshot: str) -> Response:
        return Response(view.page(seen, words(urls.language), urls, snapshot), media_type=view.MEDIA["html"])


_FIRST = f"""PREFIX sg: <{PREFIXES["sg"]}>
PREFIX skos: <{PREFIXES["skos"]}>
SELECT ?network ?label WHERE {{
  ?network a sg:NationalNetwork ; skos:prefLabel ?label .
}} ORDER BY ?label"""


def _plain(question: query_files.Query) -> str:
    """A question without its header lines."""
    return "\n".join(line for line in question.text.splitlines() if not line.startswith("#+"))


def _table(shown: Shown) -> dict[str, object]:
    def cell(term: str) -> Linked:
        iri = term[1:-1] if term.startswith("<") and term.endswith(">") else ""
        return Linked(iri.removeprefix(BASE) if iri else term, iri)

    rows = [[cell(term) for term in row] for row in shown.rows]
    return {"columns": shown.variables, "rows": rows, "summary": len(rows), "more": False, "cut": shown.cut}


def _routes() -> list[Route]:
    found = [Route("/", start), Route("/static/{name:path}", static), Route("/index.{suffix}", page)]
    for language in LANGUAGES:
        prefix = "" if language == LANGUAGES[0] else f"/{language}"
        for pattern in views.VIEWS:
            if pattern:
                found.append(Route(f"{prefix}/{pattern}", page))
            if not pattern.endswith("}") and pattern:
                found.append(Route(f"{prefix}/{pattern}.{{suffix}}", page))
        if prefix:
            found += [Route(f"{prefix}/", page), Route(f"{prefix}/sparql", protocol.sparql, methods=["GET", "POST"])]
    return found


routes = _routes()
hooks = Pages()
