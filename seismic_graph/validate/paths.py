"""Property paths: from SHACL (SHACL 1.0, section 2.3.1) to SPARQL 1.1 (section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rdflib

from seismic_graph.validate.terms import Uncovered
from seismic_graph.vocabulary import SH

_MARKS = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
_DEEPEST = 30


def path_of(graph: rdflib.Graph, node: rdflib.term.Node, depth: int = _DEEPEST) -> str:
    """A path as SPARQL writes it: an IRI, or something in brackets.

    Raises:
        Uncovered: the path is not one of SHACL's, or leads back into itself.
    """
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return f"<{node}>"
    said = list(graph.predicate_objects(node))
    lists = (node, rdflib.RDF.first, None) in graph
    if not depth or not said or (len(said) > 1 and not lists) or (lists and len(said) != 2):
        raise Uncovered("its path is none of SHACL's")
    if lists:
        return f"({'/'.join(path_of(graph, step, depth - 1) for step in graph.items(node))})"
    kind, inner = said[0]
    name = str(kind).removeprefix(SH)
    if name == "inversePath":
        return f"(^{path_of(graph, inner, depth - 1)})"
    if name == "alternativePath":
        return f"({'|'.join(path_of(graph, one, depth - 1) for one in graph.items(inner))})"
    if name in _MARKS:
        return f"({path_of(graph, inner, depth - 1)}{_MARKS[name]})"
    raise Uncovered("its path is none of SHACL's")


def first_properties(graph: rdflib.Graph, path: rdflib.term.Node) -> set[str]:
    """The properties with which a path begins at a node."""
    import rdflib

    sh = rdflib.Namespace(SH)
    if isinstance(path, rdflib.URIRef):
        return {str(path)}
    if (first := graph.value(path, rdflib.RDF.first)) is not None:
        return first_properties(graph, first)
    if (either := graph.value(path, sh.alternativePath)) is not None:
        return set().union(*(first_properties(graph, one) for one in graph.items(either)))
    onwards = [step for kind in _MARKS for step in graph.objects(path, sh[kind])]
    return set().union(*(first_properties(graph, step) for step in onwards))
