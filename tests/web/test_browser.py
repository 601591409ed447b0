"""What people do in a real browser: from the start page to a source, a question, a trace, a query; with and without scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import visiting
from tests.web.service import Service

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])


@SCRIPTS
def test_from_the_start_page_to_a_cited_source(explorer: Service, browser: Browser, scripts: bool) -> None:
    with visiting(browser, explorer.base, java_script_enabled=scripts) as visit:
        page = visit.page
        page.goto("/")
        page.get_by_role("link", name="SEiSMiC national network Sweden").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("SEiSMiC national network Sweden")
        page.get_by_role("link", name="evidence").first.click()
        expect(page.get_by_role("heading", name="Who says so")).to_be_visible()
        link = page.get_by_role("link", name="Open the source").first
        assert (link.get_attribute("href") or "").startswith("http")


@SCRIPTS
def test_a_question_with_a_parameter(explorer: Service, browser: Browser, scripts: bool) -> None:
    with visiting(browser, explorer.base, java_script_enabled=scripts) as visit:
        page = visit.page
        page.goto("/queries")
        page.get_by_label("Find a question").fill("agenda items reached city")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("link", name=re.compile("Which agenda items reached this city")).click()
        page.get_by_label("City", exact=True).fill("Göteborg")
        page.get_by_role("button", name="Run").click()
        assert "city=G%C3%B6teborg" in page.url
        expect(page.locator("tbody tr").first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV", exact=True).click()
        assert Path(download.value.path()).read_text(encoding="utf-8").count("\n") > 1


@SCRIPTS
def test_a_trace(explorer: Service, browser: Browser, scripts: bool) -> None:
    with visiting(browser, explorer.base, java_script_enabled=scripts) as visit:
        page = visit.page
        page.goto("/")
        page.get_by_role("link", name="Trace", exact=True).first.click()
        page.get_by_label("From").fill("nanet-se")
        page.get_by_label("To").fill("sria-2015")
        page.get_by_role("button", name="Trace").click()
        expect(page.get_by_role("heading", name="Path 1")).to_be_visible()
        edges = page.locator("figure .wide a.f")
        assert edges.count() > 2
        assert all((edge.get_attribute("href") or "").startswith("http") for edge in edges.all())
        page.get_by_text("Limits: dates").click()
        page.get_by_label("Via").fill("ev-final-2016")
        page.get_by_role("button", name="Trace").click()
        expect(page.get_by_role("heading", name="No such path is recorded")).to_be_visible()
        expect(page.get_by_role("heading", name="misses by 391 days")).to_be_visible()


def test_names_are_suggested_while_typing(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        visit.page.goto("/trace")
        visit.page.get_by_label("From").press_sequentially("Malm")
        option = visit.page.locator("datalist option[value='city/malmo']")
        option.wait_for(state="attached")


def test_a_table_sorts(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        page = visit.page
        page.goto("/trace?from=nanet-se")
        head = page.get_by_role("columnheader", name="Steps")
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        steps = [int(text) for text in page.locator("tbody td:nth-child(3)").all_inner_texts()]
        assert steps == sorted(steps)
        assert len(set(steps)) > 1


def test_colours_are_chosen_and_kept(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base, color_scheme="light") as visit:
        page = visit.page
        page.goto("/guide")
        light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.get_by_label("Colours").select_option("dark")
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert dark != light
        page.goto("/licence")
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_the_keyboard_reaches_the_content_first(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        page = visit.page
        page.goto("/guide")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_the_editor_runs_a_query(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        page = visit.page
        page.goto("/sparql")
        expect(page.locator(".yasqe .CodeMirror")).to_be_visible()
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator("[data-results] tbody tr")).to_have_count(10)
        page.get_by_role("link", name="How are the programmes nested?").click()
        expect(page.locator(".yasqe .CodeMirror")).to_contain_text("programme")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        assert Path(download.value.path()).read_text(encoding="utf-8").count("\n") > 1


def test_the_editor_says_what_is_wrong_and_declares_prefixes(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        page = visit.page
        page.goto("/sparql")
        page.locator(".yasqe .CodeMirror").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("SELECT * WHERE { ?s foaf:")
        expect(page.locator(".yasqe .CodeMirror")).to_contain_text("PREFIX foaf:")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("cannot be read at line")


def test_a_query_without_scripts(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base, java_script_enabled=False) as visit:
        page = visit.page
        page.goto("/sparql")
        page.get_by_label("Query").fill("SELECT (COUNT(*) AS ?n) WHERE { ?f a <https://w3id.org/seismic-graph/ontology#KnowledgeFlow> }")
        page.get_by_role("button", name="Run").click()
        expect(page.locator("tbody td").first).to_contain_text("3186")


def test_in_swedish(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base, locale="sv-SE") as visit:
        page = visit.page
        page.goto("/")
        assert page.url.endswith("/sv/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Hur rörde sig kunskapen?")
        page.goto("/sv/id/theme/new-urban-governance.html")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ny urban samverkan")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("New Urban Governance")


def test_what_search_engines_read_is_json(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        visit.page.goto("/id/city/stockholm.html")
        told = json.loads(visit.page.locator("script[type='application/ld+json']").inner_text())
        assert told["@type"] == "City"
        assert told["@id"].endswith("/id/city/stockholm")
        assert told["geo"]["latitude"] == pytest.approx(59.33, abs=0.01)


def test_pictures_of_a_thing_are_loaded(explorer: Service, browser: Browser) -> None:
    with visiting(browser, explorer.base) as visit:
        page = visit.page
        page.goto("/id/network/nanet-se.html")
        for image in page.locator("figure img").all():
            image.scroll_into_view_if_needed()
            expect(image).to_have_js_property("complete", True)
            page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
