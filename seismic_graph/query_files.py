"""Query files: SPARQL with a header of ``#+`` lines in YAML (the decorators of grlc), runnable in any tool.

A parameter is declared in the header and has a working default in the text, in a block of its own:
``VALUES ?city { <https://.../id/city/stockholm> }``. To run with another value, the terms inside the
block are replaced by serialised terms; nothing else of the text changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seismic_graph.errors import DataError, Problem, UnknownName, UsageError

_KEYS = {"summary", "description", "tags", "users", "parameters", "order", "exceptions"}
_PARAMETER_KEYS = {"type", "description"}
PARAMETER_TYPES = ("entity", "concept", "text", "date", "year", "number")
"""What a parameter may hold; ``entity`` and ``concept`` accept labels."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    Attributes:
        type: one of `PARAMETER_TYPES`.
        of: for an entity, the class it must be of (``Network``); for a concept, its scheme (``direction``).
        default: the terms of the block as they stand in the file.
    """

    name: str
    type: str
    of: str | None
    description: str
    default: str


@dataclass(frozen=True, slots=True)
class Query:
    """One question of the library.

    Attributes:
        name: the file name without suffix, in kebab case.
        users: whom it serves: researchers, analysts, integrators.
        exceptions: engine -> why its answer differs; empty where all agree.
    """

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    users: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    exceptions: Mapping[str, str]
    text: str

    def bind(self, values: Mapping[str, Sequence[str]]) -> str:
        """The query text with serialised terms in the place of defaults.

        Args:
            values: parameter -> N-Triples terms; one or several, all are asked for together.

        Raises:
            UnknownName: the query has no such parameter.
        """
        names = [parameter.name for parameter in self.parameters]
        places: list[tuple[int, int, str]] = []
        for name, terms in values.items():
            if name not in names:
                raise UnknownName(f"parameter of {self.name}", name, names)
            if match := _block(name).search(self.text):
                places.append((*match.span(2), " ".join(terms)))
        text = self.text
        for start, end, terms_text in sorted(places, reverse=True):  # from the end, so that no bound text is read again
            text = text[:start] + terms_text + text[end:]
        return text


def _block(name: str) -> re.Pattern[str]:
    return re.compile(r"(VALUES\s+\?" + re.escape(name) + r"\s*\{\s*)(.*?)(\s*\}(?=\s))", re.DOTALL | re.IGNORECASE)


def read(file: Path, required: Sequence[str] = ("summary", "description", "tags", "users")) -> tuple[dict[str, Any], str]:
    """The header of a query file as a mapping, and its text, header included.

    Raises:
        DataError: the header is not YAML, lacks a required key or has one that is not known.
    """
    import yaml

    text = file.read_text(encoding="utf-8")
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]

    def wrong(column: str | None, message: str, remedy: str) -> DataError:
        return DataError([Problem(str(file), None, column, None, message, remedy)])

    try:
        header = yaml.safe_load("\n".join(lines)) or {}
    except yaml.YAMLError as error:
        raise wrong(None, f"the header is not YAML: {error}.", "Quote values that hold a colon.") from None
    for key in required:
        if key not in header:
            raise wrong(key, "the header lacks this key.", f"Add the line: #+ {key}: ...")
    for key in header:
        if key not in _KEYS:
            raise wrong(key, "the header has a key that is not known.", f"The keys are {', '.join(sorted(_KEYS))}.")
    return header, text


def load(file: Path) -> Query:
    """A question of the library.

    Raises:
        DataError: the header or a parameter block is not as it must be.
    """
    header, text = read(file)
    parameters = []
    for name, declared in (header.get("parameters") or {}).items():
        kind, _, of = str(declared.get("type", "")).partition(" ")
        found = _block(name).findall(text)
        problem = None
        if kind not in PARAMETER_TYPES or set(declared) - _PARAMETER_KEYS:
            problem = f"needs a type out of {', '.join(PARAMETER_TYPES)} and may have a description, nothing else."
        elif len(found) != 1:
            problem = f"needs exactly one block VALUES ?{name} {{ default }} in the text; there are {len(found)}."
        if problem:
            raise DataError([Problem(str(file), None, name, None, f"the parameter {problem}", "Correct the file.")])
        parameters.append(Parameter(name, kind, of or None, declared.get("description", ""), found[0][1]))
    return Query(
        name=file.stem,
        summary=header["summary"],
        description=header["description"],
        tags=tuple(header["tags"]),
        users=tuple(header["users"]),
        parameters=tuple(parameters),
        exceptions=header.get("exceptions") or {},
        text=text,
    )


def from_text(text: str, name: str = "ad hoc") -> Query:
    """An ad hoc query without parameters."""
    if not text.strip():
        raise UsageError("The query is empty.")
    return Query(name, "", "", (), (), (), {}, text)
