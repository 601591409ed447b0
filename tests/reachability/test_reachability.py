"""Reach and gaps on Spark are those of one machine: on the dossier, on random flows, on a generated graph of 84 thousand triples."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from benchmarks.generate import generate
from benchmarks.trace import prepared
from seismic_graph import things as things_room
from seismic_graph.columns import FILE, ColumnNetwork, Columns, beside, written
from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.errors import DataError, UsageError
from seismic_graph.flows import BASES, DIRECTIONS, READINGS, Flow
from seismic_graph.graph import Graph
from seismic_graph.insight import gaps as gaps_room
from seismic_graph.paths import FlowNetwork, Search
from seismic_graph.reachability import answers, spread, tables
from seismic_graph.reachability.gaps import GAP, NONE, NOT_JUDGED, gaps
from seismic_graph.store import EmbeddedStore
from seismic_graph.things import Thing
from tests.conftest import Runner

DAY = 735_000  # a day in 2013
Pairs = set[tuple[str, str, int, int]]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """One session for all tests, with as few tasks as a small table needs."""
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.log.level": "ERROR"}
    builder = SparkSession.builder.master("local[2]").config(map=settings)
    builder.getOrCreate()
    yield spread.session()
    SparkSession.getActiveSession().stop()


def network_of(flows: list[Flow], folder: Path) -> tuple[ColumnNetwork, str]:
    """The flows in columns, and as tables."""
    columns = written(flows, folder / "flows", "test")
    tables.write(columns, {}, folder / "tables")
    return ColumnNetwork(columns), str(folder / "tables")


def on_one_machine(network: FlowNetwork, sources: Iterable[str], search: Search, targets: Iterable[str] | None = None) -> Pairs:
    found = network.reached(list(sources), search, None if targets is None else list(targets))
    return {(source, item.node, item.hops, item.first_day) for source, there in found.items() for item in there.values()}


def on_spark(spark: SparkSession, folder: str, sources: Iterable[str], search: Search, targets: Iterable[str] | None = None) -> Pairs:
    def column(names: Iterable[str]) -> Any:
        return spark.createDataFrame([(name,) for name in names], "name string")

    gates = spread.gates(tables.flows(spark, folder), search)
    found = spread.reach(gates, column(sources), None if targets is None else column(targets))
    return {(row.source, row.target, row.hops, row.state) for row in found.collect()}


# --- random flows ---------------------------------------------------------------------------------------------------


def some_flows(rng: random.Random, graph: int) -> list[Flow]:
    """Flows among few things, so that there are loops, doubles, hubs and dead ends; some undated, standing, timeless or contradicted."""
    made = []
    for number in range(rng.randint(1, 24)):
        first, sure_from, sure_until, last = sorted(DAY + rng.randrange(10) for _ in range(4))
        sort = rng.choice(["dated", "dated", "undated", "from", "standing", "never sure", "timeless"])
        undated = sort in ("undated", "timeless")
        sure = {"standing": (sure_from, sure_until), "timeless": (OPEN_START, OPEN_END)}.get(sort, (OPEN_END, OPEN_START))
        made.append(
            Flow(
                f"f{graph}-{number}",
                f"{graph}{rng.choice('abcdefg')}",
                f"{graph}{rng.choice('abcdefg')}",
                rng.choice(["informed", "part-of"]),
                rng.choice(DIRECTIONS),
                rng.choice(BASES),
                OPEN_START if undated else first,
                OPEN_END if undated or sort == "from" else last,
                sort in ("standing", "never sure", "timeless"),
                *sure,
                contradicted=sort == "dated" and rng.random() < 0.2,
            )
        )
    return made


GRAPHS = range(80)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("reading", READINGS)
def test_reach_is_that_of_one_machine(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: str, seed: int
) -> None:
    """Eighty graphs at once, in each run with other limits; in the second with targets, hubs in slices, and no frontier that is small."""
    rng = random.Random(f"{reading} {seed}")
    if seed == 2:
        monkeypatch.setattr(spread, "SLICE", 2)
        monkeypatch.setattr(spread, "SMALL", 0)
    since, until = sorted(DAY + rng.randrange(10) for _ in range(2))
    search = Search(
        reading=reading,
        bases=frozenset(BASES[: rng.randint(1, 3)]),
        directions=frozenset(rng.choice([(), DIRECTIONS[:2]])),
        max_hops=rng.randint(2, 6),
        since=rng.choice([OPEN_START, since]),
        until=rng.choice([OPEN_END, until + 5]),
        avoid=frozenset(f"{graph}{rng.choice('cdex')}" for graph in GRAPHS),
    )
    network, folder = network_of([flow for graph in GRAPHS for flow in some_flows(rng, graph)], tmp_path)
    sources = [f"{graph}{name}" for graph in GRAPHS for name in ("a", "b", "nowhere")]
    targets = [f"{graph}{name}" for graph in GRAPHS for name in "cx"] if seed == 2 else None
    expected = on_one_machine(network, sources, search, targets)
    assert expected == on_one_machine(FlowNetwork(network.flows), sources, search, targets)
    assert expected
    assert on_spark(spark, folder, sources, search, targets) == expected


def test_the_limit_of_hops_holds_exactly(spark: SparkSession, tmp_path: Path) -> None:
    """The early arrival takes three hops, and only what arrives early goes on: with one hop less the end is not reached."""
    dated = [("a", "b", 9, 9), ("a", "x", 1, 1), ("x", "b", 1, 1), ("b", "c", 2, 5)]
    flows = [Flow(f"f{n}", s, t, "informed", "horizontal", "stated", DAY + e, DAY + u) for n, (s, t, e, u) in enumerate(dated)]
    _, folder = network_of(flows, tmp_path)
    assert on_spark(spark, folder, "a", Search(max_hops=1), "bc") == {("a", "b", 1, DAY + 9)}
    assert on_spark(spark, folder, "a", Search(max_hops=2), "bc") == {("a", "b", 1, DAY + 1)}
    assert on_spark(spark, folder, "a", Search(max_hops=3), "bc") == {("a", "b", 1, DAY + 1), ("a", "c", 3, DAY + 2)}


# --- the dossier ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dossier(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tables of the dossier."""
    folder = tmp_path_factory.mktemp("dossier") / "record.parquet"
    assert tables.write(Columns(beside(graph.store)), graph.things, folder) == len(graph.network.flows)
    return str(folder)


