"""A picture as a program sees it: parsed, with the boxes of its words, its edges and its colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from seismic_graph.picture import svg
from seismic_graph.picture.layout import Box, Boxes

NS = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Word:
    """A line of text and the paper that it takes."""

    text: str
    box: Box
    turned: bool


class Drawn:
    """A picture, parsed without entities: there are none to expand."""

    def __init__(self, text: str) -> None:
        assert "<!" not in text, "a picture declares no entities and holds no comments"
        self.text = text
        self.root = ET.fromstring(text)
        self.width, self.height = (float(self.root.get(name, "0")) for name in ("width", "height"))

    @property
    def words(self) -> list[Word]:
        """Every line of text with its box, moved by the groups around it."""
        found: list[Word] = []
        self._walk(self.root, 0.0, 0.0, found)
        return found

    def _walk(self, element: ET.Element, dx: float, dy: float, found: list[Word]) -> None:
        moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", ""))
        if moved:
            dx, dy = dx + float(moved[1]), dy + float(moved[2])
        if element.tag == NS + "text":
            face = svg.FACES[element.get("class", "t").split()[0]]
            x, y = float(element.get("x", "0")) + dx, float(element.get("y", "0")) + dy
            content = "".join(element.itertext())
            wide = float(element.get("textLength") or element.get("data-w") or svg.measure(content, element.get("class", "t").split()[0]))
            up, down = face.size * 0.74, face.size * 0.2
            turned = "rotate(-90" in element.get("transform", "")
            box = Box(x - up, y - wide, x + down, y) if turned else Box(x, y - up, x + wide, y + down)
            found.append(Word(content, box, turned))
        for child in element:
            self._walk(child, dx, dy, found)

    @property
    def overlaps(self) -> list[tuple[str, str]]:
        """Pairs of lines of text that cover each other."""
        boxes, pairs = Boxes(), []
        taken: list[Word] = []
        for word in self.words:
            if not boxes.free(word.box):
                pairs += [(word.text, other.text) for other in taken if word.box.overlaps(other.box)]
            boxes.add(word.box)
            taken.append(word)
        return pairs

    @property
    def outside(self) -> list[str]:
        """Lines of text that leave the paper."""
        return [
            word.text
            for word in self.words
            if word.box.left < -0.5 or word.box.right > self.width + 0.5 or word.box.top < 0 or word.box.bottom > self.height
        ]

    @property
    def shapes(self) -> list[Box]:
        """The boxes of the shapes of things."""
        boxes = []
        for element in self.root.iter():
            if not {"node", "hole"} & set(element.get("class", "").split()):
                continue
            if element.tag == NS + "circle":
                x, y, r = (float(element.get(name, "0")) for name in ("cx", "cy", "r"))
                boxes.append(Box(x - r, y - r, x + r, y + r))
            elif element.tag == NS + "path":
                numbers = [float(number) for number in re.findall(r"-?[\d.]+", element.get("d", ""))]
                boxes.append(Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])))
        return boxes

    @property
    def edges(self) -> dict[str, ET.Element]:
        """Id of a flow -> the link around its line."""
        return {element.get("data-flow", ""): element for element in self.root.iter() if element.get("data-flow")}

    @property
    def flows_drawn(self) -> int:
        """How many flows all lines and bands stand for."""
        return len(self.edges) + sum(int(element.get("data-flows", "0")) for element in self.root.iter())

    @property
    def titles(self) -> str:
        """All that shows on pointing somewhere."""
        return "\n".join(element.text or "" for element in self.root.iter(NS + "title"))

    @property
    def desc(self) -> str:
        """The picture in words."""
        return self.root.findtext(NS + "desc") or ""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[place : place + 2]) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.2, 1.4.3)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


_SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""How eyes see (Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009)."""
SIGHTS = tuple(_SIGHT)


def distance(one: str, other: str, sight: str) -> float:
    """How different two colours look (CIE 1976) to eyes of a kind."""
    a, b = _lab(one, sight), _lab(other, sight)
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    rgb = [linear(colour[place : place + 2]) for place in (1, 3, 5)]
    seen = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb, strict=True)))) for row in _SIGHT[sight]]
    x = (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505
    y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    z = (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089

    def curve(value: float) -> float:
        return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116

    return 116 * curve(y) - 16, 500 * (curve(x) - curve(y)), 200 * (curve(y) - curve(z))
