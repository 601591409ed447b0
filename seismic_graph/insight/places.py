"""Where things belong: the themes, countries, cities and networks of each thing, its year, and the time in which it takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from seismic_graph.dates import OPEN_END, OPEN_START, bounds
from seismic_graph.flows import Flow
from seismic_graph.things import Thing

NOT_RECORDED = "not recorded"
"""The group of what has no group in the record."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a thing belongs.

    Attributes:
        themes, cities, networks: IRIs; countries: ISO 3166-1 codes; levels: slugs.
        year: the year in which it began, was published, put forward or opened; None where that is not recorded.
    """

    themes: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    year: int | None = None

    def groups(self, by: str) -> frozenset[str]:
        """Its groups by one of `GROUPINGS`; `NOT_RECORDED` where it has none."""
        found: frozenset[str] = getattr(self, GROUPINGS[by])
        return found or _NONE


GROUPINGS = {"theme": "themes", "country": "countries", "city": "cities", "network": "networks", "level": "levels"}
"""What things can be grouped by -> the field of `Profile` that says so."""

_NONE = frozenset({NOT_RECORDED})


def profiles(flows: Iterable[Flow], things: Mapping[str, Thing]) -> dict[str, Profile]:
    """The profile of every thing, by IRI.

    A city is its own city and a network its own network. A recommendation has no place of its own: it has that of whatever put it forward.
    Nothing else is inherited.
    """
    found = {iri: _own(thing) for iri, thing in things.items()}
    origins: dict[str, set[str]] = {}
    for flow in flows:
        if flow.kind == "put-forward" and flow.source in found and flow.target in found and things[flow.target].type == "recommendation":
            origins.setdefault(flow.target, set()).add(flow.source)
    inherited = {}
    for iri, sources in origins.items():
        own, of = found[iri], [found[source] for source in sources]
        inherited[iri] = Profile(
            own.themes,
            own.countries.union(*(one.countries for one in of)),
            own.cities.union(*(one.cities for one in of)),
            own.networks.union(*(one.networks for one in of)),
            own.levels,
            own.year,
        )
    return found | inherited


def _own(thing: Thing) -> Profile:
    return Profile(
        frozenset(thing.themes),
        frozenset(thing.countries),
        frozenset(thing.cities) | ({thing.id} if thing.type == "city" else set()),
        frozenset(thing.networks) | ({thing.id} if thing.type == "network" else set()),
        frozenset(thing.levels),
        date.fromordinal(thing.earliest).year if OPEN_START < thing.earliest < OPEN_END else None,
    )


def things_of(things: Mapping[str, Thing], place: str, *, alone: bool = False) -> frozenset[str]:
    """The IRIs of the things of a place; empty where there is no such place.

    Args:
        things: all things.
        place: the IRI of a city (itself and what is in it), a country code (everything of that country), or the IRI of a network (itself).
        alone: only things that are of no other place, so that two places never share one: a project of three countries is left out.
    """
    if place not in things:
        return frozenset(iri for iri, thing in things.items() if place in thing.countries and (not alone or len(thing.countries) == 1))
    if things[place].type == "city":
        return frozenset(
            iri for iri, thing in things.items() if iri == place or (place in thing.cities and (not alone or len(thing.cities) == 1))
        )
    return frozenset({place})


_TEXTS = frozenset({"document", "agenda-item", "recommendation"})


@dataclass(frozen=True, slots=True)
class OwnTime:
    """The days between which knowledge can enter a thing and leave it, as ``queries/derive/own-time-of-things.rq`` has them."""

    takes_from: int = OPEN_START
    takes_until: int = OPEN_END
    gives_from: int = OPEN_START
    gives_until: int = OPEN_END


def own_time(thing: Thing | None) -> OwnTime:
    """The time in which a thing takes and gives, read off its period; where that leaves it open, no wider than the rule allows."""
    if thing is None:
        return OwnTime()
    first, last = thing.earliest, thing.latest
    if thing.type in _TEXTS:
        return OwnTime(takes_until=last, gives_from=first)
    if thing.type == "call" and first > OPEN_START:  # its period ends with its deadline, but it takes nothing in after it opened
        return OwnTime(takes_until=first, gives_from=first)
    if thing.type == "event":
        return OwnTime(takes_from=first, takes_until=last, gives_from=first)
    if thing.type in {"network", "project"}:
        return OwnTime(first, last, first, last)
    return OwnTime()


def begun_between(thing: Thing) -> tuple[int, int]:
    """The first and the last day on which a thing may have begun.

    A text has one date, so its period is that of its beginning. Of anything else the precision of a stated start is not kept in `Thing`: a
    first of January may stand for a year and a first of any month for that month, so the last day is at worst too late, never too early.
    """
    first = thing.earliest
    if thing.type in _TEXTS or not OPEN_START < first < OPEN_END:
        return first, thing.latest
    day = date.fromordinal(first)
    stated = day.isoformat()[: 10 if day.day > 1 else 7 if day.month > 1 else 4]
    return first, min(thing.latest, bounds(stated)[1].toordinal())
