"""What every request goes through, as plain ASGI: the log line, the base address, the body, the headers that protect browsers."""

from __future__ import annotations

import asyncio
import logging
import time
import urllib.parse
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seismic_graph.web import problems
from seismic_graph.web.assets import POLICY
from seismic_graph.web.operate import Metrics
from seismic_graph.web.workers import CLIENT

_LOG = logging.getLogger(__name__)

CONTENT_SECURITY = f"{POLICY}; frame-ancestors 'none'"
_PROTECTION = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Watch:
    """Outermost: gives each request an id, protects its answer, turns faults into problems, and logs and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status, sent, snapshot, ended = 0, 0, "", ""
        number = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = number
        CLIENT.set(scope["client"][0] if scope.get("client") else "")

        async def watched(message: Message) -> None:
            nonlocal status, sent, snapshot
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = number
                for name, value in _PROTECTION.items():
                    headers.setdefault(name, value)
                snapshot = headers.get("X-Seismic-Snapshot", "")
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ConnectionError:
            ended = "client went away"
        except Exception:
            ended = "fault"
            _LOG.exception("fault", extra={"fields": {"request": number}})
            if not status:
                await (await problems.handle(Request(scope), RuntimeError()))(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "") or "other"
            self.metrics.served(route, scope["method"], status, seconds)
            fields = {
                "request": number,
                "client": CLIENT.get(),
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "seconds": round(seconds, 4),
                "bytes": sent,
                "snapshot": snapshot,
                "ended": ended,
            }
            _LOG.info("request", extra={"fields": {name: value for name, value in fields.items() if value not in ("", None)}})


class Base:
    """Puts the application below its public address, whether or not the proxy in front takes the path off.

    Links that are made from the request then begin with that address, whatever the Host header says.
    """

    def __init__(self, app: ASGIApp, base: str | None) -> None:
        self.app = app
        parts = urllib.parse.urlsplit(base or "")
        self.scheme, self.host, self.path = parts.scheme, parts.netloc, parts.path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and self.host:
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope.update(scheme=self.scheme, root_path=self.path, headers=[(b"host", self.host.encode()), *headers])
            if not f"{scope['path']}/".startswith(f"{self.path}/"):
                scope["path"] = self.path + scope["path"]
        await self.app(scope, receive, send)


class Body:
    """Takes the whole body first, within a length and a time; afterwards a client that goes away ends the work for it.

    Args:
        app: what comes next.
        longest: bytes that a body may have.
        seconds: how long a body may take to arrive, and each piece of an answer to leave.
    """

    def __init__(self, app: ASGIApp, longest: int, seconds: float) -> None:
        self.app = app
        self.longest = longest
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body = await self._whole(scope, receive)
        except problems.Refused as refused:
            await problems.answer(Request(scope), refused.problem)(scope, receive, send)
            return
        except TimeoutError:
            problem = problems.Problem(
                408, "Request Timeout", f"The body did not arrive within {self.seconds:g} seconds.", headers={"Connection": "close"}
            )
            await problems.answer(Request(scope), problem)(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": body, "more_body": False}
            return await gone.get()

        async def patient(message: Message) -> None:
            try:
                async with asyncio.timeout(self.seconds):
                    await send(message)
            except TimeoutError:
                raise ConnectionError("the client does not read") from None

        gone: asyncio.Queue[Message] = asyncio.Queue()
        work = asyncio.ensure_future(self.app(scope, again, patient))
        left = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                gone.put_nowait(left.result())
                work.cancel()
                await asyncio.wait({work})
                raise ConnectionError("the client went away")
            await work
        finally:
            for task in (work, left):
                task.cancel()

    async def _whole(self, scope: Scope, receive: Receive) -> bytes:
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdigit() and int(told) > self.longest:
            raise self._too_long()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("the client went away")
            body += message.get("body", b"")
            if len(body) > self.longest:
                raise self._too_long()
            if not message.get("more_body"):
                return bytes(body)

    def _too_long(self) -> problems.Refused:
        detail = f"A request may have {self.longest:,} bytes. Ask in a shorter form."
        return problems.Refused(413, "Content Too Large", detail, {"Connection": "close"})
