"""The dossier: fifteen curated tables in, N-Triples lines out.

`TABLES` is the whole mapping: table -> column -> how a cell becomes triples. Reading is strict and
complete: every wrong cell of a run is found and reported, and one is enough for nothing to come out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seismic_graph import dates, rdf
from seismic_graph.errors import DataError, Problem
from seismic_graph.vocabulary import (
    BASE,
    BIBO,
    DC,
    DCTERMS,
    GEO,
    ID,
    ORG,
    RDF,
    SCHEMA,
    SG,
    SKOS,
    VOCABULARY,
    XSD,
    concept_iri,
    entity_iri,
)

LABEL = SKOS + "prefLabel"
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class _Wrong(ValueError):
    """A cell that does not hold what its column asks for."""

    def __init__(self, value: str | None, message: str, remedy: str) -> None:
        super().__init__(message)
        self.value, self.message, self.remedy = value, message, remedy


@dataclass(frozen=True, slots=True)
class Context:
    """What a cell may refer to: the id of every row with its IRI, and the closed lists."""

    entities: Mapping[str, str]
    sources: frozenset[str]
    concepts: Mapping[str, frozenset[str]]
    row: Mapping[str, str]

    def entity(self, slug: str) -> str:
        """The IRI of the row with that id, in whatever table."""
        if slug not in self.entities:
            raise _Wrong(slug, "no table has a row with this id.", "Add the row, or correct the id.")
        return rdf.iri(self.entities[slug])

    def concept(self, scheme: str, slug: str) -> str:
        """The IRI of a concept of a closed list."""
        known = self.concepts.get(scheme, frozenset())
        if slug not in known:
            choices = ", ".join(sorted(known)) if len(known) < 40 else "the codes of ISO 3166-1 alpha-2"
            raise _Wrong(slug, f"unknown {scheme}.", f"Use one of: {choices}; or add a concept to the vocabulary {scheme}.")
        return rdf.iri(concept_iri(scheme, slug))


Triples = Iterator[tuple[str, str]]
Reader = Callable[[str, Context], Triples]


@dataclass(frozen=True, slots=True)
class Column:
    """How one column becomes triples.

    Attributes:
        read: cell and context in, (predicate IRI, N-Triples object) out; may raise `_Wrong`.
        required: an empty cell is an error.
        unmapped: why the column yields no triples of its own, where it does not.
    """

    read: Reader
    required: bool = False
    unmapped: str | None = None


def _values(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]


def _text(predicate: str, *, language: str | None = "en", required: bool = False) -> Column:
    def read(cell: str, context: Context) -> Triples:
        yield predicate, rdf.literal(cell, language=language)

    return Column(read, required)


def _texts(predicate: str) -> Column:
    def read(cell: str, context: Context) -> Triples:
        for value in _values(cell):
            yield predicate, rdf.literal(value)

    return Column(read)


def _own_language_text(predicate: str) -> Column:
    """A text in the language that the row's own ``language`` column names."""

    def read(cell: str, context: Context) -> Triples:
        yield predicate, rdf.literal(cell, language=context.row["language"].strip() or None)

    return Column(read, required=True)


def _refs(predicate: str, *, many: bool = True, required: bool = False) -> Column:
    def read(cell: str, context: Context) -> Triples:
        values = _values(cell)
        if not many and len(values) > 1:
            raise _Wrong(cell, "one id is expected.", "Keep one; the column takes no list.")
        for value in values:
            yield predicate, context.entity(value)

    return Column(read, required)


def _ref_or_name(reference: str, name: str) -> Column:
    """An id where there is one, else a plain name."""

    def read(cell: str, context: Context) -> Triples:
        for value in _values(cell):
            if value in context.entities:
                yield reference, context.entity(value)
            elif _SLUG.fullmatch(value):
                context.entity(value)  # it looks like an id, and is none: say so
            else:
                yield name, rdf.literal(value)

    return Column(read)


def _concepts(scheme: str, predicate: str, *, required: bool = False) -> Column:
    def read(cell: str, context: Context) -> Triples:
        for value in _values(cell):
            yield predicate, context.concept(scheme, value)

    return Column(read, required)


