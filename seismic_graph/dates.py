"""Stated dates (a year, a month or a day) and the days they may mean."""

from __future__ import annotations

import calendar
import re
from datetime import date

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

OPEN_START = -(10**7)
"""Day number that stands for "no earliest day is known"."""
OPEN_END = 10**7
"""Day number that stands for "no latest day is known"."""


def bounds(text: str) -> tuple[date, date]:
    """The first and the last day that a stated date may mean.

    >>> bounds("2016-02")
    (datetime.date(2016, 2, 1), datetime.date(2016, 2, 29))

    Raises:
        ValueError: the text is no date of ISO 8601 with year, month or day precision, or names no day that exists.
    """
    match = _PARTIAL.fullmatch(text)
    if not match:
        raise ValueError("not a date of the form 2015, 2015-09 or 2015-09-30")
    year, month, day = (int(part) if part else None for part in match.groups())
    if not year:
        raise ValueError("there is no year 0000")
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month:02}")
    length = calendar.monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1), date(year, month, length)
    if not 1 <= day <= length:
        raise ValueError(f"{year:04}-{month:02} has no day {day:02}")
    return date(year, month, day), date(year, month, day)


def day_number(text: str | None, when_open: int) -> int:
    """The proleptic ordinal of an ``xsd:date``; `when_open` where there is none."""
    return date.fromisoformat(text[:10]).toordinal() if text else when_open


def day_text(number: int) -> str | None:
    """The ISO 8601 form of a day number; None for an open bound.

    >>> day_text(735842)
    '2015-09-01'
    """
    return date.fromordinal(number).isoformat() if OPEN_START < number < OPEN_END else None
