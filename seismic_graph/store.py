"""What answers a SPARQL query: the `Store` protocol and the embedded store on disk.

Answers are pyoxigraph's own, whatever the store: ``QuerySolutions`` for SELECT, ``QueryBoolean`` for
ASK, an iterable of ``Triple`` for CONSTRUCT and DESCRIBE. The default graph is the union of all graphs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from seismic_graph.errors import IncompleteAnswer, QueryError, StoreError

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Answer: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]


class Store(Protocol):
    """Anything that answers SPARQL 1.1 queries over the union of its graphs."""

    @property
    def name(self) -> str:
        """What people call it: a folder or an address."""
        ...

    @property
    def identity(self) -> str:
        """What its content is known by: the snapshot id, or the address where no id is known."""
        ...

    def query(self, text: str) -> Answer:
        """The whole answer to a query.

        Raises:
            QueryError: the query cannot be parsed or evaluated.
            StoreError: the store did not give a whole answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is about (SPARQL 1.1 Protocol, section 2.1.4).

    Attributes:
        default: the IRIs of the graphs that make up the default graph.
        named: the IRIs of the named graphs.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


_LINE_COLUMN = re.compile(r"at (\d+):(\d+)")


_DATASET = re.compile(r"(?<![\w:?$.%-])from\s+(named\s+)?[<\w:]", re.IGNORECASE)
_NOT_CODE = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\r\n]*""", re.DOTALL)


def _names_dataset(text: str) -> bool:
    """Whether a query says itself which graphs it is about (SPARQL 1.1 Query, section 13.2): the union must not stand in for them."""
    return bool(_DATASET.search(_NOT_CODE.sub(lambda match: "<x>" if match[0].startswith("<") else " ", text)))


def query_error(error: Exception, text: str) -> QueryError:
    """A parser's message with the line of the query that it means."""
    message = str(error)
    if match := _LINE_COLUMN.search(message):
        line, column = int(match[1]), int(match[2])
        lines = text.splitlines()
        shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return QueryError(f"The query cannot be read at line {line}, column {column}: {message}\n    {shown}", line, column)
    return QueryError(f"The query cannot be answered: {message}")


