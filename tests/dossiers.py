"""Small dossiers to test with: all sixteen tables are there, and a valid row of each is one call away.

>>> row("cities", id="delft", country="NL")["name"]
'Vienna'
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import ingest
from seismic_graph.errors import DataError, Problem
from seismic_graph.ingest import ClosedLists
from seismic_graph.settings import Settings
from seismic_graph.sources.dossier import TABLES

Row = Mapping[str, str]

MINIMAL: dict[str, Row] = {
    "sources": {"id": "s1", "url": "http://e.org/1", "title": "A page", "publisher": "E", "language": "en"},
    "organisations": {"id": "ait", "name": "AIT", "kind": "research", "sources": "s1"},
    "cities": {"id": "vienna", "name": "Vienna", "country": "AT", "sources": "s1"},
    "networks": {"id": "nanets", "name": "All networks", "sources": "s1"},
    "participations": {"org": "ait", "in": "seismic", "role": "partner", "sources": "s1"},
    "events": {"id": "forum", "title": "The forum", "kind": "conference", "sources": "s1"},
    "themes": {"id": "space", "label_en": "Urban space", "sources": "s1"},
    "agenda_items": {"id": "sria", "agenda": "sria", "title": "The agenda", "kind": "agenda", "sources": "s1"},
    "programmes": {"id": "jpi", "name": "JPI Urban Europe", "kind": "joint-programming-initiative", "sources": "s1"},
    "calls": {"id": "pilot", "title": "The pilot call", "sources": "s1"},
    "projects": {"id": "seismic", "acronym": "SEiSMiC", "sources": "s1"},
    "initiatives": {"id": "garden", "name": "A garden", "sources": "s1"},
    "documents": {"id": "guide", "title": "The guide", "kind": "guide", "sources": "s1"},
    "recommendations": {"id": "need", "statement": "Room is needed.", "kind": "need", "from": "nanets", "sources": "s1"},
    "claims": {
        "id": "claim-1",
        "statement": "The project reached the programme.",
        "claimed_by": "ait",
        "subjects": "seismic",
        "object": "jpi",
        "sources": "s1",
    },
    "flows": {
        "id": "flow-1",
        "from": "seismic",
        "to": "jpi",
        "kind": "informed",
        "direction": "bottom-up",
        "statement": "It was heard.",
        "sources": "s1",
    },
}
"""One valid row a table; together they are a valid dossier."""


def row(table: str, **cells: str) -> dict[str, str]:
    """The minimal row of a table with other cells; ``from_`` and ``in_`` stand for Python's keywords."""
    return {**MINIMAL[table], **{name.rstrip("_"): cell for name, cell in cells.items()}}


def text(table: str, rows: Iterable[Row]) -> str:
    """A table as CSV text, all its columns in order, LF at the end of each line."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(TABLES[table].columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()


def write_dossier(folder: Path, **tables: Iterable[Row] | str | bytes) -> Path:
    """A dossier of the given tables, as rows or as they are to stand in the file.

    The tables that are not given hold their header alone, except ``sources``, which holds ``s1``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        content = tables.pop(name, [MINIMAL["sources"]] if name == "sources" else [])
        if not isinstance(content, str | bytes):
            content = text(name, content)
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert not tables, f"no such tables: {', '.join(tables)}"
    return folder


def write_minimal(folder: Path, **tables: Iterable[Row] | str | bytes) -> Path:
    """A dossier with the minimal row in every table, but for the given ones."""
    return write_dossier(folder, **{name: [cells] for name, cells in MINIMAL.items()} | tables)


@cache
def closed_lists() -> ClosedLists:
    """The closed lists of the ontology as it ships."""
    return ingest.closed_lists(ingest.ontology_quads(Settings().ontology_files()))


def triples(folder: Path) -> set[ox.Triple]:
    """What a dossier says, read without error; no store in between, so every literal is as it was written."""
    lines = ingest.read_dossier(folder, closed_lists())
    read = [quad.triple for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES)]
    assert len(read) == len(set(read)) == len(lines), "a line is repeated or holds more than one triple"
    return set(read)


def problems(folder: Path) -> tuple[Problem, ...]:
    """All that is wrong with a dossier; empty where nothing is."""
    try:
        ingest.read_dossier(folder, closed_lists())
    except DataError as error:
        return error.problems
    return ()


def found(folder: Path) -> list[tuple[str, int | None, str | None, str | None]]:
    """File, row, column and value of all that is wrong with a dossier."""
    return [(problem.file, problem.row, problem.column, problem.value) for problem in problems(folder)]
