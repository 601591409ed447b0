"""Places on the map of Europe, and what is not on it."""

from __future__ import annotations

import json
import math
from importlib import resources

import pytest

from seismic_graph.picture import Look, map_picture, outlines
from seismic_graph.things import Thing
from tests.picture.drawn import Drawn
from tests.picture.records import flow, iri


def city(slug: str, latitude: float | None, longitude: float | None, country: str) -> Thing:
    return Thing(iri("city", slug), "city", slug.capitalize(), countries=(country,), latitude=latitude, longitude=longitude)


STOCKHOLM = city("stockholm", 59.33, 18.07, "SE")
VIENNA = city("vienna", 48.21, 16.37, "AT")
BEIJING = city("beijing", 39.9, 116.4, "CN")
BOSTON = city("boston", None, None, "US")
NETWORK = Thing(iri("network", "nanet-hu"), "network", "Hungarian network", countries=("HU",))
PROJECT = Thing(iri("project", "p"), "project", "Project P", cities=(STOCKHOLM.id, VIENNA.id))
AGENDA = Thing(iri("agenda-item", "a"), "agenda-item", "Agenda")
THINGS = {thing.id: thing for thing in (STOCKHOLM, VIENNA, BEIJING, BOSTON, NETWORK, PROJECT, AGENDA)}


def shown(drawn: Drawn) -> list[str]:
    return [word.text for word in drawn.words]


def test_the_outlines_are_small_and_say_where_they_are_from() -> None:
    file = resources.files(outlines) / outlines.FILE
    assert len(file.read_bytes()) < 120_000
    assert "Natural Earth" in json.loads(file.read_text(encoding="utf-8"))["source"]
    assert "public domain" in (resources.files(outlines) / "README.md").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("code", ["SE", "NL", "HU", "AT", "DE", "GB", "TR", "CZ", "BE", "IT"])
def test_the_ten_countries_are_there(code: str) -> None:
    country = outlines.countries()[code]
    assert outlines.inside(country.middle)
    assert country.rings.startswith("M")


def test_equal_areas_stay_equal() -> None:
    def area(latitude: float, longitude: float) -> float:
        d = 0.05
        corners = [outlines.project(latitude + a, longitude + b) for a, b in ((-d, -d), (-d, d), (d, d), (d, -d))]
        flat = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(corners, corners[1:] + corners[:1], strict=True))) / 2
        on_sphere = 6371.0**2 * math.radians(2 * d) * (math.sin(math.radians(latitude + d)) - math.sin(math.radians(latitude - d)))
        return flat / on_sphere

    assert all(abs(area(*place) - 1) < 1e-4 for place in ((38.7, -9.1), (69.6, 18.9), (39.9, 32.9), (52, 10)))


@pytest.mark.parametrize("width", [360, 1200])
def test_cities_outside_europe_are_shown_below(width: int) -> None:
    flows = [flow("a", NETWORK.id, BEIJING.id), flow("b", NETWORK.id, BOSTON.id), flow("c", NETWORK.id, VIENNA.id)]
    drawn = Drawn(map_picture(THINGS, flows, look=Look(width=width)))
    for name in ("Outside this map", "Beijing (CN)", "Boston (US)", "Vienna", "Hungary"):
        assert name in shown(drawn)
    assert len(drawn.edges) == 3
    assert "Outside Europe: Beijing (CN); Boston (US)" in drawn.desc


def test_what_has_no_place_is_counted() -> None:
    drawn = Drawn(map_picture(THINGS, [flow("a", NETWORK.id, AGENDA.id), flow("b", NETWORK.id, VIENNA.id)]))
    assert "Without a recorded place, and so not drawn: 1 agenda." in drawn.desc
    assert "1 flow is not drawn, because an end has no recorded place." in drawn.desc


def test_what_has_several_cities_is_drawn_amid_them() -> None:
    drawn = Drawn(map_picture(THINGS, [flow("a", PROJECT.id, VIENNA.id), flow("b", PROJECT.id, STOCKHOLM.id)]))
    assert {"Project P", "Vienna", "Stockholm"} <= set(shown(drawn))


def test_a_flow_within_one_place_is_a_loop() -> None:
    event = Thing(iri("event", "e"), "event", "Event", cities=(VIENNA.id,))
    drawn = Drawn(map_picture(THINGS | {event.id: event}, [flow("a", VIENNA.id, event.id)]))
    assert set(drawn.edges) == {"flow/a"}


def test_without_flows_networks_projects_and_cities_are_drawn() -> None:
    drawn = Drawn(map_picture(THINGS))
    assert {"Hungary", "Project P", "Vienna", "Stockholm", "Beijing (CN)"} <= set(shown(drawn))


@pytest.mark.parametrize(("code", "name"), [("CY", "Cyprus"), ("MT", "Malta"), ("MK", "North Macedonia"), ("CZ", "Czechia")])
def test_countries_have_their_names(code: str, name: str) -> None:
    country = outlines.countries()[code]
    assert country.name == name
    assert outlines.inside(country.middle)
