"""Tables that nobody measured."""

from __future__ import annotations

from typing import Any

from benchmarks.tables import OURS, Row, Table

RUN: dict[str, Any] = {
    "date": "2026-01-02 03:04 UTC",
    "command": "python -m benchmarks.run trace",
    "commit": "0123456789ab",
    "seed": 1,
    "machine": {"cores": 2, "memory_gb": 8.0, "processor": "made up", "system": "Linux", "load": [1.5, 1.0, 0.5], "busy": True},
    "versions": {"Python": "3.11.7", "pyoxigraph": "0.5.13"},
}


def made_up(ours: float | None = 0.8, floor: float = 1.0, peer: float | None = None) -> Table:
    """A table of one question beside a floor with an aim of 1, and a peer."""
    rows = [
        Row("what is | asked", OURS, ours, megabytes=12.4, within=2.0),
        Row("what is | asked", "floor", floor, "bare", aim=1.0),
        Row("what is | asked", "peer", peer, "stopped after 9 seconds"),
    ]
    return Table("trace-100k", "Made up", rows, {"triples": 100_000, "seconds to make": {"load": 0.123456}})
