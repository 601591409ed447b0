"""Records to draw: made up, but shaped like those of the dossier."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, DIRECTIONS, Flow
from seismic_graph.paths import Found, Path, Search
from seismic_graph.picture import Said
from seismic_graph.things import Thing
from seismic_graph.trace import Evidence, SourceInfo, Trace
from seismic_graph.vocabulary import entity_iri

HOSTILE = [
    '<script>alert("x")</script>',
    "\"quoted\" & 'single' ]]> <!-- --> &amp;",
    "شبكة المدن الوطنية للابتكار الاجتماعي",
    "רשת ערים לאומית",
    "A very long label that never ends " * 12,
    "Wortohneleerzeichenundohneendeundohnejedengrund" * 4,
    "𝕌𝕣𝕓𝕒𝕟 🏙️👩‍👩‍👧‍👦🏳️‍🌈 研究議程と都市",
    "\x00\x07\ud800 control \u202eevil\u202c \ufffe",
    "ä́̂̃̄̆̇̈ combining",
    "",
    "   ",
]

TYPES = (
    "programme",
    "agenda-item",
    "call",
    "project",
    "recommendation",
    "document",
    "event",
    "network",
    "organisation",
    "initiative",
    "city",
)
SEE = "https://example.org/source?a=1&b=<2>"


def day(year: int, month: int = 1, number: int = 1) -> int:
    return date(year, month, number).toordinal()


def iri(type_name: str, slug: str) -> str:
    return entity_iri(type_name, slug)


def flow(name: str, source: str, target: str, **more: object) -> Flow:
    values: dict[str, object] = {
        "kind": "informed",
        "direction": "bottom-up",
        "basis": "stated",
        "earliest": day(2014),
        "latest": day(2014, 12, 31),
        "sources": (iri("source", "s1"),),
    }
    return Flow(id=iri("flow", name), source=source, target=target, **(values | more))  # type: ignore[arg-type]


def said(flows: list[Flow]) -> dict[str, Said]:
    source = SourceInfo("A <source> & more", "A publisher", SEE)
    return {one.id: Said(f"Statement of {one.id.rpartition('/')[2]}", "2014", "2015", (source,)) for one in flows}


def world(things: int, flows: int, seed: int = 1, labels: list[str] | None = None) -> tuple[dict[str, Thing], list[Flow]]:
    """Things and flows, the same for the same numbers."""
    dice = random.Random(seed)
    made: dict[str, Thing] = {}
    cities = [iri("city", f"c{number}") for number in range(max(2, things // 6))]
    for number, city in enumerate(cities):
        name = labels[number % len(labels)] if labels else f"City of number {number}"
        made[city] = Thing(city, "city", name, countries=("SE",), latitude=37 + dice.random() * 30, longitude=-9 + dice.random() * 44)
    for number in range(things - len(cities)):
        kind = TYPES[number % (len(TYPES) - 1)]
        name = iri(kind, f"t{number}")
        start = day(2012 + dice.randrange(10), 1 + dice.randrange(12), 1 + dice.randrange(28))
        label = (
            labels[number % len(labels)] if labels else f"{kind.capitalize()} that is called number {number}, with a name of some length"
        )
        made[name] = Thing(
            name,
            kind,
            label,
            countries=(dice.choice(("SE", "NL", "HU", "AT", "US", "CN")),) if number % 3 else (),
            cities=tuple(dice.sample(cities, min(len(cities), number % 4))),
            earliest=start if number % 5 else OPEN_START,
            latest=start + dice.choice((0, 1, 30, 900)) if number % 5 else OPEN_END,
        )
    names = sorted(made)
    hubs = names[: max(1, len(names) // 12)]
    drawn = []
    for number in range(flows):
        source = dice.choice(hubs if number % 3 == 0 else names)
        target = dice.choice([name for name in names if name != source])
        start = day(2013 + dice.randrange(8), 1 + dice.randrange(12))
        bounds = (OPEN_START, OPEN_END) if number % 7 == 0 else (start, start + dice.choice((0, 40, 700)))
        drawn.append(
            flow(
                f"f{number:05}",
                source,
                target,
                kind=dice.choice(("informed", "took-part-in", "case-in")),
                direction=dice.choice(DIRECTIONS),
                basis=dice.choice(BASES),
                earliest=bounds[0],
                latest=bounds[1],
            )
        )
    return made, drawn


def answer(flows: list[list[Flow]], labels: dict[str, str] | None = None, reasons: tuple[object, ...] = ()) -> Trace:
    """A trace with paths of given flows."""
    paths = tuple(Path(tuple(hops), "possible", max((hop.basis for hop in hops), key=BASES.index), 0.25) for hops in flows)
    every = {hop.id: hop for hops in flows for hop in hops}
    for reason in reasons:
        every |= {hop.id: hop for hop in reason.path.flows} if reason.path else {}  # type: ignore[attr-defined]
    ends = [end for hop in every.values() for end in (hop.source, hop.target)]
    first = flows[0] if flows else list(every.values())
    return Trace(
        first[0].source if first else iri("network", "a"),
        first[-1].target if first else iri("agenda-item", "z"),
        Search(),
        Found(paths, False, True),
        reasons,  # type: ignore[arg-type]
        labels or {end: end.rpartition("/")[2].replace("-", " ") for end in ends},
        {name: Evidence(statement=f"Statement of {name.rpartition('/')[2]}", start="2014") for name in every},
        {iri("source", "s1"): SourceInfo("A <source> & more", "A publisher", SEE)},
        {},
        "snapshot",
    )


def lattice(paths: int, hops: int, seed: int = 3) -> Trace:
    """A trace with many paths that share things, some of which run against each other."""
    dice = random.Random(seed)
    layers = (
        [[iri("network", "start")]]
        + [[iri("event", f"middle-thing-{layer}-{place}") for place in range(3)] for layer in range(hops - 1)]
        + [[iri("agenda-item", "the-end")]]
    )
    made: dict[tuple[str, str, str], Flow] = {}
    found = []
    for number in range(paths):
        chain = [dice.choice(layer) for layer in layers]
        if number % 5 == 4 and hops > 3:
            chain[1], chain[2] = chain[2], chain[1]
        steps = []
        for source, target in pairwise(chain):
            basis = dice.choice(BASES[:2])
            key = (source, target, basis)
            made.setdefault(key, flow(f"h{len(made)}", source, target, basis=basis, direction=dice.choice(DIRECTIONS)))
            steps.append(made[key])
        if steps not in found:
            found.append(steps)
    return answer(found)
