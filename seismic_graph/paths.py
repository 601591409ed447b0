"""Paths over flows, under three readings of time. Pure: flows in, paths out.

Readings of a path f1, f2, ... (Holme and Saramäki, "Temporal networks", Physics Reports 519, 2012, call the last two time-respecting):

* *static*: dates are ignored;
* *possible*: some non-decreasing choice of days within the bounds exists: the running maximum of ``earliest`` stays ``<= latest``;
* *strict*: every choice is non-decreasing: ``latest(f_i) <= earliest(f_i+1)``, and no date is contradicted. A standing flow only has
  to hold for certain at the moment of passing.

Both time readings are one number carried along a path, the smaller the better, and one step function: see `Reading`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seismic_graph.dates import OPEN_END, OPEN_START, bounds
from seismic_graph.errors import UsageError
from seismic_graph.flows import BASES, DIRECTIONS, READINGS, Flow

EXPANSIONS = 500_000
"""How many partial paths one search may look at before it says that it gave up looking for more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of time within a window of days."""

    name: str
    since: int = OPEN_START
    until: int = OPEN_END

    def gate(self, flow: Flow) -> tuple[int, int] | None:
        """When a flow can be passed, as ``(limit, add)``; None for never.

        It is entered with a state up to ``limit`` and left with the larger of that state and ``add``. The state is the earliest
        possible day of arrival (possible) or the latest (strict).
        """
        if self.name == "static":
            return None if flow.latest < self.since or flow.earliest > self.until else (OPEN_END, OPEN_START)
        if self.name == "possible":
            limit, add = min(flow.latest, self.until), flow.earliest
        elif flow.contradicted:
            return None
        elif flow.standing:
            limit, add = min(flow.sure_until, self.until), flow.sure_from
        else:
            return (flow.earliest, flow.latest) if flow.latest <= self.until else None
        return (limit, add) if add <= limit else None

    def step(self, state: int, flow: Flow) -> int | None:
        """The state after a flow, or None where the flow cannot follow."""
        gate = self.gate(flow)
        return max(state, gate[1]) if gate and state <= gate[0] else None

    def deadline(self, flow: Flow, onward: int) -> int | None:
        """The latest state that a flow can be entered with so as to leave it with a state `<= onward`; None for none."""
        gate = self.gate(flow)
        return min(gate[0], onward) if gate and gate[1] <= onward else None


@dataclass(frozen=True, slots=True)
class Path:
    """A path: its flows in order, how strong it is, and how special.

    Attributes:
        reading: the strictest reading in which it holds.
        basis: the weakest basis of its hops.
        specificity: the product over its hops of 1 / (number of things one can move on to from there): 1 for a path that could go no
            other way.
    """

    flows: tuple[Flow, ...]
    reading: str
    basis: str
    specificity: float

    @property
    def nodes(self) -> tuple[str, ...]:
        """IRIs of the things that it passes, in order."""
        return (self.flows[0].source, *(flow.target for flow in self.flows))

    @property
    def sources(self) -> tuple[str, ...]:
        """IRIs of all sources behind it, sorted."""
        return tuple(sorted({source for flow in self.flows for source in flow.sources}))

    @property
    def publishers(self) -> tuple[str, ...]:
        """The publishers behind it, sorted: its independent voices."""
        return tuple(sorted({publisher for flow in self.flows for publisher in flow.publishers}))


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for.

    Attributes:
        reading: the weakest reading that counts.
        bases: which bases a hop may have.
        directions: which directions a hop may have; empty for all.
        max_hops: the longest path looked at.
        since, until: the window of days in which everything must be able to happen (possible), or certainly happens (strict).
        via: things that a path must pass; avoid: things that it must not.
    """

    reading: str = "possible"
    bases: frozenset[str] = frozenset({"stated", "structural"})
    directions: frozenset[str] = frozenset()
    max_hops: int = 6
    since: int = OPEN_START
    until: int = OPEN_END
    via: tuple[str, ...] = ()
    avoid: frozenset[str] = frozenset()

    def window(self, reading: str) -> Reading:
        """A reading within the window of this search."""
        return Reading(reading, self.since, self.until)


