"""Validate: what the shapes say of a graph, of an endpoint or of RDF files.

Core constraints run in pySHACL on the store itself; what our own shapes say in SPARQL is asked of all nodes at once.
`validate_file` judges literals on the parsed file, since a store changes them: ``"5"^^xsd:int`` becomes ``xsd:integer``.
"""

from __future__ import annotations

import calendar
import contextlib
import functools
import gzip
import io
import json
import logging
import re
import xml.parsers.expat
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from seismic_graph import rdf
from seismic_graph.errors import DataError, IncompleteAnswer, Problem, UsageError
from seismic_graph.store import EmbeddedStore, Store, Term, select, text_of
from seismic_graph.vocabulary import BASE, DCAT, OWL, PREFIXES, RDF, RDFS, SG, SH, SKOS, VOID, XSD, graph_iri, short

if TYPE_CHECKING:
    import rdflib

SHAPES = BASE + "shapes#"
"""The namespace of our own shapes."""
SEVERITIES = ("violation", "warning", "info")
"""The severities of SHACL 1.0 (section 2.1.4), the worst first."""
SHOWN = 10
"""How many results of one shape the text shows, where not all are asked for."""
_HOW_TO_SEE = "not shown here (--all, or everything=True, shows them)"
LARGEST = 2**29
"""The size of a file, unpacked, above which it is not read: it is held in memory as a whole."""

FILES_GRAPH = graph_iri("files")
ONTOLOGY_GRAPH = graph_iri("ontology")

Announce = Callable[[str], None]


# --- what comes out -------------------------------------------------------------------------------------------------


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
            shown = results if everything else results[:SHOWN]
            lines += ["    " + "  ".join(part for part in (one.where, _shown(one.focus), _statement(one)) if part) for one in shown]
            if left := len(results) - len(shown):
                lines.append(f"    ... and {left:,} more, {_HOW_TO_SEE}")
        if self.unlooked:
            some = self.unlooked if everything else self.unlooked[: 2 * SHOWN]
            lines += ["", "No shape looks at:", *(f"    {unlooked}" for unlooked in some)]
            if left := len(self.unlooked) - len(some):
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


def _shown(term: Term) -> str:
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _statement(result: Result) -> str:
    """What is wrong as ``property = value``, as far as there is one."""
    if result.value is None or result.value == result.focus:
        return ""
    return f"{short(result.path)} = {_shown(result.value)}" if result.path else f"= {_shown(result.value)}"


