"""Gaps: where the record stops between people's needs, research agendas, calls, projects and cities. Pure: flows and things in, gaps out.

A gap says what is *not recorded*, never what did not happen. Each names how far the chain goes, why it goes no further, and the one edge
that would close it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.insight.absence import CODES, Ground, Why, break_at, why
from seismic_graph.insight.places import Profile, own_time, profiles
from seismic_graph.insight.spread import Spread, Usable, backward, forward
from seismic_graph.paths import FlowNetwork, Path, Search, find
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID, short

KINDS: dict[str, str] = {
    "need-without-agenda": "no path from this need, insight or recommendation to a research agenda is recorded",
    "agenda-item-without-origin": "no path from a network, initiative, event or recommendation to this agenda item is recorded",
    "call-without-agenda": "that this call answers an agenda item is not recorded",
    "project-without-its-cities": "no path from a city of this project, its initiatives or its municipality to the call of the project"
    " or to its agenda is recorded",
    "network-ends-at-meeting": "no path from the own input of this network to anything that outlasts a meeting is recorded",
}
"""Kind of gap -> what is not recorded."""

_FAR = dict.fromkeys(KINDS, "as far as") | dict.fromkeys(("agenda-item-without-origin", "call-without-agenda"), "from as far back as")

BOTTOM_UP = ("network", "event", "recommendation", "initiative")
"""The types of things that an agenda item can have come from."""
SUBJECTS = {
    "recommendation": "need-without-agenda",
    "agenda-item": "agenda-item-without-origin",
    "call": "call-without-agenda",
    "project": "project-without-its-cities",
    "network": "network-ends-at-meeting",
}
"""Type of a thing -> the kind of gap that it can have."""
ANSWERS = ("addressed-by", "answered-by")
"""The kinds of flows by which a call answers an agenda item."""
OUTCOMES = frozenset({"agenda-item", "call", "city", "document", "initiative", "programme", "project", "recommendation"})
"""The types of things that outlast a meeting; not the meeting itself, who met, and the subject."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The one edge that would close a gap, if a source were found for it.

    Attributes:
        source, target: IRIs of its ends, along the movement; kind, direction: slugs.
        earliest, latest: the days within which it must be able to lie; open bounds are `OPEN_START` and `OPEN_END`.
        fits: what is recorded of the ends allows these days. False where nothing recorded could still take it in: a later agenda, for
            example, is not recorded.
    """

    source: str
    target: str
    kind: str
    direction: str
    earliest: int
    latest: int
    fits: bool

    @property
    def when(self) -> str:
        """Its days in words."""
        first, last = day_text(self.earliest), day_text(self.latest)
        if first and last:
            return f"between {first} and {last}"
        return f"from {first} on" if first else f"until {last}" if last else "on any day"

    def flow(self, *sources: str) -> Flow:
        """This edge as a stated flow with some sources."""
        name = f"{ID}flow/flow-{self.source.rpartition('/')[2]}-{self.kind}-{self.target.rpartition('/')[2]}"
        return Flow(
            name, self.source, self.target, self.kind, self.direction, "stated", self.earliest, self.latest, sources=tuple(sorted(sources))
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing at which the record stops.

    Attributes:
        kind: a key of `KINDS`; thing: IRI.
        frontier: the furthest things that are reached, all with the same number of hops; for an agenda item or a call, the furthest that
            reach it; the thing itself where there are none.
        path: the best path to the first of them (or from it); None where the record stops at the thing itself.
        why: why the chain goes no further.
        closing: the one edge that would close it; None where the record holds nothing that it could lead to.
        profile: themes, countries, networks and year of the thing.
    """

    kind: str
    thing: str
    frontier: tuple[str, ...]
    path: Path | None
    why: Why
    closing: Closing | None
    profile: Profile

    def sentence(self, things: Mapping[str, Thing]) -> str:
        """The gap in words.

        Args:
            things: the things by IRI, for their labels.
        """

        def name(iri: str) -> str:
            return things[iri].label.rstrip(".") if iri in things else short(iri)

        parts = [f"{name(self.thing)}: {KINDS[self.kind]}."]
        if self.path:
            others = f" and {len(self.frontier) - 1} more" if len(self.frontier) > 1 else ""
            parts.append(f"The chain is recorded {_FAR[self.kind]} {name(self.frontier[0])}{others}.")
        edge = self.why.flow
        early = f", {self.why.days} days too early" if self.why.days is not None else ""
        told = f" ({name(edge.source)} - {edge.kind} - {name(edge.target)}{early})" if edge else ""
        parts.append("Why: " + "; ".join(CODES[code] for code in (self.why.code, *self.why.also)) + told + ".")
        if self.closing:
            ends = (self.closing.source, self.closing.target)
            notes = [f"{name(ends[0])} - {self.closing.kind} - {name(ends[1])}, {self.closing.when}"]
            notes += [f"the date of {name(iri)} is not recorded" for iri in ends if _undated(things.get(iri))]
            notes += [] if self.closing.fits else [f"{name(ends[1])} is recorded to be closed by then"]
            parts.append(f"One edge would close it: {'; '.join(notes)}.")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a record.

    Attributes:
        search: the limits they were looked for with.
        gaps: the gaps, by kind and IRI.
        judged: kind -> how many things were looked at.
        unjudged: (kind, IRI, why not) of what could not be looked at.
    """

    search: Search
    gaps: tuple[Gap, ...]
    judged: Mapping[str, int]
    unjudged: tuple[tuple[str, str, str], ...]

    def of(self, kind: str) -> tuple[Gap, ...]:
        """The gaps of one kind."""
        return tuple(gap for gap in self.gaps if gap.kind == kind)

    def closings(self) -> list[tuple[Closing, tuple[Gap, ...]]]:
        """Every closing edge with the gaps that name it, the most useful first.

        Edges between the same ends of the same kind are one, with the days that are common to all.
        """
        together: dict[tuple[str, str, str], list[Gap]] = {}
        for gap in self.gaps:
            if gap.closing:
                together.setdefault((gap.closing.source, gap.closing.target, gap.closing.kind), []).append(gap)
        found: list[tuple[Closing, tuple[Gap, ...]]] = []
        for gaps in together.values():
            edges = [gap.closing for gap in gaps if gap.closing]
            earliest, latest = max(edge.earliest for edge in edges), min(edge.latest for edge in edges)
            if earliest <= latest:
                found.append((replace(edges[0], earliest=earliest, latest=latest, fits=all(edge.fits for edge in edges)), tuple(gaps)))
            else:
                found += [(edge, (gap,)) for edge, gap in zip(edges, gaps, strict=True)]
        return sorted(found, key=lambda row: (-len(row[1]), row[0].source, row[0].target, row[0].earliest))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which things to look at; empty for all. A thing is looked at where each filter that is set holds one of its groups.

    Attributes:
        kinds: keys of `KINDS`.
        themes, networks, things: IRIs; countries: ISO 3166-1 codes; years: calendar years.
    """

    kinds: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    things: frozenset[str] = frozenset()

    def holds(self, iri: str, profile: Profile) -> bool:
        """Whether a thing of this profile is looked at."""
        return (
            (not self.things or iri in self.things)
            and (not self.themes or bool(self.themes & profile.themes))
            and (not self.countries or bool(self.countries & profile.countries))
            and (not self.networks or bool(self.networks & profile.networks))
            and (not self.years or profile.year in self.years)
        )


