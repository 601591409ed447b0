"""Every column of every table is accounted for: it is mapped, or it says why not. And every row becomes a node."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import ingest
from seismic_graph.settings import Settings
from seismic_graph.sources.dossier import TABLES
from seismic_graph.store import text_of
from seismic_graph.vocabulary import BASE, DCTERMS, RDF, SG, entity_iri
from tests.dossiers import MINIMAL, Row, closed_lists, row, triples, write_minimal

OTHERS: dict[str, Row] = {
    "sources": {"id": "s2", "url": "http://e.org/2"},
    "organisations": {"id": "p31"},
    "cities": {"id": "delft"},
    "networks": {"id": "nanet-2"},
    "participations": {"role": "observer"},
    "events": {"id": "forum-2"},
    "themes": {"id": "economy"},
    "agenda_items": {"id": "sria-2", "agenda": "sria-2"},
    "programmes": {"id": "fp7"},
    "calls": {"id": "ensuf"},
    "projects": {"id": "boost"},
    "initiatives": {"id": "market"},
    "documents": {"id": "book"},
    "recommendations": {"id": "insight"},
    "claims": {"id": "claim-2"},
    "flows": {"id": "flow-2"},
}
"""A second row a table, to refer to."""

_NUMBERS = ("12", "13")
_DATES = ("2015", "2015-02-03")
_TEXTS = ("One text", "Another")
CELLS: dict[str, dict[str, tuple[str, str]]] = {
    "sources": {
        "id": ("x", "y"),
        "url": ("http://e.org/3", "http://e.org/4"),
        "title": _TEXTS,
        "publisher": _TEXTS,
        "published": _DATES,
        "language": ("sv", "nl"),
        "note": _TEXTS,
    },
    "organisations": {
        "id": ("x", "y"),
        "name": _TEXTS,
        "name_local": _TEXTS,
        "kind": ("ngo", "company"),
        "country": ("SE", "NL"),
        "city": ("vienna", "delft"),
        "homepage": ("http://e.org", "http://e.com"),
        "cordis_pic": ("123456789", "987654321"),
        "wikidata": ("Q1", "Q2"),
        "ror": ("012345678", "087654321"),
        "sources": ("s1", "s1;s2"),
        "note": _TEXTS,
    },
    "cities": {
        "id": ("x", "y"),
        "name": _TEXTS,
        "name_local": _TEXTS,
        "country": ("SE", "NL"),
        "lat": _NUMBERS,
        "lon": _NUMBERS,
        "geonames": _NUMBERS,
        "wikidata": ("Q1", "Q2"),
        "nuts3": ("SE110", "SE111"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "networks": {
        "id": ("x", "y"),
        "name": _TEXTS,
        "country": ("SE", "NL"),
        "part_of": ("seismic", "nanets"),
        "host_orgs": ("ait", "ait;p31"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "participants": _NUMBERS,
        "meetings": _NUMBERS,
        "working_language": ("sv", "nl"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "participations": {
        "org": ("ait", "p31"),
        "in": ("seismic", "boost"),
        "role": ("member", "advisor"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "events": {
        "id": ("x", "y"),
        "title": _TEXTS,
        "kind": ("webinar", "workshop"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "city": ("vienna", "delft"),
        "country": ("SE", "NL"),
        "organisers": ("ait", "jpi"),
        "networks": ("nanets", "nanets;nanet-2"),
        "themes": ("space", "economy"),
        "participants": _NUMBERS,
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "themes": {
        "id": ("x", "y"),
        "label_en": _TEXTS,
        "label_local": _TEXTS,
        "broader": ("space", "economy"),
        "scheme": ("pilot", "A framework"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "agenda_items": {
        "id": ("x", "y"),
        "agenda": ("sria", "sria-2"),
        "code": _NUMBERS,
        "title": _TEXTS,
        "kind": ("topic", "action"),
        "parent": ("sria", "sria-1"),
        "published": _DATES,
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "programmes": {
        "id": ("x", "y"),
        "name": _TEXTS,
        "acronym": _TEXTS,
        "kind": ("eu-policy", "eu-strategy"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "parent": ("jpi", "fp7"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "calls": {
        "id": ("x", "y"),
        "title": _TEXTS,
        "acronym": _TEXTS,
        "opened": _DATES,
        "closed": ("2016", "2017"),
        "budget_eur": _NUMBERS,
        "programme": ("jpi", "fp7"),
        "topics": ("space", "economy"),
        "agenda_items": ("sria", "sria-2"),
        "funders": ("ait", "p31"),
        "countries": ("SE", "SE;NL"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "projects": {
        "id": ("x", "y"),
        "acronym": _TEXTS,
        "title": _TEXTS,
        "call": ("pilot", "ensuf"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "coordinator": ("ait", "p31"),
        "countries": ("SE", "NL"),
        "cities": ("vienna", "delft"),
        "themes": ("space", "economy"),
        "homepage": ("http://e.org", "http://e.com"),
        "cordis_id": ("612493", "612494"),
        "funding_eur": _NUMBERS,
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "initiatives": {
        "id": ("x", "y"),
        "name": _TEXTS,
        "city": ("vienna", "delft"),
        "country": ("SE", "NL"),
        "network": ("nanets", "nanet-2"),
        "themes": ("space", "economy"),
        "started": _DATES,
        "description": _TEXTS,
        "homepage": ("http://e.org", "http://e.com"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "documents": {
        "id": ("x", "y"),
        "title": _TEXTS,
        "kind": ("book", "video"),
        "published": _DATES,
        "publisher": ("ait", "A press"),
        "authors": ("A. A.", "A. A.;B. B."),
        "language": ("sv", "nl"),
        "url": ("http://e.org", "http://e.com"),
        "isbn": ("978-82-14-07729-2", "9788214077292"),
        "doi": ("10.1186/s42854-020-00012-y", "10.1186/s42854-022-00037-5"),
        "about": ("space", "economy"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "recommendations": {
        "id": ("x", "y"),
        "statement": _TEXTS,
        "kind": ("insight", "recommendation"),
        "from": ("nanets", "forum"),
        "date": _DATES,
        "themes": ("space", "economy"),
        "addressed_to": ("jpi", "fp7"),
        "document": ("guide", "book"),
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "claims": {
        "id": ("x", "y"),
        "statement": _TEXTS,
        "claimed_by": ("ait", "A speaker"),
        "subjects": ("seismic", "all recommendations of seismic"),
        "object": ("jpi", "all programmes"),
        "date": _DATES,
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
    "flows": {
        "id": ("x", "y"),
        "from": ("seismic", "boost"),
        "to": ("jpi", "fp7"),
        "kind": ("informed", "resulted-in"),
        "start": _DATES,
        "end": ("2016", "2017"),
        "direction": ("bottom-up", "top-down"),
        "statement": _TEXTS,
        "sources": ("s1", "s2"),
        "note": _TEXTS,
    },
}
"""Two possible cells a column. Filled with the first of each, a row is valid, and stays so when one cell is the second."""


def read(table: str, cells: Row, folder: Path) -> set[ox.Triple]:
    """What a dossier says that holds such a row beside two others."""
    rows = {name: [first, row(name, **OTHERS[name])] for name, first in MINIMAL.items()}
    rows["agenda_items"].append(row("agenda_items", id="sria-1", kind="topic"))
    return triples(write_minimal(folder, **rows | {table: [*rows[table], cells]}))


def first(table: str, column: str) -> dict[str, str]:
    """The first of each cell, for a test of one column. An item of another agenda cannot keep its parent."""
    cells = {name: pair[0] for name, pair in CELLS[table].items()}
    return cells | {"parent": ""} if (table, column) == ("agenda_items", "agenda") else cells


COLUMNS = [(table, column) for table, how in TABLES.items() for column in how.columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_is_mapped_or_says_why_not(table: str, column: str, tmp_path: Path) -> None:
    cells, how = CELLS[table][column], TABLES[table].columns[column]
    one = read(table, first(table, column), tmp_path / "one")
    other = read(table, first(table, column) | {column: cells[1]}, tmp_path / "other")
    if how.unmapped is None or column == "id":
        assert other - one, "another cell changes nothing: the column is lost"
    else:
        assert len(how.unmapped.split()) > 5, "the reason is missing"
        assert one == other, "the column says that it is not mapped, and changes something"


@pytest.mark.parametrize(("table", "column"), [pair for pair in COLUMNS if not TABLES[pair[0]].columns[pair[1]].required])
def test_a_cell_that_is_not_empty_says_something(table: str, column: str, tmp_path: Path) -> None:
    how = TABLES[table]
    together = how.whole if column in how.whole else (column,)
    without = read(table, first(table, column) | dict.fromkeys(together, ""), tmp_path / "without")
    added = read(table, first(table, column), tmp_path / "with") - without
    assert (len(added) >= 1) is (how.columns[column].unmapped is None)


@pytest.mark.parametrize("file", Settings().dossier_files(), ids=lambda file: file.name)
def test_the_columns_of_the_dossier_are_those_of_the_mapping(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        assert next(csv.reader(lines)) == list(TABLES[file.stem].columns)


def test_the_tables_of_the_dossier_are_those_of_the_mapping() -> None:
    assert {file.stem for file in Settings().dossier_files()} == set(TABLES)


@pytest.fixture(scope="module")
def records() -> dict[str, list[dict[str, str]]]:
    """The tables of the dossier as the csv module reads them."""
    tables = {}
    for file in Settings().dossier_files():
        with file.open(encoding="utf-8", newline="") as lines:
            tables[file.stem] = list(csv.DictReader(lines))
    return tables


@pytest.fixture(scope="module")
def said() -> set[ox.Triple]:
    """All triples of the dossier."""
    lines = ingest.read_dossier(Settings().dossier, closed_lists())
    return {quad.triple for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES)}


def test_every_row_of_the_dossier_becomes_one_node(records: dict[str, list[dict[str, str]]], said: set[ox.Triple]) -> None:
    nodes = [(text_of(triple.object), triple.subject) for triple in said if triple.predicate.value == SG.row]
    rows = [f"{BASE}dossier/{name}.csv#row={number}" for name, table in records.items() for number in range(2, len(table) + 2)]
    assert sorted(place for place, _ in nodes) == sorted(rows)
    assert len({node for _, node in nodes}) == len(rows), "two rows share a node"
    assert {triple.subject for triple in said} == {node for _, node in nodes}, "a node comes of no row"


def test_there_are_as_many_nodes_of_a_class_as_rows_in_its_table(records: dict[str, list[dict[str, str]]], said: set[ox.Triple]) -> None:
    count = Counter(text_of(triple.object) for triple in said if triple.predicate.value == RDF + "type")
    asked = {table.rdf_class: len(records[name]) for name, table in TABLES.items()}
    money = sum(flow["kind"] == "funded-by" for flow in records["flows"])
    asked |= {
        SG.KnowledgeFlow: len(records["flows"]) - money,
        SG.Funding: money,
        SG.Agenda: sum(item["kind"] == "agenda" for item in records["agenda_items"]),
        SG.NationalNetwork: 10,
    }
    assert count == asked


def test_every_node_but_the_sources_names_its_sources(records: dict[str, list[dict[str, str]]], said: set[ox.Triple]) -> None:
    cited = Counter(triple.subject for triple in said if triple.predicate.value == DCTERMS + "source")
    nodes = {triple.subject for triple in said if triple.predicate.value == RDF + "type" and text_of(triple.object) != SG.Source}
    assert set(cited) == nodes
    assert cited.total() == sum(len(cells["sources"].split(";")) for table in records.values() for cells in table if "sources" in cells)


@pytest.mark.parametrize(("column", "predicate"), [("subjects", SG.claimSubjects), ("object", SG.claimObject)])
def test_who_a_claim_speaks_of_is_kept_as_it_is_written(
    column: str, predicate: str, records: dict[str, list[dict[str, str]]], said: set[ox.Triple]
) -> None:
    kept = {text_of(triple.subject): triple.object for triple in said if triple.predicate.value == predicate}
    assert kept == {entity_iri("claim", cells["id"]): ox.Literal(cells[column]) for cells in records["claims"]}
