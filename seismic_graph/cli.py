"""The command line: one thin command a room. Imports wait until a command needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from seismic_graph import __version__
from seismic_graph.errors import SeismicError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seismic_graph.build import BuildReport
    from seismic_graph.findings import Finding
    from seismic_graph.graph import Graph
    from seismic_graph.paths import Search
    from seismic_graph.settings import Settings

EXIT_NEGATIVE = 1
"""The work was done and the answer is no: violations, no path, a difference."""
EXIT_ERROR = 2
"""The work could not be done."""

_FRESH = "seismic.fresh"


def _store(command: Any) -> Any:
    """The options of commands that endpoints can answer."""

    def keep(context: click.Context, option: click.Parameter, fresh: bool) -> None:
        context.meta[_FRESH] = fresh

    anew = "Read endpoints anew, whatever was kept of them."
    where = "Ask a SPARQL 1.1 endpoint instead of the snapshot on disk; several times for a graph that is spread over several."
    command = click.option("--fresh", is_flag=True, expose_value=False, callback=keep, help=anew)(command)
    return click.option("--store", metavar="URL", multiple=True, help=where)(command)


_output = click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead of the terminal.")
_timeout = click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for an endpoint.")
_engine_time = click.option(
    "--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds that the mapping engine may run."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="seismic")
def seismic() -> None:
    """How did knowledge move? Build, check, query and trace the graph of SEiSMiC and JPI Urban Europe.

    Snapshots are kept in ~/.local/share/seismic-graph, or where SEISMIC_HOME says. Any command that needs a graph
    builds the shipped dossier once by itself.

    Exit codes: 0 done, 1 done and the answer is no (violations, no path), 2 could not be done.
    """


def main() -> None:
    """Run the command line; every error of ours becomes one message and exit code 2."""
    try:
        code = seismic.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        _stop("Stopped. Nothing was left half done.", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_ERROR)
    except SeismicError as error:
        _stop(str(error), EXIT_ERROR)
    except KeyboardInterrupt:
        _stop("Stopped. Nothing was left half done.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _stop(message: str, code: int) -> None:
    click.echo(f"seismic: {message}", err=True)
    sys.exit(code)


def _say(message: str) -> None:
    click.echo(message, err=True)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on the terminal; quiet when piped."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[what]}"), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task(title, what="")
        yield lambda what, done, total: progress.update(task, completed=done, total=total, what=what)


def _open(store: tuple[str, ...] | None, timeout: float = 60.0) -> Graph:
    """The graph to work on; says so when it has to be built or read first."""
    from seismic_graph.graph import Graph
    from seismic_graph.settings import Settings

    settings = Settings()
    if store:
        fresh = click.get_current_context().meta.get(_FRESH, False)
        return Graph.behind(store, settings, timeout=timeout, fresh=fresh, announce=_say)
    from seismic_graph import snapshots

    snapshot = snapshots.current(settings)
    if snapshot is None:
        from seismic_graph.build import build

        _say("No snapshot yet: building the dossier once.")
        with _bar("build") as progress:
            report = build(settings, progress=progress)
        _say(_build_line(report))
        snapshot = report.snapshot
    elif snapshots.identify(snapshots.inputs(settings)) != snapshot.id:
        _say("Note: the dossier, ontology, rules or shapes differ from what the snapshot in use was built from. Run: seismic build")
    return Graph(snapshot.open(), settings)


_PICTURES = ("svg", "png", "html")


def _emit(answer: str | bytes, output: Path | None) -> None:
    if output is None:
        if isinstance(answer, bytes) and sys.stdout.isatty():
            raise UsageError("A picture is not for the terminal: give a file with -o.")
        click.echo(answer, nl=False)
        return
    from seismic_graph.files import write_whole

    write_whole(output, answer if isinstance(answer, bytes) else answer.encode())
    _say(f"Wrote {output}.")


# --- build ----------------------------------------------------------------------------------------------------------


def _build_line(report: BuildReport) -> str:
    triples = ", ".join(f"{name} {count:,}" for name, count in sorted(report.triples.items()))
    found = ", ".join(f"{count} {severity}" for severity, count in sorted(report.findings.items()) if count) or "nothing"
    what = "Built" if report.fresh else "Already built:"
    return f"{what} snapshot {report.snapshot.id} in {report.seconds:.1f} s. Triples: {triples}. Shapes found: {found}."


@seismic.command()
@click.option(
    "--dossier", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another folder of tables than the shipped one."
)
@click.option("--again", is_flag=True, help="Build even if these inputs were built before (a damaged snapshot).")
def build(dossier: Path | None, again: bool) -> None:
    """Build a snapshot: dossier, derive, validate, publish. All or nothing."""
    from seismic_graph.build import build as run
    from seismic_graph.settings import Settings

    settings = Settings(dossier=dossier) if dossier else Settings()
    with _bar("build") as progress:
        report = run(settings, again=again, progress=progress)
    click.echo(_build_line(report))
    if report.fresh:
        click.echo(f"  read    {', '.join(f'{count:,} {table}' for table, count in report.rows.items())}")
        for rule, count in report.derived.items():
            click.echo(f"  derived {count:>7,} by {rule}")
        click.echo("What the shapes found: seismic validate")


@seismic.command()
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but the newest; the one in use always stays.")
@click.option("--use", metavar="ID", help="Put another snapshot in use.")
def snapshots(keep: int | None, use: str | None) -> None:
    """List the snapshots; * marks the one in use."""
    from seismic_graph import snapshots as room
    from seismic_graph.settings import Settings

    settings = Settings()
    if use:
        room.use(settings, use)
    if keep:
        for gone in room.prune(settings, keep):
            _say(f"Removed {gone}.")
    in_use = room.current(settings)
    for snapshot in room.published(settings):
        mark = "*" if in_use and snapshot.id == in_use.id else " "
        click.echo(f"{mark} {snapshot.id}  {snapshot.manifest['created']}  {sum(snapshot.manifest['triples'].values()):,} triples")


# --- import ---------------------------------------------------------------------------------------------------------


@contextmanager
def _counter(title: str) -> Iterator[Callable[[str, int], None]]:
    """What is being read and how much was read, on the terminal; quiet when piped."""
    if not sys.stderr.isatty():
        yield lambda file, records: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.fields[what]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, what="")
        yield lambda file, records: progress.update(task, what=f"{records:,} records, {file}")


@seismic.command("import")
@click.argument("dataset")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="What the import is called, and its graph; the dataset's name unless told otherwise.")
@click.option("--issued", metavar="DATE", help="When the files were published, as stated: 2025, 2025-03 or 2025-03-14.")
@click.option("--replace", is_flag=True, help="Replace what is in use even where much of it would be gone.")
@click.option("--no-build", is_flag=True, help="Do not build a snapshot afterwards.")
@click.option("--spark", is_flag=True, help="Read on Apache Spark, a file a task: the active cluster, or all processors here.")
@click.option("--mapping", type=click.Path(path_type=Path), metavar="MAP.yml", help="For a table of your own: what its columns mean.")
@click.option("--title", help="For a table of your own: what it is called as a source.")
@click.option("--publisher", help="For a table of your own: who publishes it.")
@click.option("--licence", help="For a table of your own: its licence, best as an address.")
@click.option("--url", help="For a table of your own: where it or its publisher is found.")
@_engine_time
def import_(
    dataset: str,
    paths: tuple[Path, ...],
    name: str | None,
    issued: str | None,
    replace: bool,
    no_build: bool,
    spark: bool,
    mapping: Path | None,
    timeout: float,
    **origin: str | None,
) -> None:
    """Bring in files of a dataset: cordis, openaire, ror, geonames or nuts. Folders and zip archives as they are.

    Or `seismic import table FILE --mapping MAP.yml --name NAME`: a table of your own; see `seismic mapping`.

    All or nothing: what cannot be read is kept in a file of rejected rows, with the reason; what is malformed as a whole changes
    nothing. A newer release replaces the table of the same name, and the changes are listed.
    """
    from seismic_graph.settings import Settings

    settings = Settings()
    with _counter(f"import {dataset}") as progress:
        if dataset == "table":
            from seismic_graph import tables

            if len(paths) != 1 or not mapping or not name or spark:
                raise UsageError("A table of your own: seismic import table FILE --mapping MAP.yml --name NAME")
            told = tables.Origin(origin["title"], origin["publisher"], origin["licence"], origin["url"], issued)
            report = tables.bring(settings, paths[0], mapping, name, told, replace=replace, seconds=timeout, tell=_say, progress=progress)
        else:
            from seismic_graph.build import bring

            if mapping or any(origin.values()):
                raise UsageError(f"{dataset} has its own reader and origin: --mapping, --title, … are for `seismic import table`.")
            report = bring(settings, dataset, paths, name=name, issued=issued, replace=replace, spark=spark, progress=progress)
    click.echo(report.to_text(), nl=False)
    _build_after(settings, no_build)


def _build_after(settings: Settings, no_build: bool) -> None:
    if no_build:
        _say("Not in the graph yet. Run: seismic build")
        return
    from seismic_graph.build import build

    with _bar("build") as progress:
        click.echo(_build_line(build(settings, progress=progress)))


@seismic.group()
def mapping() -> None:
    """Say what the columns of a table of your own mean: draft a mapping, try it, then `seismic import table`."""


@mapping.command("init")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--of", default="project", show_default=True, metavar="TYPE", help="What a row is about: project, event, city, …")
@click.option("--language", default="en", show_default=True, help="The language of the texts.")
@_output
def mapping_init(file: Path, of: str, language: str, output: Path | None) -> None:
    """Draft a mapping for the table FILE from its columns and values; a person goes on from there."""
    from seismic_graph import tables
    from seismic_graph.settings import Settings

    _emit(tables.draft(Settings(), file, of, language), output)


@mapping.command("check")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--mapping", type=click.Path(path_type=Path), metavar="MAP.yml", required=True, help="What the columns mean.")
@_engine_time
def mapping_check(file: Path, mapping: Path, timeout: float) -> int:
    """Try a mapping on the table FILE and import nothing: rejected rows, what is announced, what the first row gives.

    Exit code 1 where rows would be rejected.
    """
    from seismic_graph import tables
    from seismic_graph.settings import Settings

    trial = tables.check(Settings(), file, mapping, seconds=timeout, tell=_say)
    click.echo(trial.to_text(), nl=False)
    return EXIT_NEGATIVE if trial.rejects else 0


@mapping.command("example")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def mapping_example(folder: Path) -> None:
    """Write the example of the guide, a table and its mapping, into FOLDER."""
    from seismic_graph import tables

    for file in tables.example(folder):
        _say(f"Wrote {file}.")


@mapping.command("engine")
def mapping_engine() -> None:
    """Set up the engine that executes mappings, so that no network is needed afterwards."""
    from seismic_graph.settings import Settings
    from seismic_graph.sources import engine

    click.echo(f"The mapping engine is ready: {engine.ensure(Settings(), _say).parent.parent}")


@seismic.command()
@click.option("--remove", metavar="NAME", help="Forget an import; the next build does without it.")
def imports(remove: str | None) -> None:
    """List the imports: files, dates, licences, publishers, counts."""
    from seismic_graph import imports as room
    from seismic_graph.settings import Settings

    settings = Settings()
    if remove:
        room.remove(settings, remove)
        _say(f"Removed {remove}. Run: seismic build")
    found = room.in_use(settings)
    if not found:
        click.echo("No imports. Bring some in with: seismic import DATASET PATH")
    for one in found:
        issued = f", issued {one.issued}" if one.issued else ""
        click.echo(f"{one.name}: {one.title}, {one.publisher}{issued}\n  licence {one.licence}\n  from {one.address}")
        for table, receipt in one.tables.items():
            counts = f"{receipt.rows:,} records, {receipt.triples:,} triples, {receipt.rejected:,} rejected"
            click.echo(f"  {table}: {counts}, read {receipt.date}")
            for file in receipt.files:
                click.echo(f"    {file['name']}  {file['bytes']:,} bytes  sha256 {file['sha256']}")


# --- link -----------------------------------------------------------------------------------------------------------


@seismic.command()
@click.option(
    "--review", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the doubtful pairs for a person, .csv or .tsv."
)
@click.option(
    "--decisions", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Take in what a person decided, and keep it."
)
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True, help="Where the model runs.")
@click.option("--no-build", is_flag=True, help="Do not build a snapshot afterwards.")
def link(review: Path | None, decisions: Path | None, engine: Literal["duckdb", "spark"], no_build: bool) -> None:
    """Find what means the same in the dossier and the imports, and link it. Nothing is merged.

    Decisions are kept in links/decisions.tsv beside the snapshots, and always win.
    """
    from seismic_graph import link as room
    from seismic_graph.link import decisions as said
    from seismic_graph.settings import Settings

    home = Settings().home
    kept = said.keep(home, said.read(decisions)) if decisions else said.kept(home)
    report = room.link(_open(None).embedded, engine=engine, decisions=kept)
    file = room.write(report, home)
    for (kind, predicate, justification), count in report.counts.items():
        click.echo(f"{count:>8,} {kind} {predicate} by {justification}")
    click.echo(
        f"{len(report.matches):,} matches, {len(report.rejected):,} rejected by decision, {len(report.doubtful):,} doubtful. Wrote {file}."
    )
    if review:
        said.review(review, report.doubtful)
        _say(f"Wrote {review}: fill in the column decision, then run: seismic link --decisions {review}")
    _build_after(Settings(), no_build)


# --- query ----------------------------------------------------------------------------------------------------------


@seismic.command()
@click.argument("text", default="")
def queries(text: str) -> None:
    """List the questions of the query library, or those that TEXT occurs in."""
    from seismic_graph import queries as room
    from seismic_graph.settings import Settings

    library = room.library(Settings().query_files())
    found = room.find(library, text)
    if not found:
        raise UsageError(f"No question has {text!r} in it. List them all with: seismic queries")
    for query in found:
        click.echo(f"{query.name}\n    {query.summary}")
        for parameter in query.parameters:
            click.echo(f"    --{parameter.name}  {parameter.of or parameter.type}: {parameter.description}")


@seismic.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("question")
@click.option("-f", "--format", "form", help="table, csv, tsv, json, xml, md; for graphs nt, ttl, nq, trig, jsonld, rdf.")
@_output
@_store
@_timeout
@click.pass_context
def query(context: click.Context, question: str, form: str | None, output: Path | None, store: tuple[str, ...], timeout: float) -> None:
    """Answer QUESTION: a name from `seismic queries`, a file FILE.rq, or - for standard input.

    Parameters of a question are given as options: --city Stockholm. Labels in any language are accepted; an option
    given twice asks for both.
    """
    from seismic_graph import queries as room
    from seismic_graph import query_files
    from seismic_graph.results import write

    parameters = _parameters(context.args)
    if question == "-":
        chosen = query_files.from_text(sys.stdin.read(), "standard input")
    elif question.endswith(".rq") or "/" in question:
        chosen = room.ad_hoc(Path(question))
    else:
        from seismic_graph.settings import Settings

        chosen = room.named(room.library(Settings().query_files()), question)
    graph = _open(store, timeout)
    result = room.run(graph.store, chosen, **parameters)
    _emit(write(result, form or ("table" if output is None and sys.stdout.isatty() else None)), output)


def _parameters(rest: list[str]) -> dict[str, list[str]]:
    """``--name value`` and ``--name=value`` pairs out of what click left over."""
    found: dict[str, list[str]] = {}
    words = iter(rest)
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise UsageError(f"{word!r} is not understood here: parameters are given as --name value.")
        if not equals:
            value = next(words, "")
            if not value:
                raise UsageError(f"The parameter --{name} has no value.")
        found.setdefault(name.replace("-", "_"), []).append(value)
    return found


@seismic.command()
@click.argument("text")
@click.option("--of", metavar="CLASS", help="Only this class, for example Network or City.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@_store
def find(text: str, of: str | None, limit: int, store: tuple[str, ...]) -> None:
    """Find entities by id, label in any language, or acronym."""
    from seismic_graph import names
    from seismic_graph.vocabulary import short

    graph = _open(store)
    found = names.search(graph.store, text, limit + 1, of)
    if not found:
        place = graph.place(text) if of is None else graph.find(text, of)  # raises, with the nearest names
        found = [(place, text)]
    for iri, label in found[:limit]:
        click.echo(f"{short(iri)}\t{label}")
    if len(found) > limit:
        _say(f"There are more than these {limit}: narrow with --of, or raise --limit.")


# --- trace ----------------------------------------------------------------------------------------------------------


@seismic.command()
@click.argument("source", metavar="[FROM]", required=False)
@click.argument("target", metavar="[TO]", required=False)
@click.option("--from-class", metavar="CLASS", help="Instead of FROM: every entity of a class, for example NationalNetwork.")
@click.option("--to-class", metavar="CLASS", help="Instead of TO: every entity of a class, for example AgendaItem.")
@click.option(
    "--reading", default="possible", show_default=True, help="static, possible or strict: the weakest reading of time that counts."
)
@click.option("--basis", default="structural", show_default=True, help="stated, structural or contextual: the weakest basis that counts.")
@click.option("--max-hops", type=click.IntRange(1, 12), default=6, show_default=True, help="The longest path.")
@click.option("--paths", type=click.IntRange(1, 10_000), default=5, show_default=True, help="How many paths.")
@click.option("--since", metavar="DATE", help="Nothing before this year, month or day.")
@click.option("--until", metavar="DATE", help="Nothing after this year, month or day.")
@click.option("--direction", multiple=True, help="Only hops in this direction: bottom-up, top-down, horizontal (repeatable).")
@click.option("--via", multiple=True, metavar="NAME", help="Only paths through this entity (repeatable).")
@click.option("--avoid", multiple=True, metavar="NAME", help="No path through this entity (repeatable).")
@click.option("--explain-dates", is_flag=True, help="Say how each bound of each date came about.")
@click.option(
    "-f",
    "--format",
    "form",
    default="text",
    show_default=True,
    help="text, json, csv, turtle, mermaid; svg, png, html; gexf, graphml, vosviewer, kumu, sankey, nodes, edges.",
)
@click.option("--without", multiple=True, metavar="SOURCE|PUBLISHER", help="Ask again without it and show the difference (repeatable).")
@click.option("--robust", is_flag=True, help="Say what the answer rests on instead: weakest hops, critical sources, independent paths.")
@click.option("--receipt", type=click.Path(dir_okay=False, path_type=Path), help="Keep what was asked and the hash of the answer.")
@click.option("--drawing", help="With svg, png, html: paths, flows, network, timeline or map instead of the usual one.")
@click.option("--sparql", is_flag=True, help="Print the query that re-checks every hop on any endpoint.")
@_output
@_store
@_timeout
def trace(
    source: str | None,
    target: str | None,
    from_class: str | None,
    to_class: str | None,
    paths: int,
    explain_dates: bool,
    without: tuple[str, ...],
    robust: bool,
    receipt: Path | None,
    drawing: str | None,
    form: str,
    sparql: bool,
    output: Path | None,
    store: tuple[str, ...],
    timeout: float,
    **limits: Any,
) -> int:
    """Trace paths of knowledge FROM one entity TO another, hop by hop, each with its date and source.

    FROM and TO are ids, labels in any language, acronyms or IRIs. Without TO: everything that is reached. With
    --from-class or --to-class: a table of counts and best paths. Exit code 1 where no path is recorded.
    """
    if from_class and source and not target and not to_class:  # the one name given is the end
        source, target = None, source
    if not (source or from_class) or (source and from_class) or (target and to_class):
        raise UsageError("Say where to start and where to end: FROM or --from-class, TO or --to-class.")
    whole = _open(store, timeout)
    graph = whole.without(*without) if without else whole
    answer: Any
    if from_class or to_class:
        sources = graph.members(from_class) if from_class else [graph.find(source or "")]
        targets = graph.members(to_class) if to_class else [graph.find(target)] if target else graph.members("AgendaItem")
        answer = graph.matrix(sources, targets, paths=paths, **limits)
        empty = not answer.cells
    elif target is None:
        answer = graph.reach(source or "", **limits)
        empty = not answer.reached
    else:
        answer = graph.trace(source or "", target, paths=paths, **limits)
        empty = not answer.paths
        if without and form == "text":
            from seismic_graph import findings

            before = whole.trace(source or "", target, paths=paths, **limits)
            _say(f"Without {', '.join(without)}:")
            for line in findings.compared(before.paths, answer.paths, whole.things):
                _say(f"  {line}")
        if receipt:
            _keep(graph, receipt, "trace", [source or "", target], limits | {"paths": paths})
        if robust:
            answer = graph.robustness(answer)
    _emit(_told(graph, answer, form, sparql, explain_dates, drawing), output)
    return EXIT_NEGATIVE if empty else 0


def _told(
    graph: Graph, answer: Any, form: str, sparql: bool = False, explain_dates: bool = False, drawing: str | None = None
) -> str | bytes:
    from seismic_graph import interchange

    if drawing and form not in _PICTURES:
        raise UsageError(f"--drawing goes with -f {', '.join(_PICTURES)}.")
    if form in interchange.FORMATS and hasattr(answer, "evidence"):
        return interchange.FORMATS[form](*graph.tables(answer))
    if form in _PICTURES and (hasattr(answer, "evidence") or hasattr(answer, "flows")):
        from seismic_graph import findings

        return findings.picture(graph.store, graph.things, answer, form, drawing)
    writer = getattr(answer, "to_sparql" if sparql else f"to_{form}", None)
    if writer is None:
        known = sorted(name.removeprefix("to_") for name in dir(answer) if name.startswith("to_") and name != "to_dict")
        known = sorted(
            {*known, *(_PICTURES if hasattr(answer, "flows") else ()), *(interchange.FORMATS if hasattr(answer, "evidence") else ())}
        )
        raise UsageError(f"This answer has no format {'sparql' if sparql else form!r}; it has {', '.join(known)}.")
    return str(writer(explain_dates=True) if explain_dates and form == "text" and hasattr(answer, "evidence") and not sparql else writer())


# --- insight --------------------------------------------------------------------------------------------------------


def _limits(default_hops: int) -> Callable[[Any], Any]:
    """The options that every question of insight shares."""

    def add(command: Any) -> Any:
        for option in (
            click.option("--reading", default="possible", show_default=True, help="static, possible or strict."),
            click.option(
                "--basis", default="structural", show_default=True, help="stated, structural or contextual: the weakest that counts."
            ),
            click.option("--max-hops", type=click.IntRange(1, 12), default=default_hops, show_default=True, help="The longest path."),
            click.option("--since", metavar="DATE", help="Nothing before."),
            click.option("--until", metavar="DATE", help="Nothing after."),
            click.option("--without", multiple=True, metavar="SOURCE|PUBLISHER", help="Leave it out (repeatable)."),
            click.option("-f", "--format", "form", default="text", show_default=True, help="text, json, csv; svg, png, html."),
            click.option("--drawing", help="With svg, png, html: flows, network, timeline or map instead of the usual one."),
            click.option("--receipt", type=click.Path(dir_okay=False, path_type=Path), help="Keep what was asked and the answer's hash."),
        ):
            command = option(command)
        return _output(_store(_timeout(command)))

    return add


def _keep(graph: Graph, receipt: Path | None, kind: str, names: list[str], options: dict[str, Any]) -> None:
    """Write the receipt of an answer, where one was asked for."""
    if receipt is None:
        return
    if graph.reduced:
        raise UsageError("A receipt is of the whole graph: leave out --without.")
    from seismic_graph.files import write_whole

    write_whole(receipt, graph.answer(kind, {"names": names, "options": options}).to_json().encode())
    _say(f"Wrote {receipt}.")


def _found(kind: str, names: list[str], options: dict[str, Any]) -> Finding:
    """Ask for a finding, tell it, keep its receipt; with --without, say what differs from the whole."""
    shared = {name: options.pop(name) for name in ("form", "output", "store", "timeout", "without", "drawing", "receipt")}
    whole = _open(shared["store"], shared["timeout"])
    graph = whole.without(*shared["without"]) if shared["without"] else whole
    answer: Finding = graph.ask(kind, names, options)
    if shared["without"]:
        from seismic_graph import findings

        _say(f"Without {', '.join(shared['without'])}:")
        for line in findings.changed(whole.ask(kind, names, options), answer):
            _say(f"  {line}")
    _emit(_told(graph, answer, shared["form"], drawing=shared["drawing"]), shared["output"])
    _keep(graph, shared["receipt"], kind, names, options)
    return answer


@seismic.command()
@click.option("--kind", multiple=True, help="Only this kind of gap (repeatable).")
@click.option("--theme", multiple=True, metavar="NAME", help="Only things of this theme (repeatable).")
@click.option("--country", multiple=True, metavar="NAME", help="Only things of this country (repeatable).")
@click.option("--network", multiple=True, metavar="NAME", help="Only things of this network (repeatable).")
@click.option("--year", multiple=True, type=int, help="Only things of this year (repeatable).")
@_limits(6)
def gaps(**options: Any) -> None:
    """Where the record stops: at needs, agenda items, calls, projects and networks; why, and what would close each gap."""
    _found("gaps", [], options)


@seismic.command()
@click.argument("places", nargs=-1)
@click.option("--paths", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many loops a place.")
@_limits(8)
def loops(places: tuple[str, ...], **options: Any) -> int:
    """Closed loops from PLACES (cities, networks, countries; all where none is named) up to an agenda and back, with the days they took."""
    return 0 if _found("loops", list(places), options).rows else EXIT_NEGATIVE


@seismic.command()
@click.argument("places", nargs=-1)
@_limits(6)
def balance(places: tuple[str, ...], **options: Any) -> None:
    """What PLACES gave to agendas, calls and projects, and what they got."""
    _found("balance", list(places), options)


@seismic.command()
@click.argument("name", default="")
@click.option("--explain", is_flag=True, help="Open every number into the flows and paths behind it.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many numbers.")
@_limits(6)
def indicators(name: str, **options: Any) -> None:
    """One indicator by NAME; without a name, the list of them."""
    if name:
        _found("indicators", [name], options)
        return
    from seismic_graph.findings import INDICATORS

    for known, words in INDICATORS.items():
        click.echo(f"{known}\n    {words}")


@seismic.command()
@click.argument("name", default="")
@_limits(6)
def claim(name: str, **options: Any) -> None:
    """Hold a claim of influence against the record, subject by subject; without a NAME, the list of claims."""
    if name:
        _found("claim", [name], options)
        return
    for known in _open(options["store"], options["timeout"]).claims.values():
        click.echo(f"{known.id}\n    {known.statement}")


@seismic.command()
@click.argument("name")
@click.option("--reading", default="possible", show_default=True, help="static, possible or strict.")
@click.option("--basis", default="structural", show_default=True, help="stated, structural or contextual: the weakest that counts.")
@click.option("--max-hops", type=click.IntRange(1, 12), default=6, show_default=True, help="The longest path.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The page to write.")
@click.option("--receipt", type=click.Path(dir_okay=False, path_type=Path), help="Keep what was asked and the hash of the answer.")
@_store
@_timeout
def report(name: str, output: Path, receipt: Path | None, store: tuple[str, ...], timeout: float, **asked: Any) -> None:
    """Write a page on an entity, theme or country: what it gave and got, paths, gaps, pictures, sources, receipt."""
    from seismic_graph.files import write_whole

    if output.suffix not in (".html", ".htm"):
        raise UsageError(f"A report is a page: give {output} the suffix .html. It prints to PDF from a browser.")
    page = _open(store, timeout).report(name, **asked)
    write_whole(output, page.html.encode())
    _say(f"Wrote {output}.")
    if receipt:
        write_whole(receipt, page.receipt.to_json().encode())


@seismic.command()
@click.argument("file", type=click.Path(path_type=Path))
@_store
@_timeout
def replay(file: Path, store: tuple[str, ...], timeout: float) -> int:
    """Ask what a receipt FILE says again, and say whether the answer is the same. Exit code 1 where it is not."""
    from seismic_graph import replay as room

    kept = room.read(file)
    now = _open(store, timeout).answer(kept.kind, kept.arguments)
    same = now.answer == kept.answer
    where = "the same snapshot" if now.snapshot == kept.snapshot else f"snapshot {now.snapshot} instead of {kept.snapshot}"
    click.echo(f"{'Same answer' if same else 'Another answer'}, from {where}.")
    if not same and now.snapshot != kept.snapshot:
        click.echo(f"What changed: seismic diff {kept.snapshot} {now.snapshot}")
    return 0 if same else EXIT_NEGATIVE


@seismic.command()
@click.argument("old")
@click.argument("new", default="")
@click.option("--from-class", metavar="CLASS", default="NationalNetwork", show_default=True, help="Paths from every entity of this class.")
@click.option("--to-class", metavar="CLASS", default="AgendaItem", show_default=True, help="Paths to every entity of this class.")
@click.option("--paths", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many paths a pair are compared.")
@click.option("--reading", default="possible", show_default=True, help="static, possible or strict.")
@click.option("--basis", default="structural", show_default=True, help="stated, structural or contextual: the weakest that counts.")
@click.option("--max-hops", type=click.IntRange(1, 12), default=6, show_default=True, help="The longest path.")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_output
def diff(old: str, new: str, from_class: str, to_class: str, paths: int, form: str, output: Path | None, **limits: Any) -> int:
    """Which paths appeared or vanished between snapshots OLD and NEW (the one in use), and which dossier row caused it.

    Exit code 1 where anything differs.
    """
    from seismic_graph import replay as room
    from seismic_graph import snapshots as kept
    from seismic_graph.graph import Graph
    from seismic_graph.settings import Settings

    settings = Settings()
    before = Graph(kept.read(settings, old).open(), settings)
    after = Graph(kept.read(settings, new).open(), settings) if new else _open(None)
    sources = sorted({*before.members(from_class), *after.members(from_class)})
    targets = sorted({*before.members(to_class), *after.members(to_class)})
    pairs = [(source, target) for source in sources for target in targets if source != target]
    found = room.difference(before.store, after.store, before.network, after.network, pairs, after.search(**limits), paths)
    _emit(found.to_json() if form == "json" else found.to_text(), output)
    return EXIT_NEGATIVE if found.flows or found.paths else 0


# --- validate -------------------------------------------------------------------------------------------------------


@seismic.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info"]),
    default="violation",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "turtle"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Print every finding; long lists are cut otherwise, and say so.")
@click.option(
    "--engine",
    type=click.Choice(["sparql", "pyshacl"]),
    default="sparql",
    show_default=True,
    help="pyshacl judges node by node: a second opinion, slow on a large graph. Files are always judged by sparql.",
)
@_output
@_store
@_timeout
def validate(
    files: tuple[Path, ...],
    fail_on: str,
    form: str,
    everything: bool,
    engine: str,
    output: Path | None,
    store: tuple[str, ...],
    timeout: float,
) -> int:
    """Check the built graph, or FILES: RDF in any format, or a dossier folder.

    Exit codes: 0 conforms, 1 findings, 2 could not run.
    """
    from seismic_graph import validate as room
    from seismic_graph.settings import Settings

    settings = Settings()
    folders = [file for file in files if file.is_dir()]
    if files and store:
        raise UsageError("Check files or an endpoint, not both at once.")
    if files and not folders and engine != "sparql":
        raise UsageError("Files are judged by the engine sparql only. Leave --engine out, or load them into an endpoint and check that.")
    if folders and len(files) > 1:
        raise UsageError("Check one dossier folder at a time, or RDF files.")
    if folders:
        from seismic_graph.build import assemble
        from seismic_graph.store import EmbeddedStore

        store_of_folder = EmbeddedStore()
        assemble(Settings(dossier=folders[0]), store_of_folder)
        report = room.validate(store_of_folder, settings.shape_files(), engine=engine, announce=_say)
    elif files:
        from seismic_graph import snapshots as kept

        in_use = kept.current(settings)  # what a file may refer to, where there is one; it is not judged itself
        beside = in_use.open() if in_use else None
        report = room.validate_file(list(files), settings.shape_files(), settings.ontology_files(), beside=beside, announce=_say)
    else:
        report = room.validate(_open(store, timeout).store, settings.shape_files(), engine=engine, announce=_say)
    if form == "text":
        text = report.to_text(everything=everything)
    else:
        text = report.to_json() if form == "json" else report.to_turtle()
    _emit(text, output)
    return room.exit_code(report, fail_on)


# --- export and push ------------------------------------------------------------------------------------------------


@seismic.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--graph", metavar="NAME", help="Only one named graph: dossier, derived, ontology, catalogue.")
@click.option("--entity", metavar="NAME", help="Only an entity with its flows, participations and their labels.")
@_store
@_timeout
def export(target: Path, graph: str | None, entity: str | None, store: tuple[str, ...], timeout: float) -> None:
    """Write the graph to TARGET: a file (.nq .trig .nt .ttl .jsonld .rdf, also .gz; with --entity also .gexf and
    .graphml), tables of the flows and things for Spark (.parquet) or, ending in /, a folder with a whole release.

    A release holds all graphs, each graph, the VoID and DCAT description and a MANIFEST with hashes, counts, licence and sources.
    """
    from seismic_graph import export as room
    from seismic_graph import interchange

    opened = _open(store, timeout)
    form = target.suffix.removeprefix(".")
    if form in ("gexf", "graphml"):
        if not entity or graph:
            raise UsageError("GEXF and GraphML hold the neighbourhood of one entity: name it with --entity.")
        _emit(interchange.FORMATS[form](*opened.neighbourhood(entity)), target)
        return
    if form == "parquet":
        if graph or entity:
            raise UsageError("Parquet tables hold all flows and things: leave out --graph and --entity.")
        from seismic_graph.columns import Columns, beside
        from seismic_graph.reachability import tables

        count = tables.write(Columns(beside(opened.embedded), opened.store.identity), opened.things, target)
        click.echo(f"{target}  {count:,} flows, {len(opened.things):,} things")
        return
    if str(target).endswith("/") or target.is_dir() or not target.suffix:
        if graph or entity:
            raise UsageError("A release holds everything; give a file name with a suffix to write a part.")
        for written in room.release(opened.embedded, target):
            click.echo(f"{written.file}  {written.statements:,} statements  sha256 {written.sha256}")
        return
    written = opened.export(target, graph=graph, entity=entity)
    click.echo(f"{written.file}  {written.statements:,} statements  sha256 {written.sha256}")


@seismic.command()
@click.argument("url")
@click.option("--update-url", metavar="URL", help="Where the endpoint takes SPARQL Update, if not found from URL.")
@click.option("--store-url", metavar="URL", help="Where the endpoint takes the Graph Store Protocol, if not found from URL.")
@_timeout
def push(url: str, update_url: str | None, store_url: str | None, timeout: float) -> None:
    """Load the snapshot in use into the endpoint at URL; an interrupted push goes on where it stopped."""
    from seismic_graph import push as room

    graph = _open(None)
    with _bar("push") as progress:
        report = room.push_snapshot(
            graph.embedded, url, graph.settings.home, update_url=update_url, store_url=store_url, timeout=timeout, progress=progress
        )
    click.echo(report.to_text())


# --- serve ----------------------------------------------------------------------------------------------------------


@seismic.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base", metavar="URL", help="The public address, for canonical links and the sitemap: https://example.org/kg/")
@click.option("--processes", type=click.IntRange(min=1), help="How many processes write; one a processor by default.")
def publish(folder: Path, base: str | None, processes: int | None) -> None:
    """Write the snapshot as a site of plain files, for any web server; a site that stands there is replaced."""
    from seismic_graph.vocabulary import BASE
    from seismic_graph.web import publish as site

    graph = _open(None)
    with _bar("publish") as progress:
        done = site.publish(graph, folder, base=base or BASE, processes=processes, progress=progress)
    _say(
        f"Published snapshot {done.snapshot} in {done.folder}: {done.pages:,} pages, {done.files:,} files, {done.size / 1e6:,.0f} MB, "
        f"{done.traces:,} prepared traces, in {done.seconds:.1f} s."
    )


@seismic.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option("--base", metavar="URL", help="The public address, where a proxy stands in front: https://example.org/kg/")
@click.option("--trust-proxy", metavar="ADDRESSES", default="", help="Believe X-Forwarded-* of these proxies (with commas).")
@click.option(
    "--workers", type=click.IntRange(1, 256), help="How many requests are worked on at once; by default one a processor, two at least."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    help="Seconds after which the work on a request is stopped.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="Rows or triples in the answer to a query; a cut is announced.",
)
@click.option("--memory", type=click.IntRange(min=256), default=1024, show_default=True, metavar="MB", help="What one worker may hold.")
@click.option(
    "--queue", type=click.IntRange(min=1), default=128, show_default=True, help="How many requests may wait; more are sent away with 429."
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1, 3600),
    default=15.0,
    show_default=True,
    help="Seconds that a client may take to send a request.",
)
def serve(host: str, port: int, trust_proxy: str, memory: int, patience: float, **options: Any) -> None:
    """Serve the snapshot in use over HTTP: SPARQL at /sparql, linked data and pages. Stops on SIGTERM or Ctrl-C.

    A snapshot that is built meanwhile comes into use by itself. The log goes to standard error, one JSON object a line.
    """
    from seismic_graph.web import assets
    from seismic_graph.web.app import create_app
    from seismic_graph.web.serve import serve as run

    if not assets.bundle():
        _say("The scripts of the pages are not there: all pages work, without the editor and suggestions. See docs/explorer.md.")
    options["size"] = options.pop("workers")
    settings = _open(None).settings
    run(
        lambda: create_app(settings, memory=memory << 20, patience=patience, **options),
        host,
        port,
        patience=patience,
        proxies=trust_proxy,
        say=lambda address: _say(f"Serving at {address} until Ctrl-C."),
    )


# --- spark ----------------------------------------------------------------------------------------------------------


def _on_spark(command: Any) -> Any:
    """The argument and options that questions put to Spark share."""
    for option in (
        click.option("-o", "--output", metavar="FILE", help="A folder .parquet, a file .csv, or an address; the terminal where not given."),
        click.option("--avoid", multiple=True, metavar="NAME", help="No path through this thing (repeatable)."),
        click.option("--direction", multiple=True, help="Only hops in this direction: bottom-up, top-down, horizontal (repeatable)."),
        click.option("--until", metavar="DATE", help="Nothing after."),
        click.option("--since", metavar="DATE", help="Nothing before."),
        click.option("--max-hops", type=click.IntRange(1, 12), default=6, show_default=True, help="The longest path."),
        click.option("--basis", default="structural", show_default=True, help="stated, structural or contextual: the weakest that counts."),
        click.option("--reading", default="possible", show_default=True, help="static, possible or strict."),
        click.argument("tables"),
    ):
        command = option(command)
    return command


def _stated(direction: tuple[str, ...], avoid: tuple[str, ...], **limits: Any) -> Search:
    from seismic_graph import paths
    from seismic_graph.reachability import answers

    return paths.stated(directions=direction, avoid=answers.iris(avoid), **limits)


@seismic.group("spark")
def on_spark() -> None:
    """Reach and gaps over tables that do not fit one machine, on Apache Spark; `seismic export NAME.parquet` writes such TABLES."""


@on_spark.command("reach")
@click.option("--from", "sources", multiple=True, metavar="NAME", help="From this thing: an IRI, or network/nanet-se (repeatable).")
@click.option("--from-type", metavar="TYPE", help="From every thing of a type, for example recommendation.")
@click.option("--to", "targets", multiple=True, metavar="NAME", help="To this thing (repeatable).")
@click.option("--to-type", metavar="TYPE", help="To every thing of a type, for example agenda-item.")
@_on_spark
def spark_reach(
    tables: str,
    sources: tuple[str, ...],
    from_type: str | None,
    targets: tuple[str, ...],
    to_type: str | None,
    output: str | None,
    **limits: Any,
) -> int:
    """Which things reach which, with the fewest hops and the first day; everything where no end is named.

    Exit code 1 where no path is recorded.
    """
    from seismic_graph.reachability import answers

    if (sources and from_type) or (targets and to_type):
        raise UsageError("Name things or a type, not both: --from or --from-type, --to or --to-type.")
    found = answers.reached(tables, _stated(**limits), sources=sources, source_type=from_type, targets=targets, target_type=to_type)
    count = answers.write(found, output)
    _say(f"{count:,} pairs.")
    return 0 if count else EXIT_NEGATIVE


@on_spark.command("gaps")
@click.option("--kind", multiple=True, help="Only this kind of gap (repeatable).")
@_on_spark
def spark_gaps(tables: str, kind: tuple[str, ...], output: str | None, **limits: Any) -> None:
    """Which needs, agenda items, calls, projects and networks have a gap. Why, and what would close it: seismic gaps, on a snapshot."""
    from seismic_graph.reachability import answers

    _say(f"{answers.write(answers.stopped(tables, _stated(**limits), kind), output):,} rows.")


# --- agents ---------------------------------------------------------------------------------------------------------


@seismic.command()
@click.option("--timeout", type=click.FloatRange(min=0.1), default=10.0, show_default=True, metavar="SECONDS", help="For one question.")
@click.option("--memory", type=click.IntRange(min=256), default=1024, show_default=True, metavar="MB", help="What one worker may hold.")
def mcp(timeout: float, memory: int) -> None:
    """Serve the graph to agents by the Model Context Protocol, on standard input and output; needs the extra mcp."""
    from seismic_graph.web import mcp as agents

    agents.serve(_open(None).settings, timeout=timeout, memory=memory << 20)


if __name__ == "__main__":
    main()