def test_the_tables_hold_the_flows_of_the_record(spark: SparkSession, graph: Graph, dossier: str) -> None:
    rows = {row.id: row for row in tables.flows(spark, dossier).collect()}
    for flow in graph.network.flows:
        row = rows.pop(flow.id)
        assert (row.source, row.target, row.kind, row.direction, row.basis) == (
            flow.source, flow.target, flow.kind, flow.direction, flow.basis,
        )  # fmt: skip
        assert (row.earliest, row.latest, row.standing, row.contradicted) == (
            flow.earliest, flow.latest, flow.standing, flow.contradicted,
        )  # fmt: skip
        assert tuple(row.sources) == flow.sources
        if flow.standing:
            assert (row.sure_from, row.sure_until) == (flow.sure_from, flow.sure_until)
    assert not rows


def judged(graph_flows: FlowNetwork, things: dict[str, Thing], search: Search) -> set[tuple[str, str, str]]:
    """Kind, thing and verdict of all that one machine finds a gap at, or cannot judge."""
    found = gaps_room.gaps(graph_flows, things, search)
    assert gaps_room.stops(graph_flows, things, search) == {kind: [gap.thing for gap in found.of(kind)] for kind in gaps_room.KINDS}
    return {(gap.kind, gap.thing, GAP) for gap in found.gaps} | {(kind, thing, NOT_JUDGED) for kind, thing, _ in found.unjudged}


