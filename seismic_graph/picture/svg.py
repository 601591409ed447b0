"""The drawing core: text that is measured without a browser, colours for light and dark, and a sheet that tells its content in words.

Every function takes values and gives text; nothing here knows what a flow is.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from seismic_graph.errors import UsageError
from seismic_graph.picture import metrics

FONTS = '"Helvetica Neue",Helvetica,Arial,"Liberation Sans","Noto Sans","DejaVu Sans",sans-serif'
"""Faces of the same or nearly the same widths first; `textLength` holds the others to the measured width."""


@dataclass(frozen=True, slots=True)
class Face:
    """A way to write: size and leading in pixels, and whether it is bold."""

    size: float
    leading: float
    bold: bool = False


FACES: dict[str, Face] = {
    "h": Face(17, 22, True),  # the title of the picture
    "b": Face(12, 15, True),  # a name that stands out
    "t": Face(12, 15),  # a name
    "s": Face(11, 14),  # a remark, muted
    "n": Face(11, 14),  # a number or a small name, in full ink
    "k": Face(10, 12, True),  # a number that leads to the key
}
"""Class of a text -> how it is written."""

LIGHT: dict[str, str] = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "muted": "#57606a",
    "line": "#d5dbe1",
    "card": "#f4f6f8",
    "land": "#edf0f2",
    "coast": "#c3cad1",
    "node": "#3d4650",
    "up": "#0072b2",
    "down": "#c4500a",
    "across": "#5b6470",
    "warn": "#b3261e",
    "q1": "#e3eef7",
    "q2": "#bcd8ec",
    "q3": "#86b8dc",
    "q4": "#2a78b0",
    "q5": "#0b4f80",
}
"""Name of a colour -> its value on light paper. ``up``, ``down``, ``across`` are the directions, ``q1`` to ``q5`` the steps of a count."""

DARK: dict[str, str] = {
    "paper": "#14181d",
    "ink": "#e8eaed",
    "muted": "#a9b2bb",
    "line": "#343c45",
    "card": "#1d232a",
    "land": "#222930",
    "coast": "#414b55",
    "node": "#c0c8d0",
    "up": "#56b4e9",
    "down": "#f0944d",
    "across": "#aeb7c0",
    "warn": "#ff9d94",
    "q1": "#16303f",
    "q2": "#1b4a63",
    "q3": "#226a8f",
    "q4": "#6cb8e6",
    "q5": "#b4dcf5",
}
"""Name of a colour -> its value on dark paper. Blue and orange are those of Okabe and Ito, moved to reach the contrast of WCAG AA."""

CELL_INK: dict[str, tuple[str, str]] = {
    "q1": (LIGHT["ink"], DARK["ink"]),
    "q2": (LIGHT["ink"], DARK["ink"]),
    "q3": (LIGHT["ink"], DARK["ink"]),
    "q4": ("#ffffff", "#0c1014"),
    "q5": ("#ffffff", "#0c1014"),
}
"""Step of a count -> the ink of the number in its cell, on light and on dark paper."""

THEMES = ("auto", "light", "dark")
"""``auto`` follows the reader's system, and prints light."""
NARROWEST, WIDEST = 280, 8000
"""Between how many pixels a picture can be drawn for."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is to look.

    Attributes:
        width: pixels for which it is drawn: 360 for a telephone, 720 for a column of text, 1200 for a page. It scales down from there.
        theme: one of `THEMES`.
        title: instead of the picture's own title.
        prefix: before every id; taken from the content where empty, so that several pictures can stand in one page.
        styles: carry the style sheet inside. A page whose policy forbids inline styles serves `stylesheet` itself.
    """

    width: int = 1200
    theme: str = "auto"
    title: str = ""
    prefix: str = ""
    styles: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            UsageError: the width, the theme or the prefix is impossible.
        """
        if not NARROWEST <= self.width <= WIDEST:
            raise UsageError(f"A picture cannot be drawn for {self.width} pixels: say between {NARROWEST} and {WIDEST}.")
        if self.theme not in THEMES:
            raise UsageError(f"There is no theme {self.theme!r}: say one of {', '.join(THEMES)}.")
        if self.prefix and not re.fullmatch(r"[A-Za-z][\w-]*", self.prefix, re.ASCII):
            raise UsageError(f"{self.prefix!r} cannot stand before an id: begin with a letter, and use letters, digits, - and _ only.")


def stylesheet(theme: str = "auto") -> str:
    """The style sheet of all pictures; it only touches elements inside ``svg.sg-pic``.

    Args:
        theme: ``auto`` gives custom properties that follow the reader's system; ``light`` and ``dark`` give plain colours, for programs
            that know no custom properties.
    """
    if theme != "auto":
        palette = _tokens(DARK if theme == "dark" else LIGHT, dark=theme == "dark")
        return re.sub(r"var\(--sg-([a-z0-9-]+)\)", lambda found: palette[found[1]], _RULES)
    light, dark = (_declarations(_tokens(colours, dark=colours is DARK)) for colours in (LIGHT, DARK))
    return (
        f"svg.sg-pic{{{light}}}@media screen{{svg.sg-dark,[data-theme=dark] svg.sg-auto{{{dark}}}}}"
        f"@media screen and (prefers-color-scheme:dark){{svg.sg-auto:root,:root:not([data-theme=light]) svg.sg-auto{{{dark}}}}}{_RULES}"
    )


def _tokens(colours: dict[str, str], *, dark: bool) -> dict[str, str]:
    return colours | {f"on-{step}": inks[dark] for step, inks in CELL_INK.items()}


def _declarations(tokens: dict[str, str]) -> str:
    return "".join(f"--sg-{name}:{value};" for name, value in tokens.items())


_RULES_BY_SELECTOR: dict[str, str] = {
    "": f"font-family:{FONTS};max-width:100%;height:auto;-webkit-print-color-adjust:exact;print-color-adjust:exact",
    "text": "fill:var(--sg-ink);white-space:pre",
    **{
        f".{name}": f"font-size:{face.size}px"
        + (";font-weight:bold" if face.bold else "")
        + (";fill:var(--sg-muted)" if name == "s" else "")
        for name, face in FACES.items()
    },
    ".hl": "paint-order:stroke;stroke:var(--sg-paper);stroke-width:3px;stroke-linejoin:round",
    ".inv": "fill:var(--sg-paper)",
    ".mut": "fill:var(--sg-muted)",
    ".wrn": "fill:var(--sg-warn)",
    ".paper": "fill:var(--sg-paper)",
    ".card": "fill:var(--sg-card);stroke:var(--sg-coast)",
    ".full": "fill:var(--sg-ink);stroke:var(--sg-ink)",
    ".grid": "fill:none;stroke:var(--sg-line)",
    ".band": "fill:var(--sg-card)",
    ".land": "fill:var(--sg-land);stroke:var(--sg-coast);stroke-linejoin:round",
    ".node": "fill:var(--sg-node);stroke:var(--sg-paper)",
    ".hole": "fill:var(--sg-paper);stroke:var(--sg-node)",
    ".soft": "fill:var(--sg-node);fill-opacity:.28",
    ".lead": "fill:none;stroke:var(--sg-muted);stroke-width:.7px",
    ".lane": "fill:none;stroke:var(--sg-muted);stroke-width:1.5px",
    ".up": "color:var(--sg-up)",
    ".down": "color:var(--sg-down)",
    ".across": "color:var(--sg-across)",
    ".any": "color:var(--sg-node)",
    ".warn": "color:var(--sg-warn)",
    ".e": "fill:none;stroke:currentColor",
    ".hd": "fill:currentColor;stroke:none",
    ".hit": "fill:none;stroke:#000;stroke-opacity:0;stroke-width:12px",
    ".structural": "stroke-dasharray:9 4",
    ".contextual": "stroke-dasharray:.1 5;stroke-linecap:round",
    ".rb": "fill:currentColor;stroke:none",
    ".wide-structural": "stroke-opacity:.3;fill-opacity:.3",
    ".wide-contextual": "stroke-opacity:.14;fill-opacity:.14",
    "a": "cursor:pointer;text-decoration:none",
    "a.f:hover,svg.sg-pic a.f:focus-visible": "color:var(--sg-ink)",
    "a:hover text,svg.sg-pic a:focus-visible text": "text-decoration:underline",
    "a:focus-visible": "outline:2px solid var(--sg-ink);outline-offset:1px",
    **{f".{step}": f"fill:var(--sg-{step})" for step in CELL_INK},
    **{f".on-{step}": f"fill:var(--sg-on-{step})" for step in CELL_INK},
}
_RULES = "".join(f"svg.sg-pic {selector}".rstrip() + f"{{{rule}}}" for selector, rule in _RULES_BY_SELECTOR.items())


# --- text -----------------------------------------------------------------------------------------------------------

_WIDTHS = {
    bold: {character: width for width, characters in table.items() for character in characters}
    for bold, table in ((False, metrics.REGULAR), (True, metrics.BOLD))
}
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[\s\u2028\u2029]+")


def clean(text: str) -> str:
    r"""A label without what XML 1.0 forbids, without characters that turn the direction of others, and with single spaces.

    >>> clean(" a\x00\n b ")
    'a b'
    """
    return _SPACES.sub(" ", _INVALID.sub("", text)).strip()


def escape(text: str) -> str:
    """A text as XML content or attribute value.

    >>> escape('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return (
        _INVALID.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")
    )


