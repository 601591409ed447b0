"""Filters of references in a mapping: ``$(column|filter)`` stands for a cell made fit for its place.

A filter makes a helper column of the table, so a mapping stays plain YARRRML: to another engine ``start|day`` is a column name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from seismic_graph import dates, rdf
from seismic_graph.sources.reading import Scope, slug
from seismic_graph.vocabulary import XSD


@dataclass(frozen=True, slots=True)
class Known:
    """What filters look things up in: the closed lists, and the code of a country by its name in lower case."""

    scope: Scope
    countries: Mapping[str, str] = field(default_factory=dict)


Filter = Callable[[Known, str], str]
"""Gives the text, or nothing where the cell has nothing for that place; raises ValueError with the reason."""


def _slug(known: Known, text: str) -> str:
    return slug(text)


def _country(known: Known, text: str) -> str:
    code = known.countries.get(text.casefold(), text)
    return known.scope.country(code, column="").rpartition("/")[2].rstrip(">")


def _of_precision(length: int) -> Filter:
    def keep(known: Known, text: str) -> str:
        dates.bounds(text)
        return text if len(text) == length else ""

    return keep


def _written(pattern: str, day: int, month: int) -> Filter:
    form = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")

    def turn(known: Known, text: str) -> str:
        match = form.fullmatch(text)
        if not match:
            raise ValueError(f"no date of the form {pattern}")
        try:
            return date(int(match[3]), int(match[month]), int(match[day])).isoformat()
        except ValueError as error:
            raise ValueError(f"no day that exists ({error})") from None

    return turn


_SPACE = re.compile(r"[\s’']|€|EUR", re.IGNORECASE)


def _number(thousands: str, point: str) -> Filter:
    form = re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+)(?:{re.escape(point)}[0-9]+)?")

    def turn(known: Known, text: str) -> str:
        bare = _SPACE.sub("", text)
        if not form.fullmatch(bare):
            raise ValueError(f"no number with {point!r} before the decimals")
        return bare.replace(thousands, "").replace(point, ".")

    return turn


def _web(known: Known, text: str) -> str:
    full = text if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) else f"https://{text}"
    return checked_iri(full)


FILTERS: dict[str, Filter | str] = {
    "slug": _slug,
    "country": _country,
    "year": _of_precision(4),
    "month": _of_precision(7),
    "day": _of_precision(10),
    "dmy": _written("31.12.2025", 1, 2),
    "mdy": _written("12/31/2025", 2, 1),
    "point": _number(",", "."),
    "comma": _number(".", ","),
    "web": _web,
    "list": ";",
    "commas": ",",
}
"""Name -> what it does to a cell; for a list, the sign that divides its values."""

IDENTIFYING = frozenset({"slug", "country", "year", "month", "day"})
"""The filters whose results have only characters that names of things may have."""
LISTS = frozenset(name for name, one in FILTERS.items() if isinstance(one, str))
"""The filters that make several values out of a cell."""


def split(name: str, text: str) -> list[str]:
    """The values of a cell that holds a list; line breaks divide as well."""
    return [value for part in text.splitlines() if part for value in map(str.strip, part.split(str(FILTERS[name]))) if value]


def apply(known: Known, names: tuple[str, ...], text: str) -> str:
    """A cell passed through filters, one after the other.

    Raises:
        ValueError: the cell does not hold what a filter asks for; says what is wrong.
    """
    for name in names:
        one = FILTERS[name]
        if text and not isinstance(one, str):
            text = one(known, text)
    return text


def checked_iri(text: str) -> str:
    """A cell that is the address of something.

    Raises:
        ValueError: it is none.
    """
    if not text.startswith(("http://", "https://")) or not rdf.is_iri(text):
        raise ValueError("no web address; write it in full, from https:// on")
    return text


def _date(length: int) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        dates.bounds(text)
        return len(text) == length

    return fits


_LEXICAL: dict[str, tuple[Callable[[str], object], str]] = {
    "integer": (re.compile(r"[+-]?[0-9]{1,15}").fullmatch, "a whole number of at most 15 digits"),
    "decimal": (re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)").fullmatch, "a number such as 1200 or 0.5"),
    "double": (re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?").fullmatch, "a number such as 1.5 or 2e6"),
    "boolean": (re.compile(r"true|false|1|0").fullmatch, "true or false"),
    "date": (_date(10), "a day such as 2015-09-30"),
    "gYear": (_date(4), "a year such as 2015"),
    "gYearMonth": (_date(7), "a month such as 2015-09"),
    "dateTime": (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch,
        "a time such as 2015-09-30T12:00:00Z",
    ),
    "anyURI": (checked_iri, "a web address"),
}


def check_datatype(text: str, datatype: str) -> None:
    """Whether a text is one of a datatype of XML Schema.

    Raises:
        ValueError: it is not; says what is asked for.
    """
    fits, form = _LEXICAL.get(datatype.removeprefix(XSD), (bool, ""))
    try:
        good = fits(text)
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"not {form}")