class EmbeddedStore:
    """A pyoxigraph store on disk (read-only unless told otherwise) or in memory.

    Args:
        path: the folder of the store; None keeps it in memory.
        writable: open for writing. One writer a folder; readers of a snapshot open read-only.
        identity: the snapshot id.

    Raises:
        StoreError: the folder holds no store that can be opened.
    """

    def __init__(self, path: Path | None = None, *, writable: bool = False, identity: str = "") -> None:
        self.path = path
        self.identity = identity or (str(path) if path else "memory")
        try:
            if path is None:
                self.inner = ox.Store()
            elif writable:
                self.inner = ox.Store(str(path))
            else:
                self.inner = ox.Store.read_only(str(path))
        except (OSError, ValueError) as error:
            raise StoreError(f"The store in {path} cannot be opened: {error}. Build it again with: seismic build") from error

    @property
    def name(self) -> str:
        """The folder, or "memory"."""
        return str(self.path) if self.path else "memory"

    def query(self, text: str, dataset: Dataset | None = None, base: str | None = None) -> Answer:
        """The whole answer; ``SERVICE`` is refused, since the engine would call other hosts.

        Args:
            text: the query.
            dataset: the graphs it is about, whatever FROM says in it; None where the query says it, or means the union of all.
            base: what relative IRIs are resolved against.

        Raises:
            QueryError: the query cannot be parsed or evaluated, or asks for another host.
        """
        refuse_service(text)
        try:
            answer: Answer
            if dataset is None:
                answer = self.inner.query(text, base_iri=base, use_default_graph_as_union=not _names_dataset(text))
            else:
                answer = self.inner.query(
                    text,
                    base_iri=base,
                    default_graph=[ox.NamedNode(graph) for graph in dataset.default],
                    named_graphs=[ox.NamedNode(graph) for graph in dataset.named],
                )
        except (SyntaxError, ValueError) as error:
            raise query_error(error, text) from None
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The store {self.name} could not answer: {error}") from error
        return answer

    def load(self, lines: bytes | Iterable[str], graph: str) -> None:
        """Add N-Triples lines to a named graph in one go (bulk load: nothing or all of it)."""
        text = lines if isinstance(lines, bytes) else "".join(lines).encode()
        self.inner.bulk_load(input=text, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))

    def load_file(self, file: Path, graph: str) -> None:
        """Add a file of N-Triples to a named graph in one go (bulk load: nothing or all of it)."""
        self.inner.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))

    def add(self, triples: Iterable[ox.Triple], graph: str) -> int:
        """Add triples to a named graph; how many there were, doubles counted."""
        name = ox.NamedNode(graph)
        quads = [ox.Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples]
        self.inner.extend(quads)
        return len(quads)

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self.inner.named_graphs() if isinstance(graph, ox.NamedNode))

    def triples(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """The quads of one named graph, or of all."""
        return self.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph) if graph else None)

    def dump(self, graph: str) -> bytes:
        """One named graph as N-Triples, in the order of the store."""
        buffer = io.BytesIO()
        self.inner.dump(buffer, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
        return buffer.getvalue()

    def flush(self) -> None:
        """Put everything on disk."""
        self.inner.flush()


_GAP = r"(?:\s++|#[^\r\n]*+)*+"
_RUN = r"""(?P<run>(?:[^\s{}<>()\[\]|^;,"'#\\]|\\.){1,1000}+)"""
_TARGET = rf"(?:<[^<>{{}}]*+>|{_RUN})"
_WORDS = re.compile(r"service|load", re.IGNORECASE)
_SERVICE = tuple(re.compile(rf"service{gap}{_TARGET}{_GAP}(?P<end>\{{|)", re.IGNORECASE) for gap in (_GAP, rf"{_GAP}silent{_GAP}"))
_LOAD = tuple(re.compile(rf"load{gap}{_TARGET}{_GAP}(?P<end>;|into|)", re.IGNORECASE) for gap in (_GAP, rf"{_GAP}silent{_GAP}"))
_PROLOGUE = re.compile(
    rf"{_GAP}(?:base{_GAP}<[^>]*+>|prefix{_GAP}[^\s:<>]*+:{_GAP}<[^>]*+>|version{_GAP}(?:\"[^\"]*+\"|'[^']*+'))", re.IGNORECASE
)
_FORM = re.compile(rf"{_GAP}(select|ask|construct|describe)", re.IGNORECASE)
_UPDATE = re.compile(rf"{_GAP}(?:insert|delete|with|load|clear|drop|create|add|move|copy)\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U00([01][0-9A-Fa-f]{5})")
_PLAIN_IRI = re.compile(r"""<[A-Za-z][A-Za-z0-9+.-]*+://[^<>"{}|^`\\\x00-\x20]*+>""")
_COMMENT = re.compile(r"#[^\r\n]*+")
_VARIABLE = re.compile(r"[?$]\w*+")
_NAME = re.compile(r"[\w.-]*+(?::(?:[\w:.%-]|\\.)*+)?", re.DOTALL)
_NUMBER = re.compile(r"[\d.eE+-]*+")
_STRING = {quote: re.compile(rf"{quote}(?:[^{quote}\\\r\n]|\\.)*+{quote}") for quote in "\"'"}
_LONG_STRING = {quote: re.compile(rf"{quote * 3}(?:{quote}{{0,2}}(?:[^{quote}\\]|\\.))*+{quote * 3}", re.DOTALL) for quote in "\"'"}


def query_form(text: str) -> str | None:
    """``"SELECT"``, ``"ASK"``, ``"CONSTRUCT"`` or ``"DESCRIBE"``; None where the text is no query, an update for example.

    >>> query_form("PREFIX e: <http://e/> select * { ?s ?p ?o }")
    'SELECT'
    """
    form = _FORM.match(text, _after_prologue(text))
    return form[1].upper() if form else None


def is_update(text: str) -> bool:
    """Whether a text begins as a SPARQL 1.1 Update does.

    >>> is_update("PREFIX e: <http://e/> CLEAR ALL"), is_update("ASK {}")
    (True, False)
    """
    return bool(_UPDATE.match(text, _after_prologue(text)))


def _after_prologue(text: str) -> int:
    place = 0
    while match := _PROLOGUE.match(text, place):
        place = match.end()
    return place


def refuse_service(text: str) -> None:
    """Raise a `QueryError` where a query or update would reach other hosts or files.

    SERVICE stands before a name and a group (SPARQL 1.1 Federated Query, section 2), LOAD before a name in an update (SPARQL 1.1
    Update, section 3.1.4; in a query it is a name like any other). Words inside IRIs, strings and comments pass.

    How a text reads is not certain without a whole parser: ``<`` begins an IRI or compares, and a keyword needs no blank around
    it (``1SERVICEex:a{`` calls out where ``ex`` is declared). So every way of reading is followed, and one that reaches the
    keyword is enough. A name such as ``service:a`` passes, unless it is followed by a group and the empty prefix is declared.
    """
    readings = [text]
    if "\\u" in text or "\\U" in text:  # codepoint escapes may spell the word (SPARQL 1.1, section 19.2)
        readings.append(_ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), text))
    if any(_WORDS.search(reading) and _reaches_out(reading) for reading in readings):
        raise QueryError("SERVICE and LOAD are refused: a query may not reach other hosts or files. Bring the data in first.")


