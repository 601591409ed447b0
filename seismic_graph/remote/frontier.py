"""What of the flows behind an endpoint one trace needs, fetched from both of its ends, hop by hop, in batches.

Always the end with fewer flows to fetch goes on, until the hops of both together are those of the search. Then every flow on a walk from
one to the other has been seen from one of them, and what no such walk can pass is left out, as `seismic_graph.columns.network` does it:
ahead, each thing has the best state in which it is reached; back, the worst in which it may be left. In how many ways a thing can be left
is counted by the endpoint, where its flows were not fetched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from seismic_graph import flows as room
from seismic_graph.dates import OPEN_END
from seismic_graph.errors import TooMuch
from seismic_graph.flows import BATCH, Flow
from seismic_graph.paths import Part, Reading, Search
from seismic_graph.rdf import iri
from seismic_graph.store import Store, select, text_of
from seismic_graph.vocabulary import PREFIXES, VOCABULARY

SHARE = 0.5
"""Where more than this share of all flows would be fetched for one trace, all of them are worth reading."""
FEW = 2000
"""So many flows may be fetched however small the graph is."""

_SG = f"PREFIX sg: <{PREFIXES['sg']}>\n"
_ALL = _SG + "SELECT (COUNT(?flow) AS ?n) WHERE { ?flow a sg:KnowledgeFlow }"
_WHOLE = "?flow a sg:KnowledgeFlow ; sg:from ?from ; sg:to ?to ; sg:flowKind ?kind ; sg:direction ?direction ; sg:basis ?basis ."


class Near:
    """The flows of some bases that were fetched so far; what is around a thing is fetched once.

    Args:
        store: the endpoint.
        bases: of which bases.
    """

    def __init__(self, store: Store, bases: Collection[str]) -> None:
        self.store, self.bases = store, frozenset(bases)
        self.leaving: dict[str, dict[str, Flow]] = {}
        self.entering: dict[str, dict[str, Flow]] = {}
        self.left: set[str] = set()
        self.entered: set[str] = set()
        self._fetched = 0
        self._allowed: float = math.inf
        self._ways: dict[tuple[Search, str], int] = {}
        self._behind: dict[str, Flow] = {}

    @cached_property
    def most(self) -> float:
        """How many flows are worth fetching, as they are asked for."""
        return max(FEW, SHARE * _number(self.store, _ALL))

    def work(self, things: Collection[str], *, ahead: bool) -> int:
        """How many flows are to be fetched for the next hop from some things; where they are too many, not all are counted."""
        name, found = ("from" if ahead else "to"), 0
        for batch in _batches(set(things) - (self.left if ahead else self.entered)):
            values = f"VALUES ?end {{ {batch} }}"
            found += _number(self.store, f"{_SG}SELECT (COUNT(?flow) AS ?n) WHERE {{ {values} ?flow sg:{name} ?end }}")
            if found > FEW and found > self.most:
                break
        return found

    def fetch(self, things: Collection[str], work: int, *, ahead: bool) -> None:
        """Fetch what leaves some things, or enters them, if it is not there yet.

        Raises:
            TooMuch: that would be more than it is worth.
        """
        known = self.left if ahead else self.entered
        if work:
            total = self._fetched + work
            if total > self._allowed or (total > FEW and total > self.most):
                raise TooMuch(f"{total:,} flows of {self.store.name} would be fetched; all of them are read instead.")
            self._fetched = total
            missing = sorted(set(things) - known)
            for start in range(0, len(missing), BATCH):
                for flow in room.around(self.store, missing[start : start + BATCH], self.bases, leaving=ahead):
                    self.leaving.setdefault(flow.source, {})[flow.id] = flow
                    self.entering.setdefault(flow.target, {})[flow.id] = flow
        known.update(things)

    def ways(self, search: Search, things: Iterable[str]) -> dict[str, int]:
        """In how many ways some things can be left in a search, as `FlowNetwork.ways_out` counts them in the whole network."""
        plain = Search(bases=self.bases, directions=search.directions, avoid=search.avoid)
        wanted = list(things)
        for thing in wanted:
            if thing in self.left:
                ends = {flow.target for flow in self.leaving.get(thing, {}).values() if _usable(flow, search)}
                self._ways[plain, thing] = len(ends) or 1
        for batch in _batches(thing for thing in wanted if (plain, thing) not in self._ways):
            filters = [room.of_bases(self.bases), "FILTER(?to != ?from)"]
            if search.directions:
                filters.append(
                    f"FILTER(?direction IN ({', '.join(f'<{VOCABULARY}direction/{one}>' for one in sorted(search.directions))}))"
                )
            if search.avoid:
                filters.append(f"FILTER(?to NOT IN ({', '.join(map(iri, sorted(search.avoid)))}))")
            pattern = f"VALUES ?from {{ {batch} }} {_WHOLE} {' '.join(filters)}"
            for row in select(self.store, f"{_SG}SELECT ?from (COUNT(DISTINCT ?to) AS ?n) WHERE {{ {pattern} }} GROUP BY ?from"):
                self._ways[plain, text_of(row[0])] = int(text_of(row[1]))
        return {thing: self._ways.get((plain, thing), 1) for thing in wanted}

    def sourced(self, flows: Iterable[Flow]) -> list[Flow]:
        """Some of the flows with the sources and publishers behind them."""
        wanted = list(flows)
        for flow in room.sourced(self.store, (flow for flow in wanted if flow.id not in self._behind)):
            self._behind[flow.id] = flow
        return [self._behind[flow.id] for flow in wanted]

    def corridor(self, source: str, target: str, search: Search, days: int = 0, allowed: float = math.inf) -> Part:
        """The flows on walks from source to target within the limits of a search.

        Args:
            source, target, search: what is looked for.
            days: how many days later each flow may have happened.
            allowed: how many flows may be fetched for it.

        Raises:
            TooMuch: that would be more than it is worth.
            StoreError: the endpoint did not give a whole answer.
        """
        if source == target:
            return Part((), {})
        self._allowed = self._fetched + allowed
        ahead = _End(self, search, source, target, days, ahead=True)
        back = _End(self, search, target, source, days, ahead=False)
        while ahead.hops + back.hops < search.max_hops:
            (ahead if ahead.work <= back.work else back).grow(None)
        while back.hops < search.max_hops and back.frontier:
            back.grow(ahead)
        while ahead.hops < search.max_hops and ahead.frontier:
            ahead.grow(back)

        def on(thing: str) -> bool:
            near = thing in ahead.seen and thing in back.seen and ahead.seen[thing] + back.seen[thing] <= search.max_hops
            return near and ahead.state[thing] <= back.state[thing]

        things = [thing for thing in ahead.seen if thing != target and on(thing)]
        passable = [
            flow
            for flow, limit, add in ahead.gates(things)
            if flow.target != source
            and ahead.state[flow.source] <= limit
            and on(flow.target)
            and ahead.seen[flow.source] + back.seen[flow.target] < search.max_hops
            and max(ahead.state[flow.source], add) <= back.state[flow.target]
        ]
        flows = sorted(self.sourced(passable), key=lambda flow: flow.id)
        return Part((later(flow, days) for flow in flows), self.ways(search, sorted({flow.source for flow in flows})))


class _End:
    """What can be reached from one end: with how few hops, and in what state; see `seismic_graph.columns.network`.

    Ahead, the state is the one of arrival, the smaller the better; back, the one in which a thing may be left at the latest.
    """

    def __init__(self, near: Near, search: Search, home: str, other: str, days: int, *, ahead: bool) -> None:
        self._near, self._search, self._home, self._other, self._days, self._ahead = near, search, home, other, days, ahead
        self._reading: Reading = search.window(search.reading)
        self._better: Callable[[int, int], int] = min if ahead else max
        self.hops = 0
        self.seen = {home: 0}
        self.state = {home: search.since if ahead else OPEN_END}
        self.frontier = {home}
        self.work = near.work(self.frontier, ahead=ahead)

    def gates(self, things: Iterable[str]) -> Iterator[tuple[Flow, int, int]]:
        """The flows on from some things that were fetched and can be passed at some time, with limit and add of each."""
        known = self._near.leaving if self._ahead else self._near.entering
        for thing in things:
            for flow in known.get(thing, {}).values():
                if _usable(flow, self._search) and (gate := self._reading.gate(later(flow, self._days))):
                    yield flow, *gate

    def grow(self, opposite: _End | None) -> None:
        """One hop more. Where the other end is given, only towards it: over what was fetched, since the other end has seen the rest."""
        most = self._search.max_hops
        if opposite is None:
            self._near.fetch(self.frontier, self.work, ahead=self._ahead)
        else:
            self.frontier = {thing for thing in self.frontier if opposite.seen.get(thing, most) <= most - self.hops}
        self.hops += 1
        found: dict[str, int] = {}
        for flow, limit, add in self.gates(self.frontier):
            here, there = (flow.source, flow.target) if self._ahead else (flow.target, flow.source)
            state = self.state[here]
            if there == self._home or (state > limit if self._ahead else add > state):
                continue
            after = max(state, add) if self._ahead else min(state, limit)
            if there in self.state and self._better(after, self.state[there]) == self.state[there]:
                continue
            if opposite is not None and not self._meets(opposite, there, after, most - self.hops):
                continue
            found[there] = self._better(after, found.get(there, after))
        self.state |= found
        for thing in found:
            self.seen.setdefault(thing, self.hops)
        self.frontier = set(found) - {self._other}
        if opposite is None:
            self.work = self._near.work(self.frontier, ahead=self._ahead)

    def _meets(self, opposite: _End, thing: str, state: int, left: int) -> bool:
        """Whether who is at a thing in a state can go on to the other end in the hops that are left."""
        if thing not in opposite.seen or opposite.seen[thing] > left:
            return False
        return state <= opposite.state[thing] if self._ahead else opposite.state[thing] <= state


def later(flow: Flow, days: int) -> Flow:
    """The flow, if it may have happened so many days later."""
    return replace(flow, latest=min(OPEN_END, flow.latest + days)) if days else flow


def _usable(flow: Flow, search: Search) -> bool:
    """Whether a search may use a flow of its bases, whatever its dates."""
    if search.directions and flow.direction not in search.directions:
        return False
    return flow.source != flow.target and flow.source not in search.avoid and flow.target not in search.avoid


def _batches(things: Iterable[str]) -> Iterator[str]:
    """Things in batches, as they stand in VALUES."""
    wanted = sorted(set(things))
    for start in range(0, len(wanted), BATCH):
        yield " ".join(iri(thing) for thing in wanted[start : start + BATCH])


def _number(store: Store, query: str) -> int:
    return next(int(text_of(row[0])) for row in select(store, query))
