"""Work in processes of its own, and graphs that are kept."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from benchmarks import graphs, timing
from seismic_graph.errors import SeismicError, TimedOut, UsageError


def double(number: int) -> int:
    return 2 * number


def refuse() -> None:
    raise UsageError("not so")


def die() -> None:
    os._exit(7)


def sleep(seconds: float) -> tuple[float, str]:
    time.sleep(seconds)
    return seconds, "awake"


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_work_apart_gives_its_answer(start: str) -> None:
    assert timing.apart(double, 21, start=start) == 42


def test_what_the_work_raised_is_raised() -> None:
    with pytest.raises(UsageError, match="not so"):
        timing.apart(refuse)


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(SeismicError, match=r"ended without an answer \(exit code 7\)"):
        timing.apart(die)


def test_work_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TimedOut, match=r"stopped after 0\.2 seconds"):
        timing.apart(sleep, 600.0, seconds=0.2)
    assert timing.limited(sleep, 0.2, 600.0) == (None, "stopped after 0.2 seconds")
    assert timing.limited(sleep, 60.0, 0.0) == (0.0, "awake")


def test_a_graph_is_made_once_for_a_size_and_a_seed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEISMIC_HOME", str(home))
    first = graphs.graph(20_000, 1, tmp_path)
    made = (first / "record.nt").stat().st_mtime_ns
    assert graphs.graph(20_000, 1, tmp_path) == first
    assert (first / "record.nt").stat().st_mtime_ns == made
    other = graphs.graph(20_000, 2, tmp_path)
    assert other != first
    assert (other / "record.nt").read_bytes() != (first / "record.nt").read_bytes()
    assert not list((tmp_path / "work").iterdir())
