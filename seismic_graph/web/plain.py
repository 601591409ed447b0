"""The pages of the SPARQL endpoint at their plainest; without style and script. An application may give nicer ones (`Hooks`)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

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


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title></head><body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
    )


class Plain:
    """The pages as they are without an explorer."""

    def error(self, request: Request, problem: Problem) -> Response:
        """Title and detail."""
        return _page(problem.title, f"<pre>{html.escape(problem.detail)}</pre>")

    def editor(self, request: Request, query: str) -> Response:
        """A form."""
        return _page("SPARQL", self._form(query))

    def answer(self, request: Request, query: str, shown: Shown) -> Response:
        """A table, and the form again."""
        count = f"{len(shown.rows):,} row{'' if len(shown.rows) == 1 else 's'}"
        said = f"The first {count}; there are more." if shown.cut else f"{count}."
        head = "".join(f"<th>{html.escape(name)}</th>" for name in shown.variables)
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in shown.rows)
        return _page("SPARQL", f"{self._form(query)}<p>{said}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")

    @staticmethod
    def _form(query: str) -> str:
        return (
            '<form method="post"><p><label for="query">Query</label></p>'
            f'<p><textarea id="query" name="query" rows="12" cols="80">{html.escape(query)}</textarea></p>'
            '<p><button type="submit">Run</button></p></form>'
        )
