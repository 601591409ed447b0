"""Indicators: counts, brokers, the main path, the time it took, each with the flows or paths behind it. Pure: values in, values out."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import networkx as nx

from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.insight.places import GROUPINGS, NOT_RECORDED, Profile, begun_between, profiles
from seismic_graph.insight.spread import Span, Spread, Usable, as_path, forward, span
from seismic_graph.paths import FlowNetwork, Path, Search
from seismic_graph.things import Thing
from seismic_graph.vocabulary import short


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number with what is behind it.

    Attributes:
        name: what it says; group: of what, for example a direction or the IRI of a thing; empty for the whole.
        value: the number: exact, or the least that the dates allow; None where nothing is recorded to count.
        unit: ``flows``, ``things``, ``paths`` (shares of shortest paths), ``chains`` or ``days``.
        most: the most that the dates allow, where that differs; None where it does not or where the dates leave it open.
        of: the total that the value is a share of; None where it is no share.
        parts: the flows behind it, each with what it adds: their sum is the value, unless `paths` are what is behind it.
        paths: the paths behind it.
    """

    name: str
    group: str
    value: float | None
    unit: str
    most: float | None = None
    of: float | None = None
    parts: tuple[tuple[Flow, float], ...] = ()
    paths: tuple[Path, ...] = ()

    @property
    def share(self) -> float | None:
        """The value as a share of the total, from 0 to 1; None where there is no total."""
        return self.value / self.of if self.of and self.value is not None and self.value <= self.of else None

    @property
    def flows(self) -> tuple[Flow, ...]:
        """All flows behind it, those of its paths included, each once."""
        behind = [flow for flow, _ in self.parts] + [flow for path in self.paths for flow in path.flows]
        return tuple({flow.id: flow for flow in behind}.values())

    def explain(self, things: Mapping[str, Thing]) -> str:
        """The number in words, then a line for each flow or path behind it.

        Args:
            things: the things by IRI, for their labels.
        """

        def name(iri: str) -> str:
            return things[iri].label if iri in things else short(iri)

        def told(flow: Flow) -> str:
            first, last = day_text(flow.earliest) or "...", day_text(flow.latest) or "..."
            count = len(flow.sources)
            cited = f"{count} source{'s' * (count != 1)}"
            return f"{name(flow.source)} - {flow.kind} - {name(flow.target)} ({first} to {last}; {flow.basis}; {cited})"

        value = "not recorded" if self.value is None else _number(self.value)
        upper = f" to {_number(self.most)}" if self.most is not None and self.most != self.value else ""
        total = f" of {_number(self.of)} ({self.share:.1%})" if self.of and self.share is not None else ""
        of_what = f", {name(self.group)}" if self.group else ""
        lines = [f"{self.name}{of_what}: {value}{upper} {self.unit}{total}"]
        lines += [f"  {_number(amount)}: {told(flow)}" for flow, amount in self.parts]
        for number, path in enumerate(self.paths, 1):
            lines += [f"  path {number}: {path.reading} in time, {path.basis}", *(f"    {told(flow)}" for flow in path.flows)]
        return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


# --- counts and shares -----------------------------------------------------------------------------------------------

Grouping = Callable[[Flow], Iterable[str]]

BY = ("direction", "level", "theme", "country", "year", "kind", "basis")
"""What flows can be counted by."""


def counts(network: FlowNetwork, things: Mapping[str, Thing], by: str, search: Search | None = None) -> list[Indicator]:
    """How many flows there are of each group, and their share of all flows; the largest first, years in order.

    By theme and by country a flow counts in every group of either end, so shares may add up to more than 1. By level it counts from the
    levels of its source to those of its target. By year the value counts the flows that lie in the year for certain (for a flow that
    stands: that hold on some day of it for certain), and `most` all that may; flows without any date, and those that hold at all times,
    are groups of their own.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        by: one of `BY`.
        search: which flows count: bases, directions, window and things to avoid; stated and structural where not given.

    Raises:
        UsageError: flows cannot be counted by that.
    """
    if by not in BY:
        raise UsageError(f"Flows cannot be counted by {by!r}; it is one of {', '.join(BY)}.")
    flows = _inside(network, search or Search())
    if by == "year":
        return _by_year(flows)
    grouping = _grouping(by, profiles(network.flows, things))
    groups: dict[str, list[Flow]] = {}
    for flow in flows:
        for group in grouping(flow):
            groups.setdefault(group, []).append(flow)
    name = f"flows by {by}"
    found = [
        Indicator(name, group, len(mine), "flows", of=len(flows), parts=tuple((flow, 1.0) for flow in mine))
        for group, mine in groups.items()
    ]
    return sorted(found, key=lambda one: (-(one.value or 0), one.group))