def _advance(character: str, bold: bool) -> int:
    width = _WIDTHS[bold].get(character)
    if width is not None:
        return width
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1300 if ord(character) > 0xFFFF else 1000
    return 750


@lru_cache(maxsize=100_000)
def _measure(text: str, bold: bool) -> tuple[int, bool]:
    table = _WIDTHS[bold]
    return sum(_advance(character, bold) for character in text), all(character in table for character in text)


def measure(text: str, face: str = "t") -> float:
    """The width of a text in pixels.

    >>> measure("JPI Urban Europe")
    95.4
    """
    how = FACES[face]
    return round(_measure(text, how.bold)[0] * how.size / 1000, 1)


def wrap(text: str, width: float, face: str = "t", lines: int = 3) -> list[str]:
    """A text in lines that fit a width; what does not fit in so many lines is cut with an ellipsis.

    >>> wrap("SEiSMiC national network Sweden", 110)
    ['SEiSMiC national', 'network Sweden']
    """
    out: list[str] = []
    line = ""
    for word in _pieces(clean(text), width, face):
        candidate = line + word
        if not line or measure(candidate.rstrip(), face) <= width:
            line = candidate
            continue
        out.append(line.rstrip())
        line = word.lstrip()
    out.append(line.rstrip())
    if len(out) > lines:
        out = [*out[: lines - 1], shorten(" ".join(out[lines - 1 :]), width, face)]
    return out


