"""One worker process: it holds the graph of one snapshot open, does one job at a time, and can be killed at any moment.

The engine cannot be interrupted: a query ends when its process does. So every job runs in a process of its own kind, and the
process pays for it: it is killed at the deadline, and the system bounds its memory. Both sides talk over a socket pair, in frames
of a length and a pickle.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import multiprocessing
import os
import pickle
import resource
import signal
import socket
import struct
import tempfile
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from seismic_graph import snapshots
from seismic_graph.errors import SeismicError, StoreError, TooMuch
from seismic_graph.graph import Graph
from seismic_graph.settings import Settings

_LENGTH = struct.Struct("!Q")
_IN_MEMORY = 1 << 18
"""Bytes of a body that travel over the socket; longer ones go by a file."""
_MAX_VALUE = 1 << 24
"""Bytes of a pickled value; larger answers are written, not returned."""
_CHUNK = 1 << 16
_START_SECONDS = 30.0
_WARM_AFTER = 0.5

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["seismic_graph.web.process", "seismic_graph.names", "seismic_graph.queries", "seismic_graph.trace"])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use.

    Attributes:
        memory: bytes of data that its process may hold.
        body: bytes that one job may write.
        spool: the folder for bodies that are too long to be kept in memory.
    """

    memory: int
    body: int
    spool: Path


@dataclass(slots=True, weakref_slot=True, eq=False)
class Body:
    """The bytes that a job wrote: a stretch of memory, or a file without a name that is gone with this object."""

    size: int
    held: bytes | IO[bytes]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes in order, a piece at a time; the file is closed at the end."""
        if isinstance(self.held, bytes):
            yield self.held
            return
        try:
            while piece := await asyncio.to_thread(self.held.read, _CHUNK):
                yield piece
        finally:
            self.held.close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a job gave.

    Attributes:
        value: what the function returned.
        snapshot: the id of the snapshot that it was asked of.
        seconds: how long it took in the worker.
        body: what the function wrote; None for one that returns alone.
    """

    value: Any
    snapshot: str
    seconds: float
    body: Body | None = None


class Died(StoreError):
    """The process ended in the middle of a job. ``code`` is its exit code, negative for a signal."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"The worker ended with code {code} in the middle of its work.")


def _no_memory(limits: Limits) -> TooMuch:
    return TooMuch(f"This takes more memory than one request may have ({limits.memory >> 20:,} MB). Ask for less.")


class Worker:
    """The front's hand on one worker process.

    Attributes:
        snapshot: the id of the snapshot that it holds open.
        retired: no new job is for it; it ends when the running one is done.
    """

    def __init__(self, process: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, snapshot: str, limits: Limits) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self.snapshot = snapshot
        self.retired = False

    @classmethod
    async def start(cls, settings: Settings, snapshot: str, limits: Limits) -> Worker:
        """A worker that is ready for its first job.

        Raises:
            SeismicError: the snapshot cannot be opened, or the process does not come up.
        """
        ours, theirs = socket.socketpair()
        process = _context.Process(target=_work, args=(theirs, settings, snapshot, limits), daemon=True, name="seismic-worker")
        try:
            await asyncio.to_thread(process.start)
        finally:
            theirs.close()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        worker = cls(process, reader, writer, snapshot, limits)
        try:
            async with asyncio.timeout(_START_SECONDS):
                _, value, *_ = await worker._receive()
        except TimeoutError:
            worker.kill()
            raise StoreError(f"A worker did not open snapshot {snapshot} within {_START_SECONDS:g} seconds.") from None
        except BaseException:
            worker.kill()
            raise
        if isinstance(value, BaseException):
            worker.kill()
            raise value
        return worker

    @property
    def pid(self) -> int | None:
        """The id of the process."""
        pid: int | None = self._process.pid
        return pid

    @property
    def alive(self) -> bool:
        """Whether the process runs and the line to it is open."""
        return not self._reader.at_eof() and bool(self._process.is_alive())

    async def run(self, function: Callable[..., Any], args: Any, kwargs: Any, seconds: float, *, writes: bool) -> Reply:
        """What a job gives. The caller kills the worker where this is cancelled or raises `TimeoutError`.

        Raises:
            SeismicError: raised by the job.
            TooMuch: the job took more memory than it may, or gave more.
            Died: the process ended.
            RuntimeError: a fault of ours in the job; the message is its traceback.
        """
        job = pickle.dumps((function, args, kwargs, seconds, writes))
        try:
            self._writer.write(_LENGTH.pack(len(job)) + job)
            await self._writer.drain()
            async with asyncio.timeout(seconds):
                kind, value, taken, size, held = await self._receive()
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._why_dead() from None
        if kind == "fault":
            raise RuntimeError(value)
        if kind == "error":
            raise value
        if isinstance(held, str):
            file = Path(held)
            held = file.open("rb")
            file.unlink()
        return Reply(value, self.snapshot, taken, Body(size, held) if held is not None else None)

    async def _receive(self) -> tuple[str, Any, float, int, Any]:
        (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
        answer: tuple[str, Any, float, int, Any] = pickle.loads(await self._reader.readexactly(length))  # noqa: S301 - our own process
        return answer

    async def _why_dead(self) -> StoreError:
        await asyncio.to_thread(self._process.join, 1.0)
        code = self._process.exitcode
        if code == -signal.SIGABRT:  # what the engine does where memory is refused
            return _no_memory(self._limits)
        return Died(code)

    def kill(self) -> None:
        """End the process at once, whatever it does, and remove what it had begun to write."""
        pid = self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            for left in self._limits.spool.glob(f"{pid}-*"):
                left.unlink(missing_ok=True)
        self._writer.close()


# --- inside the process -----------------------------------------------------------------------------------------------


def _work(line: socket.socket, settings: Settings, snapshot: str, limits: Limits) -> None:
    """Do jobs until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the front decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)  # the engine's last words are no log lines
    try:
        graph = Graph(snapshots.read(settings, snapshot).open(), settings)
    except SeismicError as error:
        _send(line, ("error", error, 0.0, 0, None))
        return
    _send(line, ("ready", None, 0.0, 0, None))
    threading.Thread(target=_warm, args=(graph,), daemon=True).start()
    while (head := _exactly(line, _LENGTH.size)) is not None:
        job = _exactly(line, _LENGTH.unpack(head)[0])
        if job is None:
            return
        _send(line, _done(graph, limits, *pickle.loads(job)))  # noqa: S301 - from our own front


