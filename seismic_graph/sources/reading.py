"""What a reader of an imported dataset takes and gives: records in, N-Triples lines or a reason out.

A reader is a function ``read(inputs, scope)`` that gives a `Mapped` or a `Rejected` for every record.
It streams, and it sees no store.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from seismic_graph.vocabulary import BASE, concept_iri, entity_iri


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, as it was read.

    Attributes:
        file: the file as the user knows it: ``topics.csv``, ``cordis.zip/topics.csv``.
        number: the row of a table with the header as row 1, as a spreadsheet shows it; else the ordinal of the record in the file, from 1.
        values: cells by column name, as they are.
        raw: the record untouched: its CSV, JSON or XML text; the cells of a spreadsheet joined by tabs.
    """

    file: str
    number: int
    values: Mapping[str, Any]
    raw: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A node that many records describe: an organisation, a city, a topic.

    Attributes:
        key: its IRI; for a label in one language, the IRI, ``@`` and the language.
        version: orders descriptions; the greatest wins, and the first seen among equals. An ISO date or time, or shorter.
        lines: N-Triples lines about it, each ended by a newline.
    """

    key: str
    version: str
    lines: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record that became triples.

    Attributes:
        table: the table that the record belongs to: ``project``, ``organization``.
        key: what identifies the record in its table across releases.
        lines: N-Triples lines of what the record alone describes.
        shared: nodes that other records describe as well.
    """

    record: Record
    table: str
    key: str
    lines: str
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be mapped: the column that is wrong, where it is one, what is wrong and the remedy."""

    record: Record
    table: str
    column: str | None
    reason: str


Outcome = Mapped | Rejected


class Unfit(ValueError):
    """A cell that does not hold what its column asks for; a reader rejects the record or leaves the cell out."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


_NOT_IN_SLUG = re.compile(r"[^a-z0-9.]+")
_DOTS = re.compile(r"[.-]*-[.-]*|\.\.+")
_UNFOLDED = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "œ": "oe", "þ": "th", "ı": "i"})
_LONGEST_SLUG = 100


@lru_cache(maxsize=65536)
def slug(text: str) -> str:
    """A text as the last segment of an identifier: a to z, 0 to 9, single dots and hyphens.

    What Latin letters cannot say, or what is too long, ends in a digest, so that two texts do not become one.

    >>> slug("H2020-EU.1.3."), slug("Kraków")
    ('h2020-eu.1.3', 'krakow')
    >>> slug("Αθήνα")
    'x-3e6724f0'
    """
    plain, lost = text.casefold(), False
    if not plain.isascii():
        folded = unicodedata.normalize("NFKD", plain.translate(_UNFOLDED))
        plain = "".join(character for character in folded if not unicodedata.combining(character))
        lost = any(character.isalnum() and not character.isascii() for character in plain)
    made = _DOTS.sub(lambda match: "-" if "-" in match[0] else ".", _NOT_IN_SLUG.sub("-", plain)).strip("-.")
    if made and not lost and len(made) <= _LONGEST_SLUG:
        return made
    digest = hashlib.sha256(text.casefold().encode(errors="replace")).hexdigest()[:8]
    return f"{made[:_LONGEST_SLUG].strip('-.') or 'x'}-{digest}"


_EU_CODES = {"EL": "GR", "UK": "GB"}
"""The codes that EU institutions use where ISO 3166-1 has others (Interinstitutional style guide, 7.1.1)."""


@dataclass(slots=True)
class Scope:
    """What a reader needs to know of the run.

    Attributes:
        name: the name of the import, such as ``cordis``.
        concepts: scheme -> the slugs of its concepts: our closed lists.
        notes: what was announced, with how often.
    """

    name: str
    concepts: Mapping[str, frozenset[str]]
    notes: Counter[str] = field(default_factory=Counter)
    _rows: dict[str, str] = field(default_factory=dict)
    _countries: dict[str, str] = field(default_factory=dict)

    def row(self, record: Record) -> str:
        """The N-Triples IRI of a record: ``<…/import/cordis/cordis.zip!topics.csv#row=12>``."""
        start = self._rows.get(record.file)
        if start is None:
            self._rows.clear()  # files come one after the other
            start = f"<{BASE}import/{quote(self.name)}/{quote(record.file.replace('/', '!'), safe='!')}#row="
            self._rows[record.file] = start
        return f"{start}{record.number}>"

    def source(self, record: Record) -> str:  # every record of an import has the same
        """The N-Triples IRI of the source node of the import; the pipeline describes it, once for all its files."""
        return f"<{entity_iri('source', self.name)}>"

    def country(self, code: str, *, column: str) -> str:
        """The N-Triples IRI of a country, from its code of ISO 3166-1 alpha-2 or of the EU (EL, UK).

        Raises:
            Unfit: no country has that code.
        """
        known = self._countries.get(code)
        if known is None:
            iso = code.strip().upper()
            iso = _EU_CODES.get(iso, iso)
            if iso not in self.concepts["country"]:
                raise Unfit(column, f"{code!r} is no country code; use one of ISO 3166-1 alpha-2, or EL, UK.")
            known = self._countries[code] = f"<{concept_iri('country', iso)}>"
        return known

    def concept(self, scheme: str, name: str) -> str:
        """The N-Triples IRI of a concept of one of our closed lists.

        Raises:
            KeyError: the list has no such concept, so the reader is wrong, not the file.
        """
        if name not in self.concepts[scheme]:
            raise KeyError(f"{scheme}/{name}")
        return f"<{concept_iri(scheme, name)}>"

    def note(self, kind: str, count: int = 1) -> None:
        """Count something that the summary announces: a column that is not mapped, a cell that was left out."""
        self.notes[kind] += count
