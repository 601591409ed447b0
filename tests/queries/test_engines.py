"""Every question asked of real SPARQL servers, as a user with ``--store URL`` asks it: the same rows as from the embedded store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seismic_graph import names
from seismic_graph.errors import AmbiguousName, UnknownName
from seismic_graph.remote import RemoteStore
from seismic_graph.vocabulary import ID, VOCABULARY
from tests.fixtures.servers import Server
from tests.queries import library
from tests.queries.compare import rows

CASES = library.cases()


def _loaded(server: Server) -> Iterator[RemoteStore]:
    """The server with the fixture in it, one named graph each; the graphs are removed at the end."""
    graphs = library.store().graphs()
    for graph in graphs:
        server.put(graph, library.store().dump(graph).decode())
    try:
        yield RemoteStore(server.query)
    finally:
        server.drop(*graphs)


@pytest.fixture(scope="module")
def on_oxigraph(oxigraph_server: Server) -> Iterator[RemoteStore]:
    yield from _loaded(oxigraph_server)


@pytest.fixture(scope="module")
def on_virtuoso(virtuoso: Server) -> Iterator[RemoteStore]:
    yield from _loaded(virtuoso)


def compare(store: RemoteStore, case: library.Case, engine: str) -> None:
    if reason := case.query.exceptions.get(engine):
        pytest.xfail(reason)
    mine, theirs = rows(library.store().query(case.text)), rows(store.query(case.text))
    if library.is_graph(case.query):  # a graph is a set; how often an engine writes a triple does not matter
        mine, theirs = sorted(set(mine)), sorted(set(theirs))
    assert theirs == mine


@pytest.mark.oxigraph
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_oxigraph_server_gives_the_same_answer(on_oxigraph: RemoteStore, case: library.Case) -> None:
    compare(on_oxigraph, case, "oxigraph")


@pytest.mark.virtuoso
@pytest.mark.parametrize("case", CASES, ids=str)
def test_virtuoso_gives_the_same_answer(on_virtuoso: RemoteStore, case: library.Case) -> None:
    compare(on_virtuoso, case, "virtuoso")


@pytest.mark.virtuoso
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("graz", "city/graz"),
        ("GRAZ", "city/graz"),
        ("Napoli", "city/naples"),
        ("NY URBAN SAMVERKAN", "theme/new-urban-governance"),
        ("Neue urbane Governance", "theme/new-urban-governance"),
        ("iq samhallsbyggnad", "organisation/iq"),
        ('SECOND "Swedish" meeting with <b>markup</b> and a \\', "event/ev-se-2015-08"),
    ],
)
def test_virtuoso_finds_names_too(on_virtuoso: RemoteStore, text: str, found: str) -> None:
    assert names.resolve(on_virtuoso, text) == ID + found
    assert ID + found in [iri for iri, _ in names.search(on_virtuoso, text)]


@pytest.mark.virtuoso
def test_virtuoso_misses_as_we_do(on_virtuoso: RemoteStore) -> None:
    for text in ('"} UNION { ?entity ?p ?o } #', ".*", "[", "\\", "Gratz"):
        with pytest.raises(UnknownName):
            names.resolve(on_virtuoso, text)
    with pytest.raises(AmbiguousName):
        names.resolve(on_virtuoso, "ENSUF")
    assert names.resolve_concept(on_virtuoso, "country", "osterrike") == VOCABULARY + "country/AT"
    assert names.label(on_virtuoso, [ID + "event/ev-naples", ID + "city/graz"]) == {
        ID + "event/ev-naples": "Incontro a Napoli",
        ID + "city/graz": "Graz",
    }
