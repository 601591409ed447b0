"""The views by address: which function makes what lies at a path, on a server and in a site of files alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from seismic_graph import findings
from seismic_graph.errors import UnknownName
from seismic_graph.graph import Graph
from seismic_graph.store import select, text_of
from seismic_graph.vocabulary import BASE, ENTITY_TYPES, ID, PREFIXES, SKOS, VOCABULARY
from seismic_graph.web import about, entity, explore, insights, library, tracing, view
from seismic_graph.web.asked import Query
from seismic_graph.web.negotiation import best
from seismic_graph.web.urls import LANGUAGES, Urls
from seismic_graph.web.view import MEDIA, Context, View
from seismic_graph.web.words import words


def _thing(context: Context, query: Query, type: str, slug: str) -> View:
    return entity.view(context, f"id/{type}/{slug}", f"{ID}{type}/{slug}")


def _concept(context: Context, query: Query, scheme: str, slug: str) -> View:
    return entity.view(context, f"vocabulary/{scheme}/{slug}", f"{VOCABULARY}{scheme}/{slug}")


VIEWS: dict[str, Callable[..., View]] = {
    "": explore.start,
    "search": explore.search,
    "themes": explore.themes,
    "agendas": explore.agendas,
    "guide": explore.guide,
    "trace": tracing.traces,
    "gaps": insights.gaps,
    "claims": insights.claims,
    "claims/{name}": insights.claim,
    "loops": insights.loops,
    "balance": insights.balance,
    "indicators": insights.indicators,
    "indicators/{name}": insights.indicator,
    "queries": library.index,
    "queries/{name}": library.question,
    "rules/{name}": explore.rule,
    "ontology": about.ontology,
    "validation": about.validation,
    "downloads": about.downloads,
    "licence": about.licence,
    "id/{type}/{slug}": _thing,
    "vocabulary/{scheme}": about.vocabulary,
    "vocabulary/{scheme}/{slug}": _concept,
}
"""Pattern of a path -> the function that makes its view from a context, the query string and what stands in the path."""

_PATTERNS = {re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)): made for pattern, made in VIEWS.items()}
_SUFFIX = re.compile(rf"^(?P<stem>.+?)\.(?P<suffix>(?:network|timeline|map)(?:-narrow)?\.svg|{'|'.join(MEDIA)})$")


@dataclass(frozen=True, slots=True)
class Answer:
    """A form of a view, ready to be sent or written.

    Attributes:
        status, media_type, body: of the answer.
        title: of the view; about: the IRI that it is about, or empty.
        path: of the view; suffixes: its forms, ``html`` first.
        suffix: of this form.
    """

    status: int
    media_type: str
    body: bytes
    title: str
    about: str
    path: str
    suffix: str
    suffixes: Sequence[str] = field(default=())


def split(path: str) -> tuple[str, str]:
    """A path without its suffix, and the suffix; empty where it has none that is known.

    >>> split("id/agenda-item/sria-2.0.ttl"), split("id/agenda-item/sria-2.0")
    (('id/agenda-item/sria-2.0', 'ttl'), ('id/agenda-item/sria-2.0', ''))
    """
    match = _SUFFIX.match(path)
    if match is None:
        return path, ""
    stem = match["stem"]
    return ("" if stem == "index" else stem), match["suffix"]


def spoken(path: str) -> tuple[str, str]:
    """A path without its language, and the language.

    >>> spoken("sv/trace"), spoken("trace")
    (('trace', 'sv'), ('trace', 'en'))
    """
    head, _, rest = path.partition("/")
    return (rest, head) if head in LANGUAGES[1:] else (path, LANGUAGES[0])


def find(context: Context, path: str, query: Query) -> View:
    """The view at a path without language and suffix.

    Raises:
        UnknownName: there is none.
    """
    for pattern, made in _PATTERNS.items():
        if match := pattern.fullmatch(path):
            return made(context, query, **match.groupdict())
    raise UnknownName("page", path)


def answer(graph: Graph, path: str, query: Mapping[str, Sequence[str]], urls: Urls, suffix: str = "html", accept: str = "") -> Answer:
    """One form of the view at a path. What a worker runs, and what a site of files is made of.

    Args:
        graph: the graph. path: below the base, without language and suffix. query: the query string.
        urls: what makes the links, with the language.
        suffix: the form; empty to choose it by `accept`, an Accept header (RFC 9110, section 12.5.1).

    Raises:
        UnknownName: there is no such page, thing or form.
        SeismicError: what was asked for cannot be answered. A page tells that itself.
    """
    context = Context(graph, words(urls.language), urls)
    found = find(context, path, query)
    suffixes = ("html", *found.forms)
    if not suffix:
        offers = {view.media_type(name): name for name in reversed(suffixes) if name.count(".") == 0}
        liked = best(accept, [view.media_type(name) for name in suffixes if name.count(".") == 0])
        suffix = offers[liked] if liked else "html"
    if found.error is not None and suffix != "html":
        raise found.error
    if suffix == "html":
        body = view.page(found, context.words, urls, graph.store.identity).encode()
        status = 200 if found.error is None else 404 if isinstance(found.error, UnknownName) else 400
    elif suffix in found.forms:
        made = found.forms[suffix]()
        body = made.encode() if isinstance(made, str) else made
        status = 200
    else:
        raise UnknownName("form of this page", suffix, suffixes)
    return Answer(status, view.media_type(suffix), body, found.title, found.about, found.path, suffix, suffixes)


def addresses(graph: Graph) -> Iterator[str]:
    """The paths of all views that need no question: what a site of files and a sitemap hold."""
    yield from (pattern for pattern in VIEWS if "{" not in pattern)
    yield from (f"claims/{name}" for name in graph.claims)
    yield from (f"indicators/{name}" for name in findings.INDICATORS)
    yield from (f"queries/{name}" for name in graph.library)
    yield from (f"rules/{file.stem}" for file in graph.settings.derive_files())
    for scheme in select(
        graph.store, f"SELECT DISTINCT ?s WHERE {{ ?c <{SKOS}inScheme> ?s FILTER EXISTS {{ ?s ?p ?o }} }} ORDER BY STR(?s)"
    ):
        if text_of(scheme[0]).startswith((ID, VOCABULARY)):
            yield text_of(scheme[0]).removeprefix(BASE)
    for class_ in (*(PREFIXES["sg"] + name for name in ENTITY_TYPES.values()), SKOS + "Concept"):
        for row in select(graph.store, f"SELECT DISTINCT ?s WHERE {{ ?s a <{class_}> }} ORDER BY STR(?s)"):
            if text_of(row[0]).startswith((ID, VOCABULARY)):
                yield text_of(row[0]).removeprefix(BASE)
