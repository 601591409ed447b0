"""Loops and balances: what a place gave to the agendas, and what came back. Pure: flows and things in, values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.flows import BASES, Flow
from seismic_graph.insight.absence import Ground, Why, why
from seismic_graph.insight.places import things_of
from seismic_graph.insight.spread import Span, Spread, Usable, as_path, backward, forward, span
from seismic_graph.paths import FlowNetwork, Path, Search, find
from seismic_graph.things import Thing

ENDS = frozenset({"city", "initiative", "event", "network", "project"})
"""The types of things of a place at which a loop may begin and end."""
BEYOND = frozenset({"agenda-item", "call", "project"})
"""The types of things that a place gives to and gets from: the agendas and what comes of them."""


# --- loops -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loop:
    """Knowledge that went from a place up to an agenda and came back to it.

    Attributes:
        place: a city, a network or a country, as it was asked for.
        up: the flows from a thing of the place to the agenda item, the first agenda item on the way.
        back: the flows from there to the first thing of the place.
        path: both together: the strictest reading, the weakest basis and the specificity of the whole.
        took: the days from the first flow to the last.
    """

    place: str
    up: tuple[Flow, ...]
    back: tuple[Flow, ...]
    path: Path
    took: Span

    @property
    def agenda_item(self) -> str:
        """IRI of the agenda item at which it turns."""
        return self.back[0].source

    @property
    def ends(self) -> tuple[str, str]:
        """IRIs of the thing of the place where it begins and of the one where it ends; they may be the same."""
        return self.up[0].source, self.back[-1].target


@dataclass(frozen=True, slots=True)
class Loops:
    """The closed loops of one place.

    Attributes:
        place: a city, a network or a country.
        starts: IRIs of the things at which a loop may begin, those of the place alone; ends: where it may end, shared ones included.
        loops: the best loops, in the order of `seismic_graph.paths.find`.
        more: there are more than asked for; exhausted: all loops within the limits were looked at.
        why: why none is recorded; None where there is one. Its path is named as in `Loop.path`.
    """

    place: str
    starts: frozenset[str]
    ends: frozenset[str]
    loops: tuple[Loop, ...]
    more: bool
    exhausted: bool
    why: Why | None


def loops(
    network: FlowNetwork,
    things: Mapping[str, Thing],
    place: str,
    search: Search | None = None,
    limit: int = 5,
    types: Collection[str] = ENDS,
) -> Loops:
    """The best closed loops of a place: from a thing of it up to an agenda item and back to a thing of it, in time as a whole.

    What it gave must be its own: a loop begins at a thing of that place alone. What comes back may be shared, like a project of three.
    The order is that of paths: basis, reading, specificity, hops, publishers. The hops of both halves count together.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        place: the IRI of a city or a network, or a country code.
        search: what counts as a path; possible in time, stated and structural where not given.
        limit: how many loops to show.
        types: the types of things at which a loop may begin and end.

    Raises:
        UnknownName: there is no such place.
        UsageError: the search names things to pass on the way.
    """
    search = search or Search()
    _check(search)
    starts = frozenset(iri for iri in things_of(things, place, alone=True) if things[iri].type in types)
    ends = frozenset(iri for iri in _members(things, place) if things[iri].type in types)
    agenda = frozenset(iri for iri, thing in things.items() if thing.type == "agenda-item")
    wide = replace(search, max_hops=search.max_hops + 1)
    part = network.around(starts, ends, search)
    found = find(_Unrolled(part, _Turn(starts, agenda, ends), wide), _START, _END, wide, limit)
    originals = {flow.id: flow for flow in part.flows}
    closed = []
    for path in found.paths:
        turn = next(position for position, flow in enumerate(path.flows) if flow.target.endswith(_AFTER))
        flows = tuple(originals[flow.id] for flow in path.flows[1:])
        whole = Path(flows, path.reading, path.basis, path.specificity)
        closed.append(Loop(place, flows[:turn], flows[turn:], whole, span(flows, search.since, search.until)))
    reason = None if closed else _why(network, wide, _Turn(starts, agenda, ends))
    return Loops(place, starts, ends, tuple(closed), found.more, found.exhausted, reason)


def _check(search: Search) -> None:
    if search.via:
        raise UsageError("Loops and balances are looked for without things to pass on the way: ask for a trace instead.")


def _members(things: Mapping[str, Thing], place: str) -> frozenset[str]:
    members = things_of(things, place)
    if not members:
        raise UnknownName("city, network or country", place, ())
    return members


_START, _END, _AFTER = "\x00start", "\x00end", "\x00after"


@dataclass(frozen=True, slots=True)
class _Turn:
    """Where loops begin, turn and end."""

    starts: frozenset[str]
    agenda: frozenset[str]
    ends: frozenset[str]


class _Unrolled(FlowNetwork):
    """The flows twice, before and after the first agenda item, so that a loop is a simple path from one start to one end.

    A thing keeps its name before, and has another one after. Knowledge starts at a thing of the place; with the first agenda item it goes
    over to the second half; there it ends at the first thing of the place. Ways out of a thing are counted as in the plain network.
    """

    def __init__(self, plain: FlowNetwork, turn: _Turn, search: Search) -> None:
        self.plain, self.turn = plain, turn
        super().__init__(_unroll(plain, turn, search))

    @cached_property
    def ways_out(self) -> dict[str, int]:
        """How many different things one can move on to from each thing."""
        return {node: self.plain.ways_out.get(node.removesuffix(_AFTER), 1) for node in self.outgoing}

    def restricted(self, search: Search, bases: Collection[str]) -> FlowNetwork:
        """The flows that a search may use, with given bases."""
        return _Unrolled(self.plain.restricted(search, bases), self.turn, search)


def _unroll(plain: FlowNetwork, turn: _Turn, search: Search) -> Iterable[Flow]:
    direction, basis = min(search.directions, default="horizontal"), min(search.bases, key=BASES.index)
    begin = Flow("", _START, "", "", direction, basis, standing=True, sure_from=OPEN_START, sure_until=OPEN_END, sources=("",))
    for node in sorted(turn.starts):
        yield replace(begin, id=_START + node, target=node)
    for flow in plain.flows:
        if flow.source not in turn.agenda:
            yield replace(flow, target=flow.target + _AFTER) if flow.target in turn.agenda else flow
        yield replace(flow, source=flow.source + _AFTER, target=_END if flow.target in turn.ends else flow.target + _AFTER)


def _why(network: FlowNetwork, search: Search, turn: _Turn) -> Why:
    """Why no loop is recorded, told in the flows of the plain network. All of them: it may be any limit of the search."""
    originals = {flow.id: flow for flow in network.flows}
    sourced = FlowNetwork(flow if flow.sources else replace(flow, sources=("",)) for flow in network.flows)
    told = why(Ground(sourced, search, reshape=lambda plain: _unroll(plain, turn, search)), [_START], [_END])
    flows = tuple(originals[flow.id] for flow in told.path.flows if flow.id in originals) if told.path else ()
    return replace(
        told,
        path=as_path(flows, network.ways_out, search.since, search.until) if flows else None,
        flow=originals.get(told.flow.id) if told.flow else None,
    )


def places_with_loops(
    network: FlowNetwork,
    things: Mapping[str, Thing],
    places: Iterable[str],
    search: Search | None = None,
    limit: int = 1,
    types: Collection[str] = ENDS,
) -> dict[str, Loops]:
    """The best loops of each place that has one, by place; the others are left out. Faster than asking for each place.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        places: IRIs of cities and networks, and country codes.
        search: what counts as a path; possible in time, stated and structural where not given.
        limit: how many loops to show for each place.
        types: the types of things at which a loop may begin and end.

    Raises:
        UnknownName: there is no such place.
        UsageError: the search names things to pass on the way.
    """
    search = search or Search()
    _check(search)
    usable = Usable.of(network, search)
    agenda = [iri for iri, thing in things.items() if thing.type == "agenda-item"]
    gives, gets = backward(usable, agenda).hops, forward(usable, agenda).hops
    found = {}
    for place in places:
        starts, ends = things_of(things, place, alone=True), _members(things, place)
        if any(iri in gives for iri in starts) and any(iri in gets for iri in ends):
            answer = loops(network, things, place, search, limit, types)
            if answer.loops:
                found[place] = answer
    return found


def countries(things: Mapping[str, Thing]) -> list[str]:
    """The code of every country that a thing is of, sorted."""
    return sorted({country for thing in things.values() for country in thing.countries})


def cities(things: Mapping[str, Thing]) -> list[str]:
    """The IRI of every city, sorted."""
    return sorted(iri for iri, thing in things.items() if thing.type == "city")


# --- give and get ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sides:
    """The flows of a group of things.

    Attributes:
        gave: flows from a thing of the group to one outside; got: flows from outside to one of the group; within: flows between its things.
    """

    gave: tuple[Flow, ...]
    got: tuple[Flow, ...]
    within: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that knowledge reached, or came from, and how.

    Attributes:
        thing: IRI of the agenda item, call or project; path: a path with the fewest hops.
        took: the days from the first flow of the path to the last.
    """

    thing: str
    path: Path
    took: Span


