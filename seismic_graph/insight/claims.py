"""Claims: what sources say about influence, held against what the record shows. Pure: flows and things in, verdicts out.

A claim says that something reached something else: "the needs of the ten networks went into the agenda". `check` takes it apart into pairs
of a subject and an object, and gives each pair a verdict. A verdict is about the record, not about the world: what is not recorded may well
have happened. A hop that a rule reads off a row cites all sources of that row, and not each of them need state the hop: what stands without
the claim's own sources on such a hop alone is weaker than it looks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from seismic_graph.dates import OPEN_END, OPEN_START, bounds, day_text
from seismic_graph.errors import DataError, Problem, UnknownName
from seismic_graph.flows import BASES, Flow
from seismic_graph.insight.robustness import without
from seismic_graph.paths import MANY_HOPS, FlowNetwork, Path, Search, find, reach, why_not
from seismic_graph.things import Thing
from seismic_graph.vocabulary import entity_iri, short

VERDICTS: dict[str, str] = {
    "supported-strictly": "A path is recorded that no reading of the dates can upset.",
    "possible": "A path is recorded and the dates allow it; they do not prove it.",
    "undated": "A path is recorded, but each one has a hop without any date, so the dates speak neither for it nor against it.",
    "weaker-basis": "A path is recorded only on a weaker basis: somebody merely took part, or the whole stands for its part.",
    "more-hops": "A path is recorded only with more hops than were asked for.",
    "contradicted-by-dates": "The dates stand against it: every recorded path runs backwards, or the subject is later than the object.",
    "not-recorded": "No path is recorded. That does not mean that nothing moved.",
}
"""Verdict -> what it means, the most favourable first."""


# --- claims ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says about influence.

    Attributes:
        id: a slug; statement: what is claimed, in our own words.
        claimed_by: who says so: IRIs, or plain names where nothing of that name is recorded.
        subjects, objects: IRIs and selectors (see `members`); the claim is that each subject reached each object.
        date: when it was said, as stated (year, month or day); empty where the sources bear no date.
        sources: IRIs of the sources that say so.
        note: the row of the dossier that it was read from, and what a reader must know.
    """

    id: str
    statement: str
    claimed_by: tuple[str, ...]
    subjects: tuple[str, ...]
    objects: tuple[str, ...]
    date: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""


COLUMNS = ("id", "statement", "claimed_by", "subjects", "object", "date", "sources", "note")
"""The columns of the table of claims."""


def read(
    rows: Iterable[Mapping[str, str]], things: Mapping[str, Thing], *, file: str = "claims.csv", sources: Collection[str] | None = None
) -> tuple[Claim, ...]:
    """The claims in the rows of a table, in their order.

    Args:
        rows: cells by column, see `COLUMNS`; several values are separated by semicolons, entities are named by their ids.
        things: everything by IRI.
        file: the name to use in messages.
        sources: IRIs of the sources that are known; None to take them as they are.

    Raises:
        DataError: cells are missing or name nothing that is recorded; it names every place.
    """
    by_slug = _slugs(things)
    problems: list[Problem] = []
    claims: dict[str, Claim] = {}
    for number, row in enumerate(rows, 2):

        def wrong(column: str, value: str, message: str, remedy: str, number: int = number) -> None:
            problems.append(Problem(file, number, column, value, message, remedy))

        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise DataError([Problem(file, 1, None, None, f"The columns {', '.join(missing)} are missing.", "Add them to the header.")])
        cells = {column: [part.strip() for part in (row[column] or "").split(";") if part.strip()] for column in COLUMNS}
        for column in ("id", "statement", "claimed_by", "subjects", "object", "sources"):
            if not cells[column]:
                wrong(column, "", "the cell is empty.", "A claim needs somebody who says it, of something, about something, and a source.")
        ends: dict[str, tuple[str, ...]] = {}
        for column in ("subjects", "object"):
            found = []
            for item in cells[column]:
                try:
                    found.append(_item(item, by_slug))
                except UnknownName as error:
                    wrong(column, item, f"{error}", "Give the id of something in the dossier, or a selector such as all national networks.")
            ends[column] = tuple(found)
        for name in cells["claimed_by"]:
            if name not in by_slug and re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name):
                wrong("claimed_by", name, "nothing has that id.", "Give the id of something in the dossier, or the name as printed.")
        cited = tuple(entity_iri("source", slug) for slug in cells["sources"])
        for slug, iri in zip(cells["sources"], cited, strict=True):
            if sources is not None and iri not in sources:
                wrong("sources", slug, "no such source.", "Add it to sources.csv or correct the id.")
        date = (row["date"] or "").strip()
        try:
            bounds(date or "2000")
        except ValueError as error:
            wrong("date", date, f"{error}.", "Write 2015, 2015-09 or 2015-09-30.")
        claim_id = (row["id"] or "").strip()
        if claim_id in claims:
            wrong("id", claim_id, "the id is used twice.", "Give every claim an id of its own.")
        claims[claim_id] = Claim(
            claim_id,
            (row["statement"] or "").strip(),
            tuple(by_slug.get(name, name) for name in cells["claimed_by"]),
            ends["subjects"],
            ends["object"],
            date,
            cited,
            (row["note"] or "").strip(),
        )
    if problems:
        raise DataError(problems)
    return tuple(claims.values())


