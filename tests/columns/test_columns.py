"""The columns against the values they were made of, and the search in them against the search without them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import flows as flows_room
from seismic_graph.columns import ColumnNetwork, Columns, beside, network, table, written
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import SeismicError, StoreError
from seismic_graph.flows import BASES, DIRECTIONS, READINGS, Flow
from seismic_graph.graph import Graph
from seismic_graph.insight import loops
from seismic_graph.paths import FlowNetwork, Search, find, reach, why_not
from seismic_graph.settings import Settings
from seismic_graph.snapshots import current
from seismic_graph.store import EmbeddedStore
from seismic_graph.things import Thing
from tests.conftest import ROOT

DAYS = range(10)


@st.composite
def some_flows(draw: st.DrawFn) -> list[Flow]:
    """Flows among few things, so that there are loops, doubles, hubs and dead ends; some undated, standing, timeless or contradicted."""
    made = []
    for number in range(draw(st.integers(1, 24))):
        first, sure_from, sure_until, last = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=4, max_size=4)))
        sort = draw(st.sampled_from(["dated", "dated", "undated", "from", "standing", "timeless"]))
        undated = sort in ("undated", "timeless")
        sure = {"standing": (sure_from, sure_until), "timeless": (OPEN_START, OPEN_END)}.get(sort, (OPEN_END, OPEN_START))
        cited = tuple(sorted(draw(st.sets(st.sampled_from(["s1", "s2", "ś3"]), max_size=3))))
        made.append(
            Flow(
                f"f{draw(st.integers(0, 9))}-{number}",
                draw(st.sampled_from("abcdefg")),
                draw(st.sampled_from("abcdefg")),
                draw(st.sampled_from(["informed", "part-of"])),
                draw(st.sampled_from(DIRECTIONS)),
                draw(st.sampled_from(BASES)),
                OPEN_START if undated else first,
                OPEN_END if undated or sort == "from" else last,
                sort in ("standing", "timeless"),
                *sure,
                cited,
                frozenset(name.upper() for name in cited),
                draw(st.booleans()),
                sort == "dated" and draw(st.integers(0, 5)) == 0,
            )
        )
    return made


@st.composite
def searches(draw: st.DrawFn) -> Search:
    since, until = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
    return Search(
        reading=draw(st.sampled_from(READINGS)),
        bases=frozenset(draw(st.sets(st.sampled_from(BASES), min_size=1))),
        directions=frozenset(draw(st.sampled_from([(), (), DIRECTIONS[:1], DIRECTIONS[:2]]))),
        max_hops=draw(st.integers(1, 7)),
        since=draw(st.sampled_from([OPEN_START, since])),
        until=draw(st.sampled_from([OPEN_END, until])),
        via=tuple(sorted(draw(st.sets(st.sampled_from("bcdx"), max_size=2)))),
        avoid=frozenset(draw(st.sets(st.sampled_from("cdex"), max_size=1))),
    )


def in_columns(flows: list[Flow]) -> ColumnNetwork:
    with tempfile.TemporaryDirectory() as folder:  # a file that is mapped stays readable when its name is gone
        return ColumnNetwork(written(flows, Path(folder) / "flows", "test"))


@settings(max_examples=200, deadline=None)
@given(some_flows())
def test_columns_give_back_what_went_in(flows: list[Flow]) -> None:
    assert in_columns(flows).flows == tuple(sorted(flows, key=lambda flow: flow.id))


@settings(max_examples=400, deadline=None)
@given(some_flows(), searches(), st.integers(1, 30))
def test_the_search_finds_the_same_paths_in_columns(flows: list[Flow], search: Search, limit: int) -> None:
    """Paths, their order and whether there are more: the search among values is held against brute force in `tests.paths`."""
    assert find(in_columns(flows), "a", "g", search, limit) == find(FlowNetwork(flows), "a", "g", search, limit)


@settings(max_examples=100, deadline=None)
@given(some_flows(), searches())
def test_only_flows_on_the_way_are_cut_out(flows: list[Flow], search: Search) -> None:
    """Without things to pass on the way, a part without a path is empty, and nothing in a part is beyond the hops."""
    plain = replace(search, via=())
    part = in_columns(flows).between("a", "g", plain)
    assert {flow.id for path in find(FlowNetwork(flows), "a", "g", plain, 10_000).paths for flow in path.flows} <= {
        f.id for f in part.flows
    }
    for flow in part.flows:
        assert flow.source != "g"
        assert flow.target != "a"
        assert flow.basis in search.bases
    if part.flows and search.reading == "static":
        assert find(part, "a", "g", plain, 1).paths


@settings(max_examples=200, deadline=None)
@given(some_flows(), searches())
def test_reach_is_the_same_in_columns(flows: list[Flow], search: Search) -> None:
    plain, columns = FlowNetwork(flows), in_columns(flows)
    assert columns.reached(["a", "b", "nowhere"], search) == plain.reached(["a", "b", "nowhere"], search)
    assert columns.reached("ab", search, "cx") == plain.reached("ab", search, "cx")
    assert reach(columns, "c", search) == reach(plain, "c", search)


@settings(max_examples=60, deadline=None)
@given(some_flows(), st.lists(searches(), min_size=2, max_size=7))
def test_one_question_after_the_other_gets_the_same_answers(flows: list[Flow], asked: list[Search]) -> None:
    """What a network keeps of one question does not get into the answer to another."""
    plain, columns = FlowNetwork(flows), in_columns(flows)
    for search in [*asked, *asked]:
        assert columns.reached("abc", search, "dx") == plain.reached("abc", search, "dx")
        assert find(columns, "a", "g", search, 3) == find(plain, "a", "g", search, 3)
        assert columns.eased(2).reached("a", search, "gfe") == plain.eased(2).reached("a", search, "gfe")


@settings(deadline=None)
@given(st.sets(st.text(max_size=3)), st.lists(st.text(max_size=3)))
def test_texts_are_found_by_their_numbers(known: set[str], asked: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table.write(Path(folder) / "texts", {}, table.packed("texts", sorted(text.encode() for text in known)))
        texts = table.Table(Path(folder) / "texts").texts("texts")
    ordered = [texts[number] for number in range(len(texts))]
    assert sorted(ordered) == sorted(known)
    assert texts.find_all(asked) == sorted(number for text in set(asked) if (number := texts.find(text)) is not None)
    assert [texts.find(text) for text in ordered] == list(range(len(texts)))
    assert [ordered[number] for number in texts.find_all(asked)] == [text for text in ordered if text in asked]


THINGS = {
    name: Thing(name, of, name, cities=("c",))
    for name, of in zip("abcdefg", ["event", "agenda-item", "city", *["project"] * 4], strict=True)
}


@settings(max_examples=200, deadline=None)
@given(some_flows(), searches())
def test_what_a_place_gave_and_got_is_the_same_in_columns(flows: list[Flow], search: Search) -> None:
    """Loops and balances look at a part of the network that is cut out around the place."""
    limits, plain = replace(search, via=()), FlowNetwork(sorted(flows, key=lambda flow: flow.id))
    columns = in_columns(flows)
    assert loops.balances(columns, THINGS, ["c", "e"], limits) == loops.balances(plain, THINGS, ["c", "e"], limits)
    assert loops.loops(columns, THINGS, "c", limits, 4) == loops.loops(plain, THINGS, "c", limits, 4)
    assert columns.touching("ag") == plain.touching("ag")
    assert columns.ways("abx") == {node: ways for node, ways in plain.ways("abx").items() if node in "ab"}


@settings(max_examples=150, deadline=None)
@given(some_flows(), searches())
def test_why_there_is_no_path_is_the_same_in_columns(flows: list[Flow], search: Search) -> None:
    plain = FlowNetwork(flows)
    if not find(plain, "a", "g", search, 1).paths:
        assert why_not(in_columns(flows), "a", "g", search) == why_not(plain, "a", "g", search)


def test_a_thing_that_no_flow_touches_has_no_paths() -> None:
    columns = in_columns([Flow("f", "a", "b", "informed", "horizontal", "stated")])
    assert not find(columns, "a", "z", Search(), 1).paths
    assert not find(columns, "z", "a", Search(), 1).paths
    assert [reason.code for reason in why_not(columns, "a", "z", Search())] == ["no-edge"]


def test_a_graph_without_flows_has_columns_too(tmp_path: Path) -> None:
    assert len(written([], tmp_path / "flows", "test")) == 0
    assert Columns(tmp_path / "flows").flows() == []


# --- the dossier ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def values(full_store: EmbeddedStore) -> list[Flow]:
    """The flows of the dossier, asked for by SPARQL."""
    return flows_room.load(full_store)


def test_a_build_writes_the_flows_that_sparql_finds(full_store: EmbeddedStore, values: list[Flow]) -> None:
    assert Columns(beside(full_store), full_store.identity).flows() == values


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("basis", ["structural", "contextual"])
def test_traces_of_the_dossier_are_the_same_in_columns(graph: Graph, values: list[Flow], reading: str, basis: str) -> None:
    plain, columns = FlowNetwork(values), ColumnNetwork(Columns(beside(graph.store)))
    search = graph.search(reading=reading, basis=basis)
    networks, items = graph.members("NationalNetwork"), graph.members("AgendaItem")
    for source in networks[:3]:
        for target in items[::9]:
            assert find(columns, source, target, search, 5) == find(plain, source, target, search, 5)
    assert columns.reached(networks, search) == plain.reached(networks, search)


def test_a_small_graph_is_searched_without_numpy(graph: Graph) -> None:
    trace = "Graph.open().trace('nanet-se', 'sria-2015')"
    program = f"import sys; from seismic_graph.graph import Graph; print(len({trace}.paths), 'numpy' in sys.modules)"
    environment = os.environ | {"SEISMIC_HOME": str(graph.settings.home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout == "5 False\n", done.stderr


def test_a_snapshot_without_columns_is_asked_by_sparql(graph: Graph, values: list[Flow], tmp_path: Path) -> None:
    without = EmbeddedStore(tmp_path / "store", writable=True)
    for name in graph.embedded.graphs():
        without.load(graph.embedded.dump(name), name)
    assert network(without).flows == tuple(values)


@pytest.mark.parametrize("harm", ["cut", "foreign", "text"])
def test_columns_that_are_damaged_or_foreign_are_refused_with_a_remedy(values: list[Flow], tmp_path: Path, harm: str) -> None:
    file = tmp_path / "flows"
    written(values[:5], file, "other" if harm == "foreign" else "mine")
    body = file.read_bytes()
    file.write_bytes({"cut": body[:-200], "text": b"no columns", "foreign": body}[harm])
    with pytest.raises(StoreError, match="seismic build --again"):
        Columns(file, "mine")


def test_a_disk_that_refuses_is_told(values: list[Flow], tmp_path: Path) -> None:
    with pytest.raises(SeismicError, match="does not exist"):
        written(values[:5], tmp_path / "nowhere" / "flows", "mine")


def test_a_reading_that_is_ended_leaves_no_file(full_store: EmbeddedStore, tmp_path: Path) -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(full_store, tmp_path / "flows", "mine", check)
    assert asked == 5
    assert not list(tmp_path.iterdir())


def test_the_snapshot_of_a_build_has_the_columns_under_its_id(home: Path) -> None:
    snapshot = current(Settings(home=home))
    assert snapshot is not None
    assert Columns(beside(snapshot.open()), snapshot.id).table.said["identity"] == snapshot.id
