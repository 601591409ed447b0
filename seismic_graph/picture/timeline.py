"""Things on an axis of time, as precise as their dates are stated, and the flows between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from seismic_graph.dates import OPEN_END, OPEN_START, bounds
from seismic_graph.flows import Flow
from seismic_graph.picture import marks, svg
from seismic_graph.picture.marks import GROUPS, Said
from seismic_graph.picture.svg import Look, num
from seismic_graph.things import Thing

_TITLE = "What happened when"
_ROW = 19
_LASTING = {"network", "project", "programme", "initiative", "organisation"}


@dataclass(frozen=True, slots=True)
class Span:
    """When a thing was.

    Attributes:
        earliest, latest: the first and the last day that the stated dates may mean.
        sure_from, sure_until: the days in between on which it holds for certain; crossed over where nothing is certain.
        open_start, open_end: nothing is stated on that side.
    """

    earliest: int
    latest: int
    sure_from: int
    sure_until: int
    open_start: bool = False
    open_end: bool = False

    @property
    def words(self) -> str:
        """The span for a reader."""
        return marks.period(OPEN_START if self.open_start else self.earliest, OPEN_END if self.open_end else self.latest)


def span_of(thing: Thing, stated: tuple[str, str] | None = None) -> Span | None:
    """When a thing was; None where nothing is dated.

    Without its stated dates, a span of whole years or months is taken to be stated in years or months.

    Args:
        thing: the thing. stated: its start and end as stated (a year, a month or a day, or empty).
    """
    start, end = stated or ("", "")
    if start or end:
        first = bounds(start) if start else None
        last = bounds(end) if end else None
        if first and last:
            return Span(first[0].toordinal(), last[1].toordinal(), first[1].toordinal(), last[0].toordinal())
        known = first or last
        assert known is not None  # noqa: S101 - one of the two is stated
        return _one_sided(thing, known[0].toordinal(), known[1].toordinal(), at_start=first is not None)
    starts, ends = thing.earliest > OPEN_START, thing.latest < OPEN_END
    if not starts and not ends:
        return None
    if not starts or not ends:
        day = thing.earliest if starts else thing.latest
        return _one_sided(thing, day, day, at_start=starts)
    first_day, last_day = date.fromordinal(thing.earliest), date.fromordinal(thing.latest)
    for unit in ("%Y", "%Y-%m"):
        if _opens(first_day, unit) and _opens(last_day + timedelta(days=1), unit):
            opening, closing = bounds(first_day.strftime(unit)), bounds(last_day.strftime(unit))
            return (
                Span(thing.earliest, thing.latest, opening[1].toordinal(), closing[0].toordinal())
                if opening != closing
                else Span(thing.earliest, thing.latest, thing.latest, thing.earliest)
            )
    return Span(thing.earliest, thing.latest, thing.earliest, thing.latest)


def _opens(day: date, unit: str) -> bool:
    return day.day == 1 and (unit == "%Y-%m" or day.month == 1)


def _one_sided(thing: Thing, first: int, last: int, *, at_start: bool) -> Span:
    """Only a start or only an end is stated: what happens is there, what lasts is open on the other side."""
    if marks.group(thing.type) in _LASTING:
        return Span(first, last, last, first, open_start=not at_start, open_end=at_start)
    return Span(first, last, last, first) if first != last else Span(first, last, first, last)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A thing on the paper: its bar, its row and its label."""

    thing: Thing
    span: Span
    left: float
    right: float
    label: str
    label_x: float
    row: int
    below: int  # rows by which the label stands below the bar


