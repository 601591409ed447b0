"""Why something is not recorded: which single limit stands between some things and others. "Not recorded" never means "did not happen"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, Flow
from seismic_graph.insight.spread import Usable, as_path, forward
from seismic_graph.paths import MANY_HOPS, FlowNetwork, Path, Reading, Search
from seismic_graph.paths import holds as chain_holds

CODES: dict[str, str] = {
    "outside-window": "a chain is recorded, but outside the window of days",
    "no-source": "only a chain with an edge that has no source",
    "filtered": "a chain is recorded, but not in these directions or not without the things to avoid",
    "more-hops": "a chain is recorded, but with more hops",
    "only-membership": "only by being part of a larger whole",
    "not-certain": "a chain is possible, but the dates do not make its order certain",
    "backwards": "only with an edge that lies earlier: the chain would run backwards in time",
    "contextual": "only on a contextual basis: somebody took part, or the whole stands for its part",
    "no-edge": "no edge leads on",
}
"""Why a chain is not recorded -> in words, the most telling first: what the question left out, what the record lacks, nothing at all."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why no chain of flows is recorded.

    Attributes:
        code: a key of `CODES`: the first single limit without which there would be a chain.
        path: the nearest chain without that limit, fewest hops first; None where there is none.
        flow: the edge of it that breaks the limit.
        days: for ``backwards``, how many days before knowledge can be there `flow` ends at the latest: the fewest of all chains.
        also: where no single limit is enough, the other limits that `path` breaks.
    """

    code: str
    path: Path | None = None
    flow: Flow | None = None
    days: int | None = None
    also: tuple[str, ...] = ()


class Ground:
    """What a question is asked of: the flows under the search, and the same without each limit, made when needed.

    Args:
        network: all flows.
        search: the limits. A flow without a source is never used.
        wanted: which flows count at all; every one where not given.
        membership: flows that do not count because they are mere membership.
        reshape: makes other flows of the usable ones before they are searched, for example one layer before and one after an agenda.
    """

    def __init__(
        self,
        network: FlowNetwork,
        search: Search,
        *,
        wanted: Callable[[Flow], bool] = lambda flow: True,
        membership: Callable[[Flow], bool] = lambda flow: False,
        reshape: Callable[[FlowNetwork], Iterable[Flow]] = lambda network: network.flows,
    ) -> None:
        self.network = network
        self.search = search
        self._wanted = wanted
        self.membership = membership
        self._reshape = reshape
        self._made: dict[tuple[Search, bool, bool], Usable] = {}

    @property
    def usable(self) -> Usable:
        """The flows under the search itself."""
        return self.under(self.search)

    def under(self, search: Search, *, unsourced: bool = False, membership: bool = False) -> Usable:
        """The flows under another search; with those that have no source, or that are mere membership, where asked for."""
        key = (search, unsourced, membership)
        if key not in self._made:
            kept = FlowNetwork(
                flow
                for flow in self.network.flows
                if (unsourced or flow.sources) and (membership or not self.membership(flow)) and self._wanted(flow)
            )
            self._made[key] = Usable(self._reshape(kept.restricted(search, search.bases)), search)
        return self._made[key]


def why(ground: Ground, starts: Sequence[str], targets: Sequence[str]) -> Why:
    """Why no chain is recorded from any of some things to any of others: the first single limit of `CODES` that is in the way."""
    search = ground.search
    wide = replace(search, since=OPEN_START, until=OPEN_END)
    unfiltered = replace(search, directions=frozenset(), avoid=frozenset())
    eased: list[tuple[str, bool, Callable[[], _Answer | None]]] = [
        ("outside-window", wide != search, lambda: _found(ground.under(wide), starts, targets)),
        ("no-source", True, lambda: _found(ground.under(search, unsourced=True), starts, targets)),
        ("filtered", unfiltered != search, lambda: _found(ground.under(unfiltered), starts, targets)),
        ("more-hops", search.max_hops < MANY_HOPS, lambda: _found(ground.under(replace(search, max_hops=MANY_HOPS)), starts, targets)),
        ("only-membership", True, lambda: _found(ground.under(search, membership=True), starts, targets)),
        ("not-certain", search.reading == "strict", lambda: _found(ground.under(replace(search, reading="possible")), starts, targets)),
        ("backwards", search.reading != "static", lambda: _least_backwards(ground.usable, starts, targets)),
        ("contextual", True, lambda: _found(ground.under(replace(search, bases=frozenset(BASES))), starts, targets)),
    ]
    for code, applies, attempt in eased:
        answer = attempt() if applies else None
        if answer:
            flows, days = answer
            return Why(code, _path(ground, flows), _breaking(ground, code, flows, days), days)
    everything = replace(wide, directions=frozenset(), avoid=frozenset(), bases=frozenset(BASES), max_hops=max(search.max_hops, MANY_HOPS))
    all_flows = ground.under(everything, unsourced=True, membership=True)
    answer = _found(all_flows, starts, targets)
    if search.reading == "strict" and not answer:
        answer = _found(all_flows, starts, targets, Reading("possible"))
    if search.reading != "static" and not answer:
        answer = _least_backwards(all_flows, starts, targets)
    if not answer:
        return Why("no-edge")
    flows, days = answer
    first, *others = _broken(ground, flows)
    if days is not None:
        first, others = "backwards", [code for code in (first, *others) if code != "backwards"]
    return Why(first, _path(ground, flows), _breaking(ground, first, flows, days), days, tuple(others))


def break_at(ground: Ground, flows: Sequence[Flow]) -> int:
    """How many of the flows of a chain hold under the search, from its first one on."""
    usable, reading = {flow.id for flow in ground.usable.flows}, ground.usable.reading
    state = reading.since
    for position, flow in enumerate(flows):
        after = reading.step(state, flow)
        if after is None or flow.id not in usable or position >= ground.search.max_hops:
            return position
        state = after
    return len(flows)


_Answer = tuple[tuple[Flow, ...], int | None]


def _found(usable: Usable, starts: Sequence[str], targets: Sequence[str], reading: Reading | None = None) -> _Answer | None:
    spread = forward(usable, starts, reading=reading)
    nearest = spread.nearest(target for target in targets if target not in starts)
    return None if nearest is None else (spread.flows(nearest, spread.hops[nearest]), None)


@dataclass(frozen=True, slots=True)
class _Eased(Reading):
    """The possible reading, but every flow may end some days later than it did."""

    days: int = 0

    def step(self, state: int, flow: Flow) -> int | None:
        day = max(state, flow.earliest)
        return day if day <= min(flow.latest + self.days, self.until) else None


def _least_backwards(usable: Usable, starts: Sequence[str], targets: Sequence[str]) -> _Answer | None:
    """The chain that misses the possible reading by the fewest days, and by how many: bisection over the days of tolerance."""
    search = usable.search

    def within(days: int) -> _Answer | None:
        return _found(usable, starts, targets, _Eased("possible", search.since, search.until, days))

    if within(2 * OPEN_END) is None:
        return None
    low, high = 0, 1
    while within(high) is None:
        low, high = high, high * 4
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if within(middle) else (middle, high)
    answer = within(high)
    assert answer is not None  # noqa: S101 - the loop above ended with a tolerance that suffices
    return answer[0], high


def _breaking(ground: Ground, code: str, flows: Sequence[Flow], days: int | None) -> Flow | None:
    """The flow of a chain that breaks a limit."""
    search = ground.search
    if code in {"backwards", "not-certain", "outside-window"}:
        reading = search.window(search.reading if code != "backwards" else "possible")
        state = reading.since
        for flow in flows:
            after = reading.step(state, flow)
            if after is None and (days is None or max(state, flow.earliest) - flow.latest == days):
                return flow
            state = max(state, flow.earliest) if after is None else after
        return None
    if code == "more-hops":
        return flows[search.max_hops] if len(flows) > search.max_hops else None
    breaks: dict[str, Callable[[Flow], bool]] = {
        "no-source": lambda flow: not flow.sources,
        "contextual": lambda flow: flow.basis not in search.bases,
        "only-membership": ground.membership,
        "filtered": lambda flow: (
            bool(search.directions and flow.direction not in search.directions) or bool({flow.source, flow.target} & search.avoid)
        ),
    }
    return next((flow for flow in flows if breaks[code](flow)), None)


def _broken(ground: Ground, flows: Sequence[Flow]) -> list[str]:
    """The limits of a search that a chain breaks, the most telling first; at least one."""
    search = ground.search
    wide = replace(search, since=OPEN_START, until=OPEN_END)

    def holds(limits: Search, reading: str) -> bool:
        return chain_holds(flows, limits.window(reading))

    backwards = search.reading != "static" and not holds(wide, "possible")
    found = {
        "outside-window": not backwards and holds(wide, search.reading) and not holds(search, search.reading),
        "not-certain": search.reading == "strict" and not backwards and not holds(wide, "strict"),
        "backwards": backwards,
        "more-hops": len(flows) > search.max_hops,
        **{code: _breaking(ground, code, flows, None) is not None for code in ("no-source", "filtered", "only-membership", "contextual")},
    }
    return [code for code in CODES if found.get(code)] or ["outside-window"]


def _path(ground: Ground, flows: Sequence[Flow]) -> Path:
    return as_path(flows, ground.network.ways_out, ground.search.since, ground.search.until)
