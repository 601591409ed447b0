"""Flows between places on a map of Europe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from seismic_graph.flows import BASES, Flow
from seismic_graph.picture import layout, marks, network, outlines, svg
from seismic_graph.picture.layout import Box, Boxes
from seismic_graph.picture.marks import GROUPS, Said
from seismic_graph.picture.svg import FACES, Look, num
from seismic_graph.things import Thing

LINES = 700
"""How many flows are drawn as lines of their own; beyond, those of one direction and basis between the same two places are one line."""
KEYS = 200
"""How many places that have no room for a name get a number and a line in the key."""

_TITLE = "Flows of knowledge between places"
_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place on the map.

    Attributes:
        key: IRI of a city or of a thing, or ``country:SE``. name: what it is called. shape: the group whose shape it has.
        point: kilometres from the middle of the map; None outside Europe.
        things: IRIs of what is there.
    """

    key: str
    name: str
    shape: str
    point: _Point | None
    things: tuple[str, ...] = ()


def map_picture(
    things: Mapping[str, Thing],
    flows: Iterable[Flow] = (),
    said: Mapping[str, Said] | None = None,
    *,
    show: Iterable[str] | None = None,
    pages: Mapping[str, str] | None = None,
    look: Look | None = None,
) -> str:
    """Networks, projects, cities and whatever else has a place, on a map of Europe on which equal areas are equal.

    A thing stands at its own coordinates, else in its city, else amid its cities, else in the middle of its country. Places outside Europe
    stand in a row below; what has no place is counted.

    Args:
        things: what is known, by IRI. flows: what to draw between places. said: what stands behind each flow, by its id.
        show: IRIs of what to draw beside the ends of the flows; without flows, all networks, projects and cities.
        pages: address of the page of a thing, by IRI.
        look: width, theme and ids.
    """
    look = look or Look()
    drawn = sorted(flows, key=lambda flow: flow.id)
    wanted = {end for flow in drawn for end in (flow.source, flow.target)} | set(show or ())
    if not drawn and show is None:
        wanted = {iri for iri, thing in things.items() if thing.type in ("network", "project", "city")}
    if not wanted:
        return svg.empty(look, _TITLE, "There is nothing to draw: nothing is recorded within what was asked for.")
    return _Map(sorted(wanted), drawn, things, said or {}, pages or {}, look).draw()


