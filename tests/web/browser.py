"""A real browser for the tests: Debian's Chromium, driven by Playwright; every request to another host is refused and noted."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from seismic_graph.web.assets import BUNDLE, STATIC
from tests.conftest import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; fails where it, the script bundle or axe is not there."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed (on Debian: apt-get install chromium)"
    assert all((STATIC / name).is_file() for name in BUNDLE), "the scripts are not bundled: python hatch_build.py"
    assert AXE.is_file(), "axe-core is not installed: npm ci --prefix frontend --ignore-scripts"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in the browser, with what went wrong on it.

    Attributes:
        page: the page.
        elsewhere: addresses at other hosts that it asked for.
        errors: errors of scripts, and what the security policy refused.
    """

    page: Page
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextlib.contextmanager
def visiting(browser: Browser, base: str, **options: Any) -> Iterator[Visit]:
    """A fresh page below a base; at the end it must have asked no other host and had no error."""
    context = browser.new_context(base_url=base, **options)
    context.set_default_timeout(15_000)
    visit = Visit(context.new_page())
    own = urlsplit(base).netloc

    def watch(route: Route) -> None:
        if urlsplit(route.request.url).netloc in (own, ""):
            route.continue_()
        else:
            visit.elsewhere.append(route.request.url)
            route.abort()

    context.route("**/*", watch)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.on("console", lambda message: visit.errors.append(message.text) if "Content Security Policy" in message.text else None)
    yield visit
    context.close()
    assert visit.elsewhere == []
    assert visit.errors == []


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def axe(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and best practice: rule, how often, where first."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    return [
        f"{one['id']}: {len(one['nodes'])} x {one['nodes'][0]['html'][:160]} ({one['nodes'][0]['failureSummary'][:200]})"
        for one in found["violations"]
    ]
