"""SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/) and the reading half of the Graph Store Protocol.

==================================  ======================================================================================
``/sparql``                         queries by GET, POST of a form, POST of the query itself; the form of the answer by Accept
``/sparql.json``, ``.csv``, ...     the same in one form, as does ``format=json``
``/sparql`` without a query         the service description to machines, an editor to browsers
``/rdf-graph-store?graph=IRI``      a named graph, whole; ``?default`` is the union of all
==================================  ======================================================================================

Updates are refused with 403. An answer with more rows than the limit is cut, and says so in ``X-Seismic-Truncated``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS, is_iri
from seismic_graph.store import Dataset, changes
from seismic_graph.web import jobs
from seismic_graph.web.negotiation import best, likes_html
from seismic_graph.web.problems import Refused
from seismic_graph.web.process import Reply

ROWS: dict[str, str] = {
    **{RESULT_FORMATS[name].media_type.partition(";")[0]: name for name in ("json", "xml", "csv", "tsv")},
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
"""Media type -> form of the answer to SELECT and ASK, the best first."""

GRAPHS: dict[str, str] = {
    **{RDF_FORMATS[name].media_type: name for name in ("ttl", "nt", "jsonld", "rdf", "trig", "nq")},
    "application/json": "jsonld",
    "application/xml": "rdf",
    "text/xml": "rdf",
    "application/x-turtle": "ttl",
    "text/plain": "nt",
}
"""Media type -> form of the answer to CONSTRUCT and DESCRIBE, the best first."""

_NAMES = {"turtle": "ttl", "n3": "ttl", "ntriples": "nt", "n-triples": "nt", "nquads": "nq", "n-quads": "nq", "json-ld": "jsonld"}
_NAMES |= {"rdf+xml": "rdf", "rdfxml": "rdf", "srj": "json", "srx": "xml"}
_OF_BOTH = {"json": ("json", "jsonld"), "xml": ("xml", "rdf")}
"""Names that mean one form of rows and another one of graphs."""

_PAGE_ROWS = 1000
"""How many rows a page shows; it says where there are more."""
_MOST_FIELDS = 200

Fields = list[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the answer is to be written in: media types, and whether a page is wanted instead."""

    rows: str | None
    graph: str | None
    page: bool

    @property
    def forms(self) -> tuple[str | None, str | None]:
        """The names of the forms for rows and for graphs."""
        return ROWS[self.rows] if self.rows else None, GRAPHS[self.graph] if self.graph else None


async def sparql(request: Request) -> Response:
    """The answer to a query, or the description of the service."""
    fields = _fields(request.scope["query_string"].decode("ascii", "replace"), "The address")
    text, fields = await _query(request, fields)
    wanted = _wanted(request, fields)
    if text is None:
        return await _bare(request, wanted)
    question = jobs.Question(text, _dataset(fields), _endpoint(request))
    if wanted.page:
        return await _page(request, question)
    if wanted.rows is None and wanted.graph is None:
        raise _not_acceptable("this", [*ROWS, *GRAPHS])
    pool, most = request.app.state.pool, request.app.state.max_rows
    about = (question, wanted, most)
    if unchanged := _unchanged(request, about, tags=not changes(text)):
        return unchanged
    reply = await pool.write(jobs.answer, question, *wanted.forms, most)
    answered: jobs.Answered = reply.value
    if answered.kind == "update":
        raise _read_only()
    if not answered.written:
        noun, offers = ("a graph", GRAPHS) if answered.kind == "graph" else ("rows or a yes or no", ROWS)
        raise _not_acceptable(noun, offers)
    media_type = wanted.graph if answered.kind == "graph" else wanted.rows
    headers = _tag(request, reply, about) if not changes(text) else {}
    if answered.cut.more:
        noun = "triples" if answered.kind == "graph" else "rows"
        headers["X-Seismic-Truncated"] = f"{answered.cut.count} {noun}"
    return _stream(reply, media_type or "", headers)


