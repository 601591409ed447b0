"""The site of files: nothing in it leads nowhere, it is whole or not there, the same each time, and alive in a browser."""

from __future__ import annotations

import hashlib
import html
import json
import os
import posixpath
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from seismic_graph.graph import Graph
from seismic_graph.settings import Settings
from seismic_graph.web.publish import MANIFEST
from seismic_graph.web.view import RDF_SUFFIXES
from tests.conftest import ROOT
from tests.fixtures.servers import free_port
from tests.web.browser import axe, visiting
from tests.web.conftest import made_by_hand

LINK = re.compile(rb'(?:href|src|srcset|action)="([^"]*)"')
BASE = "https://example.org/kg/"


def publishing(home: Path, *arguments: str, **options: object) -> subprocess.Popen[str]:
    """``seismic publish`` as it runs."""
    environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "seismic_graph.cli", "publish", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT, **options)  # type: ignore[call-overload,no-any-return]


def published(home: Path, folder: Path, *options: str) -> str:
    """What ``seismic publish`` says when all went well."""
    process = publishing(home, str(folder), *options)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    return said


def digest(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*") if file.is_file()
    }


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a snapshot of the small graph of the query tests, which has a few things of each type."""
    graphs: dict[str, list[str]] = {}
    for quad in ox.parse((ROOT / "tests" / "queries" / "fixture.trig").read_bytes(), format=ox.RdfFormat.TRIG):
        graphs.setdefault(quad.graph_name.value, []).append(f"{quad.triple} .\n")
    return made_by_hand(tmp_path_factory.mktemp("small") / "home", {name: "".join(lines) for name, lines in graphs.items()})


@pytest.fixture(scope="session")
def small(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small graph."""
    folder = tmp_path_factory.mktemp("small-site") / "site"
    published(small_home, folder, "--base", BASE)
    return folder