@dataclass(frozen=True, slots=True)
class Balance:
    """What a place gave and what it got.

    Attributes:
        place: a city, a network or a country; things: IRIs of the things of that place alone.
        flows: the flows that leave it, enter it and stay within it. Over places that share no thing and leave none out, all that was given
            adds up to all that was got.
        gave_to: the agenda items, calls and projects outside that its knowledge reaches, the fewest hops first.
        got_from: those outside whose knowledge reaches it.
    """

    place: str
    things: frozenset[str]
    flows: Sides
    gave_to: tuple[Carried, ...]
    got_from: tuple[Carried, ...]


def balance(network: FlowNetwork, things: Mapping[str, Thing], place: str, search: Search | None = None) -> Balance:
    """What a city, a country or a network gave to the agendas and beyond, and what it got from agendas, calls and projects.

    Its things are those of that place alone: a project of three countries is outside each of them, and what it brings to a city is got.

    Raises:
        UnknownName: there is no such place.
        UsageError: the search names things to pass on the way.
    """
    return balances(network, things, [place], search)[place]


def balances(network: FlowNetwork, things: Mapping[str, Thing], places: Iterable[str], search: Search | None = None) -> dict[str, Balance]:
    """The balance of each place, by place; see `balance`."""
    search = search or Search()
    _check(search)
    members = {place: things_of(things, place, alone=True) for place in places if _members(things, place)}
    beyond = [iri for iri, thing in things.items() if thing.type in BEYOND]
    found = {}
    known, usable = None, Usable((), search)
    for place, mine in members.items():
        part = network.around(mine, mine, search)
        if part is not known:
            known, usable = part, Usable.of(part, search)
        outside = [iri for iri in beyond if iri not in mine]
        onward, upstream = forward(usable, mine), backward(usable, mine)
        found[place] = Balance(
            place,
            mine,
            _sides(usable, mine),
            _carried(network, onward, outside, search),
            _carried(network, upstream, outside, search),
        )
    return found


