"""The store of a snapshot while it is being built: asked in memory, written to disk beside it.

Rules and shapes ask a new graph some hundred queries. Memory answers them three to six times as fast as the disk and takes a graph in
about one third of the time, so that the disk is written by a second thread meanwhile and read by nobody. A graph too large for the
memory is built on disk alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pyoxigraph as ox

from seismic_graph.store import EmbeddedStore

BYTES_A_TRIPLE = 500
"""What a triple takes in memory, names included: 440 to 470 bytes on graphs of the dossier and of CORDIS."""


def available_memory() -> int | None:
    """The bytes of memory that may still be taken, within the limit of a container; None where the system does not tell."""
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
        free = next(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        try:
            free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        except (AttributeError, OSError, ValueError):
            return None
    try:
        most, used = (int(Path("/sys/fs/cgroup", name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # no container, or one without a limit
        return free
    return min(free, max(0, most - used))


def fits_memory(triples: int) -> bool:
    """Whether a graph of so many triples takes up to half of the memory that is available; false where that is not known."""
    free = available_memory()
    return free is not None and triples * BYTES_A_TRIPLE <= free // 2


@contextmanager
def new_store(path: Path, triples: int) -> Iterator[EmbeddedStore]:
    """A new store in a folder, which is whole on disk when the block is left, and closed. An error in the block gives it up.

    Args:
        path: the folder; empty or missing.
        triples: about how many triples it will have.

    Raises:
        StoreError: the folder cannot be made a store.
        OSError: the disk refused.
    """
    if not fits_memory(triples):
        store = EmbeddedStore(path, writable=True)
        yield store
        store.flush()
        store.close()
        return
    staged = _StagedStore(path)
    try:
        yield staged
    except BaseException:
        staged.abandon()
        raise
    staged.flush()
    staged.close()


WRITER = "writes the store"
"""The name of the thread that writes to the disk."""


class _StagedStore(EmbeddedStore):
    """Answers from memory, and hands on to the disk what it is given."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._kept = EmbeddedStore(path, writable=True)
        self._jobs: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._failed: BaseException | None = None
        self._writer = threading.Thread(target=self._write, name=WRITER, daemon=True)
        self._writer.start()

    def load(self, lines: bytes | Iterable[str], graph: str, *, trusted: bool = False) -> None:
        text = lines if isinstance(lines, bytes) else "".join(lines).encode()
        self._beside(lambda: self._kept.load(text, graph, trusted=True))  # memory reads the same, and tells what is wrong
        super().load(text, graph, trusted=trusted)

    def load_file(self, file: Path, graph: str, *, trusted: bool = False) -> None:
        """As before; the file must be there until everything is on disk."""
        self._beside(lambda: self._kept.load_file(file, graph, trusted=True))
        super().load_file(file, graph, trusted=trusted)

    def add(self, triples: Iterable[ox.Triple], graph: str) -> int:
        given = list(triples)
        self._beside(lambda: self._kept.add(given, graph))
        return super().add(given, graph)

    def clear(self, graph: str) -> None:
        self._beside(lambda: self._kept.clear(graph))
        super().clear(graph)

    def flush(self) -> None:
        """Wait until everything is on disk; nothing can be added any more."""
        self._stop()
        if self._failed:
            raise self._failed
        self._kept.flush()

    def close(self) -> None:
        super().close()
        self._kept.close()

    def abandon(self) -> None:
        """Give up what is not on disk yet; comes back when nothing is written any more."""
        while not self._jobs.empty():
            self._jobs.get()
        self._stop()
        self.close()

    def _stop(self) -> None:
        self._jobs.put(None)
        self._writer.join()

    def _beside(self, job: Callable[[], object]) -> None:
        if self._failed:
            raise self._failed
        self._jobs.put(job)

    def _write(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if not self._failed:
                    job()
            except BaseException as error:  # told by the next call, or by flush
                self._failed = error
