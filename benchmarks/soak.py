"""Whether the service stays as it is under a mixed load: ``python -m benchmarks.run soak``.

Queries, pages, traces and data for some minutes, in ten slices. It is flat where, after the first two slices, which warm up,

- memory (Pss of all processes) in the last three slices is at most 10 % and 16 MB above that of the third to fifth, by the median;
- requests a second in the last three slices are at least 80 % of those of the third to fifth, by the median;
- no request failed.

Its peer is itself in the third to fifth slice, so its ratio tells how many times as long a request takes in the end.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.tables import OURS, Row, Table
from seismic_graph.build import ensure
from seismic_graph.queries import library
from seismic_graph.settings import Settings
from seismic_graph.store import query_form
from tests.web.service import serving

SLICES = 10
EARLIER, LATER = slice(2, 5), slice(7, 10)
"""The slices that are compared."""
CLIENTS = 8
SLOWER = 1.25
"""How many times as long a request may take in the end."""
HTML = "text/html"


def mixed(address: str) -> list[load.Request]:
    """What is asked in turn: for every question two pages or files."""
    settings = Settings()
    store = ensure(settings).open()
    questions = [(name, one.text) for name, one in library(settings.query_files()).items() if query_form(one.text) == "SELECT"]
    things = ["network/nanet-se", "network/nanet-nl", "agenda-item/sria-2015", "city/amsterdam", "project/seismic", "event/ev-final-2016"]
    pages = [f"/id/{thing}.{suffix}" for thing in things for suffix in ("html", "ttl", "json")]
    pages += [f"/trace?from={network}&to=sria-2015" for network in ("nanet-se", "nanet-nl", "nanet-it")]
    pages += ["/", "/sv/", "/search?q=urban", "/queries", "/themes", "/ontology.ttl", "/reconcile/suggest/entity?prefix=stock"]
    requests = []
    for number, (name, text) in enumerate(questions):
        requests.append(load.query(f"{address}sparql", name, text))
        for path in (pages[2 * number % len(pages)], pages[(2 * number + 1) % len(pages)]):
            requests.append(load.Request(path, path, accept=HTML if "." not in path else "*/*"))
    del store
    return requests


def judged(slices: list[dict[str, Any]]) -> tuple[list[Row], list[str]]:
    """A row for the later slices, one for the earlier ones and one for each slice; and what is not flat, by the rule above."""

    def median(name: str, part: slice) -> float:
        return float(statistics.median(one[name] for one in slices[part]))

    held, later = median("memory_mb", EARLIER), median("memory_mb", LATER)
    question = "a request under a mixed load, in the end"
    rows = [
        Row(question, OURS, _each(median("per_second", LATER)), "slices 8 to 10, by the median", megabytes=later),
        Row(question, "itself before, slices 3 to 5", _each(median("per_second", EARLIER)), aim=SLOWER, megabytes=held),
    ]
    for number, one in enumerate(slices, 1):
        note = f"{one['per_second']} requests a second, half within {one['p50_ms']} ms, 95 % within {one['p95_ms']} ms"
        rows.append(Row(f"slice {number} of {len(slices)}", OURS, _each(one["per_second"]), note, megabytes=one["memory_mb"]))
    wrong = [f"memory grew from {held:.0f} to {later:.0f} MB"] if later > held * 1.1 + 16 else []
    failed = sum(one["errors"] for one in slices)
    return rows, wrong + ([f"{failed} requests failed"] if failed else [])


def _each(per_second: float) -> float | None:
    """The seconds a request, all clients together; None where none was answered."""
    return 1 / per_second if per_second else None


def measure(seconds: float, clients: int = CLIENTS) -> Table:
    """The table of a load that lasts so long."""
    slices: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, serving(Settings().home, Path(folder) / "log", "--timeout", "60") as service:
        requests = mixed(service.base)
        held = [0]

        def watch(until: float) -> Callable[[], None]:
            def look() -> None:
                while time.monotonic() < until:
                    time.sleep(min(1.0, max(0.0, until - time.monotonic())))
                held[0] = load.memory(service.process.pid)

            return look

        for _ in range(SLICES):
            length = seconds / SLICES
            told = load.run(service.base, requests, clients, length, each=watch(time.monotonic() + length))
            slices.append({**told.told(), "memory_mb": round(held[0] / 1e6, 1)})
    rows, wrong = judged(slices)
    about = {"seconds": seconds, "clients": clients}
    return Table("soak", f"The service under a mixed load for {seconds:g} seconds", rows, about, wrong)
