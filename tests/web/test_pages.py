"""Views as functions of the graph: every page in every language and form, bounded, and free of what visitors wrote into it."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from seismic_graph import flows, names, things
from seismic_graph.errors import UnknownName
from seismic_graph.graph import Graph
from seismic_graph.rdf import RDF_FORMATS
from seismic_graph.vocabulary import ENTITY_TYPES
from seismic_graph.web import pages, views
from seismic_graph.web.urls import LANGUAGES, Urls
from seismic_graph.web.words import LOCALE, words
from tests.web.test_accessibility import PAGES

SERVED = {name: path for name, path in PAGES.items() if name not in ("sparql", "missing")}
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path", "circle", "rect")
)


def made(graph: Graph, address: str, suffix: str = "html", urls: Urls | None = None) -> views.Answer:
    """One form of the view at an address as it stands in a link."""
    from urllib.parse import parse_qs

    path, _, query = address.lstrip("/").partition("?")
    path, language = views.spoken(path)
    return views.answer(graph, views.split(path)[0], parse_qs(query), (urls or Urls()).speaking(language), suffix)


class Balanced(HTMLParser):
    """Holds that elements are closed in the order in which they were opened, and that ids are unique."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, tag
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SERVED)
def test_every_page_is_whole(graph: Graph, name: str, language: str) -> None:
    answer = (
        made(graph, SERVED[name].removeprefix("/sv"), urls=None)
        if language == "en"
        else made(graph, f"/sv{SERVED[name].removeprefix('/sv')}")
    )
    body = answer.body.decode()
    parser = Balanced()
    parser.feed(body)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert f'<html lang="{language}">' in body
    assert body.count("<h1") == 1
    assert "<style" not in body  # the policy refuses styles and scripts inside the page
    assert not re.search(r"<script(?! (src=|type=\"application/))", body)
    assert not re.search(r"\s(on\w+|style)=\"", body)


@pytest.mark.parametrize("name", SERVED)
def test_every_form_of_every_page_reads(graph: Graph, name: str) -> None:
    for suffix in made(graph, SERVED[name]).suffixes[1:]:
        body = made(graph, SERVED[name], suffix).body
        kind = suffix.rpartition(".")[2]
        if kind in RDF_FORMATS:
            list(ox.parse(body, format=RDF_FORMATS[kind]))
        elif kind == "json":
            json.loads(body)
        elif kind in ("svg", "gexf", "graphml", "xml"):
            ElementTree.fromstring(body)
        elif kind in ("csv", "tsv"):
            list(csv.reader(io.StringIO(body.decode()), strict=True))
        else:
            body.decode()


HOSTILE = "\"><script>alert(1)</script>' onx=1 {{7*7}} ${7*7} <img src=x>"


@pytest.mark.parametrize(
    "address",
    [
        "search?q=",
        "trace?from=",
        "trace?to=sria-2015&from=",
        "gaps?theme=",
        "gaps?year=",
        "loops?place=",
        "queries?q=",
        "trace?from=nanet-se&since=",
        "trace?max_hops=",
    ],
)
def test_what_visitors_write_stays_text(graph: Graph, address: str) -> None:
    from urllib.parse import quote

    body = made(graph, address + quote(HOSTILE)).body.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body
    assert "49" not in re.findall(r"\{\{.*?\}\}|onx=1 (\S+)", body)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("trace?from=nobody&to=sria-2015", 404),
        ("trace?from=nanet-se&to=nanet-se", 400),
        ("trace?from=nanet-se&reading=wild", 400),
        ("trace?from=nanet-se&max_hops=99", 400),
        ("gaps?kind=none", 400),
        ("loops?place=Atlantis", 404),
    ],
    ids=["unknown", "same", "reading", "hops", "kind", "place"],
)
def test_a_page_says_what_is_wrong_and_keeps_the_form(graph: Graph, address: str, status: int) -> None:
    answer = made(graph, address)
    assert answer.status == status
    assert b'role="alert"' in answer.body
    assert b"<form" in answer.body
    assert answer.suffixes == ("html",)


@pytest.mark.parametrize(
    "path", ["nothing", "claims/none", "indicators/none", "queries/none", "rules/none", "id/network/none", "vocabulary/none"]
)
def test_what_is_not_there_is_said(graph: Graph, path: str) -> None:
    with pytest.raises(UnknownName):
        made(graph, path)


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    def flat(tag: str) -> Iterator[tuple[str, frozenset[str]]]:
        for table, texts in tomllib.loads((LOCALE / f"{tag}.toml").read_text(encoding="utf-8")).items():
            for key, text in texts.items():
                yield f"{table}.{key}", frozenset(re.findall(r"\{(\w+)\}", text))

    assert dict(flat("en")) == dict(flat("sv"))
    assert {file.stem for file in LOCALE.glob("*.toml")} == set(LANGUAGES)


def test_every_type_of_thing_has_its_word() -> None:
    for language in LANGUAGES:
        for name in ENTITY_TYPES:
            assert words(language)(f"type.{name}")


def test_a_hub_is_bounded_and_says_so(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seismic_graph.web.entity.FLOWS", 20)
    body = made(graph, "id/programme/jpi-urban-europe.html").body.decode()
    assert body.count('<li class="flow') == 20
    assert "Only 20 movements are shown" in body
    assert made(graph, "id/programme/jpi-urban-europe", "csv").body.count(b"\r\n") > 100


def test_pages_can_be_files_anywhere(graph: Graph) -> None:
    body = made(graph, "id/network/nanet-se", urls=Urls(root="../../", site="https://example.org/any/where/", files=True)).body.decode()
    assert 'href="../../id/agenda-item/sria-2015.html"' in body or 'href="../../id/network/seismic-nanets.html"' in body
    assert 'href="../../gaps.html"' in body
    assert not re.search(r'(?:href|src)="/', body)
    assert len(set(views.addresses(graph))) == len(list(views.addresses(graph)))


def test_the_routes_are_those_of_the_views() -> None:
    served = {route.path for route in pages.routes}
    for pattern in views.VIEWS:
        assert f"/{pattern}" in served
        assert f"/sv/{pattern}" in served


@pytest.mark.parametrize("name", ["nanet-se", "jpi-urban-europe", "stockholm"])
def test_what_is_read_for_one_thing_is_what_is_read_for_all(graph: Graph, name: str) -> None:
    iri = graph.find(name)
    own = flows.touching(graph.store, iri, 1000)
    assert own == [flow for flow in graph.network.flows if iri in (flow.source, flow.target)]
    assert flows.touching(graph.store, iri, 3) == own[:3]
    ends = {end for flow in own for end in (flow.source, flow.target)}
    assert things.some(graph.store, ends) == {end: graph.things[end] for end in sorted(ends) if end in graph.things}


def test_labels_come_in_the_language_of_the_page(graph: Graph) -> None:
    theme = graph.find("new-urban-governance")
    assert names.label(graph.store, [theme], "sv") == {theme: "Ny urban samverkan"}
    assert names.label(graph.store, [theme], "xx") == names.label(graph.store, [theme]) == {theme: "New Urban Governance"}
    assert names.similar(graph.store, "Stokholm", "City")[0] == (graph.find("stockholm"), "Stockholm")
