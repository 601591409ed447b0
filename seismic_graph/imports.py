"""Imports: files of known datasets in; triples, rejected rows and a receipt out, table by table. The build loads them.

::

    home/imports/
      <name>.json                  what is in use of that import, flipped atomically: one receipt a table
      <name>/<table>-<digest>/     own.nt, index.sqlite (rows, nodes), rejects.csv, drift.csv
      working/<pid>-<n>/           work in progress; what a killed import leaves is swept by the next one

A table of an import is replaced as a whole, by a newer release of the same table. Everything streams: what must be remembered
(keys, and nodes that many rows describe) is kept in SQLite on disk, so memory stays flat however long a file is.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import importlib
import itertools
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seismic_graph import __version__, dates, files, rdf
from seismic_graph.errors import BuildError, DataError, Problem, UnknownName, UsageError
from seismic_graph.settings import Settings
from seismic_graph.vocabulary import DCTERMS, RDF, SCHEMA, SG, SKOS, entity_iri

if TYPE_CHECKING:
    import sqlite3

    from seismic_graph.sources.reading import Mapped, Outcome, Rejected, Scope

EC = "https://creativecommons.org/licenses/by/4.0/"
SHRINKAGE = 0.2
"""The share of known records that a newer release may lack before it is taken for something else."""
_BATCH = 5000

Progress = Callable[[str, int], None]
"""Called with the file at hand and how many records have been read in all."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that we have a reader for.

    Attributes:
        name: what people call it on the command line; also the module in ``sources/``.
        title: what its source is called in the graph.
        publisher, licence, address: who publishes it, under what licence (an IRI), where.
    """

    name: str
    title: str
    publisher: str
    licence: str
    address: str


DATASETS: dict[str, Dataset] = {
    one.name: one
    for one in (
        Dataset("cordis", "CORDIS", "Publications Office of the European Union", EC, "https://cordis.europa.eu/"),
        Dataset("openaire", "OpenAIRE Graph", "OpenAIRE", EC, "https://graph.openaire.eu/"),
        Dataset(
            "ror",
            "Research Organization Registry",
            "Research Organization Registry",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            "https://ror.org/",
        ),
        Dataset("geonames", "GeoNames", "GeoNames", EC, "https://www.geonames.org/"),
        Dataset("nuts", "NUTS", "Eurostat, GISCO", "https://ec.europa.eu/eurostat/web/gisco", "https://ec.europa.eu/eurostat/web/nuts"),
    )
}
"""Name -> the dataset; the licences are those under which the publisher offers the data."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is on record of one imported table.

    Attributes:
        table: its name; folder: where its triples are, below ``home/imports/<name>``; digest: SHA-256 of the triples.
        read, loaded, rejected, unchanged: records; read = loaded + rejected + unchanged.
        triples: lines of N-Triples of the rows themselves and of the nodes that they describe together.
        added, changed, gone: records compared with the import before; None where this is the first.
        rows: how many records there are in all.
        files: name, bytes and SHA-256 of each file of the import.
        date: when, in UTC; software: the version that read it.
    """

    table: str
    folder: str
    digest: str
    read: int
    loaded: int
    rejected: int
    unchanged: int
    triples: int
    added: int | None
    changed: int | None
    gone: int | None
    rows: int
    files: list[dict[str, Any]]
    date: str
    software: str


@dataclass(frozen=True, slots=True)
class Import:
    """What is in use under one name: where it comes from, and a receipt a table."""

    name: str
    dataset: str
    title: str
    publisher: str
    licence: str
    address: str
    issued: str | None = None
    tables: dict[str, Receipt] = field(default_factory=dict)

    def source_lines(self) -> Iterator[str]:
        """The N-Triples lines of its `sg:Source`, which every node of it cites."""
        node = rdf.iri(entity_iri("source", self.name))
        yield f"{node} <{RDF}type> <{SG.Source}> .\n"
        yield f"{node} <{SKOS}prefLabel> {rdf.literal(self.title, language='en')} .\n"
        yield f"{node} <{SG.publisherName}> {rdf.literal(self.publisher)} .\n"
        yield f"{node} <{SCHEMA}url> {rdf.iri(self.address)} .\n"
        if rdf.is_iri(self.licence):
            yield f"{node} <{DCTERMS}license> {rdf.iri(self.licence)} .\n"
        if self.issued:
            yield f"{node} <{DCTERMS}issued> {rdf.date_literal(self.issued)} .\n"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one import did.

    Attributes:
        name: under what name it is in use; tables: table -> its receipt, of the tables of this run only.
        notes: what is announced -> how often; rejects: table -> the file with its rejected rows; drift: table -> the file with the changes.
        seconds: the time it took.
    """

    name: str
    tables: dict[str, Receipt]
    notes: dict[str, int]
    rejects: dict[str, Path]
    drift: dict[str, Path]
    seconds: float

    def total(self, what: str) -> int:
        """The sum of ``read``, ``loaded``, ``rejected``, ``unchanged`` or ``triples`` over the tables."""
        return sum(getattr(receipt, what) for receipt in self.tables.values())

    def to_text(self) -> str:
        """The report as people read it; the counts add up."""
        sums = f"{self.total('loaded'):,} loaded + {self.total('rejected'):,} rejected + {self.total('unchanged'):,} unchanged"
        lines = [f"Imported {self.name}: {self.total('read'):,} read = {sums} ({self.total('triples'):,} triples, {self.seconds:.1f} s)."]
        for table, receipt in sorted(self.tables.items()):
            counts = ("read", "loaded", "rejected", "unchanged")
            lines.append(f"  {table:<20}" + "".join(f"{getattr(receipt, count):>11,} {count}" for count in counts))
            if receipt.added is not None:
                lines.append(f"    since the import before: {receipt.added:,} added, {receipt.changed:,} changed, {receipt.gone:,} gone")
            if table in self.drift:
                lines.append(f"    which ones: {self.drift[table]}")
            if table in self.rejects:
                lines.append(f"    rejected rows: {self.rejects[table]}")
        lines += [f"  note: {note} ({count:,} times)" if count > 1 else f"  note: {note}" for note, count in sorted(self.notes.items())]
        return "\n".join(lines) + "\n"


