"""What a form asked for: values of a query string as the graph takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seismic_graph.errors import UsageError
from seismic_graph.flows import BASES, DIRECTIONS, READINGS

Query = Mapping[str, Sequence[str]]
"""The query string: each name with its values, in order."""

MOST_HOPS = 10
MOST_PATHS = 20
CHOICES: dict[str, tuple[str, ...]] = {"reading": READINGS[::-1], "basis": BASES, "direction": DIRECTIONS}
"""Field -> the values that it offers."""


def one(query: Query, name: str, default: str = "") -> str:
    """The last value of a field, without spaces around it."""
    values = [value.strip() for value in query.get(name, ()) if value.strip()]
    return values[-1] if values else default


def several(query: Query, name: str) -> list[str]:
    """All values of a field; one value may hold several, separated by semicolons."""
    return [part.strip() for value in query.get(name, ()) for part in value.split(";") if part.strip()]


def number(query: Query, name: str, default: int, most: int) -> int:
    """A whole number of 1 or more.

    Raises:
        UsageError: it is none, or larger than `most`.
    """
    text = one(query, name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise UsageError(f"{name} {text!r}: write a whole number from 1 to {most}.")
    return int(text)


def limits(query: Query, default_hops: int = 6) -> dict[str, Any]:
    """The limits of a search, as `Graph.search` takes them; only what was asked for.

    Raises:
        UsageError: a number that is none.
    """
    found: dict[str, Any] = {name: value for name in ("reading", "basis", "since", "until") if (value := one(query, name))}
    found |= {name: values for name in ("direction", "via", "avoid") if (values := several(query, name))}
    if one(query, "max_hops"):
        found["max_hops"] = number(query, "max_hops", default_hops, MOST_HOPS)
    return found


def kept(query: Query, *names: str) -> dict[str, object]:
    """What belongs to the address of a view: the fields that it knows and that were filled in, in a fixed order."""
    return {name: values if len(values) > 1 else values[0] for name in names if (values := several(query, name))}


LIMITS = ("reading", "basis", "max_hops", "since", "until", "direction", "via", "avoid")
"""The fields of the limits of a search."""
