"""The network that flows make: things near each other where knowledge moved between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from seismic_graph.flows import BASES, Flow
from seismic_graph.picture import layout, marks, svg
from seismic_graph.picture.layout import Box, Boxes
from seismic_graph.picture.marks import GROUPS, Said
from seismic_graph.picture.svg import FACES, Look, num
from seismic_graph.things import Thing

LIMIT = 400
"""How many things are drawn; of more, those with the most flows."""
LINES = 900
"""How many flows are drawn as lines of their own; beyond, those of one direction and basis between the same two things are one line."""
KEYS = 160
"""How many things that have no room for a name get a number and a line in the key."""

_LED = 24

_TITLE = "Network of flows of knowledge"
_Point = tuple[float, float]


def network_diagram(
    flows: Iterable[Flow],
    things: Mapping[str, Thing],
    said: Mapping[str, Said] | None = None,
    *,
    pages: Mapping[str, str] | None = None,
    limit: int = LIMIT,
    look: Look | None = None,
) -> str:
    """Things as shapes, the larger the more flows they have, and flows as lines; the places come out alike every time.

    Names stand where there is room, of the most connected things first; then come numbers that lead to a key.

    Args:
        flows: what to draw. things: what is known of their ends. said: what stands behind each flow, by its id.
        pages: address of the page of a thing, by IRI.
        limit: draw at most so many things, those with the most flows.
        look: width, theme and ids.
    """
    look = look or Look()
    drawn = sorted((flow for flow in flows if flow.source != flow.target), key=lambda flow: flow.id)
    if not drawn:
        return svg.empty(look, _TITLE, "There are no flows to draw: none is recorded within what was asked for.")
    return _Network(drawn, things, said or {}, pages or {}, limit, look).draw()


class _Network:
    def __init__(
        self, flows: Sequence[Flow], things: Mapping[str, Thing], said: Mapping[str, Said], pages: Mapping[str, str], limit: int, look: Look
    ) -> None:
        self.things, self.said, self.pages, self.look = things, said, pages, look
        self.all_flows = len(flows)
        degree = Counter(end for flow in flows for end in (flow.source, flow.target))
        self.all_things = len(degree)
        kept = set(sorted(degree, key=lambda iri: (-degree[iri], iri))[: max(limit, 2)])
        self.flows = [flow for flow in flows if flow.source in kept and flow.target in kept]
        self.degree = Counter(end for flow in self.flows for end in (flow.source, flow.target))
        self.nodes = sorted(self.degree, key=lambda iri: (-self.degree[iri], iri))
        self.side = svg.margin(look)
        most = max(1.0, len(self.nodes) / 60)
        self.radius = {iri: min(4.0 + 2.4 * sqrt(self.degree[iri] / most), 14.0) for iri in self.nodes}
        self.narrow = look.width < 640

    def draw(self) -> str:
        places, height = self._places()
        left_out = self.all_things - len(self.nodes)
        remark = f"{marks.many(len(self.flows), 'flow', 'flows')} between {marks.many(len(self.nodes), 'thing', 'things')}."
        remark += " The larger a shape, the more flows it has."
        if left_out:
            remark += (
                f" Left out: the {left_out} things with the fewest flows, and {self.all_flows - len(self.flows)} flows from or to them."
            )
        top, y = svg.head(self.look, _TITLE, [remark])
        at = {iri: (x, py + y) for iri, (x, py) in places.items()}
        shown, keyed, unnamed = self._labels(at, Box(4, y - 4, self.look.width - 4, y + height + 4))
        body = [top, *self._lines(at)]
        body += [self._shape(iri, at[iri]) for iri in reversed(self.nodes)]
        body += shown
        y += height + 10
        if keyed:
            key, y = self._key(keyed, y)
            body.append(key)
        legend, y = marks.legend(self.look, y, self.flows, {marks.group_of(iri, self.things) for iri in self.nodes})
        body.append(legend)
        notes = []
        if unnamed:
            notes.append(
                f"{marks.many(unnamed, 'shape has', 'shapes have')} no room for a name or a number; pointing there shows the name."
            )
        if len(self.flows) > LINES:
            notes.append("Flows of one direction and basis between the same two things are one line, as wide as there are many.")
        below, y = svg.notes(self.look, y, notes)
        body.append(below)
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), _TITLE, self._words(remark))

    def _places(self) -> tuple[dict[str, _Point], float]:
        """Where every thing stands, with the top at 0, and the height of all."""
        beside: dict[str, list[str]] = {iri: [] for iri in self.nodes}
        for a, b in sorted({tuple(sorted((flow.source, flow.target))) for flow in self.flows}):
            beside[a].append(b)
            beside[b].append(a)
        room = self.look.width - 2 * self.side
        pad_x, pad_y = (44.0, 22.0) if self.narrow else (62.0, 24.0)
        parts = []
        crowded = len(self.nodes) > 60
        for place, part in enumerate(layout.components(beside)):
            raw = layout.stress(part, beside)
            if self.narrow:  # the longest extent runs down the page
                raw = {iri: (y, x) for iri, (x, y) in raw.items()}
                wide, high = _extent(raw)
                taller = max(1.0, len(part) * 1400 / room / (high * (room - 2 * pad_x) / wide)) if wide and high and len(part) > 20 else 1.0
                raw = {iri: (x, y * taller) for iri, (x, y) in raw.items()}
            wide, high = _extent(raw)
            hop = (56.0 if self.narrow else 96.0) if place or crowded else (84.0 if self.narrow else 150.0)
            unit = min(hop, (room - 2 * pad_x) / wide) if wide else hop
            unit = min(unit, max(self.look.width * 1.05, 900) / high) if high else unit
            spread = {iri: (x * unit, y * unit) for iri, (x, y) in raw.items()}
            spread = layout.apart(spread, self.radius, 15 if crowded else 24)
            parts.append(self._within(spread, room - 2 * pad_x))
        sizes = [(wide + 2 * pad_x, high + 2 * pad_y) for wide, high in map(_extent, parts)]
        corners, height = layout.shelves(sizes, room, 4)
        at: dict[str, _Point] = {}
        for spread, (x0, y0) in zip(parts, corners, strict=True):
            left, top = min(x for x, _ in spread.values()), min(y for _, y in spread.values())
            at |= {iri: (self.side + x0 + pad_x + x - left, y0 + pad_y + y - top) for iri, (x, y) in spread.items()}
        if sum(high for _, high in corners) == 0:  # one shelf: in the middle
            spare = (room - sum(wide + 4 for wide, _ in sizes)) / 2
            at = {iri: (x + max(0.0, spare), y) for iri, (x, y) in at.items()}
        return at, height

    def _within(self, spread: dict[str, _Point], room: float) -> dict[str, _Point]:
        """Places drawn together level where pushing them apart made them too wide."""
        xs = [x for x, _ in spread.values()]
        wide = max(xs) - min(xs)
        return {iri: (x * room / wide, y) for iri, (x, y) in spread.items()} if wide > room else spread

    def _lines(self, at: Mapping[str, _Point]) -> list[str]:
        joined: dict[tuple[str, ...], list[Flow]] = {}
        for flow in self.flows:
            key = (flow.source, flow.target, flow.direction, flow.basis)
            joined.setdefault(key if len(self.flows) > LINES else (*key, flow.id), []).append(flow)
        beside: Counter[tuple[str, str]] = Counter()
        lines = []
        strength = {basis: place for place, basis in enumerate(reversed(BASES))}
        for flows in sorted(joined.values(), key=lambda flows: (strength.get(flows[0].basis, 0), flows[0].id)):
            source, target = flows[0].source, flows[0].target
            number = beside[source, target]
            beside[source, target] += 1
            width = min(1.5 + 0.5 * (len(flows) - 1), 6.0) if len(self.nodes) <= 60 else min(1.0 + 0.3 * (len(flows) - 1), 4.0)
            d, tip = bowed(at[source], at[target], self.radius[source] + 1, self.radius[target] + 1.5, number, 5 + width)
            if len(flows) == 1:
                flow = flows[0]
                name = marks.told(flow, self.said, self.things)
                lines.append(marks.edge(flow, self.said.get(flow.id, Said()), name, d, width=width, tip=tip, hit=len(self.flows) <= 200))
            else:
                lines.append(marks.bundle(flows, self.said, self.things, d, width=width, tip=tip))
        return lines

    def _shape(self, iri: str, at: _Point) -> str:
        shape = marks.glyph(marks.group_of(iri, self.things), at[0], at[1], self.radius[iri])
        many = self.degree[iri]
        name = f"{marks.label_of(iri, self.things)} ({GROUPS[marks.group_of(iri, self.things)][0]}, {many} flow{'s' * (many != 1)})"
        return svg.link(self.pages[iri], name, shape, "p") if iri in self.pages else svg.named(name, shape)

    def _labels(self, at: Mapping[str, _Point], within: Box) -> tuple[list[str], list[str], int]:
        """Names and numbers as text, the things with numbers, and how many have neither."""
        boxes = Boxes()
        for iri, (x, y) in at.items():
            r = self.radius[iri] * marks.REACH
            boxes.add(Box(x - r, y - r, x + r, y + r))
        shown: list[str] = []
        keyed: list[str] = []
        unnamed = 0
        crowded = len(self.nodes) > 60
        names = {iri: marks.label_of(iri, self.things) for iri in self.nodes}
        widest, most = 104 if self.narrow else 116 if crowded else 150, 2 if crowded else 3
        fitted = {face: svg.fit(names, widest, face, most) for face in ("n", "t", "b")}
        for rank, iri in enumerate(self.nodes):
            face = "n" if crowded and rank >= 12 else "t" if rank >= 5 else "b"
            lines = fitted[face][iri]
            wide = max(svg.measure(line, face) for line in lines)
            tall = len(lines) * FACES[face].leading
            x, y = at[iri]
            spots = layout.around(x, y, self.radius[iri], wide, tall)
            if rank < _LED:  # the most connected things get a name farther out, with a line to it
                spots += [spot for away in (16, 30, 46, 64) for spot in layout.around(x, y, self.radius[iri] + away, wide, tall)]
            box = layout.place(boxes, spots, within)
            if box:
                line = layout.leader(x, y, self.radius[iri], box)
                if line:
                    shown.append(svg.path(f"M{num(line[0])} {num(line[1])}L{num(line[2])} {num(line[3])}", "lead"))
                leftward = box.right <= x
                anchor, where = (
                    ("end", box.right) if leftward else ("start", box.left) if box.left >= x else ("middle", (box.left + box.right) / 2)
                )
                shown.append(svg.block(where, box.top, lines, face, anchor=anchor, extra="hl"))
                continue
            number = str(len(keyed) + 1)
            box = (
                layout.place(boxes, layout.around(x, y, self.radius[iri], svg.measure(number, "k"), FACES["k"].leading, 2), within)
                if len(keyed) < KEYS
                else None
            )
            if box:
                keyed.append(iri)
                shown.append(svg.block(box.left, box.top, [number], "k", extra="hl"))
            else:
                unnamed += 1
        return shown, keyed, unnamed

    def _key(self, keyed: Sequence[str], y: float) -> tuple[str, float]:
        return key(
            self.look,
            y,
            [(str(number), marks.group_of(iri, self.things), marks.label_of(iri, self.things)) for number, iri in enumerate(keyed, 1)],
        )

    def _words(self, remark: str) -> str:
        most = "; ".join(f"{marks.label_of(iri, self.things)} {self.degree[iri]}" for iri in self.nodes[:10])
        groups = ", ".join(
            marks.count_of(name, number)
            for name, number in sorted(
                Counter(marks.group_of(iri, self.things) for iri in self.nodes).items(), key=lambda item: (-item[1], item[0])
            )
        )
        bases = ", ".join(f"{number} {name}" for name, number in sorted(Counter(flow.basis for flow in self.flows).items()))
        return f"{remark} Things: {groups}. Bases: {bases}. Most flows: {most}."


def _extent(places: Mapping[str, _Point]) -> tuple[float, float]:
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    return max(xs) - min(xs), max(ys) - min(ys)


def key(look: Look, y: float, entries: Sequence[tuple[str, str, str]]) -> tuple[str, float]:
    """Numbers, groups and names in columns, read downwards, and the y below them."""
    side, room = svg.margin(look), look.width - 2 * svg.margin(look)
    columns = max(1, int(room // 270))
    wide = room / columns
    rows = -(-len(entries) // columns)
    parts = [svg.path(f"M{num(side)} {num(y)}H{num(side + room)}", "grid", width=1)]
    short = svg.fit({number: name for number, _, name in entries}, wide - 52, "n")
    for place, (number, group, name) in enumerate(entries):
        x, top = side + (place // rows) * wide, y + 10 + (place % rows) * 15
        shown = short[number][0]
        parts.append(svg.text(x + 20, top + 9, number, "k", anchor="end") + marks.glyph(group, x + 31, top + 5.5, 4.5))
        parts.append(svg.named(name, svg.text(x + 42, top + 9.5, shown, "n")))
    return "".join(parts), y + 10 + rows * 15 + 10


def bowed(start: _Point, end: _Point, leave: float, arrive: float, number: int, size: float, *, step: float = 11) -> tuple[str, str]:
    """A line bent a little to its left, the more the higher its number, from one disc to another: its path data and that of its head.

    Args:
        start, end: middles of the discs. leave, arrive: their radii.
        number: how many lines go the same way already. size: of the head. step: how far apart such lines lie.
    """
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    length = sqrt(dx * dx + dy * dy) or 1.0
    ux, uy = dx / length, dy / length
    bow = min(0.1 * length, 26.0) + step * number
    cx, cy = (x0 + x1) / 2 - uy * bow, (y0 + y1) / 2 + ux * bow
    ax, ay = cx - x0, cy - y0
    bx, by = x1 - cx, y1 - cy
    a, b = sqrt(ax * ax + ay * ay) or 1.0, sqrt(bx * bx + by * by) or 1.0
    leave, arrive = min(leave, length * 0.3), min(arrive, length * 0.3)
    size = min(size, length * 0.4)
    sx, sy = x0 + ax / a * leave, y0 + ay / a * leave
    tx, ty = x1 - bx / b * arrive, y1 - by / b * arrive
    ex, ey = tx - bx / b * (size - 1), ty - by / b * (size - 1)
    return f"M{num(sx)} {num(sy)}Q{num(cx)} {num(cy)} {num(ex)} {num(ey)}", svg.arrow(tx, ty, bx, by, size)