# --- what is in use ---------------------------------------------------------------------------------------------------


def in_use(settings: Settings) -> list[Import]:
    """The imports in use, by name.

    Raises:
        BuildError: a record of an import cannot be read.
    """
    return [_read(file) for file in sorted((settings.home / "imports").glob("*.json"))]


def find(settings: Settings, name: str) -> Import:
    """The import of that name.

    Raises:
        UnknownName: there is none.
    """
    for one in in_use(settings):
        if one.name == name:
            return one
    raise UnknownName("import", name, [one.name for one in in_use(settings)])


def _read(file: Path) -> Import:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Import(**{**told, "tables": {name: Receipt(**receipt) for name, receipt in told["tables"].items()}})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(f"The record of an import, {file}, cannot be read ({error}). Remove it and import again.") from error


def digests(settings: Settings) -> dict[str, str]:
    """``imports/<name>/<table>`` -> the digest of its triples: a part of what a snapshot is made of."""
    return {f"imports/{one.name}/{table}": receipt.digest for one in in_use(settings) for table, receipt in sorted(one.tables.items())}


def remove(settings: Settings, name: str) -> None:
    """Forget an import; the next build does without it.

    Raises:
        UnknownName: there is none of that name.
    """
    find(settings, name)
    (settings.home / "imports" / f"{name}.json").unlink()
    shutil.rmtree(settings.home / "imports" / name, ignore_errors=True)


def files_to_load(settings: Settings, work: Path) -> Iterator[tuple[str, Path]]:
    """(name of the import, file of N-Triples) for everything in use.

    A node that several tables or imports describe is written once, as its newest description says; among equals the import and
    table that come first by name. Only what belongs to a row alone is loaded as it lies.

    Args:
        settings: the place of the imports.
        work: an empty folder for what is put together; it can go when the files have been loaded.
    """
    found = in_use(settings)
    for one in found:
        source = work / f"{one.name}-source.nt"
        source.write_text("".join(one.source_lines()), encoding="utf-8")
        yield one.name, source
        for receipt in one.tables.values():
            own = settings.home / "imports" / one.name / receipt.folder / "own.nt"
            if own.stat().st_size:
                yield one.name, own
    if not found:
        return
    with closing(_database(work / "nodes.sqlite")) as database:
        database.execute("CREATE TABLE node (key TEXT PRIMARY KEY, version TEXT, name TEXT, lines TEXT) WITHOUT ROWID")
        for one in found:
            for _, receipt in sorted(one.tables.items()):
                index = settings.home / "imports" / one.name / receipt.folder / "index.sqlite"
                database.execute("ATTACH ? AS one", (str(index),))
                database.execute(
                    "INSERT INTO node SELECT key, version, ?, lines FROM one.node WHERE true ON CONFLICT (key) DO UPDATE"
                    " SET version = excluded.version, name = excluded.name, lines = excluded.lines WHERE excluded.version > node.version",
                    (one.name,),
                )
                database.execute("DETACH one")
        for one in found:
            nodes = work / f"{one.name}-nodes.nt"
            with nodes.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines for (lines,) in database.execute("SELECT lines FROM node WHERE name = ? ORDER BY key", (one.name,)))
            if nodes.stat().st_size:
                yield one.name, nodes


