"""Words, colours and addresses."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seismic_graph.errors import UsageError
from seismic_graph.picture import Look, marks, stylesheet, svg
from seismic_graph.picture.svg import CELL_INK, DARK, LIGHT
from tests.picture.drawn import SIGHTS, Drawn, contrast, distance

PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@PALETTES
@pytest.mark.parametrize("paper", ["paper", "card", "land"])
@pytest.mark.parametrize("name", ["ink", "muted", "warn"])
def test_words_have_the_contrast_of_wcag_aa(colours: dict[str, str], paper: str, name: str) -> None:
    assert contrast(colours[name], colours[paper]) >= 4.5


@PALETTES
@pytest.mark.parametrize("paper", ["paper", "card", "land"])
@pytest.mark.parametrize("name", ["up", "down", "across", "node"])
def test_lines_and_shapes_have_the_contrast_of_wcag_aa(colours: dict[str, str], paper: str, name: str) -> None:
    """WCAG 2.2, 1.4.11."""
    assert contrast(colours[name], colours[paper]) >= 3


@PALETTES
def test_words_on_a_full_box(colours: dict[str, str]) -> None:
    assert contrast(colours["paper"], colours["ink"]) >= 7


@pytest.mark.parametrize("step", CELL_INK)
def test_numbers_in_cells(step: str) -> None:
    light, dark = CELL_INK[step]
    assert contrast(light, LIGHT[step]) >= 4.5
    assert contrast(dark, DARK[step]) >= 4.5


@PALETTES
@pytest.mark.parametrize("sight", SIGHTS)
def test_directions_differ_to_all_eyes(colours: dict[str, str], sight: str) -> None:
    for one, other in combinations(("up", "down", "across"), 2):
        assert distance(colours[one], colours[other], sight) >= 22, (one, other)


@PALETTES
def test_steps_of_a_count_go_one_way(colours: dict[str, str]) -> None:
    steps = [contrast(colours[f"q{number}"], colours["paper"]) for number in range(1, 6)]
    assert steps == sorted(steps)


def test_no_colour_is_forgotten() -> None:
    assert LIGHT.keys() == DARK.keys()
    for theme in ("light", "dark"):
        assert "var(" not in stylesheet(theme)
    assert "prefers-color-scheme:dark" in stylesheet()
    assert "@media screen" in stylesheet(), "on paper it is light"
    assert not set(stylesheet()) & set("<&")


@given(st.text(max_size=80), st.integers(20, 300), st.integers(1, 4))
def test_lines_fit(text: str, width: int, lines: int) -> None:
    wrapped = svg.wrap(text, width, "t", lines)
    assert 1 <= len(wrapped) <= lines
    for line in wrapped:
        assert svg.measure(line) <= width or len(line) <= 2


@given(st.lists(st.text("abc dé", max_size=60), max_size=6), st.integers(40, 200))
def test_fitted_texts_fit(texts: list[str], width: int) -> None:
    fitted = svg.fit(dict(enumerate(texts)), width, "n", 2)  # type: ignore[arg-type]
    assert all(svg.measure(line, "n") <= width or len(line) <= 2 for lines in fitted.values() for line in lines)


def test_texts_that_would_look_alike_keep_their_ends() -> None:
    names = {code: f"SEiSMiC national network {name}" for code, name in (("se", "Sweden"), ("it", "Italy"), ("at", "Austria"))}
    fitted = svg.fit(names, 120, "n")
    assert len({tuple(lines) for lines in fitted.values()}) == 3


@given(st.text(max_size=60))
def test_any_text_is_valid_xml(text: str) -> None:
    drawn = Drawn(f'<svg xmlns="http://www.w3.org/2000/svg">{svg.text(5, 5, svg.clean(text) or "x")}{svg.named(text, "")}</svg>')
    assert drawn.words[0].text == (svg.clean(text) or "x")


def test_widths_are_those_of_the_face() -> None:
    assert svg.measure("i") < svg.measure("m")
    assert svg.measure("é") == svg.measure("e")
    assert svg.measure("都") == svg.FACES["t"].size
    assert svg.measure("e\u0301") == svg.measure("e")
    assert svg.measure("Stockholm", "b") > svg.measure("Stockholm", "t")


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/å?q=1#x", "https://example.org/%C3%A5?q=1#x"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("/flow/x", "/flow/x"),
        ("?a=b", "?a=b"),
        ("#x", "#x"),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        (" \x00javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_only_harmless_addresses_are_linked(url: str, linked: str) -> None:
    assert svg.address(url) == linked


def test_every_group_has_a_shape_of_its_own() -> None:
    shapes = {name: marks.glyph(name, 0, 0, 10) for name in marks.GROUPS}
    assert len(set(shapes.values())) == len(shapes)


@pytest.mark.parametrize("wrong", [{"width": 10}, {"width": 10**6}, {"theme": "pink"}, {"prefix": "1 x"}, {"prefix": 'a"><script>'}])
def test_an_impossible_look_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Look(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["paper", "ink", "up"])
def test_a_page_without_inline_styles_can_serve_the_sheet_itself(name: str) -> None:
    assert f"--sg-{name}:" in stylesheet()
    assert all(rule.startswith(("svg.sg-", "[data-theme", "@media", ":root")) for rule in stylesheet().split("}") if rule.strip())
