"""The dossier: sixteen curated tables in, N-Triples lines out.

`TABLES` is the whole mapping: table -> column -> how a cell becomes triples. Reading is strict and
complete: every wrong cell of a run is found and reported, and one is enough for nothing to come out.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
_FROM: str = SG["from"]  # type: ignore[misc]
_SLUG = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[A-Z][a-z]{3})?(?:-([A-Z]{2}))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd-\uffff]")
"""What no text holds: control characters (XML 1.0 has no place for most of them) and the mark of a character lost in conversion."""
_BLANK = " \t\r\n\u00a0"

_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi
    fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv
    kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm
    rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa
    wo xh yi yo za zh zu
"""
LANGUAGES = frozenset(_ISO_639_1.split())
"""The two-letter codes of ISO 639-1. A language without one joins by its three letters (BCP 47)."""


class _CellError(ValueError):
    """A cell that does not hold what its column asks for."""

    def __init__(self, value: str | None, message: str, remedy: str) -> None:
        super().__init__(message)
        self.value, self.message, self.remedy = value, message, remedy


_Row = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a file holds: its rows, the ids of rows that are malformed, and whether it was read to its end."""

    rows: list[_Row] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)
    cut: bool = False


_Tables = Mapping[str, _Contents]


@dataclass(frozen=True, slots=True)
class Context:
    """What a cell may refer to: the rows of all tables by id, and the closed lists.

    Attributes:
        tables: the contents of all tables.
        entities: id -> the table that has the row, and the IRI of what the row describes.
        sources: the ids of ``sources.csv``.
        cut: the tables that could not be read to their end; an id that may be one of theirs is not called wrong.
        concepts: scheme -> the slugs of its concepts.
        reversed_kinds, money_kinds: flow kinds that are stored otherwise than they read.
        row: the row at hand.
    """

    tables: _Tables
    entities: Mapping[str, tuple[str, str]]
    sources: frozenset[str]
    cut: frozenset[str]
    concepts: Mapping[str, frozenset[str]]
    reversed_kinds: frozenset[str]
    money_kinds: frozenset[str]
    row: Mapping[str, str] = field(default_factory=dict)

    def entity(self, slug: str, table: str | None = None) -> str:
        """The IRI of the row with that id, in whatever table or in the one that the column is for."""
        _one(slug)
        if slug not in self.entities:
            if not self.cut.intersection([table] if table else TABLES):
                raise _CellError(
                    slug,
                    f"{table + '.csv' if table else 'no table'} has {'no' if table else 'a'} row with this id.",
                    "Add the row, or correct the id.",
                )
            return rdf.iri(entity_iri("unread", "row"))  # nothing comes out of such a run
        place, name = self.entities[slug]
        if table and place != table:
            raise _CellError(slug, f"the id is of a row of {place}.csv; the column is for rows of {table}.csv.", "Correct the id.")
        return rdf.iri(name)

    def source(self, slug: str) -> str:
        """The IRI of the source with that id."""
        if slug not in self.sources and "sources" not in self.cut:
            raise _CellError(slug, "sources.csv has no row with this id.", "Add the source there, or correct the id.")
        return rdf.iri(entity_iri("source", _safe(slug)))

    def concept(self, scheme: str, slug: str) -> str:
        """The IRI of a concept of a closed list."""
        _one(slug)
        known = self.concepts.get(scheme, frozenset())
        if slug not in known:
            choices = ", ".join(sorted(known)) if len(known) < 40 else "the codes of ISO 3166-1 alpha-2"
            raise _CellError(slug, f"unknown {scheme}.", f"Use one of: {choices}; or add a concept to the vocabulary {scheme}.")
        return rdf.iri(concept_iri(scheme, slug))


def _one(value: str) -> None:
    if ";" in value:
        raise _CellError(value, "one value is expected.", "Keep one; the column takes no list.")


Triples = Iterator[tuple[str, str]]
Reader = Callable[[str, Context], Triples]


@dataclass(frozen=True, slots=True)
class Column:
    """How one column becomes triples.

    Attributes:
        read: value and context in, (predicate IRI, N-Triples object) out; may raise `_CellError`.
        required: an empty cell is an error.
        many: the cell is a list; each of its values is read by itself.
        verbatim: the property that keeps the cell as it is, whatever its values yield.
        unmapped: why the column yields no triples of its own, where it does not.
    """

    read: Reader
    required: bool = False
    many: bool = False
    verbatim: str | None = None
    unmapped: str | None = None


def _values(cell: str) -> list[str]:
    return [value.strip(_BLANK) for value in cell.split(";")]


def _text(predicate: str, *, language: str | None = "en", required: bool = False, many: bool = False) -> Column:
    def read(value: str, context: Context) -> Triples:
        yield predicate, rdf.literal(value, language=language)

    return Column(read, required, many)


def _is_language(tag: str, context: Context) -> bool:
    if not (match := _LANGUAGE.fullmatch(tag)):
        return False
    return match[1] in LANGUAGES and (match[2] is None or match[2] in context.concepts.get("country", ()))


def _own_language_text(predicate: str) -> Column:
    """A text in the language that the row's own ``language`` column names."""

    def read(value: str, context: Context) -> Triples:
        tag = context.row["language"]
        yield predicate, rdf.literal(value, language=tag if _is_language(tag, context) else None)

    return Column(read, required=True)


