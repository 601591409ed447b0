"""The search in columns: what of a large network one search can need, and how far knowledge spreads from many things at once.

The search itself stays that of `seismic_graph.paths`: here a part is cut out for it, small enough for plain Python, in which it finds the
same paths. In every reading a flow is a gate in time: one that is entered with a state up to its ``limit`` is left with the larger of
that state and its ``add``.

======== ============================== ======================================== =============================
reading  who passes                     limit                                    add
======== ============================== ======================================== =============================
static   what meets the window          none                                     nothing
possible ``earliest <= limit``          ``latest``, not after ``until``          ``earliest``
strict   what happens, before ``until`` ``earliest``                             ``latest``
strict   what stands, ``add <= limit``  ``sure_until``, not after ``until``      ``sure_from``
======== ============================== ======================================== =============================
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from seismic_graph.columns.record import CONTRADICTED, STANDING, Columns, beside
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import Flow, load
from seismic_graph.paths import FlowNetwork, Part, Reached, Search
from seismic_graph.store import Store

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_TOGETHER = 16  # sources that spread in one pass: each takes six bytes a thing
_KEPT = 4  # searches whose gates are kept: at most thirteen bytes a flow each
SMALL = 20_000
"""Up to so many flows are read as values and searched without numpy: its import alone takes longer."""


def network(store: Store) -> FlowNetwork:
    """All flows of a store: out of the columns beside it, as values where they are few; without columns by asking the store.

    Raises:
        StoreError: the columns are damaged or belong to another snapshot, or the store did not give a whole answer.
    """
    try:
        columns = Columns(beside(store), store.identity)
    except FileNotFoundError:
        return FlowNetwork(load(store))
    return fit(columns)


def fit(columns: Columns) -> FlowNetwork:
    """The flows in some columns: as values where they are few."""
    return FlowNetwork(columns.flows()) if len(columns) <= SMALL else ColumnNetwork(columns)


class ColumnNetwork(FlowNetwork):
    """A network in columns. It becomes flows as values only where somebody asks for all of them.

    Args:
        columns: the flows.
        days: how many days later each may have happened; see `FlowNetwork.eased`.
    """

    def __init__(self, columns: Columns, days: int = 0) -> None:
        self.columns = columns
        self._days = days
        self._gates_of: dict[Search, _Gates] = {}
        self._numbers_of: tuple[tuple[str, ...], Array] | None = None

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """All flows, in the order of their IRIs."""
        return tuple(self._later(self.columns.flows()))

    def _later(self, flows: Iterable[Flow]) -> Iterable[Flow]:
        return (replace(flow, latest=min(OPEN_END, flow.latest + self._days)) for flow in flows) if self._days else flows

    def eased(self, days: int) -> FlowNetwork:
        """The same flows, each of which may have happened so many days later."""
        return ColumnNetwork(self.columns, self._days + days)

    def named(self, flows: Iterable[Flow]) -> tuple[Flow, ...]:
        """The flows of this network that have the ids of others."""
        starts, found = self.columns.table.column("leaving.starts"), []
        for flow in flows:
            node = self.columns.nodes.find(flow.source)
            leaving = self.columns.flows(range(starts[node], starts[node + 1])) if node is not None else []
            found += [one for one in self._later(leaving) if one.id == flow.id]
        return tuple(found)

    def between(self, source: str, target: str, search: Search) -> FlowNetwork:
        """The flows on walks from source to target within the limits of a search; things to pass on the way do not count here."""
        start, goal = self.columns.nodes.find(source), self.columns.nodes.find(target)
        if start is None or goal is None or start == goal:
            return Part((), {})
        rows, ways = self._gates(search).corridor(start, goal, search.max_hops)
        flows = self._later(self.columns.flows(rows.tolist()))
        return Part(flows, {self.columns.nodes[node]: count for node, count in ways.items()})

    def around(self, starts: Collection[str], ends: Collection[str], search: Search) -> FlowNetwork:
        """A part in which what some things reach and what reaches others is the same as here, within the limits of a search."""
        import numpy as np

        gates, nodes = self._gates(search), self.columns.nodes
        first, last = (np.array(nodes.find_all(names), dtype=np.int64) for names in (starts, ends))
        both = np.union1d(first, last)
        rows = [gates.usable(at(both)) for at in (gates.out_of, gates.into)]
        rows += [gates.onward(first, search.max_hops), gates.upstream(last, search.max_hops)]
        found = np.unique(np.concatenate(rows))
        ways = gates.ways(gates.usable(gates.out_of(np.unique(gates.source[found]))))
        flows = self._later(self.columns.flows(found.tolist()))
        return Part(flows, {nodes[node]: count for node, count in ways.items()})

    def touching(self, things: Collection[str]) -> tuple[Flow, ...]:
        """The flows that have any of some things at an end, in the order of their IRIs."""
        import numpy as np

        gates, nodes = self._gates(Search()), np.array(self.columns.nodes.find_all(things), dtype=np.int64)
        rows = np.union1d(gates.out_of(nodes), gates.into(nodes))
        return tuple(self._later(sorted(self.columns.flows(rows.tolist()), key=lambda flow: flow.id)))

    def ways(self, things: Collection[str]) -> Mapping[str, int]:
        """How many different things one can move on to from each of some things."""
        import numpy as np

        gates, nodes = self._gates(Search()), np.array(self.columns.nodes.find_all(things), dtype=np.int64)
        rows = gates.out_of(nodes)
        ways = gates.ways(rows[gates.source[rows] != gates.target[rows]])
        return {self.columns.nodes[node]: ways.get(node, 1) for node in nodes[gates.leaving[nodes] < gates.leaving[nodes + 1]].tolist()}

    def reached(self, sources: Collection[str], search: Search, targets: Collection[str] | None = None) -> dict[str, dict[str, Reached]]:
        """What knowledge from each of some things reaches within the limits, by IRI; all things, or those of some targets."""
        asked = tuple(sources)
        wanted = self._numbers(tuple(targets)) if targets is not None else None
        found: dict[str, dict[str, Reached]] = {}
        for first in range(0, len(asked), _TOGETHER):
            found |= Spread(self._gates(search), asked[first : first + _TOGETHER], search.max_hops, wanted).reached()
        return found

    def _gates(self, search: Search) -> _Gates:
        """The columns as a search sees them; kept, since the next question often has the same limits."""
        key = replace(search, max_hops=0, via=())
        if key not in self._gates_of:
            while len(self._gates_of) >= _KEPT:
                del self._gates_of[next(iter(self._gates_of))]
            self._gates_of[key] = _Gates(self.columns, key, self._days)
        return self._gates_of[key]

    def _numbers(self, names: tuple[str, ...]) -> Array:
        """The numbers of those of some things that an end of a flow is, rising; those that were asked for last are kept."""
        if self._numbers_of is None or self._numbers_of[0] != names:
            import numpy as np

            self._numbers_of = names, np.array(self.columns.nodes.find_all(names), dtype=np.int64)
        return self._numbers_of[1]


class _Gates:
    """The columns as one search sees them."""

    def __init__(self, columns: Columns, search: Search, days: int) -> None:
        import numpy as np

        self.columns, self.search, self.days = columns, search, days
        array = columns.table.array
        self.source, self.target = array("source"), array("target")
        self.leaving, self.entering_starts, self.entering = array("leaving.starts"), array("entering.starts"), array("entering")
        self.bases = np.array([name in search.bases for name in columns.bases])
        self.directions = np.array([not search.directions or name in search.directions for name in columns.directions])
        self.avoid = columns.nodes.find_all(search.avoid)

    @cached_property
    def passable(self) -> tuple[Array, Array, Array, Array]:
        """All rows that can be passed: where those that leave each thing begin, and target, limit and add of each."""
        import numpy as np

        rows, limit, add = self.open(self.usable(np.arange(len(self.source))))
        starts = np.zeros(len(self.leaving), np.int64)
        np.cumsum(np.bincount(self.source[rows], minlength=len(starts) - 1), out=starts[1:])  # rows are in the order of their source
        return starts, self.target[rows], limit, add

    def usable(self, rows: Array) -> Array:
        """Those of some rows that the search may use, whatever their dates."""
        import numpy as np

        array = self.columns.table.array
        fits = self.bases[array("basis")[rows]]
        source, target = self.source[rows], self.target[rows]
        fits &= source != target
        if self.search.directions:
            fits &= self.directions[array("direction")[rows]]
        if self.avoid:
            fits &= ~(np.isin(source, self.avoid) | np.isin(target, self.avoid))
        usable: Array = rows[fits]
        return usable

    def open(self, rows: Array) -> tuple[Array, Array, Array]:
        """The rows that can be passed at some time, with limit and add of each."""
        import numpy as np

        array, since, until = self.columns.table.array, self.search.since, self.search.until
        earliest, latest = array("earliest")[rows], array("latest")[rows]
        if self.days:
            latest = np.minimum(latest + self.days, OPEN_END)
        if self.search.reading == "possible":
            limit, add = np.minimum(latest, until), earliest
            fits = add <= limit
        elif self.search.reading == "static":
            limit, add = np.full(len(rows), OPEN_END, latest.dtype), np.full(len(rows), OPEN_START, latest.dtype)
            fits = (latest >= since) & (earliest <= until)
        else:
            flags = array("flags")[rows]
            stands = (flags & STANDING).astype(bool)
            sure_until = np.minimum(array("sure_until")[rows], until)
            limit, add = np.where(stands, sure_until, earliest), np.where(stands, array("sure_from")[rows], latest)
            fits = ((flags & CONTRADICTED) == 0) & np.where(stands, add <= limit, latest <= until)
        return rows[fits], limit[fits], add[fits]

    def out_of(self, nodes: Array) -> Array:
        """The rows that leave some things."""
        return _ranges(self.leaving[nodes], self.leaving[nodes + 1])

    def into(self, nodes: Array) -> Array:
        """The rows that enter some things."""
        return self.entering[_ranges(self.entering_starts[nodes], self.entering_starts[nodes + 1])]

    def corridor(self, start: int, goal: int, max_hops: int) -> tuple[Array, dict[int, int]]:
        """The rows on walks from one thing to another, and the ways out of the things that they leave.

        Both ends spread, always the one with less to look at, until they have met; then each goes on inside what the other has seen.
        """
        import numpy as np

        most = min(max_hops, len(self.leaving))
        ahead, back = _Ahead(self, start, goal), _Back(self, start, goal)
        while ahead.hops + back.hops < most:
            (ahead if ahead.work() <= back.work() else back).grow(None, most)
        while back.hops < most and len(back.frontier):
            back.grow(ahead, most)
        while ahead.hops < most and len(ahead.frontier):
            ahead.grow(back, most)
        on = (ahead.seen + back.seen <= most) & (ahead.state <= back.state)
        nodes = np.flatnonzero(on)
        leaving = self.usable(self.out_of(nodes[nodes != goal]))
        rows, limit, add = self.open(leaving)
        source, target = self.source[rows], self.target[rows]
        state = ahead.state[source]
        fits = (state <= limit) & on[target] & (target != start)
        fits &= ahead.seen[source] + back.seen[target] < most
        fits &= np.maximum(state, add) <= back.state[target]
        return rows[fits], self.ways(leaving)

    def onward(self, nodes: Array, max_hops: int) -> Array:
        """The rows that a search from some things looks at; some of them twice."""
        import numpy as np

        state = np.full(len(self.leaving) - 1, _FAR, np.int32)
        state[nodes] = self.search.since
        looked = [np.zeros(0, np.int64)]
        for _ in range(max_hops):
            rows, limit, add = self.open(self.usable(self.out_of(nodes)))
            looked.append(rows)
            before, target = state[self.source[rows]], self.target[rows]
            after = np.maximum(before, add)
            better = (before <= limit) & (after < state[target])
            np.minimum.at(state, target[better], after[better])
            nodes = np.unique(target[better])
        return np.concatenate(looked)

    def upstream(self, nodes: Array, max_hops: int) -> Array:
        """The rows that a search backwards from some things looks at; some of them twice."""
        import numpy as np

        state = np.full(len(self.leaving) - 1, -_FAR, np.int32)
        state[nodes] = OPEN_END
        looked = [np.zeros(0, np.int64)]
        for _ in range(max_hops):
            rows, limit, add = self.open(self.usable(self.into(nodes)))
            looked.append(rows)
            onward, source = state[self.target[rows]], self.source[rows]
            before = np.minimum(limit, onward)
            better = (add <= onward) & (before >= self.search.since) & (before > state[source])
            np.maximum.at(state, source[better], before[better])
            nodes = np.unique(source[better])
        return np.concatenate(looked)

    def ways(self, leaving: Array) -> dict[int, int]:
        """How many different things one can move on to; rows from one thing to another lie together."""
        import numpy as np

        if not len(leaving):
            return {}
        source, target = self.source[leaving], self.target[leaving]
        first = np.ones(len(leaving), dtype=bool)
        first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        nodes, counts = np.unique(source[first], return_counts=True)
        return dict(zip(nodes.tolist(), counts.tolist(), strict=True))


_FAR = 1 << 30


class _Ahead:
    """What can be reached from the start: with how few hops, and in what state, the smaller the better."""

    def __init__(self, gates: _Gates, start: int, goal: int) -> None:
        import numpy as np

        self.gates, self.start, self.goal, self.hops = gates, start, goal, 0
        count = len(gates.leaving) - 1
        self.seen, self.state = np.full(count, _FAR, np.int32), np.full(count, _FAR, np.int32)
        self.frontier = np.array([start])
        self.seen[start], self.state[start] = 0, gates.search.since

    def work(self) -> int:
        """How many rows the next step looks at."""
        return int((self.gates.leaving[self.frontier + 1] - self.gates.leaving[self.frontier]).sum())

    def grow(self, other: _Back | None, most: int) -> None:
        """One hop more; where the other end is known, only towards it."""
        import numpy as np

        if other is not None:
            self.frontier = self.frontier[other.seen[self.frontier] <= most - self.hops]
        self.hops += 1
        rows, limit, add = self.gates.open(self.gates.usable(self.gates.out_of(self.frontier)))
        state, target = self.state[self.gates.source[rows]], self.gates.target[rows]
        after = np.maximum(state, add)
        better = (state <= limit) & (after < self.state[target]) & (target != self.start)
        if other is not None:
            better &= (other.seen[target] <= most - self.hops) & (after <= other.state[target])
        target = target[better]
        np.minimum.at(self.state, target, after[better])
        found = np.unique(target)
        self.seen[found] = np.minimum(self.seen[found], self.hops)
        self.frontier = found[found != self.goal]


class _Back:
    """What leads to the goal: with how few hops, and in what state at the latest, the larger the better."""

    def __init__(self, gates: _Gates, start: int, goal: int) -> None:
        import numpy as np

        self.gates, self.start, self.goal, self.hops = gates, start, goal, 0
        count = len(gates.leaving) - 1
        self.seen, self.state = np.full(count, _FAR, np.int32), np.full(count, -_FAR, np.int32)
        self.frontier = np.array([goal])
        self.seen[goal], self.state[goal] = 0, OPEN_END

    def work(self) -> int:
        """How many rows the next step looks at."""
        return int((self.gates.entering_starts[self.frontier + 1] - self.gates.entering_starts[self.frontier]).sum())

    def grow(self, other: _Ahead | None, most: int) -> None:
        """One hop more; where the other end is known, only towards it."""
        import numpy as np

        if other is not None:
            self.frontier = self.frontier[other.seen[self.frontier] <= most - self.hops]
        self.hops += 1
        rows, limit, add = self.gates.open(self.gates.usable(self.gates.into(self.frontier)))
        onward, source = self.state[self.gates.target[rows]], self.gates.source[rows]
        before = np.minimum(limit, onward)
        better = (add <= onward) & (before > self.state[source]) & (source != self.goal)
        if other is not None:
            better &= (other.seen[source] <= most - self.hops) & (other.state[source] <= before)
        source = source[better]
        np.maximum.at(self.state, source, before[better])
        found = np.unique(source)
        self.seen[found] = np.minimum(self.seen[found], self.hops)
        self.frontier = found[found != self.start]


class Spread:
    """How far knowledge from each of some things spreads: for each source and each thing the fewest hops and the first day.

    Args:
        gates: the columns as the search sees them.
        sources: the IRIs of the sources.
        max_hops: the most hops.
        wanted: the numbers of the things that are asked for, rising; None for all. Of the last hop, only what leads there is looked at.

    Attributes:
        hops: array of sources by things; 0 where a thing is not reached, or is the source itself.
        day: array of the same shape: the state of the reading on arrival, which is the earliest possible day in the possible reading.
    """

    def __init__(self, gates: _Gates, sources: tuple[str, ...], max_hops: int, wanted: Array | None = None) -> None:
        import numpy as np

        self.sources, self._nodes, self._wanted = sources, gates.columns.nodes, wanted
        leaving, target, limit, add = gates.passable
        count = len(leaving) - 1
        day, hops = np.full(len(sources) * count, _FAR, np.int32), np.zeros(len(sources) * count, np.int16)
        first = np.empty(len(day), np.int32)  # at which position a place stands in the last of the lists below
        known = ((lane, self._nodes.find(name)) for lane, name in enumerate(sources))
        home = frontier = np.array([lane * count + node for lane, node in known if node is not None], dtype=np.int64)
        day[frontier] = gates.search.since
        last = np.ones(count, dtype=bool)
        if wanted is not None:
            last[:] = False
            last[wanted] = True
        for hop in range(1, max_hops + 1):
            node = frontier % count
            begin, end = leaving[node], leaving[node + 1]
            passed, many = _ranges(begin, end), end - begin
            state, heads = np.repeat(day[frontier], many), target[passed]
            place, after = np.repeat(frontier - node, many) + heads, np.maximum(state, add[passed])
            better = (state <= limit[passed]) & (after < day[place])
            if hop == max_hops:
                better &= last[heads]
            place = place[better]
            if not len(place):
                break
            np.minimum.at(day, place, after[better])
            numbers = np.arange(len(place), dtype=np.int32)
            first[place] = numbers
            frontier = place[first[place] == numbers]  # each place once, without sorting them
            hops[frontier[hops[frontier] == 0]] = hop
        hops[home] = 0
        self.day, self.hops = day.reshape(len(sources), count), hops.reshape(len(sources), count)

    def reached(self) -> dict[str, dict[str, Reached]]:
        """What each of the sources reaches of the things that are asked for, by IRI."""
        import numpy as np

        nodes = np.flatnonzero(self.hops.any(axis=0)) if self._wanted is None else self._wanted
        told: dict[str, dict[str, Reached]] = {}
        names: dict[int, str] = {}
        for lane, source in enumerate(self.sources):
            there = nodes[self.hops[lane][nodes] > 0]
            rows = zip(there.tolist(), self.hops[lane][there].tolist(), self.day[lane][there].tolist(), strict=True)
            found = told[source] = {}
            for node, hops, day in rows:
                if (name := names.get(node)) is None:
                    name = names[node] = self._nodes[node]
                found[name] = Reached(name, hops, day)
        return told


def _ranges(begin: Array, end: Array) -> Array:
    """The numbers of several ranges one after the other."""
    import numpy as np

    many = end - begin
    before = np.cumsum(many) - many
    return np.repeat(begin - before, many) + np.arange(int(many.sum()))
