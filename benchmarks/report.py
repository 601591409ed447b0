"""Results in words: the rows as a table, where they come from, what was not reached, and a page for each result."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.saved import RESULTS, Saved
from benchmarks.tables import OURS, Row, Table
from seismic_graph.files import write_whole


def figure(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, never with an exponent; ``-`` for none.

    >>> figure(0.0000279), figure(1.616), figure(13_305.7), figure(44.23, 2)
    ('0.0000279', '1.62', '13,306', '44')
    """
    if value is None:
        return "-"
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{max(0, places)}f}"


def duration(seconds: float) -> str:
    """Seconds in words, with the unit that reads best.

    >>> duration(8.953), duration(0.000292)
    ('8.95 s', '0.292 ms')
    """
    return f"{figure(seconds)} s" if seconds >= 0.1 else f"{figure(seconds * 1000)} ms"


def markdown(table: Table) -> str:
    """The rows as a table in Markdown, a question told once; columns that would be empty are left out."""
    shown: dict[str, list[str]] = {
        "Question": [row.question if place == 0 else "" for _, rows in groupby(table.rows, _question) for place, row in enumerate(rows)],
        "Who": [row.who for row in table.rows],
        "Seconds": [figure(row.seconds) for row in table.rows],
        "Ours / this": [figure(ratio, 2) if (ratio := table.ratio(row)) is not None else "" for row in table.rows],
        "Aim": [_aim(row) for row in table.rows],
        "MB": ["" if row.megabytes is None else f"{row.megabytes:,.0f}" for row in table.rows],
        "Note": [row.note for row in table.rows],
    }
    columns = {name: cells for name, cells in shown.items() if any(cells)}
    numbers = ("Seconds", "Ours / this", "Aim", "MB")
    lines = [list(columns), ["---:" if name in numbers else "---" for name in columns], *zip(*columns.values(), strict=True)]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _question(row: Row) -> str:
    return row.question


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _aim(row: Row) -> str:
    if row.within is not None:
        return f"{row.within:g} s"
    return "" if row.aim is None else f"{row.aim:g}"


def unmet(table: Table) -> list[str]:
    """What did not hold, and the aims that were missed, a sentence each."""
    said = list(table.wrong)
    for row in table.missed():
        if row.within is not None:
            took = "did not end in its time" if row.seconds is None else duration(row.seconds)
            who = "" if row.who == OURS else f", {row.who}"
            said.append(f"{row.question}{who}: {took}, aim {row.within:g} s")
        else:
            said.append(f"{row.question}, beside {row.who}: {figure(table.ratio(row), 2)}, aim {row.aim:g}")
    return said


def provenance(run: dict[str, Any]) -> str:
    """When, how and on what it was measured."""
    machine = run["machine"]
    on = f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, load average {machine['load'][0]} at the start."
    busy = " The machine was busy with other work: read the seconds as upper bounds." if machine["busy"] else ""
    return f"{run['date']}, commit {run['commit']}, seed {run['seed']}, `{run['command']}`. {on}{busy}"


def page(saved: Saved) -> str:
    """A result as a page of its own."""
    table, run = saved.table, saved.run
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    parts = [f"# {table.title}\n", provenance(run) + "\n", f"{versions}.\n", markdown(table)]
    if said := unmet(table):
        parts.append("Not reached:\n\n" + "".join(f"- {one}\n" for one in said))
    if table.about:
        parts.append("About:\n\n" + "".join(_about(table.about)))
    return "\n".join(parts)


def _about(said: dict[str, Any], depth: int = 0) -> Iterable[str]:
    for name, value in said.items():
        head = f"{'  ' * depth}- {name}:"
        if isinstance(value, dict):
            yield f"{head}\n"
            yield from _about(value, depth + 1)
        else:
            yield f"{head} {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return figure(value) if isinstance(value, float) else str(value)


def write(saved: Saved, folder: Path = RESULTS) -> None:
    """Keep a result instead of the one before of the same name, as JSON and as a page, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = saved.table.plain() | {"run": saved.run}
    write_whole(folder / f"{saved.table.area}.json", (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode())
    write_whole(folder / f"{saved.table.area}.md", page(saved).encode())