@pytest.fixture(scope="session")
def whole(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped dossier, two folders below the root of a web server."""
    folder = tmp_path_factory.mktemp("www") / "some" / "where"
    folder.parent.mkdir()
    published(home, folder)
    return folder


def broken(folder: Path) -> list[str]:
    """The links of all pages that lead to no file."""
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    found = []
    for name in sorted(name for name in files if name.endswith(".html")):
        for link in set(LINK.findall((folder / name).read_bytes())):
            parts = urlsplit(html.unescape(link.decode()))
            if parts.scheme or parts.netloc or not parts.path:
                continue
            if posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) not in files:
                found.append(f"{name}: {parts.path}")
    return found


def test_every_link_leads_to_a_file(whole: Path) -> None:
    assert broken(whole) == []


def test_the_site_says_what_it_is(small: Path) -> None:
    told = json.loads((small / MANIFEST).read_text())
    files = [file for file in small.rglob("*") if file.is_file()]
    assert told["generator"] == "seismic-graph"
    assert told["base"] == BASE
    assert told["files"] == len(files)
    assert told["pages"] == sum(file.suffix == ".html" for file in files)
    assert told["snapshot"] in (small / "id" / "project" / "seismic.html").read_text()


def test_every_thing_is_there_as_a_page_in_each_language_and_as_data(small: Path) -> None:
    assert (small / "sv" / "id" / "project" / "seismic.html").is_file()
    for suffix in RDF_SUFFIXES:
        triples = list(ox.parse((small / f"id/project/seismic.{suffix}").read_bytes(), format=ox.RdfFormat.from_extension(suffix)))
        assert any(str(quad.subject) == "<https://w3id.org/seismic-graph/id/project/seismic>" for quad in triples)
    assert json.loads((small / "id/project/seismic.json").read_text())["label"] == "SEiSMiC"
    assert (small / "id/project/seismic.network.svg").read_text().startswith("<svg")


def test_the_dump_is_the_graph(small: Path, small_home: Path) -> None:
    graph = Graph.open(settings=Settings(home=small_home))
    dumped = {str(quad) for quad in ox.parse((small / "dataset.nq").read_bytes(), format=ox.RdfFormat.N_QUADS)}
    assert len(dumped) == len({str(quad) for name in graph.embedded.graphs() for quad in graph.embedded.triples(name)})


def test_a_description_names_the_dumps_and_no_endpoint(small: Path) -> None:
    text = (small / ".well-known" / "void").read_text()
    assert f"{BASE}dataset.nq" in text
    assert "sparqlEndpoint" not in text
    assert f"<loc>{BASE}id/project/seismic.html</loc>" in (small / "sitemap.xml").read_text()
    assert f"Sitemap: {BASE}sitemap.xml" in (small / "robots.txt").read_text()


def test_pages_carry_their_policy_and_their_signposts(small: Path) -> None:
    page = (small / "id/project/seismic.html").read_text()
    assert '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;self&#39;;' in page
    assert "unsafe" not in page
    assert "wasm-unsafe-eval" in (small / "sparql.html").read_text()
    assert '<link rel="cite-as" href="https://w3id.org/seismic-graph/id/project/seismic">' in page
    assert '<link rel="describedby" type="text/turtle" href="../../id/project/seismic.ttl">' in page
    assert f'<link rel="canonical" href="{BASE}id/project/seismic.html">' in page


def test_traces_between_networks_and_agendas_are_prepared(whole: Path) -> None:
    page = (whole / "trace/nanet-se/sria-2015.html").read_text()
    assert 'href="../../trace/nanet-se/sria-2015.ttl"' in page
    assert (whole / "trace/nanet-se/sria-2015.svg").read_text().startswith("<svg")
    assert json.loads((whole / "trace/nanet-se/sria-2015.json").read_text())["paths"]
    assert (whole / "sv/trace/nanet-se/sria-2015.html").is_file()
    assert 'href="trace/nanet-se/sria-2015.html"' in (whole / "trace.html").read_text()


def test_questions_have_their_answers(whole: Path) -> None:
    for file in Settings().query_files():
        assert (whole / f"queries/{file.stem}.html").is_file()
        assert (whole / f"queries/{file.stem}.rq").is_file()
    assert (whole / "queries/where-are-the-cities.csv").read_text().count("\n") > 20


def test_two_runs_give_the_same_bytes_and_the_second_takes_the_place_of_the_first(small: Path, small_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    published(small_home, folder, "--base", BASE, "--processes", "1")
    (folder / "left.html").write_text("from an older release")
    said = published(small_home, folder, "--base", BASE, "--processes", "3")
    assert digest(folder) == digest(small)
    assert re.search(r"[\d,]+ pages, [\d,]+ files, [\d,]+ MB", said)
    assert [file.name for file in tmp_path.iterdir()] == ["site"]


def test_a_folder_of_others_is_refused(small_home: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    process = publishing(small_home, str(tmp_path))
    assert "holds something that was not published from here" in process.communicate()[0]
    assert process.returncode == 2
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("place", "options", "message"),
    [
        ("no/such/site", (), "does not exist"),
        ("site", ("--base", "example.org"), "is not an address that pages can lie below"),
    ],
    ids=["no-parent", "no-address"],
)
def test_what_cannot_be_is_refused(small_home: Path, tmp_path: Path, place: str, options: tuple[str, ...], message: str) -> None:
    process = publishing(small_home, str(tmp_path / place), *options)
    assert message in process.communicate()[0]
    assert process.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken(small_home: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    published(small_home, tmp_path / "made", "--base", BASE)
    assert (tmp_path / "made" / MANIFEST).is_file()


def test_a_full_disk_is_a_clear_error_and_costs_nothing(small_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / MANIFEST).write_text('{"generator": "seismic-graph"}')

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = publishing(small_home, str(folder), preexec_fn=little_room)
    said = process.communicate()[0]
    assert process.returncode == 2, said
    assert "what stood there still stands" in said
    assert "Traceback" not in said
    assert [file.name for file in tmp_path.iterdir()] == ["site"]
    assert [file.name for file in folder.iterdir()] == [MANIFEST]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["stopped", "killed"])
def test_what_an_ended_run_leaves_is_no_site_and_is_swept(small_home: Path, tmp_path: Path, number: int) -> None:
    process = publishing(small_home, str(tmp_path / "site"))
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob(".site.*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    said = process.communicate()[0]
    assert "Traceback" not in said
    assert not (tmp_path / "site").exists()
    assert any(tmp_path.iterdir()) == (number == signal.SIGKILL)
    published(small_home, tmp_path / "site", "--base", BASE)
    assert [file.name for file in tmp_path.iterdir()] == ["site"]


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(whole: Path) -> Iterator[str]:
    """The site of the shipped dossier on Python's plain file server, two folders below its root."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(whole.parent.parent)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if subprocess.run(["curl", "-sf", "-o", os.devnull, f"http://127.0.0.1:{port}/"]).returncode == 0:
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/{whole.parent.name}/{whole.name}/"
        process.terminate()


def test_from_the_start_to_a_source_without_scripts(browser: Browser, address: str) -> None:
    with visiting(browser, address, java_script_enabled=False) as visit:
        page = visit.page
        page.goto("index.html")
        page.get_by_role("link", name="SEiSMiC national network Sweden").first.click()
        page.locator(".flow .sources a").first.click()
        assert "/id/source/" in page.url
        assert page.locator("h1").inner_text()


def test_the_other_language_is_one_step_away(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        visit.page.goto("trace/nanet-se/sria-2015.html")
        visit.page.get_by_role("link", name="Svenska", exact=True).click()
        assert visit.page.url.endswith("/sv/trace/nanet-se/sria-2015.html")
        assert visit.page.locator("html").get_attribute("lang") == "sv"


def test_the_search_finds_by_other_names_and_without_accents(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        visit.page.goto("index.html")
        visit.page.locator("header input[name=q]").fill("malmo")
        visit.page.locator("header input[name=q]").press("Enter")
        visit.page.locator(".hits a").first.wait_for()
        assert "/id/city/malmo.html" in visit.page.locator(".hits").evaluate(
            "list => [...list.querySelectorAll('a')].map(a => a.href).join()"
        )


def test_the_form_of_traces_leads_to_what_is_prepared_and_says_what_is_not(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        page = visit.page
        page.goto("trace.html?from=nanet-se&to=sria-2015")
        page.wait_for_url("**/trace/nanet-se/sria-2015.html")
        page.goto("trace.html?from=nanet-se&to=amsterdam")
        page.get_by_text("seismic trace nanet-se amsterdam").wait_for()


def test_sparql_runs_in_the_browser(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        page = visit.page
        page.goto("sparql.html")
        page.get_by_role("button", name="Run").click()
        page.locator("[data-results] table").wait_for(timeout=60_000)
        assert page.locator("[data-results] tbody tr").count() == 10
        page.locator("[data-results] tbody a").first.click()
        assert "/id/network/" in page.url


def test_a_wrong_query_is_told_and_a_long_one_can_be_stopped(browser: Browser, address: str) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with visiting(browser, address) as visit:
        page = visit.page
        page.goto(f"sparql.html?query={'SELECT * {'}")
        page.get_by_role("button", name="Run").click()
        page.locator("[data-results] .problem").wait_for(timeout=60_000)
        page.goto(f"sparql.html?query={endless}")
        page.get_by_role("button", name="Run").click()
        page.locator("[data-progress] span", has_text="Running").wait_for(timeout=60_000)
        assert page.evaluate("1 + 1") == 2, "the page stays alive"
        page.get_by_role("button", name="Stop").click()
        page.locator("[data-results] .problem", has_text="Stopped").wait_for()


def test_an_answer_can_be_saved(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visit:
        page = visit.page
        page.goto("sparql.html")
        with page.expect_download(timeout=60_000) as started:
            page.get_by_role("button", name="CSV").click()
        assert started.value.path().read_text().startswith("network,label")


@pytest.mark.parametrize("path", ["trace.html", "sparql.html", "search.html?q=space", "sv/gaps.html"])
def test_pages_of_files_are_as_accessible_as_those_of_the_service(browser: Browser, address: str, path: str) -> None:
    with visiting(browser, address) as visit:
        visit.page.goto(path)
        assert axe(visit.page) == []
