"""A user's own table: its mapping checked and executed, its triples judged by the shapes, and then imported like any dataset."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import build, files, imports, ingest, snapshots, validate
from seismic_graph.errors import BuildError, DataError, Problem, UsageError
from seismic_graph.imports import Import, ImportReport
from seismic_graph.settings import Settings, resources
from seismic_graph.snapshots import Snapshot
from seismic_graph.sources import drafting, engine, mapped, yarrrml
from seismic_graph.sources.filters import Known
from seismic_graph.sources.reading import Mapped, Outcome, Rejected, Scope
from seismic_graph.sources.table_mapping import TableMapping
from seismic_graph.store import EmbeddedStore, text_of
from seismic_graph.vocabulary import ID, PREFIXES, SKOS, concept_iri, graph_iri, short

DATASET = "table"
"""What imports of users' own tables are listed under."""
JUDGED = 10_000
"""How many rows are judged by the shapes before they are imported; the build judges all."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Origin:
    """What is stated of where a table comes from; what is None is as in the import of that name before.

    Attributes:
        title, publisher, licence: as people read them; a licence is better given as an IRI.
        address: where the table or its publisher is found on the web.
        issued: when it was published: 2025, 2025-03 or 2025-03-14.
    """

    title: str | None = None
    publisher: str | None = None
    licence: str | None = None
    address: str | None = None
    issued: str | None = None


def bring(
    settings: Settings,
    file: Path,
    mapping: Path,
    name: str,
    origin: Origin,
    *,
    replace: bool = False,
    seconds: float = engine.TIME,
    tell: Tell = lambda what: None,
    progress: imports.Progress = lambda file, records: None,
) -> ImportReport:
    """Import a table by a mapping, all or nothing; the next build loads it into ``graph/<name>``.

    Args:
        settings: where imports and the engine are kept.
        file: CSV, TSV, XLSX, JSON or JSON lines.
        mapping: a mapping in YARRRML.
        name: what the import is called.
        origin: where the table comes from.
        replace: replace what is in use even if much of it would be gone.
        seconds: how long the engine may run.
        tell: told that the engine is being set up, or the dossier built.
        progress: told about every thousand rows.

    Raises:
        UsageError: the name cannot be one, or the origin is not told.
        DataError: the table is broken, the mapping asks for what cannot or may not be done, or the result breaks a shape.
        ToolError: the engine cannot be set up, failed, or took too long.
        BuildError: the disk refused. In every case nothing was changed.
    """
    about = _about(settings, name, origin)
    run = _prepared(settings, file, mapping, seconds, tell)
    other = _mapped_otherwise(settings, name, mapping)

    def outcomes(scope: Scope) -> Iterator[Outcome]:
        if other:
            scope.note("the mapping is another than before: rows counted as unchanged may give other triples")
        yield from run.judged(about, scope)

    return imports.record(settings, about, [file, mapping], run.concepts, outcomes, replace=replace, progress=progress)


def _mapped_otherwise(settings: Settings, name: str, mapping: Path) -> bool:
    """Whether the import of that name was made by another mapping."""
    receipts = [receipt for one in imports.in_use(settings) if one.name == name for receipt in one.tables.values()]
    told = [file["sha256"] for receipt in receipts for file in receipt.files]
    return bool(told) and hashlib.sha256(mapping.read_bytes()).hexdigest() not in told


def _about(settings: Settings, name: str, origin: Origin) -> Import:
    before = next((one for one in imports.in_use(settings) if one.name == name and one.dataset == DATASET), None)
    publisher = origin.publisher or (before.publisher if before else None)
    address = origin.address or (before.address if before else None)
    if not publisher or not address:
        raise UsageError("Say where the table comes from: --publisher NAME --url https://…; every statement of it will cite that.")
    if not address.startswith(("http://", "https://")):
        raise UsageError(f"{address!r} is no web address. Give --url https://…, where the table or its publisher is found.")
    title = origin.title or (before.title if before else name)
    licence = origin.licence or (before.licence if before else "not stated")
    return Import(name, DATASET, title, publisher, licence, address, origin.issued)


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import would give.

    Attributes:
        rows: how many would be loaded; rejects: those that would not.
        notes: what is announced, with how often; triples: how many lines of N-Triples.
        example: what the first row gives, as Turtle.
    """

    rows: int
    triples: int
    rejects: list[Rejected]
    notes: dict[str, int]
    example: str

    def to_text(self) -> str:
        """The trial as people read it."""
        lines = [f"{self.rows:,} rows would be loaded ({self.triples:,} triples), {len(self.rejects):,} rejected."]
        shown = self.rejects[: DataError.SHOWN]
        lines += [f"  {Problem(one.record.file, one.record.number, one.column, None, one.reason, '')}".rstrip() for one in shown]
        if len(self.rejects) > len(shown):
            lines.append(f"  ... and {len(self.rejects) - len(shown):,} more")
        lines += [f"  note: {note} ({count:,} times)" if count > 1 else f"  note: {note}" for note, count in sorted(self.notes.items())]
        lines += ["The first row gives:", *(f"  {line}" for line in self.example.splitlines())] if self.example else []
        return "\n".join(lines) + "\n"


