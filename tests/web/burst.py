"""Many clients at once, good and bad ones, against a running service: what came back, and whether it was right.

As a test for a few seconds; by hand for a minute, which prints the counts and what the service held:

    python -m tests.web.burst http://127.0.0.1:8000/ --clients 200 --seconds 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from tests.web.service import CROSS

SUM = "SELECT (SUM(?n) AS ?sum) { VALUES ?n { 1 2 3 4 5 } }"
BAD = b"GET /sparql?query=%ff%00&format=\x00 HTTP/1.1\r\nHost: e\r\n\r\n"
RIGHT = {"sum": {200}, "cross": {504}, "wrong": {400}, "update": {403}, "body": {413}, "nonsense": {400}, "nothing": {404}}
"""Kind of request -> the statuses that are right; 429 is for any that asks the store."""


@dataclass(slots=True)
class Seen:
    """What came of a burst.

    Attributes:
        statuses: kind and status -> how often.
        faults: what was not right, in words.
        health: how often the service was asked how it is, and was well.
    """

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    health: int = 0

    def count(self, kind: str, status: int) -> int:
        return self.statuses[kind, status]


def request(kind: str) -> bytes:
    """The bytes of a request of a kind."""
    if kind == "nonsense":
        return BAD

    def get(path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n".encode()

    def post(media_type: str, body: bytes, told: int | None = None) -> bytes:
        head = f"POST /sparql HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Type: {media_type}\r\n"
        return f"{head}Content-Length: {told or len(body)}\r\n\r\n".encode() + body

    return {
        "sum": lambda: get(f"/sparql?{urllib.parse.urlencode({'query': SUM})}"),
        "cross": lambda: post("application/sparql-query", CROSS.encode()),
        "wrong": lambda: post("application/sparql-query", b"SELECT * {"),
        "update": lambda: post("application/sparql-update", b"CLEAR ALL"),
        "body": lambda: post("application/sparql-query", b"x" * 4096, told=1 << 40),
        "nothing": lambda: get("/no/such/place"),
        "health": lambda: get("/health"),
    }[kind]()


async def ask(host: str, port: int, kind: str, source: str | None = None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer; the connection is ours alone."""
    local = (source, 0) if source else None
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(host, port, local_addr=local)
        try:
            writer.write(request(kind))
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"])) if "content-length" in headers else await reader.read()
            return int(head[0].split(" ")[1]), headers, body
        finally:
            writer.close()


async def _client(seen: Seen, host: str, port: int, number: int, until: float) -> None:
    """One client: most of its requests are good, some are hostile; it comes from an address of its own on the loopback."""
    good = ("sum", "sum", "wrong", "sum", "update", "nothing", "body", "sum", "nonsense", "sum")
    kinds = ("cross", "sum") if number % 10 == 0 else good
    source = f"127.0.{number // 200}.{number % 200 + 2}" if host == "127.0.0.1" else None
    turn = number
    while time.monotonic() < until:
        kind = kinds[turn % len(kinds)]
        turn += 1
        try:
            status, headers, body = await ask(host, port, kind, source)
        except (OSError, EOFError, TimeoutError) as error:
            seen.faults.append(f"{kind}: no answer ({error!r})")
            continue
        seen.statuses[kind, status] += 1
        if status == 429 and kind in ("sum", "cross", "wrong"):
            if not headers.get("retry-after", "").isdigit():
                seen.faults.append(f"{kind}: 429 without Retry-After")
            await asyncio.sleep(0.1)
        elif status not in RIGHT[kind]:
            seen.faults.append(f"{kind}: status {status}: {body[:200]!r}")
        elif kind == "sum" and json.loads(body)["results"]["bindings"][0]["sum"]["value"] != "15":
            seen.faults.append(f"sum: {body!r}")


async def _nurse(seen: Seen, host: str, port: int, until: float) -> None:
    while time.monotonic() < until:
        status, _, body = await ask(host, port, "health")
        if status == 200 and json.loads(body)["status"] == "ok":
            seen.health += 1
        else:
            seen.faults.append(f"health: status {status}: {body!r}")
        await asyncio.sleep(0.2)


async def _all(seen: Seen, host: str, port: int, clients: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    await asyncio.gather(_nurse(seen, host, port, until), *(_client(seen, host, port, number, until) for number in range(clients)))


def burst(base: str, clients: int, seconds: float) -> Seen:
    """What came of so many clients for so long."""
    parts = urllib.parse.urlsplit(base)
    seen = Seen()
    asyncio.run(_all(seen, parts.hostname or "127.0.0.1", parts.port or 80, clients, seconds))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    told = parser.parse_args()
    seen = burst(told.base, told.clients, told.seconds)
    for (kind, status), count in sorted(seen.statuses.items()):
        print(f"{kind:10} {status} {count:7,}")  # noqa: T201
    print(f"well {seen.health} times; {len(seen.faults)} faults", *seen.faults[:20], sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
