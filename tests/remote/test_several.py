"""One graph spread over three endpoints by its named graphs: what is asked of all together is what the snapshot says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seismic_graph.errors import QueryError, TooMuch, Unreachable, UsageError
from seismic_graph.flows import READINGS
from seismic_graph.graph import Graph
from seismic_graph.remote import several
from seismic_graph.results import write
from seismic_graph.settings import Settings
from seismic_graph.vocabulary import PREFIXES
from tests.conftest import Runner
from tests.fixtures.servers import Server, free_port

Spread = tuple[Server, ...]


@pytest.fixture(scope="module")
def joined(spread: Spread, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph behind all servers."""
    return Graph.behind([server.query for server in spread], Settings(home=tmp_path_factory.mktemp("home")))


def said(answer: Any) -> Any:
    """An answer as plain values, without the stores that gave it."""
    return {name: value for name, value in json.loads(answer.to_json()).items() if name != "snapshot"}


def test_no_endpoint_alone_has_the_flows(spread: Spread, graph: Graph, tmp_path: Path) -> None:
    counts = [len(Graph.behind([server.query], Settings(home=tmp_path)).network.flows) for server in spread]
    assert max(counts) < len(graph.network.flows)


def test_the_flows_of_all_are_joined(joined: Graph, graph: Graph) -> None:
    """Flows begin and end in one endpoint; their days, and the flows that a rule read off, are in another, what kinds mean in a third."""
    assert joined.network.flows == graph.network.flows


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("pair", [("nanet-se", "sria-2015"), ("mappina", "sria-2.0"), ("sria-2015", "amsterdam")], ids=" ".join)
def test_traces_are_those_of_the_snapshot(joined: Graph, graph: Graph, reading: str, pair: tuple[str, str]) -> None:
    ours, theirs = (one.trace(*pair, reading=reading) for one in (graph, joined))
    assert said(theirs) == said(ours)
    assert theirs.snapshot == joined.store.identity


def test_reach_matrix_and_things_are_those_of_the_snapshot(joined: Graph, graph: Graph) -> None:
    assert said(joined.reach("Amsterdam")) == said(graph.reach("Amsterdam"))
    networks, items = graph.members("NationalNetwork"), graph.members("AgendaItem")
    assert (joined.members("NationalNetwork"), joined.members("AgendaItem")) == (networks, items)
    assert said(joined.matrix(networks, items[:15])) == said(graph.matrix(networks, items[:15]))
    assert joined.things == graph.things


@pytest.mark.parametrize("name", ["GÖTEBORG", "Ny urban samverkan", "network/nanet-se", "seismic national network sweden", "sria-2.0"])
def test_names_are_found_wherever_they_are(joined: Graph, graph: Graph, name: str) -> None:
    assert joined.find(name) == graph.find(name)


def test_the_receipt_names_all_endpoints(joined: Graph, spread: Spread) -> None:
    receipt = joined.answer("trace", {"names": ["nanet-se", "sria-2015"], "options": {}})
    assert receipt.snapshot == " + ".join(server.query for server in spread)


def test_a_question_of_the_library_is_answered_from_all(joined: Graph, graph: Graph) -> None:
    name = "what-did-this-network-put-forward-and-where-did-it-go"
    assert write(joined.query(name, network="nanet-se"), "csv") == write(graph.query(name, network="nanet-se"), "csv")


def test_a_query_for_everything_is_answered_from_all(joined: Graph, graph: Graph) -> None:
    query = f"SELECT ?p ?o WHERE {{ <{PREFIXES['id']}network/nanet-se> ?p ?o }}"
    assert {tuple(map(str, row)) for row in joined.store.query(query)} == {tuple(map(str, row)) for row in graph.store.query(query)}  # type: ignore[union-attr]


def test_the_shapes_find_the_same_in_all(joined: Graph, graph: Graph) -> None:
    assert joined.validate().results == graph.validate().results


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("SELECT * { GRAPH ?g { ?s a ?c } }", QueryError, "GRAPH cannot be asked of several endpoints"),
        ("SELECT * FROM <http://a/b> WHERE { ?s a ?c }", QueryError, "FROM cannot be asked of several endpoints"),
        ("SELECT * { SERVICE <http://a/b> { ?s a ?c } }", QueryError, "SERVICE"),
        ("SELECT * { ?s a }", QueryError, "line 1"),
    ],
)
def test_what_cannot_be_asked_is_said(joined: Graph, query: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        joined.store.query(query)


def test_a_query_that_may_need_too_much_is_refused_and_the_way_out_named(
    spread: Spread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(several, "MOST", 1000)
    fresh = Graph.behind([server.query for server in spread], Settings(home=tmp_path))
    with pytest.raises(TooMuch, match="Write its properties out"):
        fresh.store.query("SELECT * { ?s ?p ?o } LIMIT 1")
    assert not (tmp_path / "endpoints").exists()


def test_an_endpoint_that_is_down_is_named(spread: Spread, tmp_path: Path) -> None:
    down = f"http://127.0.0.1:{free_port()}/sparql"
    with pytest.raises(Unreachable, match=f"Nothing answers at {down}"):
        Graph.behind([spread[0].query, down], Settings(home=tmp_path)).trace("nanet-se", "sria-2015")


def test_an_endpoint_twice_is_refused(spread: Spread, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named twice"):
        Graph.behind([spread[0].query] * 2, Settings(home=tmp_path))


def test_the_command_line_takes_several_stores(seismic: Runner, spread: Spread, home: Path, tmp_path: Path) -> None:
    stores = [part for server in spread for part in ("--store", server.query)]
    ours = seismic("trace", "nanet-se", "sria-2015", "--paths", "2")
    theirs = seismic("trace", "nanet-se", "sria-2015", "--paths", "2", *stores, home=tmp_path)
    assert theirs.stdout.splitlines()[:-1] == ours.stdout.splitlines()[:-1]
    assert theirs.stdout.splitlines()[-1] == "snapshot " + " + ".join(server.query for server in spread)
    assert "Reading" in theirs.stderr
    assert seismic("trace", "nanet-se", "sria-2015", "--paths", "2", *stores, home=tmp_path).stderr == "", "all is kept"
    assert "Reading" in seismic("trace", "nanet-se", "sria-2015", "--fresh", *stores, home=tmp_path).stderr