def _language(predicate: str) -> Column:
    def read(value: str, context: Context) -> Triples:
        if not _is_language(value, context):
            raise _CellError(
                value, "unknown language.", "Use the two letters of ISO 639-1, such as sv, with a country where it matters, such as pt-BR."
            )
        yield predicate, rdf.literal(value)

    return Column(read)


def _refs(predicate: str, table: str | None = None, *, many: bool = True, required: bool = False) -> Column:
    """Ids of rows, of one table where the column is for one."""

    def read(value: str, context: Context) -> Triples:
        yield predicate, context.entity(value, table)

    return Column(read, required, many)


def _ref(predicate: str, table: str | None = None, *, required: bool = False) -> Column:
    return _refs(predicate, table, many=False, required=required)


def _refs_or_names(reference: str, name: str) -> Column:
    """Ids where there is one, else plain names."""

    def read(value: str, context: Context) -> Triples:
        if value in context.entities or _SLUG.fullmatch(value):  # what looks like an id and is none is an error
            yield reference, context.entity(value)
        else:
            yield name, rdf.literal(value)

    return Column(read, many=True)


def _selection(predicate: str) -> Column:
    """Ids and selectors, each of them checked; the cell is kept as it is, for whoever resolves the selectors."""

    def read(value: str, context: Context) -> Triples:
        selector = value.startswith("all ")
        slug = value.partition(" of ")[2] if selector else value
        if not selector and slug not in context.entities and not _SLUG.fullmatch(slug):
            raise _CellError(
                value,
                "is neither an id nor a selector.",
                "Write the id of a row, or a selector such as all national networks or all recommendations of seismic.",
            )
        if not selector or " of " in value:
            context.entity(slug)
        yield from ()

    return Column(read, required=True, many=True, verbatim=predicate)


def _concept(scheme: str, predicate: str, *, required: bool = False, many: bool = False) -> Column:
    def read(value: str, context: Context) -> Triples:
        yield predicate, context.concept(scheme, value)

    return Column(read, required, many)


def _sources() -> Column:
    def read(value: str, context: Context) -> Triples:
        yield DCTERMS + "source", context.source(value)

    return Column(read, required=True, many=True)


def _date(predicate: str) -> Column:
    def read(value: str, context: Context) -> Triples:
        try:
            dates.bounds(value)
        except ValueError as reason:
            raise _CellError(value, f"not a possible date ({reason}).", "Write 2015, 2015-09 or 2015-09-30.") from None
        yield predicate, rdf.date_literal(value)

    return Column(read)


def _count(predicate: str) -> Column:
    def read(value: str, context: Context) -> Triples:
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise _CellError(value, "a whole number is expected.", "Write one to nine digits, no sign, space or separator.")
        yield predicate, rdf.literal(str(int(value)), datatype=XSD + "integer")

    return Column(read)


