"""What every benchmark tells: a table of rows in one form, so that one runner can print, save and compare them.

A row is one answer to a question by one engine. What counts is how many times as long ours took as each of the others in the same run:
below one, ours is faster. A row of a floor or peer may carry an aim: how many times as long ours may take at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
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
        within: so many seconds this row may take at most, for aims in seconds.
    """

    question: str
    who: str
    seconds: float | None
    note: str = ""
    aim: float | None = None
    megabytes: float | None = None
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one area.

    Attributes:
        area: its name, which is that of its file in ``results/`` (the runner adds the size, as in ``trace-100k``).
        title: one line of heading.
        about: what it was measured on: seed, triples, versions and the like.
        wrong: what ought to have held and did not, aims apart: answers that differ, memory that grew.
    """

    area: str
    title: str
    rows: Sequence[Row]
    about: dict[str, Any] = field(default_factory=dict)
    wrong: Sequence[str] = ()

    @property
    def questions(self) -> list[str]:
        """Every question once, in order."""
        return list(dict.fromkeys(row.question for row in self.rows))

    def ours(self, row: Row) -> float | None:
        """The seconds of ours for the question of a row."""
        return next((one.seconds for one in self.rows if one.question == row.question and one.who == OURS), None)

    def ratio(self, row: Row) -> float | None:
        """How many times as long as this row ours took; None where either did not end, and for ours itself."""
        ours = self.ours(row)
        return ours / row.seconds if ours is not None and row.seconds and row.who != OURS else None

    def missed(self) -> Iterable[Row]:
        """The rows whose aim was not reached: ours beside it took longer than `aim` times, or it took longer than `within`.

        An aim beside a peer that did not end in its time is reached where ours did end.
        """
        for row in self.rows:
            ours, ratio = self.ours(row), self.ratio(row)
            too_slow = row.aim is not None and (ours is None or (ratio is not None and ratio > row.aim))
            if too_slow or (row.within is not None and (row.seconds is None or row.seconds > row.within)):
                yield row

    def plain(self) -> dict[str, Any]:
        """The table as JSON takes it; each row has its ratio."""
        rows = [asdict(row) | {"ratio": self.ratio(row)} for row in self.rows]
        return {"area": self.area, "title": self.title, "about": self.about, "wrong": list(self.wrong), "rows": rows}


def table(plain: dict[str, Any]) -> Table:
    """The table that `Table.plain` gave."""
    rows = [Row(**{name: value for name, value in row.items() if name != "ratio"}) for row in plain["rows"]]
    return Table(plain["area"], plain["title"], rows, plain["about"], plain["wrong"])


def least(tables: Sequence[Table]) -> Table:
    """Several runs of one area as one table: of each row the run in which it took the least seconds; what was wrong in any run stays.

    Rows are the same where question and engine are; a row that not every run has is kept as it is.
    """
    best: dict[tuple[str, str], Row] = {}
    for row in (row for one in tables for row in one.rows):
        before = best.setdefault((row.question, row.who), row)
        if row.seconds is not None and (before.seconds is None or row.seconds < before.seconds):
            best[row.question, row.who] = row
    wrong = dict.fromkeys(said for one in tables for said in one.wrong)
    return replace(tables[0], rows=list(best.values()), wrong=list(wrong))
