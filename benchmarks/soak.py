"""Whether the service stays as it is under a mixed load: queries, pages, traces and data for some minutes, in ten slices.

Run it as ``python -m benchmarks.soak --seconds 600``. It is flat where, after the first two slices, which warm up,

- memory (Pss of all processes) in the last three slices is at most 10 % and 16 MB above that of the third to fifth, by the median;
- requests a second in the last three slices are at least 80 % of those of the third to fifth, by the median;
- no request failed.

The result goes to ``benchmarks/results/soak.json`` and ``.md``; the exit code is 1 where it is not flat.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.serving import RESULTS
from seismic_graph.build import ensure
from seismic_graph.queries import library
from seismic_graph.settings import Settings
from seismic_graph.store import query_form
from tests.web.service import serving

SLICES = 10
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


def flat(slices: list[dict[str, Any]]) -> tuple[bool, list[str]]:
    """Whether it is, by the rule above, and what was compared."""

    def median(name: str, part: slice) -> float:
        return statistics.median(one[name] for one in slices[part])

    held, later = median("memory_mb", slice(2, 5)), median("memory_mb", slice(7, 10))
    speed, end = median("per_second", slice(2, 5)), median("per_second", slice(7, 10))
    failed = sum(one["errors"] for one in slices)
    said = [
        f"memory {held:.0f} MB, later {later:.0f} MB",
        f"requests a second {speed:.1f}, later {end:.1f}",
        f"failed {failed}",
    ]
    return later <= held * 1.1 + 16 and end >= speed * 0.8 and not failed, said


def soaked(seconds: float, clients: int) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": load.machine(), "seconds": seconds, "clients": clients}
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

        for number in range(SLICES):
            length = seconds / SLICES
            told = load.run(service.base, requests, clients, length, each=watch(time.monotonic() + length))
            slices.append({**told.told(), "memory_mb": round(held[0] / 1e6, 1), "load": load.machine()["load"][0]})
            print(number + 1, slices[-1], *told.errors[:3], file=sys.stderr)
    result["slices"] = slices
    result["flat"], result["compared"] = flat(slices)
    return result


def markdown(result: dict[str, Any]) -> str:
    """The result as a page."""
    machine = result["machine"]
    lines = [
        "# Soak",
        "",
        f"{result['seconds']:g} s in ten slices, {result['clients']} clients, {machine['processors']} processors shared with the clients. "
        f"{'Flat' if result['flat'] else 'Not flat'}: {'; '.join(result['compared'])}. The rule is in `benchmarks/soak.py`.",
        "",
        "| Slice | Requests/s | p50 ms | p95 ms | Memory MB | Errors | Load average |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for number, one in enumerate(result["slices"], 1):
        lines.append(
            f"| {number} | {one['per_second']} | {one['p50_ms']} | {one['p95_ms']} | {one['memory_mb']} | {one['errors']} | {one['load']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=8)
    told = parser.parse_args()
    result = soaked(told.seconds, told.clients)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "soak.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
    sys.exit(0 if result["flat"] else 1)


if __name__ == "__main__":
    main()
