"""The server for agents, asked by the SDK's own client over standard input and output, on the shipped dossier."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from seismic_graph import files
from tests.conftest import ROOT
from tests.web.service import CROSS, children

Talk = Callable[[Client], Awaitable[Any]]


def talk(home: Path, conversation: Talk, *options: str) -> Any:
    """What a conversation with a fresh server gives."""
    environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)}
    arguments = ["-m", "seismic_graph.cli", "mcp", *options]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=environment, cwd=ROOT)

    async def run() -> Any:
        async with asyncio.timeout(120), Client(server) as client:
            return await conversation(client)

    return asyncio.run(run())


def called(home: Path, name: str, /, *options: str, **arguments: Any) -> Any:
    """The structured answer of a tool."""

    async def call(client: Client) -> Any:
        reply = await client.call_tool(name, arguments)
        assert not reply.is_error, reply.content
        return reply.structured_content

    return talk(home, call, *options)


def refused(home: Path, name: str, /, *options: str, **arguments: Any) -> str:
    """The message of the error of a tool."""

    async def call(client: Client) -> str:
        reply = await client.call_tool(name, arguments)
        assert reply.is_error, reply.structured_content
        return str(reply.content[0].text)  # type: ignore[union-attr]

    return str(talk(home, call, *options))


def test_tools_and_resources_say_what_they_are_for(home: Path) -> None:
    async def look(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"find", "describe", "query", "ask", "trace", "gaps"}
        assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
        resources = {str(resource.uri) for resource in (await client.list_resources()).resources}
        assert resources == {"seismic://ontology", "seismic://queries"}

    talk(home, look)


def test_resources_hold_the_ontology_and_the_questions(home: Path) -> None:
    async def read(client: Client) -> list[str]:
        read = [await client.read_resource(uri) for uri in ("seismic://ontology", "seismic://queries")]
        return [one.contents[0].text for one in read]  # type: ignore[union-attr]

    turtle, questions = talk(home, read)
    assert "sg:KnowledgeFlow" in turtle
    listed = {question["name"]: question for question in json.loads(questions)}
    assert set(listed) == {file.stem for file in (ROOT / "queries").glob("*.rq")}
    assert any(question["parameters"] for question in listed.values())


def test_a_name_leads_to_a_thing_and_its_sources(home: Path) -> None:
    async def ask(client: Client) -> tuple[Any, Any]:
        hits = (await client.call_tool("find", {"text": "network sweden", "of": "Network"})).structured_content
        assert hits
        thing = (await client.call_tool("describe", {"name": hits["rows"][0]["id"]})).structured_content
        return hits, thing

    hits, thing = talk(home, ask)
    assert hits["rows"][0]["id"] == "network/nanet-se"
    assert thing["label"] == "SEiSMiC national network Sweden"
    assert thing["flows"]["rows"]
    assert all(flow["sources"] and flow["basis"] for flow in thing["flows"]["rows"])
    assert hits["snapshot"] == thing["snapshot"] == (home / "current").read_text().strip()


def test_nothing_found_names_the_nearest(home: Path) -> None:
    assert {"id": "city/amsterdam", "label": "Amsterdam"} in called(home, "find", text="Amsterdm")["nearest"]


def test_a_query_is_answered_and_says_where_it_was_cut(home: Path) -> None:
    text = "PREFIX sg: <https://w3id.org/seismic-graph/ontology#> SELECT ?s { ?s a sg:Project } ORDER BY ?s"
    answer = called(home, "query", sparql=text, limit=7)
    assert len(answer["rows"]) == 7
    assert answer["cut"] is True
    assert "remedy" in answer
    assert called(home, "query", sparql="ASK { ?s ?p ?o }")["boolean"] is True
    assert called(home, "query", sparql="CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 2")["columns"] == ["subject", "predicate", "object"]


def test_an_answer_of_long_rows_is_cut_by_its_length(home: Path) -> None:
    text = f'SELECT ?n ("{"x" * 1000}" AS ?long) {{ ?s ?n ?o }}'
    answer = called(home, "query", sparql=text, limit=500)
    assert answer["cut"] is True
    assert len(json.dumps(answer)) < 70_000


def test_a_question_of_the_library_takes_parameters(home: Path) -> None:
    name = "what-did-this-network-put-forward-and-where-did-it-go"
    dutch = called(home, "ask", question=name, parameters={"network": "nanet-nl"})
    assert dutch["rows"]
    assert dutch["rows"] != called(home, "ask", question=name)["rows"]


def test_a_trace_comes_with_its_evidence(home: Path) -> None:
    answer = called(home, "trace", source="nanet-se", target="sria-2015", paths=1)
    assert "Path 1" in answer["text"]
    assert len(answer["answer"]["paths"]) == 1
    assert answer["more"] is True
    assert "No such path is recorded" in called(home, "trace", source="nanet-se", target="sria-2015", via=["ev-final-2016"])["text"]


def test_gaps_are_filtered_and_bounded(home: Path) -> None:
    answer = called(home, "gaps", network=["nanet-se"], limit=3)
    assert 0 < len(answer["rows"]) <= 3


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("describe", {"name": "nanet-sx"}, "nanet-se"),
        ("query", {"sparql": "SELECT * {"}, "line 1"),
        ("query", {"sparql": "DELETE WHERE { ?s ?p ?o }"}, "read-only"),
        ("query", {"sparql": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, "SERVICE"),
        ("query", {"sparql": "ASK {}", "limit": 501}, "1 to 500"),
        ("ask", {"question": "who-knows"}, "who-knows"),
        ("trace", {"source": "nanet-se", "target": "nanet-se"}, "same thing"),
        ("trace", {"source": "nanet-se", "target": "sria-2015", "max_hops": 99}, "hops"),
        ("trace", {"source": "nanet-se", "target": "sria-2015", "reading": "magic"}, "possible"),
    ],
    ids=["name", "syntax", "update", "service", "limit", "question", "same", "hops", "reading"],
)
def test_what_cannot_be_answered_is_told_with_the_remedy(home: Path, name: str, arguments: dict[str, Any], message: str) -> None:
    assert message in refused(home, name, **arguments)


def test_a_query_that_takes_too_long_is_stopped_and_the_next_is_answered(home: Path) -> None:
    async def ask(client: Client) -> None:
        late = await client.call_tool("query", {"sparql": CROSS})
        assert late.is_error
        assert "second" in str(late.content[0].text)  # type: ignore[union-attr]
        assert not (await client.call_tool("query", {"sparql": "ASK {}"})).is_error

    talk(home, ask, "--timeout", "1")


def test_nothing_is_left_running(home: Path) -> None:
    before = children(os.getpid())  # servers of other tests

    async def ask(client: Client) -> set[int]:
        await client.call_tool("query", {"sparql": "ASK {}"})
        return children(os.getpid()) - before

    left = talk(home, ask)
    assert len(left) >= 3  # the server, what starts its workers, and workers
    deadline = time.monotonic() + 20
    while (left := {pid for pid in left if files.alive(str(pid))}) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == set()


def test_the_sdk_is_named_where_it_is_missing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError('not here')\n")
    environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-m", "seismic_graph.cli", "mcp"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "pip install 'seismic-graph[mcp]'" in done.stderr
