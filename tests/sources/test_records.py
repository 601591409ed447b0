from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from seismic_graph.errors import DataError
from seismic_graph.sources import records as room
from seismic_graph.sources.inputs import inputs
from seismic_graph.sources.reading import Record
from seismic_graph.sources.records import Malformed, records


def read(file: Path) -> list[Record | Malformed]:
    [found] = inputs([file])
    rows = records(found, ("project",))
    assert rows is not None
    return list(rows)


def cells(file: Path) -> list[dict[str, str]]:
    return [dict(one.values) for one in read(file) if isinstance(one, Record)]


def written(tmp_path: Path, name: str, text: str | bytes) -> Path:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def refused(file: Path) -> str:
    with pytest.raises(DataError) as caught:
        read(file)
    return str(caught.value)


# --- CSV


@pytest.mark.parametrize(
    "text",
    [
        '"id";"title"\n"1";"a, b"\n',
        "id;title\r\n1;a, b\r\n",
        '\ufeff"id";"title"\r\n"1";"a, b"',
        'id,title\n1,"a, b"\n',
        "id\ttitle\n1\ta, b\n",
        'id|title\n"1"|a, b\n',
    ],
    ids=["quoted", "crlf", "mark", "comma", "tab", "bar"],
)
def test_dialects_are_known_by_the_header(tmp_path: Path, text: str) -> None:
    assert cells(written(tmp_path, "a.csv", text)) == [{"id": "1", "title": "a, b"}]


