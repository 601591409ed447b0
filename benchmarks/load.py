"""Many clients at once against a SPARQL service, and how long each request took; what the benchmarks of serving share."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its method, path and body, and what is asked for by name."""

    name: str
    path: str
    method: str = "GET"
    body: str | None = None
    accept: str = JSON


@dataclass(slots=True)
class Measured:
    """What came of a load.

    Attributes:
        seconds: how long it lasted; taken: the seconds of each good answer; errors: name and reason of each bad one.
    """

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Requests a second, and the latencies in milliseconds."""
        ordered = sorted(self.taken)
        centiles = statistics.quantiles(ordered, n=20) if len(ordered) > 1 else ordered * 19
        return {
            "requests": len(ordered),
            "errors": len(self.errors),
            "per_second": round(len(ordered) / self.seconds, 1) if self.seconds else 0.0,
            "p50_ms": round(statistics.median(ordered) * 1000, 1) if ordered else None,
            "p95_ms": round(centiles[18] * 1000, 1) if ordered else None,
        }


def query(address: str, name: str, text: str) -> Request:
    """A query as a request to the endpoint at an address."""
    return Request(name, urlsplit(address).path, "POST", urlencode({"query": text}))


class Connection:
    """One client with a connection that it keeps, from an address of its own on the loopback."""

    def __init__(self, base: str, number: int, timeout: float) -> None:
        parts = urlsplit(base)
        source = (f"127.0.2.{number % 250 + 1}", 0) if parts.hostname == "127.0.0.1" else None
        self._make = lambda: http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout, source_address=source)
        self._open: http.client.HTTPConnection | None = None

    def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body of an answer; opens the connection anew where the server closed it."""
        for again in (True, False):
            fresh = self._open is None
            self._open = self._open or self._make()
            try:
                headers = {"Accept": request.accept}
                if request.body is not None:
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                self._open.request(request.method, request.path, request.body, headers)
                reply = self._open.getresponse()
                return reply.status, reply.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if fresh or not again:
                    raise
            except BaseException:
                self.close()
                raise
        raise AssertionError

    def close(self) -> None:
        """Give the connection back."""
        if self._open is not None:
            self._open.close()
            self._open = None


def run(
    base: str, requests: Sequence[Request], clients: int, seconds: float, timeout: float = 30.0, each: Callable[[], None] = lambda: None
) -> Measured:
    """What came of so many clients, who ask the same requests in turn, each from another place in the list; `each` runs meanwhile."""
    measured = Measured()
    lock = threading.Lock()
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        connection = Connection(base, number, timeout)
        start = number * len(requests) // clients
        turns: Iterator[Request] = cycle([*requests[start:], *requests[:start]])
        taken, errors = [], []
        while time.monotonic() < until:
            request = next(turns)
            began = time.perf_counter()
            try:
                status, body = connection.ask(request)
                if status == 200 and body:
                    taken.append(time.perf_counter() - began)
                else:
                    errors.append(f"{request.name}: status {status}")
            except (OSError, http.client.HTTPException) as error:
                errors.append(f"{request.name}: {error!r}")
        connection.close()
        with lock:
            measured.taken += taken
            measured.errors += errors

    began = time.perf_counter()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    each()
    for thread in threads:
        thread.join()
    measured.seconds = time.perf_counter() - began
    return measured


def memory(pid: int) -> int:
    """The bytes that a process and its descendants hold; what several share is counted once (Pss, proc(5))."""
    total = 0
    for process in (pid, *_descendants(pid)):
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except (OSError, ValueError):
            continue  # it ended meanwhile
    return total


def _descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        parents[int(head.split()[0])] = int(rest.split()[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found
