"""What a trace fetches hop by hop, against the search among all flows, on random graphs in a real SPARQL engine."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import flows as flows_room
from seismic_graph.flows import Flow
from seismic_graph.paths import FlowNetwork, Search, find, reach, why_not
from seismic_graph.remote import frontier
from seismic_graph.remote.copied import Copied
from seismic_graph.remote.frontier import Near
from seismic_graph.remote.network import Known, RemoteNetwork
from seismic_graph.store import EmbeddedStore
from tests.columns.test_columns import searches, some_flows
from tests.remote import random_graphs
from tests.remote.random_graphs import thing


class Behind(EmbeddedStore):
    """A store in memory with what else is known of an endpoint."""

    key, snapshot = "random", "1"


def store_of(flows: list[Flow]) -> Behind:
    store = Behind()
    store.load(random_graphs.triples(flows).encode(), random_graphs.GRAPH)
    return store


def networks(flows: list[Flow], home: str) -> tuple[RemoteNetwork, FlowNetwork]:
    """The flows behind an endpoint, and all of them."""
    store = store_of(flows)
    plain = FlowNetwork(flows_room.load(store))
    assert len(plain.flows) == len(flows)
    return RemoteNetwork(Known(Copied(store, Path(home)))), plain  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(some_flows(), searches(), st.integers(1, 30))
def test_the_search_finds_the_same_paths(flows: list[Flow], asked: Search, limit: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        behind, plain = networks(flows, home)
        search = random_graphs.search(asked)
        assert find(behind, thing("a"), thing("g"), search, limit) == find(plain, thing("a"), thing("g"), search, limit)
        assert not list(Path(home).iterdir()), "nothing was read whole"


@settings(max_examples=100, deadline=None)
@given(some_flows(), st.lists(searches(), min_size=2, max_size=4))
def test_what_an_earlier_search_fetched_does_not_change_the_next_one(flows: list[Flow], asked: list[Search]) -> None:
    with tempfile.TemporaryDirectory() as home:
        behind, plain = networks(flows, home)
        for number, search in enumerate(map(random_graphs.search, asked)):
            source, target = map(thing, ("ag", "gb", "ca", "bf")[number])
            assert find(behind, source, target, search, 10) == find(plain, source, target, search, 10)


@settings(max_examples=100, deadline=None)
@given(some_flows(), searches())
def test_why_there_is_no_path_is_the_same(flows: list[Flow], asked: Search) -> None:
    with tempfile.TemporaryDirectory() as home:
        behind, plain = networks(flows, home)
        search = random_graphs.search(asked)
        if not find(plain, thing("a"), thing("g"), search, 1).paths:
            assert why_not(behind, thing("a"), thing("g"), search) == why_not(plain, thing("a"), thing("g"), search)


@settings(max_examples=50, deadline=None)
@given(some_flows(), searches())
def test_no_flow_is_handed_on_that_no_walk_passes(flows: list[Flow], asked: Search) -> None:
    search = random_graphs.search(asked)
    part = Near(store_of(flows), search.bases).corridor(thing("a"), thing("g"), search)
    if part.flows and search.reading == "static":
        assert find(part, thing("a"), thing("g"), Search("static", search.bases, max_hops=search.max_hops), 1).paths
    for flow in part.flows:
        assert flow.source != thing("g")
        assert flow.target != thing("a")


@settings(max_examples=30, deadline=None)
@given(some_flows(), searches())
def test_what_asks_for_all_flows_reads_them_and_says_the_same(flows: list[Flow], asked: Search) -> None:
    with tempfile.TemporaryDirectory() as home:
        behind, plain = networks(flows, home)
        search = random_graphs.search(asked)
        assert behind.flows == plain.flows
        assert behind.ways_out == plain.ways_out
        assert behind.nodes == plain.nodes
        assert reach(behind, thing("a"), search) == reach(plain, thing("a"), search)
        assert find(behind, thing("a"), thing("g"), search, 5) == find(plain, thing("a"), thing("g"), search, 5)


def chain(*names: str) -> list[Flow]:
    return [Flow(f"f{number}", *ends, "informed", "horizontal", "stated") for number, ends in enumerate(pairwise(names))]


def test_where_too_much_would_be_fetched_all_is_read_and_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(frontier, "FEW", 3)
    told: list[str] = []
    store = store_of(chain(*"abcdefg"))
    behind = RemoteNetwork(Known(Copied(store, tmp_path, announce=told.append)))  # type: ignore[arg-type]
    assert len(find(behind, thing("a"), thing("g"), Search(), 5).paths[0].flows) == 6
    assert ["would be fetched; all of them are read instead" in text for text in told] == [True, False]
    assert told[1].startswith("Reading")


def test_a_hub_on_the_way_is_counted_and_not_fetched() -> None:
    flows = chain(*"abc") + [Flow(f"h{n}", "b", f"x{n}", "informed", "horizontal", "stated") for n in range(500)]
    near = Near(store_of(flows), {"stated"})
    part = near.corridor(thing("a"), thing("c"), Search(max_hops=2))
    assert [flow.id.rpartition("/")[2] for flow in part.flows] == ["f0", "f1"]
    assert part.ways_out == {thing("a"): 1, thing("b"): 501}
    assert sum(map(len, near.leaving.values())) == 2
