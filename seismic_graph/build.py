"""Build: dossier -> derive -> validate -> snapshot, in this order, all or nothing."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox

from seismic_graph import __version__, catalogue, columns, derive, imports, ingest, snapshots, validate
from seismic_graph.errors import BuildError, UnknownName
from seismic_graph.imports import ImportReport
from seismic_graph.settings import Settings
from seismic_graph.snapshots import Snapshot
from seismic_graph.sources.dossier import TABLES
from seismic_graph.store import EmbeddedStore, text_of
from seismic_graph.store.staging import new_store
from seismic_graph.vocabulary import SG

_Made = TypeVar("_Made")
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        snapshot: the snapshot now in use.
        fresh: it was made now; False where the same inputs had been built before.
        rows: table -> rows read; triples: graph name -> triples; derived: rule -> triples; findings: severity -> results of the shapes.
        seconds: the time it took.
    """

    snapshot: Snapshot
    fresh: bool
    rows: dict[str, int]
    triples: dict[str, int]
    derived: dict[str, int]
    findings: dict[str, int]
    seconds: float


def build(settings: Settings, *, again: bool = False, progress: Progress = lambda what, done, total: None) -> BuildReport:
    """Build a snapshot and put it in use.

    Args:
        settings: the folders to build from, and the place of the snapshots.
        again: build even where the same inputs have been built before, for a snapshot that was damaged.
        progress: told about every step.

    Raises:
        DataError: something is wrong in the dossier, ontology or rules; it names every place.
        BuildError: the graph breaks a shape, or the disk refused. In every case the last snapshot stays in use.
    """
    started = time.perf_counter()
    made_of = snapshots.inputs(settings)
    name = snapshots.identify(made_of)
    if not again:
        with contextlib.suppress(UnknownName):
            return _report(snapshots.use(settings, name), False, started)
    work = snapshots.workplace(settings)
    try:
        manifest = _fill(settings, work, name, progress)
        manifest |= {"id": name, "software": __version__, "inputs": made_of, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        return _report(snapshots.publish(settings, work, name, manifest), True, started)
    except OSError as error:
        raise BuildError(
            f"The build stopped: {error}. The last snapshot stays in use. Make room in {settings.home} and build again."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def assemble(
    settings: Settings, store: EmbeddedStore, *, imported: Path | None = None, tell: Callable[[str], None] = lambda what: None
) -> dict[str, int]:
    """Fill a store with ontology, dossier and what is derived from them; rule -> how many triples it gave.

    Args:
        settings: what to build from.
        store: empty and writable.
        imported: an empty folder, to take in the imports and links as well; it must last as long as the store is open. None: without.
        tell: called with every step that was done.

    Raises:
        DataError: something is wrong in the dossier, ontology or rules; it names every place.
    """
    lists = ingest.ingest_ontology(store, settings.ontology_files())
    tell("ontology")
    ingest.ingest_dossier(store, settings.dossier, lists, progress=tell)
    if imported:
        ingest.ingest_imports(store, settings, imported, progress=tell)
    return derive.derive(store, settings.derive_files(), progress=tell)


def _fill(settings: Settings, work: Path, name: str, progress: Progress) -> dict[str, Any]:
    total = len(TABLES) + len(settings.derive_files()) + 5  # and one for each file of an import, which the bar can do without
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        done += 1
        progress(what, done, total)

    with tempfile.TemporaryDirectory(dir=work) as room, new_store(work / "store", _expected(settings)) as store:
        derived = assemble(settings, store, imported=Path(room), tell=tell)

        def describe(check: Callable[[], None]) -> list[ox.Triple]:
            columns.written(store, work / columns.FILE, name, check)
            check()
            return list(catalogue.describe(store, imports.in_use(settings)))

        with _beside(describe) as described:
            report = validate.validate(store, settings.shape_files())
            tell("shapes")
            if not report.conforms("violation"):
                raise BuildError("The graph breaks a shape and is not published.\n" + report.to_text())
        tell("columns")
        store.add(described.result(), catalogue.GRAPH)
        tell("catalogue")
        rows = Counter(
            text_of(quad.object).rpartition("/")[2].partition(".csv#")[0]
            for quad in store.inner.quads_for_pattern(None, ox.NamedNode(SG.row), None, ox.NamedNode(ingest.DOSSIER_GRAPH))
        )
        counts = {graph.rpartition("/")[2]: store.count(graph) for graph in store.graphs()}
    tell("snapshot")
    return {"rows": dict(sorted(rows.items())), "triples": counts, "derived": derived, "findings": report.counts}


@contextlib.contextmanager
def _beside(work: Callable[[Callable[[], None]], _Made]) -> Iterator[Future[_Made]]:
    """Do some work while the block runs; it is done, or has failed, when the block is left. An error in the block ends it soon.

    Args:
        work: given a function to call from time to time; what that raises ends the work.
    """
    given_up = threading.Event()

    def check() -> None:
        if given_up.is_set():
            raise CancelledError

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(work, check)
        try:
            yield made
        except BaseException:
            given_up.set()
            raise


def _expected(settings: Settings) -> int:
    """About how many triples the graph will have: a cell of a table gives one, a line of links one, and as much again is derived twice."""
    tables = sum(file.stat().st_size for file in settings.dossier_files()) // 15
    links = settings.links_file.stat().st_size // 150 if settings.links_file.exists() else 0
    imported = sum(receipt.triples for one in imports.in_use(settings) for receipt in one.tables.values())
    return 3 * (tables + links + imported)


def _report(snapshot: Snapshot, fresh: bool, started: float) -> BuildReport:
    told = snapshot.manifest
    seconds = time.perf_counter() - started
    return BuildReport(snapshot, fresh, told["rows"], told["triples"], told["derived"], told["findings"], seconds)


def ensure(settings: Settings, *, progress: Progress = lambda what, done, total: None) -> Snapshot:
    """The snapshot in use; where there is none yet, the dossier is built once."""
    return snapshots.current(settings) or build(settings, progress=progress).snapshot


def bring(settings: Settings, dataset: str, paths: Sequence[Path], **options: Any) -> ImportReport:
    """Import files of a known dataset; `build` then loads them. Options and errors as in `imports.bring`."""
    lists = ingest.closed_lists(ingest.ontology_quads(settings.ontology_files()))
    return imports.bring(settings, dataset, paths, lists.concepts, **options)


def stale(settings: Settings, snapshot: Snapshot) -> bool:
    """Whether the files that a snapshot was made of have changed since."""
    return snapshots.identify(snapshots.inputs(settings)) != snapshot.id
