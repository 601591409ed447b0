"""How long traces take beside their floor and their peers, in one run: ``python -m benchmarks.run trace``.

Asked are, of a graph that `benchmarks.generate` wrote, the paths of pairs (a planted chain, and networks with agenda items that they
reach), and what all ten national networks reach of all agenda items. A floor is the same work on bare arrays, without ranking,
evidence or words: whatever is above it is ours to answer for. A peer gets its data in the form it likes best, and that is not counted;
it stops after a time limit. Peers know no bounds on dates: what each can be asked, and what not, stands in its row.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyoxigraph as ox

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import alternately, best, limited, process
from seismic_graph import paths
from seismic_graph.columns import FILE, ColumnNetwork, Columns, written
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.paths import Search
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import PREFIXES, graph_iri

ID, SG = PREFIXES["id"], PREFIXES["sg"]
NETWORKS = [f"{ID}network/nanet-{code}" for code in ("se", "nl", "hu", "at", "de", "gb", "tr", "cz", "be", "it")]
SEARCH = Search()


def prepared(folder: Path) -> dict[str, float]:
    """Store and columns of a generated graph, made where they are missing; what took how long."""
    took: dict[str, float] = {}
    if not (folder / "store").exists():
        began = time.perf_counter()
        new = folder / "store.new"
        shutil.rmtree(new, ignore_errors=True)
        store = ox.Store(str(new))
        for name, graph in (("ontology", "ontology"), ("record", "dossier")):
            store.bulk_load(path=str(folder / f"{name}.nt"), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri(graph)))
        store.flush()
        del store
        new.rename(folder / "store")
        took["load"] = time.perf_counter() - began
    if not (folder / FILE).exists():
        began = time.perf_counter()
        store = EmbeddedStore(folder / "store")
        written(store, folder / FILE, store.identity)
        took["columns"] = time.perf_counter() - began
    return took


# --- floors ---------------------------------------------------------------------------------------------------------


class Arrays:
    """The flows that the search may use, as bare arrays in the order of their sources."""

    def __init__(self, columns: Columns) -> None:
        array = columns.table.array
        allowed = np.array([name in SEARCH.bases for name in columns.bases])
        kept = allowed[array("basis")] & (array("source") != array("target")) & (array("earliest") <= array("latest"))
        self.source, self.target = array("source")[kept], array("target")[kept]
        self.earliest, self.latest = array("earliest")[kept], array("latest")[kept]
        self.count = len(columns.nodes)
        self.starts = np.searchsorted(self.source, np.arange(self.count + 1))
        self.entering = np.argsort(self.target, kind="stable")
        self.entering_starts = np.searchsorted(self.target[self.entering], np.arange(self.count + 1))

    def some_paths(self, start: int, goal: int, wanted: int, most: int) -> int:
        """Pruning backwards from the goal, then depth first: how many of `wanted` paths there are, in no order."""
        deadline = {goal: OPEN_END}
        levels, frontier = [dict(deadline)], {goal}
        for _ in range(most):
            following = {}
            for node in frontier:
                rows = self.entering[self.entering_starts[node] : self.entering_starts[node + 1]]
                limit = np.minimum(self.latest[rows], deadline[node])
                for tail, day in zip(
                    self.source[rows][self.earliest[rows] <= limit].tolist(), limit[self.earliest[rows] <= limit].tolist(), strict=True
                ):
                    if day > deadline.get(tail, OPEN_START - 1) and day > following.get(tail, OPEN_START - 1):
                        following[tail] = day
            deadline |= following
            frontier = set(following)
            levels.append(dict(deadline))
        found = 0
        pending = [(start, OPEN_START, (start,))]
        while pending and found < wanted:
            node, day, passed = pending.pop()
            if node == goal:
                found += 1
                continue
            left = levels[most - len(passed)] if len(passed) <= most else {}
            first, last = self.starts[node], self.starts[node + 1]
            after = np.maximum(self.earliest[first:last], day)
            fits = after <= self.latest[first:last]
            for head, then in zip(self.target[first:last][fits].tolist(), after[fits].tolist(), strict=True):
                if then <= left.get(head, OPEN_START - 1) and head not in passed:
                    pending.append((head, then, (*passed, head)))
        return found

    def one_pass(self, sources: list[int]) -> np.ndarray[Any, Any]:
        """A bit a source for each thing, in one pass over the flows by their first day; hops do not count, and flows that go on are
        passed on the day that they begin: less than the possible reading, and no less work."""
        order = np.argsort(self.earliest, kind="stable")
        source, target = self.source[order], self.target[order]
        days = np.flatnonzero(np.diff(self.earliest[order], prepend=OPEN_START - 1, append=OPEN_END + 1))
        bits = np.zeros(self.count, dtype=np.uint64)
        for lane, node in enumerate(sources):
            bits[node] |= np.uint64(1 << lane)
        for first, last in zip(days[:-1].tolist(), days[1:].tolist(), strict=True):
            tails, heads = source[first:last], target[first:last]
            while True:
                carried = bits[tails]
                new = carried & ~bits[heads]
                if not new.any():
                    break
                np.bitwise_or.at(bits, heads, new)
        return bits

    def hop_by_hop(self, sources: list[int], goals: list[int]) -> int:
        """How many pairs the possible reading has within the hops: for each source the first day of each thing, a hop at a time, all
        sources at once. The same question as ours: left out are the filters, the fewest hops, and the answer by name."""
        flat = np.full(len(sources) * self.count, OPEN_END + 1, np.int32)
        first = np.empty(len(flat), np.int32)
        frontier = np.array([lane * self.count + node for lane, node in enumerate(sources)])
        home = frontier
        flat[home] = OPEN_START
        for _ in range(SEARCH.max_hops):
            node = frontier % self.count
            begin, many = self.starts[node], self.starts[node + 1] - self.starts[node]
            rows = np.arange(many.sum()) + np.repeat(begin - (np.cumsum(many) - many), many)
            day, place = np.repeat(flat[frontier], many), np.repeat(frontier - node, many) + self.target[rows]
            after = np.maximum(day, self.earliest[rows])
            better = (day <= self.latest[rows]) & (after < flat[place])
            place = place[better]
            if not len(place):
                break
            np.minimum.at(flat, place, after[better])
            first[place] = np.arange(len(place), dtype=np.int32)
            frontier = place[first[place] == np.arange(len(place), dtype=np.int32)]
        flat[home] = OPEN_END + 1
        return int((flat.reshape(len(sources), -1)[:, goals] <= OPEN_END).sum())


# --- peers ----------------------------------------------------------------------------------------------------------


def sparql_path(folder: Path, source: str, target: str) -> tuple[float, Any]:
    """Whether anything connects the two at all, dates ignored, by a property path over from and to."""
    store = ox.Store.read_only(str(folder / "store"))
    query = f"ASK {{ <{source}> (^<{SG}from>/<{SG}to>)+ <{target}> }}"
    return best(lambda: bool(store.query(query, use_default_graph_as_union=True)))


def sparql_joins(folder: Path, source: str, target: str, hops: int) -> tuple[float, Any]:
    """How many walks of exactly so many hops keep the order of the possible reading, by joins."""
    store = ox.Store.read_only(str(folder / "store"))
    pattern, before = "", list[int]()
    for hop in range(hops):
        ends = (f"<{source}>" if hop == 0 else f"?n{hop}", f"<{target}>" if hop == hops - 1 else f"?n{hop + 1}")
        pattern += f"?f{hop} <{SG}from> {ends[0]} ; <{SG}to> {ends[1]} ; <{SG}basis> ?b{hop} . "
        pattern += f"FILTER(!STRENDS(STR(?b{hop}), 'contextual')) "
        pattern += f"OPTIONAL {{ ?f{hop} <{SG}earliest> ?e{hop} }} OPTIONAL {{ ?f{hop} <{SG}latest> ?l{hop} }} "
        before.append(hop)
        pattern += "".join(f"FILTER(COALESCE(?e{early} <= ?l{hop}, true)) " for early in before)
    query = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    return best(lambda: int(next(iter(store.query(query, use_default_graph_as_union=True)))[0].value))  # type: ignore[arg-type, union-attr]


def networkx_static(arrays: Arrays, start: int, goal: int) -> tuple[float, Any]:
    """Whether a static path within the hops exists."""
    import networkx as nx

    graph = nx.DiGraph(zip(arrays.source.tolist(), arrays.target.tolist(), strict=True))
    return best(lambda: goal in nx.single_source_shortest_path_length(graph, start, SEARCH.max_hops))


def rustworkx_static(arrays: Arrays, start: int, goal: int) -> tuple[float, Any]:
    """Whether a static path exists, however long."""
    import rustworkx as rx

    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(arrays.count))
    graph.add_edges_from_no_data(list(zip(arrays.source.tolist(), arrays.target.tolist(), strict=True)))
    return best(lambda: goal in rx.descendants(graph, start))


def raphtory_reach(arrays: Arrays, start: int, goal: int) -> tuple[float, Any]:
    """Whether a path exists on which first days do not go back (an event has one time there)."""
    import pandas as pd
    from raphtory import Graph, algorithms

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its progress bar; this is a process of its own
    graph = Graph()
    columns = {"time": arrays.earliest, "src": arrays.source, "dst": arrays.target}
    graph.load_edges(pd.DataFrame({name: column.astype("int64") for name, column in columns.items()}), "time", "src", "dst")
    return best(lambda: str(goal) in _names(algorithms.temporally_reachable_nodes(graph, SEARCH.max_hops, OPEN_START, [start])))


def _names(reached: Any) -> set[str]:
    return {str(node.name) for node, how in reached.items() if how["reachable_nodes"]}


def duckdb_matrix(arrays: Arrays, starts: list[int], goals: list[int]) -> tuple[float, Any]:
    """The pairs of the possible reading within the hops, by a query a hop that keeps the first day of each thing."""
    import duckdb
    import pandas as pd

    base = duckdb.connect()
    base.execute("SET threads TO 2")
    columns = {"a": arrays.source, "b": arrays.target, "e": arrays.earliest, "l": arrays.latest}
    base.register("given", pd.DataFrame(columns))
    base.execute("CREATE TABLE flows AS SELECT * FROM given")
    base.register("goals", pd.DataFrame({"node": goals}))
    base.register("starts", pd.DataFrame({"s": range(len(starts)), "node": starts, "day": OPEN_START}))

    def run() -> int:
        base.execute("CREATE OR REPLACE TABLE reached AS SELECT * FROM starts")
        base.execute("CREATE OR REPLACE TABLE frontier AS SELECT * FROM starts")
        for _ in range(SEARCH.max_hops):
            base.execute(
                "CREATE OR REPLACE TABLE better AS SELECT f.s, b AS node, MIN(GREATEST(f.day, e)) AS day FROM frontier f JOIN flows "
                "ON f.node = a AND f.day <= l LEFT JOIN reached r ON r.s = f.s AND r.node = b "
                "WHERE r.day IS NULL OR GREATEST(f.day, e) < r.day GROUP BY ALL"
            )
            base.execute("DELETE FROM reached USING better WHERE reached.s = better.s AND reached.node = better.node")
            base.execute("INSERT INTO reached SELECT * FROM better")
            base.execute("CREATE OR REPLACE TABLE frontier AS SELECT * FROM better")
        row = base.execute("SELECT COUNT(*) FROM reached SEMI JOIN goals USING (node)").fetchone()
        return int(row[0]) if row else 0

    return best(run)


# --- the run --------------------------------------------------------------------------------------------------------


def planted_hold(network: ColumnNetwork, told: dict[str, Any]) -> bool:
    """Whether each planted chain is the only path, in the readings in which it holds and in no other."""
    order = ("static", "possible", "strict")
    for chain in told["chains"]:
        for reading in order:
            found = paths.find(network, chain["source"], chain["target"], Search(reading=reading), 5)
            expected = [chain["flows"]] if order.index(reading) <= order.index(chain["reading"]) else []
            if [[flow.id for flow in path.flows] for path in found.paths] != expected:
                return False
    return True


_COLD = """
import sys
from pathlib import Path
from seismic_graph import paths
from seismic_graph.columns import network
from seismic_graph.store import EmbeddedStore
print(len(paths.find(network(EmbeddedStore(Path(sys.argv[1]))), sys.argv[2], sys.argv[3], paths.Search(), 5).paths))
"""


def cold(folder: Path, source: str, target: str) -> int:
    """How many paths a new process finds, from the start of Python to its end."""
    return int(process([sys.executable, "-c", _COLD, str(folder / "store"), source, target]))


def measure(folder: Path, limit: float) -> Table:
    """The table of a graph that `generate.generate` wrote into a folder; a peer gets `limit` seconds a question, its loading counted."""
    took = prepared(folder)
    told = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    columns = Columns(folder / FILE)
    network, arrays = ColumnNetwork(columns), Arrays(columns)
    number = columns.nodes.find
    items = [name for name in map(columns.nodes.__getitem__, range(len(columns.nodes))) if name.startswith(ID + "agenda-item/")]
    rows, wrong = list[Row](), list[str]()

    def agrees(question: str, who: str, same: bool) -> str:
        if not same:
            wrong.append(f"{who} differs: {question}")
        return "agrees" if same else "differs"

    seconds, reached = best(lambda: network.reached(NETWORKS, SEARCH, items))
    pairs = {(source, target) for source, there in reached.items() for target in there}
    question = f"all networks x {len(items):,} agenda items, possible: {len(pairs):,} pairs"
    rows.append(Row(question, OURS, seconds))
    starts, goals = [number(name) or 0 for name in NETWORKS], [number(name) or 0 for name in items]
    who = "floor: bare arrays, hop by hop"
    least, count = best(lambda: arrays.hop_by_hop(starts, goals))
    rows.append(Row(question, who, least, agrees(question, who, count == len(pairs))))
    least, _ = best(lambda: arrays.one_pass(starts))
    rows.append(Row(question, "floor: bare arrays, one pass by day", least, "a bit a network, hops not counted"))
    who = "DuckDB, a query a hop"
    spent, count = limited(duckdb_matrix, limit, arrays, starts, goals)
    rows.append(Row(question, who, spent, agrees(question, who, count == len(pairs)) if spent else count))

    chain = next(chain for chain in told["chains"] if chain["reading"] == "possible")
    chosen = [("a planted chain", chain["source"], chain["target"])]
    sample = random.Random(1).sample(sorted(pairs), min(40, len(pairs)))
    by_part = sorted(sample, key=lambda pair: len(network.between(*pair, SEARCH).flows))
    places = (("the easiest", 0), ("the middle", len(by_part) // 2), ("the hardest", -1))
    chosen += [(f"network to item, {name} of {len(by_part)}", *by_part[place]) for name, place in places]
    for name, source, target in chosen:
        start, goal = number(source) or 0, number(target) or 0
        seconds, found = best(lambda source=source, target=target: paths.find(network, source, target, SEARCH, 5))  # type: ignore[misc]
        on_the_way = len(network.between(source, target, SEARCH).flows)
        question = f"{name}: {len(found.paths)}{'+' if found.more else ''} paths, possible, {on_the_way:,} flows on the way"
        rows.append(Row(question, OURS, seconds))
        who = "floor: bare arrays, any 5 paths"
        least, count = best(lambda start=start, goal=goal: arrays.some_paths(start, goal, 5, SEARCH.max_hops))  # type: ignore[misc]
        rows.append(Row(question, who, least, agrees(question, who, count == len(found.paths)) + "; not the best ones"))
        if "easiest" not in name:
            rows += asked_of_peers(question, folder, arrays, (source, target), (start, goal), len(found.paths[0].flows), limit)
        question = f"{name}, by a new process"
        agreed = agrees(question, "a new process", cold(folder, source, target) == len(found.paths))
        spent, bare = alternately(
            lambda source=source, target=target: cold(folder, source, target),  # type: ignore[misc]
            lambda: process([sys.executable, "-c", "pass"]),
        )
        rows.append(Row(question, OURS, spent, agreed))
        rows.append(Row(question, "floor: Python starts and ends", bare))
    if not planted_hold(network, told):
        wrong.append("a planted chain is not found in its readings, or is found in another")
    about = {name: told[name] for name in ("triples", "flows", "seed")} | {"things": len(columns.nodes), "seconds to make": took}
    return Table("trace", f"Traces in {told['triples']:,} triples", rows, about, wrong)


def asked_of_peers(
    question: str, folder: Path, arrays: Arrays, names: tuple[str, str], numbers: tuple[int, int], hops: int, limit: float
) -> list[Row]:
    """What each peer can be asked of two things, by their names and numbers, that a path of so many hops joins."""
    rows = []
    for who, work, arguments, asked in (
        ("SPARQL property path, pyoxigraph", sparql_path, (folder, *names), "whether anything joins them, dates ignored"),
        (f"SPARQL joins, pyoxigraph, {hops} hops", sparql_joins, (folder, *names, hops), "how many walks of so many hops keep the order"),
        ("networkx", networkx_static, (arrays, *numbers), "whether a path within the hops joins them, dates ignored"),
        ("rustworkx", rustworkx_static, (arrays, *numbers), "whether a path joins them, dates ignored"),
        ("raphtory", raphtory_reach, (arrays, *numbers), "whether a path in the order of first days joins them"),
    ):
        spent, answer = limited(work, limit, *arguments)
        rows.append(Row(question, who, spent, f"asked {asked}: {_word(answer)}" if spent else f"asked {asked}; {answer}"))
    return rows


def _word(answer: Any) -> str:
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else f"{answer:,}"
