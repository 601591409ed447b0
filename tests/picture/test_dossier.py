"""The pictures of the shipped dossier, at every size."""

from __future__ import annotations

from datetime import date

import pytest

from seismic_graph import flows, things
from seismic_graph.flows import Flow
from seismic_graph.graph import Graph
from seismic_graph.picture import Look, flow_diagram, map_picture, network_diagram, path_diagram, timeline
from seismic_graph.things import Thing
from tests.picture.drawn import Drawn


@pytest.fixture(scope="module")
def everything(graph: Graph) -> tuple[dict[str, Thing], list[Flow]]:
    return things.load(graph.embedded), flows.load(graph.embedded)


def chosen(every: list[Flow], which: str) -> list[Flow]:
    if which == "all":
        return every
    first, last = date(2014, 1, 1).toordinal(), date(2016, 12, 31).toordinal()
    within = [flow for flow in every if first <= flow.earliest and flow.latest <= last]
    return [flow for flow in within if flow.basis == "stated" or (which == "seismic years" and flow.basis == "structural")]


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("which", ["stated", "seismic years", "all"])
@pytest.mark.parametrize("picture", ["time", "stages", "network", "timeline", "map"])
def test_it_is_legible(everything: tuple[dict[str, Thing], list[Flow]], picture: str, which: str, width: int) -> None:
    known, every = everything
    some, look = chosen(every, which), Look(width=width)
    if picture == "network":
        text = network_diagram(some, known, look=look)
    elif picture == "map":
        text = map_picture(known, some, look=look)
    elif picture == "timeline":
        ends = {end for flow in some for end in (flow.source, flow.target)}
        text = timeline([known[end] for end in sorted(ends) if known[end].type in ("event", "document", "call")], some, look=look)
    else:
        text = flow_diagram(some, known, columns=picture, look=look)
    drawn = Drawn(text)
    assert not drawn.overlaps
    assert not drawn.outside


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("paths", [2, 5, 25])
def test_paths_from_sweden_to_the_agenda(graph: Graph, paths: int, width: int) -> None:
    answer = graph.trace("nanet-se", "sria-2015", paths=paths)
    drawn = Drawn(path_diagram(answer, look=Look(width=width)))
    assert set(drawn.edges) == {f"flow/{flow.id.rpartition('/')[2]}" for path in answer.paths for flow in path.flows}
    assert not drawn.overlaps
    assert not drawn.outside


def test_the_path_that_runs_backwards(graph: Graph) -> None:
    drawn = Drawn(path_diagram(graph.trace("nanet-se", "sria-2015", via=["ev-final-2016"])))
    assert "runs backwards in time" in drawn.desc or "run backwards in time" in drawn.desc
    assert any("days" in word.text and "backwards" in word.text for word in drawn.words) or "391" in drawn.desc