def _warm(graph: Graph) -> None:
    """Load what pages ask for first, beside the jobs that come in; not in a process that is killed at once."""
    time.sleep(_WARM_AFTER)
    with contextlib.suppress(SeismicError, MemoryError):  # told to those who ask
        for name in ("network", "things", "library"):
            getattr(graph, name)


def _done(
    graph: Graph, limits: Limits, function: Callable[..., Any], args: Any, kwargs: Any, seconds: float, writes: bool
) -> tuple[str, Any, float, int, Any]:
    """The answer to one job."""
    signal.setitimer(signal.ITIMER_REAL, seconds + 1.0)  # the end, even where nobody is left to kill us
    started = time.perf_counter()
    out = _Out(limits)
    try:
        value = function(graph, out, *args, **kwargs) if writes else function(graph, *args, **kwargs)
        if len(pickle.dumps(value)) > _MAX_VALUE:
            raise TooMuch(f"The answer is larger than {_MAX_VALUE >> 20} MB. Ask for less.")
        held = out.finish() if writes else None
        answer = ("value", value, time.perf_counter() - started, out.size, held)
    except SeismicError as error:
        out.drop()
        answer = ("error", error, 0.0, 0, None)
    except MemoryError:
        out.drop()
        answer = ("error", _no_memory(limits), 0.0, 0, None)
    except OSError as reason:
        out.drop()
        answer = ("error", StoreError(f"The answer could not be kept on disk ({reason.strerror or reason}). Ask later."), 0.0, 0, None)
    except Exception:
        out.drop()
        answer = ("fault", traceback.format_exc(), 0.0, 0, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return answer


class _Out(io.RawIOBase):
    """Where a job writes: memory at first, then a file; never more than the limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._memory = io.BytesIO()
        self._file: IO[bytes] | None = None
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self.size > self._limits.body:
            raise TooMuch(f"The answer is longer than {self._limits.body >> 20:,} MB. Ask for less at a time: LIMIT and OFFSET.")
        if self._file is None and self.size > _IN_MEMORY:
            self._file = tempfile.NamedTemporaryFile(dir=self._limits.spool, prefix=f"{os.getpid()}-", delete=False)  # noqa: SIM115
            self._file.write(self._memory.getvalue())
        (self._file or self._memory).write(data)
        return len(data)

    def finish(self) -> bytes | str:
        """The bytes, or the name of the file."""
        if self._file is None:
            return self._memory.getvalue()
        self._file.close()
        return self._file.name

    def drop(self) -> None:
        """Forget what was written."""
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)


def _send(line: socket.socket, answer: tuple[str, Any, float, int, Any]) -> None:
    data = pickle.dumps(answer)
    line.sendall(_LENGTH.pack(len(data)) + data)


def _exactly(line: socket.socket, length: int) -> bytes | None:
    """So many bytes; None where the other side is gone."""
    data = bytearray()
    while len(data) < length:
        try:
            piece = line.recv(min(length - len(data), _CHUNK))
        except ConnectionError:
            return None
        if not piece:
            return None
        data += piece
    return bytes(data)
