"""Shapes compiled to SPARQL SELECTs, each asked once of all the nodes that it is about; what is not covered is left to pySHACL.

The SELECTs are plain SPARQL 1.1, so the same run on the embedded store and on any endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from seismic_graph.validate.components import OF_FOCUS, OF_VALUES, Rows, component
from seismic_graph.validate.paths import path_of
from seismic_graph.validate.patterns import binds, is_flat
from seismic_graph.validate.selects import Select, condition
from seismic_graph.validate.shapes import Rule, Shapes, declared_prefixes, name_of
from seismic_graph.validate.targets import TARGETS, Focus, focus_of
from seismic_graph.validate.terms import Uncovered
from seismic_graph.vocabulary import SH

if TYPE_CHECKING:
    import rdflib


@dataclass(frozen=True, slots=True)
class Check:
    """One constraint of one shape, asked of all its focus nodes.

    Attributes:
        rule: what its results say.
        component: the IRI of the kind of constraint.
        select: how it is asked: for ``?this``, with ``?value`` and ``?path`` where there are such.
    """

    rule: Rule
    component: str
    select: Select


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to pySHACL.

    Attributes:
        graph: the shapes, with targets for what is left only; None where nothing is.
        standing_for: shape of that graph -> the shape that it was made from.
        reasons: what it is and why, one line a constraint.
    """

    graph: rdflib.Graph | None
    standing_for: Mapping[str, str]
    reasons: tuple[str, ...]


_SELECT = re.compile(
    r"\s*SELECT\s+(?:DISTINCT\s+)?(?P<variables>(?:[$?]\w+\s+)+)(?:WHERE\s*)?\{(?P<pattern>.*)\}\s*", re.DOTALL | re.IGNORECASE
)
_MANY = {"class", "node", "not", "and", "or", "xone", "property", "sparql", "hasValue"} | {
    "equals",
    "disjoint",
    "lessThan",
    "lessThanOrEquals",
}
"""Parameters that a shape may have more than once, each time as a constraint of its own."""
_BESIDE = {"qualifiedValueShape": "qualified", "qualifiedValueShapesDisjoint": "qualified"}
"""Parameters that only say more about others, and how the names of these begin."""


def compiled(shapes: Shapes, narrower: Mapping[str, set[str]]) -> tuple[list[Check], Left]:
    """The constraints of some shapes as queries, and what is left to pySHACL.

    Args:
        shapes: as they were read.
        narrower: class -> itself and all that are narrower in the data.
    """
    compiler = _Compiler(shapes, narrower)
    compiler.run()
    return compiler.checks, compiler.left_over()


