"""Throughput of our service beside rdflib-endpoint, the Oxigraph server and Virtuoso: ``python -m benchmarks.run serving``.

All servers hold the shipped dossier, with the union of all graphs as the default graph. Each, alone on the machine, is asked every
SELECT and ASK question of the library once. Those that all of them answer within a time and alike, by their counts of rows, are the
load: 1, 8 and 32 clients ask them in turn. rdflib is too slow for most questions, so there are two loads: what all servers answer, and
what all but rdflib answer. The seconds are those between two answers, all clients together.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load
from benchmarks.tables import OURS, Row, Table
from seismic_graph.build import ensure
from seismic_graph.queries import library
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, query_form
from tests.fixtures.servers import HIGH_CAP, free_port, running_oxigraph, running_virtuoso
from tests.web.service import serving

CLIENTS = (1, 8, 32)
PATIENCE = 5.0
"""Seconds that a question may take when it is tried."""


def rdflib_endpoint(file: str, port: int) -> None:
    """Serve a file of N-Quads by rdflib-endpoint until killed."""
    import uvicorn
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint

    dataset = Dataset(default_union=True)
    dataset.parse(file, format="nquads")
    uvicorn.run(SparqlEndpoint(graph=dataset, path="/sparql"), host="127.0.0.1", port=port, log_level="error")


@contextlib.contextmanager
def ours(store: EmbeddedStore, folder: Path) -> Iterator[str]:
    with serving(Settings().home, folder / "log", "--timeout", "60") as service:
        yield f"{service.base}sparql"


@contextlib.contextmanager
def oxigraph(store: EmbeddedStore, folder: Path) -> Iterator[str]:
    with running_oxigraph(folder) as server:
        for graph in store.graphs():
            server.put(graph, store.dump(graph).decode())
        yield server.query


@contextlib.contextmanager
def virtuoso(store: EmbeddedStore, folder: Path) -> Iterator[str]:
    with running_virtuoso(folder, HIGH_CAP) as server:
        for graph in store.graphs():
            lines = store.dump(graph).decode().splitlines(keepends=True)
            file = folder / f"{graph.rpartition('/')[2]}.nt"
            file.write_text("".join(lines), encoding="utf-8")
            server.put(graph, "".join(lines))
        yield server.query


@contextlib.contextmanager
def rdflib(store: EmbeddedStore, folder: Path) -> Iterator[str]:
    file, port = folder / "dataset.nq", free_port()
    with file.open("wb") as out:
        for graph in store.graphs():
            out.writelines(line[:-3] + f" <{graph}> .\n".encode() for line in store.dump(graph).splitlines(keepends=True))
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serving", str(file), str(port)])
    try:
        address = f"http://127.0.0.1:{port}/sparql"
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                load.Connection(address, 0, 5).ask(load.query(address, "up", "ASK {}"))
                break
            time.sleep(0.2)
        yield address
    finally:
        process.kill()
        process.wait()


SERVERS = {OURS: ours, "Oxigraph server": oxigraph, "Virtuoso": virtuoso, "rdflib-endpoint": rdflib}
LOADS = (tuple(SERVERS), tuple(SERVERS)[:3])
"""The servers of each load."""


@contextlib.contextmanager
def up(name: str, store: EmbeddedStore) -> Iterator[str]:
    """The address of a server that holds the dossier, alone on the machine."""
    with tempfile.TemporaryDirectory() as folder, SERVERS[name](store, Path(folder)) as address:
        print(f"{name} is up", file=sys.stderr)
        yield address


def tried(name: str, store: EmbeddedStore, questions: dict[str, str], seconds: float) -> dict[str, int | str]:
    """The count of rows of each answer of a server, or why there is none.

    A server that was too slow is started afresh, so that no question is measured with what it still works on.
    """
    counts: dict[str, int | str] = {}
    left = list(questions)
    while left:
        with up(name, store) as address:
            connection = load.Connection(address, 0, seconds)
            while left:
                question = left.pop(0)
                try:
                    status, body = connection.ask(load.query(address, question, questions[question]))
                    counts[question] = _rows(body) if status == 200 else f"status {status}"
                except (OSError, ValueError, KeyError) as error:
                    counts[question] = f"longer than {seconds:g} s" if isinstance(error, TimeoutError) else repr(error)[:80]
                    break
            connection.close()
    return counts


def _rows(body: bytes) -> int:
    answer = json.loads(body)
    return len(answer["results"]["bindings"]) if "results" in answer else 1


def measure(seconds: float, patience: float = PATIENCE) -> Table:
    """The table of all loads; each server is asked so many seconds for each load and count of clients."""
    settings = Settings()
    store = ensure(settings).open()
    questions = {name: one.text for name, one in library(settings.query_files()).items() if query_form(one.text) in ("SELECT", "ASK")}
    counts = {name: tried(name, store, questions, patience) for name in SERVERS}
    asked: dict[tuple[str, ...], list[str]] = {}
    for servers in LOADS:
        same = {one for one, rows in counts[OURS].items() if isinstance(rows, int) and all(counts[name][one] == rows for name in servers)}
        asked[servers] = [one for one in questions if one in same]
    rows = []
    for servers in LOADS:
        for name in servers:
            with up(name, store) as address:
                requests = [load.query(address, one, questions[one]) for one in asked[servers]]
                load.run(address, requests, 2, min(2.0, seconds))
                for clients in CLIENTS:
                    words = f"{len(requests)} questions that {len(servers)} servers answer, {clients} client{'s' if clients > 1 else ''}"
                    rows.append(_row(words, name, load.run(address, requests, clients, seconds)))
    left_out = {one: {name: counts[name][one] for name in SERVERS} for one in questions if one not in asked[LOADS[0]]}
    about = {"questions": len(questions), "seconds a load": seconds, "patience in seconds": patience, "not answered alike by all": left_out}
    order = list(dict.fromkeys(row.question for row in rows))
    return Table("serving", "Serving the query library", sorted(rows, key=lambda row: order.index(row.question)), about)


def _row(question: str, who: str, measured: load.Measured) -> Row:
    told = measured.told()
    failed = f", {told['errors']} errors" if told["errors"] else ""
    note = f"{told['per_second']} answers a second, half within {told['p50_ms']} ms, 95 % within {told['p95_ms']} ms{failed}"
    return Row(question, who, measured.seconds / told["requests"] if told["requests"] else None, note)


if __name__ == "__main__":
    rdflib_endpoint(sys.argv[1], int(sys.argv[2]))