# --- importing --------------------------------------------------------------------------------------------------------


def bring(
    settings: Settings,
    dataset: str,
    paths: Sequence[Path],
    concepts: Mapping[str, frozenset[str]],
    *,
    name: str | None = None,
    issued: str | None = None,
    replace: bool = False,
    spark: bool = False,
    progress: Progress = lambda file, records: None,
) -> ImportReport:
    """Import files of a known dataset, all or nothing; the next build loads them into ``graph/<name>``.

    Args:
        settings: where imports are kept.
        dataset: one of `DATASETS`.
        paths: files, folders or zip archives.
        concepts: the closed lists, scheme -> slugs.
        name: what the import is called; the dataset's name unless told otherwise.
        issued: when the files were published, as stated (2025, 2025-03 or 2025-03-14).
        replace: replace what is in use even if much of it would be gone.
        spark: read on Apache Spark, a file a task; every machine must see the files under the same names.
        progress: told about every thousand records.

    Raises:
        UsageError: no such dataset, or a name that cannot be one.
        DataError: a file cannot be read, is hostile, or gives nothing at all; nothing was changed then.
        BuildError: the disk refused; nothing was changed then.
    """
    if dataset not in DATASETS:
        raise UnknownName("dataset", dataset, DATASETS)
    told = DATASETS[dataset]
    about = Import(name or dataset, dataset, told.title, told.publisher, told.licence, told.address, issued)

    def outcomes(scope: Scope) -> Iterator[Outcome]:
        yield from _spread(dataset, paths, scope) if spark else _read_files(dataset, paths, scope)

    return record(settings, about, paths, concepts, outcomes, replace=replace, progress=progress)


def _read_files(dataset: str, paths: Sequence[Path], scope: Scope, only: int | None = None) -> Iterator[Outcome]:
    """What the reader of a dataset makes of all files, or of one of them by its place in the order."""
    from seismic_graph.sources.inputs import inputs

    reader = importlib.import_module(f"seismic_graph.sources.{dataset}")
    found = inputs(paths)
    yield from reader.read(found if only is None else itertools.islice(found, only, only + 1), scope)


def _spread(dataset: str, paths: Sequence[Path], scope: Scope) -> Iterator[Outcome]:
    """The same as `_read_files`, in the same order, with a task of Apache Spark for each file."""
    from pyspark import StorageLevel

    from seismic_graph.sources.inputs import inputs
    from seismic_graph.spark import session

    context = session().sparkContext
    places = [path.absolute() for path in paths]
    files, name, concepts = sum(1 for _ in inputs(places)), scope.name, dict(scope.concepts)

    def read(file: int) -> Iterator[Outcome | Counter[str] | DataError]:
        from seismic_graph.sources.reading import Scope

        own = Scope(name, concepts)
        try:
            yield from _read_files(dataset, places, own, file)
        except DataError as error:  # a task that fails is tried again; what is wrong with a file stays wrong
            yield error
        yield own.notes

    made = context.parallelize(range(files), max(files, 1)).flatMap(read).persist(StorageLevel.DISK_ONLY)
    try:
        made.count()  # all files at once; the iterator below takes them one after the other
        for item in made.toLocalIterator():
            if isinstance(item, DataError):
                raise item
            if isinstance(item, Counter):
                scope.notes.update(item)
            else:
                yield item
    finally:
        made.unpersist()