def _reaches_out(text: str) -> bool:
    patterns = _SERVICE if query_form(text) else _SERVICE + _LOAD
    declared: dict[str, bool] = {}
    for place in _places(text):
        for pattern in patterns:
            match = pattern.match(text, place)
            if match is None:
                continue
            run = match["run"] or ""
            if len(run) >= 1000:  # longer than is looked at
                return True
            if not match["end"] and not (pattern in _LOAD and match.end() == len(text)):
                continue
            if run and run[0] not in "?$":
                prefix, colon, _ = run.partition(":")
                if not colon:
                    continue
                if text[match.start("run") - 1].isalpha():  # no blank after the keyword: a name, unless its rest is one too
                    if prefix not in declared:
                        name = rf"(?:(?<=\s)|(?<=prefix)){re.escape(prefix)}:"
                        declared[prefix] = len(declared) > 100 or bool(re.search(name, text, re.IGNORECASE))
                    if not declared[prefix]:
                        continue
            return True
    return False


def _places(text: str) -> Iterator[int]:
    """Where one of the words may begin a token, in any way of reading the text. Each place is visited once."""
    seen = bytearray(len(text) + 1)
    last_end = text.rfind(">")
    unclosed = {"'": len(text), '"': len(text)}  # from here on no long string of that quote is closed
    pending = [0]
    while pending:
        place = pending.pop()
        while place < len(text) and not seen[place]:
            seen[place] = 1
            character = text[place]
            if character == "#":
                place = _COMMENT.match(text, place).end()  # type: ignore[union-attr]
            elif character in "?$":
                place = _VARIABLE.match(text, place).end()  # type: ignore[union-attr]
            elif character == "\\":
                place += 2
            elif character == "<":
                if iri := _PLAIN_IRI.match(text, place):  # "x < http://" compares with nothing, so this is an IRI for certain
                    place = iri.end()
                    continue
                if place < last_end:
                    pending.append(text.index(">", place) + 1)
                place += 1
            elif character in "\"'":
                if text.startswith(character * 3, place) and place < unclosed[character]:
                    if long := _LONG_STRING[character].match(text, place):
                        pending.extend((long.end(), long.end() + 1, long.end() + 2))
                    else:
                        unclosed[character] = place
                short = _STRING[character].match(text, place)
                place = short.end() if short else place + 1
            elif character.isalnum() or character in "_:":
                name = _NAME.match(text, place)
                end = name.end() if name else place + 1
                number = _NUMBER.match(text, place, end)
                for word in _WORDS.finditer(text, place, end):
                    start = word.start()
                    before = text[max(place, start - 5) : start].lower()
                    if not before or before.endswith((".", "true", "false")) or (number and start <= number.end()):
                        yield start
                place = max(end, place + 1)
            else:
                place += 1


def text_of(term: Term | None) -> str:
    """The value of a term as plain text; empty for an unbound variable."""
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.Triple) else term.value


def select(store: Store, text: str) -> Iterator[list[Term | None]]:
    """The rows of a SELECT query.

    Raises:
        QueryError: the query cannot be read, or is no SELECT.
        StoreError: the store did not give a whole answer.
    """
    answer = store.query(text)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryError("A SELECT query is needed here.")
    return ([*row] for row in answer)


def select_all(store: Store, query: str, key: str) -> Iterator[list[Term | None]]:
    """The rows of a query with one row a key: in one go from an embedded store, in pages from any other; see `pages`."""
    return select(store, query) if isinstance(store, EmbeddedStore) else pages(store, query, key)


def pages(store: Store, query: str, key: str, size: int = 5000) -> Iterator[list[Term | None]]:
    """The rows of a query with one row a key, fetched in pages that start after the last key seen.

    The query holds ``#filter`` where the condition belongs and orders by ``STR(?key)``. A page that the endpoint cuts is asked for
    again at half the size.

    Raises:
        IncompleteAnswer: the endpoint cuts even pages of a hundred rows.
    """
    after = ""
    while True:
        try:
            condition = f'FILTER(STR(?{key}) > "{after}")' if after else ""
            rows = list(select(store, f"{query.replace('#filter', condition)} LIMIT {size}"))
        except IncompleteAnswer:
            if size <= 100:
                raise
            size //= 2
            continue
        yield from rows
        if len(rows) < size:
            return
        after = text_of(rows[-1][0])
