"""The two engines: compiled SELECTs, which any store answers, and pySHACL, for what is not compiled and as a second opinion."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from seismic_graph.errors import QueryError, StoreError, Unreachable
from seismic_graph.store import EmbeddedStore, Store, Term, select, text_of
from seismic_graph.validate.compile import Check, compiled
from seismic_graph.validate.endpoint import Announce, extract
from seismic_graph.validate.report import Result, shown
from seismic_graph.validate.shapes import Shapes, severity_of
from seismic_graph.validate.terms import from_rdflib, to_rdflib, wrong
from seismic_graph.vocabulary import RDFS, SH

if TYPE_CHECKING:
    import rdflib


def judged(store: Store, shapes: Shapes, announce: Announce = lambda text: None) -> list[Result]:
    """What the shapes find in all graphs of a store together, in no order.

    Args:
        store: asked where it is. An endpoint that refuses a query or cuts its answer is copied into memory.
        shapes: what is compiled is asked for in SPARQL, the rest is left to pySHACL.
        announce: told what is left, and what is copied.

    Raises:
        DataError: pySHACL refuses the shapes.
        StoreError: the store did not give a whole answer.
    """
    checks, left = compiled(shapes, narrower_classes(store))
    if isinstance(store, EmbeddedStore):
        results = asked(store, [(check, check.select.whole) for check in _not_ruled_out(store, checks)])
    else:
        results, refused = _from_endpoint(store, checks)
        if refused:
            announce(f"{store.name} does not answer {len(refused):,} of {len(checks):,} checks in place: {refused[0][1]}")
            store = extract(store, announce=announce)
            results += asked(store, [(check, check.select.whole) for check, _ in refused])
    if left.graph is not None:
        announce(f"Left to pySHACL: {'; '.join(left.reasons)}.")
        inner = store.inner if isinstance(store, EmbeddedStore) else extract(store, announce=announce).inner
        results += by_pyshacl(inner, shapes, left.graph, left.standing_for)
    return results


def at_once(store: Store) -> ThreadPoolExecutor:
    """As many threads as queries are asked at once: one a processor where the engine is here, which works outside of Python's lock."""
    return ThreadPoolExecutor(min(4, os.cpu_count() or 1) if isinstance(store, EmbeddedStore) else 1)


def _not_ruled_out(store: EmbeddedStore, checks: list[Check]) -> list[Check]:
    """The checks that can find something: what they speak of is there, and no count says that each node has it once.

    Both are asked once for all checks of a property or class. The counts save a fourth of the work where nodes have one value of most.
    """
    there = {text: bool(store.query(text)) for text in sorted({text for check in checks for of in check.select.needs for text in of})}
    checks = [check for check in checks if all(any(there[text] for text in of) for of in check.select.needs)]
    counts = sorted({check.select.once for check in checks} - {""})
    with at_once(store) as pool:
        told = pool.map(lambda text: next(select(store, text)), counts)
    without = {text for text, (matches, nodes) in zip(counts, told, strict=True) if matches == nodes}
    return [check for check in checks if check.select.once not in without]


def asked(store: EmbeddedStore, texts: Iterable[tuple[Check, str]]) -> list[Result]:
    """The results of some checks with what they ask."""
    with at_once(store) as pool:
        return [one for found in pool.map(lambda check: _results(store, *check), texts) for one in found]


def _from_endpoint(store: Store, checks: list[Check]) -> tuple[list[Result], list[tuple[Check, Exception]]]:
    """The results of some checks, asked one after the other; and those that it refused to answer whole, with the reason.

    Raises:
        Unreachable: it does not answer at all.
    """
    results: list[Result] = []
    refused: list[tuple[Check, Exception]] = []
    for check in checks:
        try:
            results += _results(store, check, check.select.whole)
        except Unreachable:
            raise
        except (StoreError, QueryError) as error:
            refused.append((check, error))
    return results, refused


