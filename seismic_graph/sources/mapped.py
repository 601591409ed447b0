"""A user's own table, by a mapping: every triple is known by the row that gave it, and every row gives triples or a reason.

The file is read twice by our own readers. The first time its cells are filtered and checked, and written as plain tables in pieces
for the engine, which puts the triples of each row into a graph of its own. The second time rows and triples are brought together.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from seismic_graph.errors import DataError, Problem, ToolError, UsageError
from seismic_graph.sources import filters
from seismic_graph.sources.filters import Known
from seismic_graph.sources.inputs import Input, inputs, unreadable
from seismic_graph.sources.reading import Mapped, Outcome, Record, Rejected, Scope, Shared, Unfit
from seismic_graph.sources.records import Malformed, records
from seismic_graph.sources.rml import ROW_COLUMN, to_rml
from seismic_graph.sources.table_mapping import Reference, Rule, Statement, TableMapping, Template
from seismic_graph.vocabulary import DC, DCTERMS, RDF, SG, SKOS, VOCABULARY, short

TABLE = "rows"
"""What the one table of such an import is called; a newer edition replaces it whatever its mapping is called."""
PIECE = 20_000
"""Rows that the engine has in memory at once."""
MOST_COLUMNS = 10_000
"""How many columns a table may have; nested JSON could have any number."""
Engine = Callable[[Path], Iterator[tuple[int, str]]]
"""Executes ``mapping.ttl`` in a folder: (row, ``subject predicate object``) in the order of the rows."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SEVERAL = (f"<{SKOS}altLabel>", f"<{SKOS}note>", f"<{SG.acronym}>", f"<{DCTERMS}identifier>", f"<{DC}creator>", f"<{DC}language>")
"""Properties of which a thing may have several texts; of others, rows that say different things contradict each other."""


def only(path: Path) -> Input:
    """The one table that a path stands for.

    Raises:
        UsageError: it is a folder or an archive of several files.
        DataError: its format is none that is read.
    """
    found = list(inputs([path]))
    if len(found) != 1:
        raise UsageError(f"{path} holds {len(found)} files; a mapping is for one table. Name the file.")
    if records(found[0]) is None:
        raise unreadable(found[0].name, "is no table that is read here.", "Give CSV, TSV, XLSX, JSON or JSON lines.")
    return found[0]


def rows(found: Input, note: Callable[[str], None] = lambda kind: None) -> Iterator[Record | Malformed]:
    """The rows of a table, with cells as text without space around; what is nested in JSON is named ``outer.inner``, ``list.1``.

    Of a workbook the first sheet is read, and others are announced.
    """
    other = None
    for one in records(found) or ():
        record = one.record if isinstance(one, Malformed) else one
        if record.file != found.name:
            if record.file != other:
                note(f"{record.file}: only the first sheet of a workbook is read")
            other = record.file
        elif isinstance(one, Malformed):
            yield one
        else:
            yield Record(record.file, record.number, dict(_flat("", one.values)), one.raw)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from _flat(f"{name}.{place}", inner)
    elif value is None:
        yield name, ""
    else:
        yield name, "true" if value is True else "false" if value is False else str(value).strip()


def read(found: Input, mapping: TableMapping, known: Known, engine: Engine, work: Path, *, piece: int = PIECE) -> Iterator[Outcome]:
    """What becomes of each row of a table.

    Args:
        found: the table.
        mapping: what its columns mean; the first rule names what a row is about.
        known: the run, and what filters look up.
        engine: executes the mapping.
        work: an empty folder.
        piece: how many rows the engine gets at once.

    Raises:
        DataError: the file is broken; a column that the mapping names does not exist; a rule gives nothing in any row.
        ToolError: the engine failed, or gave nothing for a row that has all that the mapping asks for.
    """
    if problems := mapping.unknown_concepts(known.scope.concepts):
        raise DataError(problems)
    sheet = _Sheet(mapping, known, work, piece)
    with closing(sheet):
        for one in rows(found, known.scope.note):
            sheet.take(one)
    sheet.judge(found.name)
    triples = groupby(engine(work) if sheet.fit else (), key=itemgetter(0))
    yield from _Joined(mapping, known, work, triples).outcomes(rows(found))


# --- the first time: cells in, plain tables out -----------------------------------------------------------------------------


