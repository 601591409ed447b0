"""Writing files whole or not at all, and places for work in progress."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from seismic_graph.errors import SeismicError, UsageError


def write_whole(file: Path, body: bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part; raises as `whole` does."""
    with whole(file) as stream:
        stream.write(body)


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """A stream whose content a file has when the block is left; an error in the block leaves the file as it was.

    What is no regular file (a terminal, a pipe) is written to directly.

    Raises:
        UsageError: the folder does not exist, or the name is a folder.
        SeismicError: the disk refused; what stood there before still stands.
    """
    if file.is_dir():
        raise UsageError(f"{file} is a folder. Give the name of a file.")
    if not file.parent.is_dir():
        raise UsageError(f"The folder {file.parent} does not exist. Make it first.")
    direct = file.exists() and not file.is_file()
    new = file if direct else file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with new.open("wb") as stream:
            yield stream
            stream.flush()
            if not direct:
                os.fsync(stream.fileno())
        if not direct:
            new.replace(file)
    except BaseException as error:
        if not direct:
            new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise SeismicError(f"{file} could not be written: {error.strerror or error}. What stood there before still stands.") from error
        raise


def workplace(folder: Path) -> Path:
    """A new empty folder in one for work in progress; what dead processes left there is swept first.

    Raises:
        OSError: the place cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        if not alive(left.name.partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder))


def alive(pid: str) -> bool:
    """Whether a process of this id runs; no where it is no number."""
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
