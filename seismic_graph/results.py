"""What a query gives back: rows, a yes or no, or a graph; in every format, and as typed data frames.

Machine formats are those of the SPARQL 1.1 recommendations and keep every value as it is. The formats for people (``table``,
``md`` and the view in a notebook) shorten our IRIs and fold a column ``xLabel`` into the column ``x`` that it names.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import pyoxigraph as ox

from seismic_graph.errors import QueryError, StoreError, UnknownName, UsageError
from seismic_graph.files import write_whole
from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.store import Answer, Term, text_of
from seismic_graph.vocabulary import ID, PREFIXES, RDF, VOCABULARY, XSD, short

if TYPE_CHECKING:
    import pandas
    import polars
    import rdflib
    from rich.table import Table

Row: TypeAlias = tuple[Term | None, ...]
Kind: TypeAlias = Literal["rows", "boolean", "graph"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that an answer can be written in.

    Attributes:
        media_type: as in a Content-Type header.
        suffix: of files, without the dot.
        engine: the serialiser of the engine; None for the formats for people, which are written here.
    """

    media_type: str
    suffix: str
    engine: ox.QueryResultsFormat | ox.RdfFormat | None


ROW_FORMATS: dict[str, Format] = {
    "table": Format("text/plain; charset=utf-8", "txt", None),
    "md": Format("text/markdown; charset=utf-8", "md", None),
    **{name: Format(engine.media_type, name, engine) for name, engine in RESULT_FORMATS.items()},
}
"""Name -> format, for SELECT and ASK."""

GRAPH_FORMATS: dict[str, Format] = {name: Format(engine.media_type, name, engine) for name, engine in RDF_FORMATS.items()}
"""Name -> format, for CONSTRUCT and DESCRIBE."""

HTML_ROWS = 200
"""How many rows a notebook shows; how many there are is always said."""


