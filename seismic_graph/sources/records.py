"""Records out of files: CSV in its dialects, XLSX, JSON, JSON lines and XML, one record at a time with its raw text.

A record that is malformed comes out as `Malformed` and reading goes on behind it. A file that is broken as a whole,
or made to fill the memory, is a `DataError`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from seismic_graph.sources.inputs import Input, unreadable
from seismic_graph.sources.reading import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST_RECORD = 2**20
"""Characters of the longest row of a table: the longest real ones, lists of thousands of authors, have a tenth of it."""
LONGEST_DOCUMENT = 32 * 2**20
"""Characters of the longest record of JSON and XML."""
LONGEST_STRINGS = 512 * 2**20
"""Bytes of the texts of a spreadsheet, which have to be kept in memory."""
DEEPEST = 100
"""Levels that the elements of an XML file may have."""

_CHUNK = 2**16
_LINES_OF_A_ROW = 1000
_DELIMITERS = (";", ",", "\t", "|")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that could not be read as one; its `Record` has no values. `columns` are those of the table, where it has any."""

    record: Record
    reason: str
    columns: tuple[str, ...] = ()


def records(found: Input, elements: Collection[str] = ()) -> Iterator[Record | Malformed] | None:
    """The records of a file, by the suffix of its name; None where the suffix tells no format that we read.

    Args:
        found: the file.
        elements: the XML elements that are records.

    Raises:
        DataError: while reading, if the file is broken as a whole; it names the file and the place.
    """
    _, _, suffix = found.plain_name.lower().rpartition(".")
    reader = _READERS.get(suffix)
    if reader is None:
        return read_xml(found, elements) if suffix == "xml" else None
    return reader(found)


# --- text ---------------------------------------------------------------------------------------------------------------