def stated(
    *,
    reading: str = "possible",
    basis: str = "structural",
    max_hops: int = 6,
    since: str | None = None,
    until: str | None = None,
    directions: Collection[str] = (),
    via: Collection[str] = (),
    avoid: Collection[str] = (),
) -> Search:
    """A search as people state it, checked: words by name, the weakest basis that counts, dates as a year, a month or a day.

    Raises:
        UsageError: a value that does not exist.
    """
    for what, value, known in (
        ("reading", reading, READINGS),
        ("basis", basis, BASES),
        *(("direction", one, DIRECTIONS) for one in directions),
    ):
        if value not in known:
            raise UsageError(f"There is no {what} {value!r}; it is one of {', '.join(known)}.")
    if max_hops < 1:
        raise UsageError("max_hops must be 1 or more.")
    first, last = _window(since, until)
    bases = frozenset(BASES[: BASES.index(basis) + 1])
    return Search(reading, bases, frozenset(directions), max_hops, first, last, tuple(via), frozenset(avoid))


def _window(since: str | None, until: str | None) -> tuple[int, int]:
    def day(name: str, text: str, side: int) -> int:
        try:
            return bounds(text)[side].toordinal()
        except ValueError as reason:
            raise UsageError(f"{name} {text!r}: {reason}.") from None

    first = day("since", since, 0) if since else OPEN_START
    last = day("until", until, 1) if until else OPEN_END
    if first > last:
        raise UsageError(f"since {since} lies after until {until}: swap them.")
    return first, last


