from __future__ import annotations

import pytest

from seismic_graph import link
from seismic_graph.link import LinkReport
from seismic_graph.store import EmbeddedStore
from tests.link import records


@pytest.fixture(scope="session")
def store() -> EmbeddedStore:
    return records.extracts()


@pytest.fixture(scope="session")
def report(store: EmbeddedStore) -> LinkReport:
    return link.link(store)