def _text(found: Input, newline: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(found.open(), encoding="utf-8-sig", newline=newline)


def _lines(found: Input, newline: str, longest: int) -> Iterator[str]:
    """The lines of a text file with their ends.

    Raises:
        DataError: it is not UTF-8, or a line is too long.
    """
    number = 0
    with _text(found, newline) as stream:
        try:
            for line in iter(partial(stream.readline, longest), ""):
                number += 1
                if len(line) == longest:
                    raise unreadable(
                        found.name, f"the line has more than {longest} characters.", "Is this the right file? Break the line.", row=number
                    )
                yield line
        except UnicodeDecodeError as error:
            raise unreadable(found.name, f"is not UTF-8 after line {number}: {error.reason}.", "Save the file as UTF-8.") from error


# --- CSV (RFC 4180, with the delimiters met in the wild) ------------------------------------------------------------------


class _Tape:
    """Lines with the way back: what a row was read from, and what is to be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> _Tape:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.taken.append(line)
        self._size += len(line)
        if self._size > LONGEST_RECORD:
            raise csv.Error(f"the row has more than {LONGEST_RECORD} characters, so a quote is not closed")
        return line

    def start(self) -> list[str]:
        """Begin a row; the list will hold the lines that it takes."""
        self.taken = []
        self._size = 0
        return self.taken

    def back(self, lines: list[str]) -> None:
        """Put lines back, to be read next."""
        self._again.extend(reversed(lines))


def read_csv(found: Input) -> Iterator[Record | Malformed]:
    """The rows of a delimited file; the first names the columns, and its first line shows the delimiter.

    Rows are read by RFC 4180; a row that is none is tried with backslash escapes, as one edition has them. Behind a row that
    cannot be read, reading goes on with the next line that may begin a row.

    Raises:
        DataError: not UTF-8, an absurdly long line, or a header that names two columns alike.
    """
    csv.field_size_limit(LONGEST_RECORD)
    tape = _Tape(_lines(found, "", LONGEST_RECORD))
    first = next(tape, "")
    if not first.strip():
        return
    delimiter = max(_DELIMITERS, key=first.count)
    tape.back([first])
    tape.start()
    reader = csv.reader(tape, delimiter=delimiter, strict=True)
    try:
        header = [column.strip().strip("\ufeff") for column in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise unreadable(found.name, f"the header cannot be read: {error}.", "Correct it.", row=1) from error
    header = [column or f"column {place}" for place, column in enumerate(header, 1)]
    if doubled := sorted({column for column in header if header.count(column) > 1}):
        raise unreadable(found.name, f"two columns are called {doubled[0]!r}.", "Give each column a name of its own.", row=1)
    name, width, number = found.name, len(header), 1
    suspect = False  # behind a malformed row, what is left of its text may look like a row
    while True:
        taken = tape.start()
        try:
            row = next(reader)
            reason = None
        except StopIteration:
            return
        except csv.Error as error:
            row, reason = [], str(error)
        number += 1
        if len(row) == width and not (suspect and sum(line.count('"') for line in taken) % 2):
            suspect = False
            yield Record(name, number, dict(zip(header, row, strict=True)), ("".join(taken) if len(taken) > 1 else taken[0]).rstrip("\r\n"))
        elif row or reason:
            tape.back(taken)
            repaired = _escaped(tape, delimiter, width)
            suspect = not repaired
            if repaired:
                yield Record(name, number, dict(zip(header, repaired, strict=True)), "".join(tape.taken).rstrip("\r\n"))
            else:
                reason = reason or ("has an open quote" if len(row) == width else f"has {len(row)} cells where the header has {width}")
                yield Malformed(
                    Record(name, number, {}, _skipped(tape, delimiter, width)),
                    f"{reason}. Double each quote inside a cell, and put a cell with {delimiter!r} or a line break into quotes.",
                    tuple(header),
                )
            reader = csv.reader(tape, delimiter=delimiter, strict=True)


def _escaped(tape: _Tape, delimiter: str, width: int) -> list[str] | None:
    """The next row, read with backslash escapes; None if it is none, and then the tape stands where it stood."""
    tape.start()
    try:
        row = next(csv.reader(tape, delimiter=delimiter, strict=True, escapechar="\\", doublequote=False))
        text = "".join(tape.taken)
        if len(row) == width and "\\" in text:
            masked = re.sub(r"\\.", "xx", text, flags=re.DOTALL)  # what the backslashes do not escape has to be in order by itself
            if len(next(csv.reader([masked], delimiter=delimiter, strict=True))) == width:
                return row
    except (csv.Error, StopIteration):
        pass
    tape.back(tape.taken)
    return None


def _skipped(tape: _Tape, delimiter: str, width: int) -> str:
    """The lines of a malformed row: its first, and those behind it that have too few delimiters to begin a row."""
    lines: list[str] = []
    tape.start()
    for line in tape:
        if lines and (line.count(delimiter) * 2 >= width or len(lines) >= _LINES_OF_A_ROW):
            tape.back([line])
            break
        lines.append(line)
        tape.start()
    return "".join(lines).rstrip("\r\n")


def read_fields(found: Input, columns: tuple[str, ...]) -> Iterator[Record | Malformed]:
    """The lines of a file without a header, in which tabs alone set the cells apart and ``#`` begins a remark; they are counted as records.

    Raises:
        DataError: not UTF-8, or an absurdly long line.
    """
    number = 0
    for line in _lines(found, "\n", LONGEST_RECORD):
        raw = line.rstrip("\r\n")
        if not raw or raw.startswith("#"):
            continue
        number += 1
        cells = raw.split("\t")
        if len(cells) == len(columns):
            yield Record(found.name, number, dict(zip(columns, cells, strict=True)), raw)
        else:
            yield Malformed(
                Record(found.name, number, {}, raw), f"has {len(cells)} cells, not {len(columns)}. Is this the right file?", columns
            )


# --- XLSX ----------------------------------------------------------------------------------------------------------------


def read_xlsx(found: Input) -> Iterator[Record | Malformed]:
    """The rows of all sheets of a workbook; the first row of a sheet names its columns, empty rows are passed over.

    Numbers, dates and truth values come out as their text.

    Raises:
        DataError: it is no workbook, or unpacks to too much.
    """
    import openpyxl

    with found.open() as stream, _seekable(stream) as file:
        _refuse_bomb(found, file)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # styles and validations that we do not use
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for place, sheet in enumerate(book.worksheets):
                sheet.reset_dimensions()  # the stated size is wrong in the files of CORDIS
                yield from _sheet(found.name if place == 0 else f"{found.name}/{sheet.title}", sheet.iter_rows(values_only=True))
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, TypeError, EOFError) as error:
            raise unreadable(found.name, f"is no workbook, or a damaged one: {error}.", "Save it anew as XLSX or CSV.") from error


def _seekable(stream: BinaryIO) -> BinaryIO:
    if stream.seekable():
        return stream
    copy = tempfile.SpooledTemporaryFile(max_size=LONGEST_DOCUMENT)  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(stream, copy, _CHUNK)
    copy.seek(0)
    return copy  # type: ignore[return-value]


def _refuse_bomb(found: Input, file: BinaryIO) -> None:
    """A workbook is a zip archive; what its headers say is the most that comes out of it (zipfile reads no further)."""
    from seismic_graph.sources.inputs import FREE, RATIO

    try:
        infos = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable(found.name, f"is no workbook, or a damaged one: {error}.", "Save it anew as XLSX or CSV.") from error
    texts = sum(info.file_size for info in infos if "sharedstrings" in info.filename.lower())
    if sum(info.file_size for info in infos) > FREE + RATIO * sum(info.compress_size for info in infos) or texts > LONGEST_STRINGS:
        raise unreadable(found.name, "unpacks to more than a workbook of its size does.", "Save it as CSV, if you trust it.")
    file.seek(0)


def _sheet(name: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[Record | Malformed]:
    header: list[str] = []
    for number, row in enumerate(rows, 1):
        cells = [_cell(value) for value in row]
        if not any(cells):
            continue
        if not header:
            header = [cell or f"column {place}" for place, cell in enumerate(cells, 1)]
            if len(set(header)) < len(header):
                raise unreadable(name, "two columns have the same name.", "Give each column a name of its own.", row=number)
            continue
        raw = "\t".join(cells)
        cells += [""] * (len(header) - len(cells))
        if any(cells[len(header) :]):
            yield Malformed(
                Record(name, number, {}, raw),
                f"has {len(cells)} cells where the header has {len(header)}. Remove what is beside the table.",
            )
        else:
            yield Record(name, number, dict(zip(header, cells, strict=False)), raw)


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _cell(value: Any) -> str:
    """The text of a cell of a spreadsheet."""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value  # ECMA-376 part 1, 22.9.2.19
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


# --- JSON (RFC 8259) ------------------------------------------------------------------------------------------------------


class _Doubled(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Doubled("a name stands twice in an object")
    return made


def _constant(text: str) -> NoReturn:
    raise _Doubled(f"{text} is no value of JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_constant, object_pairs_hook=_object)
"""Numbers keep the text that they have in the file."""
_SPACE = re.compile(r"[ \t\n\r]*")


def read_json(found: Input) -> Iterator[Record | Malformed]:
    """The objects of a JSON array, or of a file with one object a line (only a line feed ends a line), or the one object.

    Raises:
        DataError: not UTF-8; or no JSON from a place on, which is named; or an object too large or too deep.
    """
    with _text(found, "\n") as stream:
        try:
            first = stream.readline(LONGEST_DOCUMENT)
        except UnicodeDecodeError as error:
            raise unreadable(found.name, f"is not UTF-8: {error.reason}.", "Save the file as UTF-8.") from error
    if first.lstrip().startswith("{") and _is_whole(first):
        yield from _json_lines(found)
    elif first:
        yield from _json_stream(found)


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _json_lines(found: Input) -> Iterator[Record | Malformed]:
    number = 0
    for line in _lines(found, "\n", LONGEST_DOCUMENT):
        raw = line.rstrip("\r\n")
        if not raw.strip():
            continue
        number += 1
        try:
            value = _DECODER.decode(raw)
        except RecursionError:
            yield Malformed(Record(found.name, number, {}, raw), "is nested too deeply. Flatten it.")
        except ValueError as error:
            yield Malformed(Record(found.name, number, {}, raw), f"is no JSON: {error}. Correct the line.")
        else:
            yield _json_record(found.name, number, value, raw)


def _json_record(name: str, number: int, value: Any, raw: str) -> Record | Malformed:
    if isinstance(value, dict):
        return Record(name, number, value, raw)
    return Malformed(Record(name, number, {}, raw), "is no object. Write each record as an object.")


def _json_stream(found: Input) -> Iterator[Record | Malformed]:
    """The objects of an array, or objects one behind the other, cut out of the text as it comes."""
    with _text(found, "") as stream:
        window = _Window(found.name, stream)
        opened = window.skip("[")
        number = 0
        while not window.at_end():
            if opened and window.skip("]"):
                if not window.at_end():
                    window.fail("something stands behind the end of the array")
                return
            if opened and number and not window.skip(","):
                window.fail("a comma or the end of the array is expected")
            value, raw = window.value()
            number += 1
            yield _json_record(found.name, number, value, raw)
        if opened:
            window.fail("the file ends inside the array")


class _Window:
    """A piece of a JSON text that moves on."""

    def __init__(self, name: str, stream: io.TextIOWrapper) -> None:
        self._name, self._stream = name, stream
        self._text, self._at, self._line = "", 0, 1

    def _more(self, size: int = _CHUNK) -> bool:
        self._line += self._text.count("\n", 0, self._at)
        try:
            chunk = self._stream.read(size)
        except UnicodeDecodeError as error:
            raise unreadable(self._name, f"is not UTF-8 after line {self._line}: {error.reason}.", "Save the file as UTF-8.") from error
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def at_end(self) -> bool:
        """Whether only white space is left; moves over it."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return False
            if not self._more():
                return True

    def skip(self, sign: str) -> bool:
        """Move over a sign, if it comes next."""
        if self.at_end() or self._text[self._at] != sign:
            return False
        self._at += 1
        return True

    def value(self) -> tuple[Any, str]:
        """The next value and its text."""
        if self.at_end():
            self.fail("a value is expected")
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                self.fail("an object is nested too deeply")
            except _Doubled as error:
                self.fail(str(error))
            except ValueError as error:
                if len(self._text) - self._at > LONGEST_DOCUMENT:
                    self.fail(f"an object has more than {LONGEST_DOCUMENT} characters, or is no JSON ({error})")
                if not self._more(size):
                    self.fail(str(error))
                size = min(size * 2, LONGEST_DOCUMENT)
            else:
                raw, self._at = self._text[self._at : end], end
                return value, raw

    def fail(self, reason: str) -> NoReturn:
        """Raise the error, with the line."""
        line = self._line + self._text.count("\n", 0, self._at)
        raise unreadable(self._name, f"is no JSON from line {line} on: {reason}.", "Correct the file, or get it again.")


# --- XML -------------------------------------------------------------------------------------------------------------------


def read_xml(found: Input, elements: Collection[str]) -> Iterator[Record | Malformed]:
    """The outermost elements of some names, whatever their namespace; the value of a record is the element under its name.

    Namespaces are taken off all names. Entities and document types are refused.

    Raises:
        DataError: no XML from a place on; a document type; elements too deep, or a record too large.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    with found.open() as stream:
        head = stream.read(LONGEST_DOCUMENT)
        whole = head if len(head) < LONGEST_DOCUMENT else None
        source: Any = io.BytesIO(head) if whole is not None else _Joined(head, stream)
        try:
            yield from _elements(found.name, iterparse(source, ("start", "end"), forbid_dtd=True), elements, whole)
        except DefusedXmlException as error:
            kind = type(error).__name__
            raise unreadable(
                found.name, f"has a document type or entities ({kind}), which may read other files.", "Remove the declaration."
            ) from error
        except SyntaxError as error:
            raise unreadable(found.name, f"is no XML: {error}.", "Correct the file, or get it again.") from error


class _Joined:
    """What was read already, and the rest."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = io.BytesIO(head), rest

    def read(self, size: int) -> bytes:
        return self._head.read(size) or self._rest.read(size)


def _elements(
    name: str, events: Iterator[tuple[str, Element]], elements: Collection[str], whole: bytes | None
) -> Iterator[Record | Malformed]:
    from xml.etree.ElementTree import tostring

    depth = number = size = 0
    inside: Element | None = None
    root: Element | None = None
    for event, element in events:
        if event == "start":
            depth += 1
            root = element if root is None else root
            if depth > DEEPEST:
                raise unreadable(name, f"elements lie more than {DEEPEST} levels deep.", "Is this the right file?")
            element.tag = element.tag.rpartition("}")[2]
            if inside is None and element.tag in elements:
                inside, size = element, 0
            continue
        depth -= 1
        size += len(element.text or "") + len(element.tag) * 2
        if size > LONGEST_DOCUMENT:
            raise unreadable(name, f"a record has more than {LONGEST_DOCUMENT} characters.", "Split it.")
        if element is inside:
            number += 1
            alone = whole is not None and element is root
            raw = whole.decode("utf-8", "replace") if alone and whole else tostring(element, encoding="unicode")
            yield Record(name, number, {element.tag: element}, raw)
            inside = None
        if inside is None and root is not None:
            element.clear()


_READERS: dict[str, Callable[[Input], Iterator[Record | Malformed]]] = {
    "csv": read_csv,
    "tsv": read_csv,
    "txt": read_csv,
    "xlsx": read_xlsx,
    "json": read_json,
    "jsonl": read_json,
    "ndjson": read_json,
}
"""Suffix -> reader; XML needs to be told what a record is."""