class FlowNetwork:
    """Flows indexed by their ends. Make it once, search it often."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._flows = tuple(flows)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """All flows."""
        return self._flows

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        """The flows that leave each thing."""
        leaving: dict[str, list[Flow]] = {}
        for flow in self.flows:
            leaving.setdefault(flow.source, []).append(flow)
        return leaving

    @cached_property
    def nodes(self) -> frozenset[str]:
        """IRIs of everything at an end of a flow."""
        return frozenset(self.outgoing) | {flow.target for flow in self.flows}

    @cached_property
    def ways_out(self) -> Mapping[str, int]:
        """How many different things one can move on to from each thing."""
        return {node: len({flow.target for flow in flows} - {node}) or 1 for node, flows in self.outgoing.items()}

    def restricted(self, search: Search, bases: Collection[str]) -> FlowNetwork:
        """The flows that a search may use, with given bases."""
        return FlowNetwork(
            flow
            for flow in self.flows
            if flow.basis in bases
            and (not search.directions or flow.direction in search.directions)
            and flow.source not in search.avoid
            and flow.target not in search.avoid
            and flow.source != flow.target
        )

    def between(self, source: str, target: str, search: Search) -> FlowNetwork:
        """A network in which a search finds the same paths as in this one; a large network gives a small part of itself."""
        return self

    def around(self, starts: Collection[str], ends: Collection[str], search: Search) -> FlowNetwork:
        """A network in which what some things reach and what reaches others is the same as in this one, within the limits of a search.

        It has the flows at these things too. A large network gives a small part of itself.
        """
        return self

    def touching(self, things: Collection[str]) -> tuple[Flow, ...]:
        """The flows that have any of some things at an end, in the order of all."""
        return tuple(flow for flow in self.flows if flow.source in things or flow.target in things)

    def ways(self, things: Collection[str]) -> Mapping[str, int]:
        """`ways_out`, of some things at least."""
        return self.ways_out

    def reached(self, sources: Collection[str], search: Search, targets: Collection[str] | None = None) -> dict[str, dict[str, Reached]]:
        """What knowledge from each of some things reaches within the limits, by IRI; all things, or those of some targets."""
        part = self.restricted(search, search.bases)
        found = {source: _reached(part, source, search) for source in sources}
        if targets is None:
            return found
        wanted = frozenset(targets)
        return {source: {node: item for node, item in there.items() if node in wanted} for source, there in found.items()}

    def eased(self, days: int) -> FlowNetwork:
        """The same flows, each of which may have happened so many days later."""
        return FlowNetwork(replace(flow, latest=min(OPEN_END, flow.latest + days)) for flow in self.flows)

    def named(self, flows: Iterable[Flow]) -> tuple[Flow, ...]:
        """The flows of this network that have the ids of others."""
        known = {flow.id: flow for flow in self.flows}
        return tuple(known[flow.id] for flow in flows)


class Part(FlowNetwork):
    """Some flows of a network, with the ways out that its things have in the whole of it."""

    def __init__(self, flows: Iterable[Flow], ways: Mapping[str, int]) -> None:
        super().__init__(flows)
        self._ways = ways

    @property
    def ways_out(self) -> Mapping[str, int]:
        """How many different things one can move on to from each thing."""
        return self._ways

    def restricted(self, search: Search, bases: Collection[str]) -> FlowNetwork:
        """The flows with given bases; all of them are fit for the search that they were cut out for."""
        return Part((flow for flow in self.flows if flow.basis in bases), self._ways)


def reading_of(flows: Sequence[Flow], since: int = OPEN_START, until: int = OPEN_END) -> str:
    """The strictest reading in which flows in this order are a path."""
    for name in reversed(READINGS):
        if holds(flows, Reading(name, since, until)):
            return name
    return "static"


def holds(flows: Sequence[Flow], reading: Reading) -> bool:
    """Whether flows in this order are a path in a reading."""
    return _first_break(flows, reading) is None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a search.

    Attributes:
        paths: the best paths, the best first.
        more: there are more than asked for.
        exhausted: all paths within the limits were looked at; False where the search gave up (`EXPANSIONS`).
    """

    paths: tuple[Path, ...]
    more: bool
    exhausted: bool


def find(network: FlowNetwork, source: str, target: str, search: Search, limit: int) -> Found:
    """The best simple paths from one thing to another.

    Order: stronger basis of the weakest hop; strict before possible before static; higher specificity; fewer hops; more publishers; then
    the ids of the flows, so that ties fall the same way every time.
    """
    network = network.between(source, target, search)
    prices = _prices(network.restricted(search, search.bases).ways_out)
    paths: list[Path] = []
    exhausted = True
    allowed = [basis for basis in BASES if basis in search.bases]
    readings = [name for name in reversed(READINGS) if READINGS.index(name) >= READINGS.index(search.reading)]
    for position, weakest in enumerate(allowed):
        part = network.restricted(search, allowed[: position + 1])
        for name in readings:
            budget = _Budget(EXPANSIONS)
            wanted = limit + 1 - len(paths)
            for path in _ranked(_best_first(part, source, target, search, name, prices, budget), weakest, name, search, wanted):
                paths.append(path)
                if len(paths) > limit:
                    return Found(tuple(paths[:limit]), True, exhausted)
            exhausted = exhausted and budget.left > 0
    return Found(tuple(paths), False, exhausted)


def _ranked(candidates: Iterator[tuple[int, tuple[Flow, ...]]], weakest: str, name: str, search: Search, wanted: int) -> list[Path]:
    """The first `wanted` candidates of exactly this basis and reading; equal costs and lengths are ordered by publishers and ids."""
    kept: list[tuple[tuple[int, int, int, tuple[str, ...]], Path]] = []
    for cost, flows in candidates:
        if len(kept) >= wanted and (cost, len(flows)) > kept[wanted - 1][0][:2]:
            break
        if max(BASES.index(flow.basis) for flow in flows) != BASES.index(weakest) or reading_of(flows, search.since, search.until) != name:
            continue
        path = Path(flows, name, weakest, 2.0 ** (-cost / _UNIT))
        kept.append(((cost, len(flows), -len(path.publishers), tuple(flow.id for flow in flows)), path))
        kept.sort(key=lambda ranked: ranked[0])
    return [path for _, path in kept[:wanted]]