def _sources() -> Column:
    def read(cell: str, context: Context) -> Triples:
        for value in _values(cell):
            if value not in context.sources:
                raise _Wrong(value, "sources.csv has no row with this id.", "Add the source there, or correct the id.")
            yield DCTERMS + "source", rdf.iri(entity_iri("source", value))

    return Column(read, required=True)


def _date(predicate: str) -> Column:
    def read(cell: str, context: Context) -> Triples:
        try:
            dates.bounds(cell)
        except ValueError as reason:
            raise _Wrong(cell, f"not a possible date ({reason}).", "Write 2015, 2015-09 or 2015-09-30.") from None
        yield predicate, rdf.date_literal(cell)

    return Column(read)


def _count(predicate: str) -> Column:
    def read(cell: str, context: Context) -> Triples:
        if not re.fullmatch(r"[0-9]+", cell):
            raise _Wrong(cell, "a whole number is expected.", "Write digits only, no sign, space or separator.")
        yield predicate, rdf.literal(str(int(cell)), datatype=XSD + "integer")

    return Column(read)


def _decimal(predicate: str, lowest: float | None = 0, highest: float | None = None) -> Column:
    def read(cell: str, context: Context) -> Triples:
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell):
            raise _Wrong(cell, "a number is expected.", "Write digits with a decimal point, no separator of thousands.")
        if (lowest is not None and float(cell) < lowest) or (highest is not None and float(cell) > highest):
            raise _Wrong(cell, f"the number lies outside {lowest} to {highest}.", "Correct the number.")
        yield predicate, rdf.literal(cell, datatype=XSD + "decimal")

    return Column(read)


def _link(predicate: str, template: str = "{}", pattern: str = r"https?://\S+") -> Column:
    def read(cell: str, context: Context) -> Triples:
        target = template.format(cell)
        if not re.fullmatch(pattern, cell) or not rdf.is_iri(target):
            raise _Wrong(cell, f"does not have the form {pattern}.", "Correct it; percent-encode what does not belong in an address.")
        yield predicate, rdf.iri(target)

    return Column(read)


def _pattern(predicate: str, pattern: str, what: str) -> Column:
    def read(cell: str, context: Context) -> Triples:
        if not re.fullmatch(pattern, cell):
            raise _Wrong(cell, f"is not {what}.", f"Write it in the form {pattern}.")
        yield predicate, rdf.literal(cell)

    return Column(read)


def _unmapped(reason: str, *, required: bool = False) -> Column:
    return Column(lambda cell, context: iter(()), required, reason)