def _slugs(things: Mapping[str, Thing]) -> dict[str, str]:
    """Id in the dossier -> IRI; an agenda is named by its item, not by the scheme of the same id."""
    return {iri.rpartition("/")[2]: iri for iri, thing in things.items() if thing.type not in {"agenda", "theme-scheme"}}


def _item(text: str, by_slug: Mapping[str, str]) -> str:
    """An IRI for an id; a selector with its owner as an IRI.

    Raises:
        UnknownName: nothing has that id, or no class that name.
    """
    if not text.startswith("all "):
        if text not in by_slug:
            raise UnknownName("entity", text)
        return by_slug[text]
    name, of, owner = text.removeprefix("all ").partition(" of ")
    if name not in CLASSES:
        raise UnknownName("class", name, sorted(CLASSES))
    if of and owner not in by_slug:
        raise UnknownName("entity", owner)
    return f"all {name} of {by_slug[owner]}" if of else text


# --- who is meant ----------------------------------------------------------------------------------------------------

CLASSES: dict[str, Callable[[Thing], bool]] = {
    "recommendations": lambda thing: thing.type == "recommendation",
    "needs": lambda thing: thing.type == "recommendation" and thing.kind == "need",
    "insights": lambda thing: thing.type == "recommendation" and thing.kind == "insight",
    "national networks": lambda thing: thing.type == "network" and "national" in thing.levels,
    "networks": lambda thing: thing.type == "network",
    "forums": lambda thing: thing.kind == "international-forum",
    "national network meetings": lambda thing: thing.kind == "national-network-meeting",
    "focus groups": lambda thing: thing.kind == "focus-group",
    "events": lambda thing: thing.type == "event",
    "initiatives": lambda thing: thing.type == "initiative",
    "agendas": lambda thing: thing.type == "agenda-item" and thing.kind == "agenda",
    "agenda items": lambda thing: thing.type == "agenda-item",
    "documents": lambda thing: thing.type == "document",
    "calls": lambda thing: thing.type == "call",
    "projects": lambda thing: thing.type == "project",
    "programmes": lambda thing: thing.type == "programme",
    "cities": lambda thing: thing.type == "city",
}
"""Name of a class, as a selector uses it -> who belongs to it."""

_OWNERS: dict[str, bool] = {
    "part-of": True,
    "item-of": True,
    "belongs-to": True,
    "shown-by": True,
    "printed-in": True,
    "put-forward": False,
    "took-part-in": False,
    "organised": False,
    "launched": False,
    "funded": False,
    "produced": False,
    "case-in": False,
}
"""Kind of flow -> whether its owner stands at its target (True) or at its source (False)."""


