"""Paths as a diagram from left to right, or down the page where it is narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from seismic_graph.flows import BASES, READINGS, Flow
from seismic_graph.paths import Path, Reason
from seismic_graph.picture import layout, marks, svg
from seismic_graph.picture.marks import Said
from seismic_graph.picture.svg import FACES, Look, num
from seismic_graph.trace import Trace
from seismic_graph.vocabulary import short


@dataclass(frozen=True, slots=True)
class _Hop:
    """A flow as it is drawn: which paths use it, whether it is the hop at which time breaks, and by how many days."""

    flow: Flow
    paths: tuple[int, ...]
    broken: bool = False
    missed: int = 0

    @property
    def id(self) -> str:
        return self.flow.id


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is drawn of a trace."""

    answer: Trace
    paths: tuple[Path, ...]
    hops: tuple[_Hop, ...]
    said: Mapping[str, Said]
    pages: Mapping[str, str]
    look: Look

    def label(self, iri: str) -> str:
        return svg.clean(self.answer.label(iri)) or short(iri)

    def kind(self, flow: Flow) -> str:
        return marks.kind_of(flow, self.answer.labels)

    def name(self, hop: _Hop) -> str:
        told = marks.tell(hop.flow, self.said[hop.id], self.label(hop.flow.source), self.label(hop.flow.target), self.kind(hop.flow))
        return f"{told}\nOn {_numbers(hop.paths)}" if hop.paths and len(self.paths) > 1 else told


def path_diagram(answer: Trace, *, pages: Mapping[str, str] | None = None, look: Look | None = None) -> str:
    """The paths of a trace as one diagram: what they share is drawn once; every hop has its kind, dates and basis and opens its source.

    Where there is no path, the nearest one is drawn with the hop at which time breaks.

    Args:
        answer: the trace.
        pages: address of the page of a thing, by IRI.
        look: width, theme and ids.
    """
    look = look or Look()
    ends = f"{svg.clean(answer.label(answer.source))} → {svg.clean(answer.label(answer.target))}"
    paths, hops = answer.paths, _hops(answer.paths)
    title = f"How knowledge moved: {ends}"
    if not paths:
        reason = next((reason for reason in answer.reasons if reason.path), None)
        title = f"No such path is recorded: {ends}"
        if reason is None or reason.path is None:
            return svg.empty(
                look,
                title,
                "No chain of recorded flows of any basis leads there, whatever the dates. Not recorded does not mean not happened.",
            )
        paths, hops = (), _nearest(reason, reason.path)
    flows = [hop.flow for hop in hops]
    drawn = _Drawn(answer, paths, hops, marks.evidence(flows, answer.evidence, answer.sources), pages or {}, look)
    columns = _Columns(drawn)
    remarks = _remarks(answer, paths)
    if columns.narrowest <= look.width * 1.4:
        width, drawing, height = columns.draw()
    else:
        width, drawing, height = _listing(drawn)
    page = replace(look, width=int(width))
    top, y = svg.head(page, title, remarks)
    body = [top, f'<g transform="translate(0 {num(y)})">{drawing}</g>']
    y += height + 14
    if paths:
        table, y = _table(drawn, page, y)
        body.append(table)
    keys, y = marks.legend(page, y, flows)
    body.append(keys)
    below, y = svg.notes(page, y, _explained(paths))
    body.append(below)
    return svg.sheet(page, width, y + svg.margin(page), "".join(body), title, _words(drawn, remarks))


def _hops(paths: Sequence[Path]) -> tuple[_Hop, ...]:
    on: dict[str, list[int]] = {}
    flows: dict[str, Flow] = {}
    for number, path in enumerate(paths, 1):
        for flow in path.flows:
            flows.setdefault(flow.id, flow)
            on.setdefault(flow.id, []).append(number)
    return tuple(_Hop(flow, tuple(on[iri])) for iri, flow in flows.items())


