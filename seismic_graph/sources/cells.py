"""Cells of foreign tables as values: sums, days, addresses and texts as people and programs write them."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from functools import lru_cache

from seismic_graph import dates, rdf
from seismic_graph.sources.reading import Unfit

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]{1,2})?")
_GROUPED = re.compile(r"(-?[0-9]{1,3}(?:([., '’\u00a0\u202f])[0-9]{3})(?:\2[0-9]{3})*)(?:([.,])([0-9]+))?")
_ONE_MARK = re.compile(r"(-?[0-9]+)[.,]([0-9]+)")
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")


def amount(cell: str, column: str) -> str:
    """A sum as an ``xsd:decimal``, whichever mark stands before the cents and between the thousands.

    >>> [amount(cell, "totalCost") for cell in ("1234.5", "230000,00", "1.234,56", "1 234 567,8", "1.5E+7", "-12")]
    ['1234.5', '230000.00', '1234.56', '1234567.8', '15000000', '-12']

    Raises:
        Unfit: it is no number; or it can be read in two ways, as 1.234 can.
    """
    if _PLAIN.fullmatch(cell):
        return cell
    text = cell.strip().removeprefix("€").removesuffix("€").strip()
    if _FLOAT.fullmatch(text):
        return format(Decimal(text), "f")
    if one := _ONE_MARK.fullmatch(text):
        whole, cents = one.groups()
        if len(cents) == 3 and len(whole.lstrip("-")) <= 3 and whole.lstrip("-") != "0":
            raise Unfit(column, f"{cell!r} may have thousands or thousandths. Write it without a mark, or with two decimals.")
        return f"{whole}.{cents}"
    if grouped := _GROUPED.fullmatch(text):
        whole, group, mark, cents = grouped.groups()
        if mark != group:
            return re.sub(r"[^0-9-]", "", whole) + (f".{cents}" if cents else "")
    if re.fullmatch(r"-?[0-9]+", text):
        return text
    raise Unfit(column, f"{cell!r} is no number. Write it as 1234.56.")


_EUROPEAN = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})(?:[ T].*)?")
_ISO = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:[ T][0-9]{2}:[0-9]{2}.*)?")


@lru_cache(maxsize=65536)
def day(cell: str, column: str) -> str:
    """A date with the precision that it has: 2015, 2015-09 or 2015-09-30; the time of day goes.

    >>> [day(cell, "startDate") for cell in ("2016-01-01", "2022-08-16 11:09:20", "31.12.2016", "1/9/2016 00:00", "2016")]
    ['2016-01-01', '2022-08-16', '2016-12-31', '2016-09-01', '2016']

    Raises:
        Unfit: it is no date, or none that exists. Days come before months, as in all files of the EU.
    """
    text = cell.strip()
    if european := _EUROPEAN.fullmatch(text):
        text = f"{european[3]}-{int(european[2]):02}-{int(european[1]):02}"
    elif iso := _ISO.fullmatch(text):
        text = iso[1]
    try:
        dates.bounds(text)
    except ValueError as error:
        raise Unfit(column, f"{cell!r} is no date: {error}.") from None
    return text


_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def moment(cell: str) -> str:
    """A date and time that orders versions as a text; ``1`` where there is none to be read."""
    if _MOMENT.fullmatch(cell):
        return cell
    try:
        return day(cell, "") if cell else "1"
    except Unfit:
        return "1"


_NEXT_ADDRESS = re.compile(r"[\s;,|]+(?=https?://|www\.)", re.IGNORECASE)


def address(cell: str, column: str) -> str:
    """The first web address of a cell, as N-Triples; ``www.`` alone is taken for ``http://www.``.

    Raises:
        Unfit: there is none.
    """
    first = _NEXT_ADDRESS.split(cell.strip(), maxsplit=1)[0].strip(" ;,")
    if first[:4].lower() == "www.":
        first = f"http://{first}"
    scheme, mark, rest = first.partition("://")
    if mark and scheme.lower() in ("http", "https") and rdf.is_iri(whole := f"{scheme.lower()}://{rest}"):
        return f"<{whole}>"
    raise Unfit(column, f"{cell!r} is no web address. Write one that begins with http.")


_POINT = re.compile(r"\(?\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*[,; ]\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*\)?")


def point(cell: str, column: str) -> tuple[str, str]:
    """Latitude and longitude in degrees.

    >>> point("48.8473434,2.3487498", "geolocation")
    ('48.8473434', '2.3487498')

    Raises:
        Unfit: it is no pair of numbers, or lies on no globe.
    """
    found = _POINT.fullmatch(cell.strip())
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise Unfit(column, f"{cell!r} is no place. Write latitude and longitude: 48.85,2.35.")
    return found[1], found[2]


_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML holds (XML 1.0, 2.2), and halves of characters: no export could write them."""
_TAG = re.compile(r"</?(?:p|br|h[1-6]|ul|ol|li|b|i|u|em|strong|su[bp]|div|span|a|table|t[rdh]|tbody|thead|font)\b[^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:/?p|br|/?h[1-6]|/?[uo]l|/?li|/?div|/?table|/?tr)\b[^<>]*>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")


def has_markup(text: str) -> bool:
    """Whether a text has HTML in it; a mere ``<`` is none."""
    return ("<" in text and _TAG.search(text) is not None) or ("&" in text and _REFERENCE.search(text) is not None)


def plain(text: str) -> str:
    r"""A text without its HTML.

    >>> plain("<h2>Climate &amp; cities</h2>p < 0.05<br/>for all")
    'Climate & cities\np < 0.05\nfor all'
    """
    text = html.unescape(_TAG.sub("", _BLOCK.sub("\n", text)))
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def has_strange(text: str) -> bool:
    """Whether a text has characters that no export can write."""
    return _STRANGE.search(text) is not None


def without_strange(text: str) -> str:
    """The text with a replacement character (U+FFFD) for each of them."""
    return _STRANGE.sub("\ufffd", text)