def _carried(network: FlowNetwork, spread: Spread, outside: Iterable[str], search: Search) -> tuple[Carried, ...]:
    found = []
    for iri in sorted((iri for iri in outside if iri in spread.hops), key=lambda iri: (spread.hops[iri], iri)):
        flows = spread.flows(iri, spread.hops[iri])
        ways = network.ways([flow.source for flow in flows])
        found.append(Carried(iri, as_path(flows, ways, search.since, search.until), span(flows, search.since, search.until)))
    return tuple(found)


def exchange(network: FlowNetwork, groups: Mapping[str, Collection[str]], search: Search | None = None) -> dict[str, Sides]:
    """The flows that leave, enter and stay within each group of things, by group.

    A flow between two groups is given by the one and got by the other. So where the groups are a partition of the things, the sum of what
    they gave is the sum of what they got; where they overlap, a flow counts in each group that it leaves or enters.

    Args:
        network: the flows.
        groups: name of a group -> the IRIs of its things.
        search: which flows count: bases, directions, window and things to avoid.
    """
    usable = Usable.of(network, search or Search())
    return {name: _sides(usable, frozenset(members)) for name, members in groups.items()}


def _sides(usable: Usable, mine: frozenset[str]) -> Sides:
    search = usable.search

    def inside(flows: Mapping[str, Sequence[Flow]]) -> list[Flow]:
        at = (flow for iri in mine for flow in flows.get(iri, ()) if flow.latest >= search.since and flow.earliest <= search.until)
        return sorted(at, key=lambda flow: flow.id)

    leaves, enters = inside(usable.outgoing), inside(usable.incoming)
    return Sides(
        tuple(flow for flow in leaves if flow.target not in mine),
        tuple(flow for flow in enters if flow.source not in mine),
        tuple(flow for flow in leaves if flow.target in mine),
    )
