"""A release as plain files: every page, data file and picture, with links that hold on any web server and below any path.

The site is made in a folder beside the one that it is for and takes its place at the end, whole. Two runs over one snapshot give the
same bytes. What a server answers by a query string is prepared for some questions, each in files of its own; see `questions`.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seismic_graph import __version__, files, names, snapshots
from seismic_graph.errors import SeismicError, UsageError
from seismic_graph.graph import Graph
from seismic_graph.settings import Settings
from seismic_graph.store import select, text_of
from seismic_graph.vocabulary import BASE, DCTERMS, ENTITY_TYPES, ID, concept_iri
from seismic_graph.web import assets, data, explore, view, views
from seismic_graph.web.pages import editor
from seismic_graph.web.urls import LANGUAGES, Urls, below, question
from seismic_graph.web.view import RDF_SUFFIXES, Context, View
from seismic_graph.web.words import words

MANIFEST = "site.json"
"""What a site says of itself; a folder without it is not ours to replace."""
INDEX = "search-index.json"
_GENERATOR = "seismic-graph"
_TOGETHER = 25
"""How many things are one piece of work."""
_LEFT_OUT = ("gexf", "graphml")
"""Forms of single things that a site does without: they are large, and the whole network is in the dumps."""

Query = Mapping[str, str]
Job = tuple[Callable[..., None], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Published:
    """A site that was written.

    Attributes:
        folder: where it is; snapshot: what it was made from.
        pages, files, size: how many of each, and bytes. traces: how many traces were prepared.
        seconds: how long it took.
    """

    folder: Path
    snapshot: str
    pages: int
    files: int
    size: int
    traces: int
    seconds: float


def publish(
    graph: Graph,
    folder: Path,
    *,
    base: str = BASE,
    processes: int | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Published:
    """Write a snapshot as a site of files.

    Args:
        graph: an embedded graph; the processes open its snapshot again.
        folder: where the site is to be; a site that stands there is replaced.
        base: the public address, for canonical links and the sitemap; where not told, that of the identifiers.
        processes: how many work at once; as many as there are processors where not told.
        progress: told what is done, how much of it, and of how much.

    Raises:
        UsageError: the folder holds something else, its parent does not exist, or the base is no address.
        SeismicError: the disk refused. What stood there before still stands.
    """
    started = time.perf_counter()
    folder = Path(os.path.realpath(folder))
    _free(folder)
    asked = questions(graph)
    urls = Urls(site=below(base), files=True, prepared=frozenset(question(path, query) for path, query in asked))
    work = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        work.mkdir()
        pages, count, size = _written(graph, work, urls, _jobs(graph, asked), processes, progress)
        traces = sum(path == "trace" and "to" in query for path, query in asked)
        told = {
            "generator": _GENERATOR,
            "version": __version__,
            "snapshot": graph.store.identity,
            "base": urls.site,
            "pages": pages,
            "files": count + 1,
            "traces": traces,
        }
        (work / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        _replace(folder, work)
    except OSError as error:
        raise SeismicError(
            f"{folder} could not be written ({error}). Make room or choose another place; what stood there still stands."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Published(folder, graph.store.identity, pages, count + 1, size, traces, time.perf_counter() - started)


def questions(graph: Graph) -> list[tuple[str, Query]]:
    """What is prepared of the questions that a server answers by a query string: the path of the page, and its fields.

    The things of each type, page by page; all that each national network reached, the loops through it, and the traces from it to every
    whole agenda and every priority.
    """
    prepared: list[tuple[str, Query]] = []
    for of in explore.TYPES:
        classes = (ENTITY_TYPES[of], *names.SUBCLASSES.get(ENTITY_TYPES[of], ()))
        found = {iri for name in classes for iri in graph.members(name) if iri.startswith(ID)}
        prepared.append(("search", {"type": of}))
        prepared += [("search", {"type": of, "page": str(page + 1)}) for page in range(1, -(-len(found) // explore.PAGE))]
    ends = sorted({_slug(iri) for kind in ("agenda", "priority") for iri in _of_kind(graph, kind)})
    for network in sorted(map(_slug, graph.members("NationalNetwork"))):
        prepared += [("trace", {"from": network}), ("loops", {"place": network})]
        prepared += [("trace", {"from": network, "to": end}) for end in ends]
    return prepared


def _of_kind(graph: Graph, kind: str) -> Iterator[str]:
    """The parts of agendas of a kind."""
    found = select(graph.store, f"SELECT DISTINCT ?s WHERE {{ ?s <{DCTERMS}type> <{concept_iri('agenda-item-kind', kind)}> }}")
    return (text_of(row[0]) for row in found if text_of(row[0]).startswith(ID))


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


# --- the place --------------------------------------------------------------------------------------------------------


def _free(folder: Path) -> None:
    """Check that a site may be put there; put back or sweep what killed runs left beside it.

    Raises:
        UsageError: it may not.
    """
    if not folder.parent.is_dir():
        raise UsageError(f"The folder {folder.parent} does not exist. Make it first.")
    left = re.compile(rf"\.{re.escape(folder.name)}\.(\d+)(\.old)?")
    for beside in folder.parent.iterdir():
        if (match := left.fullmatch(beside.name)) and not files.alive(match[1]):
            if match[2] and not folder.exists():
                beside.rename(folder)  # that run was killed between taking the old site away and putting the new one there
            else:
                shutil.rmtree(beside, ignore_errors=True)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file. Give the name of a folder.")
    try:
        ours = json.loads((folder / MANIFEST).read_bytes()).get("generator") == _GENERATOR
    except (OSError, ValueError, AttributeError):
        ours = False
    if not ours and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something that was not published from here. Empty it, or name another folder.")


def _replace(folder: Path, work: Path) -> None:
    """Put the finished site in the place of what is there."""
    if not folder.exists():
        work.rename(folder)
        return
    old = folder.with_name(f"{work.name}.old")
    folder.rename(old)
    try:
        work.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


# --- the work ---------------------------------------------------------------------------------------------------------


def _jobs(graph: Graph, asked: list[tuple[str, Query]]) -> list[list[Job]]:
    """All that is to be written, in pieces that are worked on by one process; the longest first."""
    paths = list(dict.fromkeys(views.addresses(graph)))
    alone = [path for path in paths if not path.startswith(("id/", "vocabulary/", "rules/"))]
    many: list[Job] = [(_view, (path, {})) for path in paths if path.startswith(("id/", "vocabulary/", "rules/"))]
    many += [(_view, (path, query)) for path, query in asked]
    named = [_slug(name) for name in graph.embedded.graphs()]
    first: list[Job] = [(_view, (path, {})) for path in alone]
    first += [(_dump, (None, suffix)) for suffix in ("nq", "trig")]
    first += [(_dump, (name, suffix)) for name in named for suffix in RDF_SUFFIXES]
    first += [(_files, ())]
    return [*([job] for job in first), *(many[start : start + _TOGETHER] for start in range(0, len(many), _TOGETHER))]


def _written(
    graph: Graph, folder: Path, urls: Urls, jobs: list[list[Job]], processes: int | None, progress: Callable[[str, int, int], None]
) -> tuple[int, int, int]:
    """Do all jobs in processes; how many pages and files there are, and how many bytes."""
    totals = [0, 0, 0]
    context = multiprocessing.get_context("forkserver")
    start = (graph.settings, graph.store.identity, folder, urls)
    with ProcessPoolExecutor(processes or os.cpu_count(), context, _begin, start) as pool:
        try:
            running = [pool.submit(_work, job) for job in jobs]
            for done, future in enumerate(as_completed(running), 1):
                totals = [total + more for total, more in zip(totals, future.result(), strict=True)]
                progress(f"{totals[0]:,} pages", done, len(jobs))
        except BrokenProcessPool:
            raise SeismicError(
                "A process that wrote pages was killed, probably for want of memory. Publish with fewer --processes."
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)
    return totals[0], totals[1], totals[2]


@dataclass(slots=True)
class _Site:
    """What one process writes to, and what it has written."""

    graph: Graph
    folder: Path
    urls: Urls
    pages: int = 0
    files: int = 0
    size: int = 0

    def place(self, name: str) -> Path:
        """Where a file goes."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def write(self, name: str, body: str | bytes) -> None:
        """Write a file."""
        self.place(name).write_bytes(body.encode() if isinstance(body, str) else body)
        self.wrote(name)

    def wrote(self, name: str) -> None:
        """Count a file."""
        self.files += 1
        self.pages += name.endswith(".html")
        self.size += (self.folder / name).stat().st_size


