"""Export to N-Quads, import into each real server, and the same questions get the same answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import query_files
from seismic_graph.errors import IncompleteAnswer
from seismic_graph.graph import Graph
from seismic_graph.push import push_snapshot
from seismic_graph.remote import RemoteStore
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from tests.conftest import Runner
from tests.fixtures.servers import Server
from tests.queries.compare import rows

SERVERS = ["oxigraph_server", "virtuoso"]
LIBRARY = {file.stem: query_files.load(file) for file in Settings().query_files()}


@pytest.fixture(scope="module")
def imported(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """The graph after a way through a file of N-Quads."""
    file = tmp_path_factory.mktemp("export") / "graph.nq"
    graph.export(file)
    store = EmbeddedStore(identity=graph.store.identity)
    store.inner.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, imported: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running: Server = request.getfixturevalue(request.param)
    push_snapshot(
        imported,
        running.query,
        tmp_path_factory.mktemp("push"),
        update_url=running.update,
        store_url=running.store,
        timeout=120,
        prune=True,
    )
    yield running
    running.drop(*imported.graphs())


@pytest.fixture(scope="module")
def remote(server: Server, graph: Graph) -> Graph:
    return Graph(RemoteStore(server.query, timeout=120), graph.settings)


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_every_question_has_the_same_answer(name: str, graph: Graph, remote: Graph, server: Server) -> None:
    query = LIBRARY[name]
    if server.kind in query.exceptions:
        pytest.xfail(query.exceptions[server.kind])
    assert rows(remote.store.query(query.text)) == rows(graph.store.query(query.text))


@pytest.mark.parametrize("reading", ["static", "possible", "strict"])
def test_traces_are_the_same(reading: str, graph: Graph, remote: Graph) -> None:
    for source, target, basis in (
        ("nanet-se", "sria-2015", "structural"),
        ("nanet-it", "sria-2.0", "contextual"),
        ("seismic", "dut", "stated"),
        ("rec-final-sip", "nanet-se", "contextual"),
    ):
        here = json.loads(graph.trace(source, target, reading=reading, basis=basis, paths=20).to_json())
        there = json.loads(remote.trace(source, target, reading=reading, basis=basis, paths=20).to_json())
        del here["snapshot"], there["snapshot"]
        assert there == here


def test_the_printed_query_confirms_every_hop_there(graph: Graph, remote: Graph) -> None:
    text = graph.trace("nanet-se", "sria-2.0", basis="contextual", paths=20).to_sparql()
    here, there = rows(graph.store.query(text)), rows(remote.store.query(text))
    assert there == here
    assert here


def test_things_reach_and_matrix_are_the_same(graph: Graph, remote: Graph) -> None:
    assert remote.things == graph.things
    assert remote.reach("nanet-se").rows() == graph.reach("nanet-se").rows()
    sets = graph.members("NationalNetwork"), graph.members("AgendaItem")
    assert (remote.members("NationalNetwork"), remote.members("AgendaItem")) == sets
    assert remote.matrix(*sets, paths=2).rows() == graph.matrix(*sets, paths=2).rows()


def test_an_export_from_there_is_the_export_from_here(graph: Graph, remote: Graph, tmp_path: Path) -> None:
    for name in ("dossier", "catalogue"):
        here = graph.export(tmp_path / f"here-{name}.nq", graph=name)
        there = remote.export(tmp_path / f"there-{name}.nq", graph=name)
        assert there.sha256 == here.sha256


def test_from_the_command_line(server: Server, seismic: Runner) -> None:
    here = seismic("trace", "nanet-se", "sria-2015", "-f", "csv")
    there = seismic("trace", "nanet-se", "sria-2015", "-f", "csv", "--store", server.query)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    name = "which-cities-gave-and-got"
    assert seismic("query", name, "-f", "csv", "--store", server.query).stdout == seismic("query", name, "-f", "csv").stdout


def test_the_shapes_say_the_same_there(graph: Graph, remote: Graph) -> None:
    assert remote.validate().counts == graph.validate().counts


def test_a_low_row_cap_is_no_obstacle_to_a_trace_and_an_error_for_a_plain_query(
    virtuoso_low: Server, imported: EmbeddedStore, graph: Graph, tmp_path: Path
) -> None:
    push_snapshot(
        imported, virtuoso_low.query, tmp_path, update_url=virtuoso_low.update, store_url=virtuoso_low.store, timeout=120, prune=True
    )
    remote = Graph(RemoteStore(virtuoso_low.query, timeout=120), graph.settings)
    assert remote.trace("nanet-se", "sria-2015").to_csv() == graph.trace("nanet-se", "sria-2015").to_csv()
    with pytest.raises(IncompleteAnswer):
        list(remote.store.query("SELECT ?s ?p ?o WHERE { ?s ?p ?o }"))  # type: ignore[arg-type]
    virtuoso_low.drop(*imported.graphs())


def test_queries_run_through_the_library_function_too(graph: Graph, remote: Graph) -> None:
    name = "what-did-this-network-put-forward-and-where-did-it-go"
    here, there = graph.query(name, network="nanet-cz"), remote.query(name, network="nanet-cz")
    assert rows(there.rows) == rows(here.rows)
    assert here.rows