_BREAKS = re.compile(r"\s*\S+?(?:(?<=[^\W\d_][/\-–])(?=[^\W\d_])|(?=\s|$))")


def _pieces(text: str, width: float, face: str) -> list[str]:
    """The parts between which a line may break; a word wider than the line is broken inside."""
    pieces = []
    for word in _BREAKS.findall(text):
        rest = word
        while measure(rest.strip(), face) > width and len(rest.strip()) > 1:
            cut = max(1, _fitting(rest, width, face))
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return pieces


def _fitting(text: str, width: float, face: str) -> int:
    """How many characters of a text fit, never ending before a combining character."""
    how = FACES[face]
    room, used, cut = width * 1000 / how.size, 0, 0
    for position, character in enumerate(text):
        used += _advance(character, how.bold)
        if used > room:
            break
        cut = position + 1
    while 0 < cut < len(text) and (
        unicodedata.category(text[cut]) in ("Mn", "Me") or text[cut] in "\u200d\ufe0f" or text[cut - 1] == "\u200d"
    ):
        cut -= 1
    return cut


def shorten(text: str, width: float, face: str = "t") -> str:
    """A text cut to a width, with an ellipsis where it was cut.

    >>> shorten("SEiSMiC national network Sweden", 110)
    'SEiSMiC national…'
    """
    text = clean(text)
    if measure(text, face) <= width:
        return text
    cut = _fitting(text, width - measure("…", face), face)
    kept = text[:cut]
    space = kept.rfind(" ")
    if space > len(kept) * 0.6:
        kept = kept[:space]
    return kept.rstrip(" ,;:.-–(") + "…"


def fit(texts: Mapping[str, str], width: float, face: str = "t", lines: int = 1) -> dict[str, list[str]]:
    """Texts in lines, by their keys; texts that would be cut to the same lose words in the middle instead of at the end.

    >>> fit({"se": "SEiSMiC national network Sweden", "hu": "SEiSMiC national network Hungary"}, 115)
    {'se': ['SEiSMiC … Sweden'], 'hu': ['SEiSMiC … Hungary']}
    """
    whole = {key: clean(content) for key, content in texts.items()}
    out = {key: wrap(content, width, face, lines) for key, content in whole.items()}
    alike: dict[str, set[str]] = {}
    for key, shown in out.items():
        alike.setdefault(" ".join(shown), set()).add(whole[key])
    for key, shown in out.items():
        if len(alike[" ".join(shown)]) > 1:
            out[key] = _without_middle(whole[key], width, face, lines) or shown
    return out