_UNIT = 1_000_000  # costs are whole numbers of millionths of a bit, so that sums compare exactly


class _Budget:
    def __init__(self, left: int) -> None:
        self.left = left


_Node = tuple[str, int]  # a thing, and which of the things in `via` have been passed
_Edge = tuple[Flow, _Node, int, int]  # a flow, what it leads to, and its gate: limit and add


def _best_first(
    network: FlowNetwork, source: str, target: str, search: Search, reading_name: str, prices: Mapping[str, int], budget: _Budget
) -> Iterator[tuple[int, tuple[Flow, ...]]]:
    """Simple paths by rising cost, then length.

    A* (Hart, Nilsson, Raphael 1968) with the exact cost to go of walks as its bound, given the hops left and the state.
    """
    reading = search.window(reading_name)
    bits = {node: 1 << position for position, node in enumerate(search.via)}
    full = (1 << len(bits)) - 1
    layered = _corridor(network, source, target, search, reading, bits)
    start, goal = (source, bits.get(source, 0)), (target, bits.get(target, 0) | full)
    if not layered or source == target:
        return
    bounds = _Bounds(layered, goal, search.max_hops, prices)
    heap: list[tuple[int, int, int, tuple[str, ...], tuple[Flow, ...], _Node, int, int, frozenset[str]]] = []
    if (least := _least(bounds.without(frozenset())[search.max_hops], start, reading.since)) is not None:
        heap.append((least, 0, 0, (), (), start, reading.since, 0, frozenset()))
    while heap:
        _, hops, _, ids, flows, node, state, cost, hubs = heapq.heappop(heap)
        if node == goal:
            yield cost, flows
            continue
        budget.left -= 1
        if budget.left <= 0:
            return
        left = search.max_hops - hops - 1
        if left < 0:
            continue
        passed = {flow.source for flow in flows}
        if node[0] in bounds.hubs:
            hubs |= {node[0]}
        to_go = bounds.without(hubs)[left]
        for flow, onward, limit, add in layered.get(node, ()):
            if state > limit or flow.target in passed:
                continue
            after = max(state, add)
            if (least := _least(to_go, onward, after)) is not None:
                spent = cost + prices[flow.source]
                heapq.heappush(heap, (spent + least, hops + 1, -len(ids), (*ids, flow.id), (*flows, flow), onward, after, spent, hubs))


def _prices(ways_out: Mapping[str, int]) -> dict[str, int]:
    """What it costs to move on from each thing."""
    return {node: round(math.log2(ways) * _UNIT) for node, ways in ways_out.items()}


def _corridor(
    network: FlowNetwork, source: str, target: str, search: Search, reading: Reading, bits: Mapping[str, int]
) -> dict[_Node, list[_Edge]]:
    """The flows that lie on some walk from source to target in the reading, by the thing they leave."""
    full = (1 << len(bits)) - 1
    start, goal = (source, bits.get(source, 0)), (target, bits.get(target, 0) | full)
    arrival: dict[_Node, int] = {start: reading.since}
    frontier, edges = {start}, {}
    for _ in range(search.max_hops):
        following: set[_Node] = set()
        for node in frontier:
            if node not in edges:
                name, mask = node
                edges[node] = [
                    (flow, (flow.target, mask | bits.get(flow.target, 0)), *gate)
                    for flow in network.outgoing.get(name, ())
                    if flow.target != source and (gate := reading.gate(flow))
                ]
            for flow, onward, limit, add in edges[node]:
                if arrival[node] <= limit and (after := max(arrival[node], add)) < arrival.get(onward, OPEN_END + 1):
                    arrival[onward] = after
                    if flow.target != target:
                        following.add(onward)
        frontier = following
    if goal not in arrival:
        return {}
    return {
        node: [edge for edge in leaving if edge[1] in arrival and arrival[node] <= edge[2]]
        for node, leaving in edges.items()
        if node[0] != target
    }


