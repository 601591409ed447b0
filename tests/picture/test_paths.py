"""The path diagram: shared things drawn once, hops with all that stands behind them, and time that breaks."""

from __future__ import annotations

import pytest

from seismic_graph.dates import OPEN_START
from seismic_graph.paths import Path, Reason
from seismic_graph.picture import Look, path_diagram
from tests.picture import records
from tests.picture.drawn import NS, Drawn
from tests.picture.records import flow, iri

A, B, C, D = (iri("network", "aa"), iri("network", "bb"), iri("project", "cc"), iri("agenda-item", "dd"))


def shown(drawn: Drawn) -> str:
    return " ".join(word.text for word in drawn.words)


@pytest.mark.parametrize("width", [360, 1200])
def test_shared_things_are_drawn_once(width: int) -> None:
    ab, bd, bc, cd = flow("ab", A, B), flow("bd", B, D), flow("bc", B, C, basis="structural"), flow("cd", C, D)
    drawn = Drawn(path_diagram(records.answer([[ab, bd], [ab, bc, cd]]), look=Look(width=width)))
    assert set(drawn.edges) == {"flow/ab", "flow/bd", "flow/bc", "flow/cd"}
    boxes = [element for element in drawn.root.iter(NS + "rect") if element.get("class") in ("card", "full")]
    assert len(boxes) == 4
    assert len([box for box in boxes if box.get("class") == "full"]) == 2, "the two ends of the question stand out"
    for words in ("paths 1, 2", "path 1", "path 2", "structural", "informed", "2014"):
        assert words in shown(drawn)
    assert "On paths 1, 2" in (drawn.edges["flow/ab"].findtext(NS + "title") or "")


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize(("paths", "hops"), [(1, 1), (2, 2), (5, 3), (25, 4), (25, 6), (60, 6)])
def test_any_number_of_paths_is_legible(paths: int, hops: int, width: int) -> None:
    answer = records.lattice(paths, hops)
    drawn = Drawn(path_diagram(answer, look=Look(width=width)))
    assert not drawn.overlaps
    assert not drawn.outside
    assert len(drawn.edges) == len({hop.id for path in answer.paths for hop in path.flows})


@pytest.mark.parametrize("width", [360, 1200])
def test_a_loop_between_paths_is_drawn(width: int) -> None:
    ab, bc, cd, cb, bd, ac = flow("ab", A, B), flow("bc", B, C), flow("cd", C, D), flow("cb", C, B), flow("bd", B, D), flow("ac", A, C)
    drawn = Drawn(path_diagram(records.answer([[ab, bc, cd], [ac, cb, bd]]), look=Look(width=width)))
    assert set(drawn.edges) == {"flow/ab", "flow/bc", "flow/cd", "flow/cb", "flow/bd", "flow/ac"}
    assert not drawn.overlaps


@pytest.mark.parametrize("width", [360, 1200])
def test_where_time_breaks_the_nearest_path_says_so(width: int) -> None:
    hops = (
        flow("ab", A, B, earliest=records.day(2016, 10, 25), latest=records.day(2016, 10, 26)),
        flow("bd", B, D, latest=records.day(2015, 9, 30)),
    )
    reason = Reason("backwards", Path(hops, "static", "stated", 0.5), 1, 391)
    drawn = Drawn(path_diagram(records.answer([], reasons=(reason,)), look=Look(width=width)))
    assert "No such path is recorded" in shown(drawn)
    assert "runs backwards by 391 days" in " ".join(shown(drawn).split())
    assert "Time breaks at bb → dd" in drawn.desc
    assert set(drawn.edges) == {"flow/ab", "flow/bd"}


def test_no_chain_at_all() -> None:
    drawn = Drawn(path_diagram(records.answer([], reasons=(Reason("no-edge"),))))
    assert "No chain of recorded flows" in shown(drawn)
    assert not drawn.edges


def test_what_holds_always_and_what_is_undated() -> None:
    always = flow("ab", A, B, earliest=OPEN_START, latest=-OPEN_START, standing=True, sure_from=OPEN_START, sure_until=-OPEN_START)
    open_end = flow("bd", B, D, earliest=records.day(2014, 11), latest=-OPEN_START)
    drawn = Drawn(path_diagram(records.answer([[always, open_end]])))
    assert "at all times" in shown(drawn)
    assert "from 2014-11" in shown(drawn)
