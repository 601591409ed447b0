"""Group patterns of SPARQL 1.1 (section 5.2) taken apart: which triples a pattern asks for, and what holds wherever one of them counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<token>"{3}.*?"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'
    |<[^<>"{}|^`\\\x00-\x20]*>|[?$]\w+|@[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?
    |(?:_|[A-Za-z][\w-]*)?:(?:[\w:%-]|\.(?=[\w:%-]))*|\w+|\^\^|\|\||&&|[<>!]=|.)""",
    re.DOTALL | re.VERBOSE,
)
_NAME = re.compile(r"\?\w+|a|<[^<>]*>|[\w-]*:[\w:.%-]*")
_UNREAD = {"A", "SELECT", "GRAPH", "SERVICE"}
"""What stands where a term would, and is none."""


@dataclass(frozen=True, slots=True)
class Triple:
    """One triple pattern: its terms as they are written, variables with a question mark; the verb may be a path."""

    subject: str
    verb: str
    object: str

    def __str__(self) -> str:
        return f"{self.subject} {self.verb} {self.object} ."

    @property
    def is_path(self) -> bool:
        """Whether its verb is a path, which may lead over several triples of the graph."""
        return not _NAME.fullmatch(self.verb)

    @property
    def tells(self) -> bool:
        """Whether its verb is one property."""
        return not self.is_path and not self.verb.startswith("?")

    @property
    def alone(self) -> str:
        """The triple with other variables, each once: it has a match wherever the triple has one."""
        terms = zip((self.subject, self.verb, self.object), ("?s", "?p", "?o"), strict=True)
        return " ".join(name if term.startswith("?") else term for term, name in terms)

    @property
    def variables(self) -> set[str]:
        """The variables at both ends and of the verb."""
        return {term for term in (self.subject, self.verb, self.object) if term.startswith("?")}


@dataclass(slots=True)
class Group:
    """One group pattern.

    Attributes:
        parts: in their order: triples, and all else as text.
        inner: the groups inside of it.
        joined: its matches are joined with what stands around it. Otherwise it may be absent, or tells only what must be absent.
    """

    parts: list[Triple | str] = field(default_factory=list)
    inner: list[Group] = field(default_factory=list)
    joined: bool = True

    @property
    def triples(self) -> list[Triple]:
        """Its own triples."""
        return [part for part in self.parts if isinstance(part, Triple)]

    def asked(self) -> Iterator[tuple[Triple, tuple[Triple, ...]]]:
        """Each triple, with those that match together with it wherever it counts: those around it, then those of its own group."""
        yield from self._asked(tuple(self.held()))

    def _asked(self, held: tuple[Triple, ...]) -> Iterator[tuple[Triple, tuple[Triple, ...]]]:
        for triple in self.triples:
            yield triple, held
        for group in self.inner:
            yield from group._asked(held if group.joined else (*held, *group.held()))

    def held(self) -> Iterator[Triple]:
        """The triples that every match has: its own and those of the groups that it is joined with."""
        yield from self.triples
        for group in self.inner:
            if group.joined:
                yield from group.held()


def parsed(pattern: str) -> Group:
    """The group of a pattern, which stands without its braces.

    Raises:
        ValueError: it holds what is not read here: sub-queries, GRAPH, SERVICE, blank nodes and lists.
    """
    reader = _Reader(pattern)
    group = reader.group()
    if reader.next:
        raise ValueError(f"{reader.next} has no opening.")
    return group


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, pattern: str) -> None:
        found = [match for match in _TOKEN.finditer(pattern) if match["token"]]
        self.pattern, self.places = pattern, [match.span() for match in found]
        self.tokens = [re.sub(r"^\$", "?", match["token"]) for match in found]
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def group(self) -> Group:
        """Up to a closing brace, which is left, or the end."""
        found = Group()
        while self.next and self.next != "}":
            word = self.next.upper()
            start = self.at
            if word == ".":
                self.take()
            elif word in ("OPTIONAL", "MINUS"):
                self.take()
                found.inner.append(self.braced(joined=False))
                found.parts.append(self.text(start))
            elif word == "{":
                found.inner += self.alternatives()
                found.parts.append(self.text(start))
            elif word in ("FILTER", "BIND"):
                self.take()
                found.inner += self.expression()
                found.parts.append(self.text(start))
            elif word == "VALUES":
                while self.take() != "}":
                    pass
                found.parts.append(self.text(start))
            else:
                found.parts += self.triples()
        return found

    def text(self, start: int) -> str:
        """What was read since a token, as it was written."""
        return self.pattern[self.places[start][0] : self.places[self.at - 1][1]]

    def braced(self, joined: bool) -> Group:
        if self.take() != "{":
            raise ValueError("A group must follow.")
        group = self.group()
        group.joined = joined
        self.take()
        return group

    def alternatives(self) -> list[Group]:
        """A group, or several with UNION between them."""
        groups = [self.braced(joined=True)]
        while self.next.upper() == "UNION":
            self.take()
            groups.append(self.braced(joined=False))
        groups[0].joined = len(groups) == 1
        return groups

    def expression(self) -> list[Group]:
        """A whole condition: EXISTS with its group, a call, or something in brackets; the groups inside of it."""
        groups: list[Group] = []
        while self.next.upper() in ("NOT", "EXISTS"):
            if self.take().upper() == "EXISTS":
                return [self.braced(joined=False)]
        while self.next != "(":
            self.take()
        depth = 0
        while True:
            word = self.take().upper()
            if word == "EXISTS":
                groups.append(self.braced(joined=False))
            depth += (word == "(") - (word == ")")
            if not depth:
                return groups

    def triples(self) -> Iterator[Triple]:
        """Triples with one subject."""
        subject = self.term()
        while True:
            verb = self.verb()
            while True:
                yield Triple(subject, verb, self.term())
                if self.next != ",":
                    break
                self.take()
            if self.next != ";":
                return
            while self.next == ";":
                self.take()
            if self.next in (".", "}", ""):
                return

    def term(self) -> str:
        word = self.take() if self.next else ""
        if not re.match(r"[?<\"'\w:+-]", word) or word.startswith("_:") or word.upper() in _UNREAD:
            raise ValueError(f"{word or 'The end'} is not read here.")
        if word in "+-":
            return word + self.take()
        if word[0] in "\"'":
            if self.next.startswith("@"):
                return word + self.take()
            if self.next == "^^":
                self.take()
                return f"{word}^^{self.take()}"
        return word

    def verb(self) -> str:
        """A variable, an IRI, or a path: elements with marks before and after, and signs between them."""
        start = self.at
        while True:
            while self.next in ("^", "!"):
                self.take()
            if self.next == "(":
                depth = 0
                while True:
                    word = self.take()
                    depth += (word == "(") - (word == ")")
                    if not depth:
                        break
            else:
                self.take()
            while self.next in ("*", "+", "?"):
                self.take()
            if self.next not in ("/", "|"):
                return "".join(self.tokens[start : self.at])
            self.take()
