"""Which properties a query needs: its triple patterns, read off its text (SPARQL 1.1 Query, section 19.8).

With the triples of these properties the query has the same answer as with all triples. Where that is not certain, nothing is said, so
that all triples are taken: where a property is a variable that no VALUES or IN beside it bounds, where a path may have no step, for
lists and nodes in brackets, and for whatever else is not read here.
"""

from __future__ import annotations

from seismic_graph.remote.endpoint import TOKEN
from seismic_graph.remote.pages import Property
from seismic_graph.vocabulary import RDF


class _Unclear(Exception):
    """Nothing can be said; it never leaves this module."""


def needed(text: str) -> frozenset[Property] | None:
    """The properties that a query needs; None where all may be needed."""
    try:
        return _Query(text).properties()
    except (_Unclear, IndexError):
        return None


def words(text: str) -> set[str]:
    """The keywords in a query, in capitals."""
    return {match[0].upper() for match in TOKEN.finditer(text) if match.lastgroup == "word"}


class _Query:
    """A query that is read token by token; see `needed`."""

    def __init__(self, text: str) -> None:
        self._tokens = [(match.lastgroup, match[0]) for match in TOKEN.finditer(text) if match.lastgroup != "gap"]
        self._place = 0
        self._prefixes: dict[str, str] = {}
        self._found: set[Property] = set()
        self._open: list[tuple[str, tuple[int, ...]]] = []  # variables that stand for properties, each with the groups around it
        self._bound: dict[tuple[str, int, bool], set[str]] = {}  # what bounds a variable: in which group, and whether by VALUES
        self._groups: list[int] = []
        self._count = 0
        self._nested = False

    def properties(self) -> frozenset[Property]:
        self._prologue()
        form = self._word()
        if form not in ("SELECT", "ASK", "CONSTRUCT"):
            raise _Unclear
        self._next()
        if form == "CONSTRUCT" and self._is("{"):
            self._skip("{", "}")
        self._head()
        self._group()
        if any(kind == "word" and text.upper() == "EXISTS" for kind, text in self._tokens[self._place :]):
            raise _Unclear
        for variable, groups in self._open:
            bounds = [self._bound.get((variable, groups[-1], False)), *(self._bound.get((variable, group, True)) for group in groups)]
            known = next((bound for bound in bounds if bound is not None), None)
            if known is None or self._nested:
                raise _Unclear
            self._found.update(map(Property, known))
        return frozenset(self._found)

    # --- tokens -----------------------------------------------------------------------------------------------------

    def _next(self) -> tuple[str | None, str]:
        self._place += 1
        return self._tokens[self._place - 1]

    def _is(self, *signs: str) -> bool:
        kind, text = self._tokens[self._place]
        return kind in ("sign", "word") and text in signs

    def _word(self) -> str:
        kind, text = self._tokens[self._place]
        return text.upper() if kind == "word" and text != "a" else ""

    def _skip(self, begin: str, end: str) -> None:
        depth = 0
        while True:
            depth += {begin: 1, end: -1}.get(self._next()[1], 0)
            if depth == 0:
                return

    def _prologue(self) -> None:
        while self._word() == "PREFIX":
            self._next()
            name = self._next()[1]
            self._prefixes[name] = self._next()[1][1:-1]

    def _iri(self, name: str) -> str:
        if name.startswith("<"):
            if ":" not in name:
                raise _Unclear
            return name[1:-1]
        prefix, _, local = name.partition(":")
        if prefix + ":" not in self._prefixes or "\\" in local or local.endswith(".") or prefix == "_":
            raise _Unclear
        return self._prefixes[prefix + ":"] + local

    # --- groups -----------------------------------------------------------------------------------------------------

    def _head(self) -> None:
        """Go to the first group; what is computed before it has no patterns."""
        while not self._is("{"):
            if self._word() == "EXISTS":
                raise _Unclear
            self._next()

    def _group(self) -> None:
        self._next()
        self._count += 1
        self._groups.append(self._count)
        if self._word() == "SELECT":
            self._nested = True
            self._head()
            self._group()
            while not self._is("}"):
                if self._is("{") or self._word() == "EXISTS":
                    raise _Unclear
                self._next()
        while not self._is("}"):
            word = self._word()
            if self._is("{"):
                self._group()
            elif self._is(".") or word in ("OPTIONAL", "MINUS", "UNION"):
                self._next()
            elif word in ("FILTER", "BIND"):
                self._next()
                self._condition()
            elif word == "VALUES":
                self._next()
                self._values()
            elif word:
                raise _Unclear
            else:
                self._triples()
        self._next()
        self._groups.pop()

    def _condition(self) -> None:
        """What follows FILTER or BIND; patterns in it are read as well."""
        while not self._is("(", "{"):
            self._next()
        if self._is("{"):
            self._group()
            return
        self._membership()
        depth = 0
        while True:
            if self._is("{"):
                self._group()
                continue
            depth += {"(": 1, ")": -1}.get(self._next()[1], 0)
            if depth == 0:
                return

    def _membership(self) -> None:
        """Note ``FILTER(?variable IN (<a>, <b>))``, where nothing else is in the brackets."""
        before, ahead = self._tokens[self._place - 1][1], self._tokens[self._place :]
        if before.upper() != "FILTER" or ahead[1][0] != "variable" or [one.upper() for _, one in ahead[2:4]] != ["IN", "("]:
            return
        end = next(place for place, token in enumerate(ahead) if token[1] == ")")
        inside = [token for token in ahead[4:end] if token[1] != ","]
        if ahead[end + 1][1] == ")" and all(kind == "name" for kind, _ in inside):
            self._bound[ahead[1][1][1:], self._groups[-1], False] = {self._iri(name) for _, name in inside}

    def _values(self) -> None:
        kind, variable = self._next()
        if kind != "variable":
            while not self._is("{"):
                self._next()
            self._skip("{", "}")
            return
        start = self._place + 1
        self._skip("{", "}")
        inside = self._tokens[start : self._place - 1]
        if all(kind == "name" for kind, _ in inside):
            self._bound[variable[1:], self._groups[-1], True] = {self._iri(name) for _, name in inside}

    # --- triples ----------------------------------------------------------------------------------------------------

    def _triples(self) -> None:
        self._term()
        while True:
            kind, text = self._tokens[self._place]
            single = None
            if kind == "variable":
                self._next()
                self._open.append((text[1:], tuple(self._groups)))
                steps: set[str] = set()
            else:
                steps = self._path()
                single = next(iter(steps)) if self._plain else None
            while True:
                value = self._term()
                if single == RDF + "type" and value:
                    self._found.add(Property(single, value))
                else:
                    self._found.update(map(Property, steps))
                if not self._is(","):
                    break
                self._next()
            if not self._is(";"):
                break
            while self._is(";"):
                self._next()
            if self._is(".", "}"):
                break
        if not self._is(".", "}", "{") and not self._word():
            raise _Unclear

    def _path(self) -> set[str]:
        """The properties of a path; ``_plain`` says whether it is one property alone."""
        steps: set[str] = set()
        self._plain = True
        while True:
            while self._is("^"):
                self._plain = False
                self._next()
            kind, text = self._next()
            if text == "(":
                steps |= self._path()
                self._plain = False
                if self._next()[1] != ")":
                    raise _Unclear
            elif kind == "word" and text == "a":
                steps.add(RDF + "type")
            elif kind == "name":
                steps.add(self._iri(text))
            else:
                raise _Unclear
            if self._is("*", "?"):
                raise _Unclear
            if self._is("+"):
                self._plain = False
                self._next()
            if not self._is("/", "|"):
                return steps
            self._plain = False
            self._next()

    def _term(self) -> str:
        """The IRI of the next term; empty for anything else."""
        kind, text = self._next()
        if kind == "name" and not text.startswith("_:"):
            return self._iri(text)
        if kind == "text" and self._is("@"):
            self._next()
            self._next()
            while self._is("-"):
                self._next()
                self._next()
        elif kind == "text" and self._is("^"):
            self._next()
            self._next()
            self._next()
        elif kind not in ("variable", "name", "text", "number") and text.lower() not in ("true", "false"):
            raise _Unclear
        return ""