def gaps(network: FlowNetwork, things: Mapping[str, Thing], search: Search | None = None, wanted: Filter | None = None) -> Gaps:
    """Every gap of the five kinds that a search leaves, with why it is one and the one edge that would close it.

    Args:
        network: the flows.
        things: the things at their ends, by IRI.
        search: what counts as a path; possible in time, stated and structural where not given.
        wanted: which kinds and which things to look at.

    Raises:
        UsageError: there is no such kind, or the search could never find what would close such a gap.
    """
    search, wanted = search or Search(), wanted or Filter()
    kinds = checked(search, wanted.kinds)
    record = _Record(network, things, search, wanted, profiles(network.flows, things))
    found: list[Gap] = []
    for kind in kinds:
        found += [explain() for _, explain in sorted(_FINDERS[kind](record), key=lambda stop: stop[0])]
    return Gaps(search, tuple(found), record.judged, tuple(record.unjudged))


def stops(
    network: FlowNetwork, things: Mapping[str, Thing], search: Search | None = None, wanted: Filter | None = None
) -> dict[str, list[str]]:
    """Kind -> the IRIs of the things with such a gap, sorted: what `gaps` finds, without why and what would close it.

    Raises:
        UsageError: as in `gaps`.
    """
    search, wanted = search or Search(), wanted or Filter()
    kinds = checked(search, wanted.kinds)
    record = _Record(network, things, search, wanted, profiles(network.flows, things))
    return {kind: sorted(thing for thing, _ in _FINDERS[kind](record)) for kind in kinds}


