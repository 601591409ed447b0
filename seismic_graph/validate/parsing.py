"""Files as statements with the literals that they have: in any format, packed or not, never larger than can be held."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import xml.parsers.expat
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from seismic_graph import rdf
from seismic_graph.validate.shapes import unreadable
from seismic_graph.validate.terms import wrong

LARGEST = 2**29
"""The size of a file, unpacked, above which it is not read: it is held in memory as a whole."""
_LINED = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""Formats with one statement a line (RDF 1.1 N-Triples, section 2)."""


class _Limited(io.RawIOBase):
    """A stream that refuses to go on after so many bytes, however well they were packed."""

    def __init__(self, file: Path, stream: IO[bytes], largest: int) -> None:
        super().__init__()
        self.file, self.stream, self.largest = file, stream, largest
        self.so_far = 0

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; how many bytes there were.

        Raises:
            DataError: the file is too large, or its packing is broken.
        """
        try:
            chunk = self.stream.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise wrong(self.file, f"cannot be unpacked: {error}.", "Pack it again with gzip.") from None
        self.so_far += len(chunk)
        if self.so_far > self.largest:
            message = f"is larger than {self.largest:,} bytes unpacked, and would be held in memory."
            raise wrong(self.file, message, "Split it, or load it into an endpoint and check that.")
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextlib.contextmanager
def _open(file: Path, largest: int = LARGEST) -> Iterator[io.BufferedReader]:
    """A file as bytes, unpacked where it ends in ``.gz``.

    Raises:
        DataError: it cannot be read, or is too large.
    """
    try:
        raw = file.open("rb")
    except OSError as error:
        raise wrong(file, f"cannot be read ({error.strerror}).", "Name a readable file.") from None
    with raw:
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if file.suffix == ".gz" else raw
        yield io.BufferedReader(_Limited(file, unpacked, largest), 2**16)


def parsed(file: Path, largest: int) -> Iterator[tuple[ox.Quad, int | None]]:
    """The statements of a file with the literals that it has, and the line where the format has one statement a line.

    Raises:
        UsageError: the suffix names no format.
        DataError: it cannot be read or parsed.
    """
    form = rdf.rdf_format(file)
    if form == ox.RdfFormat.RDF_XML:
        _refuse_doctype(file, largest)
    with _open(file, largest) as stream, _open(file, largest) as again:
        lines = _statement_lines(again) if form in _LINED else iter(())
        try:
            for quad in ox.parse(input=stream, format=form, base_iri=file.absolute().as_uri(), rename_blank_nodes=True):
                yield quad, next(lines, None)
        except SyntaxError as error:
            line, column = error.lineno, error.offset
            if form == ox.RdfFormat.RDF_XML and line is None:
                line, column = _xml_place(file, largest)
            raise unreadable(file, form.name, error, line, column) from None


def _statement_lines(stream: io.BufferedReader) -> Iterator[int]:
    for number, line in enumerate(stream, 1):
        bare = line.strip()
        if bare and not bare.startswith(b"#"):
            yield number


_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_HEAD = 2**20


def _refuse_doctype(file: Path, largest: int) -> None:
    """Refuse RDF/XML with a document type: entities can be made to grow without end.

    Raises:
        DataError: there is one, or no root element within the first megabyte.
    """
    with _open(file, largest) as stream:
        head = stream.read(_HEAD)
    before = _PROLOG.match(head)
    start = before.end() if before else 0
    if head[start : start + 9].upper() == b"<!DOCTYPE":
        line = head.count(b"\n", 0, start) + 1
        message = f"has a document type (line {line}). Its entities could be made to grow without end, so it is not read."
        raise wrong(file, message, "Write the namespaces out, or convert the file to Turtle.")
    if len(head) == _HEAD and not re.match(rb"<[^!?]", head[start : start + 2]):
        raise wrong(file, "has no root element within its first megabyte.", "Shorten the comments before it.")


def _xml_place(file: Path, largest: int) -> tuple[int | None, int | None]:
    """Line and column at which XML stops being well-formed; None where it is."""
    parser = xml.parsers.expat.ParserCreate()
    with _open(file, largest) as stream:
        try:
            parser.ParseFile(stream)
        except xml.parsers.expat.ExpatError as error:
            return error.lineno, error.offset + 1
    return None, None


def line_of(file: Path, text: str) -> int | None:
    """The line on which a text stands, where it stands on one line only."""
    if not text.strip() or "\n" in text:
        return None
    sought = text.encode()
    with _open(file) as stream:
        found = list(islice((number for number, line in enumerate(stream, 1) if sought in line), 2))
    return found[0] if len(found) == 1 else None