def test_gaps_are_those_of_one_machine(spark: SparkSession, graph: Graph, dossier: str) -> None:
    rows = gaps(tables.flows(spark, dossier), tables.things(spark, dossier)).collect()
    assert {tuple(row) for row in rows if row.verdict != NONE} == judged(graph.network, graph.things, Search())
    assert len(rows) == len({(row.kind, row.thing) for row in rows})
    assert {row.kind for row in rows if row.verdict == NONE} == set(gaps_room.KINDS)


def test_gaps_of_a_kind_that_does_not_exist(spark: SparkSession, dossier: str) -> None:
    with pytest.raises(UsageError, match="no kind of gap 'nonsense'; it is one of need-without-agenda"):
        gaps(tables.flows(spark, dossier), tables.things(spark, dossier), kinds=["nonsense"])


def test_answers_by_type_as_csv_and_parquet(spark: SparkSession, graph: Graph, dossier: str, tmp_path: Path) -> None:
    search = Search(reading="strict")
    found = answers.reached(dossier, search, source_type="network", target_type="agenda-item")
    of = {kind: [iri for iri, thing in graph.things.items() if thing.type == kind] for kind in ("network", "agenda-item")}
    expected = sorted(
        (source, target, hops, day_text(day) or "")
        for source, target, hops, day in on_one_machine(graph.network, of["network"], search, of["agenda-item"])
    )
    assert answers.write(found, str(tmp_path / "reached.csv")) == answers.write(found, str(tmp_path / "reached.parquet")) == len(expected)
    with (tmp_path / "reached.csv").open(newline="", encoding="utf-8") as file:
        assert [(row["source"], row["target"], int(row["hops"]), row["first_day"]) for row in csv.DictReader(file)] == expected
    rows = pq.read_table(tmp_path / "reached.parquet").to_pylist()
    assert sorted((row["source"], row["target"], row["hops"], str(row["first_day"] or "")) for row in rows) == expected
    with pytest.raises(UsageError, match=r"reached\.csv is there already"):
        answers.write(found, str(tmp_path / "reached.csv"))
    with pytest.raises(UsageError, match=r"must end in \.parquet or \.csv"):
        answers.write(found, str(tmp_path / "reached.xlsx"))
    with pytest.raises(UsageError, match=r"There is nothing of the type 'planet' .*the types are agenda"):
        answers.reached(dossier, search, source_type="planet")
    with pytest.raises(UsageError, match=r"No flow in .* begins or ends at .*id/network/nobody"):
        answers.reached(dossier, search, sources=["network/nobody"])


# --- a generated graph ----------------------------------------------------------------------------------------------


