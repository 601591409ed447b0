"""Robustness: what an answer rests on, and what would break it. Pure: flows in, values out.

Independent paths are counted in four ways. In a set of paths from one thing to another

* no flow lies on two of them (*flow-disjoint*, the edge-disjoint paths of Menger 1927);
* no thing between the ends lies on two of them (*thing-disjoint*, the vertex-disjoint paths);
* no flow lies on two of them, and one can choose for every hop one of its sources so that no source serves two paths (*source-disjoint*);
* the same with publishers (*publisher-disjoint*).

One source may serve several hops of one path: a source that tells the whole story tells one story. The choice gives a guarantee: where n
paths are source-disjoint, any n - 1 sources may be withdrawn and one path still stands. In general this is set packing, which is NP-hard
(Karp, "Reducibility among combinatorial problems", 1972), and so are disjoint paths of bounded length (Itai, Perl, Shiloach, Networks 12,
1982) and thing-disjoint paths that respect time, for which Menger's theorem fails (Kempe, Kleinberg, Kumar, "Connectivity and inference
problems for temporal networks", J. Comput. Syst. Sci. 64, 2002). So each count is a pair: what was found by exact search among enumerated
paths, and an upper bound, the maximum flow over everything that lies on some walk in that reading. Where both agree, the count is exact;
where the enumeration was whole, the bound is what was found.

A hop that a rule reads off a row cites all sources of that row; not each of them need state it, so its evidence is an upper bound too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, READINGS, Flow
from seismic_graph.paths import FlowNetwork, Found, Path, Reading, Search, find
from seismic_graph.things import Thing

LIMIT = 100
"""How many paths are enumerated for a count unless told otherwise."""
STEPS = 100_000
"""How many partial choices one exact count looks at before it says that there may be more."""
COVERS = 200
"""How many ways to choose sources for one path are looked at."""


# --- without some of the evidence ------------------------------------------------------------------------------------


def without(
    network: FlowNetwork,
    *,
    sources: Collection[str] = frozenset(),
    publishers: Collection[str] = frozenset(),
    publisher_of: Mapping[str, str] | None = None,
) -> FlowNetwork:
    """The network as it would be had some sources not been read: they go from every flow, and so do flows that have none left.

    A flow that states no source at all loses nothing and stays.

    Args:
        network: the flows.
        sources: IRIs of sources to leave out.
        publishers: names of publishers, all of whose sources are left out.
        publisher_of: IRI of a source -> its publisher. Without it, a flow that keeps some of its sources keeps all its publishers that are
            not left out, and a flow of several publishers keeps all its sources until none of them is left.
    """
    dropped, silenced = frozenset(sources), frozenset(publishers)
    if not dropped and not silenced:
        return network
    return FlowNetwork(kept for flow in network.flows if (kept := _reduced(flow, dropped, silenced, publisher_of)) is not None)


def _reduced(flow: Flow, dropped: frozenset[str], silenced: frozenset[str], publisher_of: Mapping[str, str] | None) -> Flow | None:
    if not (flow.publishers & silenced or dropped.intersection(flow.sources)):
        return flow
    if publisher_of is None:
        named, voices = tuple(source for source in flow.sources if source not in dropped), flow.publishers - silenced
        gone = not named if flow.sources else not voices
        return None if gone or (flow.publishers and not voices) else replace(flow, sources=named, publishers=voices)
    named = tuple(source for source in flow.sources if source not in dropped and publisher_of.get(source, source) not in silenced)
    return replace(flow, sources=named, publishers=frozenset(publisher_of.get(source, source) for source in named)) if named else None


# --- two answers beside each other -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A path that two answers share.

    Attributes:
        before, after: the path in each of them; rank_before, rank_after: its place in each, from 1.
    """

    before: Path
    after: Path
    rank_before: int
    rank_after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the paths of one answer in another. A path is known by its flows.

    Attributes:
        vanished, appeared: paths of one answer alone, in its order.
        reread: paths whose reading of time or basis changed.
        moved: paths that only have another rank.
        unchanged: how many paths are the same in all of this.
        cut: one of the answers shows only the head of its list, so that a path may be out of sight rather than gone.
    """

    vanished: tuple[Path, ...]
    appeared: tuple[Path, ...]
    reread: tuple[Change, ...]
    moved: tuple[Change, ...]
    unchanged: int
    cut: bool


def compare(before: Found | Sequence[Path], after: Found | Sequence[Path]) -> Comparison:
    """Which paths vanished, which appeared, and which are read or ranked in another way."""
    old, new = ({_key(path): (rank, path) for rank, path in enumerate(_paths(answer), 1)} for answer in (before, after))
    shared = [Change(path, new[key][1], rank, new[key][0]) for key, (rank, path) in old.items() if key in new]
    reread = tuple(one for one in shared if (one.before.reading, one.before.basis) != (one.after.reading, one.after.basis))
    moved = tuple(one for one in shared if one not in reread and one.rank_before != one.rank_after)
    return Comparison(
        tuple(path for key, (_, path) in old.items() if key not in new),
        tuple(path for key, (_, path) in new.items() if key not in old),
        reread,
        moved,
        len(shared) - len(reread) - len(moved),
        any(isinstance(answer, Found) and (answer.more or not answer.exhausted) for answer in (before, after)),
    )


def _paths(answer: Found | Sequence[Path]) -> Sequence[Path]:
    return answer.paths if isinstance(answer, Found) else answer


def _key(path: Path) -> tuple[str, ...]:
    return tuple(flow.id for flow in path.flows)


# --- the weakest hops ------------------------------------------------------------------------------------------------


def weakest(path: Path) -> tuple[int, ...]:
    """The positions of its weakest hops, from 0: the weakest basis, then the fewest publishers, then the fewest sources; all that tie."""
    weights = [(-BASES.index(flow.basis), len(flow.publishers), len(flow.sources)) for flow in path.flows]
    return tuple(position for position, weight in enumerate(weights) if weight == min(weights))


# --- one answer ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """A number of independent paths: at least `found`, at most `bound`."""

    found: int
    bound: int

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.found == self.bound


@dataclass(frozen=True, slots=True)
class Independence:
    """How many paths stand beside each other in one reading of time; the module says what each of the four means.

    Attributes:
        reading: static, possible or strict.
        looked_at: how many paths the exact search chose from; complete: these are all within the limits of the search.
    """

    reading: str
    flows: Count
    things: Count
    sources: Count
    publishers: Count
    looked_at: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Robustness:
    """What an answer rests on.

    Attributes:
        found: the best paths.
        critical_flows, critical_sources, critical_publishers: the loss of one of them alone leaves no path. IRIs; names of publishers.
        weakest: the weakest hops of the best path.
        independence: one for each reading that has a path: static, and those at least as strict as the one that was asked for.
    """

    found: Found
    critical_flows: tuple[str, ...]
    critical_sources: tuple[str, ...]
    critical_publishers: tuple[str, ...]
    weakest: tuple[Flow, ...]
    independence: tuple[Independence, ...]


def assess(
    network: FlowNetwork,
    source: str,
    target: str,
    search: Search,
    *,
    limit: int = LIMIT,
    publisher_of: Mapping[str, str] | None = None,
) -> Robustness:
    """What the answer from one thing to another rests on: its critical evidence and its independent paths.

    Args:
        network: the flows.
        source, target: IRIs.
        search: what counts as a path.
        limit: how many paths are enumerated for each count.
        publisher_of: IRI of a source -> its publisher.
    """
    found = find(network, source, target, search, limit)

    def breaks(changed: FlowNetwork) -> bool:
        return not find(changed, source, target, search, 1).paths

    # whatever breaks the answer breaks its best path, so only what carries a hop of that one alone can
    hops = found.paths[0].flows if found.paths else ()
    lone = sorted({flow.sources[0] for flow in hops if len(flow.sources) == 1})
    single = sorted({publisher for flow in hops if len(flow.publishers) == 1 for publisher in flow.publishers})
    critical_sources = tuple(one for one in lone if breaks(without(network, sources={one}, publisher_of=publisher_of)))
    critical_publishers = tuple(one for one in single if breaks(without(network, publishers={one}, publisher_of=publisher_of)))
    critical_flows = tuple(one.id for one in hops if breaks(FlowNetwork(flow for flow in network.flows if flow.id != one.id)))
    counted = []
    for name in READINGS:
        as_strict = READINGS.index(name) >= READINGS.index(search.reading)
        if name == "static" or as_strict:
            wanted = replace(search, reading=name)
            here = found if wanted == search else find(network, source, target, wanted, limit)
            known = (as_strict and bool(critical_sources), as_strict and bool(critical_publishers))
            if here.paths:
                counted.append(_independence(network, source, target, wanted, here, publisher_of, known))
    weak = tuple(hops[position] for position in weakest(found.paths[0])) if found.paths else ()
    return Robustness(found, critical_flows, critical_sources, critical_publishers, weak, tuple(counted))


def _independence(
    network: FlowNetwork,
    source: str,
    target: str,
    search: Search,
    found: Found,
    publisher_of: Mapping[str, str] | None,
    single_voice: tuple[bool, bool],
) -> Independence:
    complete = found.exhausted and not found.more
    pool = list(found.paths)
    if not complete:  # the best paths are often alike: look beside them too
        pool += _beside(network, source, target, search, {_key(path) for path in pool}, publisher_of)
    by_flow, by_thing = _bounds(network, source, target, search)
    counts = []
    for choices, bound in (
        (_by_flows, by_flow),
        (_by_things, by_thing),
        (_by_sources, min(by_flow, 1) if single_voice[0] else by_flow),
        (_by_publishers, min(by_flow, 1) if single_voice[1] else by_flow),
    ):
        number, whole = _most_disjoint(pool, choices, bound)
        counts.append(Count(number, number if complete and whole else bound))
    return Independence(search.reading, counts[0], counts[1], counts[2], counts[3], len(pool), complete)


def _beside(
    network: FlowNetwork, source: str, target: str, search: Search, known: set[tuple[str, ...]], publisher_of: Mapping[str, str] | None
) -> Iterator[Path]:
    """Paths that a greedy search finds once the last one is out of the way: by its flows, its things, its sources, its publishers."""

    def by_flows(left: FlowNetwork, path: Path) -> FlowNetwork:
        gone = {flow.id for flow in path.flows}
        return FlowNetwork(flow for flow in left.flows if flow.id not in gone)

    def by_things(left: FlowNetwork, path: Path) -> FlowNetwork:
        gone, last = set(path.nodes[1:-1]), {flow.id for flow in path.flows}
        return FlowNetwork(flow for flow in left.flows if flow.id not in last and flow.source not in gone and flow.target not in gone)

    def by_sources(left: FlowNetwork, path: Path) -> FlowNetwork:
        covers = _covers([frozenset(flow.sources) for flow in path.flows])[0]
        return by_flows(without(left, sources=covers[0] if covers else (), publisher_of=publisher_of), path)

    def by_publishers(left: FlowNetwork, path: Path) -> FlowNetwork:
        covers = _covers([flow.publishers for flow in path.flows])[0]
        return by_flows(without(left, publishers=covers[0] if covers else (), publisher_of=publisher_of), path)

    for smaller in (by_flows, by_things, by_sources, by_publishers):
        left = network
        while paths := find(left, source, target, search, 1).paths:
            path = paths[0]
            left = smaller(left, path)
            originals = _originals(network, path)
            if _key(path) not in known:
                known.add(_key(path))
                yield originals


def _originals(network: FlowNetwork, path: Path) -> Path:
    """The same path with all its evidence."""
    wanted = {flow.id: flow.source for flow in path.flows}
    flows = {flow.id: flow for node in wanted.values() for flow in network.outgoing[node] if flow.id in wanted}
    return replace(path, flows=tuple(flows[flow.id] for flow in path.flows))


# --- exact counts ----------------------------------------------------------------------------------------------------

_Choices = Callable[[Path], tuple[list[frozenset[str]], bool]]
"""What a path takes up, in each way in which it can be had, and whether these are all ways; paths that share nothing of it are disjoint."""


def most_disjoint(paths: Sequence[Path], by: str, bound: int | None = None) -> tuple[int, bool]:
    """The largest number of given paths that are disjoint, and whether the search for it was whole.

    Args:
        paths: paths from one thing to another.
        by: ``flows``, ``things``, ``sources`` or ``publishers``.
        bound: a number that cannot be passed, if one is known.
    """
    return _most_disjoint(paths, _BY[by], len(paths) if bound is None else bound)


def _by_flows(path: Path) -> tuple[list[frozenset[str]], bool]:
    return [frozenset(flow.id for flow in path.flows)], True


def _by_things(path: Path) -> tuple[list[frozenset[str]], bool]:
    return [frozenset(path.nodes[1:-1]) or frozenset({path.flows[0].id})], True


def _by_sources(path: Path) -> tuple[list[frozenset[str]], bool]:
    covers, whole = _covers([frozenset(flow.sources) for flow in path.flows])
    return [cover | {flow.id for flow in path.flows} for cover in covers], whole


def _by_publishers(path: Path) -> tuple[list[frozenset[str]], bool]:
    covers, whole = _covers([flow.publishers for flow in path.flows])
    return [cover | {flow.id for flow in path.flows} for cover in covers], whole


_BY: dict[str, _Choices] = {"flows": _by_flows, "things": _by_things, "sources": _by_sources, "publishers": _by_publishers}


def _covers(hops: Sequence[frozenset[str]]) -> tuple[list[frozenset[str]], bool]:
    """The minimal sets that hold something of every hop (minimal transversals; Berge, "Hypergraphs", 1989), up to `COVERS`; whether all."""
    whole = True
    least = [hop for hop in set(hops) if not any(other < hop for other in hops)]
    covers: list[frozenset[str]] = [frozenset()]
    for hop in sorted(least, key=lambda one: (len(one), sorted(one))):
        grown = {cover if cover & hop else cover | {item} for cover in covers for item in hop}
        covers = sorted((one for one in grown if not any(other < one for other in grown)), key=lambda one: (len(one), sorted(one)))
        whole, covers = whole and len(covers) <= COVERS, covers[:COVERS]
    return covers, whole


def _most_disjoint(paths: Sequence[Path], choices: _Choices, bound: int) -> tuple[int, bool]:
    """Exact set packing by branch and bound: disjoint paths arrive by different last flows, so each last flow serves at most one."""
    bits: dict[str, int] = {}
    arrivals: dict[str, set[int]] = {}
    whole = True
    for path in paths:
        ways, all_ways = choices(path)
        whole = whole and all_ways
        for way in ways:
            mask = sum(1 << bits.setdefault(item, len(bits)) for item in way)
            arrivals.setdefault(path.flows[-1].id, set()).add(mask)
    groups = [sorted(_smallest(masks), key=lambda mask: (mask.bit_count(), mask)) for _, masks in sorted(arrivals.items())]
    groups.sort(key=len)
    best, left = 0, STEPS

    def look(position: int, taken: int, number: int) -> None:
        nonlocal best, left
        best = max(best, number)
        if position == len(groups) or best >= bound or left <= 0 or number + len(groups) - position <= best:
            return
        free = [mask for mask in groups[position] if not mask & taken]
        for mask in free:
            left -= 1
            look(position + 1, taken | mask, number + 1)
            if best >= bound or left <= 0 or number + len(groups) - position <= best:
                return
        left -= 1
        look(position + 1, taken, number)

    look(0, 0, 0)
    return best, best >= bound or (whole and left > 0)


def _smallest(masks: Collection[int]) -> list[int]:
    """The masks that hold no other one: whoever takes up less leaves more to the rest."""
    if len(masks) > 2_000:
        return list(masks)
    return [mask for mask in masks if not any(other & mask == other and other != mask for other in masks)]


# --- upper bounds ----------------------------------------------------------------------------------------------------


def _bounds(network: FlowNetwork, source: str, target: str, search: Search) -> tuple[int, int]:
    """The maximum flow by flows and by things over all that lies on some walk in the reading (Ford and Fulkerson 1956)."""
    import networkx

    between: dict[tuple[str, str], int] = {}
    for flow in _corridor(network, source, target, search):
        between[flow.source, flow.target] = between.get((flow.source, flow.target), 0) + 1
    by_flow: Any = networkx.DiGraph()
    by_thing: Any = networkx.DiGraph()
    for (start, end), number in between.items():
        by_flow.add_edge(start, end, capacity=number)
        by_thing.add_edge((start, "out"), (end, "in"), capacity=number)
    for node in {node for ends in between for node in ends} - {source, target}:
        by_thing.add_edge((node, "in"), (node, "out"), capacity=1)
    if not between:
        return 0, 0
    return int(networkx.maximum_flow_value(by_flow, source, target)), int(
        networkx.maximum_flow_value(by_thing, (source, "out"), (target, "in"))
    )


def _corridor(network: FlowNetwork, source: str, target: str, search: Search) -> list[Flow]:
    """The flows that lie on some walk from source to target in the reading within the hops; maybe a few more, never fewer."""
    part, reading = network.restricted(search, search.bases), search.window(search.reading)
    usable = [flow for flow in part.flows if flow.source != target and flow.target != source]
    arrival, hops_from = _sweep(usable, source, search.max_hops, reading)
    latest: dict[str, int] = {target: OPEN_END}
    hops_to: dict[str, int] = {target: 0}
    for hops in range(1, search.max_hops + 1):
        better: dict[str, int] = {}
        for flow in usable:
            onward = latest.get(flow.target)
            deadline = None if onward is None else reading.deadline(flow, onward)
            if deadline is not None and deadline > max(latest.get(flow.source, OPEN_START - 1), better.get(flow.source, OPEN_START - 1)):
                better[flow.source] = deadline
        for node, day in better.items():
            latest[node] = day
            hops_to.setdefault(node, hops)
        if not better:
            break
    kept = []
    for flow in usable:
        if flow.source in arrival and flow.target in latest and hops_from[flow.source] + 1 + hops_to[flow.target] <= search.max_hops:
            after = reading.step(arrival[flow.source], flow)
            if after is not None and after <= latest[flow.target]:
                kept.append(flow)
    return kept


def _sweep(flows: Sequence[Flow], source: str, max_hops: int, reading: Reading) -> tuple[dict[str, int], dict[str, int]]:
    """By thing: the least state that one can arrive with, and the fewest hops."""
    arrival, hops_from = {source: reading.since}, {source: 0}
    for hops in range(1, max_hops + 1):
        better: dict[str, int] = {}
        for flow in flows:
            after = reading.step(arrival[flow.source], flow) if flow.source in arrival else None
            if after is not None and after < min(arrival.get(flow.target, OPEN_END + 1), better.get(flow.target, OPEN_END + 1)):
                better[flow.target] = after
        for node, day in better.items():
            arrival[node] = day
            hops_from.setdefault(node, hops)
        if not better:
            break
    return arrival, hops_from


# --- who speaks ------------------------------------------------------------------------------------------------------

SELF_REPORTED, THIRD_PARTY, UNKNOWN = "self-reported", "third-party", "unknown"

REASONS: dict[str, tuple[str, str]] = {
    "itself": (SELF_REPORTED, "it is the thing that it speaks of"),
    "whole": (SELF_REPORTED, "the thing is part of it, or was launched, funded or put forward by it or a part of it"),
    "named": (SELF_REPORTED, "the thing bears its name"),
    "takes-part": (SELF_REPORTED, "it takes part in the thing: as partner, coordinator, host, organiser, member or funder"),
    "takes-part-in-whole": (SELF_REPORTED, "it takes part in what the thing is part of"),
    "exchanged": (SELF_REPORTED, "a flow of knowledge is recorded between it and the thing"),
    "no-tie": (THIRD_PARTY, "it is recorded, and no tie between it and anything on the path is"),
    "no-name": (UNKNOWN, "nothing of that name is recorded"),
}
"""Why a publisher counts as it does: code -> (voice, reason). The first that applies, in this order."""

_PARTAKING = {"takes-part-in", "organised"}
_WHOLES: dict[str, bool] = {
    "part-of": True,
    "item-of": True,
    "belongs-to": True,
    "took-part-in": False,
    "launched": False,
    "funded": False,
    "put-forward": False,
}
"""Kind of flow -> whether the whole stands at its target (True) or at its source (False)."""
_SPEAKERS = {"organisation", "programme", "project", "network", "initiative"}
"""Types of things that publish."""
_KIND_WORDS = {"project": "project", "network": "network", "partnership": "programme", "programme": "programme"}
"""Last word of a name that only says what its bearer is -> the type that it must then have."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A publisher and how far it stands from what it speaks of.

    Attributes:
        publisher: its name as printed.
        kind: ``self-reported``, ``third-party`` or ``unknown``; reason: a key of `REASONS`.
        entities: IRIs of what bears that name in the record.
        about: the thing on the path that ties it, where one does.
    """

    publisher: str
    kind: str
    reason: str
    entities: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Testimony:
    """Who speaks for a path.

    Attributes:
        voices: one for each publisher on it, by name.
        self_reported: positions of hops, from 0, for which nobody speaks but those who have a part in something on the path.
        vouched: positions of hops for which at least one third party speaks.
    """

    voices: tuple[Voice, ...]
    self_reported: tuple[int, ...]
    vouched: tuple[int, ...]


class Register:
    """Who bears which name, and who has a part in what. Make it once from the whole network, ask it often.

    Args:
        network: all flows, the contextual ones too, since they tell who takes part.
        things: everything by IRI.
        also_known: IRI -> further names (acronyms, own-language names).
    """

    def __init__(self, network: FlowNetwork, things: Mapping[str, Thing], also_known: Mapping[str, Iterable[str]] | None = None) -> None:
        self._things = things
        self._named: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for iri, thing in things.items():
            if thing.type in _SPEAKERS:
                spoken = {thing.label, *_outside_and_inside(thing.label), *((also_known or {}).get(iri, ()))}
                self._names[iri] = {name for name in spoken if name}
                for name in (*spoken, iri.rpartition("/")[2].replace("-", " ")):
                    self._named.setdefault(_folded(name), set()).add(iri)
        self._named.pop("", None)
        self._beside: dict[str, list[tuple[str, Flow]]] = {}
        for flow in network.flows:
            self._beside.setdefault(flow.source, []).append((flow.target, flow))
            self._beside.setdefault(flow.target, []).append((flow.source, flow))

    def entities(self, publisher: str) -> tuple[str, ...]:
        """What bears the name of a publisher, sorted; empty where nothing does.

        Tried in this order, and the first that fits counts: the whole name; what stands outside and inside brackets; the parts between
        commas ("European Commission, CORDIS"); the name without a last word that only says what it is ("SEiSMiC project"); a name of
        three words or more that opens exactly one longer name. Names are compared without case, accents and punctuation.
        """
        for attempt in (self._whole, self._bracketed, self._parted, self._of_a_kind, self._opening):
            if found := attempt(publisher):
                return tuple(sorted(found))
        return ()

    def _whole(self, name: str) -> set[str]:
        return self._named.get(_folded(name), set())

    def _bracketed(self, name: str) -> set[str]:
        return {iri for part in _outside_and_inside(name) for iri in self._whole(part)}

    def _parted(self, name: str) -> set[str]:
        parts = [part.strip() for part in name.split(",")]
        return {iri for part in parts for iri in self._whole(part)} if len(parts) > 1 else set()

    def _of_a_kind(self, name: str) -> set[str]:
        head, _, word = name.rpartition(" ")
        wanted = _KIND_WORDS.get(word.casefold())
        return {iri for iri in self._whole(head) if self._things[iri].type == wanted} if wanted else set()

    def _opening(self, name: str) -> set[str]:
        opening = _folded(name)
        if opening.count(" ") < 2:
            return set()
        found = {iri for known, iris in self._named.items() if known.startswith(opening + " ") for iri in iris}
        return found if len(found) == 1 else set()

    def voice(self, publisher: str, things: Iterable[str]) -> Voice:
        """How far a publisher stands from some things, for example those on a path; unknown stays unknown.

        Third party means that the record holds no tie, not that there is none.
        """
        entities = self.entities(publisher)
        ties = [tie for thing in things for tie in self._ties(publisher, frozenset(entities), thing)]
        if ties:
            order = list(REASONS)
            reason, about = min(ties, key=lambda tie: order.index(tie[0]))
            return Voice(publisher, REASONS[reason][0], reason, entities, about)
        reason = "no-tie" if entities else "no-name"
        return Voice(publisher, REASONS[reason][0], reason, entities)

    def testimony(self, path: Path) -> Testimony:
        """Who speaks for a path, and for which hops nobody does but those who have a part in it."""
        voices = {publisher: self.voice(publisher, path.nodes) for publisher in path.publishers}
        kinds = [{voices[publisher].kind for publisher in flow.publishers} for flow in path.flows]
        return Testimony(
            tuple(voices[publisher] for publisher in path.publishers),
            tuple(position for position, heard in enumerate(kinds) if heard == {SELF_REPORTED}),
            tuple(position for position, heard in enumerate(kinds) if THIRD_PARTY in heard),
        )

    def _ties(self, publisher: str, entities: frozenset[str], thing: str) -> Iterator[tuple[str, str]]:
        if thing in entities:
            yield "itself", thing
        label = self._things[thing].label if thing in self._things else ""
        bare = {publisher, publisher.rpartition(" ")[0] if publisher.rpartition(" ")[2].casefold() in _KIND_WORDS else publisher}
        if any(_bears(label, name) for name in bare):
            yield "named", thing
        for other, flow in self._beside.get(thing, ()):
            if other in entities:
                yield "takes-part" if flow.kind in _PARTAKING and flow.source == other else "exchanged", thing
        for whole in self._wholes(thing):
            if whole in entities:
                yield "whole", thing
            for other, flow in self._beside.get(whole, ()):
                if flow.kind in _PARTAKING and flow.source == other and other in entities:
                    yield "takes-part-in-whole", thing

    def _wholes(self, thing: str) -> set[str]:
        """What a thing is part of, or was launched, funded or put forward by, at any remove; for an event also the networks there."""
        found: set[str] = set()
        waiting = deque([thing])
        while waiting:
            node = waiting.popleft()
            for other, flow in self._beside.get(node, ()):
                end = _WHOLES.get(flow.kind)
                whole = flow.target if end else flow.source
                if end is not None and other == whole and other != thing and other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def _folded(name: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+|_", " ", bare.casefold()).split())


def _outside_and_inside(name: str) -> tuple[str, ...]:
    """What stands outside the brackets of a name, and what stands inside."""
    inside = re.findall(r"\(([^()]+)\)", name)
    return (re.sub(r"\s*\([^()]*\)\s*", " ", name).strip(), *inside) if inside else ()


def _bears(label: str, name: str) -> bool:
    """Whether a label holds a name word for word, in the same case, so that START is not found in "start-up"."""
    return len(name) >= 5 and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", label) is not None
