"""What no shape looked at: silence about data must not pass for approval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TypeAlias

import pyoxigraph as ox

from seismic_graph.store import EmbeddedStore, Store, Term, select, text_of
from seismic_graph.validate.engines import at_once, narrower_classes
from seismic_graph.validate.report import Report, Unlooked
from seismic_graph.validate.shapes import Shapes
from seismic_graph.vocabulary import DCAT, OWL, RDF, RDFS, SG, SH, SKOS, VOID

Said: TypeAlias = tuple[str, Term]
"""A property and its value."""
_NOT_DATA = (OWL, RDFS, RDF, SKOS, VOID, DCAT, SH)
"""Namespaces whose classes describe vocabularies and the data set itself; `shapes/ontology.ttl` looks at the first."""
_ELSEWHERE = {SG.Country}
"""Classes that are checked with the ontology."""
_USED = """SELECT DISTINCT ?class ?property WHERE {
  { SELECT ?node ?class { ?node a ?class } } { SELECT ?node ?property { ?node ?property ?value } }
}"""
"""Two queries that are joined: each is read from one end to the other, and no node is looked up."""
_NODES = "SELECT ?class (COUNT(DISTINCT ?node) AS ?n) WHERE { ?node a ?class } GROUP BY ?class"
_LEFT = """SELECT (COUNT(DISTINCT ?node) AS ?n) WHERE {{
  {{ SELECT ?node {{ ?node a <{of}> }} }} {{ SELECT ?node {{ ?node <{prop}> ?value }} }}
  MINUS {{ ?node a ?other FILTER(?other IN ({others})) }}
}}"""
_JUDGED = "SELECT (COUNT(DISTINCT ?node) AS ?n) WHERE {{ ?node a ?class FILTER(?class IN ({classes})) }}"
_CLASSLESS = f"""SELECT (COUNT(DISTINCT ?node) AS ?n) WHERE {{
  {{ SELECT ?node ?property {{ ?node ?property ?value MINUS {{ ?node a ?class }} }} GROUP BY ?node ?property }}
  FILTER(isIRI(?node) && !STRSTARTS(STR(?property), "{VOID}"))
}}"""
"""Grouped, so that the filter is asked of the few that are left, and not pushed inside to every triple."""


def unlooked(store: Store, looked: Mapping[str, frozenset[str]], graph: str | None = None) -> tuple[Unlooked, ...]:
    """The classes and properties of a store that no shape looks at, sorted.

    A property counts as looked at where a shape of any class of the node looks at it.

    Args:
        store: all its graphs are taken together.
        looked: class -> the properties that shapes look at.
        graph: the one graph that is asked about.
    """
    found: list[Unlooked] = []
    with at_once(store) as pool:
        used, nodes, classless = pool.map(lambda text: list(_asked(store, text, graph)), (_USED, _NODES, _CLASSLESS))
    for row in used:
        of, prop = text_of(row[0]), text_of(row[1])
        if of in looked and prop not in looked[of] and prop != RDF + "type" and not _passed_over(of):
            others = ", ".join(f"<{other}>" for other, properties in looked.items() if prop in properties)
            left = _count(store, _LEFT.format(of=of, prop=prop, others=others), graph)
            found += [Unlooked(of, prop, left)] if left else []
    for row in nodes:
        of = text_of(row[0])
        if of not in looked and not _passed_over(of):
            found.append(Unlooked(of, None, int(text_of(row[1]))))
    if without := int(text_of(classless[0][0])):
        found.append(Unlooked(None, None, without))
    return _ordered(found)


def _ordered(found: Iterable[Unlooked]) -> tuple[Unlooked, ...]:
    return tuple(sorted(found, key=lambda one: (one.of or "~", one.prop or "")))


def changed_coverage(
    before: Report, store: EmbeddedStore, looked: Mapping[str, frozenset[str]], changed: Iterable[ox.Triple]
) -> tuple[tuple[Unlooked, ...], int]:
    """What `unlooked` and `count_judged` tell after a change, counted at the changed nodes alone.

    Args:
        before: what they told before.
        store: as it is after the change.
        looked: class -> the properties that shapes look at.
        changed: the triples that were added or removed.
    """
    differs: dict[Term, set[Said]] = defaultdict(set)
    for triple in changed:
        differs[triple.subject].add((triple.predicate.value, triple.object))
    counts = Counter({(one.of, one.prop): one.count for one in before.unlooked})
    judged = before.judged
    for node, different in differs.items():
        said = {(quad.predicate.value, quad.object) for quad in store.inner.quads_for_pattern(node, None, None, None)}  # type: ignore[arg-type]
        for sign, statements in ((1, said), (-1, said ^ different)):
            classes = {text_of(value) for prop, value in statements if prop == RDF + "type"}
            judged += sign * any(of in looked for of in classes)
            for one in _of_node(node, classes, {prop for prop, _ in statements}, looked):
                counts[one] += sign
    return _ordered(Unlooked(*one, count) for one, count in counts.items() if count), judged


def _of_node(
    node: Term, classes: Set[str], properties: Set[str], looked: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str | None, str | None]]:
    """What no shape looks at of one node: classes with None, classes with a property, or None twice where it has no class."""
    if not classes and isinstance(node, ox.NamedNode) and any(not prop.startswith(VOID) for prop in properties):
        yield None, None
    for of in classes:
        if _passed_over(of):
            continue
        if of not in looked:
            yield of, None
            continue
        for prop in properties - looked[of] - {RDF + "type"}:
            if not any(prop in looked.get(other, ()) for other in classes):
                yield of, prop


def _passed_over(of: str) -> bool:
    return of.startswith(_NOT_DATA) or of in _ELSEWHERE


def looked_at(shapes: Shapes, store: Store) -> dict[str, frozenset[str]]:
    """Class -> the properties that shapes look at, with the classes that are narrower in a store."""
    narrower = narrower_classes(store)
    found: dict[str, frozenset[str]] = {}
    for of, properties in shapes.looked.items():
        for sub in narrower.get(of, {of}):
            found[sub] = found.get(sub, frozenset()) | properties
    return found


def count_judged(store: Store, looked: Iterable[str], graph: str | None = None) -> int:
    """How many nodes have a class that a shape looks at."""
    classes = ", ".join(f"<{of}>" for of in sorted(looked))
    return _count(store, _JUDGED.format(classes=classes), graph) if classes else 0


def _count(store: Store, text: str, graph: str | None) -> int:
    return next(int(text_of(row[0])) for row in _asked(store, text, graph))


def _asked(store: Store, text: str, graph: str | None) -> Iterator[list[Term | None]]:
    """The answer to a SELECT over one graph of a store, or over all."""
    return select(store, text.replace(" WHERE", f" FROM <{graph}> WHERE", 1) if graph else text)