def _decimal(predicate: str, lowest: int = 0, highest: int = 10**12) -> Column:
    def read(value: str, context: Context) -> Triples:
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", value):
            raise _CellError(value, "a number is expected.", "Write digits with a decimal point, no separator of thousands.")
        if not lowest <= float(value) <= highest:
            raise _CellError(value, f"the number lies outside {lowest} to {highest}.", "Correct the number.")
        yield predicate, rdf.literal(value, datatype=XSD + "decimal")

    return Column(read)


def _link(predicate: str, what: str, pattern: str, template: str = "{}") -> Column:
    def read(value: str, context: Context) -> Triples:
        target = template.format(value)
        if not re.fullmatch(pattern, value) or not rdf.is_iri(target):
            raise _CellError(value, f"is not {what}.", "Correct it; percent-encode what does not belong in an address.")
        yield predicate, rdf.iri(target)

    return Column(read)


def _pattern(predicate: str, what: str, pattern: str) -> Column:
    def read(value: str, context: Context) -> Triples:
        if not re.fullmatch(pattern, value):
            raise _CellError(value, f"is not {what}.", f"Write it in the form {pattern}.")
        yield predicate, rdf.literal(value)

    return Column(read)


def _unmapped(reason: str, *, required: bool = False) -> Column:
    return Column(lambda value, context: iter(()), required, unmapped=reason)