def timeline(
    things: Iterable[Thing],
    flows: Iterable[Flow] = (),
    said: Mapping[str, Said] | None = None,
    *,
    stated: Mapping[str, tuple[str, str]] | None = None,
    pages: Mapping[str, str] | None = None,
    look: Look | None = None,
) -> str:
    """Things as bars, solid while they hold for certain and pale where a date may mean any day of the bar; a day is a dot, a flow an arc.

    Args:
        things: what to draw; what has no date is counted below. flows: what to draw between them.
        said: what stands behind each flow, by its id.
        stated: start and end of a thing as stated, by IRI, for the precision that they have.
        pages: address of the page of a thing, by IRI.
        look: width, theme and ids.
    """
    look = look or Look()
    shown = sorted({thing.id: thing for thing in things}.values(), key=lambda thing: thing.id)
    dated = [(thing, span) for thing in shown if (span := span_of(thing, (stated or {}).get(thing.id)))]
    undated = [thing for thing in shown if span_of(thing, (stated or {}).get(thing.id)) is None]
    if not dated:
        return svg.empty(
            look,
            _TITLE,
            "Nothing here has a date." if shown else "There is nothing to draw: nothing is recorded within what was asked for.",
        )
    return _Timeline(dated, undated, sorted(flows, key=lambda flow: flow.id), said or {}, pages or {}, look).draw()


