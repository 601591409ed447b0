"""Judging a store, an endpoint or files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from seismic_graph.errors import UsageError
from seismic_graph.store import EmbeddedStore, Store, Term, select, text_of
from seismic_graph.validate.coverage import count_judged, looked_at, unlooked
from seismic_graph.validate.endpoint import Announce, extract
from seismic_graph.validate.engines import all_narrower, by_pyshacl, judged, narrower_classes
from seismic_graph.validate.literals import CHANGED, FORMS, is_well_formed
from seismic_graph.validate.parsing import LARGEST, line_of, parsed
from seismic_graph.validate.report import SEVERITIES, Report, Result
from seismic_graph.validate.shapes import WELL_FORMED, Shapes, read, turtle
from seismic_graph.validate.terms import NO_TRIPLE_TERMS, wrong
from seismic_graph.vocabulary import RDF, SG, SH, XSD, graph_iri, short

FILES_GRAPH = graph_iri("files")
ONTOLOGY_GRAPH = graph_iri("ontology")


def validate(store: Store, shape_files: Sequence[Path], *, engine: str = "sparql", announce: Announce = lambda text: None) -> Report:
    """What the shapes say of all graphs of a store together.

    The store is asked in SPARQL where it is, be it a folder or an endpoint; see `engines.judged` for when it is copied.

    Args:
        store: what is judged.
        shape_files: the Turtle files of the shapes.
        engine: ``sparql``; or ``pyshacl``, which judges node by node, as a second opinion.
        announce: told what is copied, and what is left to pySHACL.

    Raises:
        UsageError: there is no such engine.
        DataError: a shape file is not Turtle, or its shapes are not SHACL.
        StoreError: the store did not give a whole answer.
    """
    if engine not in ENGINES:
        raise UsageError(f"There is no engine {engine!r}; use one of {', '.join(ENGINES)}.")
    shapes = read(shape_files)
    if engine == "pyshacl":
        if not isinstance(store, EmbeddedStore):
            store = extract(store, announce=announce)
        results = by_pyshacl(store.inner, shapes, shapes.graph)
    else:
        results = judged(store, shapes, announce)
    return _report(placed(results, store), store, shapes)


ENGINES = ("sparql", "pyshacl")
"""The engines that judge a store."""


def _report(results: Iterable[Result], store: Store, shapes: Shapes, graph: str | None = None) -> Report:
    looked = looked_at(shapes, store)
    return Report(ordered(results), unlooked(store, looked, graph), count_judged(store, looked, graph))


def ordered(results: Iterable[Result]) -> tuple[Result, ...]:
    """The worst first, then by shape and place."""

    def order(one: Result) -> tuple[int, str, str, int, str, str, str, str]:
        place = one.file or "", one.row or one.line or 0, str(one.focus), str(one.value)
        return SEVERITIES.index(one.severity), one.shape, *place, one.component, one.message

    return tuple(sorted(results, key=order))


_ROW = re.compile(r"([^/#]+)#row=([0-9]+)$")
_AT_ONCE = 200
"""How many nodes a query names."""


def placed(results: Iterable[Result], store: Store) -> Iterator[Result]:
    """The results with the table and row that ``sg:row`` tells for their node; the first one where it tells several."""
    found = list(results)
    nodes = sorted({str(one.focus) for one in found if isinstance(one.focus, ox.NamedNode)})
    rows: dict[str, tuple[str, int]] = {}
    for start in range(0, len(nodes), _AT_ONCE):
        names = " ".join(nodes[start : start + _AT_ONCE])
        for node, row in select(store, f"SELECT ?node ?row WHERE {{ VALUES ?node {{ {names} }} ?node <{SG.row}> ?row }}"):
            if match := _ROW.search(text_of(row)):
                place = match[1], int(match[2])
                rows[str(node)] = min(place, rows.get(str(node), place))
    for one in found:
        file, row_number = rows.get(str(one.focus), (None, None))
        yield replace(one, file=file, row=row_number)


def validate_file(
    files: Sequence[Path],
    shape_files: Sequence[Path],
    ontology_files: Sequence[Path] = (),
    *,
    beside: EmbeddedStore | None = None,
    largest: int = LARGEST,
    announce: Announce = lambda text: None,
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
        announce: told what is left to pySHACL.

    Raises:
        UsageError: a suffix names no RDF format.
        DataError: a file cannot be read or parsed; it names file, line and column. RDF/XML with a DOCTYPE is refused.
    """
    shapes = read(shape_files)
    whole = EmbeddedStore()
    store = whole.inner
    for file in ontology_files:
        store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(ONTOLOGY_GRAPH)) for quad in turtle(file))
    if beside is not None:
        store.extend(beside.triples())
    places: dict[Term, tuple[str, int | None]] = {}
    literals: list[Result] = []
    for file in files:
        literals += _load(file, store, shapes, places, largest)
    narrower = narrower_classes(whole)
    literals = [one for one in literals if _concerns(one, store, shapes, narrower)]
    told = {(one.focus, one.path, one.value) for one in literals}
    results = list(literals)
    for one in judged(whole, shapes, announce):
        if one.focus in places:
            if one.value is None or (one.focus, one.path, one.value) not in told:
                results.append(replace(one, file=places[one.focus][0], line=places[one.focus][1]))
        elif not _is_described(one.focus, store):
            results.append(one)
    return _report(results, whole, shapes, FILES_GRAPH)