def test_a_generated_graph_of_84_thousand_triples(spark: SparkSession, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEISMIC_HOME", str(home))
    generate(100_000, tmp_path)
    prepared(tmp_path)
    columns, things = Columns(tmp_path / FILE), things_room.load(EmbeddedStore(tmp_path / "store"))
    network = ColumnNetwork(columns)
    cities: dict[str, set[str]] = {}
    for flow in network.flows:
        if flow.kind == "case-in":
            cities.setdefault(flow.source, set()).add(flow.target)
    things |= {iri: replace(things[iri], cities=tuple(sorted(there))) for iri, there in cities.items() if iri in things}
    folder = str(tmp_path / "record.parquet")
    tables.write(columns, things, Path(folder))
    of = {kind: [iri for iri, thing in things.items() if thing.type == kind] for kind in ("recommendation", "city")}
    pairs = on_one_machine(network, of["recommendation"], Search(), of["city"])
    assert len(pairs) > 1000
    assert on_spark(spark, folder, of["recommendation"], Search(), of["city"]) == pairs
    rows = gaps(tables.flows(spark, folder), tables.things(spark, folder)).collect()
    assert {tuple(row) for row in rows if row.verdict != NONE} == judged(FlowNetwork(network.flows), things, Search())


# --- tables of others -----------------------------------------------------------------------------------------------


def a_table(**changed: pa.Array | None) -> pa.Table:
    """Two flows in a row, their days as ordinals, with some columns changed or left out."""
    told = pa.array([[], []], pa.list_(pa.string()))
    flags, never = pa.array([False, None]), pa.nulls(2, pa.date32())
    columns = {name: pa.array(values) for name, values in (("id", ["f", "g"]), ("source", ["a", "b"]), ("target", ["b", "c"]))}
    columns |= {name: pa.array([value] * 2) for name, value in (("kind", "informed"), ("direction", "horizontal"), ("basis", "stated"))}
    columns |= {"earliest": pa.array([DAY, DAY + 1]), "latest": pa.array([DAY, None], pa.int64()), "standing": flags, "timeless": flags}
    columns |= {"surely_from": never, "surely_until": never, "contradicted": flags, "sources": told, "note": pa.array([1, 2])}
    return pa.table({name: column for name, column in (columns | changed).items() if column is not None})


def kept_in(folder: Path, *parts: pa.Table) -> str:
    (folder / "flows").mkdir()
    for number, part in enumerate(parts):
        pq.write_table(part, folder / "flows" / f"{number}.parquet")
    return str(folder)


def test_days_may_be_numbers_and_files_many(spark: SparkSession, tmp_path: Path) -> None:
    whole = a_table()
    folder = kept_in(tmp_path, whole.slice(0, 1), whole.slice(1, 1))
    assert on_spark(spark, folder, "a", Search()) == {("a", "b", 1, DAY), ("a", "c", 2, DAY + 1)}
    assert on_spark(spark, folder, "a", Search(reading="strict")) == {("a", "b", 1, DAY), ("a", "c", 2, OPEN_END)}


def test_an_empty_table_reaches_nothing(spark: SparkSession, tmp_path: Path) -> None:
    folder = kept_in(tmp_path, a_table().slice(0, 0))
    assert on_spark(spark, folder, "a", Search()) == set()
    assert answers.reached(folder, Search()).collect() == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"latest": None}, r"flows, column latest: is missing\. It must be day", id="a column is missing"),
        pytest.param({"standing": pa.array(["no", "no"])}, r"column standing: 'string': has another type\. It must be boolean", id="type"),
        pytest.param(
            {"basis": pa.array(["stated", "rumour"])}, r"column basis: .* in 1 rows\. It is one of stated", id="a word not listed"
        ),
        pytest.param({"source": pa.array(["a", None])}, r"column source: is empty in 1 rows\. Fill it", id="an empty end"),
    ],
)
def test_a_table_that_is_not_as_it_should_be(spark: SparkSession, tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        tables.flows(spark, kept_in(tmp_path, a_table(**changed)))


def test_no_table_at_all(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no table of flows in .*PATH_NOT_FOUND"):
        tables.flows(spark, str(tmp_path))
    with pytest.raises(UsageError, match="There is no table of things"):
        answers.stopped(kept_in(tmp_path, a_table()), Search(), [])


# --- the command line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("spark", "reach", "nowhere", "--reading", "fuzzy"), "There is no reading 'fuzzy'; it is one of static", id="reading"),
        pytest.param(("spark", "gaps", "nowhere", "--since", "soon"), "since 'soon': not a date", id="date"),
        pytest.param(("spark", "reach", "nowhere", "--to", "a", "--to-type", "city"), "Name things or a type, not both", id="both"),
        pytest.param(("export", "record.parquet", "--graph", "dossier"), "leave out --graph and --entity", id="a part"),
    ],
)
def test_what_makes_no_sense_is_said_before_spark_starts(seismic: Runner, arguments: tuple[str, ...], message: str) -> None:
    done = seismic(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_tables_are_not_written_over_anything(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "record.parquet").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        tables.write(Columns(beside(graph.store)), {}, tmp_path / "record.parquet")
    assert list((tmp_path / "record.parquet").iterdir()) == []
