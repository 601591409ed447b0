"""How a check is asked: one SELECT of all focus nodes, in the order that costs least.

What a store looks up once a row costs tens of times as much as what it reads from one end to the other. So the triples about each
variable are a query of their own, which engines read whole and join by a table of hashes, and classes are joined last, where mostly
nothing is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seismic_graph.store import Term
from seismic_graph.validate.components import Rows
from seismic_graph.validate.groups import Triple, parsed
from seismic_graph.validate.patterns import either, is_flat, subtracted
from seismic_graph.validate.targets import Focus

_OPTIONAL = re.compile(r"OPTIONAL\s*\{([^{}]*)\}", re.IGNORECASE)
_MINUS = re.compile(r"MINUS\s*\{([^{}]*)\}", re.IGNORECASE)
_IN = re.compile(r"FILTER\s*\(\s*(\?\w+)\s+IN\s*\(([^()]*)\)\s*\)", re.IGNORECASE)
_IRI = re.compile(r"<[^<>\s]*>|[\w-]*:[\w-]+")


@dataclass(frozen=True, slots=True)
class Select:
    """What is asked of some focus nodes.

    Attributes:
        rows: what is wrong.
        focus: the nodes, with all classes whose instances they are.
        rows_first: whether the rows bind ``?this`` themselves.
        prefixes: PREFIX lines.
    """

    rows: Rows
    focus: Focus
    rows_first: bool
    prefixes: str = ""

    @property
    def pattern(self) -> str:
        """What holds where something is wrong with ``?this``."""
        rows = self.rows
        return rows.found or (f"FILTER NOT EXISTS {{ {rows.missing} }}" if rows.missing else condition(rows.test))

    @property
    def targets(self) -> list[str]:
        """The patterns of which a focus node matches one."""
        return self.focus.alternatives()

    @property
    def needs(self) -> list[frozenset[str]]:
        """What must be there if anything is wrong: of each of these sets of ASK queries one is true."""
        wanted = [{self._ask(f"?node a <{of}>") for of in self.focus.classes} | {self._ask(one) for one in self.focus.patterns}]
        if self.focus.nodes:
            wanted = []
        try:
            held = [*parsed(self.rows.found).held()]
        except (ValueError, IndexError):  # written in a way that is not read here
            held = []
        wanted += [{self._ask(triple.alone)} for triple in held if triple.tells]
        return [frozenset(one) for one in wanted]

    def _ask(self, pattern: str) -> str:
        return f"{self.prefixes}ASK {{ {pattern} }}"

    @property
    def once(self) -> str:
        """The SELECT of how many matches there are and of how many nodes: the same number rules out that anything is wrong."""
        pattern = self.rows.once
        return f"SELECT (COUNT(*) AS ?matches) (COUNT(DISTINCT ?this) AS ?nodes) WHERE {{ {pattern} }}" if pattern else ""

    @property
    def whole(self) -> str:
        """The SELECT of all focus nodes: the rows first where they bind the nodes and few are wrong, else the focus nodes first."""
        rows, flat = self.rows, is_flat(self.pattern)
        if self.rows_first and rows.found and not rows.found.startswith("OPTIONAL"):
            found = arranged(subtracted(self.pattern)) if flat else self.pattern
            inner = f"SELECT DISTINCT {rows.select} WHERE {{ {found} }} {rows.group}"
            rare = bool(rows.group) or "FILTER" in rows.found.upper()
            targets = either(self.focus.alternatives(last=rare))
            return f"{self.prefixes}SELECT DISTINCT * WHERE {{ {{ {inner} }} {{ SELECT ?this WHERE {{ {targets} }} }} }}"
        first = self.targets[0] if len(self.targets) == 1 else f"{{ SELECT DISTINCT ?this WHERE {{ {either(self.targets)} }} }}"
        whole = f"{first} {self.pattern}"
        whole = subtracted(whole) if is_flat(whole) else whole
        return f"{self.prefixes}SELECT DISTINCT {rows.select} WHERE {{ {whole} }} {rows.group}"

    def about(self, nodes: Iterable[Term]) -> str:
        """The SELECT of some nodes, as far as they are focus nodes: few, so what is said of them is looked up."""
        rows = self.rows
        first = f"VALUES ?this {{ {' '.join(sorted(map(str, nodes)))} }}"
        if len(self.targets) == 1:
            first = f"{first} {self.targets[0]}"
        else:
            first = f"{{ SELECT DISTINCT ?this WHERE {{ {first} {either(self.targets)} }} }}"
        return f"{self.prefixes}SELECT DISTINCT {rows.select} WHERE {{ {first} {self.pattern} }} {rows.group}"


def arranged(pattern: str) -> str:
    """A flat pattern as engines answer it in the least time.

    Where a filter names the few values of a variable, it begins with these, and the rest is looked up. Else triples that are joined are
    queries of their own: one for each subject, of one for each of its triples. What is subtracted is asked of the values outside.
    It stays as it is where it is written in a way that is not read here.
    """
    try:
        group = parsed(pattern)
        parts = [_narrowed(part, group.triples) if isinstance(part, str) else part for part in group.parts]
    except (ValueError, IndexError):
        return pattern
    for place, part in enumerate(parts):
        if isinstance(part, str) and (named := _named_values(part, group.triples)):
            return " ".join([named, *map(str, parts[:place] + parts[place + 1 :])])
    joined = [part for part in parts if isinstance(part, Triple) or _OPTIONAL.fullmatch(part)]
    if len(joined) < 2 or any(triple.is_path for triple in group.triples):
        return " ".join(map(str, parts))
    written: list[str] = []
    run: list[Triple] = []
    last: list[str] = []
    for part in parts:
        if isinstance(part, Triple):
            run.append(part)
        elif part.upper().startswith("FILTER"):
            last.append(part)
        else:
            optional = _OPTIONAL.fullmatch(part)
            written += [*_stars(run), f"OPTIONAL {{ {_alone(optional[1])} }}" if optional else part]
            run = []
    return " ".join([*written, *_stars(run), *last])


def _named_values(part: str, triples: Iterable[Triple]) -> str:
    """A filter that names the values of some triple, as VALUES; else nothing."""
    match = _IN.fullmatch(part)
    if match is None or not any(triple.object == match[1] and triple.tells for triple in triples):
        return ""
    values = [value.strip() for value in match[2].split(",")]
    return f"VALUES {match[1]} {{ {' '.join(values)} }}" if all(map(_IRI.fullmatch, values)) else ""


def _narrowed(part: str, outside: Sequence[Triple]) -> str:
    """A MINUS that would read all there is, for the nodes of any class, say, asked of the values of one property outside; else as it is."""
    match = _MINUS.fullmatch(part)
    if match is None:
        return part
    inside = parsed(match[1]).triples
    shared = {name for triple in inside for name in triple.variables} & {name for triple in outside for name in triple.variables}
    for triple in outside:
        if shared == {triple.object} and triple.tells and all(one.object.startswith("?") for one in inside):
            return f"MINUS {{ {{ SELECT DISTINCT {triple.object} WHERE {{ {triple} }} }} {match[1]} }}"
    return part


def _stars(triples: Iterable[Triple]) -> list[str]:
    about: dict[str, list[str]] = {}
    for triple in triples:
        about.setdefault(triple.subject, []).append(_alone(str(triple)))
    return [star[0] if len(star) == 1 else _alone(" ".join(star)) for star in about.values()]


def _alone(pattern: str) -> str:
    return f"{{ SELECT * WHERE {{ {pattern} }} }}"


def condition(test: str) -> str:
    """A condition as a filter; without brackets where it is one of absence, so that it can be subtracted."""
    return f"FILTER {test}" if re.fullmatch(r"NOT EXISTS \{[^{}]*\}", test) else f"FILTER({test})"
