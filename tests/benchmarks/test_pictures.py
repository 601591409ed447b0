"""Pictures tell every row, within their width, and do not rely on colour."""

from __future__ import annotations

import pytest

from benchmarks.pictures import LOOK, picture
from benchmarks.tables import OURS, Row, Table
from tests.benchmarks.made_up import made_up
from tests.picture.drawn import Drawn


def test_every_row_is_named_with_its_ratio_and_aim() -> None:
    words = [word.text for word in Drawn(picture(made_up(1.5, 1.0))).words]
    for said in ("what is | asked", "ours: 1.50 s, aim 2 s", "floor", "1.5, aim 1, missed", "peer", "did not end"):
        assert said in words


@pytest.mark.parametrize("ratio", [1e-6, 0.02, 1.0, 3.0, 20_000.0], ids=str)
def test_words_and_bars_stay_on_the_paper_and_words_do_not_cover_each_other(ratio: float) -> None:
    long = "a question that is as long as questions are when they tell what was asked of whom, and of how much of it"
    rows = [
        Row(long, OURS, ratio),
        Row(long, "an engine with a very long name, and how it was asked in the end", 1.0),
        Row(long, "b", None),
    ]
    drawn = Drawn(picture(Table("a", "A title that is a little longer than a line can hold", rows)))
    assert drawn.overlaps == []
    for word in drawn.words:
        assert word.box.left >= 0 and word.box.right <= LOOK.width, word
    bar = next(element for element in drawn.root.iter() if element.get("class") == "hd")
    left, wide = float(bar.get("x", "")), float(bar.get("width", ""))
    assert left >= 0 and left + wide <= LOOK.width


def test_a_bar_goes_left_where_ours_is_faster_and_right_where_it_is_slower() -> None:
    def side(ours: float) -> tuple[float, float]:
        drawn = Drawn(picture(Table("a", "A", [Row("q", OURS, ours), Row("q", "b", 1.0)])))
        bar = next(element for element in drawn.root.iter() if element.get("class") == "hd")
        return float(bar.get("x", "")), float(bar.get("x", "")) + float(bar.get("width", ""))

    assert side(0.5)[1] == pytest.approx(LOOK.width / 2, abs=1)
    assert side(2.0)[0] == pytest.approx(LOOK.width / 2, abs=1)


def test_an_aim_in_seconds_beside_ours_is_told_and_a_question_that_ours_was_not_asked_is_left_out() -> None:
    rows = [Row("q", OURS, 1.0), Row("q", "server", 4.0, within=3.0), Row("loading", "server", 5.0)]
    words = [word.text for word in Drawn(picture(Table("a", "A", rows))).words]
    assert "0.25, 4.00 s, aim 3 s, missed" in words
    assert "loading" not in words


def test_nothing_beside_ours_is_said() -> None:
    assert "Nothing was measured beside ours." in picture(Table("a", "A", [Row("q", OURS, 1.0)]))