_Labels = tuple[tuple[int, int], ...]  # ways to the goal: by rising deadline and cost, none both later and dearer than another


HUB = 64
"""A thing that can be left in more ways is a hub: walks that come back to one are so many that they are ruled out before they are tried."""


class _Bounds:
    """What it costs at least to get to the goal, for each thing and number of hops left."""

    def __init__(self, layered: Mapping[_Node, list[_Edge]], goal: _Node, max_hops: int, prices: Mapping[str, int]) -> None:
        self.hubs = frozenset(node[0] for node, leaving in layered.items() if len(leaving) > HUB)
        self._goal, self._max_hops, self._prices = goal, max_hops, prices
        self._incoming: dict[_Node, list[tuple[_Node, int, int]]] = {}
        for node, leaving in layered.items():
            for _, onward, limit, add in leaving:
                self._incoming.setdefault(onward, []).append((node, limit, add))
        self._known: dict[frozenset[str], list[dict[_Node, _Labels]]] = {}

    def without(self, hubs: frozenset[str]) -> list[dict[_Node, _Labels]]:
        """For each number of hops left, the walks to the goal that are worth while and do not pass some hubs."""
        if hubs not in self._known:
            self._known[hubs] = self._walks(hubs)
        return self._known[hubs]

    def _walks(self, hubs: frozenset[str]) -> list[dict[_Node, _Labels]]:
        to_go: list[dict[_Node, _Labels]] = [{self._goal: ((OPEN_END, 0),)}]
        fresh = to_go[0]
        for _ in range(self._max_hops):
            offered: dict[_Node, set[tuple[int, int]]] = {}
            for onward, labels in fresh.items():  # what is not new has been told to the things before it
                for node, limit, add in self._incoming.get(onward, ()):
                    if node[0] not in hubs:
                        price = self._prices[node[0]]
                        offered.setdefault(node, set()).update((min(limit, by), cost + price) for by, cost in labels if add <= by)
            labels_of, fresh = dict(to_go[-1]), {}
            for node, offers in offered.items():
                known = labels_of.get(node, ())
                kept = _worth_while({*known, *offers})
                if added := tuple(label for label in kept if label not in known):
                    labels_of[node], fresh[node] = kept, added
            to_go.append(labels_of)
        return to_go


def _worth_while(labels: Collection[tuple[int, int]]) -> _Labels:
    """Those that no other one beats in both deadline and cost, by rising deadline."""
    kept: list[tuple[int, int]] = []
    for by, cost in sorted(labels, key=lambda label: (-label[0], label[1])):
        if not kept or cost < kept[-1][1]:
            kept.append((by, cost))
    return tuple(reversed(kept))


def _least(to_go: Mapping[_Node, _Labels], node: _Node, state: int) -> int | None:
    """The least cost to the goal for who is at a thing in a state; None where there is no way."""
    for by, cost in to_go.get(node, ()):
        if state <= by:
            return cost
    return None


@dataclass(frozen=True, slots=True)
class Reached:
    """A thing that knowledge reaches.

    Attributes:
        hops: the fewest hops; first_day: the earliest possible day of arrival (open where the dates leave it so).
    """

    node: str
    hops: int
    first_day: int


def reach(network: FlowNetwork, source: str, search: Search) -> dict[str, Reached]:
    """Everything that knowledge from one thing reaches within the limits, by IRI."""
    return network.reached([source], search)[source]


