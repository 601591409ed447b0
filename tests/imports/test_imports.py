"""The way of an import: what readers give goes in whole or not at all, and the counts add up."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seismic_graph import imports
from seismic_graph.errors import BuildError, DataError, UnknownName, UsageError
from seismic_graph.imports import Import, ImportReport
from seismic_graph.settings import Settings
from seismic_graph.sources.reading import Mapped, Outcome, Record, Rejected, Scope, Shared

ABOUT = Import("things", "cordis", "Things", "A publisher", "https://example.org/licence", "https://example.org/")
Rows = list[tuple[str, str]]


def mapped(number: int, key: str, text: str, *shared: Shared, file: str = "a.csv") -> Mapped:
    line = f'<http://e/{key}> <http://e/p> "{text}" .\n'
    return Mapped(Record(file, number, {"key": key, "text": text}, f"{key};{text}"), "project", key, line, shared)


def node(key: str, version: str, text: str) -> Shared:
    return Shared(f"http://e/{key}", version, f'<http://e/{key}> <http://e/label> "{text}" .\n')


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "a.csv"
    place.write_text("whatever", encoding="utf-8")
    return place


def bring(settings: Settings, file: Path, *outcomes: Outcome, about: Import = ABOUT, replace: bool = False) -> ImportReport:
    return imports.record(settings, about, [file], {}, lambda scope: iter(outcomes), replace=replace)


def loaded(settings: Settings, room: Path) -> dict[str, str]:
    """Name -> all that the build would load."""
    room.mkdir()
    found: dict[str, str] = {}
    for name, place in imports.files_to_load(settings, room):
        found[name] = found.get(name, "") + place.read_text(encoding="utf-8")
    return found


def adds_up(report: ImportReport) -> None:
    for receipt in report.tables.values():
        assert receipt.read == receipt.loaded + receipt.rejected + receipt.unchanged


# --- counts ---------------------------------------------------------------------------------------------------------


def test_the_first_import(settings: Settings, file: Path, tmp_path: Path) -> None:
    bad = Rejected(Record("a.csv", 4, {}, 'c;;"quoted'), "project", "text", "the cell is empty.")
    report = bring(settings, file, mapped(2, "a", "one"), mapped(3, "b", "two"), bad)
    adds_up(report)
    receipt = report.tables["project"]
    assert (receipt.read, receipt.loaded, receipt.rejected, receipt.unchanged, receipt.rows) == (3, 2, 1, 0, 2)
    assert (receipt.added, receipt.changed, receipt.gone) == (None, None, None)
    assert receipt.files[0]["name"] == "a.csv"
    assert len(receipt.files[0]["sha256"]) == 64
    with report.rejects["project"].open(encoding="utf-8", newline="") as rejects:
        rows = list(csv.DictReader(rejects))
    assert rows == [{"file": "a.csv", "row": "4", "column": "text", "reason": "the cell is empty.", "raw": 'c;;"quoted'}]
    text = loaded(settings, tmp_path / "room")["things"]
    assert '<http://e/a> <http://e/p> "one" .' in text
    assert "<https://w3id.org/seismic-graph/id/source/things>" in text
    assert "3 read = 2 loaded + 1 rejected + 0 unchanged" in report.to_text()


def test_the_same_again_changes_nothing(settings: Settings, file: Path) -> None:
    rows = [mapped(2, "a", "one"), mapped(3, "b", "two")]
    first = imports_digest(bring(settings, file, *rows), settings)
    report = bring(settings, file, *rows)
    adds_up(report)
    assert report.tables["project"].unchanged == 2
    assert imports_digest(report, settings) == first


def imports_digest(report: ImportReport, settings: Settings) -> dict[str, str]:
    assert report.tables
    return imports.digests(settings)


def test_a_newer_release_says_what_changed(settings: Settings, file: Path) -> None:
    bring(settings, file, *[mapped(row, f"k{row}", "one") for row in range(2, 12)])
    newer = [mapped(row, f"k{row}", "one") for row in range(3, 11)] + [mapped(11, "k11", "two"), mapped(12, "new", "one")]
    report = bring(settings, file, *newer)
    adds_up(report)
    receipt = report.tables["project"]
    assert (receipt.added, receipt.changed, receipt.gone, receipt.unchanged, receipt.loaded) == (1, 1, 1, 8, 2)
    drift = report.drift["project"].read_text(encoding="utf-8").splitlines()
    assert sorted(drift[1:]) == ["added,new", "changed,k11", "gone,k2"]


def test_a_row_twice_counts_once(settings: Settings, file: Path, tmp_path: Path) -> None:
    report = bring(settings, file, mapped(2, "a", "one"), mapped(3, "a", "one"))
    adds_up(report)
    assert (report.tables["project"].loaded, report.tables["project"].unchanged) == (1, 1)
    assert loaded(settings, tmp_path / "room")["things"].count("<http://e/p>") == 1


def test_a_key_with_two_contents_is_rejected(settings: Settings, file: Path) -> None:
    report = bring(settings, file, mapped(2, "a", "one"), mapped(7, "a", "two"))
    adds_up(report)
    assert report.tables["project"].rejected == 1
    assert "a.csv, row 2 has the same key (a)" in report.rejects["project"].read_text(encoding="utf-8")


def test_batches_make_no_difference(settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [mapped(n, f"k{n % 40}", "one" if n < 60 else "two", node(f"n{n % 7}", f"{n:03}", str(n))) for n in range(100)]
    whole = bring(settings, file, *rows)
    monkeypatch.setattr(imports, "_BATCH", 3)
    again = bring(Settings(home=settings.home / "other"), file, *rows)
    assert replace(again.tables["project"], date="") == replace(whole.tables["project"], date="")


# --- nodes that many rows describe ----------------------------------------------------------------------------------


def test_the_newest_description_wins_and_stubs_go(settings: Settings, file: Path, tmp_path: Path) -> None:
    bring(settings, file, mapped(2, "a", "one", node("org", "2020", "old"), node("stub", "", "stub")))
    other = [mapped(2, "x", "y", node("org", "2023", "new"), node("stub", "0", "whole"), file="b.csv")]
    bring(settings, file, *[replace(one, table="organization") for one in other])
    text = loaded(settings, tmp_path / "room")["things"]
    assert text.count("<http://e/org>") == 1
    assert '"new"' in text
    assert '"whole"' in text
    assert '"stub"' not in text


def test_among_names_each_node_is_in_one_graph(settings: Settings, file: Path, tmp_path: Path) -> None:
    bring(settings, file, mapped(2, "a", "one", node("org", "2020", "old")))
    bring(settings, file, mapped(2, "b", "one", node("org", "2023", "new")), about=replace(ABOUT, name="others"))
    found = loaded(settings, tmp_path / "room")
    assert "http://e/org" not in found["things"]
    assert "http://e/org" in found["others"]


# --- all or nothing -------------------------------------------------------------------------------------------------


def test_what_breaks_halfway_changes_nothing(settings: Settings, file: Path) -> None:
    bring(settings, file, mapped(2, "a", "one"))
    before = imports.in_use(settings)

    def breaks(error: BaseException) -> Callable[[Scope], Iterator[Outcome]]:
        def outcomes(scope: Scope) -> Iterator[Outcome]:
            yield mapped(2, "b", "two")
            raise error

        return outcomes

    for error, seen in (
        (DataError([]), DataError),
        (OSError(28, "No space left on device"), BuildError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):
        with pytest.raises(seen):
            imports.record(settings, ABOUT, [file], {}, breaks(error))
        assert imports.in_use(settings) == before
        assert list((settings.home / "imports" / "working").iterdir()) == []


def test_nothing_at_all_is_an_error_that_says_why(settings: Settings, file: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv, row 2, column text: the cell is empty"):
        bring(settings, file, Rejected(Record("a.csv", 2, {}, "x"), "project", "text", "the cell is empty."))
    with pytest.raises(DataError, match="nothing of cordis was found"):
        bring(settings, file)
    assert imports.in_use(settings) == []


def test_another_edition_does_not_push_out_the_first(settings: Settings, file: Path) -> None:
    bring(settings, file, *[mapped(n, f"k{n}", "one") for n in range(10)])
    with pytest.raises(UsageError, match="10 of 10 records in use are not in these files"):
        bring(settings, file, mapped(2, "other", "one"))
    assert imports.find(settings, "things").tables["project"].rows == 10
    report = bring(settings, file, mapped(2, "other", "one"), replace=True)
    assert report.tables["project"].gone == 10


def test_a_record_is_under_one_name(settings: Settings, file: Path) -> None:
    bring(settings, file, mapped(2, "a", "one"))
    with pytest.raises(UsageError, match="1 records of the table project are in the import things already"):
        bring(settings, file, mapped(2, "a", "one"), about=replace(ABOUT, name="others"))


@pytest.mark.parametrize("name", ["dossier", "links", "Großes", "a/b", "..", ""])
def test_names_that_cannot_be(settings: Settings, file: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name an import"):
        bring(settings, file, mapped(2, "a", "one"), about=replace(ABOUT, name=name))


def test_dates_that_cannot_be(settings: Settings, file: Path) -> None:
    with pytest.raises(UsageError, match="no date of publication"):
        bring(settings, file, mapped(2, "a", "one"), about=replace(ABOUT, issued="2025-13"))


def test_two_imports_at_once_are_both_kept(settings: Settings, file: Path) -> None:
    def one(table: str) -> None:
        for number in range(10):
            rows = [replace(mapped(n, f"k{n}", str(number)), table=table) for n in range(20)]
            bring(settings, file, *rows)

    threads = [threading.Thread(target=one, args=(table,)) for table in ("project", "organization")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(imports.find(settings, "things").tables) == ["organization", "project"]


def test_forgetting_an_import(settings: Settings, file: Path) -> None:
    bring(settings, file, mapped(2, "a", "one"))
    imports.remove(settings, "things")
    assert imports.in_use(settings) == []
    with pytest.raises(UnknownName):
        imports.remove(settings, "things")


def test_a_damaged_record_says_what_to_do(settings: Settings, file: Path) -> None:
    bring(settings, file, mapped(2, "a", "one"))
    place = settings.home / "imports" / "things.json"
    place.write_text(json.dumps({"name": "things"}), encoding="utf-8")
    with pytest.raises(BuildError, match="Remove it and import again"):
        imports.in_use(settings)
