"""What a mapping of a table holds: rules, statements, and templates of fixed text and cells."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from seismic_graph.errors import Problem
from seismic_graph.sources.filters import LISTS
from seismic_graph.vocabulary import VOCABULARY


@dataclass(frozen=True, slots=True)
class Reference:
    """``$(column|filter)``: a cell, passed through filters."""

    column: str
    filters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"$({'|'.join((self.column, *self.filters))})"

    @property
    def is_list(self) -> bool:
        """Whether it stands for several values."""
        return bool(self.filters) and self.filters[0] in LISTS


@dataclass(frozen=True, slots=True)
class Template:
    """Fixed text and references in turn."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The cells that it asks for."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def start(self) -> str:
        """The fixed text that it begins with."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One property of the things of a rule.

    Attributes:
        predicate: its IRI.
        value: what it is filled with.
        iri: whether the value is an IRI; else a text.
        language, datatype: of a text; the datatype as an IRI.
    """

    predicate: str
    value: Template
    iri: bool
    language: str | None = None
    datatype: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One mapping of the document: what a row says about one thing."""

    name: str
    subject: Template
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class TableMapping:
    """A checked mapping; its first rule tells what a row is about."""

    file: str
    rules: tuple[Rule, ...]

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All cells that are asked for, each once, in the order of the document."""
        asked = (ref for rule in self.rules for part in (rule.subject, *(one.value for one in rule.statements)) for ref in part.references)
        return tuple(dict.fromkeys(asked))

    def unknown_columns(self, columns: Collection[str]) -> list[Problem]:
        """A problem for each column that the mapping asks for and the table does not have."""
        found = []
        for column in dict.fromkeys(ref.column for ref in self.references if ref.column not in columns):
            near = difflib.get_close_matches(column, columns, 3, 0.5)
            hint = f"Did you mean: {', '.join(near)}?" if near else f"Its columns are: {', '.join(sorted(columns))}."
            found.append(Problem(self.file, None, None, f"$({column})", "the table has no such column.", hint))
        return found

    def unknown_concepts(self, concepts: Mapping[str, frozenset[str]]) -> list[Problem]:
        """A problem for each concept that is named in full and in none of our closed lists, and each list that does not exist."""
        found = []
        for value in dict.fromkeys(one.value for rule in self.rules for one in rule.statements if one.iri):
            if value.start.startswith(VOCABULARY):
                scheme, _, slug = value.start[len(VOCABULARY) :].partition("/")
                known = concepts.get(scheme, frozenset())
                if not known or (not value.references and slug not in known):
                    near = difflib.get_close_matches(slug, known, 3, 0.3) if known else sorted(concepts)
                    hint = f"Use one of: {', '.join(near or sorted(known)[:20])}."
                    found.append(Problem(self.file, None, None, f"voc:{scheme}/{slug}", "is no concept of our closed lists.", hint))
        return found
