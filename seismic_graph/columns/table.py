"""A file of named columns: numbers and texts, mapped into memory and read in place.

::

    seismic1                 8 bytes
    length of the head       8 bytes, little-endian
    head                     JSON: what the writer says, and for each column its type, place and size
    columns                  each begins at a multiple of 64 bytes; numbers are little-endian
"""

from __future__ import annotations

import json
import mmap
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seismic_graph import files
from seismic_graph.errors import StoreError

if TYPE_CHECKING:
    import numpy as np

_MAGIC = b"seismic1"
_ALIGN = 64
_DTYPES = {"B": "<u1", "H": "<u2", "i": "<i4", "q": "<i8"}


class Texts:
    """Texts one after the other, by their number."""

    def __init__(self, body: memoryview, starts: memoryview) -> None:
        self._body, self._starts = body, starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        return str(self._body[self._starts[number] : self._starts[number + 1]], "utf-8")

    def find(self, text: str) -> int | None:
        """The number of a text among sorted ones; None where it is not there."""
        wanted = text.encode()
        place = self._place(wanted)
        return place if place < len(self) and self._bytes(place) == wanted else None

    def find_all(self, texts: Iterable[str]) -> list[int]:
        """The numbers of those of some texts that are there among sorted ones, rising. Neighbours are found without a search."""
        found, place = list[int](), 0
        for wanted in sorted({text.encode() for text in texts}):
            if place < len(self) and self._bytes(place) != wanted:
                place = self._place(wanted)
            if place < len(self) and self._bytes(place) == wanted:
                found.append(place)
                place += 1
        return found

    def _place(self, wanted: bytes) -> int:
        """How many of the sorted texts come before another."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def _bytes(self, number: int) -> bytes:
        return bytes(self._body[self._starts[number] : self._starts[number + 1]])


def packed(name: str, texts: Iterable[bytes]) -> dict[str, Any]:
    """Texts as the two columns that `Table.texts` reads."""
    import numpy as np

    kept = list(texts)
    starts = np.zeros(len(kept) + 1, dtype="<i8")
    np.cumsum([len(text) for text in kept], out=starts[1:])
    return {f"{name}.texts": np.frombuffer(b"".join(kept), dtype="<u1"), f"{name}.starts": starts}


def write(file: Path, said: Mapping[str, Any], columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write a table, whole or not at all.

    Raises:
        SeismicError: the disk refused.
    """
    codes = {dtype: code for code, dtype in _DTYPES.items()}
    places, offset = {}, 0
    for name, column in columns.items():
        places[name] = (codes[column.dtype.newbyteorder("<").str.replace("|", "<")], offset, column.nbytes)
        offset += -(-column.nbytes // _ALIGN) * _ALIGN
    head = json.dumps({"said": said, "columns": places}, sort_keys=True).encode()
    head += b" " * (-(len(head) + 16) % _ALIGN)
    parts = [_MAGIC, len(head).to_bytes(8, "little"), head]
    for column in columns.values():
        parts += [column.astype(column.dtype.newbyteorder("<"), copy=False).tobytes(), b"\0" * (-column.nbytes % _ALIGN)]
    files.write_whole(file, b"".join(parts))


class Table:
    """A table, mapped into memory; nothing of it is read before it is asked for.

    Attributes:
        said: what the writer said of it.

    Raises:
        FileNotFoundError: there is none.
        StoreError: it is damaged.
    """

    def __init__(self, file: Path) -> None:
        with file.open("rb") as stream:
            begin = stream.read(16)
            length = int.from_bytes(begin[8:], "little")
            try:
                if begin[:8] != _MAGIC or sys.byteorder != "little":
                    raise ValueError
                head = json.loads(stream.read(length))
                self.said: dict[str, Any] = head["said"]
                self._places: dict[str, tuple[str, int, int]] = head["columns"]
                self._start = 16 + length
                body = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
                if any(self._start + offset + size > len(body) for _, offset, size in self._places.values()):
                    raise ValueError
            except (ValueError, KeyError, TypeError):
                raise StoreError(f"{file} is damaged. Build it again with: seismic build --again") from None
        self._body = body
        self._arrays: dict[str, np.ndarray[Any, Any]] = {}

    def column(self, name: str) -> memoryview:
        """The numbers of a column."""
        code, offset, size = self._places[name]
        start = self._start + offset
        return self._body[start : start + size].cast(code)  # type: ignore[call-overload, no-any-return]

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """The numbers of a column as an array that shares its memory."""
        if name not in self._arrays:
            import numpy as np

            self._arrays[name] = np.frombuffer(self.column(name), dtype=_DTYPES[self._places[name][0]])
        return self._arrays[name]

    def texts(self, name: str) -> Texts:
        """The texts of a column."""
        return Texts(self.column(f"{name}.texts"), self.column(f"{name}.starts"))