class Result:
    """The answer to a query. Rows are read from the store when they are first needed, and then kept.

    Attributes:
        kind: ``rows`` for SELECT, ``boolean`` for ASK, ``graph`` for CONSTRUCT and DESCRIBE.
        variables: the names of the columns. An ASK has one, ``answer``; a graph has ``subject``, ``predicate`` and ``object``.
        name: the name of the query.
        query: the text of the query as it was asked.
        store: the identity of the store that was asked.
    """

    def __init__(
        self,
        kind: Kind,
        variables: Sequence[str],
        rows: Iterable[Row],
        *,
        name: str = "",
        query: str = "",
        store: str = "",
        limit: int | None = None,
    ) -> None:
        self.kind: Kind = kind
        self.variables = tuple(variables)
        self.name = name
        self.query = query
        self.store = store
        self._limit = limit
        self._held: list[Row] = []
        self._source: Iterator[Row] | None = iter(rows)
        self._cut: Cut | None = None
        self._unread: tuple[ox.QuerySolutions, Callable[[], Answer]] | None = None

    @classmethod
    def from_answer(
        cls,
        answer: Answer,
        *,
        name: str = "",
        query: str = "",
        store: str = "",
        limit: int | None = None,
        again: Callable[[], Answer] | None = None,
    ) -> Result:
        """The result that an answer of a store makes.

        Args:
            answer: what `Store.query` gave.
            name: the name of the query.
            query: its text as it was asked, for the receipt.
            store: the identity of the store that was asked, for the receipt.
            limit: keep at most so many rows or triples, and say by `truncated` that there were more.
            again: gives the same answer again. With it, rows that are written before anybody reads them go straight from the engine to
                the file, several times as fast, and are asked for again where somebody reads them later.
        """
        about: dict[str, Any] = {"name": name, "query": query, "store": store, "limit": limit}
        if isinstance(answer, ox.QueryBoolean):
            value = ox.Literal("true" if answer else "false", datatype=ox.NamedNode(XSD + "boolean"))
            return cls("boolean", ("answer",), [(value,)], **about)
        if isinstance(answer, ox.QuerySolutions):
            made = cls("rows", [variable.value for variable in answer.variables], map(tuple, answer), **about)
            made._unread = (answer, again) if again else None
            return made
        triples = _stable(answer)
        return cls("graph", ("subject", "predicate", "object"), ((t.subject, t.predicate, t.object) for t in triples), **about)

    # ------------------------------------------------------------------ reading

    def _pull(self, wanted: int | None) -> None:
        """Read so many rows more; all that are left where no number is told."""
        self._unread = None
        if self._source is None:
            return
        most = None if self._limit is None else self._limit - len(self._held)
        if wanted is None or (most is not None and wanted > most):
            wanted = most
        before = len(self._held)
        try:
            self._held.extend(islice(self._source, wanted))
            if wanted is not None and len(self._held) - before == wanted and wanted != most:
                return
            self._cut = Cut(len(self._held), next(self._source, None) is not None)
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"The query cannot be answered: {error}") from error
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The answer broke off after {len(self._held)} rows: {error}") from error
        self._source = None

    def __iter__(self) -> Iterator[Row]:
        position = 0
        while True:
            if position == len(self._held):
                self._pull(1)
            if position == len(self._held):
                return
            yield self._held[position]
            position += 1

    def __len__(self) -> int:
        return self._whole.count

    @property
    def _whole(self) -> Cut:
        """How much there is, known when all of it was read or written."""
        if self._cut is None:
            self._pull(None)
        assert self._cut is not None, "it was read to its end"  # noqa: S101
        return self._cut

    def __bool__(self) -> bool:
        """The truth of an ASK; else whether there is anything in the answer."""
        first = next(iter(self), None)
        return text_of(first[0]) == "true" if self.kind == "boolean" and first else first is not None

    def __repr__(self) -> str:
        return f"<Result {self.name or 'ad hoc'}: {self.summary}>"

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows; a variable that is not bound is None."""
        self._pull(None)
        return tuple(self._held)

    @property
    def triples(self) -> Iterator[ox.Triple]:
        """The triples of a graph, in the order of their N-Triples text.

        Raises:
            UsageError: the answer is no graph.
        """
        if self.kind != "graph":
            raise UsageError("The answer has rows, not triples. Ask with CONSTRUCT or DESCRIBE for a graph.")
        return (ox.Triple(*row) for row in self)  # type: ignore[arg-type]

    @property
    def truncated(self) -> bool:
        """Whether there was more than the limit that was asked for."""
        return self._whole.more

    @property
    def summary(self) -> str:
        """How much there is, in words: ``12 rows``; a cut is announced."""
        if self.kind == "boolean":
            return "yes" if self else "no"
        noun = "triple" if self.kind == "graph" else "row"
        count = len(self)
        plural = "" if count == 1 else "s"
        return f"the first {count:,} {noun}{plural}; there are more" if self.truncated else f"{count:,} {noun}{plural}"

    @property
    def receipt(self) -> dict[str, str]:
        """What it takes to ask again: the query, the SHA-256 of its text, and the identity of the store."""
        return {"query": self.name, "sha256": hashlib.sha256(self.query.encode()).hexdigest(), "store": self.store}

    # ------------------------------------------------------------------ writing

    @property
    def formats(self) -> dict[str, Format]:
        """The formats that this kind of answer can be written in."""
        return GRAPH_FORMATS if self.kind == "graph" else ROW_FORMATS

    def write(self, out: IO[bytes], form: str, *, width: int | None = None) -> None:
        """Write the answer in a format.

        Args:
            out: a binary stream.
            form: a key of `formats`.
            width: the columns of the terminal, for ``table``; asked from the system where not told.

        Raises:
            UnknownName: there is no such format for this kind of answer.
            UsageError: the format cannot carry a value.
        """
        chosen = self.formats.get(form)
        if chosen is None:
            raise UnknownName(f"format of a {'graph' if self.kind == 'graph' else 'table'}", form, self.formats)
        if isinstance(chosen.engine, ox.RdfFormat):
            data = self._graph(chosen.engine)
        elif chosen.engine is not None and self._unread is not None:
            answer, again = self._unread
            self._unread, self._source = None, _later(again)
            self._cut = stream(answer, out, form, limit=self._limit)
            return
        elif chosen.engine is not None:
            data = self._rows(chosen.engine)
        else:
            data = (self._markdown() if form == "md" else self._text(width)).encode()
        if chosen.engine in (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML):
            _refuse_in_xml(data)
        out.write(data)

    def text(self, form: str, *, width: int | None = None) -> str:
        """The answer in a format, as text. Raises as `write` does."""
        buffer = io.BytesIO()
        self.write(buffer, form, width=width)
        return buffer.getvalue().decode()

    def save(self, file: Path | str) -> Path:
        """The file that was written, in the format that its suffix names.

        Raises:
            UsageError: the suffix names no format of this kind of answer, or the folder does not exist.
            SeismicError: the disk refused.
        """
        path = Path(file)
        suffix = path.suffix.removeprefix(".").lower()
        form = "table" if suffix == "txt" and self.kind != "graph" else suffix
        if form not in self.formats:
            choices = ", ".join("." + format_.suffix for format_ in self.formats.values())
            raise UsageError(f"{path}: the suffix names no format of this answer; use one of {choices}.")
        buffer = io.BytesIO()
        self.write(buffer, form)
        write_whole(path, buffer.getvalue())
        return path

    def _rows(self, engine: ox.QueryResultsFormat) -> bytes:
        """In a SPARQL 1.1 result format, by way of its JSON form, which the engine can read back."""
        if self.kind == "boolean":
            text = json.dumps({"head": {}, "boolean": bool(self)})
        else:
            text = b"".join(_json_document(self.variables, self.rows)).decode()
        written = ox.parse_query_results(text, ox.QueryResultsFormat.JSON).serialize(format=engine)
        return written or b""

    def _graph(self, engine: ox.RdfFormat) -> bytes:
        triples = list(self.triples)
        quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
        written = ox.serialize(quads if engine.supports_datasets else triples, format=engine, prefixes=_prefixes(triples)) or b""
        head = re.match(rb"(@prefix [^\n]*\n)+", written)
        if head is None:
            return written
        return b"".join(sorted(head[0].splitlines(keepends=True))) + b"\n" + written[head.end() :]  # the engine shuffles them

    def table(self) -> Table:
        """A table for the terminal, to be printed by a rich console; values cannot bring markup or control characters.

        How many rows there are is for the caller to say, by `summary`.
        """
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        names = list(self._people())
        for name in names:
            made.add_column(Text(name), overflow="fold")
        for row in self.rows:
            made.add_row(*(_rich(*cell) for cell in self._cells(row)))
        return made

    def _text(self, width: int | None) -> str:
        from rich.console import Console

        if self.kind == "boolean":
            return self.summary + "\n"
        out = io.StringIO()
        columns = width or shutil.get_terminal_size((100, 24)).columns
        Console(file=out, width=columns, color_system=None, legacy_windows=False).print(self.table())
        return "\n".join([*(line.rstrip() for line in out.getvalue().splitlines()), self.summary]) + "\n"

    def _markdown(self) -> str:
        """A table of GitHub Flavored Markdown, section 4.10; nothing in a cell can end it or bring markup."""
        if self.kind == "boolean":
            return self.summary + "\n"
        names = list(self._people())
        lines = [names, ["---"] * len(names)]
        for row in self.rows:
            lines.append([_markdown_cell(term, label) for term, label in self._cells(row)])
        body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{body}\n\n{self.summary}\n"

    def _people(self) -> dict[str, tuple[int, int | None]]:
        """The columns as people see them: name -> the places of the value and of its label."""
        places = {name: place for place, name in enumerate(self.variables)}
        labels = {name + "Label": name for name in places if name + "Label" in places}
        return {name: (place, places.get(name + "Label")) for name, place in places.items() if name not in labels}

    def _cells(self, row: Row) -> Iterator[tuple[Term | None, str]]:
        """For each column that people see, the term and its label (empty where there is none)."""
        for place, label in self._people().values():
            yield row[place], text_of(row[label]) if label is not None else ""

    def _repr_html_(self) -> str:
        """The answer as a notebook shows it: escaped, IRIs as links, and how many rows there are."""
        caption = f"{html.escape(self.name)}: " if self.name else ""
        if self.kind == "boolean":
            return f"<p>{caption}<strong>{self.summary}</strong></p>"
        shown = self.rows[:HTML_ROWS]
        said = self.summary if len(shown) == len(self) else f"{self.summary}; the first {len(shown):,} are shown"
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._people())
        body = "".join(f"<tr>{''.join(f'<td>{_html(*cell)}</td>' for cell in self._cells(row))}</tr>" for row in shown)
        return f"<table><caption>{caption}{said}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    # ------------------------------------------------------------------ frames

    def to_pandas(self) -> pandas.DataFrame:
        """The answer as a pandas data frame, typed by `columns`.

        Integers are Int64, other numbers Float64 (or Decimal objects where a double would lose digits), booleans boolean, full dates
        datetime64[s], points in time datetime64[us], all else string. What is not bound is missing.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise UsageError("pandas is not installed. Install it with: pip install 'seismic-graph[pandas]'") from None
        dtypes: dict[str, Any] = {
            "integer": "Int64",
            "number": "Float64",
            "decimal": "object",
            "boolean": "boolean",
            "date": "datetime64[s]",
            "datetime": "datetime64[us]",
            "string": "string",
        }
        return pd.DataFrame({name: pd.Series(column.values, dtype=dtypes[column.type]) for name, column in self.columns().items()})

    def to_polars(self) -> polars.DataFrame:
        """The answer as a polars data frame, typed by `columns`.

        Integers are Int64, other numbers Float64 (or Decimal where a double would lose digits), booleans Boolean, full dates Date,
        points in time Datetime, all else String. What is not bound is null.

        Raises:
            UsageError: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError:
            raise UsageError("polars is not installed. Install it with: pip install 'seismic-graph[polars]'") from None
        dtypes: dict[str, Any] = {
            "integer": pl.Int64,
            "number": pl.Float64,
            "boolean": pl.Boolean,
            "date": pl.Date,
            "datetime": pl.Datetime("us"),
            "string": pl.String,
        }
        made = []
        for name, column in self.columns().items():
            if column.type == "decimal":
                scale = max(-int(value.as_tuple().exponent) for value in column.values if value is not None)
                made.append(pl.Series(name, column.values, dtype=pl.Decimal(38, max(scale, 0))))
            else:
                made.append(pl.Series(name, column.values, dtype=dtypes[column.type]))
        return pl.DataFrame(made)

    def columns(self) -> dict[str, Column]:
        """The values of each variable as Python values, with one type a column; see `Column`."""
        rows = self.rows
        return {name: _column([row[place] for row in rows]) for place, name in enumerate(self.variables)}

    def to_rdflib(self) -> rdflib.Graph:
        """A graph of rdflib with the same triples; literals keep their lexical form.

        Raises:
            UsageError: the answer is no graph, or holds triple terms, which rdflib does not know.
        """
        import rdflib

        graph = rdflib.Graph()
        for prefix, namespace in _prefixes(list(self.triples)).items():
            graph.bind(prefix, namespace)
        for row in self:
            graph.add(tuple(_rdflib(term) for term in row))  # type: ignore[arg-type]
        return graph


def write(result: Result, form: str | None = None, *, width: int | None = None) -> str:
    """An answer as text; where no format is told, csv for rows, ttl for a graph and a word for a yes or no.

    Raises:
        UnknownName: there is no such format for this kind of answer.
        UsageError: the format cannot carry a value.
    """
    return result.text(form or {"rows": "csv", "boolean": "table", "graph": "ttl"}[result.kind], width=width)


def stream(answer: Answer, out: IO[bytes], form: str, *, limit: int | None = None) -> Cut:
    """Write an answer in a machine format as it comes, without holding it; for answers too large to keep.

    A graph comes in the order of the store.

    Args:
        answer: what `Store.query` gave.
        out: a binary stream.
        form: the name of a machine format.
        limit: write at most so many rows or triples, at least one.

    Returns:
        How much was written, and whether there was more.

    Raises:
        UnknownName: there is no such machine format for this kind of answer.
        UsageError: the format cannot carry a value.
    """
    rows = isinstance(answer, ox.QuerySolutions | ox.QueryBoolean)
    machine = {name: engine for name, format_ in (ROW_FORMATS if rows else GRAPH_FORMATS).items() if (engine := format_.engine)}
    engine = machine.get(form)
    if engine is None:
        raise UnknownName("format that can be streamed", form, machine)
    checked: Any = _XmlOnly(out) if engine in (ox.QueryResultsFormat.XML, ox.RdfFormat.RDF_XML) else out
    if isinstance(answer, ox.QueryBoolean):
        answer.serialize(checked, engine)  # type: ignore[arg-type]
        return Cut(1, more=False)
    if isinstance(answer, ox.QuerySolutions):
        return _stream_rows(answer, checked, engine, limit)  # type: ignore[arg-type]
    taken = _Taken(answer, limit)
    if isinstance(engine, ox.RdfFormat) and engine.supports_datasets:
        ox.serialize((ox.Quad(t.subject, t.predicate, t.object) for t in taken), checked, engine)
    else:
        ox.serialize(taken, checked, engine)  # type: ignore[arg-type]
    return taken.cut


@dataclass(frozen=True, slots=True)
class Cut:
    """How many rows or triples were written, and whether there were more."""

    count: int
    more: bool


class _Taken:
    """The first so many of some rows or triples, counted; errors of the engine on the way become ours."""

    def __init__(self, answer: Iterable[Any], limit: int | None) -> None:
        self._source = iter(answer)
        self._limit = limit
        self.cut = Cut(0, False)

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> Any:
        try:
            item = next(self._source)
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"The query cannot be answered: {error}") from error
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The answer broke off after {self.cut.count} rows: {error}") from error
        if self._limit is not None and self.cut.count >= self._limit:
            self.cut = Cut(self.cut.count, True)
            raise StopIteration
        self.cut = Cut(self.cut.count + 1, False)
        return item


def _stream_rows(answer: ox.QuerySolutions, out: IO[bytes], engine: ox.QueryResultsFormat, limit: int | None) -> Cut:
    """Rows as the engine writes them, without a look at each; what is counted is what it wrote."""
    counter = _RowCounter(out, _SHAPES[engine], limit)
    try:
        answer.serialize(counter, engine)  # type: ignore[arg-type]  # a stream to write is all it needs
    except _Enough:
        return Cut(counter.count, True)
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        if counter.refused:
            raise counter.refused from None
        if isinstance(error, SyntaxError | ValueError):
            raise QueryError(f"The query cannot be answered: {error}") from error
        raise StoreError(f"The answer broke off after {counter.count} rows: {error}") from error
    counter.end()
    return Cut(counter.count, False)


def _later(again: Callable[[], Answer]) -> Iterator[Row]:
    """The rows of an answer that is asked for when the first of them is needed."""
    yield from map(tuple, again())  # type: ignore[arg-type]


class _Enough(Exception):
    """There are more rows than are wanted."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the rows of a format lie behind each other, as the engine writes it.

    Attributes:
        between: the end of a row, or of the head, that another row follows; in quotes it means nothing.
        reach: how many bytes must be seen behind the first one of ``between``.
        count: how many there are in a text that begin before a place, for a text that begins in quotes or not; None where that is not
            certain without a look at each.
        first: what begins the first row; empty where the head ends as a row does.
        tail: what ends an answer that is cut.
        quotes: whether ``between`` may stand in quotes; escapes: whether a quote may stand in them too, behind a backslash.
    """

    between: re.Pattern[bytes]
    reach: int
    count: Callable[[bytes, int, bool], int | None]
    first: bytes = b""
    tail: bytes = b""
    quotes: bool = False
    escapes: bool = False


def _json_ends(text: bytes, before: int, quoted: bool) -> int | None:
    if b"},{}" in text:  # a row without values, or a text that looks like one
        return None
    followed = text.split(b'},{"')[1:]
    return sum(part[:1] not in (b"}", b",", b"") for part in followed)  # else the quote ends a text, or what follows is not seen yet


def _csv_ends(text: bytes, before: int, quoted: bool) -> int:
    return b"".join(text[:before].split(b'"')[quoted::2]).count(b"\n")


_SHAPES = {
    ox.QueryResultsFormat.JSON: _Shape(re.compile(rb"\}(?=,\{)"), 4, _json_ends, b"[{", b"]}}", True, True),
    ox.QueryResultsFormat.XML: _Shape(
        re.compile(rb"</result>(?=<result>)"),
        16,
        lambda text, before, quoted: text.count(b"</result><result>"),
        b"<result>",
        b"</results></sparql>",
    ),
    ox.QueryResultsFormat.CSV: _Shape(re.compile(rb"\n"), 1, _csv_ends, quotes=True),
    ox.QueryResultsFormat.TSV: _Shape(re.compile(rb"\n"), 1, lambda text, before, quoted: text.count(b"\n", 0, before)),
}


class _RowCounter(io.RawIOBase):
    """Passes an answer on as it is written, counts its rows, and ends it after so many."""

    def __init__(self, out: IO[bytes], shape: _Shape, limit: int | None) -> None:
        self._out, self._shape, self._limit = out, shape, limit
        self._left = b""  # not passed on yet: what follows may make an end of it
        self._quoted = self._escaped = False
        self._over = False
        self.count = 0
        self.refused: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._over:  # the engine tries once more to be rid of what it has
            return len(data)
        text = self._left + bytes(data)
        if not self.count and self._shape.first:
            self.count = int(self._shape.first in text)
        sure = max(0, len(text) - self._shape.reach)
        ends = self._shape.count(text, sure, self._quoted)
        if ends is None or (self._limit is not None and self.count + ends > self._limit):
            self._one_by_one(text, sure)
        else:
            self.count += ends
            self._look(text[:sure])
        self._pass(text[:sure])
        self._left = text[sure:]
        return len(data)

    def end(self) -> None:
        """Pass on what is left."""
        self._pass(self._left)

    def _one_by_one(self, text: bytes, sure: int) -> None:
        """Look at each end of a row; stop where the row after it is too many."""
        looked = 0
        for match in self._shape.between.finditer(text):
            if match.start() >= sure:
                break
            self._look(text[looked : match.start()])
            looked = match.start()
            if self._quoted:
                continue
            if self.count == self._limit:
                self._pass(text[: match.end()] + self._shape.tail)
                self._over = True
                raise _Enough
            self.count += 1
        self._look(text[looked:sure])

    def _look(self, text: bytes) -> None:
        """Whether what comes after a stretch of the answer stands in quotes: where an odd number of them came before."""
        if not self._shape.quotes or not text:
            return
        if self._shape.escapes:
            if self._escaped:
                text, self._escaped = text[1:], False
            if b"\\" in text:
                text = text.replace(b"\\\\", b"")
                self._escaped = text.endswith(b"\\")
                text = text.replace(b'\\"', b"")
        self._quoted ^= text.count(b'"') % 2 == 1

    def _pass(self, data: bytes) -> None:
        try:
            self._out.write(data)
        except Exception as error:
            self._over, self.refused = True, error
            raise


class _XmlOnly(io.RawIOBase):
    """Refuses what XML cannot carry."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        _refuse_in_xml(bytes(data))
        return self._out.write(data)