def _nearest(reason: Reason, path: Path) -> tuple[_Hop, ...]:
    breaks = reason.hop if reason.code == "backwards" else None
    return tuple(_Hop(flow, (), place == breaks, reason.days or 0) for place, flow in enumerate(path.flows))


def _remarks(answer: Trace, paths: Sequence[Path]) -> list[str]:
    search = answer.search
    asked = f"reading {search.reading}; basis {', '.join(sorted(search.bases, key=BASES.index))}; at most {search.max_hops} hops"
    if paths:
        found = f"{len(paths)} path{'s' * (len(paths) != 1)}{', and there are more' if answer.found.more else ''}. Asked for: {asked}."
        return [found] + ([] if answer.found.exhausted else ["The search gave up before it had looked at everything."])
    reason = next(reason for reason in answer.reasons if reason.path)
    why = {
        "backwards": f"Only chains that run backwards in time: the nearest, drawn here, misses by {reason.days} days."
        if reason.days
        else "The order of these hops is possible but not certain.",
        "weaker-basis": "There is a path only on a weaker basis: it is drawn here.",
        "more-hops": "There is a path only with more hops: it is drawn here.",
        "filtered": "There is a path only without the filters on direction, window, via and avoid: it is drawn here.",
        "several": "There is a path only with several limits lifted at once: it is drawn here.",
    }[reason.code]
    return [f"{why} Asked for: {asked}."]


_READINGS = {
    "strict": "Strict in time: no reading of the dates can upset this order.",
    "possible": "Possible in time: the dates allow this order, but do not prove it.",
    "static": "Static: the dates rule this order out, or were not looked at.",
}


def _explained(paths: Sequence[Path]) -> list[str]:
    lines = [_READINGS[name] for name in reversed(READINGS) if any(path.reading == name for path in paths)]
    if len(paths) > 1:
        lines.append(
            "Path 1, the best one, is drawn thicker. Specificity is 1 where a path could go no other way, and small where it passes a hub."
        )
    return lines


def _words(drawn: _Drawn, remarks: Sequence[str]) -> str:
    def chain(flows: Iterable[Flow]) -> str:
        return "; ".join(
            f"{drawn.label(flow.source)} → {drawn.label(flow.target)} ({drawn.kind(flow)}, {marks.when(flow)}, {flow.basis})"
            for flow in flows
        )

    lines = [*remarks]
    for number, path in enumerate(drawn.paths[:10], 1):
        lines.append(f"Path {number}, {path.reading} in time, {path.basis} basis: {chain(path.flows)}.")
    if len(drawn.paths) > 10:
        lines.append(f"And {len(drawn.paths) - 10} more paths.")
    if not drawn.paths:
        lines.append(f"The nearest: {chain(hop.flow for hop in drawn.hops)}.")
        lines += [f"Time breaks at {drawn.label(hop.flow.source)} → {drawn.label(hop.flow.target)}." for hop in drawn.hops if hop.broken]
    return " ".join(lines)