class _Timeline:
    def __init__(
        self,
        dated: Sequence[tuple[Thing, Span]],
        undated: Sequence[Thing],
        flows: Sequence[Flow],
        said: Mapping[str, Said],
        pages: Mapping[str, str],
        look: Look,
    ) -> None:
        self.dated, self.undated, self.said, self.pages, self.look = dated, undated, said, pages, look
        self.things = {thing.id: thing for thing, _ in dated}
        self.flows = [flow for flow in flows if flow.source in self.things and flow.target in self.things and flow.source != flow.target]
        self.missing = len(flows) - len(self.flows)
        self.narrow = look.width < 640
        self.side = svg.margin(look)
        first = min(span.earliest for _, span in dated)
        last = max(span.latest for _, span in dated)
        slack = max(10, (last - first) // 60)
        self.first, self.last = first - slack, last + slack
        self.left = self.side + (0 if self.narrow else 132)
        self.right = look.width - self.side - 6

    def x(self, day: int) -> float:
        """Where a day lies."""
        share = (day - self.first) / max(1, self.last - self.first)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def draw(self) -> str:
        rows, placed = self._lanes()
        years = marks.period(min(span.earliest for _, span in self.dated), max(span.latest for _, span in self.dated))
        remark = f"{marks.many(len(self.dated), 'thing', 'things')}, {years}"
        remark += f", and {marks.many(len(self.flows), 'flow', 'flows')} between them." if self.flows else "."
        top, y = svg.head(self.look, _TITLE, [remark])
        axis_y = y
        y += 26
        tops: dict[str, tuple[float, float]] = {}
        for name, count in rows.items():
            tall = count * _ROW + 10 + (18 if self.narrow else 0)
            tops[name] = (y, tall)
            y += tall
        at = {mark.thing.id: (mark, self._row_y(mark, tops)) for mark in placed}
        body = [top, self._frame(tops, axis_y, y)]
        body += [self._arc(flow, at) for flow in self._painted()]
        body += [self._mark(mark, where) for mark, where in at.values()]
        extra = [
            (svg.circle(8, 0, 4.5, "node", stroke=1), "a day"),
            (svg.rect(0, -4, 28, 8, "node", radius=2), "for certain"),
            (svg.rect(0, -4, 28, 8, "soft", radius=2), "some time within"),
        ]
        keys, y = marks.legend(self.look, y + 10, self.flows, (), extra)
        body.append(keys)
        notes = []
        if self.undated:
            names = "; ".join(marks.label_of(thing.id, {thing.id: thing}) for thing in self.undated[:8])
            more = f"; and {len(self.undated) - 8} more" if len(self.undated) > 8 else ""
            notes.append(f"Without a date, and so not drawn: {len(self.undated)} ({names}{more}).")
        if self.missing:
            notes.append(f"{marks.many(self.missing, 'flow is', 'flows are')} not drawn, because an end is not here.")
        below, y = svg.notes(self.look, y, notes)
        body.append(below)
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), _TITLE, self._words(remark, notes))

    def _lanes(self) -> tuple[dict[str, int], list[_Mark]]:
        """How many rows each group takes, and every thing in a row where its bar and its label find room."""
        rows: dict[str, int] = {}
        placed: list[_Mark] = []
        widest = 132.0 if self.narrow else 176.0 if len(self.dated) > 60 else 240.0
        short = svg.fit({thing.id: thing.label for thing, _ in self.dated}, widest, "n")
        for name in GROUPS:
            ends: list[float] = []
            inside = [(thing, span) for thing, span in self.dated if marks.group(thing.type) == name]
            for thing, span in sorted(inside, key=lambda item: (item[1].earliest, item[1].latest, item[0].id)):
                left, right = self._bar(span)
                label = short[thing.id][0]
                wide = svg.measure(label, "n")
                label_x, below = right + 5, 0
                if label_x + wide > self.right + 4:
                    label_x = left - 5 - wide
                if label_x < self.left:  # neither side has room: the label stands below its bar
                    label = svg.shorten(label, self.right - self.left, "n")
                    wide = svg.measure(label, "n")
                    label_x, below = max(self.left, min(left, self.right - wide)), 1
                low, high = min(left, label_x), max(right, label_x + wide)
                row = 0
                while any(low <= end + 8 for end in ends[row : row + 1 + below]):
                    row += 1
                ends += [-1e9] * (row + 1 + below - len(ends))
                for taken in range(row, row + 1 + below):
                    ends[taken] = high
                placed.append(_Mark(thing, span, left, right, label, label_x, row, below))
            if inside:
                rows[name] = len(ends)
        return rows, placed

    def _bar(self, span: Span) -> tuple[float, float]:
        left = self.x(self.first if span.open_start else span.earliest)
        right = self.x(self.last if span.open_end else span.latest + 1)
        if right - left < 9:
            middle = (left + right) / 2
            return middle - 4.5, middle + 4.5
        return left, right

    def _row_y(self, mark: _Mark, tops: Mapping[str, tuple[float, float]]) -> float:
        top, _ = tops[marks.group(mark.thing.type)]
        return top + (18 if self.narrow else 0) + 5 + mark.row * _ROW + _ROW / 2

    def _frame(self, tops: Mapping[str, tuple[float, float]], axis_y: float, bottom: float) -> str:
        parts = []
        for place, (name, (top, tall)) in enumerate(tops.items()):
            if place % 2 == 0:
                parts.append(svg.rect(self.side, top, self.look.width - 2 * self.side, tall, "band"))
            parts.append(marks.glyph(name, self.side + 10, top + 14, 5.5))
            words = GROUPS[name][1]
            lines = [words] if self.narrow else svg.wrap(words, 108, "b", 2)
            parts.append(svg.block(self.side + 22, top + 8, lines, "b"))
        start, end = date.fromordinal(self.first).year, date.fromordinal(self.last).year
        pitch = (self.right - self.left) * 365 / max(1, self.last - self.first)
        every = next(step for step in (1, 2, 5, 10, 25, 50, 100, 250, 1000) if step * pitch >= 40 or step == 1000)
        months = (1, 4, 7, 10) if pitch > 220 else (1, 7) if pitch > 110 else (1,)
        for year in range(start, end + 1):
            for month in months:
                day = date(year, month, 1).toordinal()
                if not self.first <= day <= self.last or (month == 1 and year % every):
                    continue
                x = self.x(day)
                parts.append(svg.path(f"M{num(x)} {num(axis_y + (16 if month == 1 else 20))}V{num(bottom)}", "grid", width=1))
                name = str(year) if month == 1 else f"{month:02}"
                if x + svg.measure(name, "b") / 2 < self.look.width - 2:
                    parts.append(svg.text(x, axis_y + 11, name, "b" if month == 1 else "s", anchor="middle"))
        return "".join(parts)

    def _painted(self) -> list[Flow]:
        strength = {"contextual": 0, "structural": 1}
        return sorted(self.flows, key=lambda flow: (strength.get(flow.basis, 2), flow.id))

    def _arc(self, flow: Flow, at: Mapping[str, tuple[_Mark, float]]) -> str:
        (source, y0), (target, y1) = at[flow.source], at[flow.target]
        moments = [day for day in (flow.earliest, flow.latest) if OPEN_START < day < OPEN_END]
        x = self.x(sum(moments) // len(moments)) if moments else (source.right + target.left) / 2
        x0, x1 = min(max(x, source.left + 4), source.right - 4), min(max(x, target.left + 4), target.right - 4)
        if abs(y1 - y0) < 1:
            lift = 10 + 0.12 * abs(x1 - x0)
            if abs(x1 - x0) < 10:
                x0, x1, lift = x0 - 5, x1 + 5, 16
            d = f"M{num(x0)} {num(y0 - 4)}C{num(x0)} {num(y0 - lift)} {num(x1)} {num(y1 - lift)} {num(x1)} {num(y1 - 9)}"
            tip = svg.arrow(x1, y1 - 4, 0, 1, 6)
        else:
            down = 1 if y1 > y0 else -1
            middle = (y0 + y1) / 2
            aside = 14 if abs(x1 - x0) < 6 else 0
            d = svg.data("M", x0, y0 + 4 * down, "C", x0 + aside, middle, x1 + aside, middle, x1, y1 - 9 * down)
            tip = svg.arrow(x1, y1 - 4 * down, 0, down, 6)
        name = marks.told(flow, self.said, self.things)
        return marks.edge(flow, self.said.get(flow.id, Said()), name, d, width=1.1, tip=tip, hit=len(self.flows) <= 150)

    def _mark(self, mark: _Mark, y: float) -> str:
        span, parts = mark.span, []
        if span.latest - span.earliest <= 1 and not span.open_start and not span.open_end:
            parts.append(svg.circle((mark.left + mark.right) / 2, y, 4.5, "node", stroke=1))
        else:
            parts.append(
                svg.rect(mark.left, y - 4, mark.right - mark.left, 8, "paper", radius=2)
                + svg.rect(mark.left, y - 4, mark.right - mark.left, 8, "soft", radius=2)
            )
            if span.sure_from <= span.sure_until:
                left, right = max(self.x(span.sure_from), mark.left), min(self.x(span.sure_until + 1), mark.right)
                if mark.right - mark.left <= 9:
                    left, right = mark.left, mark.right
                parts.append(svg.rect(left, y - 4, right - left, 8, "node", radius=2))
        parts.append(svg.text(mark.label_x, y + 4 + mark.below * (_ROW - 4), mark.label, "n", extra="hl"))
        name = f"{marks.label_of(mark.thing.id, self.things)}, {GROUPS[marks.group(mark.thing.type)][0]}, {span.words}"
        inner = "".join(parts)
        return svg.link(self.pages[mark.thing.id], name, inner, "p") if mark.thing.id in self.pages else svg.named(name, inner)

    def _words(self, remark: str, notes: Sequence[str]) -> str:
        counts = Counter(marks.group(thing.type) for thing, _ in self.dated)
        groups = ", ".join(marks.count_of(name, counts[name]) for name in GROUPS if counts[name])
        ordered = sorted(self.dated, key=lambda item: (item[1].earliest, item[0].id))
        listed = "; ".join(f"{span.words}: {marks.label_of(thing.id, self.things)}" for thing, span in ordered[:40])
        more = f"; and {len(ordered) - 40} more" if len(ordered) > 40 else ""
        return f"{remark} {groups}. In order: {listed}{more}. {' '.join(notes)}"
