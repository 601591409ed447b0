"""What every picture must be: valid, legible, linked to its sources, told in words, the same every time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from seismic_graph.flows import Flow
from seismic_graph.picture import Count, Look, flow_diagram, heat_map, map_picture, network_diagram, path_diagram, timeline
from seismic_graph.picture.layout import Box
from seismic_graph.picture.svg import DARK, LIGHT
from seismic_graph.things import Thing
from tests.picture import records
from tests.picture.drawn import NS, Drawn

World = tuple[dict[str, Thing], list[Flow]]
Draw = Callable[[World, Look], str]


def counts(made: World) -> list[Count]:
    things, flows = made
    return [Count(things[flow.source].label, things[flow.target].type, 1, "https://example.org/list", "a note") for flow in flows]


DRAW: dict[str, Draw] = {
    "flows in time": lambda made, look: flow_diagram(made[1], made[0], records.said(made[1]), look=look),
    "flows by stage": lambda made, look: flow_diagram(made[1], made[0], records.said(made[1]), columns="stages", look=look),
    "network": lambda made, look: network_diagram(made[1], made[0], records.said(made[1]), look=look),
    "timeline": lambda made, look: timeline(made[0].values(), made[1], records.said(made[1]), look=look),
    "map": lambda made, look: map_picture(made[0], made[1], records.said(made[1]), look=look),
    "heat": lambda made, look: heat_map(counts(made), title="Counts", look=look),
    "paths": lambda made, look: path_diagram(records.lattice(min(25, len(made[1])), 2 + len(made[1]) % 5), look=look),
}
WORLDS: dict[str, World] = {
    "nothing": ({}, []),
    "one": records.world(6, 1),
    "few": records.world(14, 20),
    "typical": records.world(70, 130),
    "crowded": records.world(420, 1300),
}
WIDTHS = (360, 720, 1200)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("size", [size for size in WORLDS if size != "nothing"])
@pytest.mark.parametrize("name", DRAW)
def test_words_neither_overlap_nor_leave_the_paper(name: str, size: str, width: int) -> None:
    drawn = Drawn(DRAW[name](WORLDS[size], Look(width=width)))
    assert not drawn.outside
    assert not drawn.overlaps


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["network", "map"])
def test_words_leave_shapes_free(name: str, width: int) -> None:
    drawn = Drawn(DRAW[name](WORLDS["typical"], Look(width=width)))
    for word in drawn.words:
        inner = Box(word.box.left + 1, word.box.top + 1, word.box.right - 1, word.box.bottom - 1)
        assert not [shape for shape in drawn.shapes if shape.overlaps(inner)], word.text


@pytest.mark.parametrize("name", DRAW)
def test_it_says_in_words_what_it_shows(name: str) -> None:
    drawn = Drawn(DRAW[name](WORLDS["typical"], Look()))
    title, desc = drawn.root.find(NS + "title"), drawn.root.find(NS + "desc")
    assert title is not None and desc is not None
    assert drawn.root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "img" in drawn.root.get("role", "").split()
    assert title.text
    assert len(drawn.desc) > 80
    assert re.search(r"\d", drawn.desc)


@pytest.mark.parametrize("name", DRAW)
def test_it_is_the_same_every_time(name: str) -> None:
    things, flows = WORLDS["typical"]
    again = (dict(reversed(things.items())), list(reversed(flows)))
    assert DRAW[name](WORLDS["typical"], Look()) == DRAW[name](again, Look())


@pytest.mark.parametrize("name", DRAW)
def test_it_needs_nothing_else(name: str) -> None:
    text = DRAW[name](WORLDS["typical"], Look())
    assert not re.search(r"<(script|image|use|foreignObject|iframe|object|audio|video)\b", text)
    assert not re.search(r"\bon[a-z]+=|\bstyle=|@import|url\(|xlink|javascript:", text)
    assert {element.tag for element in Drawn(text).root.iter()} <= {
        NS + tag for tag in ("svg", "title", "desc", "style", "g", "a", "path", "rect", "circle", "text")
    }


@pytest.mark.parametrize("name", DRAW)
def test_ids_are_its_own(name: str) -> None:
    """Several pictures can stand in one page."""
    one, other = (DRAW[name](WORLDS[size], Look()) for size in ("few", "typical"))
    assert not set(re.findall(r'\bid="([^"]+)"', one)) & set(re.findall(r'\bid="([^"]+)"', other))
    mine = DRAW[name](WORLDS["few"], Look(prefix="mine"))
    assert set(re.findall(r'\bid="([^"]+)"', mine)) == {"mine-title", "mine-desc"}


@pytest.mark.parametrize("name", DRAW)
def test_it_scales(name: str) -> None:
    drawn = Drawn(DRAW[name](WORLDS["few"], Look(width=720)))
    assert drawn.root.get("viewBox") == f"0 0 {drawn.root.get('width')} {drawn.root.get('height')}"
    assert "max-width:100%" in drawn.text


@pytest.mark.parametrize("name", [name for name in DRAW if name != "paths"])
def test_nothing_to_draw_is_said(name: str) -> None:
    drawn = Drawn(DRAW[name](WORLDS["nothing"], Look()))
    shown = " ".join(word.text for word in drawn.words)
    assert "nothing" in shown.lower() or "no flows" in shown.lower()
    assert "recorded" in drawn.desc


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DRAW)
def test_hostile_labels_stay_text(name: str, width: int) -> None:
    things, flows = records.world(40, 60, labels=records.HOSTILE)
    if name == "paths":
        trace = records.lattice(12, 4)
        ends = sorted(trace.labels)
        text = path_diagram(
            replace(trace, labels={end: records.HOSTILE[place % len(records.HOSTILE)] for place, end in enumerate(ends)}),
            look=Look(width=width),
        )
    else:
        text = DRAW[name]((things, flows), Look(width=width))
    drawn = Drawn(text)
    assert "<script" not in text
    assert "\u202e" not in text
    assert not re.search("[\x00-\x08\ud800-\udfff\ufffe]", text)
    text.encode()
    assert not drawn.outside
    assert not drawn.overlaps
    assert "<script>" in drawn.titles + drawn.desc, "it is still told, as text"


@pytest.mark.parametrize("name", [name for name in DRAW if name not in ("heat", "paths")])
def test_every_flow_has_an_edge_with_its_source(name: str) -> None:
    things, flows = WORLDS["typical"]
    if name == "timeline":
        flows = [flow for flow in flows if all(things[end].earliest > 0 for end in (flow.source, flow.target))]
    drawn = Drawn(DRAW[name]((things, flows), Look()))
    missing = re.search(r"(\d+) flows? (?:is|are) not drawn", drawn.desc)
    assert drawn.flows_drawn + int(missing[1] if missing else 0) == len(flows)
    for one in flows:
        edge = drawn.edges.get(f"flow/{one.id.rpartition('/')[2]}")
        if edge is None:
            continue
        assert edge.tag == NS + "a"
        assert edge.get("href") == "https://example.org/source?a=1&b=%3C2%3E"
        told = edge.findtext(NS + "title") or ""
        for fact in (
            one.kind.replace("-", " "),
            one.basis,
            one.direction,
            f"Statement of {one.id.rpartition('/')[2]}",
            "A <source> & more",
            records.SEE,
        ):
            assert fact in told
        line = next(element for element in edge if element.get("class", "").startswith("e "))
        assert one.basis in line.get("class", "").split()
        assert {"bottom-up": "up", "top-down": "down", "horizontal": "across"}[one.direction] in edge.get("class", "").split()


@pytest.mark.parametrize("name", [name for name in DRAW if name not in ("heat", "paths")])
def test_loops_are_drawn(name: str) -> None:
    a, b, c = (records.iri(kind, kind) for kind in ("network", "event", "agenda-item"))
    things = {
        one: Thing(
            one, one.rpartition("/")[2], one.rpartition("/")[2], countries=(code,), earliest=records.day(2014), latest=records.day(2016)
        )
        for one, code in ((a, "SE"), (b, "NL"), (c, "AT"))
    }
    flows = [
        records.flow("ab", a, b),
        records.flow("bc", b, c, earliest=records.day(2015), latest=records.day(2015)),
        records.flow("ca", c, a, direction="top-down", earliest=records.day(2016), latest=records.day(2016)),
        records.flow("ac", a, c),
        records.flow("ba", b, a),
    ]
    drawn = Drawn(DRAW[name]((things, flows), Look()))
    assert set(drawn.edges) == {"flow/ab", "flow/bc", "flow/ca", "flow/ac", "flow/ba"}


def test_by_stage_what_comes_back_is_below() -> None:
    a, b = records.iri("network", "a"), records.iri("agenda-item", "b")
    things = {a: Thing(a, "network", "A"), b: Thing(b, "agenda-item", "B")}
    drawn = Drawn(flow_diagram([records.flow("on", a, b), records.flow("back", b, a, direction="top-down")], things, columns="stages"))
    assert "1 flow comes back to an earlier stage" in drawn.desc

    def peak(name: str) -> float:
        line = next(element for element in drawn.edges[name] if element.get("class", "").startswith("e "))
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", line.get("d", ""))]
        return numbers[7] - numbers[1]  # the height of the middle of the arch against its start

    assert peak("flow/on") < 0 < peak("flow/back")


@pytest.mark.parametrize("name", DRAW)
def test_a_crowd_is_drawn_quickly(name: str) -> None:
    crowd = records.world(1500, 3500)
    started = time.perf_counter()
    text = DRAW[name](crowd, Look())
    assert time.perf_counter() - started < 30
    assert len(text) < 4_000_000


@pytest.mark.parametrize("name", DRAW)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_can_be_fixed(name: str, theme: str) -> None:
    text = DRAW[name](WORLDS["few"], Look(theme=theme))
    assert f'class="sg-pic sg-{theme}"' in text
    assert LIGHT["paper"] in text and DARK["paper"] in text, "the page may still be printed, and the style sheet is one for all"


def test_the_style_sheet_can_stay_out() -> None:
    """For pages whose policy forbids inline styles."""
    text = network_diagram(WORLDS["few"][1], WORLDS["few"][0], look=Look(styles=False))
    assert "<style" not in text


def test_addresses_that_run_are_not_linked() -> None:
    things, flows = records.world(6, 3)
    bad = {one.id: replace(found, page="javascript:alert(1)") for one, found in zip(flows, records.said(flows).values(), strict=True)}
    text = network_diagram(flows, things, bad, pages=dict.fromkeys(things, "data:text/html,x"))
    assert "javascript:" not in text
    assert "data:text" not in text
    assert Drawn(text).edges[f"flow/{flows[0].id.rpartition('/')[2]}"].get("href", "").startswith("https://example.org/")


def test_without_evidence_an_edge_opens_the_source_it_names() -> None:
    things, flows = records.world(6, 3)
    edges = Drawn(network_diagram(flows, things)).edges
    assert all(edge.get("href") == records.iri("source", "s1") for edge in edges.values())
