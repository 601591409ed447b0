"""Words of the interface in the languages of the pages, out of ``locale/<language>.toml``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    Attributes:
        language: its tag (BCP 47); texts: key -> text, with ``{name}`` where a value goes.
    """

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key. A key that is not known raises `KeyError`, so that a typo never becomes an empty page."""
        text = self.texts[key]
        return text.format(**{name: self.number(value) if isinstance(value, int) else value for name, value in values.items()})

    def counted(self, key: str, number: int) -> str:
        """The text for a number of things: ``key.one`` or ``key.many``."""
        return self(f"{key}.{'one' if number == 1 else 'many'}", n=number)

    def table(self, name: str) -> str:
        """The texts of one table as JSON, for scripts."""
        start = f"{name}."
        return json.dumps({key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}, ensure_ascii=False)

    def maybe(self, key: str, fallback: str) -> str:
        """The text of a key, or another text where there is none: for values that come from the data."""
        return self.texts.get(key, fallback)

    def number(self, value: int) -> str:
        """A whole number as it is written in this language."""
        return f"{value:,}".replace(",", self.texts["number.separator"])


@lru_cache
def words(language: str) -> Words:
    """The words of one of `urls.LANGUAGES`."""
    tables = tomllib.loads((LOCALE / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language, {f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()})
