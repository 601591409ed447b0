"""A result as a picture: for each question a bar for each of the others, on a scale of powers of ten that begins where ours is as fast.

A bar to the left says that ours took less time, one to the right that it took more; a mark on it is the aim. It is drawn for telephones,
so that it can be read in a column of text as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.report import duration, figure
from benchmarks.tables import OURS, Row, Table
from seismic_graph.picture import svg
from seismic_graph.picture.svg import FACES, Look, block, num, path, rect, text

LOOK = Look(width=400)
BAR, ROW = 7.0, 30.0
"""Pixels of a bar, and of it with its name above and the space below."""
ABOVE = 12.0
"""Pixels above a question."""
AXIS = 56.0
"""Pixels that the number of a power needs."""


def picture(table: Table, look: Look = LOOK) -> str:
    """The rows of a table beside ours; what did not end in its time is named without a bar."""
    others = [row for row in table.rows if row.who != OURS and any(_is_ours(one, row.question) for one in table.rows)]
    values = [value for row in others for value in (table.ratio(row), row.aim) if value]
    if not values:
        return svg.empty(look, table.title, "Nothing was measured beside ours.")
    scale = _Scale(look, values)
    top, y = svg.head(look, table.title, ["How many times as long ours takes as each of the others, in the same run."])
    axis, y = scale.axis(y)
    begin, parts = y, []
    for question in dict.fromkeys(row.question for row in others):
        rows = [row for row in others if row.question == question]
        lines = svg.wrap(question, scale.right - scale.left, "b", 3)
        parts.append(block(scale.left, y + ABOVE, lines, "b", extra="hl"))
        y += ABOVE + len(lines) * FACES["b"].leading
        parts.append(block(scale.left, y, [_ours(table, question)], "s", extra="hl"))
        y += FACES["s"].leading + 4
        for row in rows:
            parts.append(scale.bar(table, row, y))
            y += ROW
    body = top + axis + scale.grid(begin, y) + "".join(parts)
    return svg.sheet(look, look.width, y + svg.margin(look), body, table.title, _words(table, others))


def _is_ours(row: Row, question: str) -> bool:
    return row.who == OURS and row.question == question


def _ours(table: Table, question: str) -> str:
    """The seconds of ours for a question, and its aim in seconds."""
    ours = next(row for row in table.rows if _is_ours(row, question))
    took = "ours did not end in its time" if ours.seconds is None else f"ours: {duration(ours.seconds)}"
    return took + (f", aim {ours.within:g} s" if ours.within is not None else "")


def _beside(table: Table, row: Row) -> str:
    """The ratio of a row in words, with its aim."""
    ratio = table.ratio(row)
    said = figure(ratio, 2) if ratio is not None else "did not end" if row.seconds is None else "-"
    if row.aim is not None:
        said += f", aim {row.aim:g}"
    if row.within is not None and row.seconds is not None:
        said += f", {duration(row.seconds)}, aim {row.within:g} s"
    return said + (", missed" if row in table.missed() else "")


def _words(table: Table, others: Sequence[Row]) -> str:
    return "Ours took so many times as long. " + " ".join(f"{row.question}, beside {row.who}: {_beside(table, row)}." for row in others)


class _Scale:
    """Places on a scale of powers of ten that holds all values, and a tenth and ten."""

    def __init__(self, look: Look, values: Sequence[float]) -> None:
        self.left, self.right = svg.margin(look), look.width - svg.margin(look)
        logs = [math.log10(value) for value in values]
        self.powers = range(math.floor(min(*logs, -1)), math.ceil(max(*logs, 1)) + 1)

    def x(self, value: float) -> float:
        share = (math.log10(value) - self.powers[0]) / (self.powers[-1] - self.powers[0])
        return self.left + share * (self.right - self.left)

    def axis(self, y: float) -> tuple[str, float]:
        """What the sides mean, the powers, and the y below them."""
        parts = [text(self.left, y + 11, "← ours took less", "s"), text(self.right, y + 11, "ours took more →", "s", anchor="end")]
        every = math.ceil(len(self.powers) * AXIS / (self.right - self.left))
        for power in self.powers:
            if power % every == 0:
                anchor = "start" if power == self.powers[0] else "end" if power == self.powers[-1] else "middle"
                parts.append(text(self.x(10.0**power), y + 27, figure(10.0**power, 1), "s", anchor=anchor))
        return "".join(parts), y + 32

    def grid(self, top: float, bottom: float) -> str:
        """A line for each power, a strong one where ours is as fast."""
        lines = [path(f"M{num(self.x(10.0**power))} {num(top)}V{num(bottom)}", "grid") for power in self.powers if power]
        return "".join(lines) + path(f"M{num(self.x(1))} {num(top)}V{num(bottom)}", "lane")

    def bar(self, table: Table, row: Row, y: float) -> str:
        """The name of a row, its ratio at the right, and the bar below them."""
        ratio, missed = table.ratio(row), row in table.missed()
        told = _beside(table, row)
        room = self.right - self.left - svg.measure(told, "n") - 12
        inner = text(self.left, y + 11, svg.shorten(row.who, room), "t", extra="hl")
        inner += text(self.right, y + 11, told, "n", anchor="end", extra="hl wrn" if missed else "hl")
        if ratio:
            start, end = sorted((self.x(1), self.x(ratio)))
            bar = rect(start, y + 15, max(end - start, 1.5), BAR, "hd")
            inner += f'<g class="{"up" if ratio <= 1 else "down"}">{bar}</g>'
        if row.aim is not None:
            inner += path(f"M{num(self.x(row.aim))} {num(y + 13)}v{num(BAR + 4)}", "full", width=1.5)
        return svg.named(f"{row.who}: {told}. {row.note}".strip(), inner)