def _numbers(numbers: Sequence[int]) -> str:
    """Numbers of paths, runs drawn together: ``paths 1, 3–5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}{'–' if len(run) > 2 else ', '}{run[-1]}" for run in runs]
    return f"path{'s' * (len(numbers) > 1)} {', '.join(texts)}"


def _below(drawn: _Drawn, hop: _Hop) -> list[tuple[str, str]]:
    """What stands below the line of a hop: texts and their classes."""
    told = [(marks.when(hop.flow), "mut"), (hop.flow.basis, "mut")]
    if hop.broken:
        told.append((f"runs backwards by {hop.missed} days" if hop.missed else "order not certain", "wrn"))
    if len(drawn.paths) > 1:
        told.append((_numbers(hop.paths), "mut"))
    return told


def _stroke(drawn: _Drawn, hop: _Hop) -> float:
    return 3 if len(drawn.paths) > 1 and 1 in hop.paths else 1.8


def _box(drawn: _Drawn, iri: str, x: float, y: float, width: float, lines: Sequence[str]) -> str:
    """A thing as a box: its group in small, its name below; the two ends of the question stand out."""
    end = iri in (drawn.answer.source, drawn.answer.target)
    height = _box_height(lines)
    kind = marks.GROUPS[marks.group_of(iri, {})][0]
    inner = (
        svg.rect(x, y, width, height, "full" if end else "card", radius=5, stroke=1)
        + svg.block(x + 9, y + 7, [svg.shorten(kind, width - 18, "s")], "s", extra="inv" if end else "")
        + svg.block(x + 9, y + 22, lines, "b", extra="inv" if end else "")
    )
    name = drawn.label(iri)
    return svg.link(drawn.pages[iri], name, inner, "p") if iri in drawn.pages else svg.named(name, inner)


def _box_height(lines: Sequence[str]) -> float:
    return 30 + len(lines) * FACES["b"].leading


def _layers(drawn: _Drawn) -> tuple[dict[str, int], set[str]]:
    """Thing -> its layer, and the flows that run back to an earlier one: the best paths go forward."""
    onward: dict[str, list[str]] = {}
    back: set[str] = set()

    def leads(start: str, goal: str) -> bool:
        seen, queue = {start}, [start]
        for node in queue:
            if node == goal:
                return True
            queue += [other for other in onward.get(node, ()) if other not in seen]
            seen.update(onward.get(node, ()))
        return False

    source, target = drawn.answer.source, drawn.answer.target
    for hop in drawn.hops:
        flow = hop.flow
        if (flow.target == source or flow.source == target or leads(flow.target, flow.source)) and flow.source != flow.target:
            back.add(hop.id)
        else:
            onward.setdefault(flow.source, []).append(flow.target)
    nodes = list(dict.fromkeys(end for hop in drawn.hops for end in (hop.flow.source, hop.flow.target)))
    layers = dict.fromkeys(nodes, 0)
    for _ in nodes:
        changed = False
        for node in nodes:
            for other in onward.get(node, ()):
                if layers[other] <= layers[node]:
                    layers[other], changed = layers[node] + 1, True
        if not changed:
            break
    return layers, back


# --- from left to right ---------------------------------------------------------------------------------------------

_Item = tuple[str, str, int]  # "node", "hop" or "pass"; IRI; column

_Texts = tuple[list[str], list[tuple[str, str]]]  # above the line; below it, with classes

_NODE = (104, 176)
_TEXT = (94, 136)
_GUTTER = (22, 46)
_LANE = 60
_GAP = 12


class _Columns:
    """Columns of things and of hops in turn, with room for the curves in between, so that no line ever crosses a text."""

    def __init__(self, drawn: _Drawn) -> None:
        self.drawn = drawn
        self.layers, self.back = _layers(drawn)
        self.count = max(self.layers.values(), default=0)
        self.side = svg.margin(drawn.look)
        self.broken = {hop.id for hop in drawn.hops if hop.broken}
        self.outer = 26 if self.back else 0
        self.narrowest = self._width(_NODE[0], _TEXT[0], _GUTTER[0])

    def _width(self, node: float, words: float, gutter: float) -> float:
        return 2 * (self.side + self.outer) + (self.count + 1) * node + self.count * (words + 2 * gutter)

    def _shares(self) -> tuple[float, float, float]:
        """Widths of things, hops and gutters: what is left goes to the hops first, then to the things."""
        (node, widest_node), (words, widest_words), (gutter, widest_gutter) = _NODE, _TEXT, _GUTTER
        hops, left = max(1, self.count), max(0.0, self.drawn.look.width - self.narrowest)
        more_words = min(widest_words - words, left / hops)
        more_node = min(widest_node - node, (left - more_words * hops) / (hops + 1))
        more_gutter = min(widest_gutter - gutter, (left - more_words * hops - more_node * (hops + 1)) / (2 * hops))
        return node + more_node, words + more_words, gutter + more_gutter

    def draw(self) -> tuple[float, str, float]:
        """Width of the picture, the drawing with its top at 0, and its height."""
        node, words, gutter = self._shares()
        width = max(self._width(node, words, gutter), self.drawn.look.width)
        pitch = node + words + 2 * gutter
        left = self.side + self.outer

        def edges_of(column: int) -> tuple[float, float]:
            start = left + (column // 2) * pitch + (node + gutter if column % 2 else 0)
            return start, start + (words if column % 2 else node)

        columns, links, chains = self._items()
        columns = layout.ordered(columns, links)
        fitted = svg.fit({iri: self.drawn.label(iri) for iri in self.layers}, node - 18, "b", 5)
        lines = {item: fitted[item[1]] for column in columns for item in column if item[0] == "node"}
        hops = {hop.id: hop for hop in self.drawn.hops}
        texts = {hop.id: self._texts(hop, words) for hop in self.drawn.hops}
        middles = self._middles(columns, links, lines, texts)
        tops = [middles[item] - self._above(item, lines, texts) for column in columns for item in column]
        bottoms = [middles[item] + self._under(item, lines, texts) for column in columns for item in column]
        shift = -min(tops, default=0) + 4
        bottom = max(bottoms, default=0) + shift
        at = {item: middle + shift for item, middle in middles.items()}
        ports = self._ports(chains, at, lines)
        edges = [self._forward(hops[iri], chain, at, ports, edges_of, texts[iri]) for iri, chain in chains.items()]
        for number, hop in enumerate(hop for hop in self.drawn.hops if hop.id in self.back):
            edges.append(self._backward(hop, number, ports, edges_of, bottom, gutter))
        bottom += _LANE * len(self.back)
        boxes = [
            _box(self.drawn, item[1], edges_of(item[2])[0], at[item] - _box_height(lines[item]) / 2, node, lines[item])
            for column in columns
            for item in column
            if item[0] == "node"
        ]
        return width, "".join(edges) + "".join(boxes), bottom + 6

    def _items(self) -> tuple[list[list[_Item]], list[tuple[_Item, _Item]], dict[str, list[_Item]]]:
        columns: list[list[_Item]] = [[] for _ in range(2 * self.count + 1)]
        for node, layer in self.layers.items():
            columns[2 * layer].append(("node", node, 2 * layer))
        links, chains = [], {}
        for hop in self.drawn.hops:
            if hop.id in self.back:
                continue
            start, end = 2 * self.layers[hop.flow.source], 2 * self.layers[hop.flow.target]
            middle: list[_Item] = [("hop" if column == start + 1 else "pass", hop.id, column) for column in range(start + 1, end)]
            for item in middle:
                columns[item[2]].append(item)
            chain: list[_Item] = [("node", hop.flow.source, start), *middle, ("node", hop.flow.target, end)]
            chains[hop.id] = chain
            links += list(pairwise(chain))
        return columns, links, chains

    def _texts(self, hop: _Hop, room: float) -> _Texts:
        """What stands above the line, and below it."""
        above = svg.wrap(self.drawn.kind(hop.flow), room, "t", 3)
        below = [(line, style) for said, style in _below(self.drawn, hop) for line in svg.wrap(said, room, "n", 2)]
        return above, below

    def _above(self, item: _Item, lines: Mapping[_Item, Sequence[str]], texts: Mapping[str, _Texts]) -> float:
        if item[0] == "node":
            return _box_height(lines[item]) / 2
        return 5 if item[0] == "pass" else len(texts[item[1]][0]) * FACES["t"].leading + 4 + self._spread(item)

    def _under(self, item: _Item, lines: Mapping[_Item, Sequence[str]], texts: Mapping[str, _Texts]) -> float:
        if item[0] == "node":
            return _box_height(lines[item]) / 2
        return 5 if item[0] == "pass" else len(texts[item[1]][1]) * FACES["n"].leading + 6 + self._spread(item)

    def _spread(self, item: _Item) -> float:
        """More room between line and texts, for the sign that time breaks."""
        return 8.0 if item[1] in self.broken else 0.0

    def _middles(
        self,
        columns: Sequence[Sequence[_Item]],
        links: Sequence[tuple[_Item, _Item]],
        lines: Mapping[_Item, Sequence[str]],
        texts: Mapping[str, _Texts],
    ) -> dict[_Item, float]:
        """The height of the line, or of the middle, of every item: near its neighbours, with room in between."""
        beside: dict[_Item, list[tuple[_Item, float]]] = {}
        for a, b in links:  # what is in between stays straight
            pull = (1.0, 3.0, 12.0)[(a[0] == "pass") + (b[0] == "pass")]
            beside.setdefault(a, []).append((b, pull))
            beside.setdefault(b, []).append((a, pull))
        weights = {item: sum(pull for _, pull in others) for item, others in beside.items()}
        above = {item: self._above(item, lines, texts) for column in columns for item in column}
        under = {item: self._under(item, lines, texts) for column in columns for item in column}
        at: dict[_Item, float] = {}
        for column in columns:
            heights = [above[item] + under[item] for item in column]
            centres = layout.stack([0.0] * len(column), heights, _GAP)
            at |= {item: centre + (above[item] - under[item]) / 2 for item, centre in zip(column, centres, strict=True)}
        for turn in range(60):
            for column in columns if turn % 2 == 0 else reversed(columns):
                wanted = [
                    sum(at[other] * pull for other, pull in beside[item]) / weights[item] if item in beside else at[item] for item in column
                ]
                heights = [above[item] + under[item] for item in column]
                goals = [want + (under[item] - above[item]) / 2 for want, item in zip(wanted, column, strict=True)]
                centres = layout.stack(goals, heights, _GAP, [weights.get(item, 1.0) for item in column])
                at |= {item: centre + (above[item] - under[item]) / 2 for item, centre in zip(column, centres, strict=True)}
        _level(columns, at, above, under)
        return at

    def _ports(
        self, chains: Mapping[str, Sequence[_Item]], at: Mapping[_Item, float], lines: Mapping[_Item, Sequence[str]]
    ) -> dict[tuple[str, str], float]:
        """Where each flow leaves and enters its things: (flow, "out" or "in") -> height, without crossings at the box."""
        wanted: dict[tuple[str, str], list[tuple[float, str]]] = {}
        for iri, chain in chains.items():
            wanted.setdefault((chain[0][1], "out"), []).append((at[chain[1]], iri))
            wanted.setdefault((chain[-1][1], "in"), []).append((at[chain[-2]], iri))
        for hop in self.drawn.hops:
            if hop.id in self.back:
                wanted.setdefault((hop.flow.source, "out"), []).append((1e6, hop.id))
                wanted.setdefault((hop.flow.target, "in"), []).append((1e6, hop.id))
        ports = {}
        for (node, side), ends in wanted.items():
            item: _Item = ("node", node, 2 * self.layers[node])
            room = _box_height(lines[item]) - 14
            step = min(11.0, room / max(1, len(ends) - 1))
            for place, (_, iri) in enumerate(sorted(ends)):
                ports[iri, side] = at[item] + (place - (len(ends) - 1) / 2) * step
        return ports

    def _forward(
        self,
        hop: _Hop,
        chain: Sequence[_Item],
        at: Mapping[_Item, float],
        ports: Mapping[tuple[str, str], float],
        edges_of: Callable[[int], tuple[float, float]],
        texts: _Texts,
    ) -> str:
        """A flow to a later layer, straight through its columns, with its texts at the line."""
        x, y = edges_of(chain[0][2])[1], ports[hop.id, "out"]
        d = f"M{num(x)} {num(y)}"
        inner = ""
        for item in chain[1:-1]:
            left, right = edges_of(item[2])
            d += _curve(x, y, left, at[item]) + f"H{num(right)}"
            x, y = right, at[item]
            if item[0] == "hop":
                above, below = texts
                away = self._spread(item)
                inner = svg.block((left + right) / 2, y - 4 - away - len(above) * FACES["t"].leading, above, "t", anchor="middle")
                for number, (line, style) in enumerate(below):
                    inner += svg.block(
                        (left + right) / 2, y + 5 + away + number * FACES["n"].leading, [line], "n", anchor="middle", extra=style
                    )
                if hop.broken:
                    inner += _cross((left + right) / 2, y)
        left, end = edges_of(chain[-1][2])[0], ports[hop.id, "in"]
        d += _curve(x, y, left - 6, end)
        return marks.edge(
            hop.flow,
            self.drawn.said[hop.id],
            self.drawn.name(hop),
            d,
            width=_stroke(self.drawn, hop),
            tip=svg.arrow(left - 1, end, 1, 0, 8),
            inner=inner,
        )

    def _backward(
        self,
        hop: _Hop,
        number: int,
        ports: Mapping[tuple[str, str], float],
        edges_of: Callable[[int], tuple[float, float]],
        bottom: float,
        gutter: float,
    ) -> str:
        """A flow to an earlier layer: an arch below everything."""
        start = edges_of(2 * self.layers[hop.flow.source])[1]
        end = edges_of(2 * self.layers[hop.flow.target])[0]
        lane = bottom + 22 + number * _LANE
        out = start + min(gutter, 26) * 0.5 + 3 * (number % 3)
        into = end - min(gutter, 26) * 0.5 - 3 * (number % 3) - 4
        y0, y1 = ports[hop.id, "out"], ports[hop.id, "in"]
        r = 9
        d = svg.data("M", start, y0, "Q", out, y0, out, y0 + r, "V", lane - r, "Q", out, lane, out - r, lane, "H", into + r)
        d += svg.data("Q", into, lane, into, lane - r, "V", y1 + r, "Q", into, y1, end - 6, y1)
        middle = (out + into) / 2
        room = abs(out - into) - 24
        below = " · ".join(said for said, _ in _below(self.drawn, hop))
        lines = svg.wrap(below, room, "n", 2)
        inner = svg.block(middle, lane - 19, [svg.shorten(self.drawn.kind(hop.flow), room)], anchor="middle")
        inner += svg.block(middle, lane + 5, lines, "n", anchor="middle", extra="wrn" if hop.broken else "mut")
        if hop.broken:
            inner += _cross(middle, lane)
        return marks.edge(
            hop.flow,
            self.drawn.said[hop.id],
            self.drawn.name(hop),
            d,
            width=_stroke(self.drawn, hop),
            tip=svg.arrow(end - 1, y1, 1, 0, 8),
            inner=inner,
        )


def _level(columns: Sequence[Sequence[_Item]], at: dict[_Item, float], above: Mapping[_Item, float], under: Mapping[_Item, float]) -> None:
    """Make long lines straight where there is room: all their passes at the height of the hop, else at their mean."""
    bounds: dict[_Item, tuple[_Item | None, _Item | None]] = {}
    runs: dict[str, list[_Item]] = {}
    for column in columns:
        for place, item in enumerate(column):
            bounds[item] = (column[place - 1] if place else None, column[place + 1] if place + 1 < len(column) else None)
            if item[0] == "pass":
                runs.setdefault(item[1], []).append(item)

    def fits(item: _Item, y: float) -> bool:
        before, after = bounds[item]
        free_above = before is None or at[before] + under[before] + _GAP <= y - above[item] + 0.01
        return free_above and (after is None or y + under[item] + 0.01 <= at[after] - above[after] - _GAP + 0.02)

    for _ in range(2):
        for iri, run in runs.items():
            hop = next(((kind, name, column) for kind, name, column in at if kind == "hop" and name == iri), None)
            mean = sum(at[item] for item in run) / len(run)
            for y in [*([at[hop]] if hop else []), mean, *(at[item] for item in run)]:
                if all(fits(item, y) for item in run):
                    at |= dict.fromkeys(run, y)
                    break


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    if abs(y0 - y1) < 0.05:
        return f"H{num(x1)}"
    middle = (x0 + x1) / 2
    return f"C{num(middle)} {num(y0)} {num(middle)} {num(y1)} {num(x1)} {num(y1)}"


def _cross(x: float, y: float) -> str:
    """The sign that time breaks here."""
    lines = f"M{num(x - 6)} {num(y - 6)}L{num(x + 6)} {num(y + 6)}M{num(x - 6)} {num(y + 6)}L{num(x + 6)} {num(y - 6)}"
    return f'<g class="warn">{svg.circle(x, y, 9, "paper")}{svg.path(lines, "e", width=3)}</g>'


# --- down the page --------------------------------------------------------------------------------------------------

_LANE_STEP = 9


def _listing(drawn: _Drawn) -> tuple[float, str, float]:
    """Things below each other with their hops below them; lanes at the left lead each hop to where it goes."""
    look = drawn.look
    layers, _ = _layers(drawn)
    nodes = sorted(layers, key=lambda node: layers[node])
    leaving: dict[str, list[_Hop]] = {}
    for hop in drawn.hops:
        leaving.setdefault(hop.flow.source, []).append(hop)
    for hops in leaving.values():
        hops.sort(key=lambda hop: (layers[hop.flow.target], hop.paths))
    lanes, across = _lanes(nodes, leaving)
    left = svg.margin(look) + 20 + _LANE_STEP * max(0, across - 1) + (8 if across else 0)
    right = look.width - svg.margin(look)
    y = 4.0
    boxes, rows, node_at, hop_at = [], [], {}, {}
    for node in nodes:
        lines = svg.wrap(drawn.label(node), right - left - 18, "b", 4)
        boxes.append(_box(drawn, node, left, y, right - left, lines))
        node_at[node] = y + _box_height(lines) / 2
        y += _box_height(lines) + 6
        stem_top = y - 6
        for hop in leaving.get(node, ()):
            inner, tall = _row(drawn, hop, left + 22, y, right - left - 22)
            hop_at[hop.id] = y + 10
            rows.append((hop, inner))
            y += tall + 7
        if node in leaving:
            boxes.append(svg.path(f"M{num(left + 10)} {num(stem_top)}V{num(hop_at[leaving[node][-1].id])}", "lane"))
        y += 8

    def lane_x(target: str) -> float:
        return left - 20 - _LANE_STEP * lanes[target]

    edges, ways = [], []
    for target in lanes:
        ends = [hop_at[hop.id] for hop, _ in rows if hop.flow.target == target]
        x, goal = lane_x(target), node_at[target]
        for y0, y1 in ((min(ends), goal), (goal, max(ends))):
            if y0 < y1 - 1:
                start, end = (y0, y1) if y1 == goal else (y1, y0)
                bend = 6 if start < end else -6
                ways.append(
                    svg.path(
                        f"M{num(x)} {num(start)}V{num(end - bend)}Q{num(x)} {num(end)} {num(x + 6)} {num(end)}H{num(left - 6)}", "lane"
                    )
                )
        ways.append(f'<g class="any">{svg.path(svg.arrow(left - 1, goal, 1, 0, 8), "hd")}</g>')
    for hop, inner in rows:
        y0, x = hop_at[hop.id], lane_x(hop.flow.target)
        d = f"M{num(left + 10)} {num(y0)}H{num(x)}"
        edges.append(
            marks.edge(
                hop.flow,
                drawn.said[hop.id],
                drawn.name(hop),
                d,
                width=_stroke(drawn, hop),
                inner=_knots(left + 10, x, y0) + inner + (_cross((left + 10 + x) / 2, y0) if hop.broken else ""),
            )
        )
    return float(look.width), "".join(ways + edges + boxes), y


def _knots(x0: float, x1: float, y: float) -> str:
    """Dots where a hop leaves the stem of its thing and joins its lane."""
    return svg.circle(x0, y, 3, "hd") + svg.circle(x1, y, 3, "hd")


def _lanes(nodes: Sequence[str], leaving: Mapping[str, Sequence[_Hop]]) -> tuple[dict[str, int], int]:
    """Target -> the lane that leads to it, and how many lanes lie beside each other; lanes that do not meet share a place."""
    order = {node: number for number, node in enumerate(nodes)}
    spans: dict[str, tuple[int, int]] = {}
    for node, hops in leaving.items():
        for hop in hops:
            low, high = sorted((order[node], order[hop.flow.target]))
            before = spans.get(hop.flow.target, (low, high))
            spans[hop.flow.target] = (min(low, before[0]), max(high, before[1]))
    taken: list[list[tuple[int, int]]] = []
    lanes: dict[str, int] = {}
    for target, (low, high) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1], order[item[0]])):
        free = next((place for place, others in enumerate(taken) if all(high <= a or b <= low for a, b in others)), len(taken))
        if free == len(taken):
            taken.append([])
        taken[free].append((low, high))
        lanes[target] = free
    return lanes, len(taken)


def _row(drawn: _Drawn, hop: _Hop, x: float, y: float, room: float) -> tuple[str, float]:
    kind = drawn.kind(hop.flow)
    lines = svg.wrap(f"{kind} → {drawn.label(hop.flow.target)}", room, "t", 3)
    inner = svg.block(x, y + 3, lines, "t")
    top = y + 3 + len(lines) * FACES["t"].leading
    said = _below(drawn, hop)
    plain = " · ".join(words for words, style in said if style == "mut")
    for words, style in [(plain, "mut"), *((words, style) for words, style in said if style != "mut")]:
        wrapped = svg.wrap(words, room, "n", 3)
        inner += svg.block(x, top, wrapped, "n", extra=style)
        top += len(wrapped) * FACES["n"].leading
    return inner, top - y


# --- the list of paths ----------------------------------------------------------------------------------------------


def _table(drawn: _Drawn, page: Look, y: float) -> tuple[str, float]:
    """One row a path: how strong it is, and what it passes."""
    side, room = svg.margin(page), page.width - 2 * svg.margin(page)
    parts = [svg.path(f"M{num(side)} {num(y)}H{num(side + room)}", "grid", width=1)]
    short = svg.fit({node: drawn.label(node) for path in drawn.paths for node in path.nodes}, 190, "n")
    y += 8
    for number, path in enumerate(drawn.paths, 1):
        voices = len(path.publishers)
        strong = (
            f"{path.reading} · {path.basis} · {len(path.flows)} hop{'s' * (len(path.flows) != 1)} · specificity {path.specificity:.2g} · "
            f"{voices} publisher{'s' * (voices != 1)}"
        )
        through = " → ".join(short[node][0] for node in path.nodes[1:-1]) or "directly"
        name = f"Path {number}"
        parts.append(svg.block(side, y, [name], "n", extra="bold"))
        if room > 760:
            parts.append(svg.block(side + 54, y, [strong], "s"))
            start = 54 + 410
            parts.append(
                svg.block(side + start, y, [svg.shorten(f"by way of {through}" if path.nodes[1:-1] else through, room - start, "n")], "n")
            )
            y += 17
        else:
            lines = svg.wrap(strong, room - 54, "s", 3)
            parts.append(svg.block(side + 54, y, lines, "s"))
            y += len(lines) * FACES["s"].leading + 4
    return "".join(parts), y + 8
