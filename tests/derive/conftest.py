"""The record with everything that follows from it, in memory: no shape stands between a rule and its tests."""

from __future__ import annotations

import pytest

from seismic_graph import derive, ingest
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore


@pytest.fixture(scope="session")
def full_store() -> EmbeddedStore:
    """Ontology, dossier and what is derived from them."""
    settings, store = Settings(), EmbeddedStore()
    ingest.ingest_dossier(store, settings.dossier, ingest.ingest_ontology(store, settings.ontology_files()))
    derive.derive(store, settings.derive_files())
    return store
