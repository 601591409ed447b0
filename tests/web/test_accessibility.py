"""Every kind of page, in both themes and at the width of a telephone: axe finds nothing, nothing runs out of the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.web.browser import axe, overflow, visiting
from tests.web.service import Service

PAGES = {
    "start": "/",
    "start-sv": "/sv/",
    "search": "/search?q=stockholm",
    "browse": "/search?type=project",
    "misspelt": "/search?q=stokholm",
    "trace": "/trace?from=nanet-se&to=sria-2015",
    "why-not": "/trace?from=nanet-se&to=sria-2015&via=ev-final-2016",
    "reach": "/trace?from=nanet-se",
    "wrong": "/trace?from=nobody&to=sria-2015",
    "gaps": "/gaps?network=nanet-se",
    "claims": "/claims",
    "claim": "/claims/networks-questions-as-input",
    "loops": "/loops?place=Amsterdam",
    "balance": "/balance?place=Stockholm",
    "indicators": "/indicators",
    "indicator": "/indicators/flows-by-theme",
    "themes": "/themes",
    "agendas": "/agendas",
    "queries": "/queries",
    "question": "/queries/what-did-this-network-put-forward-and-where-did-it-go",
    "rule": "/rules/network-acts-through-collective",
    "guide": "/guide",
    "ontology": "/ontology",
    "vocabulary": "/vocabulary/basis.html",
    "concept": "/vocabulary/basis/stated.html",
    "validation": "/validation",
    "downloads": "/downloads",
    "licence": "/licence",
    "network": "/id/network/nanet-se.html",
    "city": "/sv/id/city/stockholm.html",
    "flow": "/id/flow/flow-seismic-contributed-to-sria-2015.html",
    "source": "/id/source/sp-se-network.html",
    "theme": "/id/theme/new-urban-governance.html",
    "sparql": "/sparql",
    "missing": "/id/network/nanet-xx.html",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(explorer: Service, browser: Browser, name: str, scheme: str) -> None:
    with visiting(browser, explorer.base, color_scheme=scheme) as visit:
        visit.page.goto(PAGES[name])
        assert axe(visit.page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_out_of_a_narrow_window(explorer: Service, browser: Browser, name: str) -> None:
    with visiting(browser, explorer.base, viewport={"width": 360, "height": 740}) as visit:
        visit.page.goto(PAGES[name])
        assert overflow(visit.page) == 0
