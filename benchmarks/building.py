"""How long a whole build takes, and its derive rules, beside the bare engine: ``python -m benchmarks.run building``.

The dossier is taken as often as it takes, under new names each time, and recorded as an import, so that what is built is what a user
builds: the dossier and an import of millions of triples, with rules, shapes, catalogue and columns. The floor is one bulk load of the
same triples, derived ones and all, out of one file of N-Quads that has been written before. Each part runs in a process of its own.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import apart
from benchmarks.validation import peak, renamed
from seismic_graph import build, derive, imports, ingest
from seismic_graph.imports import Import
from seismic_graph.settings import Settings
from seismic_graph.sources.reading import Mapped, Record
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import graph_iri

GROWS = 2.5
"""So many triples there are in the end for each one that was read."""


WITH_RULES = 2_000_000
"""Up to so many triples the rules are also measured by themselves: in more, INSERT on disk alone takes most of an hour."""


def bring_copies(home: Path, triples: int) -> int:
    """Record copies of the dossier as an import, so that a build has about so many triples; how many lines were written."""
    settings = Settings(home=home)
    dossier = build.ensure(Settings()).open().dump(graph_iri("dossier"))
    count = max(1, round(triples / GROWS / dossier.count(b"\n")) - 1)
    lists = ingest.closed_lists(ingest.ontology_quads(settings.ontology_files()))

    def copies(scope: object) -> Iterator[Mapped]:
        for number in range(1, count + 1):
            name = str(number)
            yield Mapped(Record("made up", number, {"copy": name}, name), "copy", name, renamed(dossier, number).decode())

    about = Import("copies", "copies", "Copies of the dossier", "made up", "https://example.org/licence", "https://example.org/")
    return imports.record(settings, about, [], lists.concepts, copies).total("triples")


def whole_build(home: Path) -> tuple[float, float, int]:
    """Seconds and most megabytes of a build, and its triples."""
    report = build.build(Settings(home=home), again=True)
    return report.seconds, peak(), sum(report.triples.values())


def dumped(home: Path, file: Path) -> None:
    """The snapshot in use as N-Quads."""
    build.ensure(Settings(home=home)).open().inner.dump(str(file), ox.RdfFormat.N_QUADS)


def bulk_load(file: Path, folder: Path) -> tuple[float, float]:
    """Seconds and most megabytes of one bulk load into a new store on disk."""
    began = time.perf_counter()
    store = ox.Store(str(folder))
    store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    store.flush()
    return time.perf_counter() - began, peak()


def derive_alone(file: Path, folder: Path | None, bare: bool) -> tuple[float, int]:
    """Seconds of deriving from a graph without what was derived, and the triples that it gave.

    Args:
        file: a whole graph as N-Quads.
        folder: where to keep it; None keeps it in memory.
        bare: by the rules turned into INSERT, without our code; else by ours.
    """
    store = EmbeddedStore(folder, writable=folder is not None)
    store.inner.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    store.clear(derive.GRAPH)
    files = Settings().derive_files()
    if bare:
        using = "".join(f"USING <{graph}> " for graph in [*store.graphs(), derive.GRAPH])
        updates = [_insert(rule.text, using) for rule in derive.rules(files)]
        began = time.perf_counter()
        for update in updates:
            store.inner.update(update)
    else:
        began = time.perf_counter()
        derive.derive(store, files)
    store.flush()
    return time.perf_counter() - began, store.count(derive.GRAPH)


def _insert(rule: str, using: str) -> str:
    return re.sub(
        r"CONSTRUCT (\{.*?\n?\})\s*WHERE", rf"INSERT {{ GRAPH <{derive.GRAPH}> \1 }} {using}WHERE", rule, count=1, flags=re.DOTALL
    )


def measure(triples: int, limit: float = 3600) -> Table:
    """The table of a build of about so many triples."""
    with tempfile.TemporaryDirectory() as room:
        home, file = Path(room) / "home", Path(room) / "graph.nq"
        read = bring_copies(home, triples)
        seconds, most, count = apart(whole_build, home, seconds=limit)
        dumped(home, file)
        floor, floor_most = apart(bulk_load, file, Path(room) / "bulk", seconds=limit)
        question = f"a build of {count:,} triples, {read:,} of them imported, on disk"
        rows = [
            Row(question, OURS, seconds, "loaded, derived, validated, described, flows in columns", megabytes=most),
            Row(question, "floor: one bulk load of the same triples", floor, "nothing derived or checked", 1.5, floor_most),
        ]
        wrong = []
        for place, where in ((None, "in memory"), ("derive", "on disk")) if count <= WITH_RULES else ():
            folders = [Path(room) / f"{place}-{number}" if place else None for number in range(2)]
            question = f"derive rules over {read:,} triples, {where}"
            ours, got = apart(derive_alone, file, folders[0], False, seconds=limit)
            bare, expected = apart(derive_alone, file, folders[1], True, seconds=limit)
            rows.append(Row(question, OURS, ours, f"{got:,} triples"))
            rows.append(Row(question, "floor: the same rules as INSERT, pyoxigraph", bare, f"{expected:,} triples", 1.5))
            wrong += [f"{question}: INSERT gave {expected:,} triples"] if got != expected else []
    return Table("building", f"Build of {count:,} triples", rows, {"triples": count, "imported": read}, wrong)