async def _query(request: Request, fields: Fields) -> tuple[str | None, Fields]:
    """The text of the query, if any, and all fields of address and form (section 2.1)."""
    kind, charset = _content_type(request.headers)
    if request.method == "POST":
        body = await request.body()
        if kind not in ("application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"):
            raise Refused(
                415,
                "Unsupported Media Type",
                "POST a form (application/x-www-form-urlencoded) with the field query, or the query itself (application/sparql-query).",
            )
        if kind == "application/sparql-update":
            raise _read_only()
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise Refused(415, "Unsupported Media Type", f"The query is to be in UTF-8, not in {charset}.")
        content = _text(body)
        if kind == "application/sparql-query":
            if any(name == "query" for name, _ in fields):
                raise Refused(400, "Two queries", "There is a query in the body and one in the address. Send one.")
            return content, fields
        fields = fields + _fields(content, "The form")
    if any(name == "update" for name, _ in fields):
        raise _read_only()
    queries = [value for name, value in fields if name == "query"]
    if len(queries) > 1:
        raise Refused(400, "Two queries", "The field query is given several times. Send one query a request.")
    if request.method == "POST" and not queries:
        raise Refused(400, "No query", "The form has no field query.")
    return (queries[0] if queries else None), fields


async def _bare(request: Request, wanted: Wanted) -> Response:
    """The editor for people, the description of the service for machines."""
    if wanted.page:
        page: Response = request.app.state.hooks.editor(request, "")
        return _vary(page)
    return await _graph(request, wanted, jobs.describe_service, _endpoint(request))


async def _page(request: Request, question: jobs.Question) -> Response:
    reply = await request.app.state.pool.run(jobs.shown, question, _PAGE_ROWS)
    told = dataclasses.replace(reply.value, snapshot=reply.snapshot, seconds=reply.seconds)
    page: Response = request.app.state.hooks.answer(request, question.text, told)
    page.headers["X-Seismic-Snapshot"] = reply.snapshot
    if told.cut:
        page.headers["X-Seismic-Truncated"] = f"{len(told.rows)} rows"
    return _vary(page)


async def graph_store(request: Request) -> Response:
    """A graph, whole (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2)."""
    fields = _fields(request.scope["query_string"].decode("ascii", "replace"), "The address")
    named = [value for name, value in fields if name == "graph"]
    default = [value for name, value in fields if name == "default"]
    if len(named) + len(default) != 1:
        raise Refused(400, "Which graph?", "Name one graph: ?graph=IRI, or ?default for the union of all.")
    if named:
        _check_iri("graph", named[0])
    return await _graph(request, _wanted(request, fields), jobs.dump, named[0] if named else None)


async def _graph(request: Request, wanted: Wanted, function: Callable[..., Any], argument: str | None) -> Response:
    """Triples that ``function`` writes, in the form that is wanted."""
    if wanted.graph is None:
        raise _not_acceptable("a graph", GRAPHS)
    about = (function.__name__, argument, wanted.graph)
    if unchanged := _unchanged(request, about):
        return unchanged
    reply = await request.app.state.pool.write(function, argument, GRAPHS[wanted.graph])
    if reply.value is False:
        raise Refused(404, "No such graph", f"There is no graph <{argument}>. The description of {_endpoint(request)} lists them.")
    return _stream(reply, wanted.graph, _tag(request, reply, about))


# --- reading a request ------------------------------------------------------------------------------------------------


def _fields(text: str, place: str) -> Fields:
    """The fields of a query string or form.

    Raises:
        Refused: they are no UTF-8, or too many.
    """
    try:
        return urllib.parse.parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise Refused(400, "Not UTF-8", f"{place} holds escapes (%XX) that are no UTF-8.") from None
    except ValueError as error:
        raise Refused(400, "Too many fields", f"{place} cannot be read: {error}.") from None


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, "Not UTF-8", f"The body is no UTF-8 at byte {error.start + 1}.") from None


def _content_type(headers: Headers) -> tuple[str, str]:
    """The media type of the body and its charset, in lower case."""
    kind, *parameters = (part.strip() for part in headers.get("content-type", "").lower().split(";"))
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")]
    return kind, charsets[0] if charsets else ""


