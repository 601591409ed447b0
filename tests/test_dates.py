"""Stated dates and the days they may mean."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seismic_graph.dates import OPEN_END, OPEN_START, bounds, day_number, day_text

YEARS = st.integers(1, 9999)
DAYS = st.dates()


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2015-09", "2015-09-01", "2015-09-30"),
        ("2015-09-30", "2015-09-30", "2015-09-30"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2015-02", "2015-02-01", "2015-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2015-12", "2015-12-01", "2015-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_the_days_that_a_stated_date_may_mean(stated: str, first: str, last: str) -> None:
    assert bounds(stated) == (date.fromisoformat(first), date.fromisoformat(last))


@given(DAYS)
def test_a_day_means_itself_and_its_month_and_year_hold_it(day: date) -> None:
    text = day.isoformat()
    assert bounds(text) == (day, day)
    first, last = bounds(text[:7])
    start, end = bounds(text[:4])
    assert start <= first <= day <= last <= end


@given(YEARS, st.integers(1, 12))
def test_the_months_of_a_year_follow_each_other_without_a_gap(year: int, month: int) -> None:
    first, last = bounds(f"{year:04}-{month:02}")
    assert (first.year, first.month, first.day) == (last.year, last.month, 1) == (year, month, 1)
    if month < 12:
        assert last + timedelta(days=1) == bounds(f"{year:04}-{month + 1:02}")[0]
    else:
        assert last == bounds(f"{year:04}")[1]


@given(st.one_of(st.text(max_size=12), st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True)))
@example("２０１５")
@example("2015-09-30\n")
@example(" 2015")
@example("2015-9")
@example("20150930")
@example("2015-W09")
@example("2015-09-30Z")
@example("-2015")
@example("0000")
@example("2015-02-29")
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        first, last = bounds(text)
    except ValueError as error:
        assert str(error)
        return
    assert text == first.isoformat()[: len(text)] == last.isoformat()[: len(text)]
    assert len(text) in (4, 7, 10)
    assert text.isascii()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2015-13", "there is no month 13"),
        ("2015-00-01", "there is no month 00"),
        ("2015-02-30", "2015-02 has no day 30"),
        ("1900-02-29", "1900-02 has no day 29"),
        ("0000-01", "there is no year 0000"),
        ("15-09-2015", "not a date of the form 2015, 2015-09 or 2015-09-30"),
    ],
)
def test_why_a_text_is_no_date(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        bounds(text)


@given(DAYS, DAYS)
def test_day_numbers_keep_the_order_and_the_distance_of_days(one: date, other: date) -> None:
    numbers = day_number(one.isoformat(), OPEN_START), day_number(other.isoformat(), OPEN_END)
    assert numbers[1] - numbers[0] == (other - one).days
    assert day_text(numbers[0]) == one.isoformat()


@given(DAYS)
def test_every_day_lies_between_the_open_bounds(day: date) -> None:
    assert OPEN_START < day_number(day.isoformat(), 0) < OPEN_END


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("bound", [OPEN_START, OPEN_END])
def test_no_date_is_an_open_bound_and_an_open_bound_is_no_date(nothing: str | None, bound: int) -> None:
    assert day_number(nothing, bound) == bound
    assert day_text(bound) is None


def test_the_time_zone_of_a_date_does_not_count() -> None:
    assert day_number("2015-09-30Z", 0) == day_number("2015-09-30+02:00", 0) == day_number("2015-09-30", 0)