def check(settings: Settings, file: Path, mapping: Path, *, seconds: float = engine.TIME, tell: Tell = lambda what: None) -> Trial:
    """Execute a mapping and judge the result, without importing anything.

    Raises:
        DataError, ToolError, BuildError: as in `bring`.
    """
    run = _prepared(settings, file, mapping, seconds, tell)
    about = Import("trial", DATASET, "trial", "nobody", "", "https://w3id.org/seismic-graph/")
    scope = Scope(about.name, run.concepts)
    rejects, rows, triples, example = [], 0, 0, ""
    try:
        for one in run.judged(about, scope):
            if isinstance(one, Rejected):
                rejects.append(one)
                continue
            lines = one.lines + "".join(node.lines for node in one.shared)
            rows += 1
            triples += lines.count("\n")
            example = example or lines
    except (OSError, sqlite3.Error) as error:
        raise BuildError(f"The trial stopped: {error}. Make room in {settings.home}.") from error
    turtle = ox.serialize(ox.parse(example, ox.RdfFormat.N_TRIPLES), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    shown = "\n".join(line for line in turtle.decode().splitlines() if not line.startswith("@prefix"))
    return Trial(rows, triples, rejects, dict(scope.notes), shown)


def draft(settings: Settings, file: Path, of: str, language: str) -> str:
    """A first mapping for a table, from its columns and their values; people go on from there.

    Args:
        settings: where the closed lists are.
        file: the table.
        of: what a row is about, such as ``project``.
        language: of the texts in the table.

    Raises:
        UsageError: there is no such type, or the language is no tag.
        DataError: the file cannot be read as a table.
    """
    quads = ingest.ontology_quads(settings.ontology_files())
    scope = Scope("draft", ingest.closed_lists(quads).concepts)
    return drafting.draft(mapped.only(file), Known(scope, _countries(quads)), of, language)


def example(folder: Path) -> list[Path]:
    """Write the example, a table and its mapping, into a folder.

    Raises:
        UsageError: a file of that name is there already.
    """
    shipped = sorted((resources() / "mappings").iterdir())
    for one in shipped:
        if (folder / one.name).exists():
            raise UsageError(f"{folder / one.name} is there already. Give another folder.")
    for one in shipped:
        files.write_whole(folder / one.name, one.read_bytes())
    return [folder / one.name for one in shipped]


# --- running and judging ----------------------------------------------------------------------------------------------


def _countries(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """The code of each country by its names, in lower case."""
    start = concept_iri("country", "")
    return {
        text_of(quad.object).casefold(): text_of(quad.subject)[len(start) :]
        for quad in quads
        if quad.predicate.value == SKOS + "prefLabel" and text_of(quad.subject).startswith(start)
    }


def _prepared(settings: Settings, file: Path, mapping: Path, seconds: float, tell: Tell) -> _Run:
    """Everything that can be refused before the engine is needed is refused first."""
    found = mapped.only(file)
    told = yarrrml.read(mapping, found.plain_name.rpartition("/")[2])
    quads = ingest.ontology_quads(settings.ontology_files())
    if snapshots.current(settings) is None:
        tell("No snapshot yet: building the dossier once.")
    snapshot = build.ensure(settings)
    python = engine.ensure(settings, tell)
    return _Run(settings, file, told, snapshot, python, seconds, ingest.closed_lists(quads).concepts, _countries(quads))


@dataclass(frozen=True, slots=True)
class _Run:
    settings: Settings
    file: Path
    mapping: TableMapping
    snapshot: Snapshot
    python: Path
    seconds: float
    concepts: dict[str, frozenset[str]]
    countries: dict[str, str] = field(default_factory=dict)

    def judged(self, about: Import, scope: Scope) -> Iterator[Outcome]:
        """What becomes of each row; at the end, a DataError if the shapes refuse what came out."""
        with self._work() as work:
            (work / "engine").mkdir()
            execute = partial(engine.run, self.python, seconds=self.seconds)
            known = Known(scope, self.countries)
            with ExitStack() as opened:
                judged, rest = (
                    opened.enter_context((work / name).open("w", encoding="utf-8", newline="\n")) for name in ("judged.nt", "rest.nt")
                )
                judged.writelines(about.source_lines())
                count = 0
                for one in mapped.read(mapped.only(self.file), self.mapping, known, execute, work / "engine"):
                    if isinstance(one, Mapped):
                        count += 1
                        out = judged if count <= JUDGED else rest
                        out.write(one.lines)
                        out.writelines(node.lines for node in one.shared)
                    yield one
            if count > JUDGED:
                scope.note(f"the shapes judged the first {JUDGED:,} rows; the build judges all")
            if problems := self._violations(about, work):
                raise DataError(problems)

    @contextmanager
    def _work(self) -> Iterator[Path]:
        root = self.settings.home / "tables"
        try:
            work = files.workplace(root)
        except OSError as error:
            raise BuildError(f"{root} cannot be written: {error}. Make room there.") from error
        try:
            yield work.resolve()
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _violations(self, about: Import, work: Path) -> list[Problem]:
        """What the shapes refuse, by row; what the table refers to is looked up in the snapshot."""
        graph = graph_iri(about.name)
        store = EmbeddedStore()
        ingest.ingest_ontology(store, self.settings.ontology_files())
        store.load_file(work / "judged.nt", graph)
        inner, own = store.inner, ox.NamedNode(graph)
        objects = (quad.object for quad in inner.quads_for_pattern(None, None, None, own))
        things = {one for one in objects if isinstance(one, ox.NamedNode) and one.value.startswith(ID)}
        outside = {str(one) for one in things if next(inner.quads_for_pattern(one, None, None, own), None) is None}
        with (work / "rest.nt").open(encoding="utf-8", newline="\n") as rest:
            described = "".join(line for line in rest if line.partition(" ")[0] in outside)
        store.load([described], graph_iri("rest"))
        known = self.snapshot.open().inner
        for thing in sorted(outside):
            quads = known.quads_for_pattern(ox.NamedNode(thing[1:-1]), None, None, None)
            inner.extend(quad for quad in quads if quad.graph_name != own)
        found = []
        for one in validate.validate(store, self.settings.shape_files()).results:
            ours = isinstance(one.focus, ox.NamedNode) and next(inner.quads_for_pattern(one.focus, None, None, own), None)
            if one.severity == "violation" and ours:
                value = text_of(one.value) if one.value is not None else text_of(one.focus)
                found.append(Problem(one.file or self.file.name, one.row, self._columns(one.path), short(value), one.message, ""))
        return found

    def _columns(self, predicate: str | None) -> str | None:
        """The columns that a property is filled from."""
        said = (one for rule in self.mapping.rules for one in rule.statements if one.predicate == predicate)
        return ", ".join(dict.fromkeys(ref.column for one in said for ref in one.value.references)) or None