def _is_described(node: Term, store: ox.Store) -> bool:
    """Whether a store says anything of a node: what the files do not speak of is described elsewhere, and judged there."""
    return not isinstance(node, ox.Literal | ox.Triple) and next(store.quads_for_pattern(node, None, None, None), None) is not None


def _load(file: Path, store: ox.Store, shapes: Shapes, places: dict[Term, tuple[str, int | None]], largest: int) -> Iterator[Result]:
    """Put a file into a store; the results are what is wrong with its literals as they stand there."""
    graph = ox.NamedNode(FILES_GRAPH)
    waiting: list[ox.Quad] = []
    found: dict[tuple[Term, str | None, Term | None, str], Result] = {}
    for quad, line in parsed(file, largest):
        if isinstance(quad.subject, ox.Triple) or isinstance(quad.object, ox.Triple):
            raise wrong(file, f"holds a triple term of RDF 1.2{f' on line {line}' if line else ''}: {quad}.", NO_TRIPLE_TERMS)
        places.setdefault(quad.subject, (str(file), line))
        if isinstance(quad.object, ox.Literal) and not quad.object.language:
            for one in _literal(quad.subject, quad.predicate.value, quad.object, shapes):
                found.setdefault((one.focus, one.path, one.value, one.shape), replace(one, file=str(file), line=line))
        waiting.append(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        if len(waiting) == 100_000:
            store.extend(waiting)
            waiting.clear()
    store.extend(waiting)
    for one in found.values():
        yield one if one.line else replace(one, line=line_of(file, text_of(one.value)))


def _literal(subject: Term, prop: str, literal: ox.Literal, shapes: Shapes) -> Iterator[Result]:
    """What is wrong with a literal as it stands in the file."""
    datatype = literal.datatype.value
    if not datatype.startswith(XSD):
        return
    name = datatype.removeprefix(XSD)
    component = SH + "DatatypeConstraintComponent"
    if not is_well_formed(literal.value, name):
        message = f"The text is none that xsd:{name} can have. Write {FORMS.get(name, FORMS['integer'])}, or another datatype."
        rule = shapes.rules.get(WELL_FORMED)
        title = rule.name if rule else short(WELL_FORMED)
        yield Result("violation", subject, prop, literal, message, title, WELL_FORMED, component)
    elif name in CHANGED:
        for asked in shapes.datatypes.get(prop, ()):
            if asked.datatype != datatype:
                rule = asked.rule
                yield Result(rule.severity, subject, prop, literal, rule.message, rule.name, rule.shape, component)


def _concerns(one: Result, store: ox.Store, shapes: Shapes, narrower: Mapping[str, set[str]]) -> bool:
    """Whether the node of a result has a class that the shape is about."""
    if one.shape == WELL_FORMED:
        return True
    asked = [of for expected in shapes.datatypes.get(one.path or "", ()) if expected.rule.shape == one.shape for of in expected.classes]
    classes = all_narrower(asked, narrower)
    kind = ox.NamedNode(RDF + "type")
    return any(text_of(quad.object) in classes for quad in store.quads_for_pattern(one.focus, kind, None, None))  # type: ignore[arg-type]