class _Cells:
    """The cells that a mapping asks for, filtered and checked."""

    def __init__(self, mapping: TableMapping, known: Known) -> None:
        self.known = known
        self.plain = [ref for ref in mapping.references if not ref.is_list]
        self.lists = [ref for ref in mapping.references if ref.is_list]
        self.checks = [one for rule in mapping.rules for one in rule.statements if one.value.references and self._checked(one)]

    @staticmethod
    def _checked(one: Statement) -> bool:
        return bool(one.datatype) or (one.iri and (len(one.value.parts) == 1 or one.value.start.startswith(VOCABULARY)))

    def of(self, record: Record) -> tuple[dict[Reference, str], dict[Reference, list[str]]]:
        """The filtered cells, and the values of those that are lists.

        Raises:
            Unfit: a cell does not hold what the mapping asks for.
        """
        single = {ref: self._one(ref, record.values.get(ref.column, ""), ref.filters) for ref in self.plain}
        several = {
            ref: [self._one(ref, value, ref.filters[1:]) for value in filters.split(ref.filters[0], record.values.get(ref.column, ""))]
            for ref in self.lists
        }
        for one in self.checks:
            split = next((ref for ref in one.value.references if ref.is_list), None)
            for value in several[split] if split else [None]:
                filled = fill(one.value, single if value is None else {**single, split: value})  # type: ignore[dict-item]
                if filled is not None:
                    self._check(one, filled)
        return single, several

    def _one(self, ref: Reference, text: str, names: tuple[str, ...]) -> str:
        if bad := _CONTROL.search(text):
            raise Unfit(ref.column, f"the cell has the control character U+{ord(bad[0]):04X}. Remove it.")
        try:
            return filters.apply(self.known, names, text)
        except Unfit as error:
            raise Unfit(ref.column, error.reason) from None
        except ValueError as error:
            raise Unfit(ref.column, f"{text!r}: {error}.") from None

    def _check(self, one: Statement, filled: str) -> None:
        column = one.value.references[-1].column
        try:
            if one.datatype:
                filters.check_datatype(filled, one.datatype)
            elif filled.startswith(VOCABULARY):
                scheme, _, slug = filled[len(VOCABULARY) :].partition("/")
                if slug not in (names := self.known.scope.concepts[scheme]):
                    raise ValueError(f"no concept of the list {scheme}; it has {', '.join(sorted(names)[:20])}")
            else:
                filters.checked_iri(filled)
        except ValueError as error:
            shown = short(filled) if filled.startswith(VOCABULARY) else filled
            raise Unfit(column, f"{shown!r}: {error}.") from None


def fill(template: Template, cells: Mapping[Reference, str]) -> str | None:
    """The text that a template gives, nothing encoded; None where a cell is empty."""
    parts = [part if isinstance(part, str) else cells[part] for part in template.parts]
    return "".join(parts) if all(parts) else None


@dataclass
class _Told:
    """How often a rule and its statements had something to say."""

    rule: int = 0
    statements: Counter[int] = field(default_factory=Counter)


