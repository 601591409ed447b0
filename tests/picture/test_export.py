"""Pictures as files."""

from __future__ import annotations

import re
import struct
from html.parser import HTMLParser

import pytest

from seismic_graph.errors import UsageError
from seismic_graph.picture import Look, export, network_diagram, plain, to_html, to_png
from tests.fixtures.servers import missing
from tests.picture import records
from tests.picture.drawn import Drawn

THINGS, FLOWS = records.world(12, 15)
PICTURE = network_diagram(FLOWS, THINGS, records.said(FLOWS), look=Look(width=600))


def test_a_page_stands_alone() -> None:
    page = to_html(PICTURE, "A <title> & more")
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Parser().feed(page)
    assert "<title>A &lt;title&gt; &amp; more</title>" in page
    assert PICTURE in page
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object"}
    assert not [attributes for _, attributes in tags if "src" in attributes]


def test_a_page_takes_the_title_of_its_picture() -> None:
    assert "<title>Network of flows of knowledge</title>" in to_html(PICTURE)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plain_colours(theme: str) -> None:
    text = plain(PICTURE, theme)
    Drawn(text)
    assert text.count("<style>") == 1
    assert "var(" not in text
    assert plain(network_diagram(FLOWS, THINGS, records.said(FLOWS), look=Look(width=600, styles=False)), theme).count("<style>") == 1


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(UsageError, match="light or dark"):
        plain(PICTURE, "pink")


def test_without_the_converter_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(export.importlib, "import_module", missing)
    with pytest.raises(UsageError, match=re.escape("seismic-graph[png]")):
        to_png(PICTURE)


def test_without_a_font_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blank:
        @staticmethod
        def svg_to_bytes(**_: object) -> bytes:
            return b"blank"

    monkeypatch.setattr(export.importlib, "import_module", lambda name: Blank)
    with pytest.raises(UsageError, match="No font"):
        to_png(PICTURE)


def test_png() -> None:
    try:
        made = to_png(PICTURE, 800)
    except UsageError as error:
        missing(f"PNG pictures ({error})", "a font, for example fonts-dejavu-core")
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", made[16:24])
    drawn = Drawn(PICTURE)
    assert wide == 800
    assert abs(high - 800 * drawn.height / drawn.width) <= 2
    assert made != to_png(PICTURE, 800, theme="dark")
    with pytest.raises(UsageError, match="between"):
        to_png(PICTURE, 2)