def checked(search: Search, wanted: Collection[str]) -> list[str]:
    """The kinds to look for: those wanted, or all.

    Raises:
        UsageError: there is no such kind, or the search could never find what would close such a gap.
    """
    kinds = [kind for kind in KINDS if not wanted or kind in wanted]
    for kind in sorted(set(wanted) - set(KINDS)):
        raise UsageError(f"There is no kind of gap {kind!r}; it is one of {', '.join(KINDS)}.")
    if search.via:
        raise UsageError("Gaps are looked for without things to pass on the way: ask for a trace instead.")
    if "stated" not in search.bases:
        raise UsageError("A gap is closed by a stated edge: let the search use the stated basis.")
    if search.max_hops < 1:
        raise UsageError("A gap is closed by an edge: let the search use at least one hop.")
    for kind in kinds:
        if search.directions and _direction(kind) not in search.directions:
            raise UsageError(
                f"A gap of the kind {kind} is closed by a {_direction(kind)} edge: let the search have that direction, or ask for others."
            )
    return kinds


@dataclass
class _Record:
    """What all finders look at, and what they have looked at."""

    network: FlowNetwork
    things: Mapping[str, Thing]
    search: Search
    wanted: Filter
    profiles: Mapping[str, Profile]
    judged: dict[str, int] = field(default_factory=dict)
    unjudged: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ground = Ground(self.network, self.search)

    def of(self, *types: str) -> list[str]:
        """All things of some types that the search does not avoid."""
        return [iri for iri, thing in self.things.items() if thing.type in types and iri not in self.search.avoid]

    def subjects(self, kind: str, *types: str) -> Iterator[str]:
        """The things of some types that are to be looked at."""
        self.judged[kind] = 0
        for iri in self.of(*types):
            if self.wanted.holds(iri, self.profiles[iri]):
                self.judged[kind] += 1
                yield iri

    def is_a(self, iri: str, kind: str) -> bool:
        """Whether something is of a type."""
        return iri in self.things and self.things[iri].type == kind

    def leave(self, kind: str, thing: str, reason: str) -> None:
        """Say that a thing could not be judged."""
        self.judged[kind] -= 1
        self.unjudged.append((kind, thing, reason))

    def agendas(self) -> list[str]:
        """The agenda items in the order in which edges are offered to them: whole agendas first, then by the day until they take in."""

        def rank(iri: str) -> tuple[bool, bool, int, str]:
            until = own_time(self.things[iri]).takes_until
            return self.things[iri].kind != "agenda", until == OPEN_END, until, iri

        return sorted(self.of("agenda-item"), key=rank)


def _undated(thing: Thing | None) -> bool:
    return thing is not None and thing.type in {"agenda-item", "call", "document", "recommendation"} and thing.earliest == OPEN_START


# --- the five kinds: each finder gives the things with a gap, and what explains it ------------------------------------

_Stop = tuple[str, Callable[[], Gap]]


def _needs(record: _Record) -> Iterator[_Stop]:
    kind, agendas = "need-without-agenda", record.agendas()
    heard = backward(record.ground.usable, agendas).hops
    for thing in record.subjects(kind, "recommendation"):
        if thing not in heard:
            yield thing, partial(_onward, record, record.ground, kind, thing, [thing], agendas)


def _items(record: _Record) -> Iterator[_Stop]:
    kind, origins = "agenda-item-without-origin", record.of(*BOTTOM_UP)
    reached = forward(record.ground.usable, origins)
    for thing in record.subjects(kind, "agenda-item"):
        if thing not in reached.hops:
            yield thing, partial(_item, record, kind, thing, origins, reached)


