"""What is kept of an endpoint: used while the endpoint stays as it was, and never by halves, stale or with credentials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seismic_graph import columns
from seismic_graph.errors import SeismicError, StoreError, Unreachable
from seismic_graph.flows import Flow
from seismic_graph.paths import FlowNetwork, Search, find
from seismic_graph.remote import RemoteStore, copied, network, pages
from seismic_graph.remote.copied import Copied
from seismic_graph.remote.pages import Property, triples
from seismic_graph.remote.state import state
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import ID, PREFIXES, SG
from tests.fixtures.servers import LOW_CAP, Server, running_oxigraph
from tests.remote import random_graphs
from tests.remote.random_graphs import GRAPH, thing
from tests.web.service import serving

FLOWS = [
    Flow(f"f{number}", source, target, "informed", "horizontal", "stated", number, number + 20, sources=("s1",))
    for number, (source, target) in enumerate((("a", "b"), ("b", "c"), ("c", "d"), ("b", "d")))
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """A server with a small graph, the same before each test."""
    running.drop(f"{GRAPH}/2")
    running.put(GRAPH, random_graphs.triples(FLOWS))
    return running


class Opened:
    """The flows of an endpoint, and what was announced when they were asked for."""

    def __init__(self, server: Server, home: Path, **options: Any) -> None:
        self.told: list[str] = []
        store = RemoteStore(options.pop("url", server.query))
        self.network: FlowNetwork = network.network(network.copies(store, home, announce=self.told.append, **options))

    @property
    def ids(self) -> list[str]:
        return [flow.id.rpartition("/")[2] for flow in self.network.flows]

    @property
    def read(self) -> bool:
        return any(text.startswith("Reading") for text in self.told)


def added(server: Server) -> None:
    """One flow more in the graph."""
    server.put(f"{GRAPH}/2", random_graphs.triples([Flow("f9", "a", "d", "informed", "horizontal", "stated")]))


def test_what_was_read_once_is_kept(server: Server, tmp_path: Path) -> None:
    first, again = Opened(server, tmp_path), Opened(server, tmp_path)
    assert (first.ids, first.read) == (["f0", "f1", "f2", "f3"], True)
    assert (again.ids, again.read) == (first.ids, False)
    assert again.network.flows == first.network.flows


def test_a_change_is_seen_and_the_copy_of_before_is_gone(server: Server, tmp_path: Path) -> None:
    assert len(Opened(server, tmp_path).ids) == 4
    added(server)
    opened = Opened(server, tmp_path)
    assert (opened.ids[-1], opened.read) == ("f9", True)
    assert len(list(tmp_path.glob(f"endpoints/*/*/{columns.FILE}"))) == 1


@pytest.mark.parametrize("little", [0, 500])
@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "changed"])
def test_paths_are_those_of_now_whether_they_are_fetched_or_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, little: int, changed: bool
) -> None:
    """What is kept serves only where it is as the endpoint is now; where little is to be fetched, that is not even asked."""
    monkeypatch.setattr(network, "LITTLE", little)
    _ = Opened(server, tmp_path).network.flows
    if changed:
        added(server)
    opened = Opened(server, tmp_path)
    found = find(opened.network, thing("a"), thing("d"), Search(), 9).paths
    assert sorted(len(path.flows) for path in found) == [1, 2, 3][not changed :]
    assert not opened.read


CHANGES = {
    "a day": ('"1999-09-03"', '"1999-09-01"'),
    "an end": (f"<{SG.to}> <{ID}project/d>", f"<{SG.to}> <{ID}project/e>"),
    "a kind": ("flow-kind/informed-000", "flow-kind/discussed-000"),
    "a basis": ("basis/stated", "basis/structural"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_sees_a_value_that_took_the_place_of_another(server: Server, change: str) -> None:
    store = RemoteStore(server.query)
    before, text = state(store), random_graphs.triples(FLOWS)
    old, new = CHANGES[change]
    assert old in text
    server.put(GRAPH, text.replace(old, new, 1))
    assert state(store) != before


def test_what_the_digest_cannot_see_is_read_when_it_is_asked_for_anew(server: Server, tmp_path: Path) -> None:
    assert Opened(server, tmp_path).network.flows[0].publishers == {"S1"}
    server.put(GRAPH, random_graphs.triples(FLOWS).replace('"S1"', '"S2"'))
    assert Opened(server, tmp_path).network.flows[0].publishers == {"S1"}
    assert Opened(server, tmp_path, fresh=True).network.flows[0].publishers == {"S2"}
    assert Opened(server, tmp_path).network.flows[0].publishers == {"S2"}, "what was read anew is kept"


def test_an_extraction_that_broke_off_leaves_nothing(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    whole = Copied._read

    def broken(self: Copied, wanted: Property, file: Path) -> None:
        nonlocal count
        count += 1
        if count == 5:
            raise Unreachable("The connection broke.")
        whole(self, wanted, file)

    with monkeypatch.context() as patched:
        patched.setattr(Copied, "_read", broken)
        with pytest.raises(Unreachable):
            _ = Opened(server, tmp_path).network.flows
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    assert Opened(server, tmp_path).ids == ["f0", "f1", "f2", "f3"]


def test_what_was_written_to_while_it_was_read_is_not_kept(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Copied._read

    def meanwhile(self: Copied, wanted: Property, file: Path) -> None:
        whole(self, wanted, file)
        added(server)

    with monkeypatch.context() as patched:
        patched.setattr(Copied, "_read", meanwhile)
        with pytest.raises(StoreError, match="was written to"):
            _ = Opened(server, tmp_path).network.flows
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_where_the_state_is_not_known_nothing_is_kept(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(store: RemoteStore) -> str:
        raise StoreError("It cannot count.")

    monkeypatch.setattr(copied, "state", unknown)
    for _ in range(2):
        opened = Opened(server, tmp_path)
        assert (opened.ids, opened.read) == (["f0", "f1", "f2", "f3"], True)
        assert "is not kept, since it does not say in which state it is: It cannot count." in opened.told[0]
        del opened
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_damaged_copy_is_read_anew(server: Server, tmp_path: Path) -> None:
    assert Opened(server, tmp_path).read is False
    _ = Opened(server, tmp_path).network.flows
    (file,) = tmp_path.glob(f"endpoints/*/*/{columns.FILE}")
    file.write_bytes(b"no columns")
    opened = Opened(server, tmp_path)
    assert (opened.ids, opened.read) == (["f0", "f1", "f2", "f3"], True)


def test_credentials_are_in_no_file_and_no_name(server: Server, tmp_path: Path) -> None:
    url = server.query.replace("://", "://alice:s3cret@")
    assert len(Opened(server, tmp_path, url=url).ids) == 4
    for file in tmp_path.rglob("*"):
        assert not {"alice", "s3cret"} & {file.name}
        if file.is_file():
            assert b"alice" not in file.read_bytes()
            assert b"s3cret" not in file.read_bytes()
    assert Opened(server, tmp_path).read is False
    opened = Opened(server, tmp_path)
    assert (opened.ids, opened.read) == (["f0", "f1", "f2", "f3"], True), "another user may see another graph"


def test_only_this_user_may_look_at_copies(server: Server, tmp_path: Path) -> None:
    _ = Opened(server, tmp_path).network.flows
    assert (tmp_path / "endpoints").stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "endpoints").write_text("in the way")
    with pytest.raises(SeismicError, match=r"endpoints cannot be written .* SEISMIC_HOME"):
        _ = Opened(server, tmp_path).network.flows


def test_nodes_without_a_name_are_refused(server: Server, tmp_path: Path) -> None:
    server.put(f"{GRAPH}/2", f'_:b <{SG.publisherName}> "nobody" .\n')
    with pytest.raises(StoreError, match="nodes without a name under sg:publisherName"):
        _ = Opened(server, tmp_path).network.flows


def test_our_own_service_names_its_snapshot(home: Path, full_store: EmbeddedStore, tmp_path: Path) -> None:
    """Its state is the snapshot, which its answers name, so that nothing need be counted; its row limit of its own is kept to."""
    with serving(home, tmp_path / "log", "--max-rows", "1000") as service:
        url = f"{service.base}sparql"
        assert state(RemoteStore(url)) == f"snapshot {full_store.identity}"
        first, again = (Opened(Server("seismic", service.base, url, "", ""), tmp_path) for _ in range(2))
        assert first.network.flows == columns.network(full_store).flows
        assert first.read
        assert again.network.flows == first.network.flows
        assert not again.read


@pytest.mark.parametrize("kind", ["oxigraph", "virtuoso_small"])
@pytest.mark.parametrize(
    "wanted",
    [
        Property(PREFIXES["rdf"] + "type"),
        Property(PREFIXES["rdf"] + "type", str(SG.KnowledgeFlow)),
        Property(PREFIXES["skos"] + "prefLabel"),
        Property(PREFIXES["dcterms"] + "source"),
    ],
    ids=["type", "type of flows", "labels", "sources"],
)
def test_a_property_comes_whole_whatever_the_endpoint_gives_at_once(
    request: pytest.FixtureRequest, full_store: EmbeddedStore, kind: str, wanted: Property
) -> None:
    server: Server = request.getfixturevalue(kind)
    store = RemoteStore(server.query)
    expected = {pair for pair in triples(full_store, wanted) if str(pair[0]).startswith(f"<{ID}")}
    found = [pair for pair in triples(store, wanted) if str(pair[0]).startswith(f"<{ID}")]
    assert len(expected) > LOW_CAP
    assert len(found) == len(expected)
    assert {tuple(map(str, pair)) for pair in found} == {tuple(map(str, pair)) for pair in expected}


def test_pages_are_of_a_size_that_virtuoso_sorts(
    full_store: EmbeddedStore, spread: tuple[Server, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives any number of rows, and sorts only so many of them."""
    monkeypatch.setattr(pages, "WHOLE", 100)
    derived = Property(str(SG.earliestBy))
    expected = {tuple(map(str, pair)) for pair in triples(full_store, derived)}
    assert len(expected) > 100
    assert {tuple(map(str, pair)) for pair in triples(RemoteStore(spread[1].query), derived)} == expected
