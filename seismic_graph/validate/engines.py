"""Two engines: pySHACL for what is core, and SPARQL constraints asked of all nodes at once."""

from __future__ import annotations

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import pyoxigraph as ox

from seismic_graph.store import Term, text_of
from seismic_graph.validate.report import Result
from seismic_graph.validate.shapes import Shapes, severity_of
from seismic_graph.validate.terms import from_rdflib, to_rdflib, wrong
from seismic_graph.vocabulary import RDFS, SH


def judged(store: ox.Store, shapes: Shapes) -> list[Result]:
    """What both engines find in all graphs of a store together, in no order.

    Raises:
        DataError: pySHACL refuses the shapes.
    """
    return [*core(store, shapes), *set_wise(store, shapes)]


def core(store: ox.Store, shapes: Shapes) -> Iterator[Result]:
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
            _, found, text = pyshacl.validate(columns(store), shacl_graph=shapes.core, inference="none")
    except (ReportableRuntimeError, ShapeLoadError, ConstraintLoadError, SyntaxError, ValueError) as error:
        raise wrong("The shapes", f"are refused by pySHACL: {error}.", "Correct the shape.") from error
    if not isinstance(found, rdflib.Graph):
        raise wrong("The shapes", f"cannot be run by pySHACL: {text}.", "Correct the shape.")
    for report in found.subjects(sh.conforms):
        for node in found.objects(report, sh.result):
            path, value = found.value(node, sh.resultPath), found.value(node, sh.value)
            shape = found.value(node, sh.sourceShape)
            iri = f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)
            rule = shapes.rules.get(iri)
            yield Result(
                severity=severity_of(found.value(node, sh.resultSeverity)),
                focus=from_rdflib(found.value(node, sh.focusNode)),
                path=str(path) if isinstance(path, rdflib.URIRef) else None,
                value=from_rdflib(value) if value is not None else None,
                message=" ".join(sorted(str(text) for text in found.objects(node, sh.resultMessage))),
                name=rule.name if rule else iri,
                shape=iri,
                component=str(found.value(node, sh.sourceConstraintComponent)),
            )


_HELD = 500_000
"""How many triples are held as rdflib terms at a time."""


def columns(store: ox.Store) -> Any:
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
                return to_rdflib(term)
            name = self._names.get(term.value)
            if name is None:
                name = self._names[term.value] = to_rdflib(term)
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


def set_wise(store: ox.Store, shapes: Shapes) -> Iterator[Result]:
    """The results of the SPARQL constraints of our own shapes, each asked once of all the nodes that it is about.

    SHACL binds ``$this`` to one node after the other (section 5.3.1). Our queries are written so that asking with ``$this`` free
    gives the same: they select from one group, whose filters speak of variables that the group binds. The tests hold that it does.
    """
    narrower = narrower_classes(store)
    for question in shapes.questions:
        classes = " ".join(f"<{of}>" for of in sorted(all_narrower(question.classes, narrower)))
        targets = f"VALUES ?targetClass {{ {classes} }} ?this a ?targetClass ."
        text = f"{question.prologue}SELECT DISTINCT {question.variables} WHERE {{ {targets} {question.pattern} }}"
        answer = ask(store, text)
        names = [variable.value for variable in answer.variables]
        rule = question.rule
        for row in answer:
            found: dict[str, Term] = dict(zip(names, row, strict=True))
            component = SH + "SPARQLConstraintComponent"
            yield Result(rule.severity, found["this"], rule.path, found.get("value"), rule.message, rule.name, rule.shape, component)


def all_narrower(classes: Iterable[str], narrower: Mapping[str, set[str]]) -> set[str]:
    """Some classes and all that are narrower; see `narrower_classes`."""
    return {sub for of in classes for sub in narrower.get(of, {of})}


def narrower_classes(store: ox.Store) -> dict[str, set[str]]:
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


def ask(store: ox.Store, text: str, graph: str | None = None) -> ox.QuerySolutions:
    """The answer to a SELECT over one graph of a store, or over all."""
    if graph:
        answer = store.query(text, default_graph=ox.NamedNode(graph))
    else:
        answer = store.query(text, use_default_graph_as_union=True)
    return cast("ox.QuerySolutions", answer)
