"""The focus nodes of shapes (SHACL 1.0, section 2.1.3) as patterns about ``?this``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seismic_graph.validate.patterns import instance
from seismic_graph.validate.terms import in_sparql
from seismic_graph.vocabulary import OWL, RDFS, SH

if TYPE_CHECKING:
    import rdflib

TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


@dataclass(frozen=True, slots=True)
class Focus:
    """The nodes that a shape is about.

    Attributes:
        classes: whose instances they are.
        nodes: those that are named, as SPARQL writes them.
        patterns: others, each a pattern about ``?this``.
    """

    classes: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()

    def __or__(self, other: Focus) -> Focus:
        """The nodes of both."""
        return Focus(self.classes | other.classes, self.nodes | other.nodes, self.patterns | other.patterns)

    def __bool__(self) -> bool:
        return bool(self.classes or self.nodes or self.patterns)

    def with_narrower(self, narrower: Callable[[str], set[str]]) -> Focus:
        """The same nodes, with all classes whose instances they are; `narrower` gives a class and all that are narrower."""
        return replace(self, classes=frozenset().union(*map(narrower, self.classes)))

    def alternatives(self, last: bool = False) -> list[str]:
        """The patterns of which a focus node matches one, where all classes are known; see `patterns.instance` for `last`."""
        found = [instance("?this", self.classes, last=last)] if self.classes else []
        found += [f"VALUES ?this {{ {' '.join(sorted(self.nodes))} }}"] if self.nodes else []
        return found + sorted(self.patterns)

    def beyond(self, path: str, outer: str) -> Focus:
        """The nodes at the end of a path, which a shape inside of a property shape is about (section 4.7.2)."""
        ways = [re.sub(r"\?(class_of_)?this\b", rf"?\1{outer}", way) for way in self.alternatives()]
        return Focus(patterns=frozenset(f"{way} ?{outer} {path} ?this ." for way in ways))


def focus_of(graph: rdflib.Graph, shape: rdflib.term.Node) -> Focus:
    """The nodes that a shape names itself as its targets, classes that are shapes included (section 2.1.3.3).

    Raises:
        Uncovered: a target is a blank node.
    """
    import rdflib

    sh = rdflib.Namespace(SH)
    classes = {str(of) for of in graph.objects(shape, sh.targetClass)}
    kinds = {rdflib.URIRef(RDFS + "Class"), rdflib.URIRef(OWL + "Class"), *graph.subjects(rdflib.RDFS.subClassOf, rdflib.RDFS.Class)}
    is_shape = {sh.NodeShape, sh.PropertyShape} & set(graph.objects(shape, rdflib.RDF.type))
    if is_shape and isinstance(shape, rdflib.URIRef) and kinds & set(graph.objects(shape, rdflib.RDF.type)):
        classes.add(str(shape))
    patterns = [f"?this <{of}> ?any_object ." for of in graph.objects(shape, sh.targetSubjectsOf)]
    patterns += [f"?any_subject <{of}> ?this ." for of in graph.objects(shape, sh.targetObjectsOf)]
    return Focus(frozenset(classes), frozenset(in_sparql(node) for node in graph.objects(shape, sh.targetNode)), frozenset(patterns))
