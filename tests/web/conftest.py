"""Services for the tests of the front door: one over the shipped dossier, one over the graphs of the W3C protocol tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from seismic_graph import snapshots
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from tests.web.browser import chromium
from tests.web.service import Service, serving

W3C = "http://kasei.us/2009/09/sparql/data/"
"""Where the documents lie that the W3C protocol tests are about."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; one for each file, since it does not go together with event loops of other tests."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def service(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The shipped dossier, with limits as they are by default, but for the time."""
    with serving(home, tmp_path_factory.mktemp("service") / "log", "--timeout", "3") as started:
        yield started


@pytest.fixture(scope="session")
def explorer(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The shipped dossier for those who read pages: with the time that a page needs where workers are cold and cores are shared."""
    with serving(home, tmp_path_factory.mktemp("explorer") / "log", "--timeout", "60") as started:
        yield started


def made_by_hand(home: Path, graphs: dict[str, str], name: str = "0123456789abcdef") -> Path:
    """A snapshot of graphs as N-Triples, put in use."""
    settings = Settings(home=home)
    work = snapshots.workplace(settings)
    store = EmbeddedStore(work / "store", writable=True)
    for graph, triples in graphs.items():
        store.load([triples], graph)
    store.flush()
    del store
    snapshots.publish(settings, work, name, {"created": "2026-01-01", "triples": {}})
    return home


@pytest.fixture(scope="session")
def w3c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A graph for each document of the W3C tests; it holds that the document is one."""
    place = tmp_path_factory.mktemp("w3c")
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document>"
    graphs = {f"{W3C}data{n}.rdf": f"<{W3C}data{n}.rdf> {a} .\n" for n in (1, 2, 3)}
    with serving(made_by_hand(place / "home", graphs), place / "log", "--max-rows", "100") as started:
        yield started
