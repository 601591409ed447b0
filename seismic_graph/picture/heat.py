"""Counts of two things at once, as a table whose cells are shaded and hold their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seismic_graph.picture import svg
from seismic_graph.picture.svg import FACES, Look


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something in one row and one column.

    Attributes:
        row, column: what is counted, as it is to be called.
        value: how many.
        href: the address of the list behind the number.
        note: more words for pointing at it.
    """

    row: str
    column: str
    value: int
    href: str = ""
    note: str = ""


_CELL = (24.0, 46.0)
_HIGH = 24.0


def heat_map(
    rows: Iterable[Count],
    *,
    title: str = "Counts",
    of: str = "flows",
    look: Look | None = None,
) -> str:
    """A table of counts, rows and columns with the highest sums first; the darker a cell, the higher its number, which stands in it.

    Args:
        rows: one value a cell; several of one cell are added up. An empty cell means that nothing is recorded.
        title: what is counted by what. of: what is counted, for those who do not see the picture.
        look: width, theme and ids.
    """
    look = look or Look()
    cells: dict[tuple[str, str], Count] = {}
    for item in rows:
        row, column = svg.clean(item.row) or "(no name)", svg.clean(item.column) or "(no name)"
        before = cells.get((row, column), Count(row, column, 0))
        cells[row, column] = Count(row, column, before.value + item.value, before.href or item.href, before.note or item.note)
    if not any(cell.value for cell in cells.values()):
        return svg.empty(look, title, "There is nothing to count: nothing is recorded within what was asked for.")
    return _Heat(cells, title, of, look).draw()


