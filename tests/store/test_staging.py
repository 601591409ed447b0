"""A new store is whole on disk when its block is left, whether it was built in memory or on disk, and gone when it failed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from seismic_graph.build import assemble
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, staging
from seismic_graph.vocabulary import graph_iri

GRAPH = graph_iri("dossier")
LINE = "<https://example.org/{0}> <https://example.org/p> <https://example.org/o> .\n"
TOO_LARGE = 10**15
"""More triples than any machine takes into memory."""


def lines(store: EmbeddedStore) -> set[str]:
    return {str(quad) for quad in store.triples()}


def writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == staging.WRITER]


def test_the_dossier_is_the_same_built_in_memory_and_on_disk(tmp_path: Path) -> None:
    assert staging.fits_memory(100_000)
    assert not staging.fits_memory(TOO_LARGE)
    found = []
    for place, triples in (("memory", 100_000), ("disk", TOO_LARGE)):
        room = tmp_path / f"{place}-room"
        room.mkdir()
        with staging.new_store(tmp_path / place, triples) as store:
            derived = assemble(Settings(home=tmp_path), store, imported=room)
            asked = lines(store)
        kept = lines(EmbeddedStore(tmp_path / place))
        assert kept == asked
        found.append((derived, kept))
    assert found[0] == found[1]
    assert not writers()


def test_everything_that_goes_in_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "more.nt"
    file.write_text(LINE.format("file"))
    with staging.new_store(tmp_path / "store", 0) as store:
        store.load(LINE.format("gone").encode(), GRAPH)
        store.clear(GRAPH)
        store.load([LINE.format("lines"), LINE.format("more-lines")], GRAPH)
        store.load_file(file, GRAPH)
        assert store.add((quad.triple for quad in list(store.triples())), graph_iri("derived")) == 3
        assert store.count(GRAPH) == store.count(graph_iri("derived")) == 3
        asked = lines(store)
    assert lines(EmbeddedStore(tmp_path / "store")) == asked
    assert len(asked) == 6


@pytest.mark.parametrize("triples", [0, TOO_LARGE], ids=["in memory", "on disk"])
def test_an_error_in_the_block_gives_it_up(tmp_path: Path, triples: int) -> None:
    with pytest.raises(KeyboardInterrupt), staging.new_store(tmp_path / "store", triples) as store:
        for number in range(50):
            store.load(LINE.format(number).encode(), GRAPH)
        raise KeyboardInterrupt
    assert not writers(), "nothing is written any more, so the folder can go"


def test_what_the_disk_refuses_is_told(tmp_path: Path) -> None:
    """A file that memory could read and that is gone when its turn comes is what a failing disk looks like."""
    file = tmp_path / "more.nt"
    many = "".join(LINE.format(number) for number in range(200_000))
    file.write_text(LINE.format("file"))
    with pytest.raises(OSError, match="No such file"), staging.new_store(tmp_path / "store", 0) as store:
        store.load(many.encode(), GRAPH)
        store.load_file(file, GRAPH)
        file.unlink()
    assert not writers()
