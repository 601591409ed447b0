"""What every benchmark tells: a table of rows in one form, so that one runner can print, save and compare them.

A row is one answer to a question by one engine. What counts is how many times as long ours took as each of the others in the same run:
below one, ours is faster. A row of a floor or peer may carry an aim: how many times as long ours may take at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

OURS = "seismic-graph"


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to a question.

    Attributes:
        question: what was asked, with its size.
        who: what answered; ours is called `OURS`, and is the one that the others of its question are held against.
        seconds: how long it took; None where it did not end in its time.
        note: whether it agrees with ours, and what else must be known to read the row.
        aim: ours may take at most so many times as long.
        megabytes: the memory that it added, where that was measured.
    """

    question: str
    who: str
    seconds: float | None
    note: str = ""
    aim: float | None = None
    megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one area.

    Attributes:
        area: its name, which is that of its file in ``results/`` (with the size, as in ``trace-996k``).
        title: one line of heading.
        about: what it was measured on: seed, triples, versions and the like.
    """

    area: str
    title: str
    rows: Sequence[Row]
    about: dict[str, Any] = field(default_factory=dict)

    def ours(self, row: Row) -> float | None:
        """The seconds of ours for the question of a row."""
        return next((one.seconds for one in self.rows if one.question == row.question and one.who == OURS), None)

    def ratio(self, row: Row) -> float | None:
        """How many times as long as this row ours took; None where either did not end, and for ours itself."""
        ours = self.ours(row)
        return ours / row.seconds if ours is not None and row.seconds and row.who != OURS else None

    def missed(self) -> Iterable[Row]:
        """The rows whose aim ours did not reach."""
        for row in self.rows:
            ratio = self.ratio(row)
            if row.aim is not None and (ratio is None or ratio > row.aim):
                yield row
