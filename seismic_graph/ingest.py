"""Ingest: the dossier, the ontology, the imports and the links into graphs of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import imports
from seismic_graph.errors import DataError, Problem
from seismic_graph.settings import Settings
from seismic_graph.sources import dossier
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import SG, SKOS, VOCABULARY, graph_iri

DOSSIER_GRAPH = graph_iri("dossier")
ONTOLOGY_GRAPH = graph_iri("ontology")
LINKS_GRAPH = graph_iri("links")


@dataclass(frozen=True, slots=True)
class ClosedLists:
    """The vocabularies as cells are checked against them.

    Attributes:
        concepts: scheme -> the slugs of its concepts.
        flags: flow kind property (``sg:reversed`` ...) -> the slugs for which it is true.
    """

    concepts: dict[str, frozenset[str]]
    flags: dict[str, frozenset[str]]


def closed_lists(quads: Iterable[ox.Quad]) -> ClosedLists:
    """The closed lists that the vocabularies among some triples hold."""
    concepts: dict[str, set[str]] = {}
    flags: dict[str, set[str]] = {}
    for quad in quads:
        subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object.value  # type: ignore[union-attr]
        if not subject.startswith(VOCABULARY):
            continue
        scheme, _, slug = subject[len(VOCABULARY) :].partition("/")
        if predicate == SKOS + "inScheme":
            concepts.setdefault(scheme, set()).add(slug)
        elif predicate in (SG.reversed, SG.transfersMoney) and value == "true":
            flags.setdefault(predicate, set()).add(slug)
    return ClosedLists(
        {scheme: frozenset(slugs) for scheme, slugs in concepts.items()},
        {flag: frozenset(slugs) for flag, slugs in flags.items()},
    )


def ontology_quads(files: Iterable[Path]) -> list[ox.Quad]:
    """All triples of the ontology files.

    Raises:
        DataError: a file is not Turtle; it names file, line and column.
    """
    quads: list[ox.Quad] = []
    for file in files:
        try:
            quads += ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
        except SyntaxError as error:
            raise DataError([Problem(str(file), None, None, None, f"is not Turtle: {error}.", "Correct the line.")]) from None
    return quads


def ingest_ontology(store: EmbeddedStore, files: Iterable[Path]) -> ClosedLists:
    """Fill ``graph/ontology`` anew and give back the closed lists.

    Raises:
        DataError: a file is not Turtle; nothing was loaded then.
    """
    quads = ontology_quads(files)
    store.clear(ONTOLOGY_GRAPH)
    store.add((quad.triple for quad in quads), ONTOLOGY_GRAPH)
    return closed_lists(quads)


def ingest_dossier(store: EmbeddedStore, folder: Path, lists: ClosedLists, *, progress: Callable[[str], None] = lambda table: None) -> int:
    """Fill ``graph/dossier`` anew; how many triples there are.

    Raises:
        DataError: anything is wrong in any table; nothing was loaded then.
    """
    lines = read_dossier(folder, lists, progress=progress)
    store.clear(DOSSIER_GRAPH)
    store.load(lines, DOSSIER_GRAPH)
    return len(lines)


def read_dossier(folder: Path, lists: ClosedLists, *, progress: Callable[[str], None] = lambda table: None) -> list[str]:
    """The N-Triples lines of a dossier, read with the flags of the flow kinds."""
    return dossier.read(
        folder,
        lists.concepts,
        reversed_kinds=lists.flags.get(SG.reversed, frozenset()),
        money_kinds=lists.flags.get(SG.transfersMoney, frozenset()),
        progress=progress,
    )


def ingest_imports(store: EmbeddedStore, settings: Settings, room: Path, *, progress: Callable[[str], None] = lambda name: None) -> None:
    """Load every import in use into ``graph/<name>``, and the links between datasets into ``graph/links``.

    Args:
        store: a store without these graphs.
        settings: the place of the imports and links.
        room: an empty folder for what is put together on the way; it can go when the store is whole on disk.
        progress: called with the name of each import when it has been loaded.
    """
    for name, file in imports.files_to_load(settings, room):
        store.load_file(file, graph_iri(name))
        progress(name)
    if settings.links_file.exists():
        store.load_file(settings.links_file, LINKS_GRAPH)
        progress("links")
