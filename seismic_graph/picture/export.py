"""Pictures as files: a page that stands alone, an SVG with plain colours, a PNG."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from seismic_graph.errors import UsageError
from seismic_graph.picture import svg as core

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_ROOT = re.compile(r"(<svg [^>]*>)")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --paper: {light}; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ --paper: {dark}; }} }}
body {{ margin: 0; background: var(--paper); }}
figure {{ margin: 0 auto; max-width: {width}px; overflow-x: auto; }}
svg.sg-pic {{ display: block; min-width: {least}px; }}
</style>
</head>
<body>
<figure>
{picture}</figure>
</body>
</html>
"""


def to_html(svg: str, title: str = "") -> str:
    """A page with a picture that needs no script, no other file and no other host; on narrow screens a wide picture can be moved.

    Args:
        svg: a picture. title: of the page; that of the picture where empty.
    """
    width = int(float(_attribute(svg, "width") or 1200))
    name = core.escape(core.clean(title)) if title else _title(svg)
    light, dark = core.LIGHT["paper"], core.DARK["paper"]
    fixed = (light, light) if "sg-light" in svg[:200] else (dark, dark) if "sg-dark" in svg[:200] else (light, dark)
    return _PAGE.format(title=name, picture=svg, width=width, least=min(width, 900), light=fixed[0], dark=fixed[1])


def plain(svg: str, theme: str = "light") -> str:
    """A picture with plain colours, for programs that know no custom properties: office software, drawing programs, converters.

    Args:
        svg: a picture. theme: ``light`` or ``dark``.

    Raises:
        UsageError: there is no such theme.
    """
    if theme not in ("light", "dark"):
        raise UsageError(f"There is no theme {theme!r} to draw in: say light or dark.")
    style = f"<style>{core.escape_style(core.stylesheet(theme))}</style>"
    bare = _STYLE.sub("", svg, count=1)
    return _ROOT.sub(lambda found: found[1] + style, bare, count=1)


def to_png(svg: str, width: int = 0, *, theme: str = "light", fonts: list[Path] | None = None) -> bytes:
    """A picture as PNG.

    Args:
        svg: a picture. width: pixels; twice the width of the picture where 0, for print and fine screens.
        theme: ``light`` or ``dark``. fonts: files of fonts to use beside those of the system.

    Raises:
        UsageError: the converter is not installed, there is no font, or the width is impossible.
    """
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError as error:
        raise UsageError('PNG needs the converter resvg: python -m pip install "seismic-graph[png]". SVG and HTML need nothing.') from error
    width = width or int(2 * float(_attribute(svg, "width") or 1200))
    if not 16 <= width <= 20_000:
        raise UsageError(f"A picture cannot be {width} pixels wide: say between 16 and 20000.")
    files = [str(font) for font in fonts or ()]
    if not _has_font(resvg.svg_to_bytes, files):
        raise UsageError(
            "No font that pictures use is installed, and without one a picture has no words: "
            "install one (Debian: fonts-dejavu-core or fonts-liberation) or name font files."
        )
    return bytes(resvg.svg_to_bytes(svg_string=plain(svg, theme), width=width, font_files=files))


def _has_font(render, files: list[str]) -> bool:  # type: ignore[no-untyped-def]
    """Whether a letter leaves a trace, in the faces of pictures: the converter takes Arial alone for ``sans-serif``."""
    faces = core.FONTS.replace('"', "'")
    page = f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="16" font-family="{faces}">{{}}</text></svg>'
    return bool(render(svg_string=page.format("M"), font_files=files) != render(svg_string=page.format(""), font_files=files))


def _attribute(svg: str, name: str) -> str:
    root = _ROOT.search(svg)
    found = re.search(rf' {name}="([^"]*)"', root[1]) if root else None
    return found[1] if found else ""


def _title(svg: str) -> str:
    """The title of a picture, escaped as it stands there."""
    found = re.search(r"<title[^>]*>(.*?)</title>", svg, re.DOTALL)
    return found[1] if found else "Picture"
