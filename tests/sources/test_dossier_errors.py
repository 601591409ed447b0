"""What is wrong with a dossier is named to the cell: file, row, column, value, and what to change."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seismic_graph import ingest
from seismic_graph.errors import DataError, Problem
from seismic_graph.sources.dossier import TABLES
from seismic_graph.store import EmbeddedStore
from tests.dossiers import MINIMAL, Row, closed_lists, found, problems, row, text, write_dossier, write_minimal


def the(folder: Path) -> Problem:
    """The one problem of a dossier."""
    (problem,) = problems(folder)
    return problem


def header(table: str) -> str:
    return text(table, [])


NAMES = "The columns are id, name, name_local, country, lat, lon, geonames, wikidata, nuts3, sources, note."
HEADER = "id,name,name_local,country,lat,lon,geonames,wikidata,nuts3,sources,note"
VIENNA = "vienna,Vienna,,AT,,,,,,s1,"


# ---- the file as a whole ----


def test_a_missing_table(tmp_path: Path) -> None:
    (write_dossier(tmp_path) / "cities.csv").unlink()
    asked = Problem(
        "cities.csv", None, None, None, "the table is missing.", f"Put cities.csv into {tmp_path}, with at least its header row."
    )
    assert the(tmp_path) == asked


def test_a_missing_folder(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert the(folder) == Problem(str(folder), None, None, None, "there is no such folder.", "Name the folder that holds the tables.")


def test_a_table_that_cannot_be_opened(tmp_path: Path) -> None:
    (write_dossier(tmp_path) / "cities.csv").unlink()
    (tmp_path / "cities.csv").mkdir()
    assert the(tmp_path) == Problem("cities.csv", None, None, None, "cannot be read (Is a directory).", "Make it a readable file.")


def test_a_table_too_many(tmp_path: Path) -> None:
    (write_dossier(tmp_path) / "people.csv").write_text("id\n")
    remedy = "Remove it; the tables are " + ", ".join(TABLES) + "."
    assert the(tmp_path) == Problem("people.csv", None, None, None, "is no table of the dossier.", remedy)


def test_files_that_are_no_tables_are_left_alone(tmp_path: Path) -> None:
    (write_dossier(tmp_path) / "README.md").write_text("# Dossier")
    assert problems(tmp_path) == ()


@pytest.mark.parametrize("content", ["", "\n", "\r\n", ",,,,\n", "\ufeff"])
def test_an_empty_file(content: str, tmp_path: Path) -> None:
    assert the(write_dossier(tmp_path, cities=content)) == Problem("cities.csv", 1, None, None, "the file has no header row.", NAMES)


def test_latin_1_names_the_byte_and_the_line(tmp_path: Path) -> None:
    content = f"{HEADER}\n{VIENNA}\nmalmoe,Malmö,,SE,,,,,,s1,\n".encode("latin-1")
    asked = Problem(
        "cities.csv",
        None,
        None,
        None,
        "is not UTF-8: byte 0xf6 in line 3.",
        "Save the file as UTF-8 (it looks like Latin-1 or Windows-1252).",
    )
    assert the(write_dossier(tmp_path, cities=content)) == asked
    assert the(write_dossier(tmp_path, cities=content.replace(b"\n", b"\r\n"))) == asked
    assert the(write_dossier(tmp_path, cities=content.replace(b"\n", b"\r"))) == asked


def test_utf_16_is_named_as_such(tmp_path: Path) -> None:
    problem = the(write_dossier(tmp_path, cities=f"{HEADER}\n{VIENNA}\n".encode("utf-16")))
    assert (problem.message, problem.remedy) == ("is not UTF-8: byte 0xff in line 1.", "Save the file as UTF-8 (it looks like UTF-16).")


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_cells_that_are_not_separated_by_commas(mark: str, name: str, tmp_path: Path) -> None:
    content = f"{HEADER}\n{VIENNA}\n".replace(",", mark)
    asked = Problem(
        "cities.csv", 1, None, None, f"its cells are separated by {name}.", "Save the file with commas between the cells (RFC 4180)."
    )
    assert the(write_dossier(tmp_path, cities=content)) == asked


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_byte_order_marks_and_every_line_end_are_fine(mark: str, end: str, last: bool, tmp_path: Path) -> None:
    content = mark + end.join([HEADER, VIENNA]) + (end if last else "")
    assert problems(write_dossier(tmp_path, cities=content)) == ()


# ---- the header ----


def test_an_unknown_column(tmp_path: Path) -> None:
    asked = Problem("cities.csv", 1, "mayor", None, "unknown column.", f"Remove or rename it. {NAMES}")
    assert the(write_dossier(tmp_path, cities=f"{HEADER},mayor\n{VIENNA},N. N.\n")) == asked


def test_a_missing_column(tmp_path: Path) -> None:
    content = f"{HEADER}\n{VIENNA}\n".replace("nuts3,", "", 1).replace(",,,,,,", ",,,,,", 1)
    assert the(write_dossier(tmp_path, cities=content)) == Problem("cities.csv", 1, "nuts3", None, "the column is missing.", NAMES)


def test_a_doubled_column(tmp_path: Path) -> None:
    asked = Problem("cities.csv", 1, "note", None, "the column stands more than once.", NAMES)
    assert the(write_dossier(tmp_path, cities=f"{HEADER},note\n{VIENNA},\n")) == asked


def test_a_column_without_a_name(tmp_path: Path) -> None:
    asked = Problem("cities.csv", 1, None, None, "cell 12 of the header is empty.", f"Name the column, or remove it. {NAMES}")
    assert the(write_dossier(tmp_path, cities=f"{HEADER},\n{VIENNA},\n")) == asked


def test_a_renamed_column_is_both_unknown_and_missing(tmp_path: Path) -> None:
    assert found(write_dossier(tmp_path, cities=HEADER.replace("country", "Country") + "\n")) == [
        ("cities.csv", 1, "Country", None),
        ("cities.csv", 1, "country", None),
    ]


# ---- the rows ----


@pytest.mark.parametrize(("line", "count"), [(VIENNA + ",", 12), ("vienna,Vienna,AT", 3), ("vienna", 1)])
def test_a_wrong_number_of_cells(line: str, count: int, tmp_path: Path) -> None:
    asked = Problem(
        "cities.csv",
        3,
        None,
        None,
        f"{count} cells instead of 11.",
        "Put cells with a comma into double quotes, or fill in the missing commas.",
    )
    assert the(write_dossier(tmp_path, cities=f"{HEADER}\n{VIENNA.replace('vienna', 'graz')}\n{line}\n")) == asked


@pytest.mark.parametrize("line", ["", ",,,,,,,,,,", "  ,\t,,,,,,,,,"])
def test_an_empty_row(line: str, tmp_path: Path) -> None:
    asked = Problem("cities.csv", 2, None, None, "the row is empty.", "Remove it.")
    assert the(write_dossier(tmp_path, cities=f"{HEADER}\n{line}\n{VIENNA}\n")) == asked


def test_rows_are_counted_as_records_not_as_lines(tmp_path: Path) -> None:
    rows = [
        row("cities", note="two\nlines"),
        row("cities", id="graz", note="and\r\nthree\r\nlines"),
        row("cities", id="linz", country="XX"),
    ]
    assert found(write_dossier(tmp_path, cities=rows)) == [("cities.csv", 4, "country", "XX")]


def test_an_unclosed_quote_names_where_its_record_starts(tmp_path: Path) -> None:
    content = f'{HEADER}\nlinz,"Linz\non the Danube",,AT,,,,,,s1,\ngraz,"Graz,,AT,,,,,,s1,\n{VIENNA}\n'
    asked = Problem(
        "cities.csv",
        3,
        None,
        None,
        "is not CSV as in RFC 4180 (unexpected end of data, in the record that starts in line 4); nothing after it was read.",
        "Double the quotes inside a quoted cell, and close every quote.",
    )
    assert the(write_dossier(tmp_path, cities=content)) == asked


def test_a_quote_inside_a_quoted_cell(tmp_path: Path) -> None:
    content = f'{HEADER}\n,,,,,,,,,,\n{VIENNA}\ngraz,"The "Graz" of old",,AT,,,,,,s1,\nlinz,Linz,,XX,,,,,,s1,\n'
    first, second = problems(write_dossier(tmp_path, cities=content))
    assert (first.row, first.message) == (2, "the row is empty.")
    assert (second.row, second.message) == (
        4,
        "is not CSV as in RFC 4180 (',' expected after '\"', in the record that starts in line 4); nothing after it was read.",
    )


def test_the_rows_before_a_broken_one_are_read(tmp_path: Path) -> None:
    content = f'{HEADER}\n{VIENNA.replace("AT", "XX")}\ngraz,"Graz,,AT,,,,,,s1,\n'
    assert found(write_dossier(tmp_path, cities=content, events=[row("events", city="vienna")])) == [
        ("cities.csv", 2, "country", "XX"),
        ("cities.csv", 3, None, None),
    ]


def test_a_header_that_is_not_csv(tmp_path: Path) -> None:
    problem = the(write_dossier(tmp_path, cities='"id,name\n'))
    assert (problem.row, problem.column) == (1, None)
    assert "in the record that starts in line 1" in problem.message


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x96", "\ufffd", "\uffff"])
def test_characters_that_no_text_has(character: str, tmp_path: Path) -> None:
    asked = Problem(
        "cities.csv",
        2,
        "note",
        f"a{character}b",
        f"holds the character U+{ord(character):04X}, which no text has.",
        "Remove it, or write the character that was meant.",
    )
    assert the(write_dossier(tmp_path, cities=[row("cities", note=f"a{character}b")])) == asked


def test_a_character_at_the_end_of_a_cell_is_not_taken_for_a_blank(tmp_path: Path) -> None:
    rows = [row("cities", note="a\x1f"), row("cities", id="graz", note="\x85"), row("cities", id="linz", note="\u00a0a ")]
    places = [("cities.csv", 2, "note", "a\x1f"), ("cities.csv", 3, "note", "\x85")]
    assert found(write_dossier(tmp_path, cities=rows)) == places


def test_a_nul_byte_in_an_id(tmp_path: Path) -> None:
    assert found(write_dossier(tmp_path, cities=[row("cities", id="vi\x00enna")])) == [("cities.csv", 2, "id", "vi\x00enna")]


# ---- ids ----


@pytest.mark.parametrize("slug", ["Vienna", "vi enna", "vienna_2", "wien–2", "vienna-", "-vienna", "a--b", "a/b", "a#b", "ä", "a;b", "１"])
def test_a_malformed_id(slug: str, tmp_path: Path) -> None:
    remedy = "Use lower-case letters and digits, with single hyphens or dots between them."
    assert the(write_dossier(tmp_path, cities=[row("cities", id=slug)])) == Problem("cities.csv", 2, "id", slug, "not an id.", remedy)


@pytest.mark.parametrize("slug", ["Two words", "<", "ä", "a--b", 'a"b'])
def test_a_malformed_id_that_is_referred_to_is_named_once(slug: str, tmp_path: Path) -> None:
    folder = write_minimal(
        tmp_path,
        sources=[row("sources"), row("sources", id=slug, url="")],
        cities=[row("cities", sources=slug)],
    )
    assert found(folder) == [("sources.csv", 3, "id", slug)]
    folder = write_minimal(
        tmp_path, agenda_items=[row("agenda_items", id=slug, agenda=slug), row("agenda_items", id="b", kind="topic", agenda=slug)]
    )
    assert found(folder) == [("agenda_items.csv", 2, "id", slug)]
    folder = write_minimal(
        tmp_path, themes=[row("themes", id=slug), row("themes", id="b", broader=slug)], documents=[row("documents", about=slug)]
    )
    assert found(folder) == [("themes.csv", 2, "id", slug)]


@pytest.mark.parametrize("slug", ["", " ", "\t \u00a0"])
def test_an_id_of_blanks_is_an_empty_cell(slug: str, tmp_path: Path) -> None:
    rows = [row("cities", id=slug, name="One"), row("cities", id=slug, name="Two")]
    asked = [
        Problem("cities.csv", number, "id", None, "the cell is empty.", "Fill it: the row means nothing without it.") for number in (2, 3)
    ]
    assert list(problems(write_dossier(tmp_path, cities=rows))) == asked


@pytest.mark.parametrize("table", ["themes", "agenda_items", "programmes", "networks"])
def test_rows_without_an_id_stand_above_nothing(table: str, tmp_path: Path) -> None:
    places = found(write_dossier(tmp_path, **{table: [row(table, id=""), row(table, id="")]}))
    assert [place for place in places if place[2] == "id"] == [(f"{table}.csv", 2, "id", None), (f"{table}.csv", 3, "id", None)]
    assert not {place[2] for place in places} - {"id", "agenda"}


def test_blanks_around_an_id_do_not_count(tmp_path: Path) -> None:
    asked = Problem(
        "cities.csv",
        3,
        "id",
        "vienna",
        "duplicate id: cities.csv, row 2 has it already.",
        "Give each row an id of its own, or merge the rows.",
    )
    assert the(write_dossier(tmp_path, cities=[row("cities"), row("cities", id=" vienna ")])) == asked


@pytest.mark.parametrize("other", ["sources", "organisations", "themes", "flows"])
def test_an_id_of_another_table(other: str, tmp_path: Path) -> None:
    rows: dict[str, list[Row]] = {"cities": [row("cities", id="same")]}
    rows[other] = [*([MINIMAL[other]] if other == "sources" else []), row(other, id="same", url="")]
    rows[other] = [{column: cell for column, cell in cells.items() if column in TABLES[other].columns} for cells in rows[other]]
    if other == "flows":
        rows |= {"projects": [row("projects")], "programmes": [row("programmes")]}
    first, second = sorted(["cities", other], key=list(TABLES).index)
    place = len(rows[first]) + 1
    asked = (f"{second}.csv", len(rows[second]) + 1, "id", f"duplicate id: {first}.csv, row {place} has it already.")
    problem = the(write_dossier(tmp_path, **rows))
    assert (problem.file, problem.row, problem.column, problem.message) == asked


def test_the_same_participation_twice(tmp_path: Path) -> None:
    twice = [row("participations"), row("participations", role="member"), row("participations", start="2015")]
    problem = the(write_minimal(tmp_path, participations=twice))
    assert (problem.file, problem.row, problem.column, problem.value) == ("participations.csv", 4, "org+in+role", "ait--seismic--partner")
    assert problem.message == "duplicate id: participations.csv, row 2 has it already."


def test_a_participation_without_a_part_of_its_key(tmp_path: Path) -> None:
    rows = [row("participations", in_=""), row("participations", in_=""), row("participations", role="")]
    assert found(write_minimal(tmp_path, participations=rows)) == [
        ("participations.csv", 2, "in", None),
        ("participations.csv", 3, "in", None),
        ("participations.csv", 4, "role", None),
    ]


# ---- references ----


@pytest.mark.parametrize(
    ("table", "column", "named"),
    [
        ("organisations", "city", "cities.csv has"),
        ("networks", "host_orgs", "organisations.csv has"),
        ("networks", "part_of", "no table has"),
        ("participations", "org", "no table has"),
        ("participations", "in", "no table has"),
        ("events", "city", "cities.csv has"),
        ("events", "organisers", "no table has"),
        ("events", "networks", "networks.csv has"),
        ("events", "themes", "themes.csv has"),
        ("themes", "broader", "themes.csv has"),
        ("themes", "scheme", "no table has"),
        ("agenda_items", "agenda", "agenda_items.csv has"),
        ("agenda_items", "parent", "agenda_items.csv has"),
        ("programmes", "parent", "programmes.csv has"),
        ("calls", "programme", "programmes.csv has"),
        ("calls", "topics", "themes.csv has"),
        ("calls", "agenda_items", "agenda_items.csv has"),
        ("calls", "funders", "organisations.csv has"),
        ("projects", "call", "calls.csv has"),
        ("projects", "coordinator", "organisations.csv has"),
        ("projects", "cities", "cities.csv has"),
        ("projects", "themes", "themes.csv has"),
        ("initiatives", "city", "cities.csv has"),
        ("initiatives", "network", "networks.csv has"),
        ("initiatives", "themes", "themes.csv has"),
        ("documents", "publisher", "no table has"),
        ("documents", "about", "no table has"),
        ("recommendations", "from", "no table has"),
        ("recommendations", "themes", "themes.csv has"),
        ("recommendations", "addressed_to", "no table has"),
        ("recommendations", "document", "documents.csv has"),
        ("claims", "claimed_by", "no table has"),
        ("claims", "subjects", "no table has"),
        ("claims", "object", "no table has"),
        ("flows", "from", "no table has"),
        ("flows", "to", "no table has"),
    ],
)
def test_an_id_that_no_row_has(table: str, column: str, named: str, tmp_path: Path) -> None:
    cells = dict(MINIMAL[table]) | {column: "nowhere"}
    if (table, column) == ("agenda_items", "agenda"):
        cells["kind"] = "priority"
    message = f"{named} {'a' if named == 'no table has' else 'no'} row with this id."
    asked = Problem(f"{table}.csv", 2, column, "nowhere", message, "Add the row, or correct the id.")
    assert asked in problems(write_minimal(tmp_path, **{table: [cells]}))
    assert [problem for problem in problems(tmp_path) if problem.value == "nowhere"] == [asked]


def test_only_the_wrong_ids_of_a_list_are_named(tmp_path: Path) -> None:
    rows = [row("documents", about="space; nowhere;sria;elsewhere")]
    assert found(write_minimal(tmp_path, documents=rows)) == [
        ("documents.csv", 2, "about", "nowhere"),
        ("documents.csv", 2, "about", "elsewhere"),
    ]


def test_an_id_of_the_wrong_table(tmp_path: Path) -> None:
    asked = Problem(
        "events.csv",
        2,
        "city",
        "seismic",
        "the id is of a row of projects.csv; the column is for rows of cities.csv.",
        "Correct the id.",
    )
    assert the(write_minimal(tmp_path, events=[row("events", city="seismic")])) == asked


@pytest.mark.parametrize("column", ["city", "kind", "country"])
def test_a_list_where_one_value_is_expected(column: str, tmp_path: Path) -> None:
    asked = Problem("events.csv", 2, column, "AT;NL", "one value is expected.", "Keep one; the column takes no list.")
    assert the(write_minimal(tmp_path, events=[row("events", **{column: "AT;NL"})])) == asked


def test_ids_that_a_damaged_row_or_table_may_have_are_not_called_wrong(tmp_path: Path) -> None:
    events = [row("events", city="vienna", themes="space")]
    short = f"{HEADER}\nvienna,Vienna\n"
    assert found(write_minimal(tmp_path, events=events, cities=short)) == [("cities.csv", 2, None, None)]
    assert found(write_minimal(tmp_path, events=events, cities=f'{HEADER}\n"')) == [("cities.csv", 2, None, None)]
    assert found(write_minimal(tmp_path, events=events, cities="")) == [("cities.csv", 1, None, None)]
    assert found(write_minimal(tmp_path, events=[row("events", city="graz")], cities=short)) == [
        ("cities.csv", 2, None, None),
        ("events.csv", 2, "city", "graz"),
    ]
    assert [place[0] for place in found(write_minimal(tmp_path, sources=b"\xff"))] == ["sources.csv"]
    assert found(write_minimal(tmp_path, events=[row("events", city="graz")], themes="")) == [
        ("events.csv", 2, "city", "graz"),
        ("themes.csv", 1, None, None),
    ]


# ---- selectors ----


def test_ids_and_selectors_that_a_claim_may_hold(tmp_path: Path) -> None:
    for cell in ("ait", "all national networks", "all recommendations of seismic", "ait; all calls;all projects of jpi"):
        assert problems(write_minimal(tmp_path, claims=[row("claims", subjects=cell, object=cell)])) == ()


@pytest.mark.parametrize("value", ["every network", "All networks", "all", "Seismic", "networks of seismic", "allnetworks!"])
@pytest.mark.parametrize("column", ["subjects", "object"])
def test_what_is_neither_an_id_nor_a_selector(column: str, value: str, tmp_path: Path) -> None:
    message = "no table has a row with this id." if value == "all" else "is neither an id nor a selector."
    remedy = "Write the id of a row, or a selector such as all national networks or all recommendations of seismic."
    remedy = "Add the row, or correct the id." if value == "all" else remedy
    asked = Problem("claims.csv", 2, column, value, message, remedy)
    assert the(write_minimal(tmp_path, claims=[row("claims", **{column: f"seismic;{value}"})])) == asked


@pytest.mark.parametrize("column", ["subjects", "object"])
def test_a_selector_of_a_row_that_is_not_there(column: str, tmp_path: Path) -> None:
    claims = [row("claims", **{column: "all needs of nowhere;all networks;elsewhere;all calls of s1"})]
    assert found(write_minimal(tmp_path, claims=claims)) == [
        ("claims.csv", 2, column, "nowhere"),
        ("claims.csv", 2, column, "elsewhere"),
        ("claims.csv", 2, column, "s1"),
    ]
    asked = Problem("claims.csv", 2, column, "nowhere", "no table has a row with this id.", "Add the row, or correct the id.")
    assert problems(tmp_path)[0] == asked


# ---- sources ----


@pytest.mark.parametrize("table", [table for table in TABLES if table != "sources"])
def test_a_row_without_a_source(table: str, tmp_path: Path) -> None:
    asked = Problem(f"{table}.csv", 2, "sources", None, "the cell is empty.", "Fill it: every row needs a source.")
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {"sources": " "}]})) == asked


def test_an_unknown_source(tmp_path: Path) -> None:
    message, remedy = "sources.csv has no row with this id.", "Add the source there, or correct the id."
    asked = Problem("cities.csv", 2, "sources", "s9", message, remedy)
    assert the(write_dossier(tmp_path, cities=[row("cities", sources="s1;s9")])) == asked


def test_a_source_is_no_thing_and_a_thing_is_no_source(tmp_path: Path) -> None:
    rows = [row("documents", about="s1", sources="s1;guide")]
    assert found(write_dossier(tmp_path, documents=rows)) == [("documents.csv", 2, "about", "s1"), ("documents.csv", 2, "sources", "guide")]


def test_two_sources_of_one_address(tmp_path: Path) -> None:
    sources = [
        row("sources", url="https://www.e.org/1/"),
        row("sources", id="s2", url="http://e.org/1"),
        row("sources", id="s3", url="http://e.org/2"),
    ]
    asked = Problem("sources.csv", 3, "url", "http://e.org/1", "row 2 has the same address.", "Keep one row an address, and cite that one.")
    assert the(write_dossier(tmp_path, sources=sources)) == asked


# ---- lists ----


@pytest.mark.parametrize("cell", ["space;space", "space; space"])
def test_the_same_value_twice_in_a_list(cell: str, tmp_path: Path) -> None:
    asked = Problem("events.csv", 2, "themes", cell, "the same value stands twice.", "Name each once.")
    assert the(write_minimal(tmp_path, events=[row("events", themes=cell)])) == asked


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, how in TABLES.items() for column, c in how.columns.items() if c.many]
)
def test_every_list_column_minds_doubles_and_gaps(table: str, column: str, tmp_path: Path) -> None:
    for cell in ("a-name;a-name", "a-name;;b-name", ";", "a-name;"):
        places = found(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: cell}]}))
        assert places == [(f"{table}.csv", 2, column, cell)]


def test_an_empty_value_in_a_list(tmp_path: Path) -> None:
    remedy = "Put one semicolon between two values, and none at either end."
    asked = Problem("cities.csv", 2, "sources", ";", "the list has an empty value.", remedy)
    assert the(write_dossier(tmp_path, cities=[row("cities", sources=";")])) == asked


# ---- closed lists ----


def test_an_unknown_kind(tmp_path: Path) -> None:
    kinds = "action, agenda, dilemma, priority, topic"
    remedy = f"Use one of: {kinds}; or add a concept to the vocabulary agenda-item-kind."
    asked = Problem("agenda_items.csv", 2, "kind", "chapter", "unknown agenda-item-kind.", remedy)
    assert the(write_dossier(tmp_path, agenda_items=[row("agenda_items", kind="chapter")])) == asked


@pytest.mark.parametrize(
    ("table", "column", "scheme"),
    [(table, "kind", None) for table in TABLES if "kind" in TABLES[table].columns]
    + [
        ("participations", "role", "role"),
        ("flows", "direction", "direction"),
        ("cities", "country", "country"),
        ("calls", "countries", "country"),
    ],
)
def test_a_concept_that_no_closed_list_has(table: str, column: str, scheme: str | None, tmp_path: Path) -> None:
    problem = the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: "Other thing"}]}))
    assert (problem.file, problem.row, problem.column, problem.value) == (f"{table}.csv", 2, column, "Other thing")
    assert problem.message == f"unknown {scheme or problem.message.split()[1].rstrip('.')}."
    assert problem.remedy.startswith("Use one of: ")


@pytest.mark.parametrize("code", ["UK", "XX", "at", "AUT", "Austria"])
def test_an_unknown_country(code: str, tmp_path: Path) -> None:
    remedy = "Use one of: the codes of ISO 3166-1 alpha-2; or add a concept to the vocabulary country."
    asked = Problem("cities.csv", 2, "country", code, "unknown country.", remedy)
    assert the(write_dossier(tmp_path, cities=[row("cities", country=code)])) == asked


@pytest.mark.parametrize("tag", ["xx", "swedish", "SV", "sv_SE", "sv-SWE", "sv-XX", "sv;nl", "sv-", "en-a", "zh-hans", "qqq"])
@pytest.mark.parametrize(("table", "column"), [("sources", "language"), ("networks", "working_language"), ("documents", "language")])
def test_an_unknown_language(table: str, column: str, tag: str, tmp_path: Path) -> None:
    remedy = "Use the two letters of ISO 639-1, such as sv, with a country where it matters, such as pt-BR."
    asked = Problem(f"{table}.csv", 2, column, tag, "unknown language.", remedy)
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: tag}]})) == asked


@pytest.mark.parametrize("tag", ["sv", "pt-BR", "zh-Hans", "sr-Latn-RS"])
def test_languages_that_are_known(tag: str, tmp_path: Path) -> None:
    assert problems(write_dossier(tmp_path, sources=[row("sources", language=tag)])) == ()


# ---- dates ----


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2015-02-30", "2015-02 has no day 30"),
        ("2015-02-29", "2015-02 has no day 29"),
        ("1900-02-29", "1900-02 has no day 29"),
        ("2015-13", "there is no month 13"),
        ("2015-00", "there is no month 00"),
        ("2015-09-00", "2015-09 has no day 00"),
        ("0000", "there is no year 0000"),
        ("2015-13-01", "there is no month 13"),
        ("15-09-2015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("30.9.2015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("2015-9-30", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("2015/09/30", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("2015-09-30T12:00", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("２０１５", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("-2015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("12015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("about 2015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
        ("2015;2016", "not a date of the form 2015, 2015-09 or 2015-09-30"),
    ],
)
def test_an_impossible_date(value: str, reason: str, tmp_path: Path) -> None:
    asked = Problem("events.csv", 2, "start", value, f"not a possible date ({reason}).", "Write 2015, 2015-09 or 2015-09-30.")
    assert the(write_dossier(tmp_path, events=[row("events", start=value, end="2016")])) == asked


DATES = [
    (table, column)
    for table, columns in {
        "sources": ["published"],
        "networks": ["start", "end"],
        "participations": ["start", "end"],
        "events": ["start", "end"],
        "agenda_items": ["published"],
        "programmes": ["start", "end"],
        "calls": ["opened", "closed"],
        "projects": ["start", "end"],
        "initiatives": ["started"],
        "documents": ["published"],
        "recommendations": ["date"],
        "claims": ["date"],
        "flows": ["start", "end"],
    }.items()
    for column in columns
]


@pytest.mark.parametrize(("table", "column"), DATES)
def test_every_date_column_minds_the_calendar(table: str, column: str, tmp_path: Path) -> None:
    assert found(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: "2015-02-30"}]})) == [
        (f"{table}.csv", 2, column, "2015-02-30")
    ]
    assert problems(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: "2016-02-29"}]})) == ()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2015", "2014"),
        ("2015-09-30", "2015-09-29"),
        ("2015-09-30", "2015-08"),
        ("2015-09", "2015-08-31"),
        ("2016", "2015-12-31"),
        ("2016-01", "2015"),
    ],
)
@pytest.mark.parametrize("table", ["networks", "participations", "events", "programmes", "calls", "projects", "flows"])
def test_dates_in_the_wrong_order(table: str, start: str, end: str, tmp_path: Path) -> None:
    first, last = ("opened", "closed") if table == "calls" else ("start", "end")
    asked = Problem(f"{table}.csv", 2, last, end, f"lies before {first} ({start}).", "Swap or correct the dates.")
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {first: start, last: end}]})) == asked


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2015-09-30", "2015"),
        ("2015-09-30", "2015-09"),
        ("2015", "2015-01-01"),
        ("2015", "2015"),
        ("2015-02", "2015-02-28"),
        ("", "2015"),
        ("2015", ""),
    ],
)
def test_dates_that_may_be_in_order(start: str, end: str, tmp_path: Path) -> None:
    assert problems(write_dossier(tmp_path, events=[row("events", start=start, end=end)])) == ()


# ---- addresses, numbers, codes ----


@pytest.mark.parametrize(
    "address",
    [
        "www.e.org",
        "ftp://e.org/",
        "http://",
        "http:///path",
        "http://e.org/a b",
        "http://e.org/a|b",
        "http://e.org/<x>",
        'http://e.org/"',
        "http://e.org/100%",
        "http://[e.org/",
        "http://e.org:port/",
        "http://e.org/a\\b",
        "javascript:alert(1)",
        "HTTP://e.org/{}",
    ],
)
@pytest.mark.parametrize(("table", "column"), [("sources", "url"), ("organisations", "homepage"), ("documents", "url")])
def test_a_malformed_address(table: str, column: str, address: str, tmp_path: Path) -> None:
    message = "is not a web address that starts with http:// or https://."
    asked = Problem(f"{table}.csv", 2, column, address, message, "Correct it; percent-encode what does not belong in an address.")
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: address}]})) == asked


@pytest.mark.parametrize("value", ["a hundred", "1,000", "1 000", "-1", "1.5", "1e3", "１２", "9" * 10, "9" * 5000, "+1"])
@pytest.mark.parametrize(("table", "column"), [("networks", "participants"), ("networks", "meetings"), ("events", "participants")])
def test_a_malformed_whole_number(table: str, column: str, value: str, tmp_path: Path) -> None:
    remedy = "Write one to nine digits, no sign, space or separator."
    asked = Problem(f"{table}.csv", 2, column, value, "a whole number is expected.", remedy)
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: value}]})) == asked


@pytest.mark.parametrize("value", ["1,5", "1e6", "€ 5", "5.", ".5", "1.000.000", "NaN", "INF", "٣", "9" * 400])
@pytest.mark.parametrize(("table", "column"), [("calls", "budget_eur"), ("projects", "funding_eur")])
def test_a_malformed_amount(table: str, column: str, value: str, tmp_path: Path) -> None:
    remedy = "Write digits with a decimal point, no separator of thousands."
    asked = Problem(f"{table}.csv", 2, column, value, "a number is expected.", remedy)
    assert the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: value}]})) == asked


def test_a_negative_amount(tmp_path: Path) -> None:
    asked = Problem("calls.csv", 2, "budget_eur", "-1", "the number lies outside 0 to 1000000000000.", "Correct the number.")
    assert the(write_minimal(tmp_path, calls=[row("calls", budget_eur="-1")])) == asked


@pytest.mark.parametrize(
    ("lat", "lon", "column", "message"),
    [
        ("90.1", "16", "lat", "the number lies outside -90 to 90."),
        ("48", "-180.5", "lon", "the number lies outside -180 to 180."),
        ("48,2", "16", "lat", "a number is expected."),
        ("48°12'N", "16", "lat", "a number is expected."),
        ("48", "", "lon", "the cell is empty, the other is not."),
        ("", "16", "lat", "the cell is empty, the other is not."),
    ],
)
def test_malformed_coordinates(lat: str, lon: str, column: str, message: str, tmp_path: Path) -> None:
    problem = the(write_dossier(tmp_path, cities=[row("cities", lat=lat, lon=lon)]))
    assert (problem.row, problem.column, problem.value, problem.message) == (2, column, {"lat": lat, "lon": lon}[column] or None, message)


@pytest.mark.parametrize(
    ("table", "column", "value", "what"),
    [
        ("organisations", "cordis_pic", "12345", "a participant identification code"),
        ("organisations", "wikidata", "q64", "a Wikidata id such as Q64"),
        ("organisations", "wikidata", "http://www.wikidata.org/entity/Q64", "a Wikidata id such as Q64"),
        ("organisations", "ror", "https://ror.org/04knbh022", "a ROR id such as 04knbh022"),
        ("cities", "geonames", "Vienna", "a GeoNames id such as 2761369"),
        ("cities", "wikidata", "64", "a Wikidata id such as Q64"),
        ("cities", "nuts3", "AT13", "a NUTS 3 code"),
        ("projects", "cordis_id", "FP7-612493", "a grant number"),
        ("documents", "isbn", "ISBN 978", "an ISBN"),
        ("documents", "doi", "https://doi.org/10.1186/s42854", "a DOI"),
    ],
)
def test_a_malformed_code(table: str, column: str, value: str, what: str, tmp_path: Path) -> None:
    problem = the(write_minimal(tmp_path, **{table: [dict(MINIMAL[table]) | {column: value}]}))
    assert (problem.file, problem.row, problem.column, problem.value) == (f"{table}.csv", 2, column, value)
    assert problem.message == f"is not {what}."
    assert problem.remedy


# ---- what must hold between cells and rows ----


def test_a_flow_from_a_thing_to_itself(tmp_path: Path) -> None:
    asked = Problem("flows.csv", 2, "to", "seismic", "is the same id as in from: nothing leads to itself.", "Correct one of the two.")
    assert the(write_minimal(tmp_path, flows=[row("flows", to="seismic")])) == asked


def test_a_flow_from_nothing_to_nothing_is_no_flow_to_itself(tmp_path: Path) -> None:
    rows = [row("flows", from_="", to="")]
    assert found(write_minimal(tmp_path, flows=rows)) == [("flows.csv", 2, "from", None), ("flows.csv", 2, "to", None)]


def test_taking_part_in_oneself(tmp_path: Path) -> None:
    asked = Problem("participations.csv", 2, "in", "ait", "is the same id as in org: nothing leads to itself.", "Correct one of the two.")
    assert the(write_minimal(tmp_path, participations=[row("participations", in_="ait")])) == asked


def test_a_project_without_acronym_and_title(tmp_path: Path) -> None:
    message, remedy = "neither acronym nor title is given.", "Fill one: the row needs a name."
    asked = Problem("projects.csv", 2, "acronym", None, message, remedy)
    assert the(write_minimal(tmp_path, projects=[row("projects", acronym="")])) == asked


TREES = [("themes", "broader"), ("agenda_items", "parent"), ("programmes", "parent"), ("networks", "part_of")]


@pytest.mark.parametrize(("table", "column"), TREES)
def test_a_row_above_itself(table: str, column: str, tmp_path: Path) -> None:
    slug = MINIMAL[table]["id"]
    asked = Problem(
        f"{table}.csv",
        2,
        column,
        f"{slug} > {slug}",
        "the row stands above itself.",
        f"Correct {column} in one of the rows of the circle.",
    )
    assert the(write_minimal(tmp_path, **{table: [row(table, **{column: slug})]})) == asked


@pytest.mark.parametrize(("table", "column"), TREES)
def test_a_circle_is_named_once_from_its_first_row(table: str, column: str, tmp_path: Path) -> None:
    same = {"kind": "topic", "agenda": "sria"} if table == "agenda_items" else {}
    above = {"a": "d", "top": "", "b": "c", "c": "a", "d": "b", "below": "c"}
    rows = [dict(row(table, id=slug, **{column: parent})) | same for slug, parent in above.items()]
    start = [MINIMAL[table]] if table == "agenda_items" else []
    place = 2 + len(start)
    assert found(write_dossier(tmp_path, **{table: start + rows})) == [(f"{table}.csv", place, column, "a > d > b > c > a")]


def test_two_circles_through_one_row(tmp_path: Path) -> None:
    above = {"a": "b;c", "b": "a", "c": "a", "d": "b;c"}
    rows = [row("themes", id=slug, broader=parents) for slug, parents in above.items()]
    assert found(write_dossier(tmp_path, themes=rows)) == [
        ("themes.csv", 2, "broader", "a > b > a"),
        ("themes.csv", 2, "broader", "a > c > a"),
    ]


def test_several_ways_up_are_no_circle(tmp_path: Path) -> None:
    above = {"a": "b;c", "b": "d", "c": "d", "d": ""}
    assert problems(write_dossier(tmp_path, themes=[row("themes", id=slug, broader=parents) for slug, parents in above.items()])) == ()


def test_a_long_way_up_is_no_circle_and_takes_no_recursion(tmp_path: Path) -> None:
    rows = [row("themes", id=f"t{number}", broader=f"t{number + 1}" if number < 19_999 else "") for number in range(20_000)]
    assert problems(write_dossier(tmp_path, themes=rows)) == ()


def test_an_agenda_that_is_none(tmp_path: Path) -> None:
    rows = [row("agenda_items"), row("agenda_items", id="a", kind="topic"), row("agenda_items", id="b", kind="action", agenda="a")]
    asked = Problem("agenda_items.csv", 4, "agenda", "a", "the row of this id is not of the kind agenda.", "Name the whole agenda.")
    assert the(write_dossier(tmp_path, agenda_items=rows)) == asked


def test_an_agenda_in_another(tmp_path: Path) -> None:
    rows = [row("agenda_items"), row("agenda_items", id="sria-2", agenda="sria")]
    asked = Problem("agenda_items.csv", 3, "agenda", "sria", "an agenda is its own agenda.", "Write sria-2, or correct the kind.")
    assert the(write_dossier(tmp_path, agenda_items=rows)) == asked


def test_a_parent_in_another_agenda(tmp_path: Path) -> None:
    rows = [row("agenda_items"), row("agenda_items", id="two", agenda="two"), row("agenda_items", id="a", kind="topic", parent="two")]
    asked = Problem("agenda_items.csv", 4, "parent", "two", "belongs to another agenda.", "Name an item of the same agenda.")
    assert the(write_dossier(tmp_path, agenda_items=rows)) == asked


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, how in TABLES.items() for column, c in how.columns.items() if c.required]
)
def test_a_cell_that_must_be_filled(table: str, column: str, tmp_path: Path) -> None:
    rows = [{name: cell for name, cell in MINIMAL[table].items() if name != column}]
    problem = Problem(f"{table}.csv", 2, column, None, "the cell is empty.", "Fill it: the row means nothing without it.")
    if column == "sources":
        problem = Problem(f"{table}.csv", 2, column, None, "the cell is empty.", "Fill it: every row needs a source.")
    assert problem in problems(write_minimal(tmp_path, **{table: rows}))


# ---- all together ----


def test_all_problems_of_a_run_come_together_in_reading_order(tmp_path: Path) -> None:
    folder = write_minimal(
        tmp_path,
        sources=[row("sources"), row("sources", id="S 2", url="nowhere", language="xx")],
        cities=[row("cities", country="XX", sources="s9"), row("cities", name="", lat="1")],
        events="id\n",
        projects=[row("projects", start="2016", end="2015", cordis_id="x", sources="")],
        flows=[row("flows", kind="said", to="seismic", start="2015-02-30"), row("flows")],
    )
    (folder / "notes.csv").write_text("")
    assert [place[:3] for place in found(folder)] == [
        ("sources.csv", 3, "id"),
        ("sources.csv", 3, "url"),
        ("sources.csv", 3, "language"),
        ("cities.csv", 2, "country"),
        ("cities.csv", 2, "sources"),
        ("cities.csv", 3, "id"),
        ("cities.csv", 3, "name"),
        ("cities.csv", 3, "lon"),
        *[("events.csv", 1, column) for column in TABLES["events"].columns if column != "id"],
        ("projects.csv", 2, "end"),
        ("projects.csv", 2, "cordis_id"),
        ("projects.csv", 2, "sources"),
        ("flows.csv", 2, "to"),
        ("flows.csv", 2, "kind"),
        ("flows.csv", 2, "start"),
        ("flows.csv", 3, "id"),
        ("notes.csv", None, None),
    ]


def test_the_message_shows_file_row_column_value_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        ingest.read_dossier(write_dossier(tmp_path, cities=[row("cities", country="XX")]), closed_lists())
    assert str(caught.value) == (
        "1 problem in what was read; nothing was published.\n"
        "cities.csv, row 2, column country: 'XX': unknown country. "
        "Use one of: the codes of ISO 3166-1 alpha-2; or add a concept to the vocabulary country."
    )


@pytest.mark.parametrize(
    ("count", "more"), [(50, None), (51, "... and 1 more; correct these first."), (3000, "... and 2950 more; correct these first.")]
)
def test_many_problems_do_not_flood(count: int, more: str | None, tmp_path: Path) -> None:
    rows = [row("cities", id=f"c{number}", country="XX") for number in range(count)]
    with pytest.raises(DataError) as caught:
        ingest.read_dossier(write_dossier(tmp_path, cities=rows), closed_lists())
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == count
    assert lines[0] == f"{count} problems in what was read; nothing was published."
    assert lines[50].startswith("cities.csv, row 51, ")
    assert lines[51:] == ([more] if more else [])


def test_nothing_is_loaded_where_one_cell_is_wrong_and_what_was_there_stays(tmp_path: Path) -> None:
    store = EmbeddedStore()
    count = ingest.ingest_dossier(store, write_minimal(tmp_path), closed_lists())
    with pytest.raises(DataError):
        ingest.ingest_dossier(store, write_minimal(tmp_path, cities=[row("cities", country="XX")]), closed_lists())
    assert len(store.inner) == count


def test_reading_again_replaces_what_was_read(tmp_path: Path) -> None:
    store = EmbeddedStore()
    ingest.ingest_dossier(store, write_minimal(tmp_path), closed_lists())
    count = ingest.ingest_dossier(store, write_dossier(tmp_path), closed_lists())
    assert len(store.inner) == count == 6


def test_every_table_is_told_when_it_is_done(tmp_path: Path) -> None:
    told: list[str] = []
    ingest.read_dossier(write_minimal(tmp_path), closed_lists(), progress=told.append)
    assert told == list(TABLES)


# ---- whatever the bytes ----

SETTINGS = settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def survives(folder: Path, **tables: bytes | str) -> None:
    """Reading gives lines that the parser takes, or a `DataError`; nothing else."""
    try:
        lines = ingest.read_dossier(write_minimal(folder, **tables), closed_lists())
    except DataError as error:
        assert error.problems
        assert all(problem.message and problem.remedy for problem in error.problems)
    else:
        store = EmbeddedStore()
        store.load(lines, ingest.DOSSIER_GRAPH)
        assert len(store.inner) == len(lines)


@SETTINGS
@given(table=st.sampled_from(list(TABLES)), content=st.binary(max_size=300))
def test_any_bytes_as_a_table(table: str, content: bytes, tmp_path: Path) -> None:
    survives(tmp_path, **{table: content})


@SETTINGS
@given(table=st.sampled_from(list(TABLES)), content=st.text(st.sampled_from('ab1-;,"\n\r\t \x00\ufeffÅ'), max_size=120))
def test_any_text_below_the_header(table: str, content: str, tmp_path: Path) -> None:
    survives(tmp_path, **{table: header(table) + content})


ANY_CELL = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True),
    st.from_regex(r"https?://[^\n]{0,12}", fullmatch=True),
    st.sampled_from(
        [";", "s1", "s1;s1", "ait", "seismic", "vienna", "nanets", "sria", "space", "AT", "funded-by", "adapted-from", "sv", "10.1/x"]
    ),
    st.from_regex(r"-?[0-9.eE]{1,8}", fullmatch=True),
)


@SETTINGS
@given(data=st.data(), table=st.sampled_from(list(TABLES)))
def test_any_cells_in_a_row(data: st.DataObject, table: str, tmp_path: Path) -> None:
    columns = data.draw(st.sets(st.sampled_from(list(TABLES[table].columns)), max_size=4))
    cells = {column: data.draw(ANY_CELL) for column in sorted(columns)}
    survives(
        tmp_path,
        **{table: text(table, [MINIMAL[table], dict(MINIMAL[table]) | {"id": "another"} | cells] if "id" in MINIMAL[table] else [cells])},
    )


@SETTINGS
@given(cells=st.lists(st.text(max_size=30), min_size=11, max_size=11))
def test_what_comes_out_of_any_text_is_what_went_in(cells: list[str], tmp_path: Path) -> None:
    note = "".join(character for character in "".join(cells) if character.isprintable() and character != "\ufffd").strip(" \u00a0")
    if not note:
        return
    lines = ingest.read_dossier(write_dossier(tmp_path, cities=[row("cities", note=note)]), closed_lists())
    said = [quad.object for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES) if quad.predicate.value.endswith("#note")]
    assert said == [ox.Literal(note, language="en")]
