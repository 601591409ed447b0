"""Errors as answers: problem details for machines (RFC 9457), a page for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from seismic_graph.errors import (
    AmbiguousName,
    Busy,
    QueryError,
    SeismicError,
    StoreError,
    TimedOut,
    TooMuch,
    UnknownName,
    UsageError,
)
from seismic_graph.web.negotiation import likes_html

_STATUS: tuple[tuple[type[SeismicError], int, str], ...] = (
    (UnknownName, 404, "Nothing has that name"),
    (AmbiguousName, 409, "Several things have that name"),
    (UsageError, 400, "The request asks for something that does not exist"),
    (QueryError, 400, "The query cannot be answered"),
    (Busy, 429, "Too many requests"),
    (TimedOut, 504, "The time limit passed"),
    (TooMuch, 507, "More than one request may have"),
    (StoreError, 503, "The store could not do its work"),
    (SeismicError, 400, "The request cannot be answered"),
)
"""Error -> HTTP status and title, the most special first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request (RFC 9457, section 3).

    Attributes:
        status: the HTTP status.
        title: the kind of problem in a few words.
        detail: what is wrong and what to change.
        more: further members, for example ``line`` and ``column`` of an error in a query.
        headers: further headers, for example Allow.
    """

    status: int
    title: str
    detail: str
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """The problem that an error is."""
        if isinstance(error, HTTPException):
            title = HTTPStatus(error.status_code).phrase
            detail = error.detail if error.detail != title else _DETAILS.get(error.status_code, title)
            return cls(error.status_code, title, detail, headers=dict(error.headers or {}))
        if not isinstance(error, SeismicError):
            return cls(500, "A fault of this service", "Something went wrong here. It is in the log under the id of this request.")
        status, title = next((status, title) for kind, status, title in _STATUS if isinstance(error, kind))
        more: dict[str, Any] = {}
        headers = {}
        if isinstance(error, QueryError) and error.line is not None:
            more = {"line": error.line, "column": error.column}
        if isinstance(error, UnknownName):
            more = {"suggestions": list(error.suggestions)}
        if isinstance(error, AmbiguousName):
            more = {"candidates": list(error.candidates)}
        if isinstance(error, Busy):
            headers = {"Retry-After": f"{error.retry_after or 1:.0f}"}
        return cls(status, title, str(error), more, headers)

    def to_dict(self) -> dict[str, Any]:
        """The members of the problem."""
        own = asdict(self)
        return {"type": "about:blank", "title": own["title"], "status": own["status"], "detail": own["detail"], **self.more}


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take such a request; the header Allow says which it takes. The service is read-only.",
}


class Refused(Exception):
    """A request that is not answered, with the problem to tell."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        self.problem = Problem(status, title, detail, more, headers or {})
        super().__init__(detail)


def answer(request: Request, problem: Problem) -> Response:
    """The answer that tells a problem: a page where a browser asks, else problem+json."""
    if likes_html(request.headers.get("accept", ""), ("application/json", "application/problem+json")):
        page: Response = request.app.state.hooks.error(request, problem)
        response = page
    else:
        response = JSONResponse(problem.to_dict(), media_type="application/problem+json")
    response.status_code = problem.status
    response.headers.update({"Cache-Control": "no-store", **problem.headers})
    response.headers.add_vary_header("Accept")
    return response


async def handle(request: Request, error: Exception) -> Response:
    """The answer to a request that raised; what is no error of ours is logged with its traceback."""
    return answer(request, error.problem if isinstance(error, Refused) else Problem.of(error))
