"""The graph for agents: tools and resources of the Model Context Protocol over standard input and output.

Every answer is bounded and says where it was cut. Each question runs in a worker process with the limits of the service, so that no
query outlives its time. The functions that the workers run take the graph first and give plain values.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from seismic_graph import __version__, flows, names, queries, trace
from seismic_graph.dates import day_text
from seismic_graph.errors import SeismicError, UsageError
from seismic_graph.graph import Graph
from seismic_graph.results import Result
from seismic_graph.settings import Settings
from seismic_graph.store import is_update, select, text_of
from seismic_graph.vocabulary import short
from seismic_graph.web import asked
from seismic_graph.web.workers import WorkerPool

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

MOST_ROWS = 500
"""How many rows an answer has at most."""
MOST_TEXT = 60_000
"""How many characters the rows of an answer have at most, as JSON."""
MOST_PATHS = 10
_CELL = 2_000
_INSTRUCTIONS = """\
A knowledge graph of how knowledge moved between local initiatives, the national networks of SEiSMiC, European research agendas,
calls, projects and cities. Every statement has a date, a basis (stated, structural, contextual) and sources: cite them.
Begin with find, then describe or trace. What is not recorded may still have happened: say "not recorded", never "did not happen".
Where "cut" is true there is more than is shown."""


# --- what the workers do ----------------------------------------------------------------------------------------------


def found(graph: Graph, text: str, of: str | None, limit: int) -> dict[str, Any]:
    """The things that have some words in their names; where there is none, the nearest."""
    hits = names.search(graph.store, text, limit + 1, of)
    rows = [{"id": short(iri), "label": label} for iri, label in hits]
    answer = _bounded(rows, limit)
    if not hits:
        answer["nearest"] = [{"id": short(iri), "label": label} for iri, label in names.similar(graph.store, text, of)]
    return answer


def described(graph: Graph, name: str, limit: int) -> dict[str, Any]:
    """What is recorded of a thing: its facts, the movements of knowledge to and from it, and who says so."""
    iri = graph.find(name)
    facts: dict[str, list[str]] = {}
    for predicate, value in _statements(graph, iri):
        facts.setdefault(short(predicate), []).append(value)
    touching = flows.touching(graph.store, iri, limit + 1)
    said, sources = trace.background(graph.store, touching)
    labels = names.label(graph.store, {iri, *(end for flow in touching for end in (flow.source, flow.target))})
    rows = [
        {
            "id": short(flow.id),
            "from": {"id": short(flow.source), "label": labels[flow.source]},
            "to": {"id": short(flow.target), "label": labels[flow.target]},
            "kind": flow.kind,
            "basis": flow.basis,
            "direction": flow.direction,
            "earliest": day_text(flow.earliest) or None,
            "latest": day_text(flow.latest) or None,
            "statement": said[flow.id].statement or None,
            "sources": [{"id": short(one), "url": sources[one].url if one in sources else ""} for one in flow.sources[:5]],
        }
        for flow in touching
    ]
    return {"id": short(iri), "iri": iri, "label": labels[iri], "facts": facts, "flows": _bounded(rows, limit)}


def _statements(graph: Graph, iri: str) -> list[tuple[str, str]]:
    text = f"SELECT DISTINCT ?p ?o WHERE {{ <{iri}> ?p ?o FILTER(!CONTAINS(STR(?p), 'prov#')) }} ORDER BY STR(?p) STR(?o) LIMIT 300"
    return [(text_of(row[0]), _cell(row[1])) for row in select(graph.store, text)]


def queried(graph: Graph, sparql: str, limit: int) -> dict[str, Any]:
    """The answer to a query.

    Raises:
        UsageError: it is an update; QueryError: it cannot be read.
    """
    try:
        answer = graph.store.query(sparql)
    except SeismicError:
        if is_update(sparql):
            raise UsageError("This is read-only: ask with SELECT, ASK, CONSTRUCT or DESCRIBE.") from None
        raise
    return _result(Result.from_answer(answer, limit=limit + 1), limit)


def answered(graph: Graph, name: str, parameters: dict[str, str | list[str]], limit: int) -> dict[str, Any]:
    """The answer to a question of the library.

    Raises:
        UnknownName: there is no such question, parameter or thing.
    """
    question = queries.named(graph.library, name)
    text = queries.bound(graph.store, question, parameters)
    return {"question": question.summary, **_result(Result.from_answer(graph.store.query(text), limit=limit + 1), limit)}


def traced(graph: Graph, source: str, target: str, paths: int, limits: dict[str, Any]) -> dict[str, Any]:
    """The best paths from one thing to another with all evidence; where there is none, why."""
    answer = graph.trace(source, target, paths=paths, **limits)
    return {"text": answer.to_text(), "more": bool(answer.found.more), "answer": answer.to_dict()}


def gapped(graph: Graph, wanted: dict[str, list[str]], limit: int) -> dict[str, Any]:
    """Where the record stops, why, and what would close each gap."""
    finding = graph.gaps(**wanted)  # type: ignore[arg-type]
    return {"title": finding.title, **_bounded(finding.rows, limit)}


def library(graph: Graph) -> list[dict[str, Any]]:
    """The questions of the library with their parameters."""
    return [
        {
            "name": question.name,
            "summary": question.summary,
            "parameters": [
                {"name": one.name, "type": one.type, "description": one.description, "default": one.default} for one in question.parameters
            ],
        }
        for question in graph.library.values()
    ]


def ontology(graph: Graph) -> str:
    """The ontology in Turtle, as its author wrote it: classes and properties with their definitions."""
    return (graph.settings.ontology / "seismic.ttl").read_text(encoding="utf-8")


def _result(result: Result, limit: int) -> dict[str, Any]:
    if result.kind == "boolean":
        return {"boolean": bool(result)}
    rows = [{name: _cell(term) for name, term in zip(result.variables, row, strict=True) if term is not None} for row in result]
    return {"columns": list(result.variables), **_bounded(rows, limit)}


def _cell(term: object) -> str:
    """A term as text; a long literal is cut and says so."""
    text = text_of(term) if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal) else str(term)
    return text if len(text) <= _CELL else f"{text[:_CELL]}… (cut: {len(text):,} characters)"


def _bounded(rows: Iterable[Any], limit: int) -> dict[str, Any]:
    """Rows up to a number and a length, and whether that is all."""
    kept: list[Any] = []
    length = 0
    for row in rows:
        length += len(json.dumps(row, ensure_ascii=False, default=str))
        if len(kept) == limit or (kept and length > MOST_TEXT):
            return {"rows": kept, "cut": True, "remedy": "Ask for less at a time: filter, or LIMIT and OFFSET."}
        kept.append(row)
    return {"rows": kept, "cut": False}


# --- the server -------------------------------------------------------------------------------------------------------


def server(settings: Settings, **limits: Any) -> MCPServer[WorkerPool]:
    """The server with its tools and resources; `limits` are those of `WorkerPool`.

    Raises:
        UsageError: the SDK is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ResourceError, ToolError
        from mcp_types import ToolAnnotations
    except ImportError:
        raise UsageError("This needs the SDK of the Model Context Protocol: pip install 'seismic-graph[mcp]'") from None

    pool = WorkerPool(settings, **limits)

    @contextlib.asynccontextmanager
    async def lifespan(app: MCPServer[WorkerPool]) -> AsyncIterator[WorkerPool]:
        await pool.start()
        try:
            yield pool
        finally:
            await pool.close()

    app = MCPServer("seismic-graph", version=__version__, instructions=_INSTRUCTIONS, lifespan=lifespan, log_level="WARNING")
    tool = partial(app.tool, annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False), structured_output=True)

    async def run(function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        try:
            reply = await pool.run(function, *arguments)
        except SeismicError as error:
            raise ToolError(str(error)) from error
        return {**reply.value, "snapshot": reply.snapshot}

    @tool()
    async def find(text: str, of: str | None = None, limit: int = 20) -> dict[str, Any]:
        """Find things by words of their names, in any language. `of` narrows to a class such as Network, City or Project."""
        return await run(found, text, of, _rows(limit))

    @tool()
    async def describe(name: str, limit: int = 30) -> dict[str, Any]:
        """All that is recorded of one thing, with dates and sources. `name` is an id such as nanet-se, or a label."""
        return await run(described, name, _rows(limit))

    @tool()
    async def query(sparql: str, limit: int = 100) -> dict[str, Any]:
        """Answer a SPARQL 1.1 query, read-only; the default graph is the union of all. Read seismic://ontology for the terms."""
        return await run(queried, sparql, _rows(limit))

    @tool()
    async def ask(question: str, parameters: dict[str, str | list[str]] | None = None, limit: int = 100) -> dict[str, Any]:
        """Answer a question of the query library by its name, with values for its parameters; seismic://queries lists them."""
        return await run(answered, question, parameters or {}, _rows(limit))

    @tool(name="trace")
    async def trace_(
        source: str,
        target: str,
        reading: str = "possible",
        basis: str = "structural",
        max_hops: int = 6,
        since: str | None = None,
        until: str | None = None,
        via: list[str] | None = None,
        avoid: list[str] | None = None,
        paths: int = 3,
    ) -> dict[str, Any]:
        """How knowledge could get from one thing to another, hop by hop with dates and sources; or why no path is recorded.

        reading: strict (dates prove the order), possible (dates allow it), static (dates ignored).
        basis: stated, structural or contextual, the weakest that counts. since and until are dates as 2015, 2015-09 or 2015-09-30.
        """
        if not 1 <= paths <= MOST_PATHS or not 1 <= max_hops <= asked.MOST_HOPS:
            raise ToolError(f"Ask for 1 to {MOST_PATHS} paths of 1 to {asked.MOST_HOPS} hops.")
        limits = {"reading": reading, "basis": basis, "max_hops": max_hops, "since": since, "until": until}
        return await run(traced, source, target, paths, {**limits, "via": via or [], "avoid": avoid or []})

    @tool()
    async def gaps(
        kind: list[str] | None = None,
        theme: list[str] | None = None,
        country: list[str] | None = None,
        network: list[str] | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Where the record of knowledge moving stops, why, and the one movement that would close each gap."""
        wanted = {"kind": kind, "theme": theme, "country": country, "network": network}
        return await run(gapped, {name: values for name, values in wanted.items() if values}, _rows(limit))

    def _rows(limit: int) -> int:
        if not 1 <= limit <= MOST_ROWS:
            raise ToolError(f"limit is {limit}; it is 1 to {MOST_ROWS}.")
        return limit

    async def read(function: Callable[..., Any]) -> Any:
        try:
            return (await pool.run(function)).value
        except SeismicError as error:
            raise ResourceError(str(error)) from error

    @app.resource("seismic://ontology", mime_type="text/turtle")
    async def ontology_() -> str:
        """The ontology in Turtle: classes, properties, definitions."""
        return str(await read(ontology))

    @app.resource("seismic://queries", mime_type="application/json")
    async def queries_() -> str:
        """The questions of the library, with their parameters."""
        return json.dumps(await read(library), ensure_ascii=False, indent=1)

    return app


def serve(settings: Settings, **limits: Any) -> None:
    """Serve on standard input and output until the client closes them; see `server`."""
    server(settings, **limits).run("stdio")