_ID = _unmapped("it is the name of the node itself", required=True)
_NOTE = _text(SKOS + "note")
_COUNTRY = _concept("country", SG.country)
_COUNTRIES = _concept("country", SG.country, many=True)
_ADDRESS = _link(SCHEMA + "url", "a web address that starts with http:// or https://", r"https?://[^\s/?#]+\S*")
_WIKIDATA = _link(SCHEMA + "sameAs", "a Wikidata id such as Q64", r"Q[1-9][0-9]*", "http://www.wikidata.org/entity/{}")
_START, _END = _date(SG.start), _date(SG.end)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what its rows are, its columns, and what must hold between them.

    Attributes:
        type: the ``<type>`` segment of the identifiers of its rows.
        rdf_class: the class of its rows.
        key: the columns that identify a row, where it has no id.
        period: the columns of start and end: the end does not lie before the start.
        apart: two columns that never hold the same id.
        above: the column that names the row above; nobody stands above themselves.
        whole: columns that are filled together or not at all.
        either: columns of which one at least is filled.
    """

    type: str
    rdf_class: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ("id",)
    period: tuple[str, str] | None = None
    apart: tuple[str, str] | None = None
    above: str | None = None
    whole: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


TABLES: dict[str, Table] = {
    "sources": Table(
        "source",
        SG.Source,
        {
            "id": _ID,
            "url": _ADDRESS,
            "title": _own_language_text(LABEL),
            "publisher": _text(SG.publisherName, language=None, required=True),
            "published": _date(DCTERMS + "issued"),
            "language": _language(DC + "language"),
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
            "kind": _concept("organisation-kind", ORG + "classification", required=True),
            "country": _COUNTRY,
            "city": _ref(SG.city, "cities"),
            "homepage": _ADDRESS,
            "cordis_pic": _pattern(SG.pic, "a participant identification code", r"[0-9]{9}"),
            "wikidata": _WIKIDATA,
            "ror": _link(SCHEMA + "sameAs", "a ROR id such as 04knbh022", r"0[a-z0-9]{8}", "https://ror.org/{}"),
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
            "country": _concept("country", SG.country, required=True),
            "lat": _decimal(GEO + "lat", -90, 90),
            "lon": _decimal(GEO + "long", -180, 180),
            "geonames": _link(SCHEMA + "sameAs", "a GeoNames id such as 2761369", r"[1-9][0-9]{0,9}", "https://sws.geonames.org/{}/"),
            "wikidata": _WIKIDATA,
            "nuts3": _pattern(SG.nuts, "a NUTS 3 code", r"[A-Z]{2}[0-9A-Z]{3}"),
            "sources": _sources(),
            "note": _NOTE,
        },
        whole=("lat", "lon"),
    ),
    "networks": Table(
        "network",
        SG.Network,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "country": _COUNTRY,
            "part_of": _refs(DCTERMS + "isPartOf"),
            "host_orgs": _refs(SG.host, "organisations"),
            "start": _START,
            "end": _END,
            "participants": _count(SG.participantCount),
            "meetings": _count(SG.meetingCount),
            "working_language": _language(DC + "language"),
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("start", "end"),
        above="part_of",
    ),
    "participations": Table(
        "participation",
        SG.Participation,
        {
            "org": _ref(SG.participant, required=True),
            "in": _ref(SG.inContext, required=True),
            "role": _concept("role", SG.participantRole, required=True),
            "start": _START,
            "end": _END,
            "sources": _sources(),
            "note": _NOTE,
        },
        key=("org", "in", "role"),
        period=("start", "end"),
        apart=("org", "in"),
    ),
    "events": Table(
        "event",
        SG.Event,
        {
            "id": _ID,
            "title": _text(LABEL, required=True),
            "kind": _concept("event-kind", DCTERMS + "type", required=True),
            "start": _START,
            "end": _END,
            "city": _ref(SG.city, "cities"),
            "country": _COUNTRY,
            "organisers": _refs(SG.organiser),
            "networks": _refs(SG.network, "networks"),
            "themes": _refs(SG.theme, "themes"),
            "participants": _count(SG.participantCount),
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("start", "end"),
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
            "broader": _refs(SKOS + "broader", "themes"),
            "scheme": _refs_or_names(DCTERMS + "isPartOf", SG.framework),
            "sources": _sources(),
            "note": _NOTE,
        },
        above="broader",
    ),
    "agenda_items": Table(
        "agenda-item",
        SG.AgendaItem,
        {
            "id": _ID,
            "agenda": _ref(SG.agenda, "agenda_items", required=True),
            "code": _text(SKOS + "notation", language=None),
            "title": _text(LABEL, required=True),
            "kind": _concept("agenda-item-kind", DCTERMS + "type", required=True),
            "parent": _ref(SKOS + "broader", "agenda_items"),
            "published": _date(DCTERMS + "issued"),
            "sources": _sources(),
            "note": _NOTE,
        },
        above="parent",
    ),
    "programmes": Table(
        "programme",
        SG.Programme,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "acronym": _text(SG.acronym, language=None),
            "kind": _concept("programme-kind", DCTERMS + "type", required=True),
            "start": _START,
            "end": _END,
            "parent": _refs(DCTERMS + "isPartOf", "programmes"),
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("start", "end"),
        above="parent",
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
            "programme": _refs(SG.programme, "programmes"),
            "topics": _refs(SG.topic, "themes"),
            "agenda_items": _refs(SG.answers, "agenda_items"),
            "funders": _refs(SG.funder, "organisations"),
            "countries": _COUNTRIES,
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("opened", "closed"),
    ),
    "projects": Table(
        "project",
        SG.Project,
        {
            "id": _ID,
            "acronym": _text(SG.acronym, language=None),
            "title": _text(DCTERMS + "title"),
            "call": _refs(SG.fundedUnder, "calls"),
            "start": _START,
            "end": _END,
            "coordinator": _refs(SG.coordinator, "organisations"),
            "countries": _COUNTRIES,
            "cities": _refs(SG.city, "cities"),
            "themes": _refs(SG.theme, "themes"),
            "homepage": _ADDRESS,
            "cordis_id": _pattern(SG.grantNumber, "a grant number", r"[0-9]{5,9}"),
            "funding_eur": _decimal(SG.fundingAmount),
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("start", "end"),
        either=("acronym", "title"),
    ),
    "initiatives": Table(
        "initiative",
        SG.Initiative,
        {
            "id": _ID,
            "name": _text(LABEL, required=True),
            "city": _ref(SG.city, "cities"),
            "country": _COUNTRY,
            "network": _refs(SG.shownBy, "networks"),
            "themes": _refs(SG.theme, "themes"),
            "started": _START,
            "description": _text(DCTERMS + "description"),
            "homepage": _ADDRESS,
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
            "kind": _concept("document-kind", DCTERMS + "type", required=True),
            "published": _date(DCTERMS + "issued"),
            "publisher": _refs_or_names(DCTERMS + "publisher", SG.publisherName),
            "authors": _text(DC + "creator", language=None, many=True),
            "language": _language(DC + "language"),
            "url": _ADDRESS,
            "isbn": _pattern(BIBO + "isbn", "an ISBN", r"[0-9X-]{10,17}"),
            "doi": _pattern(BIBO + "doi", "a DOI", r"10\.[0-9]{4,9}/\S+"),
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
            "kind": _concept("recommendation-kind", DCTERMS + "type", required=True),
            "from": _refs(SG.putForwardBy, required=True),
            "date": _date(DCTERMS + "date"),
            "themes": _refs(SG.theme, "themes"),
            "addressed_to": _refs(SG.addressedTo),
            "document": _refs(SG.printedIn, "documents"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "claims": Table(
        "claim",
        SG.Claim,
        {
            "id": _ID,
            "statement": _text(LABEL, required=True),
            "claimed_by": replace(_refs_or_names(SG.claimedBy, SG.publisherName), required=True),
            "subjects": _selection(SG.claimSubjects),
            "object": _selection(SG.claimObject),
            "date": _date(DCTERMS + "date"),
            "sources": _sources(),
            "note": _NOTE,
        },
    ),
    "flows": Table(
        "flow",
        SG.KnowledgeFlow,
        {
            "id": _ID,
            "from": _ref(_FROM, required=True),
            "to": _ref(SG.to, required=True),
            "kind": _concept("flow-kind", SG.flowKind, required=True),
            "start": _START,
            "end": _END,
            "direction": _concept("direction", SG.direction, required=True),
            "statement": _text(DCTERMS + "description", required=True),
            "sources": _sources(),
            "note": _NOTE,
        },
        period=("start", "end"),
        apart=("from", "to"),
    ),
}
"""File name without ``.csv`` -> how it is read."""


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
        DataError: anything is wrong in any table; it lists every problem of the run in the order of tables, rows and columns.
    """
    problems: list[Problem] = []
    if not folder.is_dir():
        raise DataError([Problem(str(folder), None, None, None, "there is no such folder.", "Name the folder that holds the tables.")])
    tables = {name: _rows(folder / f"{name}.csv", table, problems) for name, table in TABLES.items()}
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in TABLES:
            problems.append(
                Problem(file.name, None, None, None, "is no table of the dossier.", f"Remove it; the tables are {', '.join(TABLES)}.")
            )
    entities, sources = _identify(tables, money_kinds, problems)
    cut = frozenset(name for name, contents in tables.items() if contents.cut)
    context = Context(tables, entities, sources, cut, concepts, reversed_kinds, money_kinds)
    lines: list[str] = []
    for name, table in TABLES.items():
        for number, row in tables[name].rows:
            lines += _triples(name, number, replace(context, row=row), problems)
            problems += _within_row(name, number, row)
        problems += _cycles(name, table, tables[name].rows)
        progress(name)
    problems += _addresses(tables["sources"].rows)
    problems += _agendas(tables["agenda_items"].rows, concepts.get("agenda-item-kind", frozenset()))
    if problems:
        raise DataError(sorted(problems, key=_reading_order))
    return list(dict.fromkeys(lines))


