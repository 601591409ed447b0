"""CORDIS: the projects of the European Union, in all the editions that its Publications Office has given out.

The columns are in `cordis_tables`; docs/cordis.md says which editions were tried on real files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from seismic_graph.sources import cordis_xml
from seismic_graph.sources.cordis_tables import BY_NAME, TABLES, Table, grant_number, known_as
from seismic_graph.sources.inputs import Input, unreadable
from seismic_graph.sources.reading import Outcome, Record, Rejected, Scope
from seismic_graph.sources.records import Malformed, records
from seismic_graph.sources.writing import Writer

_LAYOUTS = 1000
_UNKNOWN = "unknown"
"""The table of a record that belongs to none."""


def read(inputs: Iterable[Input], scope: Scope) -> Iterator[Outcome]:
    """What becomes of each record of some files of CORDIS.

    A record of XML, or one of JSON with tables inside, gives a row of each table that it has a part of.

    Raises:
        DataError: a file is broken or hostile; or the user named it and it is of no table that is known.
    """
    reader = _Reader(scope)
    for found in inputs:
        yield from reader.file(found)


class _Reader:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._writers = {table.name: Writer(table.name, scope) for table in TABLES}
        self._noted: set[str] = set()

    def file(self, found: Input) -> Iterator[Outcome]:
        """The outcomes of one file."""
        rows = records(found, cordis_xml.ELEMENTS)
        if rows is None:
            self._refuse(found, "its name ends in none of csv, tsv, txt, xlsx, json, jsonl, ndjson, xml")
            return
        _, _, suffix = found.plain_name.lower().rpartition(".")
        first = next(rows, None)
        if first is None:
            self._refuse(found, "there is no record in it")
            return
        rows = chain([first], rows)
        yield from self._from_xml(rows) if suffix == "xml" else self._from_table(found, rows, nested=suffix not in _FLAT)

    def _refuse(self, found: Input, reason: str) -> None:
        """A file that is of no table: an error if the user named it, else announced."""
        if found.named:
            tables = "; ".join(f"{table.name}: {', '.join(sorted(table.needs))}" for table in TABLES)
            raise unreadable(found.name, f"is no table of CORDIS: {reason}.", f"Tables are known by these columns. {tables}.")
        self._scope.note(f"file {found.name} is no table of CORDIS and was left out: {reason}")

    # --- tables

    def _from_table(self, found: Input, rows: Iterator[Record | Malformed], *, nested: bool) -> Iterator[Outcome]:
        layouts: dict[tuple[str, ...], tuple[Table, dict[str, str]] | None] = {}
        last = _UNKNOWN
        for one in rows:
            columns = one.columns if isinstance(one, Malformed) else tuple(one.values)
            if columns not in layouts:
                if len(layouts) > _LAYOUTS:  # objects of JSON may each have other names
                    layouts.clear()
                layouts[columns] = self._layout(columns)
            layout = layouts[columns]
            if layout is None and last == _UNKNOWN and columns and not nested:
                self._refuse(found, f"its columns are {', '.join(columns)}")
                return
            last = layout[0].name if layout else last
            if isinstance(one, Malformed):
                yield Rejected(one.record, last, None, one.reason)
            elif layout is None:
                yield Rejected(one, last, None, f"its names are those of no table: {', '.join(columns)}.")
            else:
                table, renamed = layout
                values = {renamed.get(column, column): value for column, value in one.values.items()} if renamed else one.values
                if nested:
                    yield from self._from_json(one, table, values)
                else:
                    yield self._writers[table.name].outcome(one, table.write, values)

    def _layout(self, columns: tuple[str, ...]) -> tuple[Table, dict[str, str]] | None:
        """The table with these columns; what is not mapped of them is announced."""
        layout = known_as(columns)
        if layout is None:
            return None
        table, renamed = layout
        for column in columns:
            name = renamed.get(column, column)
            if name not in table.columns and name not in _TABLE_NAMES:
                self._note_once(f"{table.name}: column {column} is not mapped: {table.left_out.get(name, 'it is not known')}")
        return layout

    def _note_once(self, note: str) -> None:
        if note not in self._noted and len(self._noted) < 10_000:
            self._noted.add(note)
            self._scope.note(note)

    # --- JSON with tables inside, and XML

    def _from_json(self, record: Record, table: Table, values: Mapping[str, Any]) -> Iterator[Outcome]:
        inner: list[tuple[str, dict[str, Any]]] = []
        flat: dict[str, str] = {}
        for name, value in values.items():
            parts = value if isinstance(value, list) else [value]
            if any(isinstance(part, dict | list) for part in parts):
                inner += [(name, part if isinstance(part, dict) else {}) for part in parts]
            else:
                flat[name] = ";".join(filter(None, map(_scalar, parts)))
        yield self._writers[table.name].outcome(record, table.write, flat)
        known = {"projectID": grant_number(flat), "projectAcronym": flat.get("acronym", "")}
        for name, part in inner:
            layout = self._layout((*part, *(column for column in known if column not in part)))
            if layout is None:
                self._scope.note(f"{table.name}: objects under {name} that have the names of no table, left out")
                continue
            below, renamed = layout
            cells = {renamed.get(column, column): _scalar(value) for column, value in part.items()}
            piece = Record(record.file, record.number, cells, json.dumps(part, ensure_ascii=False))
            yield self._writers[below.name].outcome(piece, below.write, known | cells)

    def _from_xml(self, rows: Iterator[Record | Malformed]) -> Iterator[Outcome]:
        for one in rows:
            if isinstance(one, Malformed):
                yield Rejected(one.record, _UNKNOWN, None, one.reason)
                continue
            for element in one.values.values():
                for unmapped in cordis_xml.unmapped(element):
                    self._note_once(f"{element.tag}: element {unmapped} is not mapped")
                for name, cells, piece in cordis_xml.rows(element):
                    row = Record(one.file, one.number, cells, piece)
                    yield self._writers[name].outcome(row, BY_NAME[name].write, cells)


_FLAT = ("csv", "tsv", "txt", "xlsx")
_TABLE_NAMES = frozenset(["projectID", "projectAcronym", *BY_NAME, "organizations", "programmes", "reports"])
"""Names under which JSON has tables inside, and the columns that such tables get from the project around them."""


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, dict | list) else str(value)
