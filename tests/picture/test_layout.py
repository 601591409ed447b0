"""Where things go."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seismic_graph.picture import layout
from seismic_graph.picture.layout import Box, Boxes


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 60), st.floats(0.5, 9)), min_size=1, max_size=12))
def test_a_stack_keeps_order_and_room(items: list[tuple[float, float, float]]) -> None:
    wanted, heights, weights = zip(*items, strict=True)
    middles = layout.stack(wanted, heights, 5, weights)
    for (a, high), (b, low) in pairwise(zip(middles, heights, strict=True)):
        assert b - a >= (high + low) / 2 + 5 - 1e-6


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=10))
def test_a_stack_leaves_alone_what_has_room(places: list[float]) -> None:
    wanted = sorted(place * 1000 for place in set(places))
    far = [place for place, before in zip(wanted, [None, *wanted], strict=False) if before is None or place - before > 40]
    assert layout.stack(far, [20] * len(far), 5) == far or all(
        abs(a - b) < 1e-6 for a, b in zip(layout.stack(far, [20] * len(far), 5), far, strict=True)
    )


def test_order_takes_crossings_away() -> None:
    columns = [["a", "b", "c"], ["x", "y", "z"]]
    links = [("a", "z"), ("b", "y"), ("c", "x")]
    left, right = layout.ordered(columns, links)
    assert [dict(links)[name] for name in left] == right


def test_stress_keeps_hops_apart() -> None:
    chain = {name: [other for other in range(8) if abs(other - name) == 1] for name in range(8)}
    at = layout.stress(list(chain), chain)
    xs = [at[name][0] for name in chain]
    assert xs == sorted(xs) or xs == sorted(xs, reverse=True), "a chain lies level and straight"
    assert at == layout.stress(list(chain), chain)


def test_stress_of_a_crowd_uses_pivots() -> None:
    ring = {name: [(name - 1) % 700, (name + 1) % 700] for name in range(700)}
    at = layout.stress(list(ring), ring, rounds=4)
    assert len(set(at.values())) == 700


def test_apart_takes_discs_from_each_other() -> None:
    at = layout.apart(dict.fromkeys(range(12), (0.0, 0.0)), dict.fromkeys(range(12), 5.0), 2, rounds=200)
    points = list(at.values())
    assert all(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 > 10 for place, (ax, ay) in enumerate(points) for bx, by in points[:place])


def test_labels_take_the_best_free_place() -> None:
    boxes, within = Boxes(), Box(0, 0, 200, 100)
    first = layout.place(boxes, layout.around(100, 50, 5, 40, 12), within)
    second = layout.place(boxes, layout.around(100, 50, 5, 40, 12), within)
    assert first is not None and first.left > 100
    assert second is not None and second.right < 100
    assert not first.overlaps(second)
    assert layout.place(boxes, layout.around(100, 50, 5, 400, 12), within) is None


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 400), st.floats(1, 90), st.floats(1, 90)), max_size=30))
def test_the_grid_of_boxes_forgets_none(rectangles: list[tuple[float, float, float, float]]) -> None:
    boxes, kept = Boxes(), []
    for x, y, wide, high in rectangles:
        box = Box(x, y, x + wide, y + high)
        assert boxes.free(box) == (not any(box.overlaps(other) for other in kept))
        boxes.add(box)
        kept.append(box)