class _Compiler:
    def __init__(self, shapes: Shapes, narrower: Mapping[str, set[str]]) -> None:
        import rdflib

        self.shapes, self.graph, self._narrower = shapes, shapes.graph, narrower
        self.sh = rdflib.Namespace(SH)
        self.checks: list[Check] = []
        self._left: list[tuple[Any, Any, Any, str]] = []
        self._focus: dict[Any, Focus] = {}
        self._inside: list[Any] = []
        self._used = 0
        self._own = {path for one in self.graph.objects(None, self.sh.parameter) for path in self.graph.objects(one, self.sh.path)}

    # What components ask: see `components.Context`.

    def fresh(self) -> str:
        self._used += 1
        return f"?v{self._used}"

    def narrower(self, of: str) -> set[str]:
        return self._narrower.get(of, {of})

    def reach(self, shape: Any, node: str, value: str) -> str:
        path = self._path(shape)
        return f"{node} {path} {value} ." if path else ""

    def fails(self, shape: Any, node: str) -> str:
        """SHACL 1.0, section 3.4.3: a node conforms where nothing is found; recursion is not defined (section 3.4.3)."""
        if shape in self._inside:
            raise Uncovered("it refers to itself")
        if self._is_off(shape):
            return "false"
        self._inside.append(shape)
        try:
            value = self.fresh() if self._path(shape) else node
            of_values, of_focus = [], []
            for parameter, argument in self._constraints(shape):
                if parameter == "property":
                    of_values.append(self.fails(argument, value))
                elif parameter in OF_VALUES:
                    of_values.append(OF_VALUES[parameter][1](self, shape, argument, value))
                elif parameter in OF_FOCUS:
                    for rows in OF_FOCUS[parameter][1](self, shape, argument, node, self.fresh(), True):
                        of_focus.append(_condition(rows))
                else:
                    raise Uncovered(f"it holds {parameter} inside of another shape")
        finally:
            self._inside.pop()
        if of_values and value != node:
            of_values = [f"EXISTS {{ {self.reach(shape, node, value)} FILTER({' || '.join(of_values)}) }}"]
        return f"({' || '.join(of_values + of_focus)})" if of_values or of_focus else "false"

    # From the shapes with targets to what they hold.

    def run(self) -> None:
        roots: set[Any] = {shape for name in TARGETS for shape in self.graph.subjects(self.sh[name])}
        for shape in sorted(
            roots | {*self.graph.subjects(None, self.sh.NodeShape), *self.graph.subjects(None, self.sh.PropertyShape)}, key=str
        ):
            try:
                focus = focus_of(self.graph, shape)
            except Uncovered as reason:
                self._left.append((shape, None, None, str(reason)))
                continue
            if focus:
                self._hand_on(shape, focus)
        for shape, focus in self._focus.items():
            self._compile(shape, focus)

    def _hand_on(self, shape: Any, focus: Focus) -> None:
        """Give a shape focus nodes, and those that follow from them to the property shapes that it holds (section 4.7.2)."""
        if self._is_off(shape):
            return
        self._focus[shape] = self._focus.get(shape, Focus()) | focus
        for part in sorted(self.graph.objects(shape, self.sh.property), key=str):
            try:
                if (part, self.sh.path, None) not in self.graph:
                    raise Uncovered("what it holds is no property shape")
                if part in self._inside:
                    raise Uncovered("it refers to itself")
                path = self._path(shape)
                if path:  # the nodes at the end of a path are no targets that pySHACL could be given, so it is all or nothing
                    self.fails(part, "?this")
                    focus_inside = focus.with_narrower(self.narrower).beyond(path, self.fresh().removeprefix("?"))
                else:
                    self._path(part)
                    focus_inside = focus
            except (Uncovered, ValueError) as reason:
                self._left.append((shape, self.sh.property, part, str(reason)))
                continue
            self._inside.append(shape)
            self._hand_on(part, focus_inside)
            self._inside.pop()

    def _compile(self, shape: Any, focus: Focus) -> None:
        for predicate, argument in sorted(self.graph.predicate_objects(shape), key=str):
            parameter = str(predicate).removeprefix(SH)
            try:
                if predicate in self._own:
                    raise Uncovered("its kind of constraint is defined by the shapes themselves")
                if parameter == "sparql":
                    self._sparql(shape, argument, focus)
                elif parameter in OF_VALUES or parameter in OF_FOCUS:
                    self._single(shape, predicate)
                    rule = self.shapes.rules[name_of(shape)]
                    one_property = self._path(shape).startswith("<")
                    self.checks += [
                        Check(_worded(rule, parameter, argument), component(parameter), self._select(rows, focus, one_property))
                        for rows in self._rows(shape, parameter, argument)
                    ]
            except (Uncovered, ValueError) as reason:
                self._leave(shape, predicate, argument, str(reason))

    def _leave(self, shape: Any, predicate: Any, argument: Any, reason: str) -> None:
        """Leave a constraint to pySHACL; those whose parameters belong together once, with all their arguments."""
        if predicate in self._own:
            if any(left[0] == shape and left[1] in self._own for left in self._left):
                return
            argument = None
        elif str(predicate).removeprefix(SH) not in _MANY:
            argument = None
        if (shape, predicate, argument) not in [left[:3] for left in self._left]:
            self._left.append((shape, predicate, argument, reason))

    def _rows(self, shape: Any, parameter: str, argument: Any) -> Iterator[Rows]:
        if parameter in OF_FOCUS:
            yield from OF_FOCUS[parameter][1](self, shape, argument, "?this", "?value", False)
            return
        test = OF_VALUES[parameter][1]
        if reach := self.reach(shape, "?this", "?value"):
            yield Rows(found=f"{reach} {condition(test(self, shape, argument, '?value'))}", select="?this ?value")
        else:
            yield Rows(test=test(self, shape, argument, "?this"), select="?this (?this AS ?value)")

    def _sparql(self, shape: Any, constraint: Any, focus: Focus) -> None:
        """A constraint in SPARQL (section 5), where its query may be asked of all nodes at once."""
        if self._is_off(constraint):
            return
        match = _SELECT.fullmatch(str(self.graph.value(constraint, self.sh.select)))
        if match is None or not is_flat(match["pattern"]):
            raise Uncovered("its query is more than one group, and means something else when asked of all nodes at once")
        path = self._path(shape)
        pattern = match["pattern"].replace("$PATH", path)
        told = match["variables"].replace("$", "?").strip()
        if not path and "?value" not in told.split():
            told += " (?this AS ?value)"  # section 5.3.2: a node shape tells the focus node itself
        rows = Rows(found=pattern, select=told)
        select = self._select(rows, focus, binds(pattern, "this"), declared_prefixes(self.graph, constraint))
        try:
            ox.Store().query(select.whole)
        except SyntaxError as error:
            raise Uncovered(f"its query cannot be read: {error}") from None
        rule = self.shapes.rules[name_of(shape)]
        if messages := sorted(str(one) for one in self.graph.objects(constraint, self.sh.message)):
            rule = replace(rule, message=" ".join(messages))
        self.checks.append(Check(rule, SH + "SPARQLConstraintComponent", select))

    def _select(self, rows: Rows, focus: Focus, rows_first: bool, prefixes: str = "") -> Select:
        return Select(rows, focus.with_narrower(self.narrower), rows_first and not focus.nodes, prefixes)

    # What the shapes say.

    def _path(self, shape: Any) -> str:
        paths = list(self.graph.objects(shape, self.sh.path))
        if len(paths) > 1:
            raise Uncovered("it has more than one path")
        return path_of(self.graph, paths[0]) if paths else ""

    def _is_off(self, shape: Any) -> bool:
        return str(self.graph.value(shape, self.sh.deactivated)) == "true"

    def _constraints(self, shape: Any) -> Iterator[tuple[str, Any]]:
        """The parameters of a shape with their arguments; those that are defined by the shapes themselves have their whole IRI."""
        for predicate, argument in sorted(self.graph.predicate_objects(shape), key=str):
            name = str(predicate).removeprefix(SH)
            if predicate in self._own or name in OF_VALUES or name in OF_FOCUS or name in ("property", "sparql"):
                if name in OF_VALUES or name in OF_FOCUS:
                    self._single(shape, predicate)
                yield name, argument

    def _single(self, shape: Any, predicate: Any) -> None:
        """Leave it to pySHACL to refuse what may be said once only (section 4, the syntax rules)."""
        if str(predicate).removeprefix(SH) not in _MANY and len(list(self.graph.objects(shape, predicate))) > 1:
            raise Uncovered("it is said more than once")

    def left_over(self) -> Left:
        """A copy of the shapes in which only what was not compiled has targets, each constraint in a shape of its own."""
        if not self._left:
            return Left(None, {}, ())
        import rdflib

        graph = rdflib.Graph(bind_namespaces="none")
        classes = {rdflib.RDFS.Class, rdflib.OWL.Class, *self.graph.subjects(rdflib.RDFS.subClassOf, rdflib.RDFS.Class)}
        kinds = {self.sh[name]: name for name in TARGETS}
        for triple in self.graph:
            if triple[1] not in kinds and not (triple[1] == rdflib.RDF.type and triple[2] in classes):
                graph.add(triple)
        standing_for: dict[str, str] = {}
        for shape, predicate, argument, _ in self._left:
            copy = rdflib.BNode()
            standing_for[name_of(copy)] = name_of(shape)
            for about, value in self.graph.predicate_objects(shape):
                if about in kinds or (about == rdflib.RDF.type and value in classes):
                    continue
                if predicate is None or (about == predicate and argument in (None, value)) or self._goes_with(about, predicate):
                    graph.add((copy, about, value))
            for holder in self.graph.subjects(self.sh.property, shape):
                graph.add((holder, self.sh.property, copy))
            for kind, node in self._targets_of(shape):
                graph.add((copy, kind, node))
        reasons = tuple(
            f"{self.shapes.rules[name_of(shape)].name if name_of(shape) in self.shapes.rules else shape}"
            f"{f' (sh:{str(predicate).removeprefix(SH)})' if predicate is not None else ''}: {reason}"
            for shape, predicate, _, reason in self._left
        )
        return Left(graph, standing_for, reasons)

    def _goes_with(self, about: Any, predicate: Any) -> bool:
        """Whether a statement about a shape belongs to one of its constraints: other constraints do not."""
        name = str(about).removeprefix(SH)
        if name in _BESIDE:
            return str(predicate).removeprefix(SH).startswith(_BESIDE[name])
        return about in self._own or (name not in OF_VALUES and name not in OF_FOCUS and name not in ("property", "sparql"))

    def _targets_of(self, shape: Any) -> Iterator[tuple[Any, Any]]:
        """What pySHACL is given as targets: those of the shape, and those of the node shapes that hold it."""
        import rdflib

        for name in TARGETS:
            yield from ((self.sh[name], node) for node in self.graph.objects(shape, self.sh[name]))
        yield from ((self.sh.targetClass, rdflib.URIRef(of)) for of in self._focus.get(shape, Focus()).classes)
        for holder in self.graph.subjects(self.sh.property, shape):
            if not self._path(holder):
                yield from self._targets_of(holder)


def _condition(rows: Rows) -> str:
    """Rows as a condition on the focus node."""
    if rows.test:
        return rows.test
    return f"NOT EXISTS {{ {rows.missing} }}" if rows.missing else f"EXISTS {{ {rows.found} }}"


def _worded(rule: Rule, parameter: str, argument: Any) -> Rule:
    """A rule with a message of its own where the shape gives none."""
    return rule if rule.message else replace(rule, message=f"sh:{parameter} is not met: {argument}.")
