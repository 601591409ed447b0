"""N-Triples lines of records, as the readers of datasets write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from seismic_graph import rdf
from seismic_graph.sources import cells
from seismic_graph.sources.reading import Mapped, Record, Rejected, Scope, Shared, Unfit
from seismic_graph.sources.records import Malformed
from seismic_graph.vocabulary import DCTERMS, RDF, SG, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

TYPE = f"<{RDF}type>"
LABEL = f"<{SKOS}prefLabel>"
ROW = f"<{SG.row}>"
SOURCE = f"<{DCTERMS}source>"
DECIMAL = f"^^<{XSD}decimal>"

BARE, NAMED = "", "0"
"""Versions of a node that is only referred to, and of one that is called by its name; any description is newer."""

_REMEMBERED = 100_000
_T = TypeVar("_T")


class Writer:
    """The triples of one table, record by record.

    Attributes:
        table: its name.
        scope: what is known of the run.
        lines: what the record at hand alone describes.
        shared: nodes that it describes as others do.
        row, source: the record and the source as N-Triples IRIs.
    """

    def __init__(self, table: str, scope: Scope) -> None:
        self.table = table
        self.scope = scope
        self.lines: list[str] = []
        self.shared: list[Shared] = []
        self.row = self.source = ""
        self._newest: dict[str, str] = {}
        self._wanted: list[str] = []

    def outcome(self, record: Record, write: Callable[[Mapping[str, str], Writer], str], values: Mapping[str, str]) -> Mapped | Rejected:
        """What becomes of a record: `write` adds its triples and gives its key, or raises `Unfit`."""
        self.lines, self.shared, self._wanted = [], [], []
        self.row, self.source = self.scope.row(record), self.scope.source(record)
        try:
            key = write(values, self)
        except Unfit as unfit:
            for key in self._wanted:
                self._newest.pop(key, None)
            return Rejected(record, self.table, unfit.column, unfit.reason)
        return Mapped(record, self.table, key, "".join(self.lines), tuple(self.shared))

    def outcomes(
        self, rows: Iterable[Record | Malformed], write: Callable[[Mapping[str, Any], Writer], str]
    ) -> Iterator[Mapped | Rejected]:
        """What becomes of each record of a file that has one table."""
        for one in rows:
            if isinstance(one, Malformed):
                yield Rejected(one.record, self.table, None, one.reason)
            else:
                yield self.outcome(one, write, one.values)

    def wants(self, key: str, version: str) -> bool:
        """Whether a description of a shared node may say something new; what was written lately is not written again."""
        known = self._newest.get(key)
        if known is not None and known >= version:
            return False
        if len(self._newest) >= _REMEMBERED:
            self._newest.clear()
        self._newest[key] = version
        self._wanted.append(key)
        return True

    def share(self, key: str, version: str, lines: str) -> None:
        """Describe a shared node, given by its N-Triples IRI; `wants` was asked before."""
        self.shared.append(Shared(key.replace("<", "").replace(">", ""), version, lines))

    def described(self, node: str, kind: str, label: str) -> str:
        """The lines that every node has: its class, its English name, its row and its source."""
        return (
            f"{node} {TYPE} <{kind}> .\n{node} {LABEL} {self.text(label)}@en .\n"
            f"{node} {ROW} {self.row} .\n{node} {SOURCE} {self.source} .\n"
        )

    def text(self, cell: str) -> str:
        """A text as an N-Triples string, without a language."""
        if cells.has_strange(cell):
            self.scope.note(f"{self.table}: texts with characters that no export can write; each became U+FFFD")
            cell = cells.without_strange(cell)
        return rdf.literal(cell.strip())

    def prose(self, cell: str) -> str:
        """A longer text in English, without its HTML."""
        if cells.has_markup(cell):
            self.scope.note(f"{self.table}: texts with HTML, which was taken out")
            cell = cells.plain(cell)
        return f"{self.text(cell)}@en"

    def optional(self, read: Callable[[str, str], _T], values: Mapping[str, str], column: str) -> _T | None:
        """The value of a cell that a record can do without; one that does not fit is left out and announced."""
        cell = values.get(column)
        if not cell:
            return None
        try:
            return read(cell, column)
        except Unfit:
            self.scope.note(f"{self.table}: cells of {column} that could not be read and were left out")
            return None


def required(values: Mapping[str, str], column: str) -> str:
    """The text of a cell that a record cannot do without.

    Raises:
        Unfit: it is empty.
    """
    cell = (values.get(column) or "").strip()
    if not cell:
        raise Unfit(column, "the cell is empty. Fill it: the record means nothing without it.")
    return cell
