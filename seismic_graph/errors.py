"""Every error that we raise, under one base class.

::

    SeismicError                      exit code 2 unless said otherwise
    ├── UsageError                    the call asks for something that does not exist
    │   ├── UnknownName               no entity, query or parameter of that name ("did you mean")
    │   └── AmbiguousName             several entities answer to that name
    ├── DataError                     something that was read is wrong; carries every `Problem`
    ├── QueryError                    a query that cannot be parsed or evaluated
    ├── StoreError                    a store or endpoint that cannot do its work
    │   ├── Unreachable               nothing answers there
    │   ├── Busy                      the endpoint asks us to come back later (429, 503)
    │   ├── TimedOut                  the time limit passed before the answer was whole
    │   ├── TooMuch                   the work needs more memory, or gives more, than is allowed
    │   ├── IncompleteAnswer          the endpoint cut the answer: never passed off as whole
    │   └── NoGraphStore              nothing at the address takes the Graph Store Protocol
    ├── ToolError                     a program of others that works for us could not be set up, failed or took too long
    └── BuildError                    a snapshot could not be made; the last one stays in use
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


class SeismicError(Exception):
    """The base of all our errors. The message says what is wrong and what to change."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled whole, whatever the constructor takes: errors travel from worker processes."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class UsageError(SeismicError):
    """The call asks for something that does not exist or does not fit together."""


class UnknownName(UsageError):
    """Nothing has that name.

    Args:
        kind: what was looked for, for example ``"entity"``.
        name: the text that was looked up.
        suggestions: the nearest names that do exist, best first.
    """

    def __init__(self, kind: str, name: str, suggestions: Iterable[str] = ()) -> None:
        self.kind = kind
        self.name = name
        self.suggestions = tuple(suggestions)
        hint = f" Did you mean: {', '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}")


class AmbiguousName(UsageError):
    """Several entities answer to that name; the message lists them by id."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        super().__init__(f"{name!r} names several entities; use one of the ids: {', '.join(self.candidates)}.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in what was read: where it is, what is wrong, what to change.

    `row` counts records of a CSV file with the header as row 1, as a spreadsheet shows them.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        shown = f": {self.value!r}" if self.value is not None else ""
        return f"{place}{shown}: {self.message} {self.remedy}"


class DataError(SeismicError):
    """What was read is wrong. ``problems`` holds all that was found in the run, in reading order.

    The message shows the first `SHOWN` of them and says how many more there are.
    """

    SHOWN = 50

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in what was read; nothing was published."
        more = [f"... and {count - self.SHOWN} more; correct these first."] if count > self.SHOWN else []
        super().__init__("\n".join([head, *map(str, self.problems[: self.SHOWN]), *more]))


class QueryError(SeismicError):
    """A query that cannot be parsed or evaluated; names the file where there is one, line and column.

    ``line`` and ``column`` count from 1; None where the parser tells no place.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        super().__init__(message)


class StoreError(SeismicError):
    """A store or endpoint that cannot do its work."""


class Unreachable(StoreError):
    """Nothing answers at the address, or the connection broke before the answer was whole."""


class Busy(StoreError):
    """The endpoint asks to be asked later (HTTP 429 or 503). ``retry_after`` is in seconds, where told."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class TimedOut(StoreError):
    """The time limit passed before the answer was whole."""


class TooMuch(StoreError):
    """The work needs more memory, or its answer is longer, than one request may have."""


class IncompleteAnswer(StoreError):
    """The endpoint cut the answer short: it is not passed off as whole."""


class NoGraphStore(StoreError):
    """The endpoint does not speak the Graph Store Protocol at the address that was tried; nothing was written."""


class ToolError(SeismicError):
    """A program of others that works for us could not be set up, failed, or took longer than it may."""


class BuildError(SeismicError):
    """A snapshot could not be made. The snapshot in use before stays in use."""