class _Heat:
    def __init__(self, cells: Mapping[tuple[str, str], Count], title: str, of: str, look: Look) -> None:
        self.cells, self.title, self.of, self.look = cells, title, of, look
        self.by_row: Counter[str] = Counter()
        self.by_column: Counter[str] = Counter()
        for (row, column), cell in cells.items():
            self.by_row[row] += cell.value
            self.by_column[column] += cell.value
        self.rows = sorted(self.by_row, key=lambda name: (-self.by_row[name], name))
        self.columns = sorted(self.by_column, key=lambda name: (-self.by_column[name], name))
        self.breaks = _breaks([cell.value for cell in cells.values() if cell.value > 0])
        self.side = svg.margin(look)
        self.gutter = 116.0 if look.width < 640 else 230.0

    def draw(self) -> str:
        room = self.look.width - 2 * self.side - self.gutter - 44
        least = max(_CELL[0], max(svg.measure(str(number), "b") for number in self.by_column.values()) + 6)
        most = max(1, int(room // least))
        wide = max(least, min(_CELL[1], room / min(len(self.columns), most)))
        blocks = -(-len(self.columns) // most)
        each = -(-len(self.columns) // blocks)
        total = sum(self.by_row.values())
        remark = f"{total} in {len(self.rows)} rows and {len(self.columns)} columns."
        remark += " An empty cell means that nothing is recorded, not that nothing happened."
        top, y = svg.head(self.look, self.title, [remark])
        body = [top]
        for number in range(blocks):
            part, y = self._block(self.columns[number * each : (number + 1) * each], wide, y)
            body.append(part)
            y += 16
        key, y = self._key(y)
        body.append(key)
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), self.title, self._words(remark))

    def _block(self, columns: Sequence[str], wide: float, y: float) -> tuple[str, float]:
        """Some columns, with the rows that have something in them, and the sums of whole rows and columns."""
        start = self.side + self.gutter
        turned = any(svg.measure(name, "b") > wide - 4 for name in columns)
        heads = {name: svg.shorten(name, 130 if turned else wide, "b") for name in columns}
        tall = max(svg.measure(name, "b") for name in heads.values()) + 10 if turned else 20.0
        parts = []
        for place, name in enumerate(columns):
            x = start + (place + 0.5) * wide
            head = (
                svg.text(x + 4, y + tall - 5, heads[name], "b", turn=-90)
                if turned
                else svg.text(x, y + tall - 6, heads[name], "b", anchor="middle")
            )
            parts.append(svg.named(f"{name}: {self.by_column[name]}", head))
        y += tall
        parts.append(svg.text(start + len(columns) * wide + 8, y - 6, "all", "b"))
        fitted = svg.fit({name: name for name in self.rows}, self.gutter - 12, "n", 2)
        rows = [row for row in self.rows if any((row, column) in self.cells for column in columns)]
        for row in rows:
            lines = fitted[row]
            high = _HIGH if len(lines) == 1 else _HIGH + 6
            label = svg.block(self.side, y + (high - len(lines) * FACES["n"].leading) / 2, lines, "n")
            parts.append(svg.named(row, label))
            for place, column in enumerate(columns):
                parts.append(self._cell(row, column, start + place * wide, y, wide, high))
            parts.append(svg.text(start + len(columns) * wide + 8, y + high / 2 + 4, str(self.by_row[row]), "b"))
            y += high
        for place, column in enumerate(columns):
            parts.append(svg.text(start + (place + 0.5) * wide, y + 15, str(self.by_column[column]), "b", anchor="middle"))
        parts.append(svg.text(start - 12, y + 15, "all", "b", anchor="end"))
        return "".join(parts), y + 22

    def _cell(self, row: str, column: str, x: float, y: float, wide: float, high: float) -> str:
        cell = self.cells.get((row, column))
        if cell is None or cell.value <= 0:
            return svg.rect(x + 1, y + 1, wide - 2, high - 2, "band", radius=2)
        step = self._step(cell.value)
        shown = str(cell.value)
        face = "n" if svg.measure(shown, "n") <= wide - 4 else "k"
        inner = svg.rect(x + 1, y + 1, wide - 2, high - 2, step, radius=2)
        inner += svg.text(x + wide / 2, y + high / 2 + 4, shown, face, anchor="middle", extra=f"on-{step}")
        name = f"{row}, {column}: {cell.value} {self.of}" + (f"\n{svg.clean(cell.note)}" if cell.note else "")
        return svg.link(cell.href, name, inner, "p")

    def _step(self, value: int) -> str:
        return f"q{next(place for place, limit in enumerate(self.breaks, 1) if value <= limit)}"

    def _key(self, y: float) -> tuple[str, float]:
        parts, x, low = [], float(self.side), 1
        for place, limit in enumerate(self.breaks, 1):
            if limit < low:
                continue
            words = str(low) if low == limit else f"{low}–{limit}"
            if x + 30 + svg.measure(words, "s") > self.look.width - self.side:
                x, y = float(self.side), y + 20
            parts.append(svg.rect(x, y, 22, 14, f"q{place}", radius=2) + svg.text(x + 28, y + 11, words, "s"))
            x += 28 + svg.measure(words, "s") + 16
            low = limit + 1
        return "".join(parts), y + 20

    def _words(self, remark: str) -> str:
        highest = sorted(self.cells.values(), key=lambda cell: (-cell.value, cell.row, cell.column))[:10]
        most = "; ".join(f"{cell.row}, {cell.column}: {cell.value}" for cell in highest if cell.value > 0)
        sums = "; ".join(f"{name} {self.by_row[name]}" for name in self.rows[:10])
        return f"{remark} Highest numbers of {self.of}: {most}. Sums of rows: {sums}."


def _breaks(values: Sequence[int]) -> list[int]:
    """The highest number of each of five steps, growing by about the same factor."""
    highest = max(values)
    if highest <= 5:
        return [1, 2, 3, 4, 5][: max(highest, 1)] if highest < 5 else [1, 2, 3, 4, 5]
    limits = [max(place, round(highest ** (place / 5))) for place in range(1, 6)]
    limits[-1] = highest
    return [max(limit, limits[place - 1] + 1) if place else limit for place, limit in enumerate(limits)]
