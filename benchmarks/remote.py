"""The same work on the store on disk and over SPARQL, on the Oxigraph server and on Virtuoso: ``python -m benchmarks.run remote``.

Asked of a graph that `benchmarks.generate` wrote: questions of the library, traces between two things, all flows, what all networks
reach, and validation. The answers are held against those of the store on disk. A trace is measured by frontier, in which what it needs is
fetched hop by hop, and again once all flows are kept, when these serve wherever more than a little would be fetched. Each server is alone
on the machine, and filled by `seismic push`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import report, trace
from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import best
from seismic_graph import queries
from seismic_graph.columns import FILE, ColumnNetwork, Columns
from seismic_graph.errors import SeismicError
from seismic_graph.graph import Graph
from seismic_graph.push import push_snapshot
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, text_of
from tests.fixtures.servers import HIGH_CAP, Server, running_oxigraph, running_virtuoso

QUESTIONS = (
    "how-many-flows-are-undated-by-kind",
    "how-much-moved-in-each-direction-per-year",
    "what-did-cities-pass-on-to-each-other",
    "what-happened-in-this-programme-and-when",
    "what-is-recorded-of-each-network",
    "which-edges-make-up-the-network",
    "which-flows-happened-in-this-period",
    "which-flows-rest-on-a-single-source",
    "which-flows-touch-this-and-who-says-so",
    "which-publishers-does-the-record-rely-on",
    "which-recommendations-reached-an-agenda",
    "who-are-the-hubs",
)
"""Questions of the library of which a generated graph has enough for an answer."""
BUFFERS = 100_000
"""Of 8 kB, for Virtuoso."""
WITHIN = 1.0
"""Seconds that a trace of a planted chain by frontier may take."""


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    with running_virtuoso(folder, HIGH_CAP, BUFFERS) as server:
        yield server


SERVERS: Mapping[str, Callable[[Path], contextlib.AbstractContextManager[Server]]] = {
    "Oxigraph server": running_oxigraph,
    "Virtuoso": virtuoso,
}


@dataclass
class Asked:
    """The rows so far, and the answers of the store on disk that others are held against.

    Attributes:
        wrong: what differs.
    """

    rows: list[Row] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _answers: dict[str, Any] = field(default_factory=dict)

    def ask(
        self, question: str, who: str, work: Callable[[], Any], *, repeats: int = 3, note: str = "", within: float | None = None
    ) -> None:
        """Measure one answer, and hold it against ours; an error is told in the note."""
        print(f"{who}: {question}", file=sys.stderr)
        try:
            seconds, answer = best(work, repeats)
        except SeismicError as error:
            self.rows.append(Row(question, who, None, str(error)))
            return
        ours = self._answers.setdefault(question, answer)
        if answer != ours:
            self.wrong.append(f"{who} differs: {question}")
        said = [] if who == OURS else ["agrees" if answer == ours else "differs"]
        self.rows.append(Row(question, who, seconds, ", ".join([*said, *([note] if note else [])]), within=within))


def told(answer: Any) -> Any:
    """A trace as plain values, without the store that gave it."""
    return {name: value for name, value in answer.to_dict().items() if name != "snapshot"}


def rows_of(graph: Graph, text: str) -> list[tuple[str, ...]]:
    """The rows of the answer to a query, in the order of their values."""
    answer: Any = graph.store.query(text)
    return sorted(tuple(text_of(term) for term in row) for row in answer)


def findings(graph: Graph, announce: Callable[[str], None]) -> list[tuple[str, ...]]:
    """What the shapes find: shape, node and value of each."""
    from seismic_graph.validate import validate

    found = validate(graph.store, graph.settings.shape_files(), announce=announce)
    return sorted((one.shape, str(one.focus), str(one.value), one.message) for one in found.results)


def pairs(network: ColumnNetwork, told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Pairs to trace: a planted chain, and two out of forty of a network and an agenda item by how much lies between them."""
    chain = next(one for one in told["chains"] if one["reading"] == "possible")
    items = [network.columns.nodes[number] for number in range(len(network.columns.nodes))]
    items = [name for name in items if name.startswith(trace.ID + "agenda-item/")]
    reached = network.reached(trace.NETWORKS, trace.SEARCH, items)
    found = sorted((source, target) for source, there in reached.items() for target in there)
    sample = random.Random(1).sample(found, min(40, len(found)))
    sample.sort(key=lambda pair: len(network.between(pair[0], pair[1], trace.SEARCH).flows))
    return {
        "a planted chain": (chain["source"], chain["target"]),
        f"network to item, the middle of {len(sample)}": sample[len(sample) // 2],
        f"network to item, the hardest of {len(sample)}": sample[-1],
    }


def ask_all(asked: Asked, who: str, opened: Callable[[Path], Graph], chosen: dict[str, tuple[str, str]], home: Path) -> None:
    """All rows of one store; `opened` gives its graph, with what is kept in a folder."""
    kept = home / "kept"
    library = queries.library(Settings().query_files())
    for name in QUESTIONS:
        asked.ask(f"question: {name}", who, lambda text=library[name].text: rows_of(opened(kept), text))  # type: ignore[misc]
    for name, pair in chosen.items():
        within = WITHIN if "chain" in name and who != OURS else None
        asked.ask(f"trace: {name}", who, lambda pair=pair: told(opened(home / "none").trace(*pair)), within=within)  # type: ignore[misc]
    asked.ask(
        "all flows", who, lambda: [flow.id for flow in opened(kept).network.flows], repeats=1, note="read and kept" if who != OURS else ""
    )
    items = opened(kept).members("AgendaItem")
    many = f"all networks x {len(items):,} agenda items"
    asked.ask(many, who, lambda: sorted(opened(kept).matrix(trace.NETWORKS, items).cells), note="flows kept" if who != OURS else "")
    for name, pair in chosen.items():
        asked.ask(f"trace once all flows are kept: {name}", who, lambda pair=pair: told(opened(kept).trace(*pair)))  # type: ignore[misc]
    said: list[str] = []
    asked.ask("validation", who, lambda: findings(opened(kept), said.append), repeats=1)
    if said:
        last = asked.rows.pop()
        why = said[0].replace(opened(kept).store.name, "it").partition(":")[0]
        asked.rows.append(replace(last, note=f"{last.note}; {why}"))


def measure(folder: Path, limit: float) -> Table:
    """The table of a graph that `generate.generate` wrote into a folder; an answer of an endpoint may take `limit` seconds."""
    trace.prepared(folder)
    planted = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    store, settings, asked = EmbeddedStore(folder / "store"), Settings(), Asked()
    chosen = pairs(ColumnNetwork(Columns(folder / FILE)), planted)
    with tempfile.TemporaryDirectory() as work:
        ask_all(asked, OURS, lambda home: Graph(store, replace(settings, home=home)), chosen, Path(work))
    for who, start in SERVERS.items():
        with tempfile.TemporaryDirectory() as name, start(Path(name)) as server:
            home = Path(name) / "home"
            began = time.perf_counter()
            push_snapshot(store, server.query, home, update_url=server.update, store_url=server.store, timeout=limit)
            asked.rows.append(Row("loading by push", who, time.perf_counter() - began))

            def behind(home: Path, server: Server = server) -> Graph:
                return Graph.behind([server.query], replace(settings, home=home), timeout=limit)

            ask_all(asked, who, behind, chosen, home)
    questions = list(dict.fromkeys(row.question for row in asked.rows))
    rows = sorted(asked.rows, key=lambda row: questions.index(row.question))
    about = {"triples": planted["triples"], "flows": planted["flows"], "seed": planted["seed"], "buffers of Virtuoso, 8 kB": BUFFERS}
    return Table("remote", f"Over SPARQL at {planted['triples']:,} triples: {planted['flows']:,} flows", rows, about, asked.wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what `python -m benchmarks.generate` wrote")
    parser.add_argument("--limit", type=float, default=120, help="seconds that an answer of an endpoint may take")
    asked = parser.parse_args()
    print(report.markdown(measure(asked.folder, asked.limit)))


if __name__ == "__main__":
    main()