def _inside(network: FlowNetwork, search: Search) -> list[Flow]:
    usable = Usable.of(network, search)
    return [flow for flow in usable.flows if flow.latest >= search.since and flow.earliest <= search.until]


def _grouping(by: str, known: Mapping[str, Profile]) -> Grouping:
    empty = Profile()

    def of(iri: str, what: str) -> frozenset[str]:
        return known.get(iri, empty).groups(what)

    def levels(flow: Flow) -> Iterable[str]:
        return (f"{one} to {other}" for one in sorted(of(flow.source, "level")) for other in sorted(of(flow.target, "level")))

    def either(flow: Flow) -> Iterable[str]:
        return sorted((of(flow.source, by) | of(flow.target, by)) - {NOT_RECORDED}) or [NOT_RECORDED]

    if by in {"direction", "kind", "basis"}:
        return lambda flow: [getattr(flow, by)]
    return levels if by == "level" else either


def _by_year(flows: Sequence[Flow]) -> list[Indicator]:
    apart = {"at all times": [flow for flow in flows if flow.sure_from <= OPEN_START and flow.sure_until >= OPEN_END]}
    apart[NOT_RECORDED] = [
        flow for flow in flows if flow.earliest <= OPEN_START and flow.latest >= OPEN_END and flow not in apart["at all times"]
    ]
    set_apart = {flow.id for some in apart.values() for flow in some}
    dated = [flow for flow in flows if flow.id not in set_apart]
    bounds = [day for flow in dated for day in (flow.earliest, flow.latest) if OPEN_START < day < OPEN_END]
    found = []
    for year in range(date.fromordinal(min(bounds)).year, date.fromordinal(max(bounds)).year + 1) if bounds else ():
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        possible = [flow for flow in dated if flow.earliest <= last and flow.latest >= first]
        parts = tuple((flow, float(_surely_in(flow, first, last))) for flow in possible)
        sure = int(sum(amount for _, amount in parts))
        found.append(Indicator("flows by year", str(year), sure, "flows", most=len(possible), of=len(flows), parts=parts))
    for group, some in apart.items():
        if some:
            found.append(Indicator("flows by year", group, len(some), "flows", of=len(flows), parts=tuple((flow, 1.0) for flow in some)))
    return found


def _surely_in(flow: Flow, first: int, last: int) -> bool:
    if flow.standing:
        return max(flow.sure_from, first) <= min(flow.sure_until, last)
    return first <= flow.earliest and flow.latest <= last


# --- brokers ---------------------------------------------------------------------------------------------------------


def brokers(
    network: FlowNetwork,
    search: Search | None = None,
    sources: Collection[str] | None = None,
    targets: Collection[str] | None = None,
) -> list[Indicator]:
    """Temporal betweenness of every thing that has some: on how many shortest time-respecting paths it lies; the largest first.

    For each thing v it is the sum, over all ordered pairs of other things s and z, of the share of the shortest time-respecting paths from
    s to z that pass v. A path is a sequence of flows that holds in the reading of the search as a whole, so two flows between the same
    things make two paths; the shortest are those with the fewest hops, and at most `max_hops` of them. This is the shortest temporal
    betweenness of Buß, Molter, Niedermeier and Rymar, "Algorithmic aspects of temporal betweenness" (KDD 2020), which is Freeman's
    betweenness ("A set of measures of centrality based on betweenness", Sociometry 40, 1977) for temporal paths; the paths are counted
    exactly, by the dependencies of Brandes ("A faster algorithm for betweenness centrality", J. Math. Sociol. 25, 2001) over things with
    the state of the reading there.

    Each value is the sum over the flows that leave the thing. `of` is the number of pairs that a path connects and that it is not an end
    of.

    Args:
        network: the flows.
        search: what counts as a path; possible in time, stated and structural where not given.
        sources, targets: which things count as s and as z; every one where not given.
    """
    usable = Usable.of(network, search or Search())
    parts: dict[str, dict[str, float]] = {}
    pairs = 0
    ending: dict[str, int] = {}
    for source in sorted(usable.outgoing if sources is None else set(sources) & set(usable.outgoing)):
        reached = _dependencies(usable, source, targets, parts)
        pairs += len(reached)
        ending[source] = ending.get(source, 0) + len(reached)
        for target in reached:
            ending[target] = ending.get(target, 0) + 1
    flows = {flow.id: flow for flow in usable.flows}
    found = [
        Indicator(
            "shortest time-respecting paths through",
            node,
            sum(mine.values()),
            "paths",
            of=pairs - ending.get(node, 0),
            parts=tuple((flows[iri], amount) for iri, amount in sorted(mine.items(), key=lambda row: (-row[1], row[0]))),
        )
        for node, mine in parts.items()
    ]
    return sorted(found, key=lambda one: (-(one.value or 0), one.group))


