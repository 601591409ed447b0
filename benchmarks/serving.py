"""Throughput and latency of the query library: our service beside rdflib-endpoint, the Oxigraph server and Virtuoso, in one run.

Run it as ``python -m benchmarks.serving``. All servers hold the shipped dossier, with the union of all graphs as the default graph.
Each, with the others down, is asked every SELECT and ASK question of the library once. Those that all of them answer within a time
and alike, by their counts of rows, are the load: 1, 8 and 32 clients ask them in turn. Ratios are to our service. The result goes to
``benchmarks/results/serving.json`` and ``.md``. Most questions are too heavy for rdflib; a second run with ``--servers seismic oxigraph
virtuoso --name serving-engines`` has nearly all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import load
from seismic_graph.build import ensure
from seismic_graph.queries import library
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, query_form
from tests.fixtures.servers import HIGH_CAP, free_port, running_oxigraph, running_virtuoso
from tests.web.service import serving

CLIENTS = (1, 8, 32)
RESULTS = Path(__file__).parent / "results"


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
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serving", "--rdflib", str(file), str(port)])
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


SERVERS = {"seismic": ours, "oxigraph": oxigraph, "virtuoso": virtuoso, "rdflib-endpoint": rdflib}


@contextlib.contextmanager
def up(name: str, store: EmbeddedStore) -> Iterator[str]:
    """The address of a server that holds the dossier, alone on the machine."""
    with tempfile.TemporaryDirectory() as folder, SERVERS[name](store, Path(folder)) as address:
        print(f"{name} is up", file=sys.stderr)
        yield address


def rested(address: str, seconds: float = 120) -> None:
    """Wait until a server is done with what it was too slow for, so that the next question is not measured with it."""
    with contextlib.suppress(OSError):
        load.Connection(address, 0, seconds).ask(load.query(address, "rested", "ASK {}"))


def tried(address: str, questions: dict[str, str], seconds: float) -> dict[str, int | str]:
    """The count of rows of each answer, or why there is none."""
    counts: dict[str, int | str] = {}
    connection = load.Connection(address, 0, seconds)
    for name, text in questions.items():
        try:
            status, body = connection.ask(load.query(address, name, text))
            answer = json.loads(body) if status == 200 else {}
            counts[name] = (len(answer["results"]["bindings"]) if "results" in answer else 1) if answer else f"status {status}"
        except TimeoutError:
            counts[name] = f"longer than {seconds:g} s"
            connection = load.Connection(address, 0, seconds)
            rested(address)
        except (OSError, ValueError, KeyError) as error:
            counts[name] = repr(error)[:80]
            connection = load.Connection(address, 0, seconds)
    connection.close()
    return counts


def measured(seconds: float, patience: float, names: list[str]) -> dict[str, Any]:
    settings = Settings()
    store = ensure(settings).open()
    questions = {name: one.text for name, one in library(settings.query_files()).items() if query_form(one.text) in ("SELECT", "ASK")}
    result: dict[str, Any] = {"snapshot": store.identity, "machine": load.machine(), "seconds_each": seconds, "servers": {}}
    counts = {}
    for name in names:
        with up(name, store) as address:
            counts[name] = tried(address, questions, patience)
    first = counts[names[0]]
    alike = [one for one, rows in first.items() if isinstance(rows, int) and all(counts[name][one] == rows for name in names)]
    result["asked"] = alike
    result["left_out"] = {one: {name: counts[name][one] for name in names} for one in questions if one not in alike}
    for name in names:
        with up(name, store) as address:  # afresh: a server may still work on what it was too slow for
            requests = [load.query(address, one, questions[one]) for one in alike]
            load.run(address, requests, 2, min(2.0, seconds))
            result["servers"][name] = {str(n): load.run(address, requests, n, seconds).told() for n in CLIENTS}
            print(name, result["servers"][name], file=sys.stderr)
    result["machine"]["load_after"] = load.machine()["load"]
    return result


def markdown(result: dict[str, Any]) -> str:
    """The result as a page."""
    machine = result["machine"]
    lines = [
        "# Serving the query library",
        "",
        f"{len(result['asked'])} questions with their defaults, {result['seconds_each']:g} s for each count of clients, "
        f"{machine['processors']} processors shared with the clients, Python {machine['python']}, "
        f"load average {machine['load'][0]} before and {machine['load_after'][0]} after.",
        "",
        "| Server | Clients | Requests/s | p50 ms | p95 ms | Errors | Requests/s, ours = 1 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    base = result["servers"].get("seismic", {})
    for name, levels in result["servers"].items():
        for clients, told in levels.items():
            ours_too = base.get(clients, {}).get("per_second")
            ratio = f"{told['per_second'] / ours_too:.2f}" if ours_too else ""
            lines.append(
                f"| {name} | {clients} | {told['per_second']} | {told['p50_ms']} | {told['p95_ms']} | {told['errors']} | {ratio} |"
            )
    if result["left_out"]:
        lines += ["", "Left out, since the servers differ in rows or one did not answer in time:", ""]
    for question, counts in result["left_out"].items():
        lines.append(f"- `{question}`: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="for each server and count of clients")
    parser.add_argument("--patience", type=float, default=5, help="seconds that a question may take when it is tried first")
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--name", default="serving", help="of the files of the result")
    parser.add_argument("--rdflib", nargs=2, metavar=("FILE", "PORT"), help="serve a file by rdflib-endpoint; for the benchmark itself")
    told = parser.parse_args()
    if told.rdflib:
        rdflib_endpoint(told.rdflib[0], int(told.rdflib[1]))
        return
    result = measured(told.seconds, told.patience, told.servers)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{told.name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (RESULTS / f"{told.name}.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))


if __name__ == "__main__":
    main()
