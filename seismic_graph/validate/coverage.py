"""What no shape looked at: silence about data must not pass for approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seismic_graph.store import Store, Term, select, text_of
from seismic_graph.validate.engines import narrower_classes
from seismic_graph.validate.report import Unlooked
from seismic_graph.validate.shapes import Shapes
from seismic_graph.vocabulary import DCAT, OWL, RDF, RDFS, SG, SH, SKOS, VOID

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
  {{ SELECT DISTINCT ?node ?property {{ ?node ?property ?value MINUS {{ ?node a ?class }} }} }}
  FILTER(isIRI(?node) && !STRSTARTS(STR(?property), "{VOID}"))
}}"""


def unlooked(store: Store, looked: Mapping[str, frozenset[str]], graph: str | None = None) -> tuple[Unlooked, ...]:
    """The classes and properties of a store that no shape looks at, sorted.

    A property counts as looked at where a shape of any class of the node looks at it.

    Args:
        store: all its graphs are taken together.
        looked: class -> the properties that shapes look at.
        graph: the one graph that is asked about.
    """
    found: list[Unlooked] = []
    for row in _asked(store, _USED, graph):
        of, prop = text_of(row[0]), text_of(row[1])
        if of in looked and prop not in looked[of] and prop != RDF + "type" and not _passed_over(of):
            others = ", ".join(f"<{other}>" for other, properties in looked.items() if prop in properties)
            left = _count(store, _LEFT.format(of=of, prop=prop, others=others), graph)
            found += [Unlooked(of, prop, left)] if left else []
    for row in _asked(store, _NODES, graph):
        of = text_of(row[0])
        if of not in looked and not _passed_over(of):
            found.append(Unlooked(of, None, int(text_of(row[1]))))
    if without := _count(store, _CLASSLESS, graph):
        found.append(Unlooked(None, None, without))
    return tuple(sorted(found, key=lambda one: (one.of or "~", one.prop or "")))


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
