"""Flows in time, a column a period and a thread a flow; or between stages, where what runs back is drawn as an arch below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import UsageError
from seismic_graph.flows import BASES, Flow
from seismic_graph.picture import marks, svg
from seismic_graph.picture.marks import GROUPS, Said
from seismic_graph.picture.svg import FACES, Look, num
from seismic_graph.things import Thing

THREADS = 1500
"""How many flows are drawn as threads of their own; beyond, those of one direction and basis between two places are one band."""
FEW_THINGS = 24
"""Up to so many things have a row each; more are drawn by group."""

STAGES = (
    *("theme", "initiative", "organisation", "network", "event", "recommendation"),
    *("document", "agenda", "programme", "call", "project", "city", "other"),
)
"""The groups in the order of the story: from initiatives by way of networks to the agenda, and by way of calls and projects to cities."""

_TITLE = "Flows of knowledge over time"
_TITLE_STAGES = "Flows of knowledge from stage to stage"


def flow_diagram(
    flows: Iterable[Flow],
    things: Mapping[str, Thing],
    said: Mapping[str, Said] | None = None,
    *,
    columns: str = "time",
    look: Look | None = None,
) -> str:
    """Flows as threads of which a band has as many as there are flows.

    In time, each flow leaves its source where its period begins and reaches its target where its period ends. Rows go from the European
    level at the top to the local one at the bottom, so that what goes bottom-up rises; a loop is seen coming back.
    By stage, what goes on along the story is an arch above, and what comes back is an arch below.

    Args:
        flows: what to draw. things: what is known of their ends. said: what stands behind each flow, by its id.
        columns: ``time`` or ``stages``.
        look: width, theme and ids.

    Raises:
        UsageError: there are no such columns.
    """
    if columns not in ("time", "stages"):
        raise UsageError(f"There are no columns {columns!r}: say time or stages.")
    look, said = look or Look(), said or {}
    drawn = sorted(flows, key=lambda flow: flow.id)
    if not drawn:
        title = _TITLE if columns == "time" else _TITLE_STAGES
        return svg.empty(look, title, "There are no flows to draw: none is recorded within what was asked for.")
    return _InTime(drawn, things, said, look).draw() if columns == "time" else _ByStage(drawn, things, said, look).draw()


def _summary(flows: Sequence[Flow], things: Mapping[str, Thing]) -> str:
    """The counts of a picture in words."""
    pairs = Counter((GROUPS[marks.group_of(flow.source, things)][1], GROUPS[marks.group_of(flow.target, things)][1]) for flow in flows)
    most = "; ".join(f"{a} to {b} {number}" for (a, b), number in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:8])
    directions = ", ".join(f"{number} {name}" for name, number in sorted(Counter(flow.direction for flow in flows).items()))
    bases = ", ".join(f"{number} {name}" for name, number in sorted(Counter(flow.basis for flow in flows).items()))
    return f"Directions: {directions}. Bases: {bases}. Most flows: {most}."


def _counted(flows: Sequence[Flow], ends: Collection[str]) -> str:
    return f"{marks.many(len(flows), 'flow', 'flows')} between {marks.many(len(ends), 'thing', 'things')}"


def _spanned(flows: Sequence[Flow]) -> str:
    """The days of all dated flows, in words."""
    starts = [flow.earliest for flow in flows if flow.earliest > OPEN_START]
    ends = [flow.latest for flow in flows if flow.latest < OPEN_END]
    return marks.period(min(starts, default=OPEN_START), max(ends, default=OPEN_END))


def _joined(flows: Sequence[Flow], keys: Mapping[str, tuple[object, ...]], *, together: bool) -> list[list[Flow]]:
    """Each flow alone, or those of one direction and basis between the same two places together."""
    joined: dict[tuple[object, ...], list[Flow]] = {}
    for flow in flows:
        key = (*keys[flow.id], flow.direction, flow.basis)
        joined.setdefault(key if together else (*key, flow.id), []).append(flow)
    return list(joined.values())


def _painted(bands: Sequence[Sequence[Flow]]) -> list[int]:
    """The order of painting: what merely takes part below, what is stated on top, and thin threads above wide bands."""
    strength = {basis: place for place, basis in enumerate(reversed(BASES))}
    return sorted(range(len(bands)), key=lambda place: (strength.get(bands[place][0].basis, 0), -len(bands[place]), place))


# --- in time --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Period:
    """A column: its first and last day, and its name."""

    first: int
    last: int
    name: str


_GATE = 6
_UNDATED = 150


class _InTime:
    def __init__(self, flows: Sequence[Flow], things: Mapping[str, Thing], said: Mapping[str, Said], look: Look) -> None:
        self.flows, self.things, self.said, self.look = flows, things, said, look
        self.narrow = look.width < 640
        self.side = svg.margin(look)
        ends = sorted({iri for flow in flows for iri in (flow.source, flow.target)})
        self.by_thing = len(ends) <= FEW_THINGS
        groups = {iri: marks.group_of(iri, things) for iri in ends}
        order = list(GROUPS)
        if self.by_thing:
            self.row_of = {iri: iri for iri in ends}
            self.rows = sorted(ends, key=lambda iri: (order.index(groups[iri]), marks.label_of(iri, things), iri))
        else:
            self.row_of = groups
            self.rows = [name for name in GROUPS if name in groups.values()]
        self.groups = groups
        self.members = Counter(groups.values())
        self.gutter = 0 if self.narrow else (196 if self.by_thing else 144)
        dated = [flow for flow in flows if flow.earliest > OPEN_START or flow.latest < OPEN_END]
        self.undated = len(flows) - len(dated)
        room = look.width - 2 * self.side - self.gutter
        most = max(2, int((room - (_UNDATED if self.undated and not self.narrow else 0)) // (88 if self.narrow else 135)))
        self.periods = _periods(
            [_start(flow) for flow in dated] + [_end(flow) for flow in dated], most - (self.narrow and self.undated > 0)
        )
        self.gates = self._gates()
        ways = {flow.id: (self.row_of[flow.source], self.row_of[flow.target], *self._span(flow)) for flow in flows}
        self.bands = _joined(flows, ways, together=len(flows) > THREADS)

    def _span(self, flow: Flow) -> tuple[int, int]:
        """The gates between which a flow runs; the undated ones have two gates of their own, -2 and -1."""
        if flow.earliest <= OPEN_START and flow.latest >= OPEN_END:
            return -2, -1
        start = next(place for place, period in enumerate(self.periods) if period.first <= _start(flow) <= period.last)
        end = next(place for place, period in enumerate(self.periods) if period.first <= _end(flow) <= period.last)
        return start, max(start, end) + 1

    def _gates(self) -> dict[int, float]:
        """Gate -> where it stands."""
        left, right = self.side + self.gutter + 8.0, self.look.width - self.side - 8.0
        gates: dict[int, float] = {}
        if self.undated:
            wide = (right - left) / (len(self.periods) + 1.3) if self.periods else right - left
            gates |= {-2: left, -1: left + wide}
            left += wide * 1.3
        many = len(self.periods)
        return gates | {place: left + (right - left) * place / many for place in range(many + 1) if many}

    def draw(self) -> str:
        weight = [len(band) for band in self.bands]
        order = {row: place for place, row in enumerate(self.rows)}
        sides: dict[tuple[str, int, str], list[tuple[tuple[object, ...], int]]] = {}
        for place, band in enumerate(self.bands):
            flow = band[0]
            source, target, (start, end) = self.row_of[flow.source], self.row_of[flow.target], self._span(flow)
            tail = (flow.direction, BASES.index(flow.basis) if flow.basis in BASES else 9, place)
            sides.setdefault((source, start, "out"), []).append(((order[target], end, *tail), place))
            sides.setdefault((target, end, "in"), []).append(((order[source], -start, *tail), place))
        load: dict[tuple[str, int], int] = {}
        for (row, gate, _), threads in sides.items():
            load[row, gate] = max(load.get((row, gate), 0), sum(weight[place] for _, place in threads))
        tallest = {row: max(number for (name, _), number in load.items() if name == row) for row in self.rows}
        scale = max(0.12, min(3.4, (360 if self.narrow else 540) / sum(tallest.values())))
        remark = (
            f"{_counted(self.flows, self.groups)}, {_spanned(self.flows)}. "
            "A band is as wide as it has flows; each leaves where its period begins and arrives where it ends."
        )
        top, y = svg.head(self.look, _TITLE, [remark])
        heads = y
        y += 22
        spans, middles = {}, {}
        fitted = svg.fit({row: self._row_name(row) for row in self.rows}, self._label_room(), "b", 2)
        for row in self.rows:
            words = fitted[row]
            label = len(words) * FACES["b"].leading + (4 if self.narrow else 12)
            tall = tallest[row] * scale + 10
            height = label + tall if self.narrow else max(label, tall)
            spans[row] = (y, height, words)
            middles[row] = y + (label if self.narrow else 0) + (tall if self.narrow else height) / 2
            y += height
        body = [top, self._frame(spans, heads, y)]
        names = self._names(spans)
        ports: dict[tuple[int, str], float] = {}
        for (row, _, side), threads in sides.items():
            at = middles[row] - sum(weight[place] for _, place in threads) * scale / 2
            for _, place in sorted(threads):
                ports[place, side] = at + weight[place] * scale / 2
                at += weight[place] * scale
        body += [self._thread(place, ports, weight[place] * scale, scale) for place in _painted(self.bands)]
        for (row, gate), number in sorted(load.items()):
            tall = max(number * scale, 3) + 2
            body.append(svg.rect(self.gates[gate] - _GATE / 2, middles[row] - tall / 2, _GATE, tall, "node", radius=2, stroke=1))
        body.append(names)
        keys, y = marks.legend(self.look, y + 12, self.flows, self.groups.values() if self.by_thing else ())
        notes = []
        if self.undated:
            notes.append(
                f"{marks.many(self.undated, 'flow has', 'flows have')} no date, such as what holds at all times: apart, at the left."
            )
        if len(self.flows) > THREADS:
            notes.append(
                f"There are more than {THREADS} flows: a band stands for all of one direction and basis between the same two places."
            )
        below, y = svg.notes(self.look, y, notes)
        body += [keys, below]
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), _TITLE, f"{remark} {_summary(self.flows, self.things)}")

    def _label_room(self) -> float:
        return (self.look.width - 2 * self.side if self.narrow else self.gutter) - 34

    def _row_name(self, row: str) -> str:
        return marks.label_of(row, self.things) if self.by_thing else marks.count_of(row, self.members[row])

    def _frame(self, spans: Mapping[str, tuple[float, float, list[str]]], heads: float, bottom: float) -> str:
        """Rows in turn on a band and on none, and periods with their names."""
        parts = [
            svg.rect(self.side, top, self.look.width - 2 * self.side, tall, "band")
            for place, (top, tall, _) in enumerate(spans.values())
            if place % 2 == 0
        ]
        for gate, x in self.gates.items():
            parts.append(svg.path(f"M{num(x)} {num(heads + 20)}V{num(bottom)}", "grid", width=1))
            name = "undated" if gate == -2 else self.periods[gate].name if 0 <= gate < len(self.periods) else ""
            if name:
                after = self.gates[gate + 1]
                parts.append(svg.text((x + after) / 2, heads + 11, svg.shorten(name, after - x, "b"), "b", anchor="middle"))
        return "".join(parts)

    def _names(self, spans: Mapping[str, tuple[float, float, list[str]]]) -> str:
        """The names of the rows, on top of what passes below them."""
        parts = []
        for row, (top, tall, words) in spans.items():
            shape = self.groups[row] if self.by_thing else row
            high = len(words) * FACES["b"].leading
            start = top + 4 if self.narrow else top + tall / 2 - high / 2
            name = svg.block(self.side + 26, start, words, "b", extra="hl")
            parts.append(
                svg.named(self._row_name(row), marks.glyph(shape, self.side + 12, start + (7 if self.narrow else high / 2), 5.5) + name)
            )
        return "".join(parts)

    def _thread(self, place: int, ports: Mapping[tuple[int, str], float], wide: float, scale: float) -> str:
        band = self.bands[place]
        start, end = self._span(band[0])
        x0, x1 = self.gates[start] + _GATE / 2, self.gates[end] - _GATE / 2
        y0, y1 = ports[place, "out"], ports[place, "in"]
        headed = scale >= 2
        size = 4 + min(wide, 4.0)
        stop = x1 - (size - 1 if headed else 0)
        bend = (x1 - x0) * 0.5
        d = f"M{num(x0)} {num(y0)}C{num(x0 + bend)} {num(y0)} {num(x1 - bend)} {num(y1)} {num(stop)} {num(y1)}"
        line = max(0.7, wide - (0.8 if scale >= 2 else 0))
        return marks.bundle(band, self.said, self.things, d, width=line, tip=svg.arrow(x1, y1, 1, 0, size) if headed else "", shift=place)


def _start(flow: Flow) -> int:
    return flow.earliest if flow.earliest > OPEN_START else flow.latest


def _end(flow: Flow) -> int:
    return flow.latest if flow.latest < OPEN_END else flow.earliest


def _periods(days: Sequence[int], most: int) -> list[_Period]:
    """Periods that hold all days, at most so many: quarters, half-years or years, neighbours with few days drawn together."""
    if not days:
        return []
    first, last = date.fromordinal(min(days)), date.fromordinal(max(days))
    years = last.year - first.year + 1
    months = 3 if years * 4 <= most else 6 if years * 2 <= most else 12
    counts: Counter[int] = Counter()
    for day in days:
        moment = date.fromordinal(day)
        counts[moment.year * 12 // months + (moment.month - 1) // months] += 1
    units = range(min(counts), max(counts) + 1)
    spans = (
        [(unit, unit, counts[unit]) for unit in units] if len(units) <= most else [(unit, unit, counts[unit]) for unit in sorted(counts)]
    )
    while len(spans) > most:
        place = min(range(len(spans) - 1), key=lambda at: (spans[at][2] + spans[at + 1][2], at))
        spans[place : place + 2] = [(spans[place][0], spans[place + 1][1], spans[place][2] + spans[place + 1][2])]
    return [_period(start, end, months) for start, end, _ in spans]


def _period(first: int, last: int, months: int) -> _Period:
    start = date(first * months // 12, first * months % 12 + 1, 1)
    after = (last + 1) * months
    end = date(after // 12, after % 12 + 1, 1).toordinal() - 1
    if months == 12:
        name = str(start.year) if first == last else f"{start.year}–{(last * months) // 12}"
    else:
        name = f"{start:%Y-%m} to {date.fromordinal(end):%m}"
    return _Period(start.toordinal(), end, name)


# --- from stage to stage --------------------------------------------------------------------------------------------


class _ByStage:
    """Groups on a line; arches above go on along the story, arches below come back. On narrow screens the line runs down the page."""

    def __init__(self, flows: Sequence[Flow], things: Mapping[str, Thing], said: Mapping[str, Said], look: Look) -> None:
        self.flows, self.things, self.said, self.look = flows, things, said, look
        self.side = svg.margin(look)
        ends = sorted({iri for flow in flows for iri in (flow.source, flow.target)})
        self.group = {iri: marks.group_of(iri, things) for iri in ends}
        self.members = Counter(self.group.values())
        self.stages = [name for name in STAGES if name in self.members]
        self.at = {name: place for place, name in enumerate(self.stages)}
        many = len(self.stages)
        self.down = look.width < max(640, 84 * many)
        self.strip = 120.0 if self.down else 52.0
        self.along = max(420.0, 62.0 * many) if self.down else look.width - 2.0 * self.side
        self.least = 40.0 if self.down else max(62.0, min(96.0, self.along / many - 6))
        ways = {flow.id: (self.group[flow.source], self.group[flow.target]) for flow in flows}
        self.bands = _joined(flows, ways, together=False)
        self.scale = self._fitting(self._order()[1])
        if self.scale < 1.6:
            self.bands = _joined(flows, ways, together=True)

    def _fitting(self, load: Mapping[str, int]) -> float:
        """How wide a thread may be so that all stages fit beside each other."""
        low, high = 0.0, 3.4
        for _ in range(24):
            middle = (low + high) / 2
            fits = sum(max(self.least, number * middle + 8) + 6 for number in load.values()) <= self.along + 7
            low, high = (middle, high) if fits else (low, middle)
        return low

    def draw(self) -> str:
        weight = [len(band) for band in self.bands]
        ports, load = self._order()
        many, along, scale = len(self.stages), self.along, self.scale
        sizes = [max(self.least, load[name] * scale + 8) for name in self.stages]
        gap = (along - sum(sizes)) / max(1, many - 1) if many > 1 else 0.0
        starts = [sum(sizes[:place]) + gap * place for place in range(many)]
        middles = {name: starts[place] + sizes[place] / 2 for name, place in self.at.items()}
        where: dict[tuple[int, str], float] = {}
        for (name, _), threads in ports.items():
            at = middles[name] - sum(weight[place] for _, place, _ in threads) * scale / 2
            for _, place, end in threads:
                where[place, end] = at + weight[place] * scale / 2
                at += weight[place] * scale
        reach = [abs(where[place, "in"] - where[place, "out"]) / 2 for place in range(len(self.bands))]
        back = [self._is_back(band[0]) for band in self.bands]
        limit = (self.look.width - 2 * self.side - self.strip) / 2 - 4 if self.down else 270.0
        outermost = max((reach[place] + weight[place] * scale / 2 for place in range(len(self.bands))), default=1.0)
        flat = min(0.72, limit / outermost)
        tallest = {
            side: max(
                ((reach[place] + weight[place] * scale / 2) * flat for place in range(len(self.bands)) if back[place] == side), default=0.0
            )
            for side in (False, True)
        }
        backs = sum(weight[place] for place in range(len(self.bands)) if back[place])
        remark = f"{_counted(self.flows, self.group)}, {_spanned(self.flows)}. " + (
            "Right: on along the story, down the page. Left: back, up the page."
            if self.down
            else "Above: on along the story, from left to right. Below: back, from right to left."
        )
        top, y = svg.head(self.look, _TITLE_STAGES, [remark])
        if self.down:
            base, start, height = self.look.width / 2, y + 6, sum(sizes) + gap * (many - 1) + 16
        else:
            base, start, height = (
                y + tallest[False] + 12 + self.strip / 2,
                float(self.side),
                tallest[False] + tallest[True] + self.strip + 26,
            )
        body = [top]
        for place in _painted(self.bands):
            body.append(self._arch(place, start + where[place, "out"], start + where[place, "in"], base, weight[place] * scale, flat))
        body += [self._stage(name, start + starts[place], sizes[place], base) for name, place in self.at.items()]
        keys, y = marks.legend(self.look, y + height, self.flows)
        notes = [f"{marks.many(backs, 'flow comes', 'flows come')} back to an earlier stage: that is how the loop closes."] if backs else []
        below, y = svg.notes(self.look, y, notes)
        body += [keys, below]
        words = f"{remark} {_summary(self.flows, self.things)} {' '.join(notes)}"
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), _TITLE_STAGES, words)

    def _is_back(self, flow: Flow) -> bool:
        return self.at[self.group[flow.target]] < self.at[self.group[flow.source]]

    def _order(self) -> tuple[dict[tuple[str, bool], list[tuple[tuple[object, ...], int, str]]], dict[str, int]]:
        """The order in which threads touch each stage, above and below, so that nested arches do not cross; and how many at most."""
        ports: dict[tuple[str, bool], list[tuple[tuple[object, ...], int, str]]] = {}
        for place, band in enumerate(self.bands):
            flow = band[0]
            source, target, back = self.group[flow.source], self.group[flow.target], self._is_back(flow)
            far = abs(self.at[source] - self.at[target])
            tail = (flow.direction, flow.basis, place)
            first_out = back  # below, what leaves lies to the left of what arrives
            ports.setdefault((source, back), []).append(((0 if first_out else 1, far if first_out else -far, *tail), place, "out"))
            ports.setdefault((target, back), []).append(((1 if first_out else 0, -far if first_out else far, *tail), place, "in"))
        load: dict[str, int] = {}
        for (name, _), threads in ports.items():
            threads.sort()
            load[name] = max(load.get(name, 0), sum(len(self.bands[place]) for _, place, _ in threads))
        return ports, load

    def _arch(self, place: int, u0: float, u1: float, base: float, wide: float, flat: float) -> str:
        band = self.bands[place]
        away = -1 if self._is_back(band[0]) else 1
        size = 4 + min(wide, 5.0)
        edge = self.strip / 2

        def point(u: float, v: float) -> str:
            x, y = (base + away * v, u) if self.down else (u, base - away * v)
            return f"{num(x)} {num(y)}"

        def arch(start: float, end: float, low: float, last: float) -> str:
            """Half an ellipse from (start, low) to (end, last)."""
            middle, radius = (start + end) / 2, (end - start) / 2
            top, k = edge + max(abs(radius) * flat, 9.0), 0.5523
            return (
                f"C{point(start, low + (top - low) * k)} {point(middle - radius * k, top)} {point(middle, top)}"
                f"C{point(middle + radius * k, top)} {point(end, max(low + (top - low) * k, last))} {point(end, last)}"
            )

        line = f"M{point(u0, edge)}{arch(u0, u1, edge, edge + size - 1)}"
        half = wide / 2 if u1 >= u0 else -wide / 2
        ribbon = (
            f"M{point(u0 - half, edge)}{arch(u0 - half, u1 + half, edge, edge)}"
            f"L{point(u1 - half, edge)}{arch(u1 - half, u0 + half, edge, edge)}z"
            if wide > 4 and abs(u1 - u0) > wide
            else ""
        )
        x, y = (base + away * edge, u1) if self.down else (u1, base - away * edge)
        dx, dy = (-away, 0) if self.down else (0, away)
        between = f"{GROUPS[self.group[band[0].source]][1]} → {GROUPS[self.group[band[0].target]][1]}"
        thick = max(0.7, wide - (0.8 if wide > 2.4 else 0))
        return marks.bundle(
            band, self.said, self.things, line, width=thick, tip=svg.arrow(x, y, dx, dy, size), between=between, shift=place, ribbon=ribbon
        )

    def _stage(self, name: str, start: float, size: float, base: float) -> str:
        words = marks.count_of(name, self.members[name])
        if self.down:
            lines = svg.wrap(words, self.strip - 28, "n", 2)
            high = len(lines) * FACES["n"].leading
            inner = svg.rect(base - self.strip / 2, start, self.strip, size, "card", radius=5, stroke=1)
            inner += marks.glyph(name, base - self.strip / 2 + 12, start + size / 2, 5.5) + svg.block(
                base - self.strip / 2 + 24, start + size / 2 - high / 2, lines, "n"
            )
        else:
            lines = svg.wrap(words, size - 2, "n", 2)
            inner = svg.rect(start, base - self.strip / 2, size, self.strip, "card", radius=5, stroke=1)
            inner += marks.glyph(name, start + size / 2, base - 14, 6) + svg.block(start + size / 2, base - 4, lines, "n", anchor="middle")
        names = [marks.label_of(iri, self.things) for iri in sorted(self.group) if self.group[iri] == name]
        more = f"; and {len(names) - 20} more" if len(names) > 20 else ""
        return svg.named(f"{words}: {'; '.join(names[:20])}{more}", inner)