_At = tuple[str, int]  # a thing and the state of the reading there


def _dependencies(usable: Usable, source: str, targets: Collection[str] | None, parts: dict[str, dict[str, float]]) -> list[str]:
    """Add the dependency of one source on every flow that is not its first; the things that count as targets and are reached."""
    reading = usable.reading
    layers: list[dict[_At, int]] = [{(source, reading.since): 1}]
    entered: list[dict[_At, list[tuple[_At, Flow]]]] = [{}]
    best, first = {source: OPEN_START - 1}, {source: 0}  # nothing comes back to the source on a shortest path
    for hops in range(1, usable.search.max_hops + 1):
        ways: dict[_At, int] = {}
        by: dict[_At, list[tuple[_At, Flow]]] = {}
        for (node, state), count in layers[-1].items():
            for flow in usable.outgoing.get(node, ()):
                after = reading.step(state, flow)
                if after is None or after >= best.get(flow.target, OPEN_END + 1):
                    continue
                ways[flow.target, after] = ways.get((flow.target, after), 0) + count
                by.setdefault((flow.target, after), []).append(((node, state), flow))
        if not ways:
            break
        for node, state in ways:
            best[node] = min(best.get(node, OPEN_END + 1), state)
            first.setdefault(node, hops)
        layers.append(ways)
        entered.append(by)
    reached = [node for node in first if node != source and (targets is None or node in targets)]
    totals = dict.fromkeys(reached, 0)
    for hops, layer in enumerate(layers):
        for (node, _), count in layer.items():
            if node in totals and first[node] == hops:
                totals[node] += count
    dependency: dict[tuple[int, _At], float] = {}
    for hops in range(len(layers) - 1, 0, -1):
        for at, before in entered[hops].items():
            ends_here = 1 / totals[at[0]] if at[0] in totals and first[at[0]] == hops else 0.0
            each = ends_here + dependency.get((hops, at), 0.0) / layers[hops][at]
            if not each:
                continue
            for previous, flow in before:
                amount = layers[hops - 1][previous] * each
                dependency[hops - 1, previous] = dependency.get((hops - 1, previous), 0.0) + amount
                if previous[0] != source:
                    mine = parts.setdefault(previous[0], {})
                    mine[flow.id] = mine.get(flow.id, 0.0) + amount
    return reached


def brokers_between(
    network: FlowNetwork, things: Mapping[str, Thing], by: str, one: str, other: str, search: Search | None = None
) -> list[Indicator]:
    """The brokers from one group of things to another, in this direction: from the things of the one alone to those of the other alone.

    See `brokers` for what is counted.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        by: ``theme``, ``country``, ``city``, ``network`` or ``level``.
        one, other: the groups, for example two IRIs of themes or two country codes.
        search: what counts as a path.

    Raises:
        UsageError: things cannot be grouped by that, or no thing is of that group alone.
    """
    if by not in GROUPINGS:
        raise UsageError(f"Things cannot be grouped by {by!r}; it is one of {', '.join(GROUPINGS)}.")
    known = profiles(network.flows, things)
    mine = {iri for iri, profile in known.items() if one in profile.groups(by) and other not in profile.groups(by)}
    theirs = {iri for iri, profile in known.items() if other in profile.groups(by) and one not in profile.groups(by)}
    for group, members in ((one, mine), (other, theirs)):
        if not members:
            raise UsageError(f"No thing is of the {by} {group!r} alone.")
    return brokers(network, search, mine, theirs)