def members(items: Iterable[str], network: FlowNetwork, things: Mapping[str, Thing]) -> tuple[str, ...]:
    """IRIs of everything that is meant, explicit ids first, each once.

    An item is an IRI or a selector: ``all national networks`` for a whole class (see `CLASSES`), ``all recommendations of`` an IRI for what
    belongs to something at any remove: what is part of it, meetings in which its parts took part, what these put forward or showed, calls
    that it launched, projects funded under them.

    Raises:
        UnknownName: a class that is not in `CLASSES`.
    """
    explicit: dict[str, None] = {}
    selected: dict[str, None] = {}
    for item in items:
        if not item.startswith("all "):
            explicit[item] = None
            continue
        name, _, owner = item.removeprefix("all ").partition(" of ")
        if name not in CLASSES:
            raise UnknownName("class", name, sorted(CLASSES))
        among = _belongings(owner, network) if owner else things
        selected |= dict.fromkeys(iri for iri in sorted(among) if iri != owner and iri in things and CLASSES[name](things[iri]))
    return tuple(explicit | selected)


def _belongings(owner: str, network: FlowNetwork) -> set[str]:
    owned: dict[str, list[str]] = {}
    for flow in network.flows:
        if flow.kind in _OWNERS:
            whole, part = (flow.target, flow.source) if _OWNERS[flow.kind] else (flow.source, flow.target)
            owned.setdefault(whole, []).append(part)
    found, waiting = {owner}, [owner]
    while waiting:
        new = [part for part in owned.get(waiting.pop(), ()) if part not in found]
        found.update(new)
        waiting += new
    return found


# --- verdicts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Support:
    """A path behind a verdict.

    Attributes:
        path: the path.
        own: positions of hops, from 0, that no source states but the claim's own.
    """

    path: Path
    own: tuple[int, ...]

    @property
    def self_supported(self) -> bool:
        """Whether it falls once the claim's own sources are left out: it then is the claim again, not evidence for it."""
        return bool(self.own)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What the record says of one subject and one object of a claim.

    Attributes:
        subject, object: IRIs.
        verdict: a key of `VERDICTS`.
        paths: the best paths behind the verdict; for ``contradicted-by-dates`` the one that misses by the fewest days.
        without_own_sources: the verdict once the claim's own sources are left out.
        without_own_publishers: the verdict once everything by the publishers of these sources is left out; None where they were not given.
        hop, days: for ``contradicted-by-dates``, the position from 0 of the hop that would have to run back in time, and by how many days
            the path misses.
        late: by how many days the subject, by its own dates, is certainly later than the object; 0 where it is not or is not known to be.
        announced: the claim was certainly made before the last hop of its best path: it then is a plan.
    """

    subject: str
    object: str
    verdict: str
    paths: tuple[Support, ...]
    without_own_sources: str
    without_own_publishers: str | None = None
    hop: int | None = None
    days: int | None = None
    late: int = 0
    announced: bool = False

    @property
    def self_supported(self) -> bool:
        """Whether the verdict is weaker without the claim's own sources."""
        return _rank(self.without_own_sources) > _rank(self.verdict)


