"""Pieces of SPARQL 1.1 that every engine answers alike: alternatives, instances, and what may be asked of all nodes at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_TEXTS = re.compile(
    r"""\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\x00-\x20]*>|(?P<comment>\#[^\n]*)""", re.DOTALL
)
_MASK = re.compile("\x00([0-9]+)\x00")
_ABSENT = re.compile(r"FILTER\s+NOT\s+EXISTS\s*\{([^{}]*)\}", re.IGNORECASE)
_EXISTS = re.compile(r"(?:\bFILTER\s+)?(?:\bNOT\s+)?\bEXISTS\s*\{[^{}]*\}", re.IGNORECASE)
_OPTIONAL = re.compile(r"\bOPTIONAL\s*\{(?:(?!\b(?:FILTER|BIND)\b)[^{}])*\}", re.IGNORECASE)
_NESTING = re.compile(r"[{}]|\b(?:UNION|MINUS|SELECT|VALUES|GRAPH)\b|[$?](?:currentShape|shapesGraph)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:FILTER|BIND)\b", re.IGNORECASE)
_NO_MINUS = re.compile(r"\bBIND\b|[*+]|\?(?!\w)", re.IGNORECASE)
"""What a MINUS must not hold: it is evaluated by itself, and a path of any length would then start at every node."""
_VARIABLE = re.compile(r"[$?](\w+)")


def either(alternatives: Sequence[str]) -> str:
    """A group pattern that holds where one of several does."""
    return alternatives[0] if len(alternatives) == 1 else " UNION ".join(f"{{ {one} }}" for one in alternatives)


def instance(node: str, classes: Iterable[str], *, last: bool = False) -> str:
    """A pattern for the nodes that have one of some classes; these are known, so no engine needs to follow ``rdfs:subClassOf``.

    Args:
        last: write one class as several are written. Engines take what names a class for rare, and would begin with it.
    """
    names = [f"<{of}>" for of in sorted(classes)]
    if len(names) == 1 and not last:
        return f"{node} a {names[0]} ."
    of = f"?class_of_{node.lstrip('?')}"
    return f"{node} a {of} . FILTER({of} IN ({', '.join(names)}))"


def is_flat(pattern: str) -> bool:
    """Whether a pattern is one group: triples, OPTIONAL triples, and filters that may hold EXISTS.

    Then it may be asked of all nodes at once. SHACL puts one node after the other in the place of ``$this`` (SHACL 1.0, appendix A).
    In one group that begins with the nodes a join gives the same, since what follows sees what the join binds.
    """
    return not _NESTING.search(_certain(_masked(pattern)[0]))


def binds(pattern: str, variable: str) -> bool:
    """Whether a flat pattern binds a variable by its triples, before anything that is optional."""
    return variable in _variables(_triples(re.split(r"\bOPTIONAL\b", _masked(pattern)[0], flags=re.IGNORECASE)[0]))


def subtracted(pattern: str) -> str:
    """A flat pattern with MINUS for ``FILTER NOT EXISTS`` where both say the same: engines answer it by one join of two sets.

    They say the same where the group shares a variable that the triples outside bind, and its filters speak of nothing else than its
    own triples (SPARQL 1.1 Query, section 8.3). MINUS stands last, behind all that binds.
    """
    masked, texts = _masked(pattern)
    outside = _variables(_triples(masked))
    taken: list[str] = []

    def take(match: re.Match[str]) -> str:
        own = _variables(_CLAUSE.split(match[1])[0])
        if _NO_MINUS.search(match[1]) or not _variables(match[1]) <= own or not own & outside:
            return match[0]
        taken.append(f" MINUS {{{match[1]}}}")
        return " "

    left = _ABSENT.sub(take, masked)
    return _MASK.sub(lambda match: texts[int(match[1])], left + "".join(taken))


def _masked(pattern: str) -> tuple[str, list[str]]:
    """A pattern with numbers in the place of strings and IRIs, without comments; and the texts that the numbers stand for."""
    texts: list[str] = []

    def mask(match: re.Match[str]) -> str:
        if match["comment"]:
            return " "
        texts.append(match[0])
        return f"\x00{len(texts) - 1}\x00"

    return _TEXTS.sub(mask, pattern), texts


def _certain(masked: str) -> str:
    """A pattern without what may be absent."""
    return _OPTIONAL.sub(" ", _EXISTS.sub(" ", masked))


def _triples(masked: str) -> str:
    """A flat pattern without its filters and BINDs."""
    kept: list[str] = []
    depth, skipping = 0, False
    for part in re.split(r"(\bFILTER\b|\bBIND\b|[()])", _certain(masked), flags=re.IGNORECASE):
        if part.upper() in ("FILTER", "BIND"):
            skipping = True
        elif part in ("(", ")"):
            depth += 1 if part == "(" else -1
            skipping = skipping and depth > 0
        elif not skipping:
            kept.append(part)
    return " ".join(kept)


def _variables(pattern: str) -> set[str]:
    return set(_VARIABLE.findall(pattern))