def _node(iri: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(iri[2:]) if iri.startswith("_:") else ox.NamedNode(iri)


def _triple(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


# --- judging a store ------------------------------------------------------------------------------------------------


def validate(store: Store, shape_files: Sequence[Path], *, announce: Announce = lambda text: None) -> Report:
    """What the shapes say of all graphs of a store together.

    An endpoint is copied into memory first, in pages, and its triples are counted: never a part is judged as the whole.

    Args:
        store: what is judged.
        shape_files: the Turtle files of the shapes.
        announce: told what is copied.

    Raises:
        DataError: a shape file is not Turtle, or its shapes are not SHACL.
        StoreError: the store did not give a whole answer.
    """
    shapes = _read_shapes(shape_files)
    inner = _in_memory(store) if isinstance(store, EmbeddedStore) else extract(store, announce=announce).inner
    return _report(_placed(_judged(inner, shapes), inner), inner, shapes)


_IN_MEMORY = 2_000_000
"""Triples up to which a store on disk is copied into memory, where it is read several times faster."""


def _in_memory(store: EmbeddedStore) -> ox.Store:
    if store.path is None or len(store.inner) > _IN_MEMORY:
        return store.inner
    copy = ox.Store()
    copy.bulk_extend(store.inner)
    return copy


def _judged(store: ox.Store, shapes: _Shapes) -> list[Result]:
    return [*_core(store, shapes), *_set_wise(store, shapes)]


def _report(results: Iterable[Result], store: ox.Store, shapes: _Shapes, graph: str | None = None) -> Report:
    def order(one: Result) -> tuple[int, str, str, int, str, str]:
        return SEVERITIES.index(one.severity), one.shape, one.file or "", one.row or one.line or 0, str(one.focus), str(one.value)

    looked = _looked(shapes, store)
    return Report(tuple(sorted(results, key=order)), unlooked(store, looked, graph), _count_judged(store, looked, graph))


_ROW = re.compile(r"([^/#]+)#row=([0-9]+)$")


def _placed(results: Iterable[Result], store: ox.Store) -> Iterator[Result]:
    """The results with the table and row that ``sg:row`` tells for their node."""
    row_of = ox.NamedNode(SG.row)
    for one in results:
        if isinstance(one.focus, (ox.NamedNode, ox.BlankNode)):
            for quad in store.quads_for_pattern(one.focus, row_of, None, None):
                if match := _ROW.search(text_of(quad.object)):
                    yield _moved(one, match[1], int(match[2]), None)
                    break
            else:
                yield one
        else:
            yield one


def _moved(one: Result, file: str | None, row: int | None, line: int | None) -> Result:
    return Result(one.severity, one.focus, one.path, one.value, one.message, one.name, one.shape, one.component, file, row, line)


# --- the shapes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the results of a shape say."""

    shape: str
    path: str | None
    severity: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class _Question:
    """A SPARQL constraint of our own shapes, with the classes of the nodes that it is asked of."""

    rule: _Rule
    classes: tuple[str, ...]
    prologue: str
    variables: str
    pattern: str


@dataclass(frozen=True, slots=True)
class _Expected:
    """The datatype that a shape asks of a property of some classes."""

    rule: _Rule
    datatype: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The shapes as they are run.

    Attributes:
        core: what pySHACL runs. Property shapes have the targets of the node shapes that hold them.
        questions: what is asked of all nodes at once.
        looked: class -> the properties that shapes look at.
        rules: shape -> what its results say.
        datatypes: property -> the datatypes that are asked of it.
    """

    core: rdflib.Graph
    questions: tuple[_Question, ...]
    looked: Mapping[str, frozenset[str]]
    rules: Mapping[str, _Rule]
    datatypes: Mapping[str, tuple[_Expected, ...]]


_WELL_FORMED = SHAPES + "WellFormedLiteral"
_PATTERN = re.compile(
    r"\s*SELECT\s+(?:DISTINCT\s+)?(?P<variables>(?:[$?]\w+\s+)+)(?:WHERE\s*)?\{(?P<pattern>.*)\}\s*", re.DOTALL | re.IGNORECASE
)
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


def _read_shapes(files: Sequence[Path]) -> _Shapes:
    """The shapes of some Turtle files, made ready to run; files that have not changed are read once.

    Raises:
        UsageError: there are no files.
        DataError: a file cannot be read, or is not Turtle.
    """
    if not files:
        raise UsageError("There are no shapes to check with. Name the Turtle files of the shapes.")
    with contextlib.suppress(OSError):
        return _prepared(tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files))
    return _prepared(tuple((file, 0, 0) for file in files))


@functools.lru_cache(maxsize=4)
def _prepared(files: tuple[tuple[Path, int, int], ...]) -> _Shapes:
    """The shapes of some Turtle files, each with the time and size that it had.

    Property shapes get the targets of the node shapes that hold them (SHACL 1.0, section 4.7.2: their results are those of the node
    shape), so that pySHACL takes all nodes at once instead of one after the other. The SPARQL constraints of our own shapes are taken
    out; those of others stay with pySHACL, which runs them node by node as section 5.3.1 says.

    Raises:
        DataError: a file cannot be read, or is not Turtle.
    """
    import rdflib

    sh = rdflib.Namespace(SH)
    graph = rdflib.Graph(bind_namespaces="none")
    for file, _, _ in files:
        for quad in _turtle(file):
            graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))

    looked: dict[str, set[str]] = defaultdict(set)
    for shape, of in graph.subject_objects(sh.targetClass):
        looked[str(of)] |= _properties_of(graph, shape)
    _pass_targets_on(graph)
    rules: dict[str, _Rule] = {}
    expected: dict[str, list[_Expected]] = defaultdict(list)
    questions: list[_Question] = []
    for shape in {*graph.subjects(sh.path), *graph.subjects(rdflib.RDF.type, sh.NodeShape), *graph.subjects(sh.targetClass)}:
        path = graph.value(shape, sh.path)
        severity = _severity(graph.value(shape, sh.severity) or sh.Violation)
        classes = tuple(sorted(str(of) for of in graph.objects(shape, sh.targetClass)))
        name = str(graph.value(shape, sh.name) or graph.value(shape, rdflib.RDFS.label) or short(str(shape)))
        message = " ".join(sorted(str(text) for text in graph.objects(shape, sh.message)))
        iri = f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)
        rule = rules[iri] = _Rule(iri, str(path) if isinstance(path, rdflib.URIRef) else None, severity, name, message)
        if rule.path and (datatype := graph.value(shape, sh.datatype)) is not None:
            expected[rule.path].append(_Expected(rule, str(datatype), classes))
        if iri.startswith(SHAPES) and classes and (shape, sh.deactivated, None) not in graph:
            for constraint in list(graph.objects(shape, sh.sparql)):
                match = _PATTERN.fullmatch(str(graph.value(constraint, sh.select)))
                if match and (constraint, sh.deactivated, None) not in graph:
                    pattern = match["pattern"].replace("$PATH", f"<{rule.path}>")
                    questions.append(_Question(rule, classes, _prologue(graph, constraint), match["variables"], pattern))
                    graph.remove((shape, sh.sparql, constraint))
    return _Shapes(
        graph,
        tuple(sorted(questions, key=lambda question: (question.rule.shape, question.pattern))),
        {of: frozenset(properties) for of, properties in looked.items()},
        rules,
        {prop: tuple(found) for prop, found in expected.items()},
    )


def _pass_targets_on(graph: rdflib.Graph) -> None:
    """Give property shapes the targets of the node shape that holds them, and take them out of it.

    A node shape stays as it is where other shapes refer to it, where it is deactivated, or where it is a class itself.
    """
    import rdflib

    sh = rdflib.Namespace(SH)
    kept = {
        *graph.subjects(sh.path),
        *graph.subjects(sh.deactivated),
        *graph.subjects(rdflib.RDF.type, rdflib.RDFS.Class),
        *graph.objects(),
    }
    for holder, part in list(graph.subject_objects(sh.property)):
        targets = [(kind, node) for kind in _TARGETS for node in graph.objects(holder, sh[kind])]
        if targets and holder not in kept and (part, sh.path, None) in graph:
            for kind, node in targets:
                graph.add((part, sh[kind], node))
            graph.remove((holder, sh.property, part))


def _properties_of(graph: rdflib.Graph, shape: rdflib.term.Node, depth: int = 5) -> set[str]:
    """The properties of a node that a shape looks at, itself or by the shapes that it holds (SHACL 1.0, sections 4.6 and 4.7)."""
    import rdflib

    sh = rdflib.Namespace(SH)
    if path := graph.value(shape, sh.path):
        return _properties(graph, path)
    parts = [*graph.objects(shape, sh.property), *graph.objects(shape, sh.node), *graph.objects(shape, sh["not"])]
    parts += [item for kind in ("and", "or", "xone") for some in graph.objects(shape, sh[kind]) for item in graph.items(some)]
    return set().union(*(_properties_of(graph, part, depth - 1) for part in parts)) if depth else set()


def _severity(term: object) -> str:
    """One of `SEVERITIES`; what others call by names of their own is a violation."""
    name = str(term).removeprefix(SH).lower()
    return name if name in SEVERITIES else "violation"


def _turtle(file: Path) -> Iterator[ox.Quad]:
    """The triples of a Turtle file, blank nodes renamed.

    Raises:
        DataError: it cannot be read, or is not Turtle.
    """
    try:
        yield from ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    except SyntaxError as error:
        raise _unreadable(file, "Turtle", error, error.lineno, error.offset) from None
    except OSError as error:
        raise _wrong(file, f"cannot be read ({error.strerror}).", "Name a readable file.") from None


def _wrong(file: Path | str, message: str, remedy: str) -> DataError:
    return DataError([Problem(str(file), None, None, None, message, remedy)])


def _unreadable(file: Path, form: str, error: object, line: int | None, column: int | None) -> DataError:
    place = f" at line {line}, column {column}" if line else ""
    reason = re.sub(r"^Parser error at [^:]*: ", "", str(error)).removesuffix(f" (line {line})").removesuffix(".")
    return _wrong(file, f"is not {form}{place}: {reason}.", "Correct it there and check again.")


def _properties(graph: rdflib.Graph, path: rdflib.term.Node) -> set[str]:
    """The properties with which a path begins at a node (SHACL 1.0, section 2.3.1)."""
    import rdflib

    sh = rdflib.Namespace(SH)
    if isinstance(path, rdflib.URIRef):
        return {str(path)}
    if (first := graph.value(path, rdflib.RDF.first)) is not None:
        return _properties(graph, first)
    if (either := graph.value(path, sh.alternativePath)) is not None:
        return set().union(*(_properties(graph, one) for one in graph.items(either)))
    onwards = [step for kind in ("zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath") for step in graph.objects(path, sh[kind])]
    return set().union(*(_properties(graph, step) for step in onwards))


def _prologue(graph: rdflib.Graph, constraint: rdflib.term.Node) -> str:
    """The PREFIX lines that ``sh:prefixes`` gives (SHACL 1.0, section 5.2.1)."""
    import rdflib

    sh = rdflib.Namespace(SH)
    declared = sorted(
        (str(graph.value(one, sh.prefix)), str(graph.value(one, sh.namespace)))
        for source in graph.objects(constraint, sh.prefixes)
        for one in graph.objects(source, sh.declare)
    )
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in declared)


# --- core constraints: pySHACL --------------------------------------------------------------------------------------


def _core(store: ox.Store, shapes: _Shapes) -> Iterator[Result]:
    """The results of pySHACL, which reads the store itself.

    Raises:
        DataError: pySHACL refuses the shapes.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

    sh = rdflib.Namespace(SH)
    try:
        with _quiet():
            _, found, text = pyshacl.validate(_columns(store), shacl_graph=shapes.core, inference="none")
    except (ReportableRuntimeError, ShapeLoadError, ConstraintLoadError, SyntaxError, ValueError) as error:
        raise _wrong("The shapes", f"are refused by pySHACL: {error}.", "Correct the shape.") from error
    if not isinstance(found, rdflib.Graph):
        raise _wrong("The shapes", f"cannot be run by pySHACL: {text}.", "Correct the shape.")
    for report in found.subjects(sh.conforms):
        for node in found.objects(report, sh.result):
            path, value = found.value(node, sh.resultPath), found.value(node, sh.value)
            shape = found.value(node, sh.sourceShape)
            iri = f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)
            rule = shapes.rules.get(iri)
            yield Result(
                severity=_severity(found.value(node, sh.resultSeverity)),
                focus=_term(found.value(node, sh.focusNode)),
                path=str(path) if isinstance(path, rdflib.URIRef) else None,
                value=_term(value) if value is not None else None,
                message=" ".join(sorted(str(text) for text in found.objects(node, sh.resultMessage))),
                name=rule.name if rule else iri,
                shape=iri,
                component=str(found.value(node, sh.sourceConstraintComponent)),
            )


_HELD = 500_000
"""How many triples are held as rdflib terms at a time."""


def _columns(store: ox.Store) -> Any:
    """A store as pySHACL reads it, a property at a time: its own reading of a node at a time takes three times as long."""
    from pyshacl.graph_abstraction import OxigraphDataGraph
    from rdflib import RDF as TYPES

    class Columns(OxigraphDataGraph):
        """All graphs of a store together; properties are read whole and kept while there is room."""

        def __init__(self, inner: ox.Store) -> None:
            super().__init__(inner)
            self._objects: dict[Any, dict[Any, list[Any]]] = {}
            self._instances: dict[Any, list[Any]] | None = None
            self._names: dict[str, Any] = {}
            self._held = 0

        def __bool__(self) -> bool:
            return True  # pySHACL asks at every result; without this it would count the triples each time

        def objects(self, subject: Any, predicate: Any, unique: bool = False) -> Iterator[Any]:  # type: ignore[override]
            if subject is None or predicate is None or isinstance(subject, (list, tuple)):
                return super().objects(subject, predicate, unique)
            return iter(self._column(predicate).get(subject, ()))

        def subjects(self, predicate: Any, object_: Any, unique: bool = False) -> Iterator[Any]:  # type: ignore[override]
            if predicate != TYPES.type or object_ is None or isinstance(object_, (list, tuple)):
                return super().subjects(predicate, object_, unique)
            if self._instances is None:
                self._instances = defaultdict(list)
                for subject, classes in self._column(predicate).items():
                    for of in classes:
                        self._instances[of].append(subject)
            return iter(self._instances.get(object_, ()))

        def _column(self, predicate: Any) -> dict[Any, list[Any]]:
            if predicate not in self._objects:
                column: dict[Any, list[Any]] = defaultdict(list)
                for quad in self.impl.quads_for_pattern(None, ox.NamedNode(str(predicate)), None, None):
                    column[self._one(quad.subject)].append(self._one(quad.object))
                    self._held += 1
                if self._held > _HELD:
                    self._objects.clear()
                    self._names.clear()
                    self._held = 0
                self._objects[predicate] = dict(column)
            return self._objects[predicate]

        def _one(self, term: Term) -> Any:
            if not isinstance(term, ox.NamedNode):
                return _rdflib(term)
            name = self._names.get(term.value)
            if name is None:
                name = self._names[term.value] = _rdflib(term)
            return name

    return Columns(store)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of rdflib at every ill-formed literal: the report names them."""
    logger = logging.getLogger("rdflib.term")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


_NO_TRIPLE_TERMS = "Write the statement as a node of its own."


def _rdflib(term: Term) -> Any:
    """A term as rdflib's, with the lexical form that it has."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise _wrong("The graph", f"holds a triple term of RDF 1.2: {term}.", _NO_TRIPLE_TERMS)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _term(term: Any) -> Term:
    """A term of rdflib's as ours."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))


# --- SPARQL constraints: all nodes at once --------------------------------------------------------------------------


def _set_wise(store: ox.Store, shapes: _Shapes) -> Iterator[Result]:
    """The results of the SPARQL constraints of our own shapes, each asked once of all the nodes that it is about.

    SHACL binds ``$this`` to one node after the other (section 5.3.1). Our queries are written so that asking with ``$this`` free
    gives the same: they select from one group, whose filters speak of variables that the group binds. The tests hold that it does.
    """
    narrower = _narrower(store)
    for question in shapes.questions:
        classes = " ".join(f"<{of}>" for of in sorted(_all_narrower(question.classes, narrower)))
        targets = f"VALUES ?targetClass {{ {classes} }} ?this a ?targetClass ."
        text = f"{question.prologue}SELECT DISTINCT {question.variables} WHERE {{ {targets} {question.pattern} }}"
        answer = _ask(store, text)
        names = [variable.value for variable in answer.variables]
        rule = question.rule
        for row in answer:
            found: dict[str, Term] = dict(zip(names, row, strict=True))
            component = SH + "SPARQLConstraintComponent"
            yield Result(rule.severity, found["this"], rule.path, found.get("value"), rule.message, rule.name, rule.shape, component)


def _all_narrower(classes: Iterable[str], narrower: Mapping[str, set[str]]) -> set[str]:
    return {sub for of in classes for sub in narrower.get(of, {of})}


def _narrower(store: ox.Store) -> dict[str, set[str]]:
    """Class -> itself and all that are narrower (a SHACL instance is one of any of them: SHACL 1.0, section 1.1)."""
    below: dict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDFS + "subClassOf"), None, None):
        below[text_of(quad.object)].add(text_of(quad.subject))
    closed = {}
    for of in below:
        reached, waiting = {of}, [of]
        while waiting:
            new = below.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        closed[of] = reached
    return closed


# --- what no shape looked at ----------------------------------------------------------------------------------------

_NOT_DATA = (OWL, RDFS, RDF, SKOS, VOID, DCAT, SH)
"""Namespaces whose classes describe vocabularies and the data set itself; `shapes/ontology.ttl` looks at the first."""
_ELSEWHERE = {SG.Country}
"""Classes that are checked with the ontology."""

_USED = "SELECT ?class ?property (COUNT(DISTINCT ?node) AS ?n) WHERE { ?node a ?class ; ?property ?value } GROUP BY ?class ?property"
_LEFT = """SELECT (COUNT(DISTINCT ?node) AS ?n) WHERE {{
  ?node a <{of}> ; <{prop}> ?value .
  FILTER NOT EXISTS {{ VALUES ?other {{ {others} }} ?node a ?other }}
}}"""
_CLASSLESS = f"""SELECT (COUNT(DISTINCT ?node) AS ?n) WHERE {{
  ?node ?property ?value .
  FILTER NOT EXISTS {{ ?node a ?class }}
  FILTER(isIRI(?node) && !STRSTARTS(STR(?property), "{VOID}"))
}}"""


def unlooked(store: ox.Store, looked: Mapping[str, frozenset[str]], graph: str | None = None) -> tuple[Unlooked, ...]:
    """The classes and properties of a store that no shape looks at, sorted.

    A property counts as looked at where a shape of any class of the node looks at it.

    Args:
        store: all its graphs are taken together.
        looked: class -> the properties that shapes look at.
        graph: the one graph that is asked about.
    """
    found: list[Unlooked] = []
    nodes: dict[str, int] = {}
    for row in _ask(store, _USED, graph):
        of, prop, count = text_of(row[0]), text_of(row[1]), int(text_of(row[2]))
        if of.startswith(_NOT_DATA) or of in _ELSEWHERE:
            continue
        if prop == RDF + "type":
            nodes[of] = count
        elif of in looked and prop not in looked[of]:
            others = " ".join(f"<{other}>" for other, properties in looked.items() if prop in properties)
            left = _count(store, _LEFT.format(of=of, prop=prop, others=others), graph) if others else count
            found += [Unlooked(of, prop, left)] if left else []
    found += [Unlooked(of, None, count) for of, count in nodes.items() if of not in looked]
    if without := _count(store, _CLASSLESS, graph):
        found.append(Unlooked(None, None, without))
    return tuple(sorted(found, key=lambda one: (one.of or "~", one.prop or "")))


def _looked(shapes: _Shapes, store: ox.Store) -> dict[str, frozenset[str]]:
    """Class -> the properties that shapes look at, with the classes that are narrower in a store."""
    narrower = _narrower(store)
    found: dict[str, frozenset[str]] = {}
    for of, properties in shapes.looked.items():
        for sub in narrower.get(of, {of}):
            found[sub] = found.get(sub, frozenset()) | properties
    return found


def _count_judged(store: ox.Store, looked: Iterable[str], graph: str | None = None) -> int:
    """How many nodes have a class that a shape looks at."""
    kind, name = ox.NamedNode(RDF + "type"), ox.NamedNode(graph) if graph else None
    return len({quad.subject for of in looked for quad in store.quads_for_pattern(None, kind, ox.NamedNode(of), name)})


def _ask(store: ox.Store, text: str, graph: str | None = None) -> ox.QuerySolutions:
    """The answer to a SELECT over one graph of a store, or over all."""
    if graph:
        answer = store.query(text, default_graph=ox.NamedNode(graph))
    else:
        answer = store.query(text, use_default_graph_as_union=True)
    return cast("ox.QuerySolutions", answer)


def _count(store: ox.Store, text: str, graph: str | None) -> int:
    return next(int(text_of(row[0])) for row in _ask(store, text, graph))


# --- an endpoint ----------------------------------------------------------------------------------------------------

_SIZES = "SELECT ?p (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o } } GROUP BY ?p ORDER BY STR(?p)"
_SMALLEST = 100
_NAMELESS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }"


def extract(store: Store, *, announce: Announce = lambda text: None, size: int = 5000) -> EmbeddedStore:
    """All triples of a store, copied into memory: property by property, in pages that start after the last node seen.

    What has blank nodes is fetched in one answer, since their labels hold within one answer only.

    Args:
        store: any store.
        announce: told how much there is.
        size: rows a page. A page that the endpoint cuts is asked for again at half the size.

    Raises:
        IncompleteAnswer: fewer triples came than the store counts, or it cuts even pages of a hundred rows.
        StoreError: the store did not give a whole answer.
    """
    sizes = {text_of(row[0]): int(text_of(row[1])) for row in select(store, _SIZES)}
    announce(f"{store.name} holds {sum(sizes.values()):,} triples; they are copied into memory to be judged.")
    copy = EmbeddedStore()
    graph = ox.NamedNode(FILES_GRAPH)
    came: Counter[str] = Counter()
    nameless: Iterable[ox.Triple] = store.query(_NAMELESS)  # type: ignore[assignment]
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in nameless]
    came.update(quad.predicate.value for quad in quads)
    copy.inner.extend(quads)
    for prop, count in sizes.items():
        if came[prop] == count:
            continue
        predicate = ox.NamedNode(prop)
        quads = [ox.Quad(subject, predicate, value, graph) for subject, value in _pages(store, prop, size)]  # type: ignore[arg-type]
        came[prop] += len(quads)
        copy.inner.extend(quads)
    missing = [f"{short(prop)} ({came[prop]:,} of {count:,})" for prop, count in sizes.items() if came[prop] != count]
    if missing:
        raise IncompleteAnswer(
            f"{store.name} did not hand over all it counts: {', '.join(missing[:5])}. Nothing was judged. "
            "If it was written to meanwhile, check again."
        )
    return copy


def _pages(store: Store, prop: str, size: int) -> Iterator[tuple[Term, Term]]:
    """The subjects and values of a property, without blank nodes: subject after subject, none split between two pages."""
    after = ""
    while True:
        named = "isIRI(?s) && !isBlank(?o)" + (f" && STR(?s) > {rdf.literal(after)}" if after else "")
        rows, size = _page(store, f"SELECT DISTINCT ?s ?o WHERE {{ ?s <{prop}> ?o FILTER({named}) }} ORDER BY STR(?s)", size)
        if len(rows) < size:
            yield from ((row[0], row[1]) for row in rows)
            return
        last = rows[-1][0]
        whole = [row for row in rows if row[0] != last]
        yield from ((row[0], row[1]) for row in whole)
        if whole:
            after = text_of(whole[-1][0])
        else:
            yield from ((last, value) for value in _values(store, last, prop, size))
            after = text_of(last)


def _values(store: Store, subject: Term, prop: str, size: int) -> Iterator[Term]:
    """The values of one property of one node that has more than a page of them, in the order of their texts.

    Raises:
        IncompleteAnswer: more than a page of them have one text.
    """
    told: set[Term] = set()
    least = ""
    while True:
        condition = f"!isBlank(?o) && STR(?o) >= {rdf.literal(least)}"
        text = f"SELECT DISTINCT ?o WHERE {{ {subject} <{prop}> ?o FILTER({condition}) }} ORDER BY STR(?o)"
        rows, size = _page(store, text, size)
        new = [row[0] for row in rows if row[0] not in told]
        yield from new
        if len(rows) < size:
            return
        if not new:
            raise IncompleteAnswer(f"{store.name} gives no more than {size:,} rows, and {short(prop)} of {_shown(subject)} has more.")
        least = text_of(new[-1])
        told = {value for value in (row[0] for row in rows) if text_of(value) == least}


def _page(store: Store, text: str, size: int) -> tuple[list[list[Term]], int]:
    """The first rows of a query, and how many were asked for: half as many each time that the endpoint cuts them."""
    while True:
        try:
            rows = cast("list[list[Term]]", list(select(store, f"{text} LIMIT {size}")))
        except IncompleteAnswer:
            if size <= _SMALLEST:
                raise
            size //= 2
        else:
            return rows, size


# --- files ----------------------------------------------------------------------------------------------------------


def validate_file(
    files: Sequence[Path],
    shape_files: Sequence[Path],
    ontology_files: Sequence[Path] = (),
    *,
    beside: EmbeddedStore | None = None,
    largest: int = LARGEST,
) -> Report:
    """What the shapes say of RDF files: Turtle, TriG, N-Triples, N-Quads, JSON-LD or RDF/XML, also ``.gz``.

    Every literal is judged as it stands in the file: whether its lexical form is one of its datatype, and whether the datatype is
    the one that the shapes ask for (SHACL 1.0, section 4.1.2).

    Args:
        files: taken together as one graph.
        shape_files: the Turtle files of the shapes.
        ontology_files: the Turtle files of the ontology and vocabularies, which the files may refer to.
        beside: a store that the files may refer to as well; it is not judged itself.
        largest: bytes of a file, unpacked, above which it is refused.

    Raises:
        UsageError: a suffix names no RDF format.
        DataError: a file cannot be read or parsed; it names file, line and column. RDF/XML with a DOCTYPE is refused.
    """
    shapes = _read_shapes(shape_files)
    store = ox.Store()
    for file in ontology_files:
        store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(ONTOLOGY_GRAPH)) for quad in _turtle(file))
    if beside is not None:
        store.extend(beside.triples())
    places: dict[Term, tuple[str, int | None]] = {}
    literals: list[Result] = []
    for file in files:
        literals += _load(file, store, shapes, places, largest)
    narrower = _narrower(store)
    literals = [one for one in literals if _concerns(one, store, shapes, narrower)]
    told = {(one.focus, one.path, one.value) for one in literals}
    results = list(literals)
    for one in _judged(store, shapes):
        if one.focus in places and (one.value is None or (one.focus, one.path, one.value) not in told):
            results.append(_moved(one, places[one.focus][0], None, places[one.focus][1]))
    return _report(results, store, shapes, FILES_GRAPH)


def _load(file: Path, store: ox.Store, shapes: _Shapes, places: dict[Term, tuple[str, int | None]], largest: int) -> Iterator[Result]:
    """Put a file into a store; the results are what is wrong with its literals as they stand there."""
    graph = ox.NamedNode(FILES_GRAPH)
    waiting: list[ox.Quad] = []
    found: dict[tuple[Term, str | None, Term | None, str], Result] = {}
    for quad, line in _parsed(file, largest):
        if isinstance(quad.subject, ox.Triple) or isinstance(quad.object, ox.Triple):
            raise _wrong(file, f"holds a triple term of RDF 1.2{f' on line {line}' if line else ''}: {quad}.", _NO_TRIPLE_TERMS)
        places.setdefault(quad.subject, (str(file), line))
        if isinstance(quad.object, ox.Literal) and not quad.object.language:
            for one in _literal(quad.subject, quad.predicate.value, quad.object, shapes):
                found.setdefault((one.focus, one.path, one.value, one.shape), _moved(one, str(file), None, line))
        waiting.append(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        if len(waiting) == 100_000:
            store.extend(waiting)
            waiting.clear()
    store.extend(waiting)
    for one in found.values():
        yield one if one.line else _moved(one, one.file, None, _line_of(file, text_of(one.value)))


def _literal(subject: Term, prop: str, literal: ox.Literal, shapes: _Shapes) -> Iterator[Result]:
    """What is wrong with a literal as it stands in the file."""
    datatype = literal.datatype.value
    if not datatype.startswith(XSD):
        return
    name = datatype.removeprefix(XSD)
    component = SH + "DatatypeConstraintComponent"
    if not _is_well_formed(literal.value, name):
        message = f"The text is none that xsd:{name} can have. Write {_FORMS.get(name, _FORMS['integer'])}, or another datatype."
        rule = shapes.rules.get(_WELL_FORMED)
        title = rule.name if rule else short(_WELL_FORMED)
        yield Result("violation", subject, prop, literal, message, title, _WELL_FORMED, component)
    elif name in _CHANGED:
        for asked in shapes.datatypes.get(prop, ()):
            if asked.datatype != datatype:
                rule = asked.rule
                yield Result(rule.severity, subject, prop, literal, rule.message, rule.name, rule.shape, component)


def _concerns(one: Result, store: ox.Store, shapes: _Shapes, narrower: Mapping[str, set[str]]) -> bool:
    """Whether the node of a result has a class that the shape is about."""
    if one.shape == _WELL_FORMED:
        return True
    asked = [of for expected in shapes.datatypes.get(one.path or "", ()) if expected.rule.shape == one.shape for of in expected.classes]
    classes = _all_narrower(asked, narrower)
    kind = ox.NamedNode(RDF + "type")
    return any(text_of(quad.object) in classes for quad in store.quads_for_pattern(one.focus, kind, None, None))  # type: ignore[arg-type]


_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
"""Integer datatype -> its bounds (XML Schema 1.1 part 2, sections 3.4.13 to 3.4.25)."""
_CHANGED = frozenset(_INTEGERS) - {"integer"} | {"dateTimeStamp"}
"""The datatypes that the store replaces by wider ones."""

_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH, _DAY = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_LEXICAL: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
        "double": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "float": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "boolean": r"true|false|1|0",
        "date": rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}?",
        "dateTime": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}?",
        "dateTimeStamp": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
        "time": rf"{_TIME}{_ZONE}?",
        "gYear": rf"{_YEAR}{_ZONE}?",
        "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
        "gMonth": rf"--{_MONTH}{_ZONE}?",
        "gMonthDay": rf"--{_MONTH}-{_DAY}{_ZONE}?",
        "gDay": rf"---{_DAY}{_ZONE}?",
        "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
        "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    }.items()
}
"""Datatype -> its lexical forms (XML Schema 1.1 part 2, section 3.3)."""
_FORMS = {
    "integer": "digits, within the bounds of the datatype",
    "decimal": "digits with a decimal point",
    "double": "a number such as 1.5E3",
    "float": "a number such as 1.5E3",
    "boolean": "true or false",
    "date": "a day that exists, as 2015-09-30",
    "dateTime": "a day that exists with a time, as 2015-09-30T12:00:00",
    "dateTimeStamp": "a day that exists with a time and its zone, as 2015-09-30T12:00:00Z",
    "time": "a time, as 12:00:00",
    "gYear": "a year, as 2015",
    "gYearMonth": "a year and a month, as 2015-09",
    "gMonth": "a month, as --09",
    "gMonthDay": "a month and a day, as --09-30",
    "gDay": "a day, as ---30",
    "hexBinary": "pairs of hexadecimal digits",
    "language": "a language tag, as sv",
}


def _is_well_formed(text: str, datatype: str) -> bool:
    """Whether a text is a lexical form of an XSD datatype; True for those that are not known.

    >>> _is_well_formed("2020-02-30", "date")
    False
    >>> _is_well_formed("300", "byte")
    False
    """
    if bounds := _INTEGERS.get(datatype):
        if not re.fullmatch(r"[+-]?[0-9]{1,4000}", text, re.ASCII):
            return False
        number = int(text)
        return (bounds[0] is None or number >= bounds[0]) and (bounds[1] is None or number <= bounds[1])
    pattern = _LEXICAL.get(datatype)
    if pattern is None:
        return True
    match = pattern.fullmatch(text)
    if match is None:
        return False
    parts = match.groupdict()
    if not parts.get("day") or not parts.get("month"):
        return True
    year = int(parts["year"]) % 400 if parts.get("year") else 4  # the calendar repeats after 400 years
    return int(parts["day"]) <= calendar.monthrange(year or 400, int(parts["month"]))[1]


# --- parsing --------------------------------------------------------------------------------------------------------

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
            raise _wrong(self.file, f"cannot be unpacked: {error}.", "Pack it again with gzip.") from None
        self.so_far += len(chunk)
        if self.so_far > self.largest:
            message = f"is larger than {self.largest:,} bytes unpacked, and would be held in memory."
            raise _wrong(self.file, message, "Split it, or load it into an endpoint and check that.")
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
        raise _wrong(file, f"cannot be read ({error.strerror}).", "Name a readable file.") from None
    with raw:
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if file.suffix == ".gz" else raw
        yield io.BufferedReader(_Limited(file, unpacked, largest), 2**16)


def _parsed(file: Path, largest: int) -> Iterator[tuple[ox.Quad, int | None]]:
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
            raise _unreadable(file, form.name, error, line, column) from None


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
        raise _wrong(file, message, "Write the namespaces out, or convert the file to Turtle.")
    if len(head) == _HEAD and not re.match(rb"<[^!?]", head[start : start + 2]):
        raise _wrong(file, "has no root element within its first megabyte.", "Shorten the comments before it.")


def _xml_place(file: Path, largest: int) -> tuple[int | None, int | None]:
    """Line and column at which XML stops being well-formed; None where it is."""
    parser = xml.parsers.expat.ParserCreate()
    with _open(file, largest) as stream:
        try:
            parser.ParseFile(stream)
        except xml.parsers.expat.ExpatError as error:
            return error.lineno, error.offset + 1
    return None, None


def _line_of(file: Path, text: str) -> int | None:
    """The line on which a text stands, where it stands on one line only."""
    if not text.strip() or "\n" in text:
        return None
    sought = text.encode()
    with _open(file) as stream:
        found = list(islice((number for number, line in enumerate(stream, 1) if sought in line), 2))
    return found[0] if len(found) == 1 else None
