"""Small random records of the whole story, and the rows of the shipped dossier, for the tests of insight."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import strategies as st

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, DIRECTIONS, Flow
from seismic_graph.paths import Search
from seismic_graph.things import Thing

DOSSIER = Path(__file__).parents[2] / "dossier"

DAYS = range(1, 8)

TYPES = {
    "initiative": "initiative",
    "network": "network",
    "network2": "network",
    "event": "event",
    "need": "recommendation",
    "need2": "recommendation",
    "document": "document",
    "agenda": "agenda-item",
    "item": "agenda-item",
    "call": "call",
    "project": "project",
    "city": "city",
    "body": "organisation",
}
"""Name -> type of the things of a random record."""

STORY = (
    ("initiative", "network"),
    ("network", "event"),
    ("event", "need"),
    ("network2", "need2"),
    ("need", "document"),
    ("document", "agenda"),
    ("network", "agenda"),
    ("event", "item"),
    ("item", "agenda"),
    ("agenda", "call"),
    ("item", "call"),
    ("call", "project"),
    ("project", "city"),
    ("agenda", "event"),
    ("city", "event"),
    ("project", "network"),
    ("event", "network2"),
)
"""Pairs that lie on the way up and back: most flows of a random record are between such, so that it has chains and loops."""

KINDS = ("informed", "answered-by", "addressed-by", "funded", "part-of", "put-forward", "contributed-to", "case-in")


def flow(source: str, target: str, earliest: int = OPEN_START, latest: int = OPEN_END, **more: object) -> Flow:
    defaults: dict[str, object] = {
        "id": f"{source}-{target}",
        "kind": "informed",
        "direction": "bottom-up",
        "basis": "stated",
        "sources": ("s",),
    }
    return Flow(source=source, target=target, earliest=earliest, latest=latest, **(defaults | more))  # type: ignore[arg-type]


def thing(name: str, type_: str, earliest: int = OPEN_START, latest: int = OPEN_END, **more: object) -> Thing:
    return Thing(name, type_, name, earliest=earliest, latest=latest, **more)  # type: ignore[arg-type]


@st.composite
def periods(draw: st.DrawFn) -> tuple[int, int]:
    first, last = draw(st.sampled_from([(2, 6), (1, 7), (3, 5), (1, 3), (5, 7), (2, 2), (4, 4), (6, 6), (3, 4)]))
    return draw(st.sampled_from([(first, last), (first, last), (first, OPEN_END), (OPEN_START, last), (OPEN_START, OPEN_END)]))


@st.composite
def things(draw: st.DrawFn) -> dict[str, Thing]:
    found = {}
    for name, type_ in TYPES.items():
        earliest, latest = draw(periods())
        kind = "agenda" if name == "agenda" else "municipality" if name == "body" else ""
        cities = ("city",) if name in {"initiative", "project", "event"} and draw(st.booleans()) else ()
        countries = tuple(draw(st.sampled_from([("SE",), ("SE",), ("NL", "SE"), ("NL",), ()])))
        found[name] = thing(name, type_, earliest, latest, kind=kind, cities=cities, countries=countries)
    return found


@st.composite
def flows(draw: st.DrawFn, most: int = 22, least: int = 10, first: tuple[tuple[str, str], ...] = ()) -> list[Flow]:
    found = []
    for number in range(draw(st.integers(least, most))):
        if number < len(first):
            source, target = first[number]
        elif draw(st.sampled_from([True, True, True, False])):
            source, target = draw(st.sampled_from(STORY))
        else:
            source, target = draw(st.permutations(tuple(TYPES)))[:2]
        earliest, latest = draw(periods())
        stands = draw(st.sampled_from([False, False, False, True]))
        sure = sorted((max(earliest, DAYS.start), min(latest, DAYS.stop)))
        found.append(
            flow(
                source,
                target,
                earliest,
                latest,
                id=f"f{number:02}",
                kind=draw(st.sampled_from(KINDS)),
                direction=draw(st.sampled_from(DIRECTIONS)),
                basis=draw(st.sampled_from(("stated", "structural", *BASES))),
                standing=stands,
                sure_from=sure[0] if stands else OPEN_END,
                sure_until=sure[1] if stands else OPEN_START,
                sources=draw(st.sampled_from([("s",)] * 9 + [()])),
                publishers=frozenset(draw(st.sampled_from(["x", "y", "xy"]))),
            )
        )
    return found


@st.composite
def searches(draw: st.DrawFn) -> Search:
    since, until = draw(st.sampled_from([(OPEN_START, OPEN_END), (OPEN_START, OPEN_END), (OPEN_START, OPEN_END), (2, OPEN_END), (1, 6)]))
    bases = draw(st.sampled_from([BASES[:2], BASES, BASES[:2], BASES[:1]]))
    avoid = draw(st.sampled_from([(), (), (), ("event",), ("agenda", "network")]))
    reading = draw(st.sampled_from(["possible", "strict", "static", "possible"]))
    return Search(reading, frozenset(bases), frozenset(), draw(st.sampled_from([5, 4, 3, 2, 1])), since, until, avoid=frozenset(avoid))


def row(table: str, id_: str) -> dict[str, str]:
    """A row of the shipped dossier by its id."""
    with (DOSSIER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return next(cells for cells in csv.DictReader(file) if cells["id"] == id_)


def rows(table: str, **cells: str) -> list[dict[str, str]]:
    """The rows of the shipped dossier that hold some values, alone or with others in a cell; ``from_`` and ``in_`` stand for keywords."""
    wanted = {name.rstrip("_"): value for name, value in cells.items()}
    with (DOSSIER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [line for line in csv.DictReader(file) if all(value in line[name].split(";") for name, value in wanted.items())]
