"""Which of the media types on offer a client likes best (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Range(NamedTuple):
    """One part of an Accept header, ``text/*;q=0.5`` for example."""

    type: str
    subtype: str
    parameters: frozenset[str]
    quality: float

    def match(self, media_type: str) -> tuple[int, int] | None:
        """How exactly the range names a media type (the more, the higher); None where it does not."""
        type_, subtype, parameters = _split(media_type)
        if self.type not in ("*", type_) or self.subtype not in ("*", subtype) or not self.parameters <= parameters:
            return None
        return (self.type != "*") + (self.subtype != "*"), len(self.parameters)


def _split(media_type: str) -> tuple[str, str, frozenset[str]]:
    name, *rest = (part.strip().lower() for part in media_type.split(";"))
    type_, _, subtype = name.partition("/")
    return type_, subtype, frozenset(part.replace('"', "").replace(" ", "") for part in rest if part)


def ranges(accept: str) -> Iterator[Range]:
    """The parts of an Accept header; a part that cannot be read is passed over.

    >>> [(r.type, r.subtype, r.quality) for r in ranges("text/turtle, */*;q=0.1, nonsense")]
    [('text', 'turtle', 1.0), ('*', '*', 0.1)]
    """
    for part in accept.split(","):
        type_, subtype, parameters = _split(part)
        if type_ == "*" and not subtype:
            subtype = "*"  # what old clients send
        if not type_ or not subtype or (type_ == "*" and subtype != "*"):
            continue
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = math.nan
        if 0 <= quality <= 1:
            yield Range(type_, subtype, frozenset(p for p in parameters if not p.startswith("q=")), quality)


def quality(accept: str, media_type: str) -> float:
    """How much a client likes a media type, 0 for not at all: the most exact range counts.

    >>> quality("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/plain")
    0.3
    """
    if not accept.strip():
        return 1.0
    matches = [(exact, range_.quality) for range_ in ranges(accept) if (exact := range_.match(media_type)) is not None]
    return max(matches)[1] if matches else 0.0


def best(accept: str, offers: Iterable[str]) -> str | None:
    """The media type that a client likes best; the first of them where it likes several as much; None where it likes none.

    >>> best("text/turtle;q=0.8, application/rdf+xml", ["text/turtle", "application/rdf+xml"])
    'application/rdf+xml'
    >>> best("image/png", ["text/turtle"]) is None
    True
    """
    liked = [(quality(accept, offer), offer) for offer in offers]
    top = max((number for number, _ in liked), default=0.0)
    return next((offer for number, offer in liked if number == top), None) if top > 0 else None


def likes_html(accept: str, machine: Iterable[str] = ()) -> bool:
    """Whether a browser asks: it names HTML, and none of the machine's media types more.

    >>> likes_html("text/html,application/xhtml+xml,*/*;q=0.8"), likes_html("*/*"), likes_html("")
    (True, False, False)
    """
    named = any(range_.type == "text" and range_.subtype == "html" for range_ in ranges(accept))
    html = quality(accept, "text/html")
    return named and html > 0 and all(quality(accept, other) <= html for other in machine)