_ID = _unmapped("it is the name of the node itself", required=True)
_NOTE = _text(SKOS + "note")
_COUNTRY = _concepts("country", SG.country)
_WIKIDATA = _link(SCHEMA + "sameAs", "http://www.wikidata.org/entity/{}", r"Q[0-9]+")
_START, _END = _date(SG.start), _date(SG.end)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what its rows are, and its columns.

    Attributes:
        type: the ``<type>`` segment of the identifiers of its rows.
        rdf_class: the class of its rows.
        period: the columns of start and end, checked for order.
        key: the columns that identify a row, where it has no id.
    """

    type: str
    rdf_class: str
    columns: Mapping[str, Column]
    period: tuple[str, str] | None = None
    key: tuple[str, ...] = field(default=("id",))


TABLES: dict[str, Table] = {
    "sources": Table(
        "source",
        SG.Source,
        {
            "id": _ID,
            "url": _link(SCHEMA + "url"),
            "title": _own_language_text(LABEL),
            "publisher": _text(SG.publisherName, language=None, required=True),
            "published": _date(DCTERMS + "issued"),
            "language": _pattern(DC + "language", _LANGUAGE.pattern, "a language tag of BCP 47"),
            "note": _NOTE,
        },
    ),
    "organisations": Table(
        "organisation",
        SG.Stakeholder,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "name_local": _text(SKOS + "altLabel", language=None),
            "kind": _concepts("organisation-kind", ORG + "classification", required=True),
            "country": _COUNTRY,
            "city": _refs(SG.city, many=False),
            "homepage": _link(SCHEMA + "url"),
            "cordis_pic": _pattern(SG.pic, r"[0-9]{9}", "a participant identification code"),
            "wikidata": _WIKIDATA,
            "ror": _link(SCHEMA + "sameAs", "https://ror.org/{}", r"0[a-z0-9]{8}"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "cities": Table(
        "city",
        SG.City,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "name_local": _text(SKOS + "altLabel", language=None),
            "country": _concepts("country", SG.country, required=True),
            "lat": _decimal(GEO + "lat", -90, 90),
            "lon": _decimal(GEO + "long", -180, 180),
            "geonames": _link(SCHEMA + "sameAs", "https://sws.geonames.org/{}/", r"[0-9]+"),
            "wikidata": _WIKIDATA,
            "nuts3": _pattern(SG.nuts, r"[A-Z]{2}[0-9A-Z]{3}", "a NUTS 3 code"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "networks": Table(
        "network",
        SG.Network,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "country": _COUNTRY,
            "part_of": _refs(DCTERMS + "isPartOf"),
            "host_orgs": _refs(SG.host),
            "start": _START,
            "end": _END,
            "participants": _count(SG.participantCount),
            "meetings": _count(SG.meetingCount),
            "working_language": _pattern(DC + "language", _LANGUAGE.pattern, "a language tag of BCP 47"),
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
    ),
    "participations": Table(
        "participation",
        SG.Participation,
        {
            "org": _refs(SG.participant, many=False, required=True),
            "in": _refs(SG.inContext, many=False, required=True),
            "role": _concepts("role", SG.participantRole, required=True),
            "start": _START,
            "end": _END,
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
        ("org", "in", "role"),
    ),
    "events": Table(
        "event",
        SG.Event,
        {
            "id": _ID,
            "title": _text(LABEL, required=True),
            "kind": _concepts("event-kind", DCTERMS + "type", required=True),
            "start": _START,
            "end": _END,
            "city": _refs(SG.city, many=False),
            "country": _COUNTRY,
            "organisers": _refs(SG.organiser),
            "networks": _refs(SG.network),
            "themes": _refs(SG.theme),
            "participants": _count(SG.participantCount),
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
    ),
    "themes": Table(
        "theme",
        SG.Theme,
        {
            "id": _ID,
            "label_en": _text(LABEL, required=True),
            "label_local": _unmapped(
                "the table does not say its language; ontology/vocabularies/themes.ttl holds the same text with its language tag"
            ),
            "broader": _refs(SKOS + "broader"),
            "scheme": _ref_or_name(DCTERMS + "isPartOf", SG.framework),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "agenda_items": Table(
        "agenda-item",
        SG.AgendaItem,
        {
            "id": _ID,
            "agenda": _refs(SG.agenda, many=False, required=True),
            "code": _text(SKOS + "notation", language=None),
            "title": _text(LABEL, required=True),
            "kind": _concepts("agenda-item-kind", DCTERMS + "type", required=True),
            "parent": _refs(SKOS + "broader", many=False),
            "published": _date(DCTERMS + "issued"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "programmes": Table(
        "programme",
        SG.Programme,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "acronym": _text(SG.acronym, language=None),
            "kind": _concepts("programme-kind", DCTERMS + "type", required=True),
            "start": _START,
            "end": _END,
            "parent": _refs(DCTERMS + "isPartOf"),
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
    ),
    "calls": Table(
        "call",
        SG.Call,
        {
            "id": _ID,
            "title": _text(LABEL, required=True),
            "acronym": _text(SG.acronym, language=None),
            "opened": _date(SG.opened),
            "closed": _date(SG.closed),
            "budget_eur": _decimal(SG.budget),
            "programme": _refs(SG.programme),
            "topics": _refs(SG.topic),
            "agenda_items": _refs(SG.answers),
            "funders": _refs(SG.funder),
            "countries": _COUNTRY,
            "sources": _sources(),
            "note": _NOTE,
        },
        ("opened", "closed"),
    ),
    "projects": Table(
        "project",
        SG.Project,
        {
            "id": _ID,
            "acronym": _text(SG.acronym, language=None),
            "title": _text(DCTERMS + "title"),
            "call": _refs(SG.fundedUnder),
            "start": _START,
            "end": _END,
            "coordinator": _refs(SG.coordinator),
            "countries": _COUNTRY,
            "cities": _refs(SG.city),
            "themes": _refs(SG.theme),
            "homepage": _link(SCHEMA + "url"),
            "cordis_id": _pattern(SG.grantNumber, r"[0-9]{5,9}", "a grant number"),
            "funding_eur": _decimal(SG.fundingAmount),
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
    ),
    "initiatives": Table(
        "initiative",
        SG.Initiative,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "city": _refs(SG.city, many=False),
            "country": _COUNTRY,
            "network": _refs(SG.shownBy),
            "themes": _refs(SG.theme),
            "started": _START,
            "description": _text(DCTERMS + "description"),
            "homepage": _link(SCHEMA + "url"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "documents": Table(
        "document",
        SG.Document,
        {
            "id": _ID,
            "title": _text(LABEL, required=True),
            "kind": _concepts("document-kind", DCTERMS + "type", required=True),
            "published": _date(DCTERMS + "issued"),
            "publisher": _ref_or_name(DCTERMS + "publisher", SG.publisherName),
            "authors": _texts(DC + "creator"),
            "language": _pattern(DC + "language", _LANGUAGE.pattern, "a language tag of BCP 47"),
            "url": _link(SCHEMA + "url"),
            "isbn": _pattern(BIBO + "isbn", r"[0-9X-]{10,17}", "an ISBN"),
            "doi": _pattern(BIBO + "doi", r"10\.[0-9]{4,9}/\S+", "a DOI"),
            "about": _refs(SCHEMA + "about"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "recommendations": Table(
        "recommendation",
        SG.Recommendation,
        {
            "id": _ID,
            "statement": _text(LABEL, required=True),
            "kind": _concepts("recommendation-kind", DCTERMS + "type", required=True),
            "from": _refs(SG.putForwardBy, required=True),
            "date": _date(DCTERMS + "date"),
            "themes": _refs(SG.theme),
            "addressed_to": _refs(SG.addressedTo),
            "document": _refs(SG.printedIn),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "flows": Table(
        "flow",
        SG.KnowledgeFlow,
        {
            "id": _ID,
            "from": _refs(SG["from"], many=False, required=True),
            "to": _refs(SG.to, many=False, required=True),
            "kind": _concepts("flow-kind", SG.flowKind, required=True),
            "start": _START,
            "end": _END,
            "direction": _concepts("direction", SG.direction, required=True),
            "statement": _text(DCTERMS + "description", required=True),
            "sources": _sources(),
            "note": _NOTE,
        },
        ("start", "end"),
    ),
}
"""File name without ``.csv`` -> how it is read."""

_Row = tuple[int, dict[str, str]]


def read(
    folder: Path,
    concepts: Mapping[str, frozenset[str]],
    *,
    reversed_kinds: frozenset[str],
    money_kinds: frozenset[str],
    progress: Callable[[str], None] = lambda table: None,
) -> list[str]:
    """N-Triples lines of the whole dossier, in the order of tables and rows, without repetition.

    Args:
        folder: the folder with the tables of `TABLES` as ``<name>.csv`` (RFC 4180, UTF-8).
        concepts: scheme -> the slugs of its concepts: the closed lists that cells are checked against.
        reversed_kinds: flow kinds whose sentence reads against the movement; their ends are swapped.
        money_kinds: flow kinds that are about money; they become `Funding`, not `KnowledgeFlow`.
        progress: called with the name of each table when it is done.

    Raises:
        DataError: anything is wrong in any table; it lists every problem of the run.
    """
    problems: list[Problem] = []
    tables = {name: _rows(folder / f"{name}.csv", table, problems) for name, table in TABLES.items()}
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in TABLES:
            problems.append(
                Problem(file.name, None, None, None, "is no table of the dossier.", f"Remove it; the tables are {', '.join(TABLES)}.")
            )
    entities, sources = _identify(tables, money_kinds, problems)
    lines: list[str] = []
    for name, table in TABLES.items():
        for number, row in tables[name]:
            context = Context(entities, sources, concepts, row)
            lines += _triples(name, table, number, row, context, problems, tables, reversed_kinds, money_kinds)
        progress(name)
    if problems:
        order = {f"{name}.csv": position for position, name in enumerate(TABLES)}
        problems.sort(key=lambda problem: (order.get(problem.file, -1), problem.row or 0))
        raise DataError(problems)
    return list(dict.fromkeys(lines))


def _rows(file: Path, table: Table, problems: list[Problem]) -> list[_Row]:
    """The records of a file by column, numbered with the header as row 1."""

    def problem(row: int | None, column: str | None, value: str | None, message: str, remedy: str) -> None:
        problems.append(Problem(file.name, row, column, value, message, remedy))

    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        problem(None, None, None, "the table is missing.", f"Put {file.name} into {file.parent}, with at least its header row.")
        return []
    except OSError as error:
        problem(None, None, None, f"cannot be read ({error.strerror}).", "Make it a readable file.")
        return []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        bad = raw[error.start : error.start + 1].hex()
        problem(None, None, None, f"is not UTF-8: byte 0x{bad} in line {line}.", "Save the file as UTF-8 (it looks like Latin-1 or Windows-1252).")
        return []
    rows: list[_Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        unknown = [name for name in header if name not in table.columns]
        for name in unknown:
            problem(1, name, None, "unknown column.", f"Remove or rename it; the columns are {', '.join(table.columns)}.")
        for name in table.columns:
            if header.count(name) != 1:
                times = "is missing" if name not in header else "stands more than once"
                problem(1, name, None, f"the column {times}.", f"The columns are {', '.join(table.columns)}.")
        if unknown or sorted(header) != sorted(table.columns):
            return []
        for number, cells in enumerate(reader, 2):
            if not cells:
                problem(number, None, None, "the row is empty.", "Remove it.")
            elif len(cells) != len(header):
                problem(number, None, None, f"{len(cells)} cells instead of {len(header)}.", "Put cells with a comma into double quotes, or fill in the missing commas.")
            else:
                rows.append((number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
    except csv.Error as error:
        problem(len(rows) + 2, None, None, f"is not CSV as in RFC 4180 ({error}, near line {reader.line_num}).", "Double the quotes inside a quoted cell, and close every quote.")
    return rows


def _identify(
    tables: Mapping[str, Sequence[_Row]], money_kinds: frozenset[str], problems: list[Problem]
) -> tuple[dict[str, str], frozenset[str]]:
    """Every id with its IRI, and the ids of sources; doubles and malformed ids become problems."""
    entities: dict[str, str] = {}
    seen: dict[str, str] = {}
    sources: set[str] = set()
    for name, table in TABLES.items():
        for number, row in tables[name]:
            slug = _slug(table, row)
            place = f"{name}.csv, row {number}"
            column = "+".join(table.key)
            if slug in seen:
                problems.append(Problem(f"{name}.csv", number, column, slug, f"duplicate id: {seen[slug]} has it already.", "Give each row an id of its own, or merge the rows."))
                continue
            seen[slug] = place
            if len(table.key) == 1 and not _SLUG.fullmatch(slug):
                if slug:
                    problems.append(Problem(f"{name}.csv", number, column, slug, "not an id.", "Use lower-case letters, digits, hyphen and dot only."))
                continue
            if name == "sources":
                sources.add(slug)
            elif name == "flows":
                entities[slug] = entity_iri("funding" if row["kind"] in money_kinds else "flow", slug)
            elif name != "participations":
                entities[slug] = entity_iri(table.type, slug)
    return entities, frozenset(sources)


def _slug(table: Table, row: Mapping[str, str]) -> str:
    return "--".join(row[column] for column in table.key)


def _triples(
    name: str,
    table: Table,
    number: int,
    row: Mapping[str, str],
    context: Context,
    problems: list[Problem],
    tables: Mapping[str, Sequence[_Row]],
    reversed_kinds: frozenset[str],
    money_kinds: frozenset[str],
) -> Iterator[str]:
    """The N-Triples lines of one row."""
    file = f"{name}.csv"
    slug = _slug(table, row)
    money = name == "flows" and row["kind"] in money_kinds
    subject = rdf.iri(entity_iri("funding" if money else table.type, re.sub(r"[^a-z0-9.-]", "_", slug)))
    yield f"{subject} <{RDF}type> <{SG.Funding if money else table.rdf_class}> .\n"
    yield f"{subject} <{SG.row}> <{BASE}dossier/{file}#row={number}> .\n"
    for column, how in table.columns.items():
        cell = row[column]
        if not cell:
            if how.required:
                problems.append(Problem(file, number, column, None, "the cell is empty.", "Fill it: " + ("every row needs a source." if column == "sources" else "the row means nothing without it.")))
            continue
        if len(set(_values(cell))) < len(_values(cell)) and column in ("sources", "themes", "cities", "countries", "about"):
            problems.append(Problem(file, number, column, cell, "the same value stands twice.", "Name each once."))
        try:
            for predicate, obj in how.read(cell, context):
                yield f"{subject} <{_oriented(predicate, row, money, reversed_kinds) if name == 'flows' else predicate}> {obj} .\n"
        except _Wrong as wrong:
            problems.append(Problem(file, number, column, wrong.value, wrong.message, wrong.remedy))
    problems += _reversed(file, number, table, row)
    yield from _EXTRA.get(name, lambda *_: iter(()))(subject, row, context, tables)


def _oriented(predicate: str, row: Mapping[str, str], money: bool, reversed_kinds: frozenset[str]) -> str:
    """Orientation: the graph stores from -> to along the movement; money runs from the funder."""
    ends = (SG["from"], SG.to)
    if predicate not in ends:
        return predicate
    if money:
        return (SG.recipient, SG.funder)[ends.index(predicate)]
    return ends[1 - ends.index(predicate)] if row["kind"] in reversed_kinds else predicate


def _reversed(file: str, number: int, table: Table, row: Mapping[str, str]) -> Iterator[Problem]:
    if table.period is None:
        return
    first, last = (row[column] for column in table.period)
    try:
        wrong = bool(first and last) and dates.bounds(last)[1] < dates.bounds(first)[0]
    except ValueError:
        return  # reported with its own column
    if wrong:
        yield Problem(file, number, table.period[1], last, f"lies before {table.period[0]} ({first}).", "Swap or correct the dates.")


def _flow_extra(subject: str, row: Mapping[str, str], context: Context, tables: Mapping[str, Sequence[_Row]]) -> Iterator[str]:
    if f"{ID}flow/" in subject:
        yield f"{subject} <{SG.basis}> <{VOCABULARY}basis/stated> .\n"


def _network_extra(subject: str, row: Mapping[str, str], context: Context, tables: Mapping[str, Sequence[_Row]]) -> Iterator[str]:
    """A network of a country that is part of a network of no country is a national network."""
    collectives = {other["id"] for _, other in tables["networks"] if not other["country"]}
    if row["country"] and collectives.intersection(_values(row["part_of"])):
        yield f"{subject} <{RDF}type> <{SG.NationalNetwork}> .\n"


def _agenda_extra(subject: str, row: Mapping[str, str], context: Context, tables: Mapping[str, Sequence[_Row]]) -> Iterator[str]:
    if row["agenda"] in context.entities:
        scheme = rdf.iri(entity_iri("agenda", row["agenda"]))
        yield f"{subject} <{SKOS}inScheme> {scheme} .\n"
        if row["kind"] == "agenda":
            yield f"{subject} <{RDF}type> <{SG.Agenda}> .\n"
            yield f"{subject} <{SKOS}topConceptOf> {scheme} .\n"


def _theme_extra(subject: str, row: Mapping[str, str], context: Context, tables: Mapping[str, Sequence[_Row]]) -> Iterator[str]:
    yield f"{subject} <{SKOS}inScheme> <{entity_iri('theme-scheme', 'themes')}> .\n"


def _project_extra(subject: str, row: Mapping[str, str], context: Context, tables: Mapping[str, Sequence[_Row]]) -> Iterator[str]:
    """A project is called by its acronym, or by its title where it has none."""
    if name := row["acronym"] or row["title"]:
        yield f"{subject} <{LABEL}> {rdf.literal(name, language='en')} .\n"


_EXTRA = {
    "flows": _flow_extra,
    "networks": _network_extra,
    "agenda_items": _agenda_extra,
    "themes": _theme_extra,
    "projects": _project_extra,
}
"""Triples that come of a row as a whole."""
