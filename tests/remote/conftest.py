"""Servers of our own: one of each kind with the whole snapshot of the dossier, and three that share it between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seismic_graph.push import push_snapshot
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import graph_iri
from tests.fixtures.servers import HIGH_CAP, LOW_CAP, Server, running_oxigraph, running_virtuoso

SHARES = (("dossier", "catalogue"), ("derived",), ("ontology",))
"""Which graphs of the snapshot are on which of the servers that share it."""


def fill(server: Server, store: EmbeddedStore, folder: Path) -> None:
    """Load a store into a server, part by part and counted."""
    push_snapshot(store, server.query, folder, update_url=server.update, store_url=server.store)


def part(store: EmbeddedStore, *names: str) -> EmbeddedStore:
    """Some graphs of a store, in memory."""
    some = EmbeddedStore(identity="part")
    for name in names:
        some.load(store.dump(graph_iri(name)), graph_iri(name))
    return some


@pytest.fixture(scope="session")
def oxigraph(full_store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The Oxigraph server with the snapshot."""
    with running_oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        fill(server, full_store, tmp_path_factory.mktemp("push"))
        yield server


@pytest.fixture(scope="session")
def virtuoso_small(full_store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Virtuoso with the snapshot, which gives up to `LOW_CAP` rows."""
    with running_virtuoso(tmp_path_factory.mktemp("virtuoso"), LOW_CAP) as server:
        fill(server, full_store, tmp_path_factory.mktemp("push"))
        yield server


@pytest.fixture(scope="session")
def spread(full_store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, ...]]:
    """The Oxigraph server with the dossier, Virtuoso with what is derived from it, another Oxigraph server with the ontology."""
    folders = [tmp_path_factory.mktemp("shares") for _ in SHARES]
    with (
        running_oxigraph(folders[0]) as dossier,
        running_virtuoso(folders[1], HIGH_CAP) as derived,
        running_oxigraph(folders[2]) as ontology,
    ):
        servers = (dossier, derived, ontology)
        for server, names in zip(servers, SHARES, strict=True):
            fill(server, part(full_store, *names), tmp_path_factory.mktemp("push"))
        yield servers