def _reached(part: FlowNetwork, source: str, search: Search) -> dict[str, Reached]:
    reading = search.window(search.reading)
    arrival, frontier = {source: reading.since}, {source}
    found: dict[str, Reached] = {}
    for hops in range(1, search.max_hops + 1):
        better: dict[str, int] = {}
        for node in frontier:
            for flow in part.outgoing.get(node, ()):
                after = reading.step(arrival[node], flow)
                if after is not None and after < min(arrival.get(flow.target, OPEN_END + 1), better.get(flow.target, OPEN_END + 1)):
                    better[flow.target] = after
        for node, day in better.items():
            arrival[node] = day
            if node != source:
                found[node] = Reached(node, found[node].hops if node in found else hops, day)
        frontier = set(better)
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a search found no path.

    Attributes:
        code: one of ``no-edge``, ``backwards``, ``weaker-basis``, ``more-hops``, ``filtered``; ``several`` where no single limit
            explains it, but all of them together.
        path: the nearest path, where there is one: what would have been found without that limit.
        hop: for ``backwards``, the index of the first flow of `path` that would have to run back in time.
        days: for ``backwards``, by how many days the path misses.
    """

    code: str
    path: Path | None = None
    hop: int | None = None
    days: int | None = None


MANY_HOPS = 12
"""How far an explanation looks beyond the hops that were allowed."""


def why_not(network: FlowNetwork, source: str, target: str, search: Search) -> list[Reason]:
    """Why there is no path, as a list of single limits that stand in the way, the most telling first."""
    reasons: list[Reason] = []

    def first(changed: Search) -> Path | None:
        found = find(network, source, target, changed, 1)
        return found.paths[0] if found.paths else None

    if search.reading != "static" and (nearest := _nearest(network, source, target, search)):
        path, days = nearest
        reasons.append(Reason("backwards", path, _first_break(path.flows, search.window(search.reading)), days))
    relaxed = (
        ("weaker-basis", replace(search, bases=frozenset(BASES))),
        ("more-hops", replace(search, max_hops=max(search.max_hops, MANY_HOPS))),
        ("filtered", replace(search, directions=frozenset(), via=(), avoid=frozenset(), since=OPEN_START, until=OPEN_END)),
    )
    for code, changed in relaxed:
        if changed != search and (found := first(changed)):
            reasons.append(Reason(code, found))
    if not reasons:  # no single limit: all of them together
        lifted = Search(reading="static", bases=frozenset(BASES), max_hops=max(search.max_hops, MANY_HOPS))
        reasons.append(Reason("several", found) if (found := first(lifted)) else Reason("no-edge"))
    return reasons


def _first_break(flows: Sequence[Flow], reading: Reading) -> int | None:
    state = reading.since
    for position, flow in enumerate(flows):
        after = reading.step(state, flow)
        if after is None:
            return position
        state = after
    return None


def _nearest(network: FlowNetwork, source: str, target: str, search: Search) -> tuple[Path, int] | None:
    """The static path that misses the possible reading by the fewest days, and by how many: bisection over the days of tolerance."""
    static = replace(search, reading="static")
    if not find(network, source, target, static, 1).paths:
        return None

    def within(days: int) -> Path | None:
        found = find(network.eased(days), source, target, replace(search, reading="possible", until=min(OPEN_END, search.until + days)), 1)
        return found.paths[0] if found.paths else None

    low, high = 0, 1
    while within(high) is None:
        low, high = high, high * 4
        if high > 2 * OPEN_END:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if within(middle) else (middle, high)
    eased_path = within(high)
    assert eased_path is not None  # noqa: S101 - the loop above ended with a tolerance that suffices
    flows = network.named(eased_path.flows)
    if holds(flows, search.window("possible")):  # only the strict reading fails
        return Path(flows, reading_of(flows), eased_path.basis, eased_path.specificity), 0
    return Path(flows, reading_of(flows), eased_path.basis, eased_path.specificity), high
