"""Counts in cells."""

from __future__ import annotations

import pytest

from seismic_graph.picture import Count, Look, heat_map
from tests.picture.drawn import NS, Drawn


def shown(drawn: Drawn) -> list[str]:
    return [word.text for word in drawn.words]


def test_numbers_stand_in_their_cells_and_add_up() -> None:
    drawn = Drawn(
        heat_map([Count("Space", "SE", 3, "https://example.org/x"), Count("Space", "SE", 4), Count("Economy", "NL", 2)], title="Themes")
    )
    assert {"7", "2", "9 in 2 rows and 2 columns. An empty cell means that nothing is recorded, not that nothing happened."} <= set(
        shown(drawn)
    )
    cell = next(drawn.root.iter(NS + "a"))
    assert cell.get("href") == "https://example.org/x"
    assert "Space, SE: 7 flows" in (cell.findtext(NS + "title") or "")


def test_the_highest_sums_come_first() -> None:
    drawn = Drawn(heat_map([Count("low", "X", 1), Count("high", "Y", 9), Count("high", "X", 1)]))
    where = {word.text: word.box for word in drawn.words}
    assert where["high"].top < where["low"].top
    assert where["Y"].left < where["X"].left


@pytest.mark.parametrize("highest", [1, 2, 4, 5, 6, 9, 40, 5000])
def test_steps_cover_every_number(highest: int) -> None:
    drawn = Drawn(heat_map([Count("row", f"c{value}", value) for value in {1, (highest + 1) // 2, highest}]))
    assert str(highest) in shown(drawn)


@pytest.mark.parametrize("width", [360, 1200])
def test_many_columns_go_on_below(width: int) -> None:
    drawn = Drawn(
        heat_map(
            [Count(f"Row {a}", f"Column with a long name {b}", a * b + 1) for a in range(9) for b in range(60)], look=Look(width=width)
        )
    )
    assert not drawn.overlaps
    assert not drawn.outside
    assert sum(word.turned for word in drawn.words) == 60


def test_zeros_are_nothing_recorded() -> None:
    assert "nothing is recorded" in Drawn(heat_map([Count("a", "b", 0)])).desc
