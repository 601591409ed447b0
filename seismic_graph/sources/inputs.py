"""Files as a user names them, opened safely: folders and zip archives are expanded, gzip is looked through.

What comes out of an archive is counted while it is read, so a bomb is refused whatever its headers say.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from seismic_graph.errors import DataError, Problem, UsageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RATIO = 200
"""How many bytes may come out of one stored byte; tables and XML shrink some 5 to 40 times."""
FREE = 64 * 2**20
"""What any archive may give, whatever its size."""
MEMBERS = 1_000_000
"""How many files an archive may hold."""
_BUFFER = 256 * 2**10
_UNSAFE = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:|\\|[\x00-\x1f\x7f]")
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def unreadable(name: str, message: str, remedy: str, *, row: int | None = None, column: str | None = None) -> DataError:
    """The error for a file that cannot be read on: nothing of the run is loaded."""
    return DataError([Problem(name, row, column, None, message, remedy)])


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read.

    Attributes:
        name: the file as the user knows it: ``topics.csv``; ``cordis.zip/csv/topics.csv`` for a member of an archive.
        size: its stored bytes, compressed or not.
        stored: opens the stored bytes.
        named: the user named the file itself, not a folder or an archive around it.
    """

    name: str
    size: int
    stored: Callable[[], BinaryIO]
    _budget: _Budget
    named: bool = True

    @property
    def plain_name(self) -> str:
        """The name without ``.gz``, by which the kind of file is known."""
        return self.name[: -len(".gz")] if self.name.lower().endswith(".gz") else self.name

    def open(self) -> BinaryIO:
        """The content, unpacked.

        Raises:
            DataError: the file cannot be opened; or, while reading, it is damaged, cut off or unpacks to too much.
        """
        try:
            stream = self.stored()
            if self.plain_name != self.name:
                stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream))
        except _BROKEN as error:
            raise _damaged(self.name, error) from error
        if not self._budget.packed and self.plain_name == self.name:
            return stream
        self._budget.start(self.name)
        return cast("BinaryIO", io.BufferedReader(_Guarded(stream, self.name, self._budget), _BUFFER))


class _Budget:
    """How much one file on disk may unpack to: shared by all members of an archive, since members may overlap."""

    def __init__(self, size: int, *, packed: bool) -> None:
        self.packed = packed
        self._left = FREE + RATIO * size
        self._spent: dict[str, int] = {}

    def start(self, name: str) -> None:
        """Reading a file again costs nothing more."""
        self._left += self._spent.pop(name, 0)

    def spend(self, name: str, count: int) -> None:
        self._spent[name] = self._spent.get(name, 0) + count
        self._left -= count
        if self._left < 0:
            raise unreadable(
                name,
                f"unpacks to more than {RATIO} times its stored size, as no table does: it may be made to fill the memory or the disk.",
                "Unpack it yourself and give the file, if you trust it.",
            )


class _Guarded(io.RawIOBase):
    """Unpacked bytes, counted; what a damaged archive raises becomes an error of ours."""

    def __init__(self, inner: BinaryIO, name: str, budget: _Budget) -> None:
        self._inner, self._name, self._budget = inner, name, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            chunk = self._inner.read(len(view))
        except _BROKEN as error:
            raise _damaged(self._name, error) from error
        self._budget.spend(self._name, len(chunk))
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._inner.close()
        super().close()


def _damaged(name: str, error: BaseException) -> DataError:
    if isinstance(error, FileNotFoundError | PermissionError):
        return unreadable(name, f"cannot be opened: {error.strerror}.", "Make the file readable.")
    return unreadable(name, f"is damaged or cut off: {error or type(error).__name__}.", "Get the file again.")


def inputs(paths: Iterable[Path]) -> Iterator[Input]:
    """The files that some paths stand for, in a fixed order: files, all files under a folder, all members of a zip archive.

    Raises:
        UsageError: a path does not exist.
        DataError: two files would go by the same name; or there is a link, a device, or an archive that is
            encrypted, damaged, or holds names that lead outside of it.
    """
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist. Give a file, a folder or a zip archive.")
        for found in _under(path) if path.is_dir() else _file(path, path.name, named=True):
            if found.name in seen:
                raise unreadable(found.name, "another file of this run goes by the same name.", "Give the folder that holds both.")
            seen.add(found.name)
            yield found


def _under(folder: Path) -> Iterator[Input]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in [*folders, *sorted(files)]:
            path = Path(place, name)
            if path.is_symlink():
                raise unreadable(str(path), "is a symbolic link, which may lead anywhere.", "Give the file or folder that it leads to.")
        for name in sorted(files):
            path = Path(place, name)
            yield from _file(path, path.relative_to(folder).as_posix(), named=False)


def _file(path: Path, name: str, *, named: bool) -> Iterator[Input]:
    info = path.stat()
    if not stat.S_ISREG(info.st_mode):
        raise unreadable(name, "is no regular file.", "Give files, folders or zip archives.")
    if name.lower().endswith(".zip"):
        yield from _members(path, name, info.st_size)
    else:
        yield Input(name, info.st_size, lambda: path.open("rb"), _Budget(info.st_size, packed=False), named)


def _members(path: Path, name: str, size: int) -> Iterator[Input]:
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise _damaged(name, error) from error
    infos = archive.infolist()
    if len(infos) > MEMBERS:
        raise unreadable(name, f"holds more than {MEMBERS} files.", "Split the archive.")
    for info in infos:
        _check(name, info)
    budget = _Budget(size, packed=True)
    for info in infos:
        if not info.is_dir():
            yield Input(f"{name}/{info.filename}", info.compress_size, _opener(archive, info), budget, named=False)


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast("BinaryIO", archive.open(info))


def _check(archive: str, info: zipfile.ZipInfo) -> None:
    """Refuse a member that is encrypted, is a link, or whose name leads outside of the archive."""
    name = f"{archive}/{info.filename}"
    if _UNSAFE.search(info.orig_filename):
        raise unreadable(repr(name), "the name leads outside of the archive, or is none.", "Make the archive anew, with plain names.")
    if info.flag_bits & 0x1:
        raise unreadable(name, "is encrypted.", "Unpack the archive with its password and give the files.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise unreadable(name, "is a symbolic link, which may lead anywhere.", "Put the file itself into the archive.")