def static_betweenness(network: FlowNetwork, search: Search | None = None) -> list[Indicator]:
    """Betweenness of every thing that has some when dates are ignored (Freeman 1977; computed by networkx); the largest first.

    Beside `brokers` it shows what ignoring time would claim. Flows between the same things in the same direction are one; there is no
    limit of hops. The flows behind it are those at the thing; it is not a sum over them.
    """
    usable = Usable(_inside(network, search or Search()), search or Search())
    graph = nx.DiGraph((flow.source, flow.target) for flow in usable.flows)
    size = graph.number_of_nodes()
    found = [
        Indicator(
            "shortest paths through, dates ignored",
            node,
            value,
            "paths",
            of=(size - 1) * (size - 2),
            parts=tuple((flow, 0.0) for flow in (*usable.incoming.get(node, ()), *usable.outgoing.get(node, ()))),
        )
        for node, value in nx.betweenness_centrality(graph, normalized=False).items()
        if value
    ]
    return sorted(found, key=lambda one: (-(one.value or 0), one.group))


# --- the main path ---------------------------------------------------------------------------------------------------


def main_path(network: FlowNetwork, search: Search | None = None) -> Indicator:
    """The main path: the chain of flows with the largest sum of traversal counts; its parts are these counts, and they add up to the value.

    The traversal count of a flow is on how many chains it lies, of all chains from a flow that nothing recorded can come before to one
    that nothing can follow: the search path count (SPC) of Batagelj ("Efficient algorithms for citation network analysis", 2003), after
    Hummon and Doreian ("Connectivity in a citation network: the development of DNA theory", Social Networks 11, 1989). The main path is
    the global one, the heaviest from start to end (Liu and Lu, "An integrated approach for main path analysis", JASIST 63, 2012).

    A chain holds in the reading of the search as a whole and uses no flow twice; the limit of hops does not apply. Where no such chain
    reaches a flow in time, chains begin there as well, at those that began first. The counts need a network without cycles: where the dates
    leave a ring of flows that could follow each other round and round, a chain goes on within the ring only in the order in which knowledge
    from the starts first arrives; with exact dates there are no rings. `of` is the number of all chains, so a part divided by it is the
    share of chains through that flow.

    Args:
        network: the flows.
        search: what counts as a chain; possible in time, stated and structural where not given.
    """
    search = search or Search()
    chains = _Chains(Usable.of(network, search))
    weights = chains.weights()
    flows = chains.heaviest(weights)
    if not flows:
        return Indicator("main path", "", None, "chains")
    parts = tuple((flow, float(weights[flow.id])) for flow in flows)
    path = as_path(flows, network.ways_out, search.since, search.until)
    return Indicator(
        "main path", "", float(sum(weights[flow.id] for flow in flows)), "chains", of=float(chains.total), parts=parts, paths=(path,)
    )


def traversal_counts(network: FlowNetwork, search: Search | None = None) -> list[Indicator]:
    """The search path count of every flow: on how many chains it lies, and the share of all chains; the largest first. See `main_path`."""
    chains = _Chains(Usable.of(network, search or Search()))
    weights = chains.weights()
    flows = {flow.id: flow for flow in chains.usable.flows}
    total = float(chains.total)
    found = [
        Indicator("chains through", iri, float(weight), "chains", of=total, parts=((flows[iri], float(weight)),))
        for iri, weight in weights.items()
        if weight
    ]
    return sorted(found, key=lambda one: (-(one.value or 0), one.group))


_Step = tuple[str, int]  # the id of a flow, and the state of the reading after it