def _without_middle(content: str, width: float, face: str, lines: int) -> list[str]:
    words = content.split(" ")
    for removed in range(1, len(words) - 1):
        kept = len(words) - removed
        start = max(1, kept // 3)
        shown = wrap(" ".join([*words[:start], "…", *words[start + removed :]]), width, face, lines + 1)
        if len(shown) <= lines and not any(line.endswith("…") and line != "…" and len(line) > 1 and line[-2] != " " for line in shown):
            return shown
    return []


def text(x: float, y: float, content: str, face: str = "t", *, anchor: str = "start", extra: str = "", turn: int = 0) -> str:
    """One line of text with its baseline at y; its width is written down, so that a browser with another face keeps to it.

    Args:
        x, y: where it starts, ends or has its middle, by `anchor` (``start``, ``middle``, ``end``).
        content: the text. face: one of `FACES`. extra: more classes. turn: degrees by which it is turned around (x, y).
    """
    how = FACES[face]
    thousandths, known = _measure(content, how.bold)
    width = thousandths * how.size / 1000
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    classes = f"{face} {extra}".rstrip()
    held = f' textLength="{num(width)}" lengthAdjust="spacingAndGlyphs"' if known and len(content) > 1 else f' data-w="{num(width)}"'
    turned = f' transform="rotate({turn} {num(x)} {num(y)})"' if turn else ""
    return f'<text class="{classes}" x="{num(left)}" y="{num(y)}"{held}{turned}>{escape(content)}</text>'


def block(x: float, y: float, lines: Iterable[str], face: str = "t", *, anchor: str = "start", extra: str = "") -> str:
    """Lines of text below each other; y is the top of the first."""
    how = FACES[face]
    return "".join(
        text(x, y + how.size * 0.92 + number * how.leading, line, face, anchor=anchor, extra=extra)
        for number, line in enumerate(lines)
        if line
    )


# --- shapes ---------------------------------------------------------------------------------------------------------


def num(value: float) -> str:
    """A number with at most one decimal.

    >>> num(2.0), num(-0.04), num(1.25)
    ('2', '0', '1.2')
    """
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def data(*parts: str | float) -> str:
    """Path data out of letters and numbers.

    >>> data("M", 1, 2.04, "C", 3, 4, 5, 6, -7, 8)
    'M1 2C3 4 5 6 -7 8'
    """
    out = ""
    for part in parts:
        text_of_part = part if isinstance(part, str) else num(part)
        out += text_of_part if isinstance(part, str) or out[-1:].isalpha() or not out else f" {text_of_part}"
    return out


def rect(x: float, y: float, width: float, height: float, classes: str, *, radius: float = 0, stroke: float = 0) -> str:
    """A rectangle."""
    round_corner = f' rx="{num(radius)}"' if radius else ""
    line = f' stroke-width="{stroke}"' if stroke else ""
    size = f'width="{num(max(width, 0))}" height="{num(max(height, 0))}"'
    return f'<rect class="{classes}" x="{num(x)}" y="{num(y)}" {size}{round_corner}{line}/>'


def path(d: str, classes: str, *, width: float = 0, shift: int = 0) -> str:
    """A path; `width` is that of its stroke, `shift` moves its dashes."""
    line = f' stroke-width="{num(width)}"' if width else ""
    moved = f' stroke-dashoffset="{shift}"' if shift else ""
    return f'<path class="{classes}" d="{d}"{line}{moved}/>'


def circle(x: float, y: float, radius: float, classes: str, *, stroke: float = 0) -> str:
    """A circle."""
    line = f' stroke-width="{num(stroke)}"' if stroke else ""
    return f'<circle class="{classes}" cx="{num(x)}" cy="{num(y)}" r="{num(radius)}"{line}/>'


def arrow(x: float, y: float, dx: float, dy: float, size: float = 7) -> str:
    """The head of an arrow whose tip is at (x, y) and that points along (dx, dy), as path data."""
    length = math.sqrt(dx * dx + dy * dy) or 1.0
    ux, uy = dx / length, dy / length
    bx, by, half = x - ux * size, y - uy * size, size * 0.45
    return f"M{num(x)} {num(y)}L{num(bx - uy * half)} {num(by + ux * half)}L{num(bx + uy * half)} {num(by - ux * half)}z"


def address(url: str) -> str:
    """An address that may be linked: http, https or a place on the same site; anything else gives an empty text.

    >>> address("javascript:alert(1)"), address("https://example.org/a b")
    ('', 'https://example.org/a%20b')
    """
    url = _INVALID.sub("", url).strip()
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return ""
    inside = url.startswith(("/", "#", "?", "./", "../")) and not url.startswith(("//", "/\\"))
    if scheme not in ("http", "https") and (scheme or not inside):
        return ""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~-._")


def link(url: str, name: str, inner: str, classes: str = "", data: str = "") -> str:
    """A link around shapes, with a name that shows on pointing at it; without a link where the address may not be linked."""
    title = f"<title>{escape(name)}</title>" if name else ""
    styled = f' class="{classes}"' if classes else ""
    where = address(url)
    if not where:
        return f"<g{styled}{data}>{title}{inner}</g>"
    return f'<a href="{escape(where)}"{styled}{data}>{title}{inner}</a>'


def named(name: str, inner: str) -> str:
    """Shapes with a name that shows on pointing at them."""
    return f"<g><title>{escape(name)}</title>{inner}</g>"


# --- the sheet ------------------------------------------------------------------------------------------------------

MARGIN = 20
"""Pixels left free around a picture."""


def margin(look: Look) -> int:
    """Pixels left free at the sides: less on narrow screens."""
    return 12 if look.width < 600 else MARGIN


def head(look: Look, title: str, remarks: Sequence[str] = ()) -> tuple[str, float]:
    """The visible title and the remarks below it, and the y at which the picture can begin."""
    side, room = margin(look), look.width - 2 * margin(look)
    parts, y = [], float(side)
    lines = wrap(look.title or title, room, "h", 6)
    parts.append(block(side, y, lines, "h"))
    y += len(lines) * FACES["h"].leading + 2
    for remark in remarks:
        lines = wrap(remark, room, "s", 4)
        parts.append(block(side, y, lines, "s"))
        y += len(lines) * FACES["s"].leading
    return "".join(parts), y + 10


def notes(look: Look, y: float, remarks: Iterable[str], *, width: float = 0, lines: int = 6) -> tuple[str, float]:
    """Remarks below a picture, and the y below them."""
    side = margin(look)
    parts = []
    for remark in remarks:
        wrapped = wrap(remark, (width or look.width) - 2 * side, "s", lines)
        parts.append(block(side, y, wrapped, "s"))
        y += len(wrapped) * FACES["s"].leading + 2
    return "".join(parts), y


def sheet(look: Look, width: float, height: float, body: str, title: str, words: str) -> str:
    """The whole picture.

    Args:
        look: theme, ids and whether styles are carried.
        width, height: its size in pixels; it scales.
        body: what is drawn.
        title: its name.
        words: the content in words, for those who do not see it.
    """
    name = clean(look.title or title)
    prefix = look.prefix or "sg" + hashlib.sha256(f"{body}{name}{words}{look.theme}".encode()).hexdigest()[:8]
    role = "graphics-document img" if "<a " in body else "img"
    style = f"<style>{escape_style(stylesheet())}</style>" if look.styles else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sg-pic sg-{look.theme}" viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(width)}" height="{num(height)}" role="{role}" aria-labelledby="{prefix}-title {prefix}-desc" xml:lang="en">'
        f'<title id="{prefix}-title">{escape(name)}</title><desc id="{prefix}-desc">{escape(clean(words))}</desc>'
        f'{style}<rect class="paper" width="100%" height="100%"/>{body}</svg>\n'
    )


def escape_style(rules: str) -> str:
    """Style rules as XML content that an HTML parser reads alike: they hold no ``<`` or ``&``.

    Raises:
        ValueError: they hold one.
    """
    if "<" in rules or "&" in rules:
        raise ValueError("a style sheet inside a picture must hold neither < nor &")
    return rules


def empty(look: Look, title: str, why: str) -> str:
    """A picture that says that there is nothing to draw, and why."""
    top, y = head(look, title)
    side = margin(look)
    lines = wrap(why, look.width - 2 * side - 32, "t", 8)
    tall = len(lines) * FACES["t"].leading + 28
    body = top + rect(side, y, look.width - 2 * side, tall, "card", radius=6, stroke=1) + block(side + 16, y + 14, lines)
    return sheet(look, look.width, y + tall + side, body, title, why)
