"""Export: the graph, one of its parts, or the neighbourhood of an entity, in every RDF format and in a stable order."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from seismic_graph import __version__, catalogue, rdf
from seismic_graph.errors import UsageError
from seismic_graph.files import write_whole
from seismic_graph.store import EmbeddedStore, Store, pages, select, text_of
from seismic_graph.vocabulary import PREFIXES, graph_iri

_GRAPH_FORMATS = (ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG, ox.RdfFormat.JSON_LD)
_PREFIXED_FORMATS = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML)

_NEIGHBOURHOOD = """PREFIX sg: <{sg}>
CONSTRUCT {{ ?node ?property ?value }} WHERE {{
  {{ BIND({entity} AS ?node) {entity} ?property ?value }}
  UNION {{ ?node sg:from|sg:to|sg:participant|sg:inContext {entity} . ?node ?property ?value }}
  UNION {{
    ?statement sg:from|sg:to {entity} . ?statement sg:from|sg:to|<{dcterms}source> ?node .
    ?node <{skos}prefLabel> ?value . BIND(<{skos}prefLabel> AS ?property)
  }}
}}"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        file: the file; statements: how many triples or quads it holds; sha256: of its bytes as written.
    """

    file: Path
    statements: int
    sha256: str


def all_quads(store: Store) -> list[ox.Quad]:
    """Every quad of a store in the order of its N-Quads text, so that two stores of one content export the same bytes.

    Raises:
        StoreError: a remote store did not give a whole answer.
    """
    if isinstance(store, EmbeddedStore):
        return sorted(store.triples(), key=str)
    graphs = [text_of(row[0]) for row in select(store, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")]
    ours = [graph for graph in graphs if graph.startswith(graph_iri(""))]
    return sorted((quad for graph in ours for quad in graph_quads(store, graph)), key=str)


def graph_quads(store: Store, graph: str) -> list[ox.Quad]:
    """The quads of one named graph, sorted.

    Raises:
        UsageError: the store has no such graph.
    """
    name = ox.NamedNode(graph)
    if isinstance(store, EmbeddedStore):
        quads = sorted(store.triples(graph), key=str)
    else:
        quads = sorted((ox.Quad(*triple, name) for triple in _remote_graph(store, graph)), key=str)
    if not quads:
        raise UsageError(f"There is no graph {graph}. The graphs of a build are {', '.join(catalogue.GRAPHS)}.")
    return quads


def _remote_graph(store: Store, graph: str, size: int = 5000) -> Iterable[tuple[Any, Any, Any]]:
    """The triples of a remote graph, subject by subject in pages, so that a row cap does not matter."""
    subjects = f"SELECT DISTINCT ?s WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} #filter\n}} ORDER BY STR(?s)"
    batch: list[str] = []

    def fetch() -> Iterable[tuple[Any, Any, Any]]:
        values = " ".join(batch)
        for row in select(store, f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ VALUES ?s {{ {values} }} ?s ?p ?o }} }}"):
            yield row[0], row[1], row[2]

    for row in pages(store, subjects, "s", size):
        batch.append(str(row[0]))
        if len(batch) == 100:
            yield from fetch()
            batch.clear()
    if batch:
        yield from fetch()


def neighbourhood(store: Store, entity: str) -> list[ox.Triple]:
    """An entity with its flows and participations, whole, and the labels of what these lead to; sorted.

    Raises:
        UsageError: nothing is known of the entity.
    """
    text = _NEIGHBOURHOOD.format(sg=PREFIXES["sg"], dcterms=PREFIXES["dcterms"], skos=PREFIXES["skos"], entity=rdf.iri(entity))
    triples = sorted(set(store.query(text)), key=str)  # type: ignore[arg-type]
    if not triples:
        raise UsageError(f"Nothing is known of {entity}.")
    return triples


def write(statements: Iterable[ox.Quad] | Iterable[ox.Triple], file: Path) -> Exported:
    """Write statements in the format that the suffix names, through gzip for ``.gz``; whole or not at all.

    In a format without graphs the names of the graphs are left out and each triple stands once.

    Raises:
        UsageError: the suffix names no format, or the folder does not exist.
        SeismicError: the disk refused.
    """
    kind = rdf.rdf_format(file)
    rows: list[Any] = list(statements)
    if kind not in _GRAPH_FORMATS:
        rows = list(dict.fromkeys(row.triple if isinstance(row, ox.Quad) else row for row in rows))
    buffer = io.BytesIO()
    ox.serialize(rows, buffer, kind, prefixes=PREFIXES if kind in _PREFIXED_FORMATS else None)
    body = buffer.getvalue()
    if file.name.endswith(".gz"):
        body = gzip.compress(body, mtime=0)
    write_whole(file, body)
    return Exported(file, len(rows), hashlib.sha256(body).hexdigest())


def release(store: EmbeddedStore, folder: Path, *, progress: Callable[[str], None] = lambda file: None) -> list[Exported]:
    """A whole release in a folder: all graphs in N-Quads and TriG (gzip), each graph in Turtle, its description, and a MANIFEST.

    The description is VoID and DCAT. The MANIFEST (JSON) names each file with its hash and count, the licence, the snapshot and
    the sources with their addresses. Two builds of the same input give the same bytes.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}.") from error
    quads = all_quads(store)
    written = []
    for file, statements in (
        ("seismic-graph.nq.gz", quads),
        ("seismic-graph.trig.gz", quads),
        *((_file_of(graph), graph_quads(store, graph)) for graph in store.graphs()),
    ):
        written.append(write(statements, folder / file))
        progress(file)
    write_whole(folder / "MANIFEST", (json.dumps(manifest(store, written), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())
    progress("MANIFEST")
    return written


def _file_of(graph: str) -> str:
    return "void.ttl" if graph == catalogue.GRAPH else f"{graph.rpartition('/')[2]}.ttl"


def manifest(store: EmbeddedStore, written: Iterable[Exported]) -> dict[str, Any]:
    """What a release holds, as a mapping that depends on the content alone."""
    sources = select(
        store,
        f"PREFIX sg: <{PREFIXES['sg']}> PREFIX schema: <{PREFIXES['schema']}> "
        "SELECT ?source ?url WHERE { ?source a sg:Source ; schema:url ?url } ORDER BY STR(?source)",
    )
    return {
        "title": catalogue.TITLE,
        "snapshot": store.identity,
        "software": __version__,
        "licence": catalogue.LICENCE,
        "files": {item.file.name: {"sha256": item.sha256, "statements": item.statements} for item in written},
        "graphs": {graph: sum(1 for _ in store.triples(graph)) for graph in store.graphs()},
        "sources": {text_of(row[0]): text_of(row[1]) for row in sources},
    }