class _Chains:
    """All chains of flows that hold in a reading, as a directed graph without cycles of flows with their states.

    Attributes:
        usable: the flows; after: what can follow each step; total: how many chains there are.
    """

    def __init__(self, usable: Usable) -> None:
        self.usable = usable
        self._flows = {flow.id: flow for flow in usable.flows}
        reading = usable.reading
        self._begun = {flow.id: state for flow in usable.flows if (state := reading.step(reading.since, flow)) is not None}
        followed = {later for flow, state in self._begun.items() for later, _ in self._next((flow, state))}
        first = [flow for flow in sorted(self._begun) if flow not in followed]
        reached = {flow for flow, _ in self._expand(first)}
        for flow in sorted(self._begun, key=lambda iri: (self._flows[iri].earliest, self._flows[iri].latest, iri)):
            if flow not in reached:  # a ring that nothing leads into, or what every chain comes too late for
                first.append(flow)
                reached |= {flow for flow, _ in self._expand([flow])}
        self.starts = [(flow, self._begun[flow]) for flow in first]
        self.after = self._without_rings(first)
        self.order: list[_Step] = list(nx.lexicographical_topological_sort(_graph(self.after)))
        self._before: dict[_Step, list[_Step]] = {}
        for step, later in self.after.items():
            for one in later:
                self._before.setdefault(one, []).append(step)
        ends = [step for step in self.order if not self.after[step]]
        self._into = _count(self.order, self._before, self.starts)
        self._out = _count(self.order[::-1], self.after, ends)
        self.total = sum(self._into[step] for step in ends)

    def weights(self) -> dict[str, int]:
        """Flow -> on how many chains it lies."""
        found = dict.fromkeys(self._flows, 0)
        for step in self.order:
            found[step[0]] += self._into[step] * self._out[step]
        return found

    def heaviest(self, weights: Mapping[str, int]) -> tuple[Flow, ...]:
        """The chain with the largest sum of weights; of equal ones the first by the ids of its flows, from its end."""
        best: dict[_Step, tuple[int, _Step | None]] = {}
        starts = set(self.starts)
        for step in self.order:
            options: list[tuple[int, _Step | None]] = [(best[one][0], one) for one in self._before.get(step, ())]
            if step in starts:
                options.append((0, None))
            heaviest, previous = min(options, key=lambda option: (-option[0], option[1] or ("", 0)))
            best[step] = heaviest + weights[step[0]], previous
        last = min((step for step in self.order if not self.after[step]), key=lambda step: (-best[step][0], step), default=None)
        flows: list[Flow] = []
        while last is not None:
            flows.append(self._flows[last[0]])
            last = best[last][1]
        return tuple(reversed(flows))

    def _next(self, step: _Step) -> list[_Step]:
        flow, state = self._flows[step[0]], step[1]
        found = ((later, self.usable.reading.step(state, later)) for later in self.usable.outgoing.get(flow.target, ()))
        return [(later.id, after) for later, after in found if after is not None and later.id != flow.id]

    def _expand(self, first: Iterable[str], allowed: Callable[[str, str], bool] = lambda flow, later: True) -> dict[_Step, list[_Step]]:
        """Every step from some flows on, and what can follow it."""
        found: dict[_Step, list[_Step]] = {}
        waiting = [(flow, self._begun[flow]) for flow in first]
        while waiting:
            step = waiting.pop()
            if step not in found:
                found[step] = [one for one in self._next(step) if allowed(step[0], one[0])]
                waiting += found[step]
        return found

    def _without_rings(self, first: Sequence[str]) -> dict[_Step, list[_Step]]:
        """Every step and what can follow it; within a ring of flows only in the order in which knowledge from the starts first arrives.

        Everything stays within reach: what arrives first comes by way of what arrived before it.
        """
        follows = {(step[0], one[0]) for step, later in self._expand(first).items() for one in later}
        graph = nx.DiGraph(follows)
        ring = {flow: number for number, flows in enumerate(nx.strongly_connected_components(graph)) for flow in flows}
        arrived: dict[str, tuple[int, int, str]] = {}
        waiting = [(self._begun[flow], 0, flow) for flow in first]
        heapq.heapify(waiting)
        while waiting:
            state, hops, flow = heapq.heappop(waiting)
            if flow not in arrived:
                arrived[flow] = state, hops, flow
                for later, after in self._next((flow, state)):
                    heapq.heappush(waiting, (after, hops + 1, later))
        return self._expand(first, lambda flow, later: ring[flow] != ring[later] or arrived[flow] < arrived[later])


def _graph(after: Mapping[_Step, Sequence[_Step]]) -> Any:
    graph = nx.DiGraph((step, one) for step, later in after.items() for one in later)
    graph.add_nodes_from(after)
    return graph


def _count(order: Sequence[_Step], before: Mapping[_Step, Sequence[_Step]], begin: Iterable[_Step]) -> dict[_Step, int]:
    """On how many ways each step is reached."""
    first, found = set(begin), dict[_Step, int]()
    for step in order:
        found[step] = (step in first) + sum(found[one] for one in before.get(step, ()))
    return found


# --- the time it took ------------------------------------------------------------------------------------------------

STAGES: tuple[tuple[str, ...], ...] = (
    ("recommendation", "agenda-item"),
    ("agenda-item", "call"),
    ("call", "project"),
    ("recommendation", "agenda-item", "call", "project"),
)
"""The types of things that a time is taken between; those in the middle are passed in this order."""

_WORDS = {"recommendation": "need", "agenda-item": "agenda item"}


@dataclass(frozen=True, slots=True)
class Uptake:
    """The first thing of a type that knowledge from a thing reached, and how long that took.

    Attributes:
        start, end: IRIs; path: how it got there.
        took: the days from the day on which the start was put forward, published or opened to the last flow of the path.
    """

    start: str
    end: str
    path: Path
    took: Span


