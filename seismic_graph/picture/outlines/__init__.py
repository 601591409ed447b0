"""Outlines of Europe on an equal-area map, kept in the package so that no picture ever asks another host for them.

``europe.json`` holds them. They were made from the countries of Natural Earth at 1:50 million, which are in the public domain, by
``python -m seismic_graph.picture.outlines countries-50m.json`` out of the TopoJSON of the npm package world-atlas; see ``README.md``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

WINDOW = (-1900, -2060, 2790, 1810)
"""Left, top, right and bottom of the map in kilometres from its middle, downwards as on paper."""
FILE = "europe.json"

_RADIUS = 6371.0
_MIDDLE = (52.0, 10.0)
_TOLERANCE = 3.0
_SMALLEST = 90.0
_Point = tuple[float, float]


def project(latitude: float, longitude: float) -> _Point:
    """Kilometres to the right and downwards from 52° N 10° E: Lambert's azimuthal equal-area projection of the sphere.

    It is the projection, and the middle, of ETRS89-LAEA Europe (EPSG:3035), which European statistics are mapped in (Snyder, "Map
    projections", 1987, equations 22-4, 22-5 and 24-2).

    >>> [round(value) for value in project(59.33, 18.07)]
    [458, -841]
    """
    phi, phi0, away = math.radians(latitude), math.radians(_MIDDLE[0]), math.radians(longitude - _MIDDLE[1])
    cosine = math.sin(phi0) * math.sin(phi) + math.cos(phi0) * math.cos(phi) * math.cos(away)
    k = math.sqrt(2 / max(1 + cosine, 1e-9))
    x = _RADIUS * k * math.cos(phi) * math.sin(away)
    y = _RADIUS * k * (math.cos(phi0) * math.sin(phi) - math.sin(phi0) * math.cos(phi) * math.cos(away))
    return x, -y


def inside(point: _Point) -> bool:
    """Whether a projected point lies on the map."""
    left, top, right, bottom = WINDOW
    return left <= point[0] <= right and top <= point[1] <= bottom


@dataclass(frozen=True, slots=True)
class Country:
    """A country on the map.

    Attributes:
        name: its English name. middle: the middle of its largest part, in kilometres.
        rings: its coasts and borders as path data in kilometres.
    """

    name: str
    middle: _Point
    rings: str


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """The countries of the map by their ISO 3166-1 alpha-2 code."""
    held = json.loads(resources.files(__name__).joinpath(FILE).read_text(encoding="utf-8"))
    return {code: Country(item["name"], tuple(item["middle"]), item["rings"]) for code, item in held["countries"].items()}


# --- how the file was made ------------------------------------------------------------------------------------------

_CODES = {
    "008": "AL", "012": "DZ", "020": "AD", "031": "AZ", "040": "AT", "051": "AM", "056": "BE", "070": "BA", "100": "BG",
    "112": "BY", "191": "HR", "196": "CY", "203": "CZ", "208": "DK", "233": "EE", "234": "FO", "246": "FI", "248": "AX",
    "250": "FR", "268": "GE", "275": "PS", "276": "DE", "300": "GR", "304": "GL", "348": "HU", "352": "IS", "364": "IR",
    "368": "IQ", "372": "IE", "376": "IL", "380": "IT", "398": "KZ", "400": "JO", "422": "LB", "428": "LV", "434": "LY",
    "438": "LI", "440": "LT", "442": "LU", "470": "MT", "492": "MC", "498": "MD", "499": "ME", "504": "MA", "528": "NL",
    "578": "NO", "616": "PL", "620": "PT", "642": "RO", "643": "RU", "674": "SM", "682": "SA", "688": "RS", "703": "SK",
    "705": "SI", "724": "ES", "752": "SE", "756": "CH", "760": "SY", "788": "TN", "792": "TR", "804": "UA", "807": "MK",
    "818": "EG", "826": "GB", "831": "GG", "832": "JE", "833": "IM", "336": "VA",
}  # fmt: skip
"""ISO 3166-1 numeric code -> alpha-2 code, of what lies on the map."""
_NAMED = {"Kosovo": "XK", "N. Cyprus": "CY"}
_LONG = {"BA": "Bosnia and Herzegovina", "FO": "Faroe Islands", "MK": "North Macedonia"}


def derive(topology: Mapping[str, Any]) -> dict[str, Any]:
    """The contents of ``europe.json`` out of the TopoJSON of the countries of the world.

    Arcs are projected and simplified (Douglas and Peucker, 3 km) before rings are made of them, so that neighbours keep one border; rings
    are cut at the window, and islands of less than 90 square kilometres left out unless they are all there is of a country.
    """
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            longitude, latitude = x * scale_x + shift_x, y * scale_y + shift_y
            points.append(project(latitude, longitude) if latitude > 0 and -100 < longitude < 120 else (1e5, 1e5))
        arcs.append(_simplified(points))
    found: dict[str, dict[str, Any]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        own = _CODES.get(shape.get("id") or "")
        code = own or _NAMED.get(shape["properties"]["name"])
        if not code:
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
        cut = [_cut(ring) for ring in rings if all(abs(x) < 9e4 for x, _ in ring) or code == "RU"]
        cut = sorted((ring for ring in cut if len(ring) > 2), key=lambda ring: -abs(_area(ring)))
        kept = [ring for place, ring in enumerate(cut) if place == 0 or abs(_area(ring)) >= _SMALLEST]
        if not kept:
            continue
        data = "".join(_data(ring) for ring in kept)
        country = found.setdefault(code, {"name": "", "middle": [], "rings": ""})
        country["rings"] += data
        if own or not country["name"]:
            country |= {"name": _LONG.get(code, shape["properties"]["name"]), "middle": _middle(kept[0])}
    return {
        "source": "Natural Earth, countries at 1:50 million (public domain, naturalearthdata.com), simplified and cut; "
        "kilometres from 52 N 10 E, Lambert azimuthal equal-area",
        "window": list(WINDOW),
        "countries": dict(sorted(found.items())),
    }


def _ring(indexes: Sequence[int], arcs: Sequence[Sequence[_Point]]) -> list[_Point]:
    ring: list[_Point] = []
    for index in indexes:
        points = arcs[index] if index >= 0 else list(reversed(arcs[~index]))
        ring += points[1:] if ring else points
    return ring[:-1]


def _simplified(points: Sequence[_Point]) -> list[_Point]:
    if len(points) < 3:
        return list(points)
    keep = {0, len(points) - 1}
    if points[0] == points[-1]:
        keep.add(max(range(len(points)), key=lambda place: math.dist(points[0], points[place])))
    spans = list(zip(sorted(keep), sorted(keep)[1:], strict=False))
    while spans:
        start, end = spans.pop()
        (x0, y0), (x1, y1) = points[start], points[end]
        length = math.hypot(x1 - x0, y1 - y0) or 1e-9
        best, far = -1, _TOLERANCE
        for place in range(start + 1, end):
            x, y = points[place]
            away = abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length
            if away > far:
                best, far = place, away
        if best >= 0:
            keep.add(best)
            spans += [(start, best), (best, end)]
    return [points[place] for place in sorted(keep)]


def _cut(ring: Sequence[_Point], slack: float = 40) -> list[_Point]:
    """A ring cut at the window (Sutherland and Hodgman)."""
    left, top, right, bottom = WINDOW
    out = list(ring)
    for axis, limit, sign in ((0, left - slack, 1), (0, right + slack, -1), (1, top - slack, 1), (1, bottom + slack, -1)):
        points, out = out, []
        for place, point in enumerate(points):
            before = points[place - 1]
            here, there = sign * (point[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
            if here != there:
                share = (limit - before[axis]) / (point[axis] - before[axis])
                out.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
            if here:
                out.append(point)
    return out


def _area(ring: Sequence[_Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _middle(ring: Sequence[_Point]) -> list[int]:
    """The centre of gravity of a ring; where that lies outside, the point of a grid that lies deepest inside."""
    area = _area(ring) or 1e-9
    closed = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    centre = (
        sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in closed) / (6 * area),
        sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in closed) / (6 * area),
    )
    if _holds(ring, centre):
        return [round(centre[0]), round(centre[1])]
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    best, deepest = (xs[0], ys[0]), -1.0
    for column in range(1, 24):
        for row in range(1, 24):
            point = (min(xs) + (max(xs) - min(xs)) * column / 24, min(ys) + (max(ys) - min(ys)) * row / 24)
            if not _holds(ring, point):
                continue
            depth = min(_away(point, a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
            if depth > deepest:
                best, deepest = point, depth
    return [round(best[0]), round(best[1])]


def _holds(ring: Sequence[_Point], point: _Point) -> bool:
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def _away(point: _Point, a: _Point, b: _Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square)) if square else 0.0
    return math.dist(point, (a[0] + share * dx, a[1] + share * dy))


def _data(ring: Sequence[_Point]) -> str:
    """A ring as path data in whole kilometres, relative, without points that fall together."""
    points = [(round(x), round(y)) for x, y in ring]
    (x, y), parts = points[0], []
    for px, py in points[1:]:
        if (px, py) != (x, y):
            parts.append(f"{px - x}{py - y if py < y else f' {py - y}'}")
            x, y = px, py
    return f"M{points[0][0]} {points[0][1]}l{' '.join(parts).replace(' -', '-')}z" if len(parts) > 1 else ""


def main(topology: Path, out: Path) -> None:
    """Make ``europe.json`` anew."""
    made = derive(json.loads(topology.read_text(encoding="utf-8")))
    out.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"') + "\n", encoding="utf-8")
