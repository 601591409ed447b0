"""Traces of the dossier and of a larger graph behind real servers, equal to those of the store on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generate import generate
from seismic_graph.columns import ColumnNetwork, written
from seismic_graph.flows import READINGS
from seismic_graph.graph import Graph
from seismic_graph.paths import Search, find
from seismic_graph.remote import RemoteStore, network
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import ID, graph_iri
from tests.fixtures.servers import LOW_CAP, Server, running_oxigraph, running_virtuoso
from tests.remote.conftest import fill


@pytest.fixture(params=["oxigraph", "virtuoso_small"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def behind(server: Server, home: Path, told: list[str] | None = None) -> Graph:
    return Graph.behind([server.query], Settings(home=home), announce=(told if told is not None else []).append)


def said(answer: Any) -> Any:
    """An answer as plain values, without the store that gave it."""
    return {name: value for name, value in json.loads(answer.to_json()).items() if name != "snapshot"}


PAIRS = [("nanet-se", "sria-2015"), ("mappina", "sria-2.0"), ("seismic", "dut"), ("sria-2015", "amsterdam"), ("amsterdam", "mappina")]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("basis", ["stated", "contextual"])
def test_traces_are_those_of_the_snapshot_with_all_that_they_show(
    server: Server, graph: Graph, tmp_path: Path, reading: str, basis: str
) -> None:
    remote = behind(server, tmp_path)
    for pair in PAIRS:
        ours = graph.trace(*pair, reading=reading, basis=basis, max_hops=4)
        theirs = remote.trace(*pair, reading=reading, basis=basis, max_hops=4)
        assert said(theirs) == said(ours)
        assert theirs.to_text(explain_dates=True).replace(remote.store.identity, graph.store.identity) == ours.to_text(explain_dates=True)
        assert theirs.snapshot == server.query


def test_filters_and_what_stands_in_the_way_are_the_same(server: Server, graph: Graph, tmp_path: Path) -> None:
    limits: list[dict[str, Any]] = [
        {"via": "ev-final-2016"},
        {"avoid": "seismic-nanets"},
        {"since": "2016"},
        {"direction": "bottom-up", "until": "2015"},
        {"reading": "strict", "basis": "contextual", "max_hops": 8},
    ]
    for asked in limits:
        ours, theirs = (one.trace("nanet-se", "sria-2015", **asked) for one in (graph, behind(server, tmp_path)))
        assert said(theirs) == said(ours)
        assert [reason.code for reason in theirs.reasons] == [reason.code for reason in ours.reasons]


def test_reach_matrix_and_things_are_the_same(server: Server, graph: Graph, tmp_path: Path) -> None:
    remote = behind(server, tmp_path)
    assert said(remote.reach("nanet-se")) == said(graph.reach("nanet-se"))
    networks, items = graph.members("NationalNetwork"), graph.members("AgendaItem")
    assert said(remote.matrix(networks, items[:20])) == said(graph.matrix(networks, items[:20]))
    assert remote.network.flows == graph.network.flows
    assert remote.things == graph.things


# --- a larger graph -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedStore, ColumnNetwork, dict[str, Any]]:
    """A generated graph of some 84,000 triples, its flows in columns, and what was planted in it."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SEISMIC_HOME", str(home))
        told = generate(100_000, folder)
    store = EmbeddedStore(identity="large")
    for file, name in (("ontology", "ontology"), ("record", "dossier")):
        store.load_file(folder / f"{file}.nt", graph_iri(name))
    return store, ColumnNetwork(written(store, folder / "flows.columns", "large")), told


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def endpoint(request: pytest.FixtureRequest, large: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("server")
    with running_oxigraph(folder) if request.param == "oxigraph" else running_virtuoso(folder, LOW_CAP) as server:
        fill(server, large[0], tmp_path_factory.mktemp("push"))
        yield RemoteStore(server.query)


def test_planted_chains_are_found_without_reading_the_graph(endpoint: RemoteStore, large: Any, tmp_path: Path) -> None:
    for chain in large[2]["chains"]:
        for reading in READINGS:
            found = find(network.network(network.copies(endpoint, tmp_path)), chain["source"], chain["target"], Search(reading=reading), 5)
            holds = READINGS.index(reading) <= READINGS.index(chain["reading"])
            assert [[flow.id for flow in path.flows] for path in found.paths] == ([chain["flows"]] if holds else [])
    assert not list(tmp_path.iterdir())


def test_pairs_in_a_larger_graph_have_the_same_paths(endpoint: RemoteStore, large: Any, tmp_path: Path) -> None:
    plain: ColumnNetwork = large[1]
    nodes = [plain.columns.nodes[number] for number in range(len(plain.columns.nodes))]
    items = [name for name in nodes if name.startswith(f"{ID}agenda-item/")]
    remote = network.network(network.copies(endpoint, tmp_path))
    for number, target in enumerate(items[::25]):
        search = Search(reading=READINGS[number % 3], max_hops=3 + number % 4)
        source = f"{ID}network/nanet-{('se', 'it', 'nl')[number // 3 % 3]}"
        assert find(remote, source, target, search, 5) == find(plain, source, target, search, 5)