def _item(record: _Record, kind: str, thing: str, origins: Sequence[str], reached: Spread) -> Gap:
    reason = why(record.ground, origins, [thing])

    def offered() -> Iterator[str]:
        """What the nearest chain brings here, the last first; then what came before the item, the nearest in time first."""
        yield from _held(record, record.ground, reason)
        until = own_time(record.things[thing]).takes_until

        def rank(iri: str) -> tuple[bool, int, int, str]:
            given = own_time(record.things[iri]).gives_from
            return given == OPEN_START, until - given if given <= until else OPEN_END, BOTTOM_UP.index(record.things[iri].type), iri

        yield from sorted(origins, key=rank)

    return _upstream(record, kind, thing, reason, _closing(record, kind, reached, offered(), [thing]))


def _calls(record: _Record) -> Iterator[_Stop]:
    kind, agendas = "call-without-agenda", record.agendas()
    narrow = replace(record.search, max_hops=1)
    ground = Ground(record.network, narrow, wanted=lambda flow: flow.kind in ANSWERS and record.is_a(flow.source, "agenda-item"))
    answered = forward(ground.usable, agendas)
    for thing in record.subjects(kind, "call"):
        if thing not in answered.hops:
            yield thing, partial(_call, record, ground, kind, thing, agendas)


def _call(record: _Record, ground: Ground, kind: str, thing: str, agendas: Sequence[str]) -> Gap:
    until = own_time(record.things[thing]).takes_until

    def rank(iri: str) -> tuple[bool, bool, int, str]:
        given = own_time(record.things[iri]).gives_from
        return record.things[iri].kind != "agenda", given == OPEN_START, until - given if given <= until else OPEN_END, iri

    edge = _closing(record, kind, forward(ground.usable, agendas, 0), sorted(agendas, key=rank), [thing])
    return _upstream(record, kind, thing, why(ground, agendas, [thing]), edge)


def _projects(record: _Record) -> Iterator[_Stop]:
    kind = "project-without-its-cities"
    calls: dict[str, set[str]] = {}
    answered: dict[str, set[str]] = {}
    for flow in record.ground.usable.flows:
        if flow.kind == "funded":
            calls.setdefault(flow.target, set()).add(flow.source)
        elif flow.kind in ANSWERS and record.is_a(flow.source, "agenda-item"):
            answered.setdefault(flow.target, set()).add(flow.source)
    voices = _voices(record)
    upstream: dict[frozenset[str], Spread] = {}
    for thing in record.subjects(kind, "project"):
        starts = sorted({voice for city in record.things[thing].cities for voice in voices.get(city, ())} - record.search.avoid)
        if not starts:
            record.leave(kind, thing, "a city of this project is not recorded")
            continue
        funded = calls.get(thing, set())
        agendas = {item for call in funded for item in answered.get(call, ())}
        targets = frozenset(agendas | funded or {thing})
        if targets not in upstream:
            upstream[targets] = backward(record.ground.usable, targets)
        if not any(start in upstream[targets].hops for start in starts):
            order = [*(item for item in record.agendas() if item in agendas), *sorted(targets - agendas)]
            yield thing, partial(_onward, record, record.ground, kind, thing, starts, order)


def _networks(record: _Record) -> Iterator[_Stop]:
    kind = "network-ends-at-meeting"
    outcomes = record.of(*OUTCOMES)
    offered = [*record.agendas(), *sorted(set(outcomes) - set(record.of("agenda-item")))]
    for thing in record.subjects(kind, "network"):
        ground = Ground(record.network, record.search, membership=lambda flow, thing=thing: flow.kind == "part-of" and flow.source == thing)  # type: ignore[misc]
        if not set(forward(ground.usable, [thing]).hops).intersection(outcomes):
            yield thing, partial(_onward, record, ground, kind, thing, [thing], offered)


_FINDERS: dict[str, Callable[[_Record], Iterator[_Stop]]] = {
    "need-without-agenda": _needs,
    "agenda-item-without-origin": _items,
    "call-without-agenda": _calls,
    "project-without-its-cities": _projects,
    "network-ends-at-meeting": _networks,
}


