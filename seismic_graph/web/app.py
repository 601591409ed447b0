"""The application: routes of all rooms, what every request goes through, and the pool of workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from seismic_graph.errors import SeismicError
from seismic_graph.settings import Settings
from seismic_graph.web import data, middleware, operate, pages, problems, protocol
from seismic_graph.web.urls import below
from seismic_graph.web.workers import WorkerPool

_EXPOSED = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id", "X-Seismic-Snapshot", "X-Seismic-Truncated"]


def create_app(
    settings: Settings,
    *,
    base: str | None = None,
    max_rows: int = 100_000,
    max_request: int = 1 << 20,
    patience: float = 15.0,
    **pool: Any,
) -> Starlette:
    """The application. Its state holds ``pool``, ``settings``, ``base``, ``max_rows``, ``metrics``, ``hooks`` and ``started``.

    Args:
        settings: where the snapshots are.
        base: the public address, for example ``https://example.org/kg/``; None where it is that of each request.
        max_rows: how many rows or triples an answer to a query may have; a cut is announced.
        max_request: bytes that the body of a request may have.
        patience: seconds that a body may take to arrive, and each piece of an answer to leave.
        **pool: see `WorkerPool`.

    Raises:
        UsageError: the public address is none.
    """
    if base is not None:
        base = below(base)
    workers = WorkerPool(settings, **pool)
    counted = operate.Metrics(workers)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await workers.start()
        try:
            yield
        finally:
            await workers.close()

    routes = [*protocol.routes, *operate.routes, *data.routes, *pages.routes]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={SeismicError: problems.handle, HTTPException: problems.handle, problems.Refused: problems.handle},
        middleware=[
            Middleware(middleware.Watch, metrics=counted),
            Middleware(middleware.Base, base=base),
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
                allow_headers=["*"],
                expose_headers=_EXPOSED,
                max_age=86400,
            ),
            Middleware(middleware.Body, longest=max_request, seconds=patience),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        ],
    )
    app.router.redirect_slashes = False  # an address is right or not there
    app.state.pool = workers
    app.state.settings = settings
    app.state.base = base
    app.state.max_rows = max_rows
    app.state.metrics = counted
    app.state.hooks = pages.hooks
    app.state.started = time.monotonic()
    return app
