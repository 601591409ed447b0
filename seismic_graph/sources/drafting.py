"""A first mapping for a table, guessed from the names of its columns and from its values. People correct it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from seismic_graph import dates, rdf
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.sources import filters
from seismic_graph.sources.filters import Known
from seismic_graph.sources.inputs import Input, unreadable
from seismic_graph.sources.mapped import rows
from seismic_graph.sources.records import Malformed
from seismic_graph.vocabulary import ENTITY_TYPES

SAMPLE = 2000
"""How many rows are looked at."""
_DMY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-][0-9]{4}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it was found.

    Attributes:
        name: its name; words: the name in lower case, words parted by spaces.
        values: its cells that are not empty, of the rows looked at; of: how many rows those were.
    """

    name: str
    words: str
    values: list[str]
    of: int

    def ref(self, *names: str) -> str:
        """The reference to it, in quotes that YAML understands."""
        column = re.sub(r"([()|])", r"\\\1", self.name)
        return "'" + f"$({'|'.join((column, *names))})".replace("'", "''") + "'"

    @property
    def identifies(self) -> bool:
        """Whether every row has a value of its own."""
        return len(self.values) == self.of == len(set(self.values))

    def all(self, fits: Callable[[str], object]) -> bool:
        """Whether there are values and all of them pass a test."""

        def holds(text: str) -> bool:
            try:
                return bool(fits(text))
            except ValueError:
                return False

        return bool(self.values) and all(map(holds, self.values))


_NAMES: tuple[tuple[str, str], ...] = (
    ("person", r"e-?mail|phone|telephone|contact|person|investigator|first name|last name|surname"),
    ("url", r"url|web ?(site|page)?|homepage|link"),
    ("start", r"start|begin|from date|opening|opened|date from|issued|published"),
    ("end", r"\bend\b|end ?date|finish|closing|closed|deadline|date to|until"),
    ("cost", r"total cost|total budget|costs?\b|budget"),
    ("grant", r"grant amount|funding|contribution|awarded|amount"),
    ("call", r"\bcall\b|topic"),
    ("organisation", r"coordinator|organi[sz]ation|institution|beneficiary|university|host|partner|lead"),
    ("city", r"\bcity\b|\bcities\b|\btown\b|municipality"),
    ("country", r"countr(y|ies)|\bland\b|nation"),
    ("description", r"description|abstract|summary|objective|aims?\b"),
    ("acronym", r"acronym|short ?name|abbreviation"),
    ("label", r"title|\bname\b|label"),
    ("id", r"\bid\b|identifier|\bcode\b|\bkey\b|\bnr\b|\bno\b|number|reference|\bref\b"),
)
"""What a column may hold, by words of its name; the first that fits counts."""
_TIMES = {"call": ("sg:opened", "sg:closed"), "document": ("dcterms:issued", ""), "recommendation": ("dcterms:date", "")}
_SUMS = {"cost": "sg:totalCost", "grant": "sg:fundingAmount"}


def draft(found: Input, known: Known, of: str, language: str) -> str:
    """A mapping in YARRRML, with what was guessed and what is left to do in comments.

    Args:
        found: the table.
        known: what countries are called.
        of: what a row is about: a type of identifiers, such as ``project``.
        language: of the texts.

    Raises:
        UsageError: there is no such type, or the language is no tag of BCP 47.
        DataError: the file is no table, or has no rows.
    """
    if of not in ENTITY_TYPES:
        raise UnknownName("type of things", of, sorted(ENTITY_TYPES))
    if not rdf.is_language(language):
        raise UsageError(f"{language!r} is no language tag; write it as in BCP 47: sv, pt-BR.")
    return "\n".join(_Draft(found.name, _columns(found), known, of, language).lines()) + "\n"


def _columns(found: Input) -> list[Column]:
    records = [one for one in itertools.islice(rows(found), SAMPLE) if not isinstance(one, Malformed)]
    if not records:
        raise unreadable(found.name, "has no rows to look at.", "Give a table with a header and rows.")
    names = dict.fromkeys(name for one in records for name in one.values)
    cells = {name: [value for one in records if (value := one.values.get(name, ""))] for name in names}
    return [Column(name, _words(name), values, len(records)) for name, values in cells.items()]


def _words(name: str) -> str:
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").replace(".", " ").casefold().split())


