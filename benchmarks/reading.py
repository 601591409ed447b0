"""How fast a large graph is read beside its engine alone: answers of queries, exports, and what is asked of one place.

The engine alone is pyoxigraph, asked the same query of the same store: it writes an answer, or dumps a graph, with nothing of ours in
between. What insight takes has no such floor; it is measured in a process of its own, with the memory that it adds.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import alternately, apart, limited, process
from benchmarks.trace import prepared
from seismic_graph import export, queries, query_files
from seismic_graph.errors import TimedOut
from seismic_graph.graph import Graph
from seismic_graph.query_files import Query
from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, changes, query_form, select, text_of
from seismic_graph.vocabulary import SG, graph_iri
from seismic_graph.web import jobs

ENGINE = "floor: the engine alone"
QUERIES, EXPORTS = 1.15, 1.5
"""How many times as long as the engine ours may take."""
PATIENCE = 0.1
"""Seconds within which a question must be answered, or it is left out: a heavy one says nothing of what we add."""
MANY = query_files.from_text("SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 90000")
TIMES = 3


def measure(folder: Path, limit: float) -> Table:
    """The table of a graph that `generate.generate` wrote into a folder; a question about one place gets `limit` seconds."""
    prepared(folder)
    told = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    library = [query for query in queries.library(Settings().query_files()).values() if query_form(query.text) == "SELECT"]
    light = [query for query in library if not changes(query.text) and limited(_bare, PATIENCE, folder, query)[0] is not None]
    store, rows, wrong = EmbeddedStore(folder / "store"), list[Row](), list[str]()  # opened when all forks are over
    for title, asked in ((f"{len(light)} questions of the library", light), ("90,000 rows", [MANY])):
        rows += _answers(title, store, asked, wrong)
    rows += _new_process(folder)
    rows += _exports(store)
    rows += _places(folder, limit)
    return Table("reading", f"Reading {told['triples']:,} triples", rows, {"triples": told["triples"], "seed": told["seed"]}, wrong)


def _bare(folder: Path, query: Query) -> tuple[float, Any]:
    store, began = EmbeddedStore(folder / "store"), time.perf_counter()
    count = len(_engine(store, query, "json"))
    return time.perf_counter() - began, count


def _engine(store: EmbeddedStore, query: Query, form: str) -> bytes:
    out = io.BytesIO()
    answer: Any = store.inner.query(query.text, use_default_graph_as_union=True)
    answer.serialize(out, RESULT_FORMATS[form])
    return out.getvalue()


def _ours(store: EmbeddedStore, query: Query, form: str) -> bytes:
    out = io.BytesIO()
    queries.run(store, query).write(out, form)
    return out.getvalue()


def _served(graph: Graph, query: Query, form: str) -> bytes:
    out = io.BytesIO()
    jobs.answer(graph, out, jobs.Question(query.text, None, "http://localhost/sparql"), form, None, 100_000)
    return out.getvalue()


def _values(store: EmbeddedStore, query: Query) -> list[list[Any]]:
    answer: Any = store.inner.query(query.text, use_default_graph_as_union=True)
    return [[None if term is None else str(term) if isinstance(term, ox.Triple) else term.value for term in row] for row in answer]


def _pair(question: str, ours: Callable[[], Any], floor: Callable[[], Any], aim: float, who: str = ENGINE, note: str = "") -> list[Row]:
    mine, least = alternately(ours, floor, repeats=TIMES)
    return [Row(question, OURS, mine, note), Row(question, who, least, aim=aim)]


def _answers(title: str, store: EmbeddedStore, asked: list[Query], wrong: list[str]) -> list[Row]:
    """Each form of an answer, from `queries.run` and from a worker of the service, beside the engine that writes the same bytes."""
    rows = list[Row]()
    graph = Graph(store, Settings())
    for form in ("json", "csv", "tsv", "xml"):

        def floor(form: str = form) -> list[bytes]:
            return [_engine(store, query, form) for query in asked]

        answers: dict[str, Callable[[Query, str], bytes]] = {
            "as a file": lambda query, form: _ours(store, query, form),
            "served": lambda query, form: _served(graph, query, form),
        }
        for who, answer in answers.items():

            def ours(answer: Callable[[Query, str], bytes] = answer, form: str = form) -> list[bytes]:
                return [answer(query, form) for query in asked]

            same = sorted(map(len, ours())) == sorted(map(len, floor()))
            if not same:
                wrong.append(f"{title} in {form}, {who}: other bytes than those of the engine")
            rows += _pair(f"{title} in {form}, {who}", ours, floor, QUERIES, note="the same bytes" if same else "differs")
    rows += _pair(
        f"{title} as typed columns",
        lambda: [queries.run(store, query).columns() for query in asked],
        lambda: [_values(store, query) for query in asked],
        QUERIES,
        "floor: the rows of the engine as plain texts",
    )
    return rows


_PROCESS = """
import sys
from pathlib import Path
from seismic_graph import queries, query_files
from seismic_graph.store import EmbeddedStore
queries.run(EmbeddedStore(Path(sys.argv[1])), query_files.from_text(sys.argv[2])).save(sys.argv[3])
"""
_PROCESS_OF_ENGINE = """
import sys
import pyoxigraph as ox
answer = ox.Store.read_only(sys.argv[1]).query(sys.argv[2], use_default_graph_as_union=True)
answer.serialize(sys.argv[3], ox.QueryResultsFormat.CSV)
"""


def _new_process(folder: Path) -> list[Row]:
    with tempfile.TemporaryDirectory() as place:
        arguments = [str(folder / "store"), MANY.text, f"{place}/answer.csv"]
        return _pair(
            "90,000 rows in csv, a new process in all",
            lambda: process([sys.executable, "-c", _PROCESS, *arguments]),
            lambda: process([sys.executable, "-c", _PROCESS_OF_ENGINE, *arguments]),
            QUERIES,
        )


def _exports(store: EmbeddedStore) -> list[Row]:
    """Sorted exports beside the dump of the store, which has no order."""
    rows, dossier = list[Row](), graph_iri("dossier")
    with tempfile.TemporaryDirectory() as place:
        for form, graph in (("nq", None), ("trig", None), ("nt", dossier), ("ttl", dossier)):

            def ours(form: str = form, graph: str | None = graph) -> None:
                with export.named(store, graph) if graph else export.everything(store) as lines:
                    export.write(lines, Path(place) / f"ours.{form}")

            def dump(form: str = form, graph: str | None = graph) -> None:
                store.inner.dump(f"{place}/dump.{form}", RDF_FORMATS[form], from_graph=ox.NamedNode(graph) if graph else None)

            what = "one graph" if graph else "everything"
            mine, least = alternately(ours, dump, repeats=1)
            question = f"export of {what} as {form}"
            rows += [Row(question, OURS, mine, "sorted"), Row(question, "floor: the dump of the store", least, "in no order", EXPORTS)]
    return rows


ASKED: dict[str, Callable[[Graph, str], Any]] = {
    "all things as values": lambda graph, city: graph.things,
    "balance of a city": lambda graph, city: graph.balance(city),
    "loops of a city": lambda graph, city: graph.loops(city),
    "report on a city": lambda graph, city: graph.report(city),
}


def _places(folder: Path, limit: float) -> list[Row]:
    rows = list[Row]()
    for name in ASKED:
        try:
            seconds, megabytes = apart(_asked, folder, name, seconds=limit)
            rows.append(Row(name, OURS, seconds, "in a process of its own", megabytes=megabytes))
        except TimedOut as late:
            rows.append(Row(name, OURS, None, str(late)))
    return rows


def _asked(folder: Path, name: str) -> tuple[float, float]:
    """Seconds of a question about a city that flows lead to, and the megabytes that it added."""
    graph = Graph(EmbeddedStore(folder / "store"), Settings())
    touched = f"SELECT ?city WHERE {{ ?flow <{SG.to}> ?city FILTER(CONTAINS(STR(?city), '/city/')) }} LIMIT 1"
    city = text_of(next(iter(select(graph.store, touched)))[0])
    before, began = _most_memory(), time.perf_counter()
    ASKED[name](graph, city)
    return time.perf_counter() - began, _most_memory() - before


def _most_memory() -> float:
    """The megabytes that this process had at most (VmHWM, proc(5)); what its parent had before does not count."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmHWM:"))