def uptakes(network: FlowNetwork, things: Mapping[str, Thing], stage: Sequence[str], search: Search | None = None) -> list[Uptake]:
    """For each thing of the first type, the thing of the last type that it reached first, by way of the types between them; by IRI.

    First is where the last day on which knowledge can have arrived is the earliest; so a thing without a date is only taken where no other
    is reached. What left a thing before it was put forward, published or opened (a call that is tied to a later agenda in hindsight) is
    not time that passed since, and does not count. Things that reached none, as far as is recorded, are left out.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        stage: the types, from the first to the last; see `STAGES`.
        search: what counts as a path between two types; possible in time, stated and structural where not given.
    """
    search = search or Search()
    usable = Usable.of(network, search)
    found = []
    for start in sorted(_of_type(things, stage[0], search)):
        begun = begun_between(things[start])
        day = begun[1] if search.reading == "strict" else begun[0]
        states = {start: day if OPEN_START < day < OPEN_END and search.reading != "static" else search.since}
        spreads = [forward(usable, states)]
        for wanted in stage[1:-1]:
            labels = {iri: spreads[-1].label(iri) for iri, hops in spreads[-1].hops.items() if hops and _is(things, iri, wanted)}
            states = {iri: label.state for iri, label in labels.items() if label}
            spreads.append(forward(usable, states))
        last = _first_arrival(usable, things, spreads[-1], stage[-1])
        if last is None:
            continue
        flows: tuple[Flow, ...] = (last,)
        for number, spread in enumerate(reversed(spreads)):
            flows = (*spread.flows(flows[0].source, None if number else search.max_hops - 1), *flows)
        known = begun if begun[0] <= min(flow.latest for flow in flows) else None  # dates are ignored in the static reading
        path = as_path(flows, network.ways_out, search.since, search.until)
        found.append(Uptake(start, last.target, path, span(flows, search.since, search.until, known)))
    return found


def _is(things: Mapping[str, Thing], iri: str, wanted: str) -> bool:
    return iri in things and things[iri].type == wanted


def _first_arrival(usable: Usable, things: Mapping[str, Thing], spread: Spread, wanted: str) -> Flow | None:
    """The flow into a thing of a type that has the earliest last day; None where no such thing is reached."""
    search, options = usable.search, []
    for flow in usable.flows:
        label = spread.label(flow.source, search.max_hops - 1)
        after = usable.reading.step(label.state, flow) if label and _is(things, flow.target, wanted) else None
        if label and after is not None and spread.hops[flow.target]:
            latest = after if search.reading == "strict" else min(flow.latest, search.until)
            options.append((latest, after, label.hops, flow.id, flow))
    return min(options)[-1] if options else None


def _of_type(things: Mapping[str, Thing], wanted: str, search: Search) -> list[str]:
    return [iri for iri, thing in things.items() if thing.type == wanted and iri not in search.avoid]


def times(network: FlowNetwork, things: Mapping[str, Thing], search: Search | None = None) -> list[Indicator]:
    """How many needs, agenda items and calls reached the next stage, and the days to the first they reached: median, shortest, longest.

    For each of `STAGES` four indicators. Of days, the value is that of the least days that the dates allow and `most` that of the most
    (None where they are open), so the true one lies between them. With the strict reading only chains of certain order count. A thing that
    reached nothing is not in the days: whether it would have been later is not recorded.
    """
    search = search or Search()
    found: list[Indicator] = []
    for stage in STAGES:
        reached = uptakes(network, things, stage, search)
        told = " to ".join(_WORDS.get(one, one) for one in stage)
        paths = tuple(one.path for one in reached)
        everything = len(_of_type(things, stage[0], search))
        found.append(Indicator(f"reached: {told}", "", len(reached), "things", of=everything, paths=paths))
        least = [float(one.took.least) for one in reached]
        most = [OPEN if one.took.most is None else float(one.took.most) for one in reached]
        for name, summary in _SUMMARIES.items():
            low, high = (summary(least), summary(most)) if reached else (None, None)
            found.append(Indicator(f"days, {name}: {told}", "", low, "days", most=None if high == OPEN else high, paths=paths))
    return found


OPEN = float("inf")

_SUMMARIES: dict[str, Callable[[list[float]], float]] = {"median": median, "shortest": min, "longest": max}