def _reading_order(problem: Problem) -> tuple[int, int, int]:
    name = problem.file.removesuffix(".csv")
    if name not in TABLES:
        return len(TABLES), 0, 0
    columns = list(TABLES[name].columns)
    return list(TABLES).index(name), problem.row or 0, columns.index(problem.column) if problem.column in columns else -1


def _rows(file: Path, table: Table, problems: list[Problem]) -> _Contents:
    """The records of a file by column, numbered with the header as row 1."""

    def problem(row: int | None, column: str | None, value: str | None, message: str, remedy: str) -> None:
        problems.append(Problem(file.name, row, column, value, message, remedy))

    nothing = _Contents(cut=True)
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        problem(None, None, None, "the table is missing.", f"Put {file.name} into {file.parent}, with at least its header row.")
        return nothing
    except OSError as error:
        problem(None, None, None, f"cannot be read ({error.strerror}).", "Make it a readable file.")
        return nothing
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", raw[: error.start])) + 1
        looks = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "Latin-1 or Windows-1252"
        problem(
            None,
            None,
            None,
            f"is not UTF-8: byte 0x{raw[error.start]:02x} in line {line}.",
            f"Save the file as UTF-8 (it looks like {looks}).",
        )
        return nothing
    contents = _Contents()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number, begun = 1, 1
    try:
        header = [name.strip(_BLANK) for name in next(reader, [])]
        if _wrong_header(header, table, problem):
            return nothing
        while True:
            number, begun = number + 1, reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return contents
            if not any(cell.strip(_BLANK) for cell in cells):
                problem(number, None, None, "the row is empty.", "Remove it.")
            elif len(cells) != len(header):
                problem(
                    number,
                    None,
                    None,
                    f"{len(cells)} cells instead of {len(header)}.",
                    "Put cells with a comma into double quotes, or fill in the missing commas.",
                )
                contents.malformed.extend(cell for name, cell in zip(header, cells, strict=False) if name == "id")
            else:
                contents.rows.append((number, dict(zip(header, map(_clean, cells), strict=True))))
    except csv.Error as error:
        problem(
            number,
            None,
            None,
            f"is not CSV as in RFC 4180 ({error}, in the record that starts in line {begun}); nothing after it was read.",
            "Double the quotes inside a quoted cell, and close every quote.",
        )
        return _Contents(contents.rows, contents.malformed, cut=True)


