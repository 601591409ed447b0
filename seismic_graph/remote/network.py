"""The flows behind an endpoint as a network: those that a trace needs, or all of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from seismic_graph.errors import TooMuch
from seismic_graph.flows import Flow
from seismic_graph.paths import FlowNetwork, Reached, Search
from seismic_graph.remote import copied
from seismic_graph.remote.copied import Announce, Copied
from seismic_graph.remote.endpoint import RemoteStore
from seismic_graph.remote.frontier import Near, later
from seismic_graph.remote.several import Several
from seismic_graph.store import Store

LITTLE = 500
"""So many flows are fetched in less time than it takes to tell the state of an endpoint."""


def copies(store: Store, home: Path, *, fresh: bool = False, announce: Announce = lambda text: None) -> tuple[Copied, ...]:
    """What is kept of a store that is an endpoint or several; of any other store nothing is.

    Args:
        store: the store.
        home: where copies of endpoints are kept.
        fresh: read anew, whatever is kept.
        announce: told what is read, and why.
    """
    if isinstance(store, Several):
        return store.copies
    return (Copied(store, home, fresh=fresh, announce=announce),) if isinstance(store, RemoteStore) else ()


def network(of: Sequence[Copied]) -> FlowNetwork:
    """The flows of endpoints: those of several joined here, those of one where they are kept or when they are needed.

    Raises:
        StoreError: an endpoint did not give a whole answer.
    """
    return copied.network(of) if len(of) > 1 else RemoteNetwork(Known(of[0]))


class Known:
    """What is known of the flows behind one endpoint."""

    def __init__(self, copy: Copied) -> None:
        self.copy = copy
        self._near: dict[frozenset[str], Near] = {}

    @cached_property
    def whole(self) -> FlowNetwork:
        """All flows."""
        return copied.network([self.copy])

    @property
    def at_hand(self) -> bool:
        """Whether all flows are here, so that nothing need be fetched."""
        return "whole" in self.__dict__ or (self.copy.knows_state and self.copy.kept)

    def between(self, source: str, target: str, search: Search, days: int) -> FlowNetwork | None:
        """The flows on walks from source to target, fetched; None where all flows are the better way.

        Where flows are kept of which it costs something to tell whether they are as they are now, a little is fetched first.
        """
        allowed = LITTLE if self.copy.some_kept and not self.copy.knows_state else math.inf
        try:
            return self.near(search.bases).corridor(source, target, search, days, allowed)
        except TooMuch as much:
            if self.copy.kept:
                return None
            if allowed == math.inf:
                self.copy.announce(str(much))
                return None
        return self.between(source, target, search, days)  # what is kept is of another state, which is known now

    def near(self, bases: Collection[str]) -> Near:
        """The flows of some bases that were fetched."""
        return self._near.setdefault(frozenset(bases), Near(self.copy.store, bases))

    def seen(self, flow: Flow) -> Flow:
        """A flow that was fetched, as it was before it was eased."""
        return next(near.sourced([known])[0] for near in self._near.values() if (known := near.leaving.get(flow.source, {}).get(flow.id)))


class RemoteNetwork(FlowNetwork):
    """A network behind an endpoint. Paths between two things fetch what they need; whatever else is asked reads all flows once."""

    def __init__(self, known: Known, days: int = 0) -> None:
        self._known, self._days = known, days

    @cached_property
    def _whole(self) -> FlowNetwork:
        return self._known.whole.eased(self._days) if self._days else self._known.whole

    @property
    def flows(self) -> tuple[Flow, ...]:
        """All flows, in the order of their IRIs."""
        return self._whole.flows

    @property
    def ways_out(self) -> Mapping[str, int]:
        """How many different things one can move on to from each thing."""
        return self._whole.ways_out

    def restricted(self, search: Search, bases: Collection[str]) -> FlowNetwork:
        """The flows that a search may use, with given bases."""
        return self._whole.restricted(search, bases)

    def between(self, source: str, target: str, search: Search) -> FlowNetwork:
        """The flows on walks from source to target within the limits of a search."""
        fetched = None if self._known.at_hand else self._known.between(source, target, search, self._days)
        return self._whole.between(source, target, search) if fetched is None else fetched

    def reached(self, sources: Collection[str], search: Search, targets: Collection[str] | None = None) -> dict[str, dict[str, Reached]]:
        """What knowledge from each of some things reaches within the limits, by IRI; all things, or those of some targets."""
        return self._whole.reached(sources, search, targets)

    def eased(self, days: int) -> FlowNetwork:
        """The same flows, each of which may have happened so many days later."""
        return RemoteNetwork(self._known, self._days + days)

    def named(self, flows: Iterable[Flow]) -> tuple[Flow, ...]:
        """The flows of this network that have the ids of others."""
        if self._known.at_hand:
            return self._whole.named(flows)
        return tuple(later(self._known.seen(flow), self._days) for flow in flows)