class _Draft:
    def __init__(self, file: str, columns: list[Column], known: Known, of: str, language: str) -> None:
        self.file, self.columns, self.known, self.of, self.language = file, columns, known, of, language
        self.kinds: dict[str, Column] = {}
        self.described = False
        for fits in (re.fullmatch, re.search):  # a column called "start" before one called "call start"
            for column in columns:
                kind = next((kind for kind, words in _NAMES if fits(words, column.words)), None)
                if kind and kind not in self.kinds and column.values and column not in self.kinds.values():
                    self.kinds[kind] = column
        self.left = [column for column in columns if column not in self.kinds.values()]

    def lines(self) -> Iterable[str]:
        """The document, line by line."""
        key = self.key()
        others = list(self.others())
        self.described = "  call:" in others
        main = self.of.replace("-", "_")
        yield f"# How the columns of {self.file} become statements: YARRRML (https://rml.io/yarrrml/spec/). A draft: read every line."
        yield f"# Try it: seismic mapping check {self.file} --mapping THIS-FILE"
        yield "# $(column|filter) is a cell made fit for its place; docs/own-tables.md lists the filters and what a mapping can say."
        yield "# The first mapping says what a row is about; its subject tells the rows apart, now and in newer editions of the table."
        yield "prefixes:"
        yield "  sg: https://w3id.org/seismic-graph/ontology#"
        yield "  id: https://w3id.org/seismic-graph/id/"
        yield "  voc: https://w3id.org/seismic-graph/vocabulary/"
        yield ""
        yield "mappings:"
        yield f"  {main}:"
        if not key.identifies:
            yield f"    # {key.name} is not filled and different in every row; put another column, or several, into the name."
        yield (
            f"    s: id:{self.of}/my-{key.ref('slug')[1:-1]}  # change my- to what tells your table from others"
            if _plain(key)
            else (f"    s: 'id:{self.of}/my-{key.ref('slug')[1:-1]}'  # change my- to what tells your table from others")
        )
        yield "    po:"
        yield f"      - [a, sg:{ENTITY_TYPES[self.of]}]"
        yield from self.texts(key)
        yield from self.times()
        yield from self.sums()
        yield from self.links()
        yield from self.rest()
        yield from others

    def beside(self, kind: str, words: str) -> Column | None:
        """The column that says more of the thing in the column of a kind: "coordinator country" beside "coordinator"."""
        start = self.kinds[kind].words if kind in self.kinds else ""
        found = next((one for one in self.left if start and re.fullmatch(rf"{re.escape(start)} ({words})", one.words)), None)
        if found:
            self.left.remove(found)
        return found

    def key(self) -> Column:
        """The column that tells the rows apart best."""
        wanted = [self.kinds[kind] for kind in ("id", "acronym", "label") if kind in self.kinds]
        found = [*wanted, *self.left]
        return next((one for one in found if one.identifies), (*found, *self.columns)[0])

    def texts(self, key: Column) -> Iterable[str]:
        label = self.kinds.get("label") or self.kinds.get("acronym") or key
        yield f"      - [skos:prefLabel, {label.ref()}, {self.language}~lang]"
        if "acronym" in self.kinds:
            yield f"      - [sg:acronym, {self.kinds['acronym'].ref()}]"
        if "description" in self.kinds:
            yield f"      - [dcterms:description, {self.kinds['description'].ref()}, {self.language}~lang]"

    def times(self) -> Iterable[str]:
        for kind, prop in zip(("start", "end"), _TIMES.get(self.of, ("sg:start", "sg:end")), strict=True):
            if kind in self.kinds and prop:
                yield from self.time(self.kinds[kind], prop)
            elif kind in self.kinds:
                self.left.append(self.kinds[kind])

    def time(self, column: Column, prop: str) -> Iterable[str]:
        types = {4: ("year", "xsd:gYear"), 7: ("month", "xsd:gYearMonth"), 10: ("day", "xsd:date")}
        if column.all(dates.bounds):
            lengths = sorted({len(value) for value in column.values})
            if len(lengths) > 1:
                yield f"      # {column.name} has dates of several precisions; each is kept as precise as it is."
            for length in lengths:
                name, datatype = types[length]
                yield f"      - [{prop}, {column.ref(name)}, {datatype}]"
        elif column.all(_DMY.fullmatch):
            firsts = [_DMY.fullmatch(value) for value in column.values]
            american = any(int(match[2]) > 12 for match in firsts if match)
            sure = american or any(int(match[1]) > 12 for match in firsts if match)
            if not sure:
                yield f"      # {column.name}: is 3/4/2025 the third of April? Then dmy; the fourth of March: mdy."
            yield f"      - [{prop}, {column.ref('mdy' if american else 'dmy')}, xsd:date]"
        else:
            yield f"      # {column.name} holds no dates such as 2025, 2025-03 or 2025-03-14: {_shown(column)}"
            yield f"      # - [{prop}, {column.ref('day')}, xsd:date]"

    def sums(self) -> Iterable[str]:
        for kind, prop in _SUMS.items():
            if kind in self.kinds:
                column = self.kinds[kind]
                plain = column.all(re.compile(r"[0-9]+(\.[0-9]+)?").fullmatch)
                names = [name for name in ("point", "comma") if self.pass_filters(column, (name,))]
                used = [] if plain else names[:1]
                start = "- " if (plain or names) and self.of == "project" else "# - "
                yield f"      # {column.name}: in euro? {_shown(column)}"
                yield f"      {start}[{prop}, {column.ref(*used)}, xsd:decimal]"

    def links(self) -> Iterable[str]:
        if "url" in self.kinds:
            full = self.kinds["url"].all(filters.checked_iri)
            yield f"      - [schema:url, {_iri(self.kinds['url'].ref(*([] if full else ['web'])))}]"
        if "country" in self.kinds:
            yield from self.country(self.kinds["country"])
        if "call" in self.kinds and self.of == "project":
            start = "id:call/my-" if self.described else "id:call/"
            if not self.described:
                yield "      # names of calls that are in the graph: seismic find WORD --of Call"
            yield f"      - [sg:fundedUnder, {_iri(self.kinds['call'].ref('slug'), start)}]"
        if "organisation" in self.kinds and self.of == "project":
            yield f"      - [sg:coordinator, {_iri(self.kinds['organisation'].ref('slug'), 'id:organisation/my-')}]"
        if self.has_city:
            yield f"      - [sg:city, '{self.city}~iri']"

    @property
    def has_city(self) -> bool:
        return "city" in self.kinds and self.countries(self.kinds.get("country")) == ()

    @property
    def city(self) -> str:
        return f"id:city/my-{self.kinds['city'].ref('slug')[1:-1]}-{self.kinds['country'].ref('country', 'slug')[1:-1]}"

    def countries(self, column: Column | None) -> tuple[str, ...] | None:
        """The list filter that a column of countries needs, if any; None where it holds none."""
        if column is None:
            return None
        return next((split for split in ((), ("list",), ("commas",)) if self.pass_filters(column, ("country",), split)), None)

    def pass_filters(self, column: Column, names: tuple[str, ...], split: tuple[str, ...] = ()) -> bool:
        """Whether all cells, or all values in them, pass some filters."""

        def passes(text: str) -> bool:
            values = filters.split(split[0], text) if split else [text]
            return all(filters.apply(self.known, names, value) for value in values)

        return column.all(passes)

    def country(self, column: Column) -> Iterable[str]:
        split = self.countries(column)
        if split is None:
            yield f"      # {column.name} holds what is no code or name of a country: {_shown(column)}"
        start = "- " if split is not None else "# - "
        yield f"      {start}[sg:country, {_iri(column.ref(*(split or ()), 'country'), 'voc:country/')}]"

    def rest(self) -> Iterable[str]:
        for column in self.left:
            if not column.values:
                yield f"      # {column.name} is empty."
            else:
                yield f"      # - [PROPERTY, {column.ref()}]  # not mapped: {_shown(column)}"
        if "person" in self.kinds:
            yield f"      # {self.kinds['person'].name} looks like personal data, which does not belong into the graph."

    def others(self) -> Iterable[str]:
        """The mappings of the things that a row names besides."""
        if self.of == "project" and (title := self.beside("call", "title|name")):
            column = self.kinds["call"]
            yield from self.thing("call", f"id:call/my-{column.ref('slug')[1:-1]}", "Call", title)
            yield f"      - [skos:notation, {column.ref()}]"
            for words, prop in (("opened|opening|start|published", "sg:opened"), ("closed|closing|end|deadline", "sg:closed")):
                if date := self.beside("call", words):
                    yield from self.time(date, prop)
            yield "      # what it answers, so that paths lead to it: seismic find WORD --of AgendaItem"
            yield "      # - [sg:answers, id:agenda-item/…~iri]"
        if self.of == "project" and "organisation" in self.kinds:
            column = self.kinds["organisation"]
            yield from self.thing("organisation", f"id:organisation/my-{column.ref('slug')[1:-1]}", "Stakeholder", column)
            yield "      # university, company, municipality, research, ngo, …: docs/model.md, organisation-kind"
            yield "      - [org:classification, voc:organisation-kind/other~iri]"
            if country := self.beside("organisation", "country"):
                yield from self.country(country)
        if self.has_city:
            yield from self.thing("city", self.city, "City", self.kinds["city"])
            yield f"      - [sg:country, {_iri(self.kinds['country'].ref('country'), 'voc:country/')}]"

    def thing(self, name: str, subject: str, of: str, label: Column) -> Iterable[str]:
        """The beginning of a mapping."""
        yield ""
        yield f"  {name}:"
        yield f"    s: '{subject}'"
        yield "    po:"
        yield f"      - [a, sg:{of}]"
        yield f"      - [skos:prefLabel, {label.ref()}, {self.language}~lang]"


def _plain(column: Column) -> bool:
    return re.fullmatch(r"[\w. -]+", column.name) is not None


def _iri(ref: str, start: str = "") -> str:
    return f"'{start}{ref[1:-1]}~iri'"


def _shown(column: Column) -> str:
    value = " ".join(column.values[0].split())
    return "for example " + (value if len(value) <= 40 else value[:40] + "…")