def test_rows_are_numbered_as_a_spreadsheet_shows_them_and_keep_their_text(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", 'id;title\n1;"two\nlines; ""quoted"""\n2;b\n')
    first, second = read(file)
    assert isinstance(first, Record)
    assert (first.number, first.raw, first.values["title"]) == (2, '1;"two\nlines; ""quoted"""', 'two\nlines; "quoted"')
    assert (second.record if isinstance(second, Malformed) else second).number == 3


def test_a_row_with_unescaped_quotes_is_malformed_and_reading_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", 'id;title;c\n1;"they "play" here\nand; go on";x\n2;b;y\n3;"open;z\n4;d;w\n5;e;v\n')
    rows = read(file)
    assert [(one.record.number, one.record.raw) for one in rows if isinstance(one, Malformed)] == [
        (2, '1;"they "play" here'),
        (3, 'and; go on";x'),
        (5, '3;"open;z'),
    ]
    assert [row["id"] for row in cells(file)] == ["2", "4", "5"]
    assert "Double each quote" in next(one.reason for one in rows if isinstance(one, Malformed))


def test_the_rest_of_a_malformed_row_belongs_to_it(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", 'a;b;c;d;e;f\n1;2;3;4;"x "y"\nmore; text\nend";6\n2;2;2;2;2;2\n')
    bad, good = read(file)
    assert isinstance(bad, Malformed)
    assert bad.record.raw == '1;2;3;4;"x "y"\nmore; text\nend";6'
    assert isinstance(good, Record)
    assert good.number == 3


def test_a_row_with_too_few_or_too_many_cells_is_malformed(tmp_path: Path) -> None:
    few, good, many = read(written(tmp_path, "a.csv", "a;b;c\n1;2\n1;2;3\n1;2;3;4\n"))
    assert isinstance(few, Malformed)
    assert "has 2 cells where the header has 3" in few.reason
    assert isinstance(good, Record)
    assert isinstance(many, Malformed)
    assert "has 4 cells" in many.reason


def test_backslash_escapes_are_read_where_the_row_is_no_other(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", '"a","b"\n"say \\"yes\\", now","x"\n"C:\\dir","y"\n')
    assert cells(file) == [{"a": 'say "yes", now', "b": "x"}, {"a": "C:\\dir", "b": "y"}]


def test_backslashes_do_not_excuse_other_quotes(tmp_path: Path) -> None:
    [bad] = read(written(tmp_path, "a.csv", '"a","b"\n"$\\beta$ and "so on"","x"\n'))
    assert isinstance(bad, Malformed)


def test_an_open_quote_does_not_swallow_the_rest_of_the_file(tmp_path: Path) -> None:
    lines = "".join(f"{n};{'t' * 100}\n" for n in range(20_000))
    rows = read(written(tmp_path, "a.csv", f'id;title\n0;"open\n{lines}'))
    assert sum(isinstance(one, Malformed) for one in rows) == 1
    assert sum(isinstance(one, Record) for one in rows) == 20_000


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"id;title\n1;M\xfcller\n", "is not UTF-8 after line"),
        (b"id;id\n1;2\n", "two columns are called 'id'"),
        (b"id;title\n" + b"x" * (2**20 + 10), "has more than"),
        (b'"id;title', "the header cannot be read"),
    ],
    ids=["latin-1", "doubled", "long", "open"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, body: bytes, told: str) -> None:
    message = refused(written(tmp_path, "a.csv", body))
    assert "a.csv" in message
    assert told in message


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.csv", "")) == []
    assert read(written(tmp_path, "b.csv", "id;title\n")) == []


# --- XLSX


def workbook(file: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file


def test_cells_of_a_workbook_come_out_as_text(tmp_path: Path) -> None:
    moment = datetime(2024, 5, 10, 10, 28, 50)
    row: list[object] = [101079459, 1234.5, 3.0, True, date(2024, 1, 2), moment, None, "a_x000D_b"]
    file = workbook(tmp_path / "a.xlsx", list("abcdefgh"), row, [None] * 8, [1])
    first, last = read(file)
    assert isinstance(first, Record)
    assert list(first.values.values()) == ["101079459", "1234.5", "3", "true", "2024-01-02", "2024-05-10 10:28:50", "", "a\rb"]
    assert first.raw.startswith("101079459\t1234.5\t3\ttrue")
    assert isinstance(last, Record)
    assert last.number == 4


def test_a_workbook_in_an_archive_is_read(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", ["id"], ["1"])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.write(tmp_path / "a.xlsx", "in/a.xlsx")
    [row] = read(tmp_path / "a.zip")
    assert isinstance(row, Record)
    assert (row.file, row.values) == ("a.zip/in/a.xlsx", {"id": "1"})


def test_a_workbook_that_is_none_or_a_bomb_is_refused(tmp_path: Path) -> None:
    assert "is no workbook" in refused(written(tmp_path, "a.xlsx", b"id;title"))
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/sharedStrings.xml", bytes(300 * 2**20))
    assert "unpacks to more" in refused(tmp_path / "b.xlsx")


# --- JSON


def test_an_array_gives_its_objects_with_their_text(tmp_path: Path) -> None:
    file = written(tmp_path, "a.json", '[ {"id": 1,\n "sum": 10.50},\n\n{"id": "2", "deep": [{"a": null}]} ]\n')
    one, two = read(file)
    assert isinstance(one, Record)
    assert (one.number, one.values, one.raw) == (1, {"id": "1", "sum": "10.50"}, '{"id": 1,\n "sum": 10.50}')
    assert isinstance(two, Record)
    assert two.values["deep"] == [{"a": None}]


def test_a_large_array_is_cut_where_its_objects_end(tmp_path: Path) -> None:
    objects = ",".join(f'{{"id": {n}, "text": "{"ö}],{" * (n % 3000)}"}}' for n in range(300))
    assert [row["id"] for row in cells(written(tmp_path, "a.json", f"[{objects}]"))] == [str(n) for n in range(300)]


def test_only_a_line_feed_ends_a_line_of_json(tmp_path: Path) -> None:
    text = '{"id": "1", "t": "a\u2028b\x85"}\r\n{"id": "2"}\n\n{"id": 3'
    file = tmp_path / "a.json.gz"
    file.write_bytes(gzip.compress(text.encode()))
    one, two, bad = read(file)
    assert isinstance(one, Record)
    assert one.values["t"] == "a\u2028b\x85"
    assert isinstance(two, Record)
    assert isinstance(bad, Malformed)
    assert (bad.record.number, bad.record.raw) == (3, '{"id": 3')


@pytest.mark.parametrize(
    "line",
    ['{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100_000, '{"a":' * 100_000, "7", '"text"'],
    ids=["doubled", "nan", "deep-array", "deep-object", "number", "string"],
)
def test_a_line_that_is_no_object_is_malformed(tmp_path: Path, line: str) -> None:
    good, bad = read(written(tmp_path, "a.jsonl", f'{{"id": 1}}\n{line}\n'))
    assert isinstance(good, Record)
    assert isinstance(bad, Malformed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"id": 1},\n{"id": }]', "from line 2 on"),
        ('[{"id": 1},\n\n', "from line 3 on"),
        ('[{"id": 1}\n{"id": 2}]', "a comma or the end"),
        ('[{"id": 1}] more', "behind the end"),
        ("[" + '{"a":' * 100_000, "nested too deeply"),
        ("id;title\n", "is no JSON"),
    ],
    ids=["value", "cut", "comma", "rest", "deep", "csv"],
)
def test_broken_json_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert told in refused(written(tmp_path, "a.json", text))


def test_an_object_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LONGEST_DOCUMENT", 2**16)
    assert "has more than" in refused(written(tmp_path, "a.json", '[{"a": "' + "x" * 2**20))


# --- XML


def test_records_are_the_outermost_elements_of_their_names(tmp_path: Path) -> None:
    one, two = read(written(tmp_path, "a.xml", '<hits xmlns="urn:x"><project><id>1</id><project/></project><project/></hits>'))
    assert isinstance(one, Record)
    assert isinstance(two, Record)
    assert (one.number, two.number) == (1, 2)
    assert "<id>1</id>" in one.raw


def test_a_file_of_one_record_keeps_its_text(tmp_path: Path) -> None:
    text = "<?xml version='1.0'?>\n<!-- kept -->\n<project><id>1</id></project>\n"
    [one] = read(written(tmp_path, "a.xml", text))
    assert isinstance(one, Record)
    assert one.raw == text


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><project>&x;</project>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><project>&x;</project>',
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><project/>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><project>&b;</project>',
    ],
    ids=["entity", "external", "dtd", "expansion"],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, text: str) -> None:
    assert "has a document type or entities" in refused(written(tmp_path, "a.xml", text))


@pytest.mark.parametrize(
    ("text", "told"),
    [("<project><id>1</project>", "is no XML"), ("<a>" * 200, "levels deep"), ("", "is no XML")],
    ids=["broken", "deep", "empty"],
)
def test_broken_xml_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in refused(written(tmp_path, "a.xml", text))


def test_a_record_of_xml_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LONGEST_DOCUMENT", 2**16)
    assert "a record has more than" in refused(written(tmp_path, "a.xml", f"<project>{'<t>xxxxxxxx</t>' * 10_000}</project>"))


def test_a_suffix_that_we_do_not_read_gives_none(tmp_path: Path) -> None:
    [found] = inputs([written(tmp_path, "a.pdf", "x")])
    assert records(found) is None
