"""Jobs for the tests of the pool: functions at the top of a module, as workers want them."""

from __future__ import annotations

import os
import signal
import time
from typing import IO, Any

from seismic_graph.errors import UnknownName
from seismic_graph.graph import Graph


def pid(graph: Graph) -> int:
    return os.getpid()


def add(graph: Graph, first: int, *, second: int) -> int:
    return first + second


def identity(graph: Graph) -> str:
    return graph.store.identity


def count(graph: Graph) -> int:
    return sum(1 for _ in graph.embedded.triples())


def query(graph: Graph, text: str) -> int:
    return len(list(graph.store.query(text)))  # type: ignore[arg-type]


def sleep(graph: Graph, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def unknown(graph: Graph) -> None:
    raise UnknownName("entity", "nanet-see", ["nanet-se"])


def fault(graph: Graph) -> None:
    raise KeyError("a fault of ours")


def die(graph: Graph, number: int) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


def hoard(graph: Graph) -> int:
    return len(bytearray(1 << 34))


def large(graph: Graph, size: int) -> bytes:
    return b"x" * size


def write(graph: Graph, out: IO[bytes], size: int) -> str:
    for _ in range(size // 1000):
        out.write(b"x" * 1000)
    return "written"


def write_and(graph: Graph, out: IO[bytes], what: str) -> Any:
    out.write(b"x" * 1_000_000)
    if what == "raise":
        raise UnknownName("entity", what)
    time.sleep(60)
