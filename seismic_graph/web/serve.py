"""One process that serves until it is told to stop: uvicorn, with limits on the time that a client may take."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from seismic_graph.errors import UsageError
from seismic_graph.web.operate import JsonLines

_LONGEST_HEAD = 1 << 16
_GRACE_SECONDS = 15
_MOST_CONNECTIONS = 1000


class Impatient(H11Protocol):
    """HTTP/1.1 that hangs up on a client which takes longer than some seconds for the head of a request."""

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._seconds = seconds
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A piece of a request has come."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._clock is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._clock = asyncio.get_running_loop().call_later(self._seconds, self.transport.close)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends without passing the signal on that ended it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at once where it is asked twice. The process then ends with success, for it did what it was told."""
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        UsageError: the port is taken, or the address is none of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)  # named, so that asyncio sends without delay
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}. Choose another with --port, or stop what uses it."
        ) from None
    return listener


def serve(
    make: Callable[[], Starlette],
    host: str,
    port: int,
    *,
    patience: float = 15.0,
    proxies: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Serve until SIGTERM or SIGINT; running requests are then given some seconds to end.

    Args:
        make: makes the application, once the address is ours.
        host, port: where to listen; port 0 takes a free one.
        patience: seconds that the head of a request may take to arrive.
        proxies: addresses of proxies, with commas, whose X-Forwarded-For and X-Forwarded-Proto are believed.
        say: told the address when the service is ready.

    Raises:
        UsageError: the port is taken.
        SeismicError: the workers do not start.
    """
    listener = listen(host, port)
    _log_json_lines()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65536)) if hard != resource.RLIM_INFINITY else 65536, hard))
    app = make()
    config = uvicorn.Config(
        app,
        http=partial(Impatient, patience),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",  # run here, so that its errors are ours
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    place, taken = listener.getsockname()[:2]
    shown = f"[{place}]" if ":" in place else place

    async def run() -> None:
        async with app.router.lifespan_context(app):
            await _Server(config, lambda: say(f"http://{shown}:{taken}/")).serve([listener])

    asyncio.run(run())


def _log_json_lines() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("seismic_graph.web").setLevel(logging.INFO)