def _results(store: Store, check: Check, text: str) -> list[Result]:
    answer = cast("ox.QuerySolutions", store.query(text))
    names = [variable.value for variable in answer.variables]
    rule = check.rule
    found = []
    for row in answer:
        told: dict[str, Term | None] = dict(zip(names, row, strict=True))
        path = told.get("path")
        found.append(
            Result(
                severity=rule.severity,
                focus=told["this"],  # type: ignore[arg-type]
                path=path.value if isinstance(path, ox.NamedNode) else rule.path,
                value=told.get("value"),
                message=_filled(rule.message, told),
                name=rule.name,
                shape=rule.shape,
                component=check.component,
            )
        )
    return found


def _filled(message: str, told: Mapping[str, Term | None]) -> str:
    """A message with the values of its variables (SHACL 1.0, section 5.3.2)."""
    return re.sub(r"\{[?$](\w+)\}", lambda match: shown(term) if (term := told.get(match[1])) else match[0], message)


def narrower_classes(store: Store) -> dict[str, set[str]]:
    """Class -> itself and all that are narrower (a SHACL instance is one of any of them: SHACL 1.0, section 1.1)."""
    below: dict[str, set[str]] = defaultdict(set)
    for narrow, wide in select(
        store, f"SELECT DISTINCT ?sub ?of WHERE {{ ?sub <{RDFS}subClassOf> ?of FILTER(isIRI(?sub) && isIRI(?of)) }}"
    ):
        below[text_of(wide)].add(text_of(narrow))
    closed = {}
    for of in below:
        reached, waiting = {of}, [of]
        while waiting:
            new = below.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        closed[of] = reached
    return closed


def all_narrower(classes: Iterable[str], narrower: Mapping[str, set[str]]) -> set[str]:
    """Some classes and all that are narrower; see `narrower_classes`."""
    return {sub for of in classes for sub in narrower.get(of, {of})}


# --- pySHACL --------------------------------------------------------------------------------------------------------


def by_pyshacl(store: ox.Store, shapes: Shapes, graph: rdflib.Graph, standing_for: Mapping[str, str] | None = None) -> list[Result]:
    """What pySHACL finds in a store, which it reads itself.

    Args:
        store: all its graphs are taken together.
        shapes: what results say.
        graph: the shapes that are run.
        standing_for: shape of that graph -> the shape that it was made from.

    Raises:
        DataError: pySHACL refuses the shapes.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

    sh = rdflib.Namespace(SH)
    try:
        with _quiet():
            _, found, text = pyshacl.validate(columns(store), shacl_graph=graph, inference="none")
    except (ReportableRuntimeError, ShapeLoadError, ConstraintLoadError, SyntaxError, ValueError) as error:
        raise wrong("The shapes", f"are refused by pySHACL: {error}.", "Correct the shape.") from error
    if not isinstance(found, rdflib.Graph):
        raise wrong("The shapes", f"cannot be run by pySHACL: {text}.", "Correct the shape.")
    results = []
    for report in found.subjects(sh.conforms):
        for node in found.objects(report, sh.result):
            path, value = found.value(node, sh.resultPath), found.value(node, sh.value)
            shape = found.value(node, sh.sourceShape)
            iri = f"_:{shape}" if isinstance(shape, rdflib.BNode) else str(shape)
            iri = (standing_for or {}).get(iri, iri)
            rule = shapes.rules.get(iri)
            results.append(
                Result(
                    severity=severity_of(found.value(node, sh.resultSeverity)),
                    focus=from_rdflib(found.value(node, sh.focusNode)),
                    path=str(path) if isinstance(path, rdflib.URIRef) else None,
                    value=from_rdflib(value) if value is not None else None,
                    message=" ".join(sorted(str(text) for text in found.objects(node, sh.resultMessage))),
                    name=rule.name if rule else iri,
                    shape=iri,
                    component=str(found.value(node, sh.sourceConstraintComponent)),
                )
            )
    return results


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
