"""SPARQL 1.1 Protocol and Graph Store Protocol, read-only."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
