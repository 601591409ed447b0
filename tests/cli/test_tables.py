"""Tables of one's own on the command line, from the example to the trace."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import ROOT, Runner

ORIGIN = ("--publisher", "Nobody", "--url", "https://example.org/")


@pytest.fixture
def place(tmp_path: Path, home: Path) -> Path:
    shutil.copytree(home, tmp_path / "home")
    return tmp_path


@pytest.fixture
def run(seismic: Runner, place: Path) -> Callable[..., CompletedProcess[str]]:
    """Run ``seismic`` in a folder with the example, with a home of its own."""
    assert seismic("mapping", "example", str(place), home=place / "home").returncode == 0
    return lambda *arguments: seismic(*arguments, home=place / "home", cwd=place)


TABLE = ("import", "table", "follow-up-projects.csv", "--mapping", "follow-up-projects.yml", "--name", "example")


def test_from_the_table_to_the_trace(run: Callable[..., CompletedProcess[str]]) -> None:
    done = run(*TABLE, *ORIGIN, "--title", "Example table")
    assert done.returncode == 0, done.stderr
    assert "3 read = 3 loaded + 0 rejected + 0 unchanged" in done.stdout
    traced = run("trace", "sria-2015", "example-101")
    assert traced.returncode == 0
    assert "read off example/follow-up-projects.csv row 2 by the rule call-funded-project" in traced.stdout
    guide = (ROOT / "docs" / "own-tables.md").read_text(encoding="utf-8")
    for line in guide.partition("```text\n")[2].partition("```")[0].splitlines():
        assert line.removesuffix(" ...") in traced.stdout
    listed = run("imports").stdout
    assert "Example table, Nobody" in listed
    assert "follow-up-projects.yml" in listed


def test_again_is_unchanged_and_another_mapping_is_announced(run: Callable[..., CompletedProcess[str]], place: Path) -> None:
    assert run(*TABLE, *ORIGIN, "--no-build").returncode == 0
    again = run(*TABLE, "--no-build")  # where it comes from is known by now
    assert "0 loaded + 0 rejected + 3 unchanged" in again.stdout
    assert "the mapping is another" not in again.stdout
    mapping = place / "follow-up-projects.yml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("      - [sg:acronym, $(acronym)]\n", ""), encoding="utf-8")
    assert "the mapping is another than before" in run(*TABLE, "--no-build").stdout


def test_rejected_rows_are_kept_with_the_reason(run: Callable[..., CompletedProcess[str]], place: Path) -> None:
    table = place / "follow-up-projects.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2032-03,", "next spring,"), encoding="utf-8")
    done = run(*TABLE, *ORIGIN, "--no-build")
    assert "2 loaded + 1 rejected" in done.stdout
    (rejects,) = (place / "home" / "imports" / "example").glob("*/rejects.csv")
    with rejects.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["row"], row["column"]) == ("3", "start")
    assert "'next spring': not a date" in row["reason"]
    assert run("mapping", "check", TABLE[2], *TABLE[3:5]).returncode == 1


def test_what_the_shapes_refuse_names_row_and_column_and_changes_nothing(run: Callable[..., CompletedProcess[str]], place: Path) -> None:
    table = place / "follow-up-projects.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2031-05-15,sria-2015", "2031-05-15,no-such-agenda"), encoding="utf-8")
    done = run(*TABLE, *ORIGIN)
    assert done.returncode == 2
    assert "follow-up-projects.csv, row 4, column agenda: 'agenda-item/no-such-agenda'" in done.stderr
    assert run("imports").stdout.startswith("No imports")


def test_a_check_imports_nothing(run: Callable[..., CompletedProcess[str]]) -> None:
    done = run("mapping", "check", TABLE[2], *TABLE[3:5])
    assert done.returncode == 0, done.stderr
    assert "3 rows would be loaded (70 triples), 0 rejected." in done.stdout
    assert 'sg:start "2032-01-01"^^xsd:date' in done.stdout
    assert run("imports").stdout.startswith("No imports")


@pytest.mark.parametrize(("suffix", "write"), [("json", json.dumps), ("xlsx", None)], ids=["json", "xlsx"])
def test_the_same_table_in_other_formats(
    run: Callable[..., CompletedProcess[str]], place: Path, suffix: str, write: Callable[[object], str] | None
) -> None:
    with (place / "follow-up-projects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    other = place / f"table.{suffix}"
    if write:
        other.write_text(write(rows), encoding="utf-8")
    else:
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
        book.save(other)
    assert "3 rows would be loaded (70 triples), 0 rejected." in run("mapping", "check", other.name, *TABLE[3:5]).stdout


def test_a_draft_on_the_terminal_and_in_a_file(run: Callable[..., CompletedProcess[str]], place: Path) -> None:
    done = run("mapping", "init", TABLE[2], "-o", "draft.yml")
    assert done.returncode == 0, done.stderr
    assert run("mapping", "init", TABLE[2]).stdout == (place / "draft.yml").read_text(encoding="utf-8")
    assert run("mapping", "check", TABLE[2], "--mapping", "draft.yml").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "table", TABLE[2]), "--mapping MAP.yml --name NAME"),
        (TABLE, "--publisher NAME --url https://"),
        ((*TABLE, "--publisher", "x", "--url", "example.org"), "is no web address"),
        (("import", "cordis", TABLE[2], "--publisher", "x"), "are for `seismic import table`"),
        (("mapping", "example"), "is there already"),
        (("mapping", "init", TABLE[2], "--of", "projct"), "There is no type of things 'projct'"),
    ],
    ids=["no-mapping", "no-origin", "no-address", "known-dataset", "example-twice", "unknown-type"],
)
def test_what_is_missing_is_asked_for(run: Callable[..., CompletedProcess[str]], arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_an_engine_that_cannot_be_had_is_an_error_with_the_command(
    seismic: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEISMIC_TOOLS", str(tmp_path / "tools"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    done = seismic("mapping", "engine", home=tmp_path)
    assert done.returncode == 2
    assert "seismic mapping engine" in done.stderr
    assert not list((tmp_path / "tools").glob("tables-*"))