def _voices(record: _Record) -> dict[str, set[str]]:
    """City -> itself, its initiatives and its municipality: those through which a city speaks."""
    found = {iri: {iri} for iri in record.of("city")}
    for iri, thing in record.things.items():
        if thing.type == "initiative" or thing.kind == "municipality":
            for city in thing.cities:
                found.setdefault(city, {city}).add(iri)
    return found


# --- how far, why, and what would close it ---------------------------------------------------------------------------


def _onward(record: _Record, ground: Ground, kind: str, thing: str, starts: Sequence[str], targets: Sequence[str]) -> Gap:
    """A gap whose chain begins at some things and stops on the way to others."""
    spread = forward(ground.usable, starts)
    frontier = _furthest(spread, thing)
    path = None
    if frontier != (thing,):
        flows = spread.flows(frontier[0], spread.hops[frontier[0]])
        path = _best(ground.usable, flows[0].source, frontier[0]) if flows else None
    reason = why(ground, starts, targets)
    if reason.path:
        targets = [*(target for target in targets if target == reason.path.nodes[-1]), *targets]
    offered = [*_held(record, ground, reason), *sorted(spread.hops, key=lambda node: (-spread.hops[node], node))]
    offered = [node for node in offered if not record.is_a(node, "agenda-item")]
    return Gap(kind, thing, frontier, path, reason, _closing(record, kind, spread, offered, targets), record.profiles[thing])


def _held(record: _Record, ground: Ground, reason: Why) -> list[str]:
    """What the nearest chain does reach, the last first; without agendas, since an agenda and its parts are one text."""
    chain = reason.path.nodes[: break_at(ground, reason.path.flows) + 1] if reason.path else ()
    return [node for node in reversed(chain) if not record.is_a(node, "agenda-item")]


def _upstream(record: _Record, kind: str, thing: str, reason: Why, closing: Closing | None) -> Gap:
    """A gap whose chain, followed back from a thing, stops before what was looked for."""
    spread = backward(record.ground.usable, [thing])
    frontier = _furthest(spread, thing)
    path = None if frontier == (thing,) else _best(record.ground.usable, frontier[0], thing)
    return Gap(kind, thing, frontier, path, reason, closing, record.profiles[thing])


def _furthest(spread: Spread, thing: str) -> tuple[str, ...]:
    most = max(spread.hops.values(), default=0)
    return tuple(sorted(node for node, hops in spread.hops.items() if hops == most)) if most else (thing,)


def _best(usable: Usable, source: str, target: str) -> Path | None:
    found = find(FlowNetwork(usable.flows), source, target, usable.search, 1)
    return found.paths[0] if found.paths else None


def _closing(record: _Record, kind: str, reached: Spread, offered: Iterable[str], targets: Collection[str]) -> Closing | None:
    """The first edge from something reached to a target that the time of both ends allows; else the first that the search would accept."""
    search, late = record.search, None
    for source in offered:
        label = reached.label(source, search.max_hops - 1)
        if label is None or label.state >= OPEN_END:  # nothing follows for certain where the arrival has no last day
            continue
        gives = own_time(record.things.get(source))
        for target in targets:
            if target == source:
                continue
            takes = own_time(record.things.get(target))
            earliest = max(label.state, search.since, gives.gives_from, takes.takes_from)
            latest = min(search.until, gives.gives_until, takes.takes_until)
            edge = Closing(source, target, _edge_kind(record, source, target), _direction(kind), earliest, latest, True)
            if earliest <= latest:
                return edge
            late = late or replace(edge, earliest=max(label.state, search.since), latest=search.until, fits=False)
    return late


_ACTORS = frozenset({"network", "event", "initiative", "city", "organisation", "project", "programme"})


def _edge_kind(record: _Record, source: str, target: str) -> str:
    """What such an edge is called: a call addresses, a recommendation results, people and projects contribute, and texts inform."""
    if record.is_a(target, "recommendation"):
        return "resulted-in"
    if record.is_a(source, "agenda-item") and record.is_a(target, "call"):
        return "addressed-by"
    return "contributed-to" if source in record.things and record.things[source].type in _ACTORS else "informed"


def _direction(kind: str) -> str:
    return "top-down" if kind == "call-without-agenda" else "bottom-up"
