"""Pushing a snapshot: what arrives, what an interruption leaves, and what is said when something is wrong."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seismic_graph import push as room
from seismic_graph.errors import NoGraphStore, StoreError, Unreachable, UsageError
from seismic_graph.push import PushTarget, Target, push, push_snapshot
from seismic_graph.remote import RemoteStore
from seismic_graph.store import Answer, EmbeddedStore
from seismic_graph.vocabulary import GRAPH
from tests.fixtures.servers import Server, free_port

XSD = "http://www.w3.org/2001/XMLSchema#"
E = "http://push.example/"


def typed(text: str, datatype: str) -> str:
    return f'"{text}"^^<{XSD}{datatype}>'


def snapshot(name: str = "one", size: int = 3000) -> EmbeddedStore:
    """Three graphs: many triples with dates of every precision, blank nodes, and texts that are easily broken."""
    store = EmbeddedStore(identity=name)
    dates = [typed("2013", "gYear"), typed("2013-01", "gYearMonth"), typed("2013-01-01", "date"), typed("2013-01-01T00:00:00Z", "dateTime")]
    objects = [
        *dates,
        typed("10.25", "decimal"),
        typed("7", "integer"),
        typed("true", "boolean"),
        '"R\u00e9seau \U0001f600"@fr',
        f"<{E}{name}>",
    ]
    many = [f"<{E}{number}> <{E}p{number % 7}> {objects[number % len(objects)]} .\n" for number in range(size)]
    store.load(many, GRAPH + "many")
    blank = "".join(f"<{E}{number}> <{E}has> _:b{number} .\n_:b{number} <{E}next> _:b{(number + 1) % 20} .\n" for number in range(20))
    store.load([blank, *many[:50]], GRAPH + "blank")
    hard = [
        '"<html><body>page</body></html>"',
        f'"{"x" * 90_000}"',
        r'"a \"b\" \\ c\nd\te SERVICE <http://e/> { LOAD <x> ;"',
        '""',
        '"\\u00e9"@en-GB',
    ]
    store.load([f"<{E}hard> <{E}text{number}> {text} .\n" for number, text in enumerate(hard)], E + "graph/hard")
    return store


def content(store: Any, graph: str) -> set[str]:
    """The triples of a graph with blank nodes named alike."""
    answer = store.query(f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    dataset = ox.Dataset(ox.Quad(row[0], row[1], row[2]) for row in answer)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def assert_same(store: EmbeddedStore, target: Any) -> None:
    for graph in store.graphs():
        assert content(target, graph) == content(store, graph), graph


class Memory:
    """An endpoint in memory."""

    def __init__(self, *, graph_store: bool = True) -> None:
        self.inner = ox.Store()
        self.graph_store = graph_store
        self.calls: list[tuple[str, str, int]] = []
        self.name = "memory"

    def query(self, text: str) -> Answer:
        return self.inner.query(text, use_default_graph_as_union=True)

    def update(self, text: str) -> None:
        self.calls.append(("update", "", len(text)))
        self.inner.update(text)

    def put_graph(self, graph: str, triples: bytes) -> None:
        self._check("put", graph, triples)
        self.inner.remove_graph(ox.NamedNode(graph))
        self.inner.load(triples, ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))

    def append(self, graph: str, triples: bytes) -> None:
        self._check("append", graph, triples)
        self.inner.load(triples, ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))

    def delete_graph(self, graph: str) -> None:
        self._check("delete", graph, b"")
        self.inner.remove_graph(ox.NamedNode(graph))

    def _check(self, what: str, graph: str, triples: bytes) -> None:
        if not self.graph_store:
            raise NoGraphStore("no graph store")
        self.calls.append((what, graph, len(triples)))


class Interrupted:
    """An endpoint whose connection breaks at the n-th writing: before it is done, or after it was done unnoticed."""

    def __init__(self, inner: Target, at: int, *, done: bool) -> None:
        self.inner, self.at, self.done, self.writes = inner, at, done, 0

    @property
    def name(self) -> str:
        return self.inner.name

    def query(self, text: str) -> Answer:
        return self.inner.query(text)

    def _write(self, write: Callable[..., None], *arguments: Any) -> None:
        self.writes += 1
        if self.writes == self.at and not self.done:
            raise Unreachable("the connection broke")
        write(*arguments)
        if self.writes == self.at:
            raise Unreachable("the connection broke")

    def update(self, text: str) -> None:
        self._write(self.inner.update, text)

    def put_graph(self, graph: str, triples: bytes) -> None:
        self._write(self.inner.put_graph, graph, triples)

    def append(self, graph: str, triples: bytes) -> None:
        self._write(self.inner.append, graph, triples)

    def delete_graph(self, graph: str) -> None:
        self._write(self.inner.delete_graph, graph)


@pytest.fixture(params=[pytest.param("oxigraph_server", marks=pytest.mark.oxigraph), pytest.param("virtuoso", marks=pytest.mark.virtuoso)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    running: Server = request.getfixturevalue(request.param)
    graphs = [*snapshot(size=0).graphs(), GRAPH + "many", GRAPH + "old"]
    running.drop(*graphs)
    yield running
    running.drop(*graphs)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "state.json"


def target_of(server: Server, *, by_update: bool = False) -> RemoteStore:
    return RemoteStore(server.query, update_url=server.update, store_url=None if by_update else server.store)


# --- to real servers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_update", [False, True], ids=["graph store", "update"])
def test_what_arrives_is_what_was_sent(server: Server, state: Path, by_update: bool) -> None:
    store = snapshot()
    target = target_of(server, by_update=by_update)
    steps: list[tuple[str, int, int]] = []
    report = push(store, target, state_file=state, part_size=50_000, progress=lambda *step: steps.append(step))
    assert_same(store, target)
    assert report.graphs == {graph: sum(1 for _ in store.triples(graph)) for graph in store.graphs()}
    assert (report.snapshot, report.target, report.by_update) == ("one", server.query, by_update)
    assert (report.kept, report.others, report.changed) == (0, (), ())
    assert report.sent == len(steps) > 5
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    assert steps[-1][1] == steps[-1][2] == sum(report.graphs.values())
    assert not state.exists()
    assert f"many: {report.graphs[GRAPH + 'many']:,} triples" in report.to_text()


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done unnoticed"])
@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_an_interrupted_push_goes_on(server: Server, state: Path, at: int, done: bool) -> None:
    older = snapshot("older", 4000)
    target = target_of(server)
    push(older, target, state_file=state)
    store = snapshot()
    with pytest.raises(Unreachable):
        push(store, Interrupted(target, at, done=done), state_file=state, part_size=80_000)
    report = push(store, target, state_file=state, part_size=80_000)
    assert report.kept == at - 1
    assert report.sent + report.kept > 5
    assert_same(store, target)


def test_an_interrupted_push_by_update_goes_on(server: Server, state: Path) -> None:
    store = snapshot()
    target = target_of(server, by_update=True)
    with pytest.raises(Unreachable):
        push(store, Interrupted(target, 4, done=True), state_file=state)
    report = push(store, target, state_file=state)
    assert (report.kept, report.by_update) == (2, True)  # the first writing was the try of a graph store
    assert_same(store, target)


def test_pushing_twice_changes_nothing(server: Server, state: Path) -> None:
    store = snapshot()
    first = push(store, target_of(server), state_file=state)
    second = push(store, target_of(server), state_file=state)
    assert first == second
    assert_same(store, target_of(server))


def test_a_server_without_a_graph_store(server: Server, state: Path) -> None:
    store = snapshot(size=1200)
    target = RemoteStore(server.query, update_url=server.update, store_url=f"{server.base}/no-such-thing")
    report = push(store, target, state_file=state)
    assert report.by_update
    assert "by SPARQL Update" in report.to_text()
    assert_same(store, target)


@pytest.mark.virtuoso
def test_literals_that_virtuoso_changes_are_reported(virtuoso: Server, state: Path) -> None:
    store = EmbeddedStore(identity="changed")
    store.load([f"<{E}a> <{E}p> {typed('25000000', 'decimal')} .\n", f"<{E}a> <{E}q> {typed('2.5', 'decimal')} .\n"], GRAPH + "many")
    report = push(store, target_of(virtuoso, by_update=True), state_file=state)
    assert report.changed == ((GRAPH + "many", XSD + "decimal", 2, 1), (GRAPH + "many", XSD + "integer", 0, 1))
    assert "has 2 of xsd:decimal here and 1 there" in report.to_text()
    assert push(store, target_of(virtuoso), state_file=state).changed == ()
    assert_same(store, target_of(virtuoso))


@pytest.mark.virtuoso
def test_a_server_that_gives_few_rows(virtuoso_low: Server, state: Path) -> None:
    store = snapshot()
    report = push(store, target_of(virtuoso_low), state_file=state)
    assert report.graphs[GRAPH + "many"] == sum(1 for _ in store.triples(GRAPH + "many"))


def test_graphs_of_older_snapshots_are_named_or_removed(server: Server, state: Path) -> None:
    store = snapshot(size=100)
    server.put(GRAPH + "old", f"<{E}a> <{E}b> <{E}c> .\n")
    server.put("http://push.example/foreign", f"<{E}a> <{E}b> <{E}c> .\n")
    report = push(store, target_of(server), state_file=state)
    assert report.others == (GRAPH + "old",)
    assert f"not of this snapshot: {GRAPH}old" in report.to_text()
    report = push(store, target_of(server), state_file=state, prune=True)
    assert (report.others, report.removed) == ((), (GRAPH + "old",))
    assert content(target_of(server), GRAPH + "old") == set()
    assert content(target_of(server), "http://push.example/foreign") != set()
    server.drop("http://push.example/foreign")


# --- where to ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["base", "query"])
def test_the_addresses_are_found(server: Server, of: str) -> None:
    target = PushTarget.discover(getattr(server, of))
    assert (target.query_url, target.update_url, target.store_url) == (server.query, server.update, server.store)
    assert server.kind in target.server.lower()


def test_addresses_that_are_told_are_kept(server: Server) -> None:
    target = PushTarget.discover(server.base, update_url="http://u.example/", store_url="http://s.example/")
    assert (target.query_url, target.update_url, target.store_url) == (server.query, "http://u.example/", "http://s.example/")


@pytest.mark.virtuoso
def test_virtuoso_with_a_password(virtuoso: Server, state: Path) -> None:
    """It asks for Digest, where Basic is sent first."""
    store = snapshot(size=500)
    target = PushTarget.discover(virtuoso.base.replace("://", "://dba:dba@"))
    assert target.store_url == virtuoso.base.replace("://", "://dba:dba@") + "/sparql-graph-crud-auth"
    report = push(store, target.connect(), state_file=state, prune=True)
    assert not report.by_update
    assert "dba" not in report.to_text()
    assert_same(store, target.connect())
    target.connect().update(f"DROP SILENT GRAPH <{GRAPH}many>")
    assert content(target.connect(), GRAPH + "many") == set()
    wrong = PushTarget.discover(virtuoso.query, store_url=virtuoso.base.replace("://", "://dba:wrong@") + "/sparql-graph-crud-auth")
    with pytest.raises(StoreError, match=r"HTTP 401.*name and a password"):
        push(store, wrong.connect(), state_file=state)


@pytest.mark.parametrize(
    ("query_url", "server_name", "update_url", "store_url"),
    [
        ("http://h:3030/ds/query", "Apache Jena Fuseki (5.0.0)", "http://h:3030/ds/update", "http://h:3030/ds/data"),
        ("http://h:3030/ds/sparql", "Apache Jena Fuseki", "http://h:3030/ds/update", "http://h:3030/ds/data"),
        ("http://h:3030/ds", "Apache Jena Fuseki", "http://h:3030/ds/update", "http://h:3030/ds/data"),
        ("http://h/query", "Oxigraph/0.5", "http://h/update", "http://h/store"),
        ("http://h/a/sparql/", "Oxigraph/0.5", "http://h/a/update", "http://h/a/store"),
        ("http://h:8890/sparql", "Virtuoso/07.20", "http://h:8890/sparql", "http://h:8890/sparql-graph-crud"),
        ("http://a:b@h/sparql", "Virtuoso/07.20", "http://a:b@h/sparql-auth", "http://a:b@h/sparql-graph-crud-auth"),
        ("http://h/repositories/r", "", "http://h/repositories/r/statements", "http://h/repositories/r/rdf-graphs/service"),
        ("http://h/sparql", "nginx", "http://h/sparql", None),
    ],
)
def test_the_addresses_of_products(query_url: str, server_name: str, update_url: str, store_url: str | None) -> None:
    assert room._beside(query_url, server_name) == (update_url, store_url)


def test_a_wrong_address() -> None:
    with pytest.raises(Unreachable, match="Nothing answers"):
        PushTarget.discover(f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(UsageError):
        PushTarget.discover("file:///tmp")


def test_an_address_that_is_no_endpoint(state: Path) -> None:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(StoreError, match="No SPARQL endpoint was found; give the address that takes queries") as caught:
            PushTarget.discover(f"http://name:s3cret@127.0.0.1:{server.server_port}")
        assert str(caught.value).count("\n") == 3
        assert "s3cret" not in str(caught.value)
    finally:
        server.shutdown()
        server.server_close()


def test_push_to_an_address_keeps_its_state_at_home(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = snapshot(size=200)
    monkeypatch.setattr(room, "_count", lambda target, graph: (_ for _ in ()).throw(Unreachable("gone")))
    with pytest.raises(Unreachable):
        push_snapshot(store, server.base, tmp_path)
    (kept,) = (tmp_path / "push").glob("*.json")
    assert json.loads(kept.read_text())["target"] == server.query
    monkeypatch.undo()
    report = push_snapshot(store, server.base, tmp_path)
    assert (report.sent, report.kept) == (0, 3)
    assert not kept.exists()


# --- parts and state --------------------------------------------------------------------------------------------


def test_the_first_part_replaces_and_others_are_added(state: Path) -> None:
    target = Memory()
    push(snapshot(), target, state_file=state, part_size=50_000)
    for graph in snapshot().graphs():
        calls = [what for what, of, _ in target.calls if of == graph]
        assert calls == ["put"] + ["append"] * (len(calls) - 1)
    assert max(size for _, graph, size in target.calls if graph == GRAPH + "many") <= 50_000


def test_updates_stay_small(state: Path) -> None:
    target = Memory(graph_store=False)
    push(snapshot(), target, state_file=state)
    assert max(size for _, _, size in target.calls) < 1_000_000
    assert_same(snapshot(), target)


def test_each_part_is_noted_with_what_was_in_it(state: Path) -> None:
    target = Memory()
    with pytest.raises(Unreachable):
        push(snapshot(), Interrupted(target, 4, done=False), state_file=state, part_size=50_000)
    kept = json.loads(state.read_text())
    assert (kept["target"], kept["snapshot"], kept["by_update"]) == ("memory", "one", False)
    assert sum(of["done"] for of in kept["graphs"].values()) == 3
    assert [file.name for file in state.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"target": "memory", "snapshot": "one"}',
        '{"target": "memory", "snapshot": "one", "graphs": 7, "by_update": 0}',
    ],
)
def test_a_state_that_cannot_be_read_begins_again(state: Path, text: str) -> None:
    state.parent.mkdir()
    state.write_text(text)
    report = push(snapshot(), Memory(), state_file=state)
    assert report.kept == 0


def test_the_state_of_another_snapshot_or_size_of_parts_does_not_count(state: Path) -> None:
    target = Memory()
    with pytest.raises(Unreachable):
        push(snapshot("one"), Interrupted(target, 5, done=False), state_file=state, part_size=50_000)
    saved = state.read_text()
    report = push(snapshot("two"), target, state_file=state, part_size=50_000)
    assert report.kept == 0
    assert_same(snapshot("two"), target)
    state.write_text(saved)
    report = push(snapshot("one"), target, state_file=state, part_size=60_000)
    assert report.kept <= 3  # the graphs of one part are the same whatever the size
    assert_same(snapshot("one"), target)


def test_the_same_name_for_another_content_begins_again(state: Path) -> None:
    target = Memory()
    with pytest.raises(Unreachable):
        push(snapshot("one", 3000), Interrupted(target, 6, done=False), state_file=state, part_size=50_000)
    store = snapshot("one", 2900)
    push(store, target, state_file=state, part_size=50_000)
    assert_same(store, target)


def test_a_target_that_loses_something_is_found_out(state: Path) -> None:
    class Lossy(Memory):
        def append(self, graph: str, triples: bytes) -> None:
            super().append(graph, b"".join(triples.splitlines(keepends=True)[1:]))

    store = snapshot()
    with pytest.raises(StoreError, match=rf"{GRAPH}many: 3,000 here, 2,9\d\d there.*push again") as caught:
        push(store, Lossy(), state_file=state, part_size=50_000)
    assert "blank" not in str(caught.value)
    assert not state.exists()
    assert push(store, Memory(), state_file=state).kept == 0


def test_a_place_for_the_state_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be kept.*Choose another place"):
        push(snapshot(size=10), Memory(), state_file=tmp_path / "file" / "state.json")


def test_an_empty_store(state: Path) -> None:
    report = push(EmbeddedStore(identity="empty"), Memory(), state_file=state)
    assert (report.graphs, report.sent) == ({}, 0)


BLANK_LINES = [b"_:a <p:p> <o:o> .", b"<s:s> <p:p> _:a .", b"_:a <p:p> _:b ."]
line = st.one_of(
    st.sampled_from(BLANK_LINES),
    st.builds(lambda number, width: f'<s:{number}> <p:p> "{"x" * width}" .'.encode(), st.integers(0, 99), st.integers(0, 200)),
    st.builds(lambda year: f'<s:s> <p:p> "{year}"^^<{XSD}gYear> .'.encode(), st.integers(1000, 1050)),
    st.builds(lambda month: f'<s:s> <p:p> "2015-{month}"^^<{XSD}gYearMonth> .'.encode(), st.integers(10, 12)),
)


@given(st.lists(line, unique=True, max_size=60), st.integers(1, 600), st.one_of(st.none(), st.integers(1, 20)))
def test_parts_hold_every_line_once(lines: list[bytes], size: int, triples: int | None) -> None:
    parts = list(room._parts(lines, size, triples))
    assert sorted(b"".join(parts).splitlines()) == sorted(lines)
    assert parts
    assert not any(b"_:" in part for part in parts[1:])
    blank = sum(b"_:" in line for line in lines)
    for number, part in enumerate(parts):
        inside = part.splitlines()
        assert len(part) <= size or len(inside) == 1 or (number == 0 and len(inside) == blank)
        if triples:
            assert len(inside) <= max(triples, blank if number == 0 else 0)
            assert not (number > 0 and b"#gYear>" in part and b"#gYearMonth>" in part)
    assert parts == list(room._parts(list(reversed(lines)), size, triples))