def _refuse_in_xml(data: bytes) -> None:
    if len(data.translate(None, _NOT_IN_XML)) < len(data):
        bad = next(byte for byte in data if byte in _NOT_IN_XML)
        raise UsageError(f"XML cannot carry the character U+{bad:04X} that a value holds (XML 1.0, section 2.2). Use json or nt.")


_NOT_IN_XML = bytes({*range(0x20)} - {*b"\t\n\r"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BINDABLE = re.compile(r"[a-z][a-z-]*")


def _stable(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Triples without doubles, in the order of their N-Triples text; blank nodes are named by RDFC-1.0 where there are any."""
    unique = set(triples)
    if any(isinstance(term, ox.BlankNode | ox.Triple) for t in unique for term in (t.subject, t.object)):
        dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in unique)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        unique = {quad.triple for quad in dataset}
    return sorted(unique, key=str)


def _prefixes(triples: Sequence[ox.Triple]) -> dict[str, str]:
    """The prefixes that the triples have a use for; ours are one a type of entity (``network:``) and one a vocabulary (``level:``)."""
    used: dict[str, str] = {}
    for triple in triples:
        datatype = triple.object.datatype if isinstance(triple.object, ox.Literal) else None
        if datatype is not None and datatype.value in (XSD + "string", RDF + "langString"):
            datatype = None  # never written
        for term in (triple.subject, triple.predicate, triple.object, datatype):
            if not isinstance(term, ox.NamedNode):
                continue
            for ours in (ID, VOCABULARY):
                head = term.value[len(ours) :].partition("/")[0] if term.value.startswith(ours) else ""
                if _BINDABLE.fullmatch(head) and head not in PREFIXES:
                    used[head] = f"{ours}{head}/"
            for prefix, namespace in PREFIXES.items():
                if term.value.startswith(namespace) and prefix not in ("id", "voc", "graph"):
                    used[prefix] = namespace
    return dict(sorted(used.items()))


def _json_document(variables: Sequence[str], rows: Iterable[Iterable[Term | None]]) -> Iterator[bytes]:
    """Rows as a document of SPARQL 1.1 Query Results JSON Format, a row at a time."""
    yield f'{{"head":{{"vars":{_compact(list(variables))}}},"results":{{"bindings":['.encode()
    before = ""
    for row in rows:
        binding = {name: _json(term) for name, term in zip(variables, row, strict=True) if term is not None}
        yield (before + _compact(binding)).encode()
        before = ","
    yield b"]}}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json(term: Term) -> dict[str, Any]:
    """A term in the form of SPARQL 1.1 Query Results JSON Format, section 3.2.2."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json(part) for name, part in parts.items()}}
    made = {"type": "literal", "value": term.value}
    if term.language:
        made["xml:lang"] = term.language
    elif term.datatype.value != XSD + "string":
        made["datatype"] = term.datatype.value
    return made


# ---------------------------------------------------------------------- for people


def plain(text: str) -> str:
    """A text that can go to a terminal: control and direction-changing characters are replaced by U+FFFD."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _shown(term: Term | None) -> str:
    if isinstance(term, ox.NamedNode):
        return plain(short(term.value))
    return plain(text_of(term))


def _rich(term: Term | None, label: str) -> Any:
    from rich.text import Text

    if not label:
        return Text(_shown(term))
    return Text.assemble(plain(label), "\n", (_shown(term), "dim"))


def _linked(term: Term | None) -> str | None:
    """The address that a term links to; only addresses of the web are followed."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(("http://", "https://")):
        return term.value
    return None


def _markdown_text(text: str) -> str:
    escaped = html.escape(plain(text), quote=False)
    return re.sub(r"([\\`*_~\[\]|])", r"\\\1", escaped).replace("\n", "<br>")


def _markdown_cell(term: Term | None, label: str) -> str:
    shown = _markdown_text(label or _shown(term))
    if target := _linked(term):
        safe = target.replace("|", "%7C").replace("(", "%28").replace(")", "%29")
        return f"[{shown}](<{safe}>)"
    return shown


def _html(term: Term | None, label: str) -> str:
    shown = html.escape(plain(label) or _shown(term)).replace("\n", "<br>")
    if target := _linked(term):
        address = html.escape(target)
        return f'<a href="{address}" title="{html.escape(_shown(term))}" rel="noopener noreferrer">{shown}</a>'
    return shown


# ---------------------------------------------------------------------- typed columns


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one variable.

    Attributes:
        type: ``integer``, ``number``, ``decimal`` (numbers that a double would change), ``boolean``, ``date``, ``datetime`` (without
            or, turned to UTC, with time zone) or ``string``. A column that mixes types, or holds an ill-formed value, is ``string``.
        values: Python values of that type; None where the variable is not bound.
    """

    type: str
    values: list[Any]


_INTEGERS = {XSD + "integer", XSD + "long", XSD + "int", XSD + "short", XSD + "byte"} | {
    XSD + f"{head}{tail}"
    for head, tails in {
        "unsigned": ("Long", "Int", "Short", "Byte"),
        "non": ("NegativeInteger", "PositiveInteger"),
        "positive": ("Integer",),
        "negative": ("Integer",),
    }.items()
    for tail in tails
}
_NUMBERS = _INTEGERS | {XSD + "decimal", XSD + "double", XSD + "float"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6}0*)?(Z|[+-]\d{2}:\d{2})?")


def _column(terms: Sequence[Term | None]) -> Column:
    bound = [term for term in terms if term is not None]
    sorts = set(map(type, bound))
    datatypes = {term.datatype.value for term in bound} if sorts == {ox.Literal} else set()  # type: ignore[union-attr]
    try:
        if datatypes and datatypes <= _NUMBERS:
            return _numbers(terms, datatypes)
        if datatypes == {XSD + "boolean"}:
            return Column("boolean", [None if term is None else _BOOLEANS[text_of(term)] for term in terms])
        if datatypes == {XSD + "date"}:
            return Column("date", [None if term is None else _date(text_of(term)) for term in terms])
        if datatypes == {XSD + "dateTime"}:
            return _datetimes(terms)
    except (KeyError, ValueError, ArithmeticError):
        pass  # an ill-formed value: the column keeps the texts
    if ox.Triple in sorts:
        return Column("string", [None if term is None else text_of(term) for term in terms])
    return Column("string", [None if term is None else term.value for term in terms])  # type: ignore[union-attr]


def _numbers(terms: Sequence[Term | None], datatypes: set[str]) -> Column:
    texts = [None if term is None else text_of(term).strip() for term in terms]
    if any(text is not None and not _NUMBER.fullmatch(text) for text in texts):
        raise ValueError("not a number")
    if datatypes <= _INTEGERS:
        integers = [None if text is None else int(text) for text in texts]
        if all(value is None or -(2**63) <= value < 2**63 for value in integers):
            return Column("integer", integers)
    inexact = {XSD + "double", XSD + "float"} & datatypes
    if not inexact:
        exact = [None if text is None else Decimal(text) for text in texts]
        if any(value is not None and Decimal(repr(float(value))) != value for value in exact):
            return Column("decimal", exact)
    return Column("number", [None if text is None else float(text) for text in texts])


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError("not a full date without time zone")
    return date.fromisoformat(text)


def _datetimes(terms: Sequence[Term | None]) -> Column:
    values: list[datetime | None] = []
    zoned = set()
    for term in terms:
        if term is None:
            values.append(None)
            continue
        match = _DATETIME.fullmatch(text_of(term))
        if not match:
            raise ValueError("not a point in time of microsecond precision")
        moment = datetime.fromisoformat(text_of(term))
        offset = moment.utcoffset()
        zoned.add(offset is not None)
        values.append(moment.replace(tzinfo=None) - (offset or timedelta()))
    if len(zoned) > 1:
        raise ValueError("with and without time zone")
    return Column("datetime", values)


def _rdflib(term: Term | None) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype in (XSD + "string", RDF + "langString"):
            return rdflib.Literal(term.value)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)
    raise UsageError("rdflib knows no triple terms. Ask without them, or save the answer as nt.")
