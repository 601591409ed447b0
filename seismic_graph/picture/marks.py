"""What the pictures share: evidence behind an edge, dates in words, a shape for each group of things, and the legend.

Colour means direction, the style of a line means basis, a shape means what a thing is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, DIRECTIONS, Flow
from seismic_graph.picture import svg
from seismic_graph.picture.svg import Look, num
from seismic_graph.things import Thing
from seismic_graph.trace import Evidence, SourceInfo
from seismic_graph.vocabulary import short


@dataclass(frozen=True, slots=True)
class Said:
    """What stands behind a flow, as a reader can check it.

    Attributes:
        statement: what the sources say, or the rule that reads it off the record.
        start, end: the stated dates, with the precision they have.
        sources: title, publisher and address of each source.
        note: a remark, such as a contradiction.
        page: the address that the edge opens; that of the first source where empty.
    """

    statement: str = ""
    start: str = ""
    end: str = ""
    sources: tuple[SourceInfo, ...] = ()
    note: str = ""
    page: str = ""


def evidence(flows: Iterable[Flow], said: Mapping[str, Evidence], sources: Mapping[str, SourceInfo]) -> dict[str, Said]:
    """What stands behind flows, by their ids, out of what `seismic_graph.trace` reads.

    Args:
        flows: the flows to be drawn. said: evidence by flow. sources: sources by IRI.
    """
    return {flow.id: _said(flow, said.get(flow.id, Evidence()), sources) for flow in flows}


def _said(flow: Flow, found: Evidence, sources: Mapping[str, SourceInfo]) -> Said:
    read = f"Read off {found.row} by the rule {found.rule}." if found.rule else ""
    return Said(
        found.statement or read,
        found.start,
        found.end,
        tuple(sources[iri] for iri in flow.sources if iri in sources),
        "The stated date contradicts the own time of one of its ends." if found.contradicts else "",
    )


# --- dates ----------------------------------------------------------------------------------------------------------


def period(earliest: int, latest: int) -> str:
    """Days in words, no more precise than they need be.

    >>> period(date(2014, 1, 1).toordinal(), date(2015, 9, 30).toordinal())
    '2014-01 to 2015-09'
    >>> period(OPEN_START, date(2016, 12, 31).toordinal())
    'until 2016'
    """
    since, until = since_until(earliest, latest)
    if not since and not until:
        return "undated"
    if not until:
        return f"from {since}"
    if not since:
        return f"until {until}"
    return since if since == until else f"{since} to {until}"


def since_until(earliest: int, latest: int) -> tuple[str, str]:
    """The first and the last day, both only as precise as they need be; empty where nothing bounds that side.

    >>> since_until(date(2014, 1, 1).toordinal(), date(2015, 9, 30).toordinal())
    ('2014-01', '2015-09')
    """
    first = None if earliest <= OPEN_START else date.fromordinal(earliest)
    last = None if latest >= OPEN_END else date.fromordinal(latest)
    if first == last and first is not None:
        return first.isoformat(), first.isoformat()
    starts, ends = (_precision(first, start=True) if first else 4), (_precision(last, start=False) if last else 4)
    cut = max(starts, ends)
    return (first.isoformat()[:cut] if first else ""), (last.isoformat()[:cut] if last else "")


def _precision(day: date, *, start: bool) -> int:
    """How many characters of the ISO form say the same as the first (or last) day of that year or month."""
    beside = day - timedelta(days=1) if start else day + timedelta(days=1)
    if beside.year != day.year:
        return 4
    return 7 if beside.month != day.month else 10


def when(flow: Flow) -> str:
    """The days within which a flow can have happened, in words."""
    return "at all times" if timeless(flow) else period(flow.earliest, flow.latest)


def timeless(flow: Flow) -> bool:
    """Whether a flow holds at all times, as an item is of its agenda."""
    return flow.earliest <= OPEN_START and flow.latest >= OPEN_END and flow.standing and flow.sure_from <= OPEN_START


# --- things ---------------------------------------------------------------------------------------------------------

GROUPS: dict[str, tuple[str, str]] = {
    "programme": ("programme", "programmes"),
    "agenda": ("agenda", "agendas and their parts"),
    "call": ("call", "calls"),
    "project": ("project", "projects"),
    "recommendation": ("recommendation", "recommendations"),
    "document": ("document", "documents"),
    "event": ("event", "events"),
    "network": ("network", "networks"),
    "organisation": ("organisation", "organisations"),
    "initiative": ("local initiative", "local initiatives"),
    "city": ("city", "cities"),
    "theme": ("theme", "themes"),
    "other": ("other thing", "other things"),
}
"""Group -> what one and many are called; from the European level down to the local one, so that what goes bottom-up goes up on paper."""

_GROUP_OF_TYPE = {"agenda-item": "agenda", "theme-scheme": "theme"}


def group(type_name: str) -> str:
    """The group of a type of things.

    >>> group("agenda-item")
    'agenda'
    """
    name = _GROUP_OF_TYPE.get(type_name, type_name)
    return name if name in GROUPS else "other"


def group_of(iri: str, things: Mapping[str, Thing]) -> str:
    """The group of a thing, by what is known of it or by its IRI."""
    thing = things.get(iri)
    return group(thing.type if thing else short(iri).partition("/")[0])


def label_of(iri: str, things: Mapping[str, Thing]) -> str:
    """The label of a thing; its IRI where it has none."""
    thing = things.get(iri)
    return svg.clean(thing.label) if thing and svg.clean(thing.label) else svg.clean(short(iri))


def count_of(name: str, number: int) -> str:
    """A number of things of a group, in words.

    >>> count_of("city", 2)
    '2 cities'
    """
    return many(number, *GROUPS[name])


def many(number: int, one: str, several: str) -> str:
    """A number with the word for one or for several.

    >>> many(1, "flow", "flows")
    '1 flow'
    """
    return f"{number} {one if number == 1 else several}"


_POLYGONS: dict[str, tuple[tuple[float, float], ...]] = {
    "programme": (
        *((-0.36, -1), (0.36, -1), (0.36, -0.36), (1, -0.36), (1, 0.36), (0.36, 0.36)),
        *((0.36, 1), (-0.36, 1), (-0.36, 0.36), (-1, 0.36), (-1, -0.36), (-0.36, -0.36)),
    ),
    "agenda": (
        *((0, -1.15), (0.29, -0.36), (1.1, -0.36), (0.46, 0.16), (0.68, 0.98)),
        *((0, 0.5), (-0.68, 0.98), (-0.46, 0.16), (-1.1, -0.36), (-0.29, -0.36)),
    ),
    "call": ((-1.1, -0.85), (1.1, -0.85), (0, 1.05)),
    "project": ((-1.08, 0), (-0.54, -0.94), (0.54, -0.94), (1.08, 0), (0.54, 0.94), (-0.54, 0.94)),
    "recommendation": ((0, -1.18), (1.18, 0), (0, 1.18), (-1.18, 0)),
    "document": ((-0.75, -1), (0.3, -1), (0.75, -0.5), (0.75, 1), (-0.75, 1)),
    "event": ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    "organisation": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "initiative": ((0, -1.05), (1.1, 0.85), (-1.1, 0.85)),
    "theme": ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
}  # fmt: skip
REACH = 1.2
"""How far the corners of shapes reach beyond their radius, at most."""
_HOLLOW = {"organisation", "theme", "city", "other"}


def glyph(name: str, x: float, y: float, radius: float, *, classes: str = "") -> str:
    """The shape of a group with its middle at (x, y)."""
    style = classes or ("hole" if name in _HOLLOW else "node")
    stroke = 1.6 if name in _HOLLOW else 1
    corners = _POLYGONS.get(name)
    if corners is None:
        inner = svg.circle(x, y, radius * 0.35, "node") if name == "city" else ""
        return svg.circle(x, y, radius, style, stroke=stroke) + inner
    d = "M" + "L".join(f"{num(x + radius * dx)} {num(y + radius * dy)}" for dx, dy in corners) + "z"
    return svg.path(d, style, width=stroke)


# --- edges ----------------------------------------------------------------------------------------------------------

DIRECTION_CLASS = {"bottom-up": "up", "top-down": "down", "horizontal": "across"}
_BUNDLE_SAYS = 12


def kind_of(flow: Flow, labels: Mapping[str, str] | None = None) -> str:
    """What a flow is called: its kind in words."""
    from seismic_graph.vocabulary import concept_iri

    known = (labels or {}).get(concept_iri("flow-kind", flow.kind))
    return svg.clean(known or flow.kind.replace("-", " ")) + (" it" if flow.reversed else "")


def tell(flow: Flow, said: Said, source: str, target: str, kind: str = "") -> str:
    """All that stands behind a flow, in lines: what shows on pointing at its edge."""
    stated = f" (stated: {said.start or '...'} to {said.end or '...'})" if (said.start or said.end) and said.start != said.end else ""
    lines = [
        f"{source} → {target}",
        f"{kind or kind_of(flow)}, {when(flow)}{stated}, {flow.direction}, {flow.basis}",
        said.statement,
        said.note,
    ]
    told = [f"Source: {info.title}. {info.publisher}. {info.url}" for info in said.sources]
    told = told or [f"Source: {iri}" for iri in flow.sources] or ["No source is recorded."]
    return "\n".join(svg.clean(line) for line in [*lines, *told] if line.strip())


def opens(flow: Flow, said: Said) -> str:
    """The address that the edge of a flow opens: its page, else the first source that has an address that may be linked."""
    candidates = [said.page, *(info.url for info in said.sources), *flow.sources, flow.id]
    return next((url for url in candidates if svg.address(url)), "")


def edge(
    flow: Flow,
    said: Said,
    name: str,
    d: str,
    *,
    width: float = 1.6,
    tip: str = "",
    inner: str = "",
    hit: bool = True,
    shift: int = 0,
) -> str:
    """A line for one flow, coloured by direction and styled by basis, that opens its source.

    Args:
        flow: the flow. said: what stands behind it. name: what shows on pointing at it, see `tell`.
        d: path data of the line. width: of the stroke. tip: path data of the arrow head.
        inner: more that belongs to the link. hit: make a thin line easy to point at.
        shift: moves the dashes, so that those of threads beside each other do not make stripes.
    """
    colour = DIRECTION_CLASS.get(flow.direction, "any")
    basis = flow.basis if flow.basis in BASES else "stated"
    easy = svg.path(d, "hit") if hit and width < 8 else ""
    line = svg.path(d, f"e {basis}", width=width, shift=shift * 5 % 13 if basis == "structural" else 0)
    top = svg.path(tip, "hd") if tip else ""
    data = f' data-flow="{svg.escape(svg.clean(short(flow.id)))}"'
    return svg.link(opens(flow, said), name, easy + line + top + inner, f"f {colour}", data)


def bundle(
    flows: Sequence[Flow],
    said: Mapping[str, Said],
    things: Mapping[str, Thing],
    d: str,
    *,
    width: float,
    tip: str = "",
    between: str = "",
    shift: int = 0,
    ribbon: str = "",
) -> str:
    """One band for several flows of one direction and basis: its name counts them and tells the first, its link opens a source of theirs.

    A band too wide for a dash to look like a line is a pale ribbon with the line of its basis in the middle.

    Args:
        flows: at least one. said, things: what stands behind them, and their ends.
        d, width, tip: see `edge`. between: the places that it joins, in words.
        shift: moves the dashes, so that those of threads beside each other do not make stripes.
        ribbon: path data of the outline of a wide band, where a stroke would bulge.
    """
    first = flows[0]
    if len(flows) == 1:
        return edge(first, said.get(first.id, Said()), told(first, said, things), d, width=width, tip=tip, hit=False, shift=shift)
    kinds = sorted(Counter(flow.kind for flow in flows).items(), key=lambda item: (-item[1], item[0]))
    counted = ", ".join(f"{number} {kind.replace('-', ' ')}" for kind, number in kinds)
    lines = [f"{len(flows)} flows{f', {between}' if between else ''}: {first.direction}, {first.basis} ({counted})"]
    lines += [told(flow, said, things).replace("\n", " | ") for flow in flows[:_BUNDLE_SAYS]]
    if len(flows) > _BUNDLE_SAYS:
        lines.append(f"and {len(flows) - _BUNDLE_SAYS} more")
    basis = first.basis if first.basis in BASES else "stated"
    if ribbon:
        line = svg.path(ribbon, f"rb wide-{basis}") + (svg.path(d, f"e {basis}", width=1.4) if basis != "stated" else "")
    elif basis != "stated" and width > 4:
        line = svg.path(d, f"e wide-{basis}", width=width) + svg.path(d, f"e {basis}", width=1.4)
    else:
        line = svg.path(d, f"e {basis}", width=width)
    url = next((found for flow in flows if (found := opens(flow, said.get(flow.id, Said())))), "")
    colour = DIRECTION_CLASS.get(first.direction, "any")
    return svg.link(url, "\n".join(lines), line + (svg.path(tip, "hd") if tip else ""), f"f {colour}", f' data-flows="{len(flows)}"')


def told(flow: Flow, said: Mapping[str, Said], things: Mapping[str, Thing]) -> str:
    """What shows on pointing at the edge of a flow between things."""
    return tell(flow, said.get(flow.id, Said()), label_of(flow.source, things), label_of(flow.target, things))


# --- legend ---------------------------------------------------------------------------------------------------------

DIRECTION_WORDS = {"bottom-up": "bottom-up", "top-down": "top-down", "horizontal": "horizontal"}
BASIS_WORDS = {
    "stated": "stated: a source says so",
    "structural": "structural: a rule reads it off the record",
    "contextual": "contextual: mere participation",
}


def legend(
    look: Look, y: float, flows: Iterable[Flow], groups: Iterable[str] = (), extra: Sequence[tuple[str, str]] = (), *, width: float = 0
) -> tuple[str, float]:
    """The key to colours, lines and shapes that occur, and the y below it.

    Args:
        look: sides and width. y: its top. flows, groups: what occurs.
        extra: further entries: SVG drawn in a box of 28 by 12 with the origin in its middle left, and words.
        width: where it differs from that of the look.
    """
    seen = list(flows)
    directions, bases, shapes = {flow.direction for flow in seen}, {flow.basis for flow in seen}, set(groups)
    entries: list[tuple[str, str]] = []
    for direction in DIRECTIONS:
        if direction in directions:
            line = svg.path("M0 0H22", "e", width=2.2) + svg.path(svg.arrow(28, 0, 1, 0), "hd")
            entries.append((f'<g class="{DIRECTION_CLASS[direction]}">{line}</g>', DIRECTION_WORDS[direction]))
    for basis in BASES:
        if basis in bases:
            entries.append((f'<g class="any">{svg.path("M0 0H28", f"e {basis}", width=2.2)}</g>', BASIS_WORDS[basis]))
    for name, (one, _) in GROUPS.items():
        if name in shapes:
            entries.append((glyph(name, 8, 0, 5.5), one))
    side, room = svg.margin(look), (width or look.width) - 2 * svg.margin(look)
    parts, x = [], 0.0
    for drawing, words in [*entries, *extra]:
        shown = svg.shorten(words, room - 36, "s")
        lead = 20 if drawing.startswith(("<circle", '<path class="node', '<path class="hole')) else 34
        needed = lead + svg.measure(shown, "s")
        if x and x + needed > room:
            x, y = 0.0, y + 18
        parts.append(
            f'<g transform="translate({num(side + x)} {num(y + 7)})">{drawing}</g>' + svg.text(side + x + lead, y + 11, shown, "s")
        )
        x += needed + 18
    return "".join(parts), y + 22 if entries or extra else y
