"""Export: the graph, one of its parts, or the neighbourhood of an entity, in every RDF format and in a stable order."""

from __future__ import annotations

import gzip
import hashlib
import heapq
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from seismic_graph import __version__, catalogue, rdf
from seismic_graph.errors import UsageError
from seismic_graph.files import whole, write_whole
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


@contextmanager
def everything(store: Store) -> Iterator[Iterable[bytes]]:
    """Every quad of a store as a line of N-Quads, sorted, so that two stores of one content export the same bytes.

    Raises:
        StoreError: a remote store did not give a whole answer.
    """
    with _Sorted() as lines:
        if isinstance(store, EmbeddedStore):
            store.inner.dump(lines, ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
        else:
            for row in list(select(store, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")):
                if (graph := text_of(row[0])).startswith(graph_iri("")):
                    lines.write(b"".join(line[:-2] + f"<{graph}> .\n".encode() for line in written(_remote_graph(store, graph))))
        yield lines


@contextmanager
def named(store: Store, graph: str) -> Iterator[Iterable[bytes]]:
    """The quads of one named graph as lines of N-Quads, sorted.

    Raises:
        UsageError: the store has no such graph.
    """
    with _Sorted() as lines:
        if isinstance(store, EmbeddedStore):
            store.inner.dump(lines, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))  # type: ignore[arg-type]
        else:
            lines.write(b"".join(written(_remote_graph(store, graph))))
        if lines.empty:
            raise UsageError(f"There is no graph {graph}. The graphs of a build are {', '.join(catalogue.GRAPHS)}.")
        yield (line[:-2] + f"<{graph}> .\n".encode() for line in lines)


class _Sorted(io.RawIOBase):
    """Takes lines as they come and gives them back sorted. What does not fit into memory is sorted in runs and kept on disk.

    The files have no names, so nothing is left of them when the process ends, however it ends.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._lines: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def writable(self) -> bool:
        return True

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return not (self._pieces or self._lines or self._runs)

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        self._held += len(data)
        if self._held > _RUN:
            self._spill()
        return len(data)

    def _sort(self) -> None:
        """Sort the lines in memory; what is no whole line yet stays."""
        self._lines += b"".join(self._pieces).splitlines(keepends=True)
        rest = self._lines.pop() if self._lines and not self._lines[-1].endswith(b"\n") else b""
        self._pieces, self._held = [rest] * bool(rest), len(rest)
        self._lines.sort()

    def _spill(self) -> None:
        self._sort()
        run: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the whole
        self._runs.append(run)
        run.writelines(self._lines)
        self._lines = []

    def __iter__(self) -> Iterator[bytes]:
        """The lines; once all were written, as often as is wanted."""
        self._sort()
        for run in self._runs:
            run.seek(0)
        return heapq.merge(*self._runs, self._lines) if self._runs else iter(self._lines)

    def close(self) -> None:
        for run in self._runs:
            run.close()
        super().close()


_RUN = 1 << 25
"""Bytes of lines that are sorted at a time; in memory they take about three times as much."""


def _remote_graph(store: Store, graph: str, size: int = 5000) -> Iterator[ox.Triple]:
    """The triples of a remote graph, subject by subject in pages, so that a row cap does not matter."""
    subjects = f"SELECT DISTINCT ?s WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} #filter\n}} ORDER BY STR(?s)"
    batch: list[str] = []

    def fetch() -> Iterator[ox.Triple]:
        values = " ".join(batch)
        for row in select(store, f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ VALUES ?s {{ {values} }} ?s ?p ?o }} }}"):
            yield ox.Triple(*row)  # type: ignore[arg-type]

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


def written(triples: Iterable[ox.Triple]) -> Iterator[bytes]:
    """Triples as lines of N-Triples, in their order."""
    return (f"{triple} .\n".encode() for triple in triples)


def write(statements: Iterable[bytes], file: Path, *, graphs: bool = True) -> Exported:
    """Write statements in the format that the suffix names, through gzip for ``.gz``; whole or not at all.

    In a format without graphs the names of the graphs are left out and each triple stands once.

    Args:
        statements: sorted lines of N-Quads, or of N-Triples. They are not held.
        file: where to.
        graphs: they are N-Quads, each with the name of its graph.

    Raises:
        UsageError: the suffix names no format, or the folder does not exist.
        SeismicError: the disk refused.
    """
    kind = rdf.rdf_format(file)
    counted = _Counted(_without_graphs(statements) if graphs and kind not in _GRAPH_FORMATS else statements)
    with whole(file) as stream:
        hashed = _Hashed(stream)
        with gzip.GzipFile("", "wb", fileobj=hashed, mtime=0) if file.name.endswith(".gz") else nullcontext(hashed) as out:
            if kind in (ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES):
                out.writelines(counted)
            else:
                parsed = ox.parse(io.BufferedReader(_Lines(counted), _PIECE), ox.RdfFormat.N_QUADS)
                rows = parsed if kind in _GRAPH_FORMATS else (quad.triple for quad in parsed)
                prefixes = PREFIXES if kind in _PREFIXED_FORMATS else None
                ox.serialize(rows, out, kind, prefixes=prefixes)  # type: ignore[arg-type]  # a stream to write is all it needs
    return Exported(file, counted.count, hashed.sum.hexdigest())


def _without_graphs(statements: Iterable[bytes]) -> Iterator[bytes]:
    """The triples of sorted quads, each once: those that differ in their graph alone follow each other."""
    before = b""
    for line in statements:
        triple = line[: line.rindex(b" <")] + b" .\n"
        if triple != before:
            yield triple
        before = triple


_PIECE = 1 << 16


class _Counted:
    """Lines, counted as they go."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


class _Lines(io.RawIOBase):
    """Lines as a file to read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines, self._left = iter(lines), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = b"".join(islice(self._lines, 200))
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


class _Hashed(io.RawIOBase):
    """Passes on what is written, and makes the SHA-256 of it."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.sum = out, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sum.update(data)
        return self._out.write(data)


def release(store: EmbeddedStore, folder: Path, *, progress: Callable[[str], None] = lambda file: None) -> list[Exported]:
    """A whole release in a folder: all graphs in N-Quads and TriG (gzip), each graph in Turtle, its description, and a MANIFEST.

    The description is VoID and DCAT. The MANIFEST (JSON) names each file with its hash and count, the licence, the snapshot and
    the sources with their addresses. Two builds of the same input give the same bytes.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}.") from error
    made = list[Exported]()

    def add(file: str, statements: Iterable[bytes]) -> None:
        made.append(write(statements, folder / file))
        progress(file)

    with everything(store) as quads:
        for file in ("seismic-graph.nq.gz", "seismic-graph.trig.gz"):
            add(file, quads)
    for graph in store.graphs():
        with named(store, graph) as quads:
            add(_file_of(graph), quads)
    write_whole(folder / "MANIFEST", (json.dumps(manifest(store, made), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())
    progress("MANIFEST")
    return made


def _file_of(graph: str) -> str:
    return "void.ttl" if graph == catalogue.GRAPH else f"{graph.rpartition('/')[2]}.ttl"


def manifest(store: EmbeddedStore, made: Iterable[Exported]) -> dict[str, Any]:
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
        "files": {item.file.name: {"sha256": item.sha256, "statements": item.statements} for item in made},
        "graphs": {graph: store.count(graph) for graph in store.graphs()},
        "sources": {text_of(row[0]): text_of(row[1]) for row in sources},
    }