_sites: list[_Site] = []
"""The site of this process."""


def _begin(settings: Settings, snapshot: str, folder: Path, urls: Urls) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _sites.append(_Site(Graph(snapshots.read(settings, snapshot).open(), settings), folder, urls))


def _end_with_parent() -> None:
    """End this process when the one that it works for is gone, however that came about."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work(jobs: list[Job]) -> tuple[int, int, int]:
    """Do some jobs; how many pages, files and bytes that made."""
    (site,) = _sites
    site.pages = site.files = site.size = 0
    for function, arguments in jobs:
        function(site, *arguments)
    return site.pages, site.files, site.size


# --- what is written --------------------------------------------------------------------------------------------------


def _view(site: _Site, path: str, query: Query) -> None:
    """A view: its page in each language, and its data and pictures."""
    place = question(path, query)
    for language in LANGUAGES:
        context = _context(site, language, place)
        found = _kept(views.find(context, path, {name: [value] for name, value in query.items()}))
        _page(site, context, place, found)
        if language == LANGUAGES[0]:
            for suffix, form in found.forms.items():
                site.write(f"{place or 'index'}.{suffix}", form())


def _kept(found: View) -> View:
    """A view without the forms that a site does without."""
    if found.path.startswith("id/"):
        return replace(found, forms={suffix: form for suffix, form in found.forms.items() if suffix not in _LEFT_OUT})
    return found if found.path != "search" or found.query else replace(found, forms={})


def _context(site: _Site, language: str, place: str) -> Context:
    """What the views at a place need; links go up from there to the top of the site."""
    urls = site.urls.speaking(language)
    return Context(site.graph, words(language), replace(urls, root="../" * urls.file(place).count("/")))


def _page(site: _Site, context: Context, place: str, found: View) -> None:
    site.write(context.urls.file(place), view.page(found, context.words, context.urls, site.graph.store.identity))


def _dump(site: _Site, graph: str | None, suffix: str) -> None:
    """A named graph, or all of them; those as N-Quads also compressed, for the engine in the browser."""
    name = f"graph/{graph}.{suffix}" if graph else f"dataset.{suffix}"
    with site.place(name).open("wb") as out:
        data.dump(site.graph, out, graph, suffix)
    site.wrote(name)
    if name == "dataset.nq":
        with (
            site.place(name).open("rb") as plain,
            site.place(f"{name}.gz").open("wb") as out,
            gzip.GzipFile("", "wb", 9, out, mtime=0) as packed,
        ):
            shutil.copyfileobj(plain, packed)
        site.wrote(f"{name}.gz")


def _files(site: _Site) -> None:
    """All that is not a view: the editor, styles and scripts, tables, descriptions, the index of names, what crawlers look for."""
    graph, urls = site.graph, site.urls
    for language in LANGUAGES:
        context = _context(site, language, "sparql")
        _page(site, context, "sparql", editor(graph.library, context.words))
    for name, asset in assets.assets().items():
        site.write(f"static/{name}", asset.body)
    if assets.bundle():
        for name in assets.TWIN:
            site.write(f"static/{name}", (assets.STATIC / name).read_bytes())
    for file in graph.settings.dossier_files():
        site.write(f"dossier/{file.name}", file.read_bytes())
    for suffix in RDF_SUFFIXES:
        site.write(f"dataset.{suffix}", data.description(graph, urls, suffix))
        site.write(f".well-known/sparql-examples.{suffix}", data.example_triples(graph, urls, "", suffix))
    site.write(".well-known/void", data.description(graph, urls, "ttl"))
    site.write(INDEX, json.dumps(_index(graph), ensure_ascii=False, separators=(",", ":")))
    site.write("sitemap.xml", data.sitemap_text(graph, urls))
    site.write("robots.txt", f"User-agent: *\nDisallow:\nSitemap: {urls.absolute('sitemap.xml')}\n")
    site.write(".nojekyll", "")  # or GitHub Pages leaves .well-known out


def _index(graph: Graph) -> list[list[str]]:
    """The things that the search finds: type and slug, the label in each language of the pages, and all other names."""
    classes = {name for of in explore.TYPES for name in (ENTITY_TYPES[of], *names.SUBCLASSES.get(ENTITY_TYPES[of], ()))}
    things = sorted({iri for name in classes for iri in graph.members(name) if iri.startswith(ID)})
    labels = [names.label(graph.store, things, language) for language in LANGUAGES]
    others: dict[str, set[str]] = {iri: set() for iri in things}
    naming = " ".join(f"<{name}>" for name in names.NAMING)
    for row in select(graph.store, f"SELECT ?s ?name WHERE {{ VALUES ?p {{ {naming} }} ?s ?p ?name }}"):
        if (iri := text_of(row[0])) in others:
            others[iri].add(text_of(row[1]))
    return [
        [iri.removeprefix(ID), *(found[iri] for found in labels), *sorted(others[iri] - {found[iri] for found in labels})] for iri in things
    ]