def _clean(cell: str) -> str:
    """The cell without blanks around it, its lines ended by LF whatever the file has."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip(_BLANK)


def _wrong_header(header: list[str], table: Table, problem: Callable[[int | None, str | None, str | None, str, str], None]) -> bool:
    """Whether the header is not that of the table; says why."""
    names = f"The columns are {', '.join(table.columns)}."
    separator = next((mark for mark in ";\t" if len(header) == 1 and mark in header[0]), None)
    if not any(header):
        problem(1, None, None, "the file has no header row.", names)
        return True
    if separator:
        problem(
            1,
            None,
            None,
            f"its cells are separated by {'semicolons' if separator == ';' else 'tabs'}.",
            "Save the file with commas between the cells (RFC 4180).",
        )
        return True
    wrong = False
    for position, name in enumerate(header, 1):
        if name not in table.columns:
            wrong = True
            if name:
                problem(1, name, None, "unknown column.", f"Remove or rename it. {names}")
            else:
                problem(1, None, None, f"cell {position} of the header is empty.", f"Name the column, or remove it. {names}")
    for name in table.columns:
        if header.count(name) != 1:
            wrong = True
            problem(1, name, None, f"the column {'stands more than once' if name in header else 'is missing'}.", names)
    return wrong


def _identify(tables: _Tables, money_kinds: frozenset[str], problems: list[Problem]) -> tuple[dict[str, tuple[str, str]], frozenset[str]]:
    """Every id with its table and IRI, and the ids of sources; doubles and malformed ids become problems."""
    entities: dict[str, tuple[str, str]] = {}
    seen: dict[str, str] = {}
    sources: set[str] = set()
    for name, table in TABLES.items():
        column = "+".join(table.key)
        for number, row in tables[name].rows:
            slug = _slug(table, row)
            if not all(row[part] for part in table.key):
                continue  # reported with its own column
            if slug in seen:
                problems.append(
                    Problem(
                        f"{name}.csv",
                        number,
                        column,
                        slug,
                        f"duplicate id: {seen[slug]} has it already.",
                        "Give each row an id of its own, or merge the rows.",
                    )
                )
                continue
            seen[slug] = f"{name}.csv, row {number}"
            if name == "participations":
                continue
            if not _SLUG.fullmatch(slug):
                problems.append(
                    Problem(
                        f"{name}.csv",
                        number,
                        column,
                        slug,
                        "not an id.",
                        "Use lower-case letters and digits, with single hyphens or dots between them.",
                    )
                )
            if name == "sources":
                sources.add(slug)
            else:
                kind = "funding" if name == "flows" and row["kind"] in money_kinds else table.type
                entities[slug] = (name, entity_iri(kind, _safe(slug)))
        for slug in tables[name].malformed:
            if name == "sources":
                sources.add(slug)
            else:
                entities.setdefault(slug, (name, entity_iri(table.type, _safe(slug))))
    return entities, frozenset(sources)


def _slug(table: Table, row: Mapping[str, str]) -> str:
    return "--".join(row[column] for column in table.key)


def _safe(slug: str) -> str:
    """The slug as it can stand in an IRI; only one that is no id differs, and then nothing comes out."""
    return re.sub(r"[^a-z0-9.-]", "_", slug)


def _triples(name: str, number: int, context: Context, problems: list[Problem]) -> Iterator[str]:
    """The N-Triples lines of one row."""
    file, table, row = f"{name}.csv", TABLES[name], context.row
    money = name == "flows" and row["kind"] in context.money_kinds
    subject = rdf.iri(entity_iri("funding" if money else table.type, _safe(_slug(table, row))))
    yield f"{subject} <{RDF}type> <{SG.Funding if money else table.rdf_class}> .\n"
    yield f"{subject} <{SG.row}> <{BASE}dossier/{file}#row={number}> .\n"
    for column, how in table.columns.items():
        try:
            for value in _read_cell(column, how, row[column]):
                try:
                    for predicate, obj in how.read(value, context):
                        yield f"{subject} <{_oriented(predicate, context) if name == 'flows' else predicate}> {obj} .\n"
                except _CellError as wrong:
                    problems.append(Problem(file, number, column, wrong.value, wrong.message, wrong.remedy))
            if how.verbatim and row[column]:
                yield f"{subject} <{how.verbatim}> {rdf.literal(row[column])} .\n"
        except _CellError as wrong:
            problems.append(Problem(file, number, column, wrong.value, wrong.message, wrong.remedy))
    if name in _EXTRA:
        yield from _EXTRA[name](subject, context)


def _read_cell(column: str, how: Column, cell: str) -> list[str]:
    """The values of a cell.

    Raises:
        _CellError: the cell as a whole is not as its column asks for.
    """
    if not cell:
        if how.required:
            raise _CellError(
                None,
                "the cell is empty.",
                "Fill it: " + ("every row needs a source." if column == "sources" else "the row means nothing without it."),
            )
        return []
    if (strange := _CONTROL.search(cell)) and column != "id":  # an id is checked as such
        raise _CellError(
            cell, f"holds the character U+{ord(strange[0]):04X}, which no text has.", "Remove it, or write the character that was meant."
        )
    if not how.many:
        return [cell]
    values = _values(cell)
    if "" in values:
        raise _CellError(cell, "the list has an empty value.", "Put one semicolon between two values, and none at either end.")
    if len(set(values)) < len(values):
        raise _CellError(cell, "the same value stands twice.", "Name each once.")
    return values


def _oriented(predicate: str, context: Context) -> str:
    """Orientation: the graph stores from -> to along the movement; money runs from the funder."""
    ends, kind = (_FROM, SG.to), context.row["kind"]
    if predicate not in ends:
        return predicate
    if kind in context.money_kinds:
        return (SG.recipient, SG.funder)[ends.index(predicate)]
    return ends[1 - ends.index(predicate)] if kind in context.reversed_kinds else predicate


def _within_row(name: str, number: int, row: Mapping[str, str]) -> Iterator[Problem]:
    """What does not hold between the columns of a row."""
    table = TABLES[name]

    def problem(column: str, message: str, remedy: str) -> Problem:
        return Problem(f"{name}.csv", number, column, row[column] or None, message, remedy)

    if table.period:
        start, end = table.period
        with contextlib.suppress(ValueError):  # an impossible date is reported with its own column
            if row[start] and row[end] and dates.bounds(row[end])[1] < dates.bounds(row[start])[0]:
                yield problem(end, f"lies before {start} ({row[start]}).", "Swap or correct the dates.")
    if table.apart:
        one, other = table.apart
        if row[one] and row[one] == row[other]:
            yield problem(other, f"is the same id as in {one}: nothing leads to itself.", "Correct one of the two.")
    if table.whole and any(row[column] for column in table.whole):
        for column in table.whole:
            if not row[column]:
                yield problem(column, "the cell is empty, the other is not.", f"Fill {' and '.join(table.whole)}, or neither.")
    if table.either and not any(row[column] for column in table.either):
        yield problem(table.either[0], f"neither {' nor '.join(table.either)} is given.", "Fill one: the row needs a name.")


def _cycles(name: str, table: Table, rows: Sequence[_Row]) -> Iterator[Problem]:
    """Rows that stand above themselves, each circle named once, at the row of it that comes first."""
    if table.above is None:
        return
    numbers = {row["id"]: number for number, row in rows if row["id"]}
    above = {row["id"]: [value for value in _values(row[table.above]) if value in numbers] for _, row in rows if row["id"]}
    done: set[str] = set()
    for start in above:
        path: dict[str, None] = {}  # in the order of the way up
        ahead: list[list[str]] = [[start]]
        while ahead:
            if not ahead[-1]:
                ahead.pop()
                if path:
                    done.add(path.popitem()[0])
                continue
            slug = ahead[-1].pop()
            if slug in path:
                way = list(path)
                circle = way[way.index(slug) :]
                first = min(range(len(circle)), key=lambda place: numbers[circle[place]])
                circle = circle[first:] + circle[: first + 1]
                yield Problem(
                    f"{name}.csv",
                    numbers[circle[0]],
                    table.above,
                    " > ".join(circle),
                    "the row stands above itself.",
                    f"Correct {table.above} in one of the rows of the circle.",
                )
            elif slug not in done:
                path[slug] = None
                ahead.append(list(reversed(above[slug])))


def _addresses(rows: Sequence[_Row]) -> Iterator[Problem]:
    """Sources with the address of another: scheme, www and trailing slash do not count."""
    seen: dict[str, int] = {}
    for number, row in rows:
        address = re.sub(r"^https?://(www\.)?", "", row["url"]).rstrip("/")
        if address and seen.setdefault(address, number) != number:
            yield Problem(
                "sources.csv",
                number,
                "url",
                row["url"],
                f"row {seen[address]} has the same address.",
                "Keep one row an address, and cite that one.",
            )


def _agendas(items: Sequence[_Row], kinds: frozenset[str]) -> Iterator[Problem]:
    """Items whose agenda is none, or whose parent belongs to another agenda. Unknown kinds are reported as such."""
    rows = {row["id"]: row for _, row in items}
    for number, row in items:
        agenda, parent = rows.get(row["agenda"]), rows.get(row["parent"])
        if agenda and agenda["kind"] in kinds - {"agenda"}:
            yield Problem(
                "agenda_items.csv",
                number,
                "agenda",
                row["agenda"],
                "the row of this id is not of the kind agenda.",
                "Name the whole agenda.",
            )
        if row["kind"] == "agenda" and row["agenda"] and row["agenda"] != row["id"]:
            yield Problem(
                "agenda_items.csv",
                number,
                "agenda",
                row["agenda"],
                "an agenda is its own agenda.",
                f"Write {row['id']}, or correct the kind.",
            )
        if parent and parent["agenda"] != row["agenda"]:
            yield Problem(
                "agenda_items.csv", number, "parent", row["parent"], "belongs to another agenda.", "Name an item of the same agenda."
            )


def _flow_extra(subject: str, context: Context) -> Iterator[str]:
    if f"{ID}flow/" in subject:
        yield f"{subject} <{SG.basis}> <{VOCABULARY}basis/stated> .\n"


def _network_extra(subject: str, context: Context) -> Iterator[str]:
    """A network of a country that is part of a network of no country is a national network."""
    row = context.row
    collectives = {other["id"] for _, other in context.tables["networks"].rows if not other["country"]}
    if row["country"] and collectives.intersection(_values(row["part_of"])):
        yield f"{subject} <{RDF}type> <{SG.NationalNetwork}> .\n"


def _agenda_extra(subject: str, context: Context) -> Iterator[str]:
    row = context.row
    if row["agenda"] in context.entities:
        scheme = rdf.iri(entity_iri("agenda", _safe(row["agenda"])))
        yield f"{subject} <{SKOS}inScheme> {scheme} .\n"
        if row["kind"] == "agenda":
            yield f"{subject} <{RDF}type> <{SG.Agenda}> .\n"
            yield f"{subject} <{SKOS}topConceptOf> {scheme} .\n"


def _theme_extra(subject: str, context: Context) -> Iterator[str]:
    yield f"{subject} <{SKOS}inScheme> <{entity_iri('theme-scheme', 'themes')}> .\n"


def _project_extra(subject: str, context: Context) -> Iterator[str]:
    """A project is called by its acronym, or by its title where it has none."""
    row = context.row
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