def record(
    settings: Settings,
    about: Import,
    paths: Sequence[Path],
    concepts: Mapping[str, frozenset[str]],
    outcomes: Callable[[Scope], Iterable[Outcome]],
    *,
    replace: bool = False,
    progress: Progress = lambda file, records: None,
) -> ImportReport:
    """Take in what a reader gives, all or nothing; see `bring`.

    Args:
        settings, paths, concepts, replace, progress: as in `bring`.
        about: name and origin of the import; its tables are not looked at.
        outcomes: called with the `Scope` of the import; gives what becomes of each record.

    Raises:
        UsageError, DataError, BuildError: as in `bring`.
    """
    import sqlite3

    from seismic_graph.sources.reading import Scope

    started = time.perf_counter()
    _check_name(settings, about)
    root = settings.home / "imports"
    work = files.workplace(root / "working")
    try:
        scope = Scope(about.name, concepts)
        tables: dict[str, _Table] = {}
        try:
            for count, outcome in enumerate(outcomes(scope), 1):
                if outcome.table not in tables:
                    tables[outcome.table] = _Table(work / outcome.table)
                tables[outcome.table].take(outcome)
                if not count % 1000:
                    progress(outcome.record.file, count)
            for table in tables.values():
                table.flush()
        finally:
            for table in tables.values():
                table.close()
        _refuse_nothing(about, tables, scope.notes, paths)
        read = _files(paths)
        with _locked(root):
            return _publish(settings, about, tables, read, scope.notes, started, replace=replace)
    except (OSError, sqlite3.Error) as error:
        raise BuildError(f"The import stopped: {error}. What was imported before stays in use. Make room in {root}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check_name(settings: Settings, about: Import) -> None:
    reserved = {"dossier", "derived", "ontology", "catalogue", "links", "working"}
    if not about.name.replace("-", "").isalnum() or about.name != about.name.lower() or about.name in reserved:
        raise UsageError(
            f"{about.name!r} cannot name an import: use lower-case letters, digits and hyphens, and none of {sorted(reserved)}."
        )
    if about.issued:
        try:
            dates.bounds(about.issued)
        except ValueError as reason:
            raise UsageError(f"{about.issued!r} is no date of publication ({reason}); write 2025, 2025-03 or 2025-03-14.") from None
    for one in in_use(settings):
        if one.name == about.name and one.dataset != about.dataset:
            raise UsageError(f"The import {about.name} is of the dataset {one.dataset}. Give this one another name with --name.")


def _refuse_nothing(about: Import, tables: Mapping[str, _Table], notes: Mapping[str, int], paths: Sequence[Path]) -> None:
    """Nothing at all came out of the files: an error, never a quiet success."""
    if any(table.rows for table in tables.values()):
        return
    problems = [problem for table in tables.values() for problem in table.first_rejects]
    told = "; ".join(notes) or "the files are empty"
    shown = ", ".join(map(str, paths))
    if not problems:
        problems = [
            Problem(shown, None, None, None, f"nothing of {about.dataset} was found in it ({told}).", "Give the files of that dataset.")
        ]
    raise DataError(problems)


def _files(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Name, bytes and SHA-256 of each file, those in folders by their place in them."""
    found = []
    for path in paths:
        for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            name = file.relative_to(path.parent).as_posix() if path.is_dir() else file.name
            found.append({"name": name, "bytes": file.stat().st_size, "sha256": sha256})
    return found


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One import publishes at a time."""
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _publish(
    settings: Settings,
    about: Import,
    tables: Mapping[str, _Table],
    read: list[dict[str, Any]],
    notes: Mapping[str, int],
    started: float,
    *,
    replace: bool,
) -> ImportReport:
    root = settings.home / "imports"
    before = next((one for one in in_use(settings) if one.name == about.name), None)
    kept = dict(before.tables) if before else {}
    receipts: dict[str, Receipt] = {}
    for name, table in tables.items():
        earlier = kept.get(name)
        index = root / about.name / earlier.folder / "index.sqlite" if earlier else None
        drift = table.compare(index)
        if earlier and drift["gone"] > SHRINKAGE * earlier.rows and not replace:
            raise UsageError(
                f"{about.name}, table {name}: {drift['gone']:,} of {earlier.rows:,} records in use are not in these files; "
                "nothing was changed. If they are of another programme or edition, keep both with --name NAME. If they are in other "
                "files, give all files at once. If they are to go: --replace."
            )
        _refuse_doubles(settings, about, name, table)
        digest = table.digest()
        receipts[name] = Receipt(
            name,
            f"{name}-{digest[:16]}",
            digest,
            table.read,
            table.rows - drift["same"],
            table.rejected,
            drift["same"] + table.repeats,
            table.triples(),
            drift["added"] if earlier else None,
            drift["changed"] if earlier else None,
            drift["gone"] if earlier else None,
            table.rows,
            read,
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            __version__,
        )
    (root / about.name).mkdir(exist_ok=True)
    for name, receipt in receipts.items():
        place = root / about.name / receipt.folder
        shutil.rmtree(place, ignore_errors=True)  # the same content was imported before
        tables[name].folder.rename(place)
    told = asdict(about) | {"tables": {name: asdict(receipt) for name, receipt in sorted((kept | receipts).items())}}
    files.write_whole(root / f"{about.name}.json", (json.dumps(told, indent=2) + "\n").encode())
    in_place = {receipt["folder"] for receipt in told["tables"].values()}
    for old in (root / about.name).iterdir():
        if old.name not in in_place:
            shutil.rmtree(old, ignore_errors=True)

    def written(file: str) -> dict[str, Path]:
        places = {name: root / about.name / receipt.folder / file for name, receipt in receipts.items()}
        return {name: place for name, place in places.items() if place.exists()}

    return ImportReport(about.name, receipts, dict(notes), written("rejects.csv"), written("drift.csv"), time.perf_counter() - started)


def _refuse_doubles(settings: Settings, about: Import, name: str, table: _Table) -> None:
    """The same record under two names would be stated twice."""
    for other in in_use(settings):
        receipt = other.tables.get(name)
        if other.name == about.name or other.dataset != about.dataset or receipt is None:
            continue
        index = settings.home / "imports" / other.name / receipt.folder / "index.sqlite"
        if doubles := table.common(index):
            raise UsageError(
                f"{doubles:,} records of the table {name} are in the import {other.name} already; nothing was changed. "
                f"Import under that name, or remove it first: seismic imports --remove {other.name}"
            )


def _database(file: Path) -> sqlite3.Connection:
    """A private database: what is half done is thrown away as a whole, so nothing has to be journalled."""
    import sqlite3  # here, since every command reads the records of imports and few need their databases

    database = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32000", "locking_mode = EXCLUSIVE", "temp_store = FILE"):
        database.execute(f"PRAGMA {pragma}")
    return database


class _Table:
    """What becomes of the records of one table, written as they come."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.read = self.rejected = self.repeats = self.rows = 0
        self.first_rejects: list[Problem] = []
        self._lines = 0
        self._sha = hashlib.sha256()
        self._own = (folder / "own.nt").open("w", encoding="utf-8", newline="\n")
        self._batch: list[Mapped] = []
        self._rejects: Any = None
        self._database = _database(folder / "index.sqlite")
        self._database.execute("CREATE TABLE record (key TEXT PRIMARY KEY, digest BLOB, file TEXT, row INTEGER) WITHOUT ROWID")
        self._database.execute("CREATE TABLE node (key TEXT PRIMARY KEY, version TEXT, lines TEXT)")
        self._newest: dict[str, str] = {}

    def take(self, outcome: Outcome) -> None:
        from seismic_graph.sources.reading import Mapped

        self.read += 1
        if not isinstance(outcome, Mapped):
            self.reject(outcome)
            return
        self._batch.append(outcome)
        if len(self._batch) >= _BATCH:
            self.flush()

    def reject(self, one: Rejected) -> None:
        self.rejected += 1
        if self._rejects is None:
            self._rejects_file = (self.folder / "rejects.csv").open("w", encoding="utf-8", newline="")
            self._rejects = csv.writer(self._rejects_file)
            self._rejects.writerow(["file", "row", "column", "reason", "raw"])
        self._rejects.writerow([one.record.file, one.record.number, one.column or "", one.reason, one.record.raw])
        if len(self.first_rejects) < DataError.SHOWN:
            self.first_rejects.append(Problem(one.record.file, one.record.number, one.column, None, one.reason, ""))

    def flush(self) -> None:
        batch, self._batch = self._batch, []
        marks = ",".join("?" * len(batch))
        asked = self._database.execute(f"SELECT key, digest, file, row FROM record WHERE key IN ({marks})", [one.key for one in batch])  # noqa: S608 - marks only
        known = {key: (digest, file, row) for key, digest, file, row in asked}
        fresh, nodes, lines = [], {}, []
        for one in batch:
            for node in one.shared:  # those of a row that is refused below as well, since rows that are not refer to them
                if (newest := self._newest.get(node.key)) is None or node.version > newest:
                    self._newest[node.key] = node.version
                    nodes[node.key] = (node.key, node.version, node.lines)
            cells = "\x1f".join(map(str, one.record.values.values()))  # not the raw text: the editions quote and separate otherwise
            digest = hashlib.blake2b(cells.encode(errors="surrogatepass"), digest_size=12).digest()
            if one.key in known:
                earlier, file, row = known[one.key]
                if earlier == digest:
                    self.repeats += 1
                else:
                    self._collide(one, file, row)
                continue
            known[one.key] = (digest, one.record.file, one.record.number)
            fresh.append((one.key, digest, one.record.file, one.record.number))
            if one.lines:
                lines.append(one.lines)
        text = "".join(lines)
        self._own.write(text)
        self._sha.update(text.encode())
        self._lines += text.count("\n")
        self.rows += len(fresh)
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", fresh)
        self._database.executemany(
            "INSERT INTO node VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET version = excluded.version, lines = excluded.lines WHERE excluded.version > node.version",
            nodes.values(),
        )
        self._database.execute("COMMIT")
        if len(self._newest) > 100_000:  # only spares work: the database knows as well
            self._newest.clear()

    def _collide(self, one: Mapped, file: str, row: int) -> None:
        from seismic_graph.sources.reading import Rejected

        reason = f"{file}, row {row} has the same key ({one.key}) with other content. Keep the one that holds."
        self.reject(Rejected(one.record, one.table, None, reason))

    def close(self) -> None:
        self._own.close()
        if self._rejects is not None:
            self._rejects_file.close()
        self._database.close()

    def digest(self) -> str:
        """SHA-256 of the triples: those of the rows as they came, those of the nodes in the order of their names."""
        sha = self._sha.copy()
        with closing(_database(self.folder / "index.sqlite")) as database:
            for key, version, lines in database.execute("SELECT key, version, lines FROM node ORDER BY key"):
                sha.update(f"{key}\x1f{version}\x1f{lines}".encode())
        return sha.hexdigest()

    def triples(self) -> int:
        """Lines of N-Triples, of rows and nodes."""
        with closing(_database(self.folder / "index.sqlite")) as database:
            nodes: Iterable[tuple[str]] = database.execute("SELECT lines FROM node")
            return self._lines + sum(lines.count("\n") for (lines,) in nodes)

    def common(self, index: Path) -> int:
        """How many records another table has too."""
        with closing(_database(self.folder / "index.sqlite")) as database:
            database.execute("ATTACH ? AS other", (str(index),))
            (count,) = database.execute("SELECT COUNT(*) FROM record JOIN other.record USING (key)").fetchone()
        return int(count)

    def compare(self, index: Path | None) -> Counter[str]:
        """How many records are ``added``, ``changed``, ``gone`` and the ``same`` since an earlier table; ``drift.csv`` lists them."""
        if index is None:
            return Counter(added=self.rows)
        counts: Counter[str] = Counter()
        with closing(_database(self.folder / "index.sqlite")) as database:
            database.execute("ATTACH ? AS old", (str(index),))
            (counts["same"],) = database.execute(_SAME).fetchone()
            changes = database.execute(_CHANGES)
            if first := changes.fetchone():
                with (self.folder / "drift.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow(["change", "key"])
                    for change, key in itertools.chain([first], changes):
                        counts[change] += 1
                        writer.writerow([change, key])
        return counts


_SAME = "SELECT COUNT(*) FROM main.record AS now JOIN old.record AS before ON before.key = now.key WHERE now.digest = before.digest"
_CHANGES = """
    SELECT 'added', key FROM main.record AS now WHERE NOT EXISTS (SELECT 1 FROM old.record AS before WHERE before.key = now.key)
    UNION ALL
    SELECT 'changed', now.key FROM main.record AS now JOIN old.record AS before ON before.key = now.key WHERE now.digest <> before.digest
    UNION ALL
    SELECT 'gone', key FROM old.record AS before WHERE NOT EXISTS (SELECT 1 FROM main.record AS now WHERE now.key = before.key)
"""
