"""SPARQL texts as far as a store must know them before it asks: their form, their dataset, whether they reach out, where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seismic_graph.errors import QueryError

_LINE_COLUMN = re.compile(r"at (\d+):(\d+)")


_DATASET = re.compile(r"(?<![\w:?$.%-])from\s+(named\s+)?[<\w:]", re.IGNORECASE)
_NOT_CODE = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\r\n]*""", re.DOTALL)


def names_dataset(text: str) -> bool:
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


def lexical(term: bytes) -> str:
    r"""The value of a term that `EmbeddedStore.scan` gave: an IRI, or the lexical form of a literal.

    >>> lexical(b"<urn:a>"), lexical(b'"a \\"b\\""@en'), lexical(b"1.5")
    ('urn:a', 'a "b"', '1.5')
    """
    if term.startswith(b"<"):
        return term[1:-1].decode()
    if not term.startswith(b'"'):
        return term.decode()
    text = term[1 : term.rindex(b'"')]
    if b"\\" in text:
        text = _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[1]), text)
    return text.decode()


_ESCAPED = re.compile(rb"\\(.)")
_MEANT = {b"t": b"\t", b"n": b"\n", b"r": b"\r"}

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
_CHANGING = re.compile(r"\b(?:now|rand|uuid|struuid)\s*\(", re.IGNORECASE)
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


def changes(text: str) -> bool:
    """Whether the answer to a query may be another one each time: it uses the time of day, chance or new names."""
    return bool(_CHANGING.search(text))


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
