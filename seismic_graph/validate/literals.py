"""Whether a text is a lexical form of an XSD datatype (XML Schema 1.1 part 2), judged before a store changes it."""

from __future__ import annotations

import calendar
import re

INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
"""Integer datatype -> its bounds (XML Schema 1.1 part 2, sections 3.4.13 to 3.4.25)."""
CHANGED = frozenset(INTEGERS) - {"integer"} | {"dateTimeStamp"}
"""The datatypes that the store replaces by wider ones."""
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH, _DAY = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
LEXICAL: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
        "double": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "float": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "boolean": r"true|false|1|0",
        "date": rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}?",
        "dateTime": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}?",
        "dateTimeStamp": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
        "time": rf"{_TIME}{_ZONE}?",
        "gYear": rf"{_YEAR}{_ZONE}?",
        "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
        "gMonth": rf"--{_MONTH}{_ZONE}?",
        "gMonthDay": rf"--{_MONTH}-{_DAY}{_ZONE}?",
        "gDay": rf"---{_DAY}{_ZONE}?",
        "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
        "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    }.items()
}
"""Datatype -> its lexical forms (XML Schema 1.1 part 2, section 3.3)."""
FORMS = {
    "integer": "digits, within the bounds of the datatype",
    "decimal": "digits with a decimal point",
    "double": "a number such as 1.5E3",
    "float": "a number such as 1.5E3",
    "boolean": "true or false",
    "date": "a day that exists, as 2015-09-30",
    "dateTime": "a day that exists with a time, as 2015-09-30T12:00:00",
    "dateTimeStamp": "a day that exists with a time and its zone, as 2015-09-30T12:00:00Z",
    "time": "a time, as 12:00:00",
    "gYear": "a year, as 2015",
    "gYearMonth": "a year and a month, as 2015-09",
    "gMonth": "a month, as --09",
    "gMonthDay": "a month and a day, as --09-30",
    "gDay": "a day, as ---30",
    "hexBinary": "pairs of hexadecimal digits",
    "language": "a language tag, as sv",
}


def is_well_formed(text: str, datatype: str) -> bool:
    """Whether a text is a lexical form of an XSD datatype; True for those that are not known.

    >>> is_well_formed("2020-02-30", "date")
    False
    >>> is_well_formed("300", "byte")
    False
    """
    if bounds := INTEGERS.get(datatype):
        if not re.fullmatch(r"[+-]?[0-9]{1,4000}", text, re.ASCII):
            return False
        number = int(text)
        return (bounds[0] is None or number >= bounds[0]) and (bounds[1] is None or number <= bounds[1])
    pattern = LEXICAL.get(datatype)
    if pattern is None:
        return True
    match = pattern.fullmatch(text)
    if match is None:
        return False
    parts = match.groupdict()
    if not parts.get("day") or not parts.get("month"):
        return True
    year = int(parts["year"]) % 400 if parts.get("year") else 4  # the calendar repeats after 400 years
    return int(parts["day"]) <= calendar.monthrange(year or 400, int(parts["month"]))[1]