class _Sheet:
    """Writes the pieces for the engine and the verdicts on rows that are not for it."""

    def __init__(self, mapping: TableMapping, known: Known, work: Path, piece: int) -> None:
        self.mapping, self.known, self.work, self.piece = mapping, known, work, piece
        self.cells = _Cells(mapping, known)
        self.columns: dict[str, None] = {}
        self.told = [_Told() for _ in mapping.rules]
        self.count = self.fit = 0
        self.names = {ref: f"c{place}" for place, ref in enumerate(mapping.references)}
        self.files: dict[Reference | None, str] = {None: "table.csv"}
        self.files |= {ref: f"list-{self.names[ref]}.csv" for ref in self.cells.lists}
        rml = to_rml(mapping, self.names.__getitem__, self.files.__getitem__)
        (work / "mapping.ttl").write_text(rml, encoding="utf-8")
        self._writers: dict[Reference | None, Any] = {}
        self._open = ExitStack()
        self._verdict_file = (work / "verdicts.csv").open("w", encoding="utf-8", newline="")
        self._verdicts = csv.writer(self._verdict_file)

    def take(self, one: Record | Malformed) -> None:
        self.count += 1
        if isinstance(one, Malformed):
            self.refuse(None, one.reason)
            return
        self.columns |= dict.fromkeys(one.values)
        if len(self.columns) > MOST_COLUMNS:
            raise unreadable(one.file, f"has more than {MOST_COLUMNS:,} columns.", "Name things by values, not by columns.", row=one.number)
        try:
            single, several = self.cells.of(one)
        except Unfit as error:
            self.refuse(error.column, error.reason)
            return
        first = self.mapping.rules[0]
        if empty := [ref.column for ref in first.subject.references if not single[ref]]:
            self.refuse(
                empty[0], f"the cell is empty, and names what the row is about ({first.name}: {short(str(first.subject))}). Fill it."
            )
            return
        self.tell(single, several)
        if self.fit % self.piece == 0:
            self.turn()
        self.fit += 1
        plain = [single[ref] for ref in self.cells.plain]
        self._writers[None].writerow([self.count, *plain])
        for ref, values in several.items():
            self._writers[ref].writerows([self.count, *plain, value] for value in values)

    def refuse(self, column: str | None, reason: str) -> None:
        self._verdicts.writerow([self.count, column or "", reason])

    def tell(self, single: Mapping[Reference, str], several: Mapping[Reference, list[str]]) -> None:
        for rule, told in zip(self.mapping.rules, self.told, strict=True):
            if all(single[ref] for ref in rule.subject.references):
                told.rule += 1
                for place, one in enumerate(rule.statements):
                    if all(several[ref] if ref.is_list else single[ref] for ref in one.value.references):
                        told.statements[place] += 1

    def turn(self) -> None:
        """Begin a new piece."""
        self._open.close()
        folder = self.work / f"{self.fit // self.piece:04d}"
        folder.mkdir()
        plain = [self.names[ref] for ref in self.cells.plain]
        for ref, file in self.files.items():
            self._writers[ref] = csv.writer(self._open.enter_context((folder / file).open("w", encoding="utf-8", newline="")))
            self._writers[ref].writerow([ROW_COLUMN, *plain, *([self.names[ref]] if ref else [])])

    def close(self) -> None:
        self._open.close()
        self._verdict_file.close()

    def judge(self, name: str) -> None:
        """Raise where the mapping does not fit the table; announce what of either is not used."""
        if not self.columns:
            if not self.count:
                raise unreadable(name, "has no rows.", "Give a table with a header and rows.")
            return
        if problems := self.mapping.unknown_columns(self.columns):
            raise DataError(problems)
        if not self.fit:
            return
        used = {ref.column for ref in self.mapping.references}
        for column in self.columns:
            if column not in used:
                self.known.scope.note(f"the column {column} is not mapped")
        problems = []
        for rule, told in zip(self.mapping.rules, self.told, strict=True):
            if not told.rule:
                problems.append(self._silent(rule))
            elif told.rule < self.fit:
                columns = ", ".join(ref.column for ref in rule.subject.references)
                self.known.scope.note(f"the mapping {rule.name} gave nothing where {columns} was empty", self.fit - told.rule)
            for place, one in enumerate(rule.statements):
                same = (told.statements[other] for other, each in enumerate(rule.statements) if each.predicate == one.predicate)
                if told.rule and not told.statements[place] and not any(same):  # a date of another precision is a date
                    self.known.scope.note(f"the mapping {rule.name} gave no {short(one.predicate)}: {one.value} is empty in every row")
        if problems:
            raise DataError(problems)

    def _silent(self, rule: Rule) -> Problem:
        shown = ", ".join(map(str, rule.subject.references))
        return Problem(
            self.mapping.file,
            None,
            None,
            None,
            f"the mapping {rule.name} gives nothing: {shown} is empty in every row.",
            "Correct it, or remove it.",
        )


# --- the second time: rows and triples together -----------------------------------------------------------------------------


