"""Results as they are kept: ``results/AREA.json`` for programs, ``results/AREA.md`` for readers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import tables
from benchmarks.tables import Table
from seismic_graph.errors import SeismicError

RESULTS = Path(__file__).parent / "results"
SIZES = {"k": 1_000, "M": 1_000_000}


@dataclass(frozen=True, slots=True)
class Saved:
    """A table, and the run that gave it.

    Attributes:
        table: what was measured.
        run: date, command, commit, seed, machine (see `machine.machine`) and versions.
    """

    table: Table
    run: dict[str, Any]

    @property
    def area(self) -> str:
        """The area without the size: ``trace`` of ``trace-100k``."""
        name, _, size = self.table.area.rpartition("-")
        return name if size[:-1].isdigit() and size[-1:] in SIZES else self.table.area

    @property
    def triples(self) -> int:
        """The size that was asked for; 0 for an area that has none."""
        size = self.table.area.removeprefix(self.area).removeprefix("-")
        return int(size[:-1]) * SIZES[size[-1]] if size else 0


def name(area: str, triples: int) -> str:
    """The name of an area at a size: ``trace-100k``, ``trace-10M``."""
    unit = "M" if triples % SIZES["M"] == 0 else "k"
    return f"{area}-{max(1, triples // SIZES[unit])}{unit}"


def read(file: Path) -> Saved:
    """A result that was kept in a JSON file.

    Raises:
        SeismicError: the file holds something else.
    """
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
        return Saved(tables.table(plain), plain["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise SeismicError(f"{file} is no result of benchmarks ({error!r}). Delete it and run the benchmark again.") from error


def read_all(folder: Path = RESULTS) -> list[Saved]:
    """All results of a folder, by area and size."""
    return sorted(map(read, folder.glob("*.json")), key=lambda saved: (saved.area, saved.triples))
