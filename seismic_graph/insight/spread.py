"""How far knowledge spreads from many things at once, or to many things at once, and how long a chain of flows took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, Flow
from seismic_graph.paths import FlowNetwork, Path, Reading, Search, reading_of


class Usable:
    """The flows that a search may use, indexed by both ends.

    Attributes:
        flows: these flows; outgoing, incoming: the same by the thing they leave and the thing they enter.
        search: the search; reading: its reading of time, within its window.
    """

    def __init__(self, flows: Iterable[Flow], search: Search) -> None:
        self.flows = tuple(flows)
        self.search = search
        self.reading = search.window(search.reading)
        self.outgoing: dict[str, list[Flow]] = {}
        self.incoming: dict[str, list[Flow]] = {}
        for flow in self.flows:
            self.outgoing.setdefault(flow.source, []).append(flow)
            self.incoming.setdefault(flow.target, []).append(flow)

    @classmethod
    def of(cls, network: FlowNetwork, search: Search) -> Usable:
        """The flows of a network that a search may use: its bases, directions and things to avoid."""
        return cls(network.restricted(search, search.bases).flows, search)

    def only(self, wanted: Callable[[Flow], bool]) -> Usable:
        """Those of the flows that are wanted."""
        return Usable((flow for flow in self.flows if wanted(flow)), self.search)


@dataclass(frozen=True, slots=True)
class Label:
    """How a thing was reached: the state of the reading there, the fewest hops for that state, the flow next to it (None for a start)."""

    state: int
    hops: int
    flow: Flow | None


class Spread:
    """Everything that is reached, by the number of hops: `layers[h]` holds the things whose state got better with the h-th hop.

    Forward, a state is the day of arrival of `paths.Reading.step` and a smaller one is better. Backward, it is the latest state with
    which a thing can be left so as to arrive, and a larger one is better.
    """

    def __init__(self, layers: Sequence[Mapping[str, Label]], backward: bool) -> None:
        self.layers = tuple(layers)
        self.backward = backward
        self.hops: dict[str, int] = {}
        """The fewest hops to each thing; 0 for those where it began."""
        for number, layer in enumerate(self.layers):
            for node in layer:
                self.hops.setdefault(node, number)

    def label(self, node: str, most: int | None = None) -> Label | None:
        """The best label of a thing within a number of hops; None where it is not reached."""
        for layer in reversed(self.layers if most is None else self.layers[: most + 1]):
            if node in layer:
                return layer[node]
        return None

    def flows(self, node: str, most: int | None = None) -> tuple[Flow, ...]:
        """The flows between where it began and a thing, in the order of the movement, for the best label within a number of hops."""
        found: list[Flow] = []
        label = self.label(node, most)
        while label is not None and label.flow is not None:
            found.append(label.flow)
            label = self.label(label.flow.target if self.backward else label.flow.source, label.hops - 1)
        return tuple(found if self.backward else reversed(found))

    def nearest(self, nodes: Iterable[str]) -> str | None:
        """Of some things, the one reached with the fewest hops, then with the best state, then by its IRI; None where none is reached."""

        def rank(node: str) -> tuple[int, int, str]:
            label = self.label(node, self.hops[node])
            assert label is not None  # noqa: S101 - only things that are reached are ranked
            return self.hops[node], -label.state if self.backward else label.state, node

        return min((node for node in nodes if node in self.hops), key=rank, default=None)


def forward(
    usable: Usable, starts: Iterable[str] | Mapping[str, int], max_hops: int | None = None, reading: Reading | None = None
) -> Spread:
    """Everything that knowledge reaches from any of some things.

    Args:
        usable: the flows.
        starts: where knowledge begins; as a mapping, with the state that it has there.
        max_hops: the most hops; that of the search where not given.
        reading: another reading than that of the search.
    """
    reading = reading or usable.reading
    begun = dict(starts) if isinstance(starts, Mapping) else dict.fromkeys(starts, reading.since)
    states, layers = dict(begun), [{node: Label(state, 0, None) for node, state in begun.items()}]
    for hops in range(1, (usable.search.max_hops if max_hops is None else max_hops) + 1):
        better: dict[str, Label] = {}
        for node in layers[-1]:
            for flow in usable.outgoing.get(node, ()):
                after = reading.step(states[node], flow)
                if after is None or after >= states.get(flow.target, OPEN_END + 1):
                    continue
                known = better.get(flow.target)
                if known is None or (after, flow.id) < (known.state, known.flow.id if known.flow else ""):
                    better[flow.target] = Label(after, hops, flow)
        if not better:
            break
        states |= {node: label.state for node, label in better.items()}
        layers.append(better)
    return Spread(layers, False)


def backward(usable: Usable, targets: Iterable[str], max_hops: int | None = None) -> Spread:
    """Everything from which knowledge reaches any of some things."""
    reading = usable.reading
    layers = [{node: Label(OPEN_END, 0, None) for node in targets}]
    states = dict.fromkeys(layers[0], OPEN_END)
    for hops in range(1, (usable.search.max_hops if max_hops is None else max_hops) + 1):
        better: dict[str, Label] = {}
        for node in layers[-1]:
            for flow in usable.incoming.get(node, ()):
                before = reading.deadline(flow, states[node])
                if before is None or before < reading.since or before <= states.get(flow.source, OPEN_START - 1):
                    continue
                known = better.get(flow.source)
                if known is None or (-before, flow.id) < (-known.state, known.flow.id if known.flow else ""):
                    better[flow.source] = Label(before, hops, flow)
        if not better:
            break
        states |= {node: label.state for node, label in better.items()}
        layers.append(better)
    return Spread(layers, True)


def as_path(flows: Sequence[Flow], ways_out: Mapping[str, int], since: int = OPEN_START, until: int = OPEN_END) -> Path:
    """Flows in order as a path: its strictest reading, its weakest basis and its specificity."""
    specificity = 1.0
    for flow in flows:
        specificity /= ways_out.get(flow.source, 1)
    return Path(tuple(flows), reading_of(flows, since, until), max((flow.basis for flow in flows), key=BASES.index), specificity)


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, in days.

    Attributes:
        least: the fewest days that the dates allow.
        most: the most days; None where the dates leave it open.
    """

    least: int
    most: int | None


def span(flows: Sequence[Flow], since: int = OPEN_START, until: int = OPEN_END, begun: tuple[int, int] | None = None) -> Span:
    """The days from the first flow to the last one, over all non-decreasing choices of days within the bounds; none for a single flow.

    The fewest are max(0, max(earliest) - min(latest)) over all flows; the most are the latest day of the last flow less the earliest day of
    the first. Some choice reaches each of them wherever the flows are a possible path, and coarser dates only widen a span.

    Args:
        flows: a possible path.
        since, until: the window of days.
        begun: the first and the last day on which it may have begun, where that is not the day of the first flow.
    """
    bounds = [*([begun] if begun else []), *((max(flow.earliest, since), min(flow.latest, until)) for flow in flows)]
    if len(bounds) == 1:
        return Span(0, 0)
    first, last = min(latest for _, latest in bounds), max(earliest for earliest, _ in bounds)
    least = max(0, last - first) if last > OPEN_START and first < OPEN_END else 0
    open_ended = bounds[0][0] <= OPEN_START or bounds[-1][1] >= OPEN_END
    return Span(least, None if open_ended else max(least, bounds[-1][1] - bounds[0][0]))
