"""The store that the tests of linking work on: the dossier and extracts of the sources."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import ingest
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import graph_iri

HERE = Path(__file__).parent
ID = "https://w3id.org/seismic-graph/id/"


def extracts() -> EmbeddedStore:
    """The dossier, the ontology and the extracts, each in its graph, in memory."""
    store = EmbeddedStore()
    settings = Settings()
    lists = ingest.ingest_ontology(store, settings.ontology_files())
    ingest.ingest_dossier(store, settings.dossier, lists)
    for file in sorted((HERE / "extract").glob("*.nt.gz")):
        load(store, gzip.decompress(file.read_bytes()).decode(), file.name.partition(".")[0])
    return store


def load(store: EmbeddedStore, lines: str, graph: str) -> None:
    store.inner.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri(graph)))
