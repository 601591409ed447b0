"""Catalogue: what the dataset is, in VoID and DCAT, as triples that depend on the content alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from seismic_graph import __version__
from seismic_graph.imports import Import
from seismic_graph.rdf import is_iri
from seismic_graph.store import EmbeddedStore, select, text_of
from seismic_graph.vocabulary import BASE, DCAT, DCTERMS, FOAF, PREFIXES, RDF, VOID, XSD, graph_iri

GRAPH = graph_iri("catalogue")
DATASET = BASE + "dataset"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TITLE = "seismic-graph: how knowledge moved between local initiatives, SEiSMiC networks, agendas, calls, projects and cities"
DESCRIPTION = (
    "Dated and sourced statements on the movement of knowledge around SEiSMiC (FP7 612493, 2013-2016) and JPI Urban Europe, "
    "with what follows from them by named rules."
)
GRAPHS = {
    "dossier": "Curated facts, each with its sources",
    "links": "Which things of different datasets are the same",
    "derived": "What follows from the record by named rules",
    "ontology": "The ontology and its vocabularies",
    "catalogue": "The description of the dataset",
}

_CLASSES = "SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY STR(?class)"
_PROPERTIES = "SELECT ?property (COUNT(*) AS ?n) WHERE { ?s ?property ?o } GROUP BY ?property ORDER BY STR(?property)"


def describe(store: EmbeddedStore, brought: Iterable[Import] = ()) -> Iterator[ox.Triple]:
    """The VoID description (https://www.w3.org/TR/void/) and the DCAT 3 dataset record of what a store holds.

    Args:
        store: what is described.
        brought: the imports in it, for their origin and licence.
    """
    dataset = ox.NamedNode(DATASET)

    def say(subject: ox.NamedNode, predicate: str, value: str | int | ox.NamedNode, language: str | None = None) -> ox.Triple:
        if isinstance(value, int):
            return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer")))
        if isinstance(value, str):
            return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(value, language=language) if language else ox.Literal(value))
        return ox.Triple(subject, ox.NamedNode(predicate), value)

    graphs = [graph for graph in store.graphs() if graph != GRAPH]
    sizes = {graph: _count(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}") for graph in graphs}
    for kind in (VOID + "Dataset", DCAT + "Dataset"):
        yield say(dataset, RDF + "type", ox.NamedNode(kind))
    yield say(dataset, DCTERMS + "title", TITLE, "en")
    yield say(dataset, DCTERMS + "description", DESCRIPTION, "en")
    yield say(dataset, DCTERMS + "license", ox.NamedNode(LICENCE))
    yield say(dataset, DCTERMS + "creator", "The seismic-graph authors")
    yield say(dataset, DCAT + "version", __version__)
    yield say(dataset, VOID + "uriSpace", BASE + "id/")
    yield say(dataset, VOID + "exampleResource", ox.NamedNode(BASE + "id/network/nanet-se"))
    yield say(dataset, VOID + "triples", sum(sizes.values()))
    yield say(dataset, VOID + "entities", _count(store, "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class }"))
    for prefix in ("sg", "prov", "org", "skos", "dcterms", "schema"):
        yield say(dataset, VOID + "vocabulary", ox.NamedNode(PREFIXES[prefix]))
    for graph, size in sizes.items():
        part = ox.NamedNode(graph)
        yield say(dataset, VOID + "subset", part)
        yield say(part, RDF + "type", ox.NamedNode(VOID + "Dataset"))
        yield say(part, VOID + "triples", size)
        if title := GRAPHS.get(graph.rpartition("/")[2]):
            yield say(part, DCTERMS + "title", title, "en")
    for one in brought:
        part = ox.NamedNode(graph_iri(one.name))
        yield say(part, DCTERMS + "title", one.title, "en")
        yield say(part, DCTERMS + "publisher", one.publisher)
        yield say(part, DCTERMS + "source", ox.NamedNode(one.address))
        if is_iri(one.licence):
            yield say(part, DCTERMS + "license", ox.NamedNode(one.licence))
    for number, row in enumerate(select(store, _CLASSES), 1):
        part = ox.NamedNode(f"{DATASET}/class/{number}")
        yield say(dataset, VOID + "classPartition", part)
        yield say(part, VOID + "class", ox.NamedNode(text_of(row[0])))
        yield say(part, VOID + "entities", int(text_of(row[1])))
    for number, row in enumerate(select(store, _PROPERTIES), 1):
        part = ox.NamedNode(f"{DATASET}/property/{number}")
        yield say(dataset, VOID + "propertyPartition", part)
        yield say(part, VOID + "property", ox.NamedNode(text_of(row[0])))
        yield say(part, VOID + "triples", int(text_of(row[1])))
    for suffix, media in (("nq", "application/n-quads"), ("trig", "application/trig")):
        distribution = ox.NamedNode(f"{DATASET}.{suffix}")
        yield say(dataset, DCAT + "distribution", distribution)
        yield say(distribution, RDF + "type", ox.NamedNode(DCAT + "Distribution"))
        yield say(distribution, DCAT + "mediaType", ox.NamedNode(f"https://www.iana.org/assignments/media-types/{media}"))
        yield say(distribution, DCTERMS + "license", ox.NamedNode(LICENCE))
    yield say(dataset, FOAF + "primaryTopic", ox.NamedNode(BASE + "id/project/seismic"))


def _count(store: EmbeddedStore, query: str) -> int:
    return next(int(text_of(row[0])) for row in select(store, query))
