"""The shapes as they are read from Turtle, with what their results say and which properties they look at."""

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
from seismic_graph.validate.paths import first_properties
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
class Expected:
    """The datatype that a shape asks of a property of some classes."""

    rule: Rule
    datatype: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of some files.

    Attributes:
        graph: all that the files say.
        looked: class -> the properties that shapes look at.
        rules: shape -> what its results say.
        datatypes: property -> the datatypes that are asked of it.
    """

    graph: rdflib.Graph
    looked: Mapping[str, frozenset[str]]
    rules: Mapping[str, Rule]
    datatypes: Mapping[str, tuple[Expected, ...]]


WELL_FORMED = SHAPES + "WellFormedLiteral"


def read(files: Sequence[Path]) -> Shapes:
    """The shapes of some Turtle files; files that have not changed are read once.

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
    """The shapes of some Turtle files, each with the time and size that it had; see `read`."""
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
    rules: dict[str, Rule] = {}
    expected: dict[str, list[Expected]] = defaultdict(list)
    for shape in {subject for subject, predicate in graph.subject_predicates() if str(predicate).startswith(SH)} | {
        *graph.subjects(None, sh.NodeShape)
    }:
        path = graph.value(shape, sh.path)
        severity = severity_of(graph.value(shape, sh.severity) or sh.Violation)
        name = str(graph.value(shape, sh.name) or graph.value(shape, rdflib.RDFS.label) or short(str(shape)))
        message = " ".join(sorted(str(text) for text in graph.objects(shape, sh.message)))
        iri = name_of(shape)
        rule = rules[iri] = Rule(iri, str(path) if isinstance(path, rdflib.URIRef) else None, severity, name, message)
        if rule.path and (datatype := graph.value(shape, sh.datatype)) is not None:
            holders = [shape, *graph.subjects(sh.property, shape)]
            classes = {str(of) for holder in holders for of in graph.objects(holder, sh.targetClass)}
            expected[rule.path].append(Expected(rule, str(datatype), tuple(sorted(classes))))
    return Shapes(
        graph,
        {of: frozenset(properties) for of, properties in looked.items()},
        rules,
        {prop: tuple(found) for prop, found in expected.items()},
    )


def name_of(shape: rdflib.term.Node) -> str:
    """What results call a shape: its IRI, or its label where it is a blank node."""
    import rdflib

    return f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)


def _properties_of(graph: rdflib.Graph, shape: rdflib.term.Node, depth: int = 5) -> set[str]:
    """The properties of a node that a shape looks at, itself or by the shapes that it holds (SHACL 1.0, sections 4.6 and 4.7)."""
    import rdflib

    sh = rdflib.Namespace(SH)
    if path := graph.value(shape, sh.path):
        return first_properties(graph, path)
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


def declared_prefixes(graph: rdflib.Graph, constraint: rdflib.term.Node) -> str:
    """The PREFIX lines that ``sh:prefixes`` gives (SHACL 1.0, section 5.2.1)."""
    import rdflib

    sh = rdflib.Namespace(SH)
    declared = sorted(
        (str(graph.value(one, sh.prefix)), str(graph.value(one, sh.namespace)))
        for source in graph.objects(constraint, sh.prefixes)
        for one in graph.objects(source, sh.declare)
    )
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in declared)
