"""Exports hold everything, in a stable order, and read back equal."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import catalogue, export, rdf
from seismic_graph.errors import SeismicError, UsageError
from seismic_graph.files import write_whole
from seismic_graph.graph import Graph
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import ID


def read(file: Path) -> list[ox.Quad]:
    body = file.read_bytes()
    return list(ox.parse(gzip.decompress(body) if file.suffix == ".gz" else body, format=rdf.rdf_format(file)))


@pytest.mark.parametrize("suffix", ["nq", "trig", "jsonld", "nq.gz", "trig.gz"])
def test_the_whole_graph_comes_back_equal(graph: Graph, full_store: EmbeddedStore, tmp_path: Path, suffix: str) -> None:
    written = graph.export(tmp_path / f"graph.{suffix}")
    quads = set(read(tmp_path / f"graph.{suffix}"))
    assert quads == set(full_store.triples())
    assert written.statements == len(quads)
    assert written.sha256 == hashlib.sha256((tmp_path / f"graph.{suffix}").read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", ["nt", "ttl", "rdf", "nt.gz"])
def test_formats_without_graphs_hold_every_triple_once(graph: Graph, full_store: EmbeddedStore, tmp_path: Path, suffix: str) -> None:
    graph.export(tmp_path / f"graph.{suffix}")
    triples = [quad.triple for quad in read(tmp_path / f"graph.{suffix}")]
    assert set(triples) == {quad.triple for quad in full_store.triples()}
    assert len(triples) == len(set(triples))


def test_lines_are_sorted(graph: Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "graph.nq")
    lines = (tmp_path / "graph.nq").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)


@pytest.mark.parametrize("suffix", ["nq", "trig", "nt", "ttl"])
def test_what_does_not_fit_into_memory_is_sorted_all_the_same(
    graph: Graph, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.export(tmp_path / f"one.{suffix}", graph="dossier")
    monkeypatch.setattr(export, "_RUN", 100_000)
    graph.export(tmp_path / f"many.{suffix}", graph="dossier")
    assert (tmp_path / f"many.{suffix}").read_bytes() == (tmp_path / f"one.{suffix}").read_bytes()


def test_a_triple_about_a_graph_keeps_its_end(tmp_path: Path) -> None:
    """The name of a graph at the end of a triple is not taken for the graph that the triple is in."""
    store = EmbeddedStore()
    store.load(b'<urn:a> <urn:b> <urn:g> .\n<urn:a> <urn:b> "x <urn:g>" .\n', "urn:g")
    store.load(b"<urn:a> <urn:b> <urn:g> .\n", "urn:h")
    with export.everything(store) as lines:
        assert export.write(lines, tmp_path / "a.nq").statements == 3
        assert export.write(lines, tmp_path / "a.nt").statements == 2
    assert (tmp_path / "a.nq").read_text() == (
        '<urn:a> <urn:b> "x <urn:g>" <urn:g> .\n<urn:a> <urn:b> <urn:g> <urn:g> .\n<urn:a> <urn:b> <urn:g> <urn:h> .\n'
    )
    assert (tmp_path / "a.nt").read_text() == '<urn:a> <urn:b> "x <urn:g>" .\n<urn:a> <urn:b> <urn:g> .\n'
    with export.named(store, "urn:g") as lines:
        assert list(lines) == [b'<urn:a> <urn:b> "x <urn:g>" <urn:g> .\n', b"<urn:a> <urn:b> <urn:g> <urn:g> .\n"]


def test_one_named_graph(graph: Graph, full_store: EmbeddedStore, tmp_path: Path) -> None:
    graph.export(tmp_path / "dossier.nq", graph="dossier")
    assert set(read(tmp_path / "dossier.nq")) == set(full_store.triples("https://w3id.org/seismic-graph/graph/dossier"))


def test_the_neighbourhood_of_an_entity(graph: Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "sweden.ttl", entity="nanet-se")
    triples = {quad.triple for quad in read(tmp_path / "sweden.ttl")}
    sweden = ox.NamedNode(ID + "network/nanet-se")
    ends = {triple.predicate.value.rpartition("#")[2] for triple in triples if triple.object == sweden}
    assert {"from", "to"} <= ends
    assert any(triple.subject == sweden for triple in triples)
    labelled = {triple.subject for triple in triples if triple.predicate.value.endswith("prefLabel")}
    assert ox.NamedNode(ID + "network/seismic-nanets") in labelled


@pytest.mark.parametrize(
    ("target", "more", "message"),
    [
        ("graph.xyz", {}, "names no RDF format"),
        ("graph", {}, "names no RDF format"),
        ("no/such/folder/graph.nq", {}, "does not exist"),
        ("graph.nq", {"graph": "nowhere"}, "no graph"),
        ("graph.nq", {"graph": "dossier", "entity": "nanet-se"}, "not for both"),
        ("graph.nq", {"entity": "nanet-xx"}, "nanet-"),
    ],
)
def test_what_cannot_be_exported_is_said(graph: Graph, tmp_path: Path, target: str, more: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        graph.export(tmp_path / target, **more)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "graph.nq").write_text("before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SeismicError, match="No space left"):
        write_whole(tmp_path / "graph.nq", b"after")
    assert (tmp_path / "graph.nq").read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_release_describes_itself(full_store: EmbeddedStore, tmp_path: Path) -> None:
    written = export.release(full_store, tmp_path / "release")
    manifest = json.loads((tmp_path / "release" / "MANIFEST").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {item.file.name for item in written}
    for name, said in manifest["files"].items():
        file = tmp_path / "release" / name
        assert said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert said["statements"] == len(set(read(file)))
    assert manifest["licence"] == catalogue.LICENCE
    assert manifest["snapshot"] == full_store.identity
    assert len(manifest["sources"]) == sum(
        1 for _ in full_store.query("SELECT ?s { ?s a <https://w3id.org/seismic-graph/ontology#Source> }")
    )  # type: ignore[arg-type, misc]
    assert sum(manifest["graphs"].values()) == manifest["files"]["seismic-graph.nq.gz"]["statements"]


def test_the_description_counts_what_is_there(full_store: EmbeddedStore) -> None:
    rows = full_store.query(
        "PREFIX void: <http://rdfs.org/ns/void#> "
        "SELECT ?part ?n WHERE { <https://w3id.org/seismic-graph/dataset> void:subset ?part . ?part void:triples ?n }"
    )
    counted = {row[0].value: int(row[1].value) for row in rows}  # type: ignore[union-attr]
    assert counted
    for part, number in counted.items():
        assert number == sum(1 for _ in full_store.triples(part))
