"""How time is taken: the least of several runs, and work in processes of its own that end with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from seismic_graph.errors import SeismicError, TimedOut

REPEATS = 5
ENOUGH = 5.0
"""Seconds after which no work is done once more."""


def best(work: Callable[[], Any], repeats: int = REPEATS, enough: float = ENOUGH) -> tuple[float, Any]:
    """The least seconds of several runs, and the answer; none begins after `enough` seconds."""
    least, answer = float("inf"), None
    begun = time.perf_counter()
    for _ in range(repeats):
        began = time.perf_counter()
        answer = work()
        ended = time.perf_counter()
        least = min(least, ended - began)
        if ended - begun > enough:
            break
    return least, answer


def alternately(*works: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """The least seconds of each of several works that take turns, so that what else the machine does falls on all of them."""
    taken = [[best(work, 1)[0] for work in works] for _ in range(repeats)]
    return [min(turns) for turns in zip(*taken, strict=True)]


def process(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """What a program wrote to its standard output, from its start to its end.

    Raises:
        SeismicError: it failed.
    """
    done = subprocess.run(command, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        said = " ".join(" ".join(command).split())[:100]
        raise SeismicError(f"{said} ... ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def apart(work: Callable[..., Any], *arguments: Any, seconds: float | None = None, start: str = "spawn") -> Any:
    """The answer of work in a process of its own.

    Args:
        work, arguments: what to do; picklable where `start` is ``spawn``, which begins afresh. With ``fork`` it sees what is here.
        seconds: after so many the process is killed.

    Raises:
        TimedOut: it took longer.
        SeismicError: the process ended without an answer, as one that runs out of memory does.
        Exception: what the work raised.
    """
    context = multiprocessing.get_context(start)
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(there, work, arguments))  # type: ignore[attr-defined]
    worker.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise TimedOut(f"stopped after {seconds:g} seconds")
        answer = here.recv()
    except EOFError:
        worker.join()
        raise SeismicError(f"Its process ended without an answer (exit code {worker.exitcode}).") from None
    except KeyboardInterrupt:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGINT)  # so that it stops the servers that it started
        worker.join(60)
        raise
    finally:
        worker.kill()
        worker.join()
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _work(there: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    os.setpgid(0, 0)  # Ctrl-C reaches the process that waits, which passes it on once
    try:
        answer = work(*arguments)
    except KeyboardInterrupt:
        return
    except Exception as error:
        answer = error
    except BaseException as error:  # a program that is missing, as the fixtures of the tests say it
        answer = SeismicError(str(error))
    try:
        there.send(answer)
    except BrokenPipeError:
        return  # nobody waits any more
    except Exception as error:  # what cannot be pickled
        there.send(SeismicError(f"{answer!r} could not be handed over: {error}"))


def limited(work: Callable[..., tuple[float, Any]], seconds: float, *arguments: Any) -> tuple[float | None, Any]:
    """Seconds and answer of work that times itself, in a process of its own; None and the reason where it did not end in time."""
    try:
        return apart(work, *arguments, seconds=seconds, start="fork")  # type: ignore[no-any-return]
    except TimedOut as late:
        return None, str(late)