class _Map:
    def __init__(
        self,
        wanted: Sequence[str],
        flows: Sequence[Flow],
        things: Mapping[str, Thing],
        said: Mapping[str, Said],
        pages: Mapping[str, str],
        look: Look,
    ) -> None:
        self.things, self.said, self.pages, self.look = things, said, pages, look
        self.side = svg.margin(look)
        self.narrow = look.width < 640
        self.of: dict[str, str] = {}
        self.places: dict[str, _Place] = {}
        self.unplaced: list[str] = []
        for iri in wanted:
            place = self._place(iri)
            if place is None:
                self.unplaced.append(iri)
                continue
            known = self.places.get(place.key, place)
            shape = "network" if known.shape == "other" and marks.group_of(iri, things) == "network" else known.shape
            self.places[place.key] = replace(known, things=(*known.things, iri), shape=shape)
            self.of[iri] = place.key
        self.flows = [flow for flow in flows if flow.source in self.of and flow.target in self.of]
        self.missing = len(flows) - len(self.flows)
        self.weight = Counter(self.of[end] for flow in self.flows for end in {flow.source, flow.target})
        self.view = _view([place.point for place in self.places.values() if place.point], 1.25 if self.narrow else 0.82)
        self.scale = (look.width - 2 * self.side) / (self.view.right - self.view.left)
        self.height = (self.view.bottom - self.view.top) * self.scale
        self.origin = (self.side - self.view.left * self.scale, -self.view.top * self.scale)

    def _place(self, iri: str) -> _Place | None:
        """Where a thing is drawn; None where no place of it is recorded."""
        thing = self.things.get(iri)
        if thing is None:
            return None
        if thing.latitude is not None and thing.longitude is not None:
            return self._at(iri, thing.label, marks.group(thing.type), outlines.project(thing.latitude, thing.longitude))
        located = [
            (city, self.things[city])
            for city in thing.cities
            if city in self.things and self.things[city].latitude is not None and self.things[city].longitude is not None
        ]
        points = [(city, outlines.project(known.latitude or 0.0, known.longitude or 0.0)) for city, known in located]
        if len(points) == 1:
            return self._at(points[0][0], self.things[points[0][0]].label, "city", points[0][1])
        near = [point for _, point in points if outlines.inside(point)]
        if near:
            middle = (sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near))
            return self._at(iri, thing.label, marks.group(thing.type), middle)
        if len(thing.countries) == 1:
            code = thing.countries[0]
            country = outlines.countries().get(code)
            if country and outlines.inside(country.middle):
                return _Place(f"country:{code}", country.name, "other", country.middle)
            return _Place(iri, f"{svg.clean(thing.label)} ({code})", marks.group(thing.type), None)
        return self._at(iri, thing.label, marks.group(thing.type), points[0][1]) if points else None

    def _at(self, key: str, name: str, shape: str, point: _Point) -> _Place:
        known = self.things.get(key)
        where = f" ({', '.join(known.countries)})" if known and known.countries and not outlines.inside(point) else ""
        return _Place(key, svg.clean(name) + where, shape, point if outlines.inside(point) else None)

    def draw(self) -> str:
        placed = len(self.of)
        remark = f"{marks.many(placed, 'thing', 'things')} in {marks.many(len(self.places), 'place', 'places')}"
        remark += f", {marks.many(len(self.flows), 'flow', 'flows')}." if self.flows else "."
        top, y = svg.head(self.look, _TITLE, [remark])
        frame = Box(self.side, y, self.look.width - self.side, y + self.height)
        ox, oy = self.origin[0], self.origin[1] + y
        at = {
            key: (ox + place.point[0] * self.scale, oy + place.point[1] * self.scale) for key, place in self.places.items() if place.point
        }
        y += self.height + 6
        away = [place for place in self.places.values() if place.point is None]
        strip, spots, y = self._outside(sorted(away, key=lambda place: (-self.weight[place.key], place.name, place.key)), y)
        at |= spots
        radius = {key: 3.2 + min(7.0, 1.1 * sqrt(self.weight[key])) * (0.6 if self.narrow else 1) for key in self.places}
        inside = [key for key, place in self.places.items() if place.point]
        inside.sort(key=lambda key: (-self.weight[key], self.places[key].name, key))
        shown, keyed, unnamed = self._labels(inside, at, radius, frame)
        body = [top, self._land(ox, oy, frame), *self._lines(at, radius), strip]
        body += [self._mark(key, at[key], radius[key]) for key in reversed([*inside, *(place.key for place in away)])]
        body += shown
        if keyed:
            entries = [(str(number), self.places[key].shape, self.places[key].name) for number, key in enumerate(keyed, 1)]
            key, y = network.key(self.look, y + 6, entries)
            body.append(key)
        shapes = {place.shape for place in self.places.values()}
        keys, y = marks.legend(self.look, y + 6, self.flows, shapes - {"other"}, self._extra(shapes))
        body.append(keys)
        notes = self._notes(unnamed, len(away))
        below, y = svg.notes(self.look, y, notes)
        body.append(below)
        return svg.sheet(self.look, self.look.width, y + self.side, "".join(body), _TITLE, self._words(remark, inside, away, notes))

    def _extra(self, shapes: set[str]) -> list[tuple[str, str]]:
        return [(marks.glyph("other", 8, 0, 5.5), "country: known to be in it, no city recorded")] if "other" in shapes else []

    def _land(self, ox: float, oy: float, frame: Box) -> str:
        """Coasts and borders, cut at the frame."""
        rings = "".join(country.rings for country in outlines.countries().values())
        shift = f"translate({num(ox)} {num(oy)}) scale({self.scale:.5f})"
        land = f'<path class="land" transform="{shift}" stroke-width="{0.7 / self.scale:.2f}" d="{rings}"/>'
        border = svg.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top, "grid", stroke=1)
        width, height = frame.right - frame.left, frame.bottom - frame.top
        # what is drawn beyond the window is cut by a nested viewport, which needs no id
        inner = f'<svg x="{num(frame.left)}" y="{num(frame.top)}" width="{num(width)}" height="{num(height)}" '
        inner += f'viewBox="{num(frame.left)} {num(frame.top)} {num(width)} {num(height)}">{land}</svg>'
        return inner + border

    def _outside(self, away: Sequence[_Place], y: float) -> tuple[str, dict[str, _Point], float]:
        """The row of places outside Europe: what is written, where each stands, and the y below."""
        if not away:
            return "", {}, y
        parts = [svg.text(self.side, y + 14, "Outside this map", "b", extra="hl")]
        y += 24
        room = self.look.width - 2 * self.side
        columns = max(2, int(room // (112 if self.narrow else 132)))
        wide = room / columns
        spots, tall = {}, 0.0
        fitted = svg.fit({place.key: place.name for place in away}, wide - 24, "n", 2)
        for number, place in enumerate(away):
            if number and number % columns == 0:
                y += tall + 8
                tall = 0.0
            x = self.side + (number % columns) * wide + 8
            lines = fitted[place.key]
            tall = max(tall, len(lines) * FACES["n"].leading)
            spots[place.key] = (x, y + 6)
            parts.append(svg.block(x + 12, y, lines, "n", extra="hl"))
        return "".join(parts), spots, y + tall + 8

    def _lines(self, at: Mapping[str, _Point], radius: Mapping[str, float]) -> list[str]:
        joined: dict[tuple[str, ...], list[Flow]] = {}
        for flow in self.flows:
            key = (self.of[flow.source], self.of[flow.target], flow.direction, flow.basis)
            joined.setdefault(key if len(self.flows) > LINES else (*key, flow.id), []).append(flow)
        strength = {basis: place for place, basis in enumerate(reversed(BASES))}
        beside: Counter[tuple[str, str]] = Counter()
        lines = []
        for flows in sorted(joined.values(), key=lambda flows: (strength.get(flows[0].basis, 0), flows[0].id)):
            source, target = self.of[flows[0].source], self.of[flows[0].target]
            number = beside[source, target]
            beside[source, target] += 1
            width = min(1.1 + 0.3 * (len(flows) - 1), 5.0)
            if source == target:
                d, tip = _loop(at[source], radius[source], number)
            else:
                d, tip = network.bowed(at[source], at[target], radius[source] + 1, radius[target] + 1.5, number, 5 + width, step=3.2)
            if len(flows) == 1:
                flow = flows[0]
                name = marks.told(flow, self.said, self.things)
                lines.append(marks.edge(flow, self.said.get(flow.id, Said()), name, d, width=width, tip=tip, hit=len(self.flows) <= 200))
            else:
                lines.append(marks.bundle(flows, self.said, self.things, d, width=width, tip=tip))
        return lines

    def _mark(self, key: str, at: _Point, radius: float) -> str:
        place = self.places[key]
        names = [marks.label_of(iri, self.things) for iri in place.things]
        more = f"; and {len(names) - 20} more" if len(names) > 20 else ""
        name = f"{place.name}, {marks.many(self.weight[key], 'flow', 'flows')}: {'; '.join(names[:20])}{more}"
        inner = marks.glyph(place.shape, at[0], at[1], radius)
        return svg.link(self.pages[key], name, inner, "p") if key in self.pages else svg.named(name, inner)

    def _labels(
        self, keys: Sequence[str], at: Mapping[str, _Point], radius: Mapping[str, float], frame: Box
    ) -> tuple[list[str], list[str], int]:
        """Names and numbers as text, the places with numbers, and how many have neither."""
        boxes = Boxes()
        for key in keys:
            (x, y), r = at[key], radius[key] * marks.REACH
            boxes.add(Box(x - r, y - r, x + r, y + r))
        shown: list[str] = []
        keyed: list[str] = []
        unnamed = 0
        fitted = svg.fit({key: self.places[key].name for key in keys}, 84 if self.narrow else 128, "n")
        for rank, key in enumerate(keys):
            line = fitted[key][0]
            x, y = at[key]
            spots = layout.around(x, y, radius[key], svg.measure(line, "n"), FACES["n"].leading - 2, 2)
            if rank < 16:
                spots += [
                    spot
                    for far in (14, 26, 38)
                    for spot in layout.around(x, y, radius[key] + far, svg.measure(line, "n"), FACES["n"].leading - 2, 2)
                ]
            box = layout.place(boxes, spots, frame)
            if box:
                lead = layout.leader(x, y, radius[key], box)
                if lead:
                    shown.append(svg.path(f"M{num(lead[0])} {num(lead[1])}L{num(lead[2])} {num(lead[3])}", "lead"))
                shown.append(svg.block(box.left, box.top - 0.5, [line], "n", extra="hl"))
                continue
            number = str(len(keyed) + 1)
            spots = layout.around(x, y, radius[key], svg.measure(number, "k"), FACES["k"].leading, 1)
            box = layout.place(boxes, spots, frame) if len(keyed) < KEYS else None
            if box:
                keyed.append(key)
                shown.append(svg.block(box.left, box.top, [number], "k", extra="hl"))
            else:
                unnamed += 1
        return shown, keyed, unnamed

    def _notes(self, unnamed: int, away: int) -> list[str]:
        notes = ["A network is drawn in the middle of its country; what has several cities is drawn amid them."]
        if away:
            notes.append(f"{marks.many(away, 'place lies', 'places lie')} outside this map; see the row below it.")
        if self.unplaced:
            counts = Counter(marks.group_of(iri, self.things) for iri in self.unplaced)
            groups = ", ".join(marks.count_of(name, counts[name]) for name in GROUPS if counts[name])
            notes.append(f"Without a recorded place, and so not drawn: {groups}.")
        if self.missing:
            notes.append(f"{marks.many(self.missing, 'flow is', 'flows are')} not drawn, because an end has no recorded place.")
        if unnamed:
            notes.append(
                f"{marks.many(unnamed, 'place has', 'places have')} no room for a name or a number; pointing there shows the name."
            )
        if len(self.flows) > LINES:
            notes.append("Flows of one direction and basis between the same two places are one line, as wide as there are many.")
        return [*notes, "Coasts and borders: Natural Earth."]

    def _words(self, remark: str, inside: Sequence[str], away: Sequence[_Place], notes: Sequence[str]) -> str:
        most = "; ".join(f"{self.places[key].name} {self.weight[key]}" for key in inside[:12])
        outside = f" Outside Europe: {'; '.join(place.name for place in away)}." if away else ""
        return f"{remark} Places with the most flows: {most}.{outside} {' '.join(notes)}"


def _view(points: Sequence[_Point], tallest: float) -> Box:
    """The part of the map that holds all points, not too small, not too flat and no taller than so many times its width."""
    left, top, right, bottom = outlines.WINDOW
    if not points:
        return Box(left, top, right, bottom)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    pad = 110 + 0.04 * (max(xs) - min(xs))
    wide = max(max(xs) - min(xs) + 2 * pad, 1300.0)
    high = max(max(ys) - min(ys) + 2 * pad, wide * 0.6)
    wide = max(wide, high / tallest)
    wide, high = min(wide, right - left), min(high, bottom - top)
    x0 = min(max((min(xs) + max(xs) - wide) / 2, left), right - wide)
    y0 = min(max((min(ys) + max(ys) - high) / 2, top), bottom - high)
    return Box(x0, y0, x0 + wide, y0 + high)


def _loop(at: _Point, radius: float, number: int) -> tuple[str, str]:
    """A flow within one place: a small loop above it, the larger the more there are."""
    x, y = at
    high, wide = radius + 9 + 5 * number, 5 + 2.5 * number
    start, end = y - radius * 0.8, y - radius - 3
    top = y - high - 6
    d = svg.data("M", x - 2, start, "C", x - 2 - wide, top, x + 2 + wide, top, x + 2, end)
    return d, svg.arrow(x + 1.5, y - radius * 0.8, -0.2, 1, 5)