def _wanted(request: Request, fields: Fields) -> Wanted:
    """What the suffix, else the field ``format``, else the header Accept asks for."""
    name = request.path_params.get("suffix") or next((value for field, value in fields if field == "format" and value), "")
    if not name:
        accept = ",".join(request.headers.getlist("accept"))
        return Wanted(best(accept, ROWS), best(accept, GRAPHS), likes_html(accept, [*ROWS, *GRAPHS]))
    kind = name.strip().lower().partition(";")[0].replace(" ", "+")  # a plus sign in an address is a blank
    if kind in ("html", "text/html"):
        return Wanted(None, None, page=True)
    if "/" in kind:
        found = Wanted(kind if kind in ROWS else None, kind if kind in GRAPHS else None, page=False)
    else:
        kind = _NAMES.get(kind, kind)
        rows, graph = _OF_BOTH.get(kind, (kind, kind))
        found = Wanted(_media_type(ROWS, rows), _media_type(GRAPHS, graph), page=False)
    if found.rows is None and found.graph is None:
        raise Refused(400, "No such format", f"There is no format {name!r}; use one of {', '.join([*RESULT_FORMATS, *RDF_FORMATS])}.")
    return found


def _media_type(forms: Mapping[str, str], name: str) -> str | None:
    return next((media_type for media_type, form in forms.items() if form == name), None)


def _dataset(fields: Fields) -> Dataset | None:
    """The dataset that the protocol gives, which counts more than FROM (section 2.1.4)."""
    default = tuple(_check_iri(name, value) for name, value in fields if name == "default-graph-uri")
    named = tuple(_check_iri(name, value) for name, value in fields if name == "named-graph-uri")
    return Dataset(default, named) if default or named else None


def _check_iri(field: str, value: str) -> str:
    if not is_iri(value):
        raise Refused(400, "Not an IRI", f"{field}={value!r} is not an absolute IRI.")
    return value


def _endpoint(request: Request) -> str:
    return str(request.url_for("sparql"))


# --- writing an answer ------------------------------------------------------------------------------------------------


def _read_only() -> Refused:
    return Refused(403, "Read-only", "This service takes no updates. Ask with SELECT, ASK, CONSTRUCT or DESCRIBE.")


def _not_acceptable(what: str, offers: Iterable[str]) -> Refused:
    return Refused(406, "Not Acceptable", f"Nothing that you accept can hold {what}. On offer: {', '.join(dict.fromkeys(offers))}.")


def _etag(snapshot: str, about: Any) -> str:
    return f'W/"{hashlib.sha256(repr((snapshot, about)).encode()).hexdigest()[:32]}"'


def _tag(request: Request, reply: Reply, about: Any) -> dict[str, str]:
    return {"ETag": _etag(reply.snapshot, about)} if request.method in ("GET", "HEAD") else {}


def _unchanged(request: Request, about: Any, *, tags: bool = True) -> Response | None:
    """304, where the client has this very answer (RFC 9110, section 13.1.2)."""
    tag = _etag(request.app.state.pool.snapshot, about)
    known = request.headers.get("if-none-match", "")
    if tags and request.method in ("GET", "HEAD") and (tag in known or known.strip() == "*"):
        return _vary(Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"}))
    return None


def _stream(reply: Reply, media_type: str, headers: Mapping[str, str]) -> Response:
    assert reply.body is not None, "the job wrote"  # noqa: S101
    response = StreamingResponse(reply.body.chunks(), media_type=media_type)
    response.headers.update(
        {
            "Content-Length": str(reply.body.size),
            "Cache-Control": "no-cache",
            "X-Seismic-Snapshot": reply.snapshot,
            **headers,
        }
    )
    return _vary(response)


def _vary(response: Response) -> Response:
    response.headers.add_vary_header("Accept")
    return response


routes = [
    Route("/sparql", sparql, methods=["GET", "POST"], name="sparql"),
    Route("/sparql/", sparql, methods=["GET", "POST"]),
    Route("/sparql.{suffix}", sparql, methods=["GET", "POST"]),
    Route("/rdf-graph-store", graph_store, methods=["GET"], name="graph-store"),
]
