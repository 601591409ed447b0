"""What comes out: results, what no shape looked at, and the report that holds both, with its forms."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from seismic_graph.errors import DataError, Problem, UsageError
from seismic_graph.store import Term
from seismic_graph.vocabulary import BASE, PREFIXES, RDF, SG, SH, short

SHAPES = BASE + "shapes#"
"""The namespace of our own shapes."""
SEVERITIES = ("violation", "warning", "info")
"""The severities of SHACL 1.0 (section 2.1.4), the worst first."""
SHOWN = 10
"""How many results of one shape the text shows, where not all are asked for."""
_HOW_TO_SEE = "not shown here (--all, or everything=True, shows them)"


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL 1.0, section 3.6.2): what is wrong with which node, and where it was read.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        focus: the node that was judged.
        path: IRI of the property that is meant; None where it is the node as a whole.
        value: what is wrong, where it is one value.
        message: what is wrong and what to change.
        name: the name of the shape, for headings.
        shape: IRI of the shape.
        component: IRI of the kind of constraint.
        file: the table or file in which the node was read.
        row: the row of the table, with the header as row 1.
        line: the line of the file, where the format tells it.
    """

    severity: str
    focus: Term
    path: str | None
    value: Term | None
    message: str
    name: str
    shape: str
    component: str
    file: str | None = None
    row: int | None = None
    line: int | None = None

    @property
    def where(self) -> str:
        """The place that it was read from, as people look it up: ``flows.csv, row 12``; empty where it is not known."""
        parts = [self.file or "", f"row {self.row}" if self.row else "", f"line {self.line}" if self.line else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Unlooked:
    """Data that no shape looked at.

    Attributes:
        of: IRI of the class; None for nodes that have none.
        prop: IRI of the property; None where no shape looks at the class at all.
        count: how many nodes of the class have it.
    """

    of: str | None
    prop: str | None
    count: int

    def __str__(self) -> str:
        if self.of is None:
            return f"{self.count:,} {'node' if self.count == 1 else 'nodes'} without a class"
        return f"{short(self.prop)} of {short(self.of)} ({self.count:,})" if self.prop else f"the class {short(self.of)} ({self.count:,})"


@dataclass(frozen=True, slots=True)
class Report:
    """A validation report (SHACL 1.0, section 3.6.1), and what the shapes did not look at.

    Attributes:
        results: the worst first, then by shape and place.
        unlooked: classes and properties of the data that no shape looked at.
        judged: how many nodes were judged.
    """

    results: tuple[Result, ...]
    unlooked: tuple[Unlooked, ...]
    judged: int

    @property
    def counts(self) -> dict[str, int]:
        """Severity -> how many results."""
        found = Counter(result.severity for result in self.results)
        return {severity: found[severity] for severity in SEVERITIES}

    def conforms(self, fail_on: str = "violation") -> bool:
        """Whether nothing was found that is as bad as `fail_on` or worse.

        SHACL itself counts every severity (section 3.6.1.1): that is ``conforms("info")``.

        Raises:
            UsageError: there is no such severity.
        """
        if fail_on not in SEVERITIES:
            raise UsageError(f"There is no severity {fail_on!r}; use one of {', '.join(SEVERITIES)}.")
        return not any(self.counts[severity] for severity in SEVERITIES[: SEVERITIES.index(fail_on) + 1])

    def to_text(self, *, everything: bool = False) -> str:
        """The report for people: by shape, with the place, the reason and the remedy.

        Args:
            everything: show every result; otherwise long lists are cut, and say so.
        """
        counts = ", ".join(f"{count:,} {severity}{'' if count == 1 else 's'}" for severity, count in self.counts.items())
        nodes = f"{self.judged:,} {'node' if self.judged == 1 else 'nodes'}"
        lines = [f"{counts} in {nodes}."]
        for _, group in groupby(self.results, key=lambda one: (one.severity, one.shape, one.message)):
            results = list(group)
            first = results[0]
            head = f"{first.severity.upper()} {first.name} [{first.shape.removeprefix(SHAPES)}]: {len(results):,}"
            lines += ["", head, f"  {first.message}"]
            some = results if everything else results[:SHOWN]
            lines += ["    " + "  ".join(part for part in (one.where, shown(one.focus), _statement(one)) if part) for one in some]
            if left := len(results) - len(some):
                lines.append(f"    ... and {left:,} more, {_HOW_TO_SEE}")
        if self.unlooked:
            named = self.unlooked if everything else self.unlooked[: 2 * SHOWN]
            lines += ["", "No shape looks at:", *(f"    {unlooked}" for unlooked in named)]
            if left := len(self.unlooked) - len(named):
                lines.append(f"    ... and {left:,} more, {_HOW_TO_SEE}")
        if not self.judged:
            lines += ["", "No node has a class that a shape looks at: nothing was judged."]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The whole report as JSON; values as in N-Triples, so that types and languages show.

        ``conforms`` is meant as in SHACL: nothing was found, of whatever severity (section 3.6.1.1).
        """
        results = [
            {
                "severity": one.severity,
                "file": one.file,
                "row": one.row,
                "line": one.line,
                "focus": one.focus.value if isinstance(one.focus, ox.NamedNode) else str(one.focus),
                "path": one.path,
                "value": str(one.value) if one.value is not None else None,
                "message": one.message,
                "name": one.name,
                "shape": one.shape,
                "component": one.component,
            }
            for one in self.results
        ]
        unlooked = [{"class": one.of, "property": one.prop, "count": one.count} for one in self.unlooked]
        body = {"conforms": not self.results, "counts": self.counts, "judged": self.judged, "results": results, "unlooked": unlooked}
        return json.dumps(body, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that `to_json` wrote.

        Raises:
            DataError: the text is none.
        """
        try:
            body = json.loads(text)
            results = tuple(Result(**one | {"focus": _focus(one["focus"]), "value": _term(one["value"])}) for one in body["results"])
            unlooked = tuple(Unlooked(one["class"], one["property"], one["count"]) for one in body["unlooked"])
            return cls(results, unlooked, body["judged"])
        except (ValueError, LookupError, TypeError, AttributeError, SyntaxError) as error:
            raise DataError(
                [Problem("The text", None, None, None, f"is no report: {error}.", "Write one with: seismic validate -f json")]
            ) from None

    def to_turtle(self) -> str:
        """The report as a ``sh:ValidationReport`` (SHACL 1.0, section 3.6)."""
        report = ox.BlankNode("report")
        quads = [
            _triple(report, RDF + "type", ox.NamedNode(SH + "ValidationReport")),
            _triple(report, SH + "conforms", ox.Literal(not self.results)),
        ]
        for number, one in enumerate(self.results, 1):
            node = ox.BlankNode(f"result{number}")
            said: list[tuple[str, Term | None]] = [
                (RDF + "type", ox.NamedNode(SH + "ValidationResult")),
                (SH + "resultSeverity", ox.NamedNode(SH + one.severity.capitalize())),
                (SH + "focusNode", one.focus),
                (SH + "resultPath", ox.NamedNode(one.path) if one.path else None),
                (SH + "value", one.value),
                (SH + "resultMessage", ox.Literal(one.message, language="en")),
                (SH + "sourceShape", _node(one.shape)),
                (SH + "sourceConstraintComponent", ox.NamedNode(one.component)),
                (SG.row, ox.NamedNode(f"{BASE}dossier/{one.file}#row={one.row}") if one.row else None),
            ]
            quads.append(_triple(report, SH + "result", node))
            quads += [_triple(node, predicate, term) for predicate, term in said if term is not None]
        prefixes = {prefix: PREFIXES[prefix] for prefix in ("sh", "sg", "id", "voc", "xsd", "skos", "dcterms")} | {"shape": SHAPES}
        written: bytes = ox.serialize(quads, format=ox.RdfFormat.TURTLE, prefixes=prefixes)  # type: ignore[assignment]
        return written.decode()


def exit_code(report: Report, fail_on: str = "violation") -> int:
    """0 where the report conforms, 1 where it does not; see `Report.conforms`."""
    return 0 if report.conforms(fail_on) else 1


def shown(term: Term) -> str:
    """A term as people read it: an IRI in short, a literal as in N-Triples."""
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _focus(text: str) -> Term:
    return _term(text) if text.startswith(("_:", '"')) else ox.NamedNode(text)


def _term(text: str | None) -> Any:
    """A term as N-Triples writes it; None for None."""
    return next(iter(ox.parse(f"<urn:s> <urn:p> {text} .".encode(), format=ox.RdfFormat.N_TRIPLES))).object if text else None


def _statement(result: Result) -> str:
    """What is wrong as ``property = value``, as far as there is one."""
    if result.value is None or result.value == result.focus:
        return ""
    return f"{short(result.path)} = {shown(result.value)}" if result.path else f"= {shown(result.value)}"


def _node(iri: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(iri[2:]) if iri.startswith("_:") else ox.NamedNode(iri)


def _triple(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