class _Joined:
    """Brings each row together with its verdict or with its triples."""

    def __init__(self, mapping: TableMapping, known: Known, work: Path, triples: Iterator[tuple[int, Iterator[tuple[int, str]]]]) -> None:
        self.mapping, self.known, self.work, self.triples = mapping, known, work, triples
        self.subject = mapping.rules[0].subject

    def outcomes(self, found: Iterator[Record | Malformed]) -> Iterator[Outcome]:
        with (self.work / "verdicts.csv").open(encoding="utf-8", newline="") as file, closing(_Described(self.work)) as described:
            verdicts = csv.reader(file)
            verdict = next(verdicts, None)
            for count, one in enumerate(found, 1):
                record = one.record if isinstance(one, Malformed) else one
                if verdict and int(verdict[0]) == count:
                    yield Rejected(record, TABLE, verdict[1] or None, verdict[2])
                    verdict = next(verdicts, None)
                else:
                    yield self.outcome(count, record, described)

    def outcome(self, count: int, record: Record, described: _Described) -> Outcome:
        number, given = next(self.triples, (0, iter(())))
        cells = {ref: filters.apply(self.known, ref.filters, record.values.get(ref.column, "")) for ref in self.subject.references}
        key = str(fill(self.subject, cells))
        by_subject: dict[str, list[str]] = {}
        for _, triple in given:
            by_subject.setdefault(triple[1 : triple.index("> ")], []).append(triple)
        if number != count or key not in by_subject:
            raise ToolError(f"The mapping engine gave nothing for {record.file}, row {record.number}; nothing was imported.")
        if not described.first(key):
            return Mapped(record, TABLE, key, "")  # the import knows whether it repeats the earlier row or contradicts it
        own: list[str] = []
        shared: list[Shared] = []
        for subject, triples in by_subject.items():
            earlier, before = described.of(subject)
            if not earlier:
                shared.append(self.described(record, subject, triples))
                continue
            added = [triple for triple in triples if triple not in before]
            for triple in added:
                if said := _contradicted(triple, before):
                    remedy = "Make them one, or give them different names."
                    reason = f"{short(subject)}: row {earlier} says {said}, this row {_about(triple)}. {remedy}"
                    described.forget(key)
                    return Rejected(record, TABLE, None, reason)
            own += added
            described.add(subject, earlier, [*before, *added])
        for node in shared:
            described.add(node.key, record.number, by_subject[node.key])
        return Mapped(record, TABLE, key, "".join(f"{triple} .\n" for triple in own), tuple(shared))

    def described(self, record: Record, subject: str, triples: list[str]) -> Shared:
        """What a row says of a thing that no row before it had; a bare label gives way to any description elsewhere."""
        bare = all(triple.split(" ", 2)[1] in (f"<{RDF}type>", f"<{SKOS}prefLabel>") for triple in triples)
        scope: Scope = self.known.scope
        origin = f"<{subject}> <{SG.row}> {scope.row(record)} .\n<{subject}> <{DCTERMS}source> {scope.source(record)} .\n"
        return Shared(subject, "" if bare else "0", "".join(f"{triple} .\n" for triple in triples) + origin)


def _about(triple: str) -> str:
    _, predicate, value = triple.split(" ", 2)
    return f"{short(predicate[1:-1])} {value}"


def _contradicted(triple: str, before: list[str]) -> str | None:
    """What an earlier row says of the same property, in the same language, where a thing has one such text."""
    _, predicate, value = triple.split(" ", 2)
    if not value.startswith('"') or predicate in _SEVERAL:
        return None
    kind = value.rpartition('"')[2]
    for other in before:
        _, same, said = other.split(" ", 2)
        if same == predicate and said.startswith('"') and said.rpartition('"')[2] == kind:
            return _about(other)
    return None


class _Described:
    """What has been said of each thing, and by which row; on disk, so that memory stays flat."""

    def __init__(self, work: Path) -> None:
        self._database = sqlite3.connect(work / "described.sqlite", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -32000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE thing (name TEXT PRIMARY KEY, row INTEGER, triples TEXT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE key (name TEXT PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def first(self, key: str) -> bool:
        """Whether no row was about that thing before."""
        return self._database.execute("INSERT OR IGNORE INTO key VALUES (?)", (key,)).rowcount > 0

    def forget(self, key: str) -> None:
        """The row that was about that thing is rejected."""
        self._database.execute("DELETE FROM key WHERE name = ?", (key,))

    def of(self, name: str) -> tuple[int, list[str]]:
        """The row that described a thing first (0 for none), and all triples about it so far."""
        found = self._database.execute("SELECT row, triples FROM thing WHERE name = ?", (name,)).fetchone()
        return (found[0], found[1].split("\n")) if found else (0, [])

    def add(self, name: str, row: int, triples: list[str]) -> None:
        """Keep what is said of a thing."""
        self._database.execute("INSERT OR REPLACE INTO thing VALUES (?, ?, ?)", (name, row, "\n".join(triples)))

    def close(self) -> None:
        """Nothing of it is needed any more."""
        self._database.close()
