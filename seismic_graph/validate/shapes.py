"""The shapes as they are run: read from Turtle, targets passed on, SPARQL constraints of our own taken out."""

from __future__ import annotations

import contextlib
import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from seismic_graph.errors import DataError, UsageError
from seismic_graph.store import refuse_service
from seismic_graph.validate.report import SEVERITIES, SHAPES
from seismic_graph.validate.terms import to_rdflib, wrong
from seismic_graph.vocabulary import SH, short

if TYPE_CHECKING:
    import rdflib


@dataclass(frozen=True, slots=True)
class Rule:
    """What the results of a shape say."""

    shape: str
    path: str | None
    severity: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Question:
    """A SPARQL constraint of our own shapes, with the classes of the nodes that it is asked of."""

    rule: Rule
    classes: tuple[str, ...]
    prologue: str
    variables: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The datatype that a shape asks of a property of some classes."""

    rule: Rule
    datatype: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes as they are run.

    Attributes:
        core: what pySHACL runs. Property shapes have the targets of the node shapes that hold them.
        questions: what is asked of all nodes at once.
        looked: class -> the properties that shapes look at.
        rules: shape -> what its results say.
        datatypes: property -> the datatypes that are asked of it.
    """

    core: rdflib.Graph
    questions: tuple[Question, ...]
    looked: Mapping[str, frozenset[str]]
    rules: Mapping[str, Rule]
    datatypes: Mapping[str, tuple[Expected, ...]]


WELL_FORMED = SHAPES + "WellFormedLiteral"
_PATTERN = re.compile(
    r"\s*SELECT\s+(?:DISTINCT\s+)?(?P<variables>(?:[$?]\w+\s+)+)(?:WHERE\s*)?\{(?P<pattern>.*)\}\s*", re.DOTALL | re.IGNORECASE
)
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


def read(files: Sequence[Path]) -> Shapes:
    """The shapes of some Turtle files, made ready to run; files that have not changed are read once.

    Raises:
        UsageError: there are no files.
        DataError: a file cannot be read, or is not Turtle.
        QueryError: a query in it would call another host.
    """
    if not files:
        raise UsageError("There are no shapes to check with. Name the Turtle files of the shapes.")
    with contextlib.suppress(OSError):
        return _prepared(tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files))
    return _prepared(tuple((file, 0, 0) for file in files))


@functools.lru_cache(maxsize=4)
def _prepared(files: tuple[tuple[Path, int, int], ...]) -> Shapes:
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
        for quad in turtle(file):
            graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))

    for text in [*graph.objects(None, sh.select), *graph.objects(None, sh.ask)]:
        refuse_service(str(text))
    looked: dict[str, set[str]] = defaultdict(set)
    for shape, of in graph.subject_objects(sh.targetClass):
        looked[str(of)] |= _properties_of(graph, shape)
    _pass_targets_on(graph)
    rules: dict[str, Rule] = {}
    expected: dict[str, list[Expected]] = defaultdict(list)
    questions: list[Question] = []
    for shape in {*graph.subjects(sh.path), *graph.subjects(rdflib.RDF.type, sh.NodeShape), *graph.subjects(sh.targetClass)}:
        path = graph.value(shape, sh.path)
        severity = severity_of(graph.value(shape, sh.severity) or sh.Violation)
        classes = tuple(sorted(str(of) for of in graph.objects(shape, sh.targetClass)))
        name = str(graph.value(shape, sh.name) or graph.value(shape, rdflib.RDFS.label) or short(str(shape)))
        message = " ".join(sorted(str(text) for text in graph.objects(shape, sh.message)))
        iri = f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)
        rule = rules[iri] = Rule(iri, str(path) if isinstance(path, rdflib.URIRef) else None, severity, name, message)
        if rule.path and (datatype := graph.value(shape, sh.datatype)) is not None:
            expected[rule.path].append(Expected(rule, str(datatype), classes))
        if iri.startswith(SHAPES) and classes and (shape, sh.deactivated, None) not in graph:
            for constraint in list(graph.objects(shape, sh.sparql)):
                match = _PATTERN.fullmatch(str(graph.value(constraint, sh.select)))
                if match and (constraint, sh.deactivated, None) not in graph:
                    pattern = match["pattern"].replace("$PATH", f"<{rule.path}>")
                    questions.append(Question(rule, classes, _prologue(graph, constraint), match["variables"], pattern))
                    graph.remove((shape, sh.sparql, constraint))
    return Shapes(
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


def severity_of(term: object) -> str:
    """One of `SEVERITIES`; what others call by names of their own is a violation."""
    name = str(term).removeprefix(SH).lower()
    return name if name in SEVERITIES else "violation"


def turtle(file: Path) -> Iterator[ox.Quad]:
    """The triples of a Turtle file, blank nodes renamed.

    Raises:
        DataError: it cannot be read, or is not Turtle.
    """
    try:
        yield from ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    except SyntaxError as error:
        raise unreadable(file, "Turtle", error, error.lineno, error.offset) from None
    except OSError as error:
        raise wrong(file, f"cannot be read ({error.strerror}).", "Name a readable file.") from None


def unreadable(file: Path, form: str, error: object, line: int | None, column: int | None) -> DataError:
    """The error for a file that a parser refused, with the place that it told."""
    place = f" at line {line}, column {column}" if line else ""
    reason = re.sub(r"^Parser error at [^:]*: ", "", str(error)).removesuffix(f" (line {line})").removesuffix(".")
    return wrong(file, f"is not {form}{place}: {reason}.", "Correct it there and check again.")


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