@dataclass(frozen=True, slots=True)
class ClaimTable:
    """A claim held against the record.

    Attributes:
        claim: the claim; search: bases, limits and filters that it was checked with.
        rows: one for each subject and object, subjects in their order.
    """

    claim: Claim
    search: Search
    rows: tuple[ClaimRow, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Verdict -> number of rows, the most favourable first; verdicts that no row has are left out."""
        return _counted(row.verdict for row in self.rows)

    @property
    def counts_without_own_sources(self) -> dict[str, int]:
        """The same once the claim's own sources are left out."""
        return _counted(row.without_own_sources for row in self.rows)

    @property
    def counts_without_own_publishers(self) -> dict[str, int]:
        """The same once everything by the publishers of these sources is left out; empty where the publishers were not given."""
        return _counted(row.without_own_publishers for row in self.rows if row.without_own_publishers)

    @property
    def best(self) -> dict[str, ClaimRow]:
        """Subject -> its row with the most favourable verdict."""
        found: dict[str, ClaimRow] = {}
        for row in self.rows:
            if row.subject not in found or _rank(row.verdict) < _rank(found[row.subject].verdict):
                found[row.subject] = row
        return found

    def summary(self) -> str:
        """The counts in one sentence: 10 pairs: 9 possible, 1 not recorded."""
        told = ", ".join(f"{number} {verdict.replace('-', ' ')}" for verdict, number in self.counts.items())
        return (
            f"{len(self.rows)} pair{'s' if len(self.rows) != 1 else ''}: {told}."
            if self.rows
            else "Nothing that the claim speaks of is recorded."
        )


def _counted(verdicts: Iterable[str]) -> dict[str, int]:
    counted = Counter(verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _rank(verdict: str) -> int:
    return list(VERDICTS).index(verdict)


def explain(row: ClaimRow, things: Mapping[str, Thing]) -> str:
    """The verdict of a row in words, with the hop and the days where dates stand against it."""

    def label(iri: str) -> str:
        return things[iri].label if iri in things else short(iri)

    text = VERDICTS[row.verdict]
    if row.verdict == "contradicted-by-dates" and row.paths and row.hop is not None:
        flow = row.paths[0].path.flows[row.hop]
        text += f" The nearest path misses by {row.days} days, at hop {row.hop + 1}: {label(flow.source)} to {label(flow.target)}."
    if row.late and row.subject in things and row.object in things:
        first, last = day_text(things[row.subject].earliest), day_text(things[row.object].latest)
        text += f" By their own dates the subject begins on {first} at the earliest and the object ends on {last} at the latest,"
        text += f" {row.late} days before."
    if row.self_supported:
        text += f" Without the claim's own sources: {row.without_own_sources.replace('-', ' ')}."
    if row.announced:
        text += " The claim was made before that: it announces."
    return text


def check(
    claim: Claim,
    network: FlowNetwork,
    things: Mapping[str, Thing],
    search: Search | None = None,
    *,
    publisher_of: Mapping[str, str] | None = None,
    limit: int = 3,
) -> ClaimTable:
    """A verdict for each subject and object of a claim, with the best paths behind it.

    The verdicts are tried in the order of `VERDICTS`; a single hop with a date is always in order. ``undated`` is what holds in time only
    because a hop bears no date at all. Where the subject, by its own dates, is later than the object, only a path that sources state hop by
    hop and with dates stands, as stated dates do throughout; `ClaimRow.late` tells of the conflict.

    Args:
        claim: the claim.
        network: all flows, the contextual ones too.
        things: everything by IRI.
        search: bases, limits and filters; its reading is not used, since all are tried.
        publisher_of: IRI of a source -> its publisher, to leave out everything by the publishers of the claim's own sources.
        limit: how many paths to give for each row.

    Raises:
        UnknownName: the claim uses a class that is not in `CLASSES`.
    """
    asked = search or Search()
    subjects, objects = members(claim.subjects, network, things), members(claim.objects, network, things)
    record = _Record(network, asked)
    rest = _Record(without(network, sources=claim.sources, publisher_of=publisher_of), asked)
    apart = None
    if publisher_of is not None:
        silenced = {publisher_of.get(source, source) for source in claim.sources}
        apart = _Record(without(network, publishers=silenced, publisher_of=publisher_of), asked)
    said = bounds(claim.date)[1].toordinal() if claim.date else OPEN_END
    rows = []
    for subject in subjects:
        for goal in objects:
            if subject == goal:
                continue
            late = _late(things.get(subject), things.get(goal))
            verdict = record.verdict(subject, goal, late)
            found, hop, days = record.paths(subject, goal, verdict, late, limit)
            rows.append(
                ClaimRow(
                    subject,
                    goal,
                    verdict,
                    tuple(Support(path, _own_hops(path, claim)) for path in found),
                    rest.verdict(subject, goal, late),
                    apart.verdict(subject, goal, late) if apart else None,
                    hop,
                    days,
                    late,
                    verdict != "contradicted-by-dates" and bool(found) and found[0].flows[-1].earliest > said,
                )
            )
    return ClaimTable(claim, asked, tuple(rows))


def _late(subject: Thing | None, goal: Thing | None) -> int:
    """By how many days the subject begins after the object ended; open dates never tell."""
    if subject is None or goal is None or subject.earliest <= OPEN_START or goal.latest >= OPEN_END:
        return 0
    return max(0, subject.earliest - goal.latest)


def _own_hops(path: Path, claim: Claim) -> tuple[int, ...]:
    own = frozenset(claim.sources)
    return tuple(position for position, flow in enumerate(path.flows) if flow.sources and own.issuperset(flow.sources))


def _undated(flow: Flow) -> bool:
    """Whether nothing is known of when it happened; what holds at all times needs no date."""
    timeless = flow.standing and flow.sure_from <= OPEN_START and flow.sure_until >= OPEN_END
    return flow.earliest <= OPEN_START and flow.latest >= OPEN_END and not timeless


class _Record:
    """What a network says of pairs, in all the ways that a verdict may need; what one thing reaches is looked up once."""

    def __init__(self, network: FlowNetwork, search: Search) -> None:
        dated = FlowNetwork(flow for flow in network.flows if not _undated(flow))
        self._ways: dict[str, tuple[FlowNetwork, Search]] = {
            "supported-strictly": (dated, replace(search, reading="strict")),
            "possible": (dated, replace(search, reading="possible")),
            "undated": (network, replace(search, reading="possible")),
            "weaker-basis": (network, replace(search, reading="possible", bases=frozenset(BASES))),
            "more-hops": (network, replace(search, reading="possible", max_hops=max(search.max_hops, MANY_HOPS))),
            "contradicted-by-dates": (network, replace(search, reading="static")),
        }
        self._stated = search.bases & {"stated"}
        self._reached: dict[tuple[str, str, bool], Collection[str]] = {}

    def verdict(self, subject: str, goal: str, late: int) -> str:
        """The first verdict that has a path; where the own dates of the ends stand against it, only what sources state with dates can."""
        for name in ("supported-strictly", "possible") if late else self._ways:
            if self._leads(name, subject, goal, bool(late)):
                return name
        return "contradicted-by-dates" if late else "not-recorded"

    def paths(self, subject: str, goal: str, verdict: str, late: int, limit: int) -> tuple[Sequence[Path], int | None, int | None]:
        """The best paths behind a verdict; where dates stand against it the nearest one, its hop and by how many days it misses."""
        if verdict == "not-recorded":
            return (), None, None
        network, search = self._way(verdict, bool(late) and verdict != "contradicted-by-dates")
        if verdict != "contradicted-by-dates":
            return find(network, subject, goal, search, limit).paths, None, None
        for reason in why_not(network, subject, goal, replace(search, reading="possible")):
            if reason.code == "backwards" and reason.path:
                return (reason.path,), reason.hop, reason.days or None
        return (), None, None

    def _way(self, name: str, stated: bool) -> tuple[FlowNetwork, Search]:
        network, search = self._ways[name]
        return network, replace(search, bases=self._stated) if stated else search

    def _leads(self, name: str, subject: str, goal: str, stated: bool) -> bool:
        network, search = self._way(name, stated)
        if search.via:
            return bool(find(network, subject, goal, search, 1).paths)
        if (name, subject, stated) not in self._reached:
            self._reached[name, subject, stated] = reach(network, subject, search)
        return goal in self._reached[name, subject, stated]
