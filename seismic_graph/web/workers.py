"""The pool of worker processes: fair, bounded in time, memory and length, and always on the snapshot in use.

From a coroutine::

    reply = await pool.run(function, "nanet-se")
    reply.value, reply.snapshot

``function`` is a function at the top of a module: ``function(graph, "nanet-se")`` runs in a process that holds the graph open.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from seismic_graph import snapshots
from seismic_graph.errors import Busy, SeismicError, StoreError, TimedOut, TooMuch
from seismic_graph.settings import Settings
from seismic_graph.web.process import Died, Limits, Reply, Worker
from seismic_graph.web.turns import Turns

CLIENT: ContextVar[str] = ContextVar("client", default="")
"""Who is asking: the address of the client, set for each request; turns are taken by it."""

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = 1.0
_MOST_KEPT = 8
"""How many answers of the greatest length may lie on disk, to be fetched by slow clients."""
_RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class WorkerPool:
    """Some worker processes and the queue before them.

    Args:
        settings: where the snapshots are.
        size: how many jobs run at once; two at least, as many as there are processors where not told.
        timeout: seconds after which a job is killed.
        memory: bytes that the process of a job may hold.
        body: bytes that a job may write.
        queue: how many requests may wait, of all clients together; a quarter of them of one client.
        wait: seconds that a request waits at most for its turn.

    Attributes:
        counts: how many jobs ended how: ``done``, ``error``, ``timeout``, ``memory``, ``cancelled``, ``died``, ``fault``.
        snapshot: the id of the snapshot that new answers come from.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        size: int | None = None,
        timeout: float = 10.0,
        memory: int = 1 << 30,
        body: int = 1 << 28,
        queue: int = 128,
        wait: float = 10.0,
    ) -> None:
        self.settings = settings
        self.size = size or max(2, os.cpu_count() or 2)
        self.timeout = timeout
        self.counts: Counter[str] = Counter()
        self.snapshot = ""
        self.failing = ""
        self._memory = memory
        self._body = body
        self._turns: Turns[Worker] = Turns(max(1, self.size - 1), queue, max(1, queue // 4), wait)
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: object = None
        self._limits: Limits | None = None
        self._kept = 0
        self._closing = False

    # --- start and end ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bring all workers up.

        Raises:
            SeismicError: there is no snapshot, or it cannot be opened.
        """
        self._limits = Limits(self._memory, self._body, Path(tempfile.mkdtemp(prefix="seismic-")))
        snapshot = snapshots.current(self.settings)
        if snapshot is None:
            raise StoreError(f"There is no snapshot in {self.settings.home}. Build one with: seismic build")
        self.snapshot, self._seen = snapshot.id, self._pointer()
        started = await asyncio.gather(*(self._start() for _ in range(self.size)), return_exceptions=True)
        if failed := [one for one in started if isinstance(one, BaseException)]:
            await self.close()
            raise failed[0]
        self._later(self._watch())

    async def close(self) -> None:
        """Kill every worker and remove what they wrote."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in [*self._workers]:
            self._drop(worker)
        if self._limits:
            shutil.rmtree(self._limits.spool, ignore_errors=True)

    # --- jobs -----------------------------------------------------------------------------------------------------

    async def run(self, function: Callable[..., Any], *args: Any, timeout: float | None = None, **kwargs: Any) -> Reply:
        """What ``function(graph, *args, **kwargs)`` returns, from a worker process.

        Where the caller is cancelled, for example because the client went away, the job is killed.

        Args:
            function: at the top of a module; takes and returns what can be pickled, 16 MB at most.
            timeout: seconds for this job instead of those of the pool.

        Raises:
            SeismicError: what the function raised.
            Busy: too many requests wait.
            TimedOut: the time was up; the process was killed.
            TooMuch: the job took more memory than it may, returned too much, or broke its process.
        """
        return await self._do(function, args, kwargs, timeout, writes=False)

    async def write(self, function: Callable[..., Any], *args: Any, timeout: float | None = None, **kwargs: Any) -> Reply:
        """Like `run` for answers that may be long: ``function(graph, out, *args, **kwargs)`` writes bytes to ``out``.

        They are in the reply's ``body``, in memory or in a file, once all of them are written: an answer is whole or an error.
        """
        return await self._do(function, args, kwargs, timeout, writes=True)

    async def _do(self, function: Callable[..., Any], args: Any, kwargs: Any, timeout: float | None, *, writes: bool) -> Reply:
        client = CLIENT.get()
        seconds = self.timeout if timeout is None else timeout
        if writes and self._kept > _MOST_KEPT * self._body:
            raise Busy("Too many long answers wait to be fetched. Ask again in 10 seconds.", 10)
        worker = await self._free(client)
        ended = "cancelled"
        try:
            reply = await worker.run(function, args, kwargs, seconds, writes=writes)
            ended = "done"
        except TimeoutError:
            ended = "timeout"
            raise TimedOut(f"The time limit of {seconds:g} seconds passed, and the work was stopped. Ask for less.") from None
        except TooMuch:
            ended = "memory"
            raise
        except Died as error:
            ended = "died"
            raise TooMuch("The work broke the process that did it. Ask for less, or in a simpler form.") from error
        except SeismicError:
            ended = "error"
            raise
        except Exception:
            ended = "fault"
            raise
        finally:
            self.counts[ended] += 1
            self._back(worker, client, whole=ended in ("done", "error", "fault") or (ended == "memory" and worker.alive))
        if reply.body is not None:
            self._keep(reply.body.size)
            weakref.finalize(reply.body, self._keep, -reply.body.size)
        return reply

    def _keep(self, size: int) -> None:
        """So many bytes more of answers are kept until they are fetched."""
        self._kept += size

    async def _free(self, client: str) -> Worker:
        """A worker that lives, when it is this client's turn."""
        while True:
            worker = await self._turns.take(client)
            if worker.alive:
                return worker
            self._back(worker, client, whole=False)

    def _back(self, worker: Worker, client: str, *, whole: bool) -> None:
        """A worker after its job: to the next one, or replaced."""
        if whole and not worker.retired and not self._closing:
            self._turns.idle.append(worker)
        else:
            self._drop(worker)
            if not worker.retired and not self._closing:
                self._later(self._keep_starting())
        self._turns.release(client)

    def _drop(self, worker: Worker) -> None:
        self._workers.discard(worker)
        worker.kill()

    # --- workers --------------------------------------------------------------------------------------------------

    async def _start(self) -> Worker:
        """One more worker, on the snapshot in use, put at work."""
        assert self._limits is not None, "the pool is started first"  # noqa: S101
        while True:
            worker = await Worker.start(self.settings, self.snapshot, self._limits)
            if worker.snapshot == self.snapshot or self._closing:
                break
            worker.kill()  # another snapshot came into use in between
        if self._closing:
            worker.kill()
        else:
            self._workers.add(worker)
            self._turns.give(worker)
        return worker

    async def _keep_starting(self) -> None:
        """One more worker, tried until it comes up."""
        for attempt in range(1_000_000):
            try:
                await self._start()
            except (SeismicError, OSError, EOFError) as error:
                self.failing = str(error)
                _LOG.error("a worker does not start", extra={"fields": {"reason": self.failing}})
                await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
            else:
                self.failing = ""
                return

    async def _watch(self) -> None:
        """Look for another snapshot, once a second."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            pointer = await asyncio.to_thread(self._pointer)
            if pointer is not None and pointer != self._seen:
                with contextlib.suppress(SeismicError, OSError):
                    await self._renew(pointer)

    def _pointer(self) -> tuple[str, int] | None:
        """What tells that the snapshot in use is another: its id, and its place on disk where the same one was built again."""
        snapshot = snapshots.current(self.settings)
        try:
            return (snapshot.id, (snapshot.folder / "manifest.json").stat().st_ino) if snapshot else None
        except OSError:
            return None

    async def _renew(self, pointer: tuple[str, int]) -> None:
        """Replace the workers one by one: each new one is ready before an old one retires, and running jobs end in peace."""
        before, self.snapshot = self.snapshot, pointer[0]
        old = [*self._workers]
        for worker in old:
            try:
                new = await self._start()
            except SeismicError as error:
                self.snapshot = before
                _LOG.error("the new snapshot cannot be opened", extra={"fields": {"snapshot": pointer[0], "reason": str(error)}})
                raise
            surplus = worker if worker in self._workers else new  # it may have been killed and replaced meanwhile
            surplus.retired = True
            if surplus in self._turns.idle:
                self._turns.idle.remove(surplus)
                self._drop(surplus)
        self._seen = pointer
        _LOG.info("a new snapshot is in use", extra={"fields": {"snapshot": self.snapshot}})

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what operators see ---------------------------------------------------------------------------------------

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return self._turns.holding.total()

    @property
    def waiting(self) -> int:
        """How many requests wait now."""
        return self._turns.waiting

    @property
    def ready(self) -> int:
        """How many workers are up."""
        return sum(worker.alive for worker in self._workers)
