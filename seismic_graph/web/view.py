"""What a view is: one subject with its page, its data and its pictures, as functions of the graph that know no request."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seismic_graph import __version__, interchange, names
from seismic_graph.catalogue import LICENCE
from seismic_graph.errors import SeismicError
from seismic_graph.graph import Graph
from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.vocabulary import BASE, PREFIXES, short
from seismic_graph.web import assets
from seismic_graph.web.urls import LANGUAGES, Urls
from seismic_graph.web.words import Words

MEDIA: dict[str, str] = {
    "html": "text/html; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "xml": "application/xml",
    "md": "text/markdown; charset=utf-8",
    "rq": "application/sparql-query",
    "svg": "image/svg+xml",
    "gexf": "application/xml",
    "graphml": "application/xml",
    "txt": "text/plain; charset=utf-8",
}
"""Suffix -> media type."""
RDF_SUFFIXES = ("ttl", "jsonld", "nt", "rdf")
"""The forms of what is about things."""

Form = Callable[[], str | bytes]
Forms = Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Context:
    """What a view may use: the graph, the words and the addresses."""

    graph: Graph
    words: Words
    urls: Urls

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """IRI -> its label in the language of the page, else in English, else in another."""
        return names.label(self.graph.store, iris, self.words.language)


@dataclass(frozen=True, slots=True)
class View:
    """A view of something.

    Attributes:
        path: its address below the base, without language and suffix; query: what belongs to the address besides.
        title: its heading, in the language asked for.
        template: the file in ``templates/`` that makes its page; content: what the template shows, made when a page is wanted.
        forms: suffix -> what makes that form; ``map.svg`` is the picture named map.
        description: one sentence for search engines and lists.
        about: the IRI of the thing that it is about.
        schema: what it is in schema.org, as JSON-LD.
        error: why there is no answer, where what was asked for cannot be; the page tells it, no other form exists then.
    """

    path: str
    title: str
    template: str
    content: Callable[[], Mapping[str, Any]]
    forms: Forms = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    about: str = ""
    schema: Mapping[str, Any] | None = None
    error: SeismicError | None = None


def page(view: View, words: Words, urls: Urls, snapshot: str) -> str:
    """The page of a view; `snapshot` is the id of what it was made from."""
    return (
        _environment()
        .get_template(view.template)
        .render(
            view.content(),
            view=view,
            t=words,
            urls=urls,
            others=[(tag, urls.speaking(tag).page(view.path, view.query)) for tag in LANGUAGES],
            canonical=urls.absolute_page(view.path, view.query),
            downloads=[(name, urls.to(f"{view.path or 'index'}.{name}", view.query)) for name in view.forms if "-narrow" not in name],
            media=MEDIA,
            policy=assets.POLICY,
            bundle=assets.bundle(),
            schema=_safe_json(view.schema) if view.schema else "",
            snapshot=snapshot,
            version=__version__,
            licence=LICENCE,
        )
    )


def media_type(suffix: str) -> str:
    """The media type of a form: ``map.svg`` is an SVG."""
    return MEDIA[suffix.rpartition(".")[2]]


def _safe_json(value: Mapping[str, Any]) -> Markup:
    """JSON for a script element: nothing in it can end the element."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped here


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = short
    environment.filters["slug"] = lambda iri: iri.rpartition("/")[2]
    environment.filters["type"] = lambda iri: short(iri).partition("/")[0]
    environment.filters["iri"] = lambda iri: BASE + iri if ":" not in iri else iri
    return environment


# --- forms ------------------------------------------------------------------------------------------------------------


def json_form(value: Callable[[], Any]) -> Form:
    """Plain values as JSON."""
    return lambda: json.dumps(value(), ensure_ascii=False, indent=2) + "\n"


def rdf_forms(triples: Callable[[], Iterable[ox.Triple]]) -> dict[str, Form]:
    """Triples in each of `RDF_SUFFIXES`."""

    def written(suffix: str) -> Form:
        return lambda: serialised(triples(), suffix)

    return {suffix: written(suffix) for suffix in RDF_SUFFIXES}


def serialised(triples: Iterable[ox.Triple], suffix: str) -> bytes:
    """Triples in the RDF format of a suffix."""
    kind = RDF_FORMATS[suffix]
    prefixed = kind in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML)
    out = io.BytesIO()
    ox.serialize(triples, out, kind, prefixes=dict(sorted(PREFIXES.items())) if prefixed else None)
    return out.getvalue()


def from_turtle(text: str) -> list[ox.Triple]:
    """The triples of a Turtle text."""
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def network_forms(tables: Callable[[], tuple[list[dict[str, Any]], list[dict[str, Any]]]]) -> dict[str, Form]:
    """Things and flows as the files of network tools."""
    return {
        "csv": lambda: interchange.edges_csv(*tables()),
        "gexf": lambda: interchange.gexf(*tables()),
        "graphml": lambda: interchange.graphml(*tables()),
    }


def table_form(columns: Iterable[str], rows: Callable[[], Iterable[Mapping[str, Any]]]) -> Form:
    """Rows as CSV; lists are separated by semicolons."""

    def flat(row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: ";".join(map(str, value)) if isinstance(value, (list, tuple)) else value for name, value in row.items()}

    return lambda: interchange.table([flat(row) for row in rows()], list(columns))


RESULT_SUFFIXES = tuple(RESULT_FORMATS)
"""The forms of the rows of a query."""
