"""Where things go: stacks with room in between, graphs by stress, labels without overlap. Plain arithmetic, alike on every machine."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Box(NamedTuple):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


class Boxes:
    """Boxes in a grid, so that asking whether a place is free stays quick."""

    def __init__(self, cell: float = 48) -> None:
        self._cell = cell
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def _keys(self, box: Box) -> Iterable[tuple[int, int]]:
        cell = self._cell
        for column in range(int(box.left // cell), int(box.right // cell) + 1):
            for row in range(int(box.top // cell), int(box.bottom // cell) + 1):
                yield column, row

    def add(self, box: Box) -> None:
        """Take a place."""
        for key in self._keys(box):
            self._cells.setdefault(key, []).append(box)

    def free(self, box: Box) -> bool:
        """Whether a place is free."""
        return not any(box.overlaps(other) for key in self._keys(box) for other in self._cells.get(key, ()))


def stack(wanted: Sequence[float], heights: Sequence[float], gap: float, weights: Sequence[float] = ()) -> list[float]:
    """Middles of items below each other that lie as near as can be (least squares, weighted) to where they are wanted, in the given order.

    >>> stack([10, 10], [10, 10], 2)
    [4.0, 16.0]
    """
    offsets, below = [], 0.0
    for height in heights:
        offsets.append(below + height / 2)
        below += height + gap
    groups: list[tuple[float, float, int]] = []  # mean of wanted - offset, its weight, and of how many: pool adjacent violators
    for place, offset, weight in zip(wanted, offsets, weights or [1.0] * len(offsets), strict=True):
        mean, heavy, many = place - offset, weight, 1
        while groups and groups[-1][0] > mean:
            other, load, count = groups.pop()
            mean, heavy, many = (mean * heavy + other * load) / (heavy + load), heavy + load, many + count
        groups.append((mean, heavy, many))
    out: list[float] = []
    for mean, _, many in groups:
        out += [mean + offsets[len(out) + position] for position in range(many)]
    return out


def ordered(columns: Sequence[Sequence[Key]], links: Iterable[tuple[Key, Key]], rounds: int = 12) -> list[list[Key]]:
    """The items of columns, each column in an order with few crossings of the links between neighbouring columns (barycentre sweeps)."""
    left: dict[Key, list[Key]] = {}
    right: dict[Key, list[Key]] = {}
    for source, target in links:
        right.setdefault(source, []).append(target)
        left.setdefault(target, []).append(source)
    current = [list(column) for column in columns]
    best, fewest = [list(column) for column in current], _crossings(current, right)
    for turn in range(rounds):
        forth = turn % 2 == 0
        beside = left if forth else right
        for number in range(1, len(current)) if forth else range(len(current) - 2, -1, -1):
            fixed = {item: place for place, item in enumerate(current[number - 1 if forth else number + 1])}
            column = current[number]
            places = {item: place for place, item in enumerate(column)}
            means = {item: _mean([fixed[other] for other in beside.get(item, ()) if other in fixed], places[item]) for item in column}
            current[number] = sorted(column, key=lambda item, means=means, places=places: (means[item], places[item]))  # type: ignore[misc]
        crossings = _crossings(current, right)
        if crossings < fewest:
            best, fewest = [list(column) for column in current], crossings
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: Sequence[Sequence[Key]], right: Mapping[Key, Sequence[Key]]) -> int:
    total = 0
    for column, following in pairwise(columns):
        places = {item: place for place, item in enumerate(following)}
        ends = [sorted(places[target] for target in right.get(item, ()) if target in places) for item in column]
        flat: list[int] = []
        for targets in ends:
            total += sum(place > target for target in targets for place in flat)
            flat += targets
    return total


# --- graphs ---------------------------------------------------------------------------------------------------------


class _Dice:
    """A small generator of its own, so that no release of Python changes a picture."""

    def __init__(self, seed: int = 20140121) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self._state >> 33) * limit >> 31

    def unit(self) -> float:
        return self.below(1 << 30) / (1 << 30)


def components(neighbours: Mapping[Key, Iterable[Key]]) -> list[list[Key]]:
    """The connected parts of a graph, the largest first; nodes in the order in which they are given."""
    seen: set[Key] = set()
    parts = []
    for start in neighbours:
        if start in seen:
            continue
        seen.add(start)
        part = [start]
        for node in part:
            for other in neighbours[node]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
        parts.append(part)
    return sorted(parts, key=len, reverse=True)


_PAIRS = 40_000
"""How many pairs of nodes the layout of one graph looks at; beyond, distances to pivots stand for the rest."""


def stress(nodes: Sequence[Key], neighbours: Mapping[Key, Sequence[Key]], rounds: int = 30) -> dict[Key, tuple[float, float]]:
    """Places of the nodes of a connected graph, as far apart as the shortest way between them is long.

    An edge is the longer the more neighbours its ends have, so that what hangs on a hub finds room around it. Stress is the energy of
    Kamada and Kawai; it is brought down by stochastic gradient descent over pairs (Zheng, Pawar and Goodman, "Graph drawing by stochastic
    gradient descent", 2018). Only sums, products and square roots of IEEE 754 decide, so that every machine gives the same picture.
    """
    if len(nodes) < 3:
        return {node: (float(place), 0.0) for place, node in enumerate(nodes)}
    number = {node: place for place, node in enumerate(nodes)}
    beside = [sorted({number[other] for other in neighbours[node] if other in number} - {number[node]}) for node in nodes]
    dice = _Dice()
    pairs = _pairs(beside)
    widest = max(far for _, _, far, _ in pairs)
    x = [dice.unit() * widest for _ in nodes]
    y = [dice.unit() * widest for _ in nodes]
    rate = widest * widest
    cooling = round((0.04 / rate) ** (1 / (rounds - 1)), 6)
    for _ in range(rounds):
        for place in range(len(pairs) - 1, 0, -1):
            other = dice.below(place + 1)
            pairs[place], pairs[other] = pairs[other], pairs[place]
        for a, b, far, weight in pairs:
            strength = rate * weight
            dx, dy = x[a] - x[b], y[a] - y[b]
            length = sqrt(dx * dx + dy * dy) or 1e-9
            move = (strength if strength < 1.0 else 1.0) * (length - far) / (2 * length)
            mx, my = dx * move, dy * move
            x[a] -= mx
            y[a] -= my
            x[b] += mx
            y[b] += my
        rate *= cooling
    return _lying(nodes, x, y)


def _pairs(beside: Sequence[Sequence[int]]) -> list[tuple[int, int, float, float]]:
    """Pairs of nodes, how far apart they belong, and the weight of that: all pairs, or those with pivots and along edges."""
    many = len(beside)
    lengths = [[sqrt(sqrt((len(others) + len(beside[other])) / 2)) for other in others] for others in beside]
    pivots = list(range(many))
    if many * (many - 1) // 2 > _PAIRS:
        chosen = [max(pivots, key=lambda node: (len(beside[node]), -node))]
        nearest = _ways(beside, lengths, chosen[0])
        while len(chosen) < max(8, _PAIRS // many):
            farthest = max(pivots, key=lambda node: (nearest[node], len(beside[node]), -node))
            chosen.append(farthest)
            nearest = [min(pair) for pair in zip(nearest, _ways(beside, lengths, farthest), strict=True)]
        pivots = sorted(set(chosen))
    found: dict[tuple[int, int], float] = {}
    for pivot in pivots:
        for node, far in enumerate(_ways(beside, lengths, pivot)):
            if far > 0:
                found[min(pivot, node), max(pivot, node)] = far
    for node, others in enumerate(beside):
        for other, far in zip(others, lengths[node], strict=True):
            found.setdefault((min(node, other), max(node, other)), far)
    return [(a, b, far, 1 / (far * far)) for (a, b), far in sorted(found.items())]


def _ways(beside: Sequence[Sequence[int]], lengths: Sequence[Sequence[float]], start: int) -> list[float]:
    """The length of the shortest way from one node to every other (Dijkstra)."""
    far = [1e9] * len(beside)
    far[start] = 0.0
    heap = [(0.0, start)]
    while heap:
        here, node = heapq.heappop(heap)
        if here > far[node]:
            continue
        for other, length in zip(beside[node], lengths[node], strict=True):
            there = here + length
            if there < far[other]:
                far[other] = there
                heapq.heappush(heap, (there, other))
    return far


def _lying(nodes: Sequence[Key], x: Sequence[float], y: Sequence[float]) -> dict[Key, tuple[float, float]]:
    """Places turned so that the longest extent lies level, around the origin."""
    many = len(nodes)
    mx, my = sum(x) / many, sum(y) / many
    xx = sum((value - mx) ** 2 for value in x)
    yy = sum((value - my) ** 2 for value in y)
    xy = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    spread = sqrt((xx - yy) ** 2 / 4 + xy * xy)
    ax, ay = ((xx - yy) / 2 + spread, xy) if xx >= yy else (xy, (yy - xx) / 2 + spread)
    length = sqrt(ax * ax + ay * ay)
    ux, uy = (ax / length, ay / length) if length > 1e-12 else (1.0, 0.0)
    return {node: ((px - mx) * ux + (py - my) * uy, (py - my) * ux - (px - mx) * uy) for node, px, py in zip(nodes, x, y, strict=True)}


def apart(
    places: dict[Key, tuple[float, float]], radius: Mapping[Key, float], gap: float, rounds: int = 40
) -> dict[Key, tuple[float, float]]:
    """Places moved as little as need be so that no two discs touch."""
    keys = list(places)
    x, y = [places[key][0] for key in keys], [places[key][1] for key in keys]
    size = [radius[key] for key in keys]
    cell = 2 * max(size, default=1) + gap
    for _ in range(rounds):
        grid: dict[tuple[int, int], list[int]] = {}
        for place in range(len(keys)):
            grid.setdefault((int(x[place] // cell), int(y[place] // cell)), []).append(place)
        moved = False
        for (column, row), inside in grid.items():
            near = [other for dc in (-1, 0, 1) for dr in (-1, 0, 1) for other in grid.get((column + dc, row + dr), ())]
            for a in inside:
                for b in near:
                    if b <= a:
                        continue
                    dx, dy, needed = x[b] - x[a], y[b] - y[a], size[a] + size[b] + gap
                    length = sqrt(dx * dx + dy * dy)
                    if length >= needed:
                        continue
                    moved = True
                    if length < 1e-6:
                        dx, dy, length = 1.0, float((a + b) % 3 - 1), 1.0
                    push = (needed - length) / 2 / length * 1.02
                    x[a] -= dx * push
                    y[a] -= dy * push
                    x[b] += dx * push
                    y[b] += dy * push
        if not moved:
            break
    return {key: (x[place], y[place]) for place, key in enumerate(keys)}


def shelves(sizes: Sequence[tuple[float, float]], width: float, gap: float) -> tuple[list[tuple[float, float]], float]:
    """Rectangles on shelves of a width, in the given order: the top left corner of each, and the height of all."""
    places: list[tuple[float, float]] = []
    x = y = tall = 0.0
    for wide, high in sizes:
        if x and x + wide > width:
            x, y, tall = 0.0, y + tall + gap, 0.0
        places.append((x, y))
        x, tall = x + wide + gap, max(tall, high)
    return places, y + tall


# --- labels ---------------------------------------------------------------------------------------------------------


def around(x: float, y: float, radius: float, width: float, height: float, gap: float = 3) -> list[Box]:
    """Places for a label around a disc, the best first: right, left, below, above, then the corners, then the same farther out."""
    out = []
    for away in (radius + gap, radius + gap + 7):
        side = away * 0.72
        out += [
            Box(x + away, y - height / 2, x + away + width, y + height / 2),
            Box(x - away - width, y - height / 2, x - away, y + height / 2),
            Box(x - width / 2, y + away, x + width / 2, y + away + height),
            Box(x - width / 2, y - away - height, x + width / 2, y - away),
            Box(x + side, y + side, x + side + width, y + side + height),
            Box(x + side, y - side - height, x + side + width, y - side),
            Box(x - side - width, y + side, x - side, y + side + height),
            Box(x - side - width, y - side - height, x - side, y - side),
        ]
    return out


def leader(x: float, y: float, radius: float, box: Box) -> tuple[float, float, float, float] | None:
    """The ends of a line from a disc to a label that stands away from it; None where it stands beside it."""
    to_x, to_y = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    dx, dy = to_x - x, to_y - y
    length = sqrt(dx * dx + dy * dy)
    if length < radius + 12:
        return None
    return x + dx / length * (radius + 1), y + dy / length * (radius + 1), to_x, to_y


def place(boxes: Boxes, candidates: Iterable[Box], within: Box) -> Box | None:
    """The first candidate that is free and inside, taken; None where there is none."""
    for box in candidates:
        if (
            box.left >= within.left
            and box.right <= within.right
            and box.top >= within.top
            and box.bottom <= within.bottom
            and boxes.free(box)
        ):
            boxes.add(Box(box.left - 0.5, box.top, box.right + 0.5, box.bottom))
            return box
    return None
