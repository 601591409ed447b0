"""What the protocol asks of the pages that it shows to browsers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from seismic_graph.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of the answer to a query.

    Attributes:
        kind: ``rows``, ``boolean`` or ``graph``.
        variables: the heads of the columns.
        rows: the terms in N-Triples form; empty for a variable that is not bound.
        cut: there are more rows than these.
        snapshot: the id of the snapshot that it is from.
        seconds: how long it took.
    """

    kind: str
    variables: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    cut: bool
    snapshot: str = ""
    seconds: float = 0.0


class Hooks(Protocol):
    """The pages that the endpoint shows to browsers. Statuses and headers of errors are set by the caller."""

    def error(self, request: Request, problem: Problem) -> Response:
        """The page that tells a problem."""
        ...

    def editor(self, request: Request, query: str) -> Response:
        """The page to write a query in; it sends ``query`` to this very address by GET or POST."""
        ...

    def answer(self, request: Request, query: str, shown: Shown) -> Response:
        """The page with the answer to a query; it says where the answer was cut."""
        ...
