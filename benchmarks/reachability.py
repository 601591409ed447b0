"""Reach of all pairs, and gaps: one machine, Spark and DuckDB beside each other: ``python -m benchmarks.reachability FOLDER``.

FOLDER is one that `benchmarks.generate` wrote. Spark reads its Parquet tables, lays them out and searches; a first question that is not
counted warms it up. A generated graph says nothing of the cities of projects, so those of their cases are taken for them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import best, limited
from benchmarks.trace import SEARCH, Arrays, duckdb_matrix, prepared
from seismic_graph import things as things_room
from seismic_graph.columns import FILE, ColumnNetwork, Columns
from seismic_graph.insight import gaps as gaps_room
from seismic_graph.paths import FlowNetwork
from seismic_graph.reachability import gaps as gaps_on_spark
from seismic_graph.reachability import spread, tables
from seismic_graph.store import EmbeddedStore
from seismic_graph.things import Thing

QUESTIONS = (("network", "agenda-item"), ("recommendation", "city"), ("recommendation", None))
"""The types at the ends; None for all things."""
ON_SPARK = f"{OURS} on Spark"


def with_cities(things: Mapping[str, Thing], network: FlowNetwork) -> dict[str, Thing]:
    """The things, each project with the cities of its cases."""
    cities: dict[str, set[str]] = {}
    for flow in network.flows:
        if flow.kind == "case-in" and flow.source in things:
            cities.setdefault(flow.source, set()).add(flow.target)
    return {**things, **{iri: replace(things[iri], cities=tuple(sorted(there))) for iri, there in cities.items()}}


def measure(folder: Path, limit: float) -> Table:
    """The table of a graph that `generate.generate` wrote into a folder; DuckDB gets `limit` seconds a question, its loading counted."""
    took = prepared(folder)
    told = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    columns = Columns(folder / FILE)
    network, arrays = ColumnNetwork(columns), Arrays(columns)
    things = with_cities(things_room.load(EmbeddedStore(folder / "store")), network)
    rows, wrong = list[Row](), list[str]()

    def agrees(question: str, who: str, same: bool) -> str:
        if not same:
            wrong.append(f"{who} differs: {question}")
        return "equal: yes" if same else "equal: NO"

    asked = [(source, target, _of(things, source), None if target is None else _of(things, target)) for source, target in QUESTIONS]
    answers = [best(lambda s=s, t=t: network.reached(s, SEARCH, t), 3) for _, _, s, t in asked]  # type: ignore[misc]
    peers = [limited(_duckdb, limit, arrays, columns, s, t) for _, _, s, t in asked]  # before Spark starts: a fork copies no threads
    values = FlowNetwork(network.flows)
    stops = best(lambda: gaps_room.stops(values, things), 1)

    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        tables.write(columns, things, Path(place) / "tables")
        took["tables"] = time.perf_counter() - began
        began = time.perf_counter()
        session = spread.session()
        took["start of Spark"] = time.perf_counter() - began
        _on_spark(session, place, *asked[0][2:])
        for (source, target, sources, targets), (seconds, found), (spent, count) in zip(asked, answers, peers, strict=True):
            pairs = sum(map(len, found.values()))
            question = f"{source} ({len(sources):,}) x {f'{target} ({len(targets):,})' if targets else 'all things'}: {pairs:,} pairs"
            rows.append(Row(question, OURS, seconds, "what is reached, and when"))
            rows.append(Row(question, "DuckDB, a query a hop", spent, agrees(question, "DuckDB", count == pairs) if spent else str(count)))
            taken, there = best(lambda s=sources, t=targets: _on_spark(session, place, s, t), 2)  # type: ignore[misc]
            same = there == {(one, item.node, item.hops, item.first_day) for one, some in found.items() for item in some.values()}
            rows.append(Row(question, ON_SPARK, taken, agrees(question, ON_SPARK, same)))
        seconds, expected_stops = stops
        question = f"all gaps of five kinds: {sum(map(len, expected_stops.values())):,}"
        rows.append(Row(question, OURS, seconds, "which things, without why"))
        taken, gaps = best(lambda: _gaps_on_spark(session, place), 1)
        same = gaps == {(kind, thing) for kind, some in expected_stops.items() for thing in some}
        rows.append(Row(question, ON_SPARK, taken, agrees(question, ON_SPARK, same)))
        session.stop()
    about = {name: told[name] for name in ("triples", "flows", "seed")} | {"things": len(columns.nodes), "seconds to make": took}
    return Table("reachability", f"Reach of all pairs in {told['triples']:,} triples", rows, about, wrong)


def _of(things: Mapping[str, Thing], kind: str) -> list[str]:
    return [iri for iri, thing in things.items() if thing.type == kind]


def _duckdb(arrays: Arrays, columns: Columns, sources: list[str], targets: list[str] | None) -> tuple[float, Any]:
    """As `duckdb_matrix`, by name; a thing does not count as reached from itself."""
    starts = [node for name in sources if (node := columns.nodes.find(name)) is not None]
    if targets is None:
        seconds, count = duckdb_matrix(arrays, starts, list(range(arrays.count)))
        return seconds, count - len(starts)
    return duckdb_matrix(arrays, starts, [node for name in targets if (node := columns.nodes.find(name)) is not None])


def _on_spark(session: Any, place: str, sources: list[str], targets: list[str] | None) -> set[tuple[str, str, int, int]]:
    def column(names: list[str]) -> Any:
        return session.createDataFrame([(name,) for name in names], "name string")

    gates = spread.gates(tables.flows(session, f"{place}/tables"), SEARCH)
    found = spread.reach(gates, column(sources), None if targets is None else column(targets))
    return {(row[0], row[1], row[2], row[3]) for row in found.toLocalIterator()}


def _gaps_on_spark(session: Any, place: str) -> set[tuple[str, str]]:
    flows, things = tables.flows(session, f"{place}/tables"), tables.things(session, f"{place}/tables")
    rows = gaps_on_spark.gaps(flows, things, SEARCH).where(f"verdict = '{gaps_on_spark.GAP}'")
    return {(row[0], row[1]) for row in rows.collect()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=120, help="seconds that DuckDB gets for one question, its loading counted")
    asked = parser.parse_args()
    print(report.markdown(measure(asked.folder, asked.limit)))


if __name__ == "__main__":
    main()
