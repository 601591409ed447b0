"""The mapping, case by case: a folder with tables, and ``expected.nq`` with exactly the quads that must come out.

The cases are in the manner of the RML test cases: https://kg-construct.github.io/rml-core/test-cases/docs/
The tables that a case leaves out hold their header alone.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph.ingest import DOSSIER_GRAPH, ingest_dossier
from seismic_graph.sources.dossier import TABLES
from seismic_graph.store import EmbeddedStore
from tests.dossiers import closed_lists, triples, write_dossier

CASES = sorted(folder for folder in Path(__file__).parent.iterdir() if list(folder.glob("*.csv")) or (folder / "expected.nq").exists())


def complete(case: Path, folder: Path) -> Path:
    """The dossier of a case, byte for byte, with the tables that it leaves out."""
    return write_dossier(folder, **{file.stem: file.read_bytes() for file in case.glob("*.csv")})


def expected(case: Path) -> set[ox.Triple]:
    quads = list(ox.parse(path=str(case / "expected.nq"), format=ox.RdfFormat.N_QUADS))
    assert {quad.graph_name for quad in quads} <= {ox.NamedNode(DOSSIER_GRAPH)}
    assert not [quad for quad in quads if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)]
    return {quad.triple for quad in quads}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tables_become_exactly_the_expected_quads(case: Path, tmp_path: Path) -> None:
    found, asked = triples(complete(case, tmp_path)), expected(case)
    assert sorted(map(str, found - asked)) == [], "not expected"
    assert sorted(map(str, asked - found)) == [], "missing"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_store_holds_every_quad_once(case: Path, tmp_path: Path) -> None:
    store = EmbeddedStore()
    count = ingest_dossier(store, complete(case, tmp_path), closed_lists())
    assert len(store.inner) == count == len(expected(case))


def test_every_table_has_a_case_of_its_own() -> None:
    assert {name.replace("_", "-") for name in TABLES} <= {case.name for case in CASES}


@pytest.mark.parametrize("table", TABLES)
def test_the_case_of_a_table_fills_every_column(table: str) -> None:
    import csv

    file = Path(__file__).parent / table.replace("_", "-") / f"{table}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [column for column in TABLES[table].columns if not any(row[column] for row in rows)] == []
