"""Run benchmarks, print and save their tables: ``python -m benchmarks.run [AREA ...] [--sizes TRIPLES ...]``, or ``benchmarks/run``.

Each area is measured in a process of its own, so that one that fails, or runs out of memory, does not stop the others; it is named at
the end, and the exit code is then 1. Ctrl-C (exit code 130) leaves what was saved before. Where ours got worse beside the others since
the last saved run of the same area and size, that is said, and so is each aim that was missed; neither changes the exit code.
"""

from __future__ import annotations

import argparse
import importlib
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import docs, graphs, guard, machine, report, saved, tables, timing
from benchmarks.saved import Saved
from benchmarks.tables import Table
from seismic_graph.errors import SeismicError
from seismic_graph.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What an area is measured with.

    Attributes:
        triples: the size of the graph.
        seed: of what is made up.
        data: where generated graphs are kept.
        limit: seconds that a peer gets for one question.
        load: seconds that clients ask each server at each load.
        soak: seconds of the mixed load.
        repeats: how often an area is measured; the least seconds count.
    """

    triples: int
    seed: int
    data: Path
    limit: float
    load: float
    soak: float
    repeats: int

    def graph(self) -> Path:
        """The folder of the generated graph."""
        return graphs.graph(self.triples, self.seed, self.data)


@dataclass(frozen=True, slots=True)
class Area:
    """How one area is measured: by what its module offers; `sized` where it can be asked at any size."""

    measure: Callable[[Any, Asked], Table]
    sized: bool = True


AREAS: dict[str, Area] = {
    "startup": Area(lambda module, asked: module.measure(), sized=False),
    "imports": Area(lambda module, asked: module.measure(asked.triples)),
    "building": Area(lambda module, asked: module.measure(asked.triples)),
    "validation": Area(lambda module, asked: module.measure(asked.triples, 10 * asked.limit)),  # a peer does all its work at once
    "reading": Area(lambda module, asked: module.measure(asked.graph(), asked.limit)),
    "trace": Area(lambda module, asked: module.measure(asked.graph(), asked.limit)),
    "reachability": Area(lambda module, asked: module.measure(asked.graph(), asked.limit)),
    "remote": Area(lambda module, asked: module.measure(asked.graph(), asked.limit)),
    "serving": Area(lambda module, asked: module.measure(asked.load), sized=False),
    "soak": Area(lambda module, asked: module.measure(asked.soak), sized=False),
}
"""The name of a module of benchmarks -> how it is measured, in the order in which they run."""


def measured(name: str, asked: Asked) -> Table:
    """The table of an area.

    Raises:
        SeismicError: a package or program that it is held against is not installed.
    """
    try:
        module = importlib.import_module(f"benchmarks.{name}")
        return tables.least([AREAS[name].measure(module, asked) for _ in range(asked.repeats)])
    except ImportError as error:
        raise SeismicError(f"{error}. Install the peers: pip install -e '.[bench,test]'") from error


def compared(now: Saved, folder: Path) -> list[str]:
    """What got worse since the last saved run of the same name, before it is written over."""
    file = folder / f"{now.table.area}.json"
    if not file.exists():
        return []
    before = saved.read(file)
    busy = any(one.run["machine"]["busy"] for one in (before, now))
    margin = guard.BUSY_MARGIN if busy else guard.MARGIN
    said = [f"worse: {one}" for one in guard.worse(before.table, now.table, margin)]
    if new := guard.unmatched(before.table, now.table):
        said.append(f"{new} rows have no figure of the run before, since question or engine changed")
    return said


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"of {', '.join(AREAS)}; all where none is named")
    parser.add_argument("--sizes", nargs="+", type=int, default=[100_000], metavar="TRIPLES", help="of the areas that have a size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1, help="measure each area so often; the least seconds count")
    parser.add_argument("--limit", type=float, default=60, help="seconds of a peer for one question; ten times as many to validate")
    parser.add_argument("--load", type=float, default=10, help="seconds that clients ask each server at each load (serving)")
    parser.add_argument("--soak", type=float, default=600, help="seconds of the mixed load (soak)")
    parser.add_argument("--data", type=Path, help="where generated graphs are kept; below SEISMIC_HOME where not given")
    parser.add_argument("--results", type=Path, default=saved.RESULTS, help="where the tables go")
    parser.add_argument("--docs", action="store_true", help="write docs/benchmarks.md and its pictures anew at the end")
    asked = parser.parse_args(given)
    if unknown := [name for name in asked.areas if name not in AREAS]:
        parser.error(f"there is no area {', '.join(unknown)}; say of {', '.join(AREAS)}")
    if min(*asked.sizes, asked.repeats, asked.limit, asked.load, asked.soak, 1) < 1:
        parser.error("sizes, repeats and seconds are at least 1")
    return asked


def command(asked: argparse.Namespace) -> str:
    """The command that asks for the same, without places of this machine."""
    words = ["python", "-m", "benchmarks.run", *asked.areas, "--sizes", *map(str, asked.sizes)]
    defaults = arguments([])
    for name in ("seed", "repeats", "limit", "load", "soak"):
        if (value := getattr(asked, name)) != getattr(defaults, name):
            words += [f"--{name}", f"{value:g}"]
    return shlex.join(words)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print and save; the exit code."""
    asked = arguments(given)
    run = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": command(asked),
        "commit": machine.commit(),
        "seed": asked.seed,
        "machine": machine.machine(),
        "versions": machine.versions(),
    }
    print(report.provenance(run), end="\n\n", flush=True)
    data = asked.data or Settings().home / "benchmarks"
    failed, said = list[str](), list[str]()
    try:
        for name in asked.areas or AREAS:
            for triples in asked.sizes if AREAS[name].sized else (0,):
                title = saved.name(name, triples) if triples else name
                what = Asked(triples, asked.seed, data, asked.limit, asked.load, asked.soak, asked.repeats)
                began = time.perf_counter()
                try:
                    table = replace(timing.apart(measured, name, what), area=title)
                except Exception as error:
                    print("".join(traceback.format_exception(error)), file=sys.stderr)
                    failed.append(f"{title}: {error}")
                    continue
                now = Saved(table, run)
                said += [f"{title}: {one}" for one in [*compared(now, asked.results), *report.unmet(table)]]
                report.write(now, asked.results)
                print(f"# {table.title} ({title}, {time.perf_counter() - began:.0f} s)\n\n{report.markdown(table)}", flush=True)
        if asked.docs:
            docs.write_docs(asked.results)
    except KeyboardInterrupt:
        print("Stopped. What was measured before is saved.", file=sys.stderr)
        return 130
    for one in said:
        print(f"- {one}")
    for one in failed:
        print(f"FAILED {one}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
