"""Ratios, aims, and several runs as one; what is kept is what was measured."""

from __future__ import annotations

import doctest
import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import guard, report, saved, tables
from benchmarks.saved import Saved
from benchmarks.tables import OURS, Row, Table
from seismic_graph.errors import SeismicError
from tests.benchmarks.made_up import RUN, made_up


def test_a_ratio_is_how_many_times_as_long_ours_took() -> None:
    table = made_up(ours=0.5, floor=0.25)
    assert [table.ratio(row) for row in table.rows] == [None, 2.0, None]


@pytest.mark.parametrize(
    ("ours", "floor", "missed"),
    [
        pytest.param(0.8, 1.0, [], id="reached"),
        pytest.param(1.5, 1.0, ["floor"], id="ratio"),
        pytest.param(2.5, 3.0, [OURS], id="seconds"),
        pytest.param(None, 1.0, [OURS, "floor"], id="ours did not end"),
    ],
)
def test_aims_that_are_missed(ours: float | None, floor: float, missed: list[str]) -> None:
    assert [row.who for row in made_up(ours, floor).missed()] == missed


def test_an_aim_beside_a_peer_that_did_not_end_is_reached() -> None:
    table = Table("a", "A", [Row("q", OURS, 1.0), Row("q", "peer", None, aim=0.5)])
    assert not list(table.missed())


def test_of_several_runs_the_least_seconds_of_each_row_count_and_what_was_wrong_in_any() -> None:
    runs = [replace(made_up(0.8, 1.2), wrong=["answers differ"]), made_up(0.9, 1.0, peer=5.0)]
    table = tables.least(runs)
    assert [row.seconds for row in table.rows] == [0.8, 1.0, 5.0]
    assert table.wrong == ["answers differ"]


def test_what_is_kept_is_what_was_measured(tmp_path: Path) -> None:
    report.write(Saved(made_up(), RUN), tmp_path / "results")
    assert {file.name for file in (tmp_path / "results").iterdir()} == {"trace-100k.json", "trace-100k.md"}
    kept = saved.read(tmp_path / "results" / "trace-100k.json")
    assert kept.table == replace(made_up(), wrong=[])
    assert kept.run == RUN
    assert (kept.area, kept.triples) == ("trace", 100_000)


def test_a_file_that_is_no_result_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "trace-100k.json"
    file.write_text(json.dumps({"rows": []}))
    with pytest.raises(SeismicError, match=r"trace-100k\.json is no result of benchmarks .* Delete it"):
        saved.read(file)


@pytest.mark.parametrize(
    ("area", "triples", "name"),
    [("trace", 100_000, "trace-100k"), ("trace", 10_000_000, "trace-10M"), ("imports", 1_500_000, "imports-1500k"), ("soak", 0, "soak")],
)
def test_names_tell_area_and_size(area: str, triples: int, name: str) -> None:
    assert not triples or saved.name(area, triples) == name
    one = Saved(Table(name, "", []), RUN)
    assert (one.area, one.triples) == (area, triples)


def test_the_page_tells_the_rows_the_machine_and_what_was_not_reached() -> None:
    page = report.page(Saved(made_up(ours=1.5), RUN))
    assert "| what is \\| asked | seismic-graph | 1.50 |  | 2 s | 12 |  |\n" in page
    assert "|  | floor | 1.00 | 1.5 | 1 |  | bare |\n" in page
    assert "|  | peer | - |  |  |  | stopped after 9 seconds |\n" in page
    assert "- what is | asked, beside floor: 1.5, aim 1\n" in page
    assert "The machine was busy" in page
    assert "- triples: 100,000\n- seconds to make:\n  - load: 0.123\n" in page


def test_an_aim_in_seconds_that_another_missed_is_told_with_its_name() -> None:
    assert report.unmet(Table("a", "A", [Row("q", OURS, 1.0), Row("q", "server", None, within=3.0)])) == [
        "q, server: did not end in its time, aim 3 s"
    ]


def test_the_examples_of_the_figures_hold() -> None:
    done = doctest.testmod(report)
    assert done.attempted > 0
    assert done.failed == 0


# --- what got worse -------------------------------------------------------------------------------------------------


def test_what_got_worse_is_said_with_both_ratios() -> None:
    assert guard.worse(made_up(0.8), made_up(1.4)) == ["what is | asked, beside floor: was 0.80, is 1.4"]


def test_noise_and_what_got_better_are_not_said() -> None:
    assert guard.worse(made_up(0.8), made_up(0.8 * guard.MARGIN * 0.99)) == []
    assert guard.worse(made_up(0.8), made_up(0.1)) == []


def test_a_slower_machine_is_not_worse() -> None:
    assert guard.worse(made_up(0.8, 1.0), made_up(8.0, 10.0)) == []


def test_ours_that_no_longer_ends_is_worse_and_a_peer_that_no_longer_ends_is_not() -> None:
    before = made_up(0.8, peer=2.0)
    assert guard.worse(before, made_up(None, peer=2.0)) == [
        "what is | asked, beside floor: was 0.80, now ours did not end in its time",
        "what is | asked, beside peer: was 0.40, now ours did not end in its time",
    ]
    assert guard.worse(before, made_up(0.8, peer=None)) == []


def test_rows_without_an_earlier_figure_are_counted() -> None:
    now = made_up()
    now = replace(now, rows=[replace(row, question="another") if row.who == "peer" else row for row in now.rows])
    assert guard.unmatched(made_up(), now) == 1
    assert guard.unmatched(made_up(), made_up()) == 0
