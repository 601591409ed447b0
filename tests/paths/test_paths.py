"""The search against brute force, and the three readings of time by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import paths
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.flows import BASES, READINGS, Flow
from seismic_graph.paths import FlowNetwork, Reading, Search, find, holds, reach, reading_of, why_not

ALL = frozenset(BASES)


def flow(source: str, target: str, earliest: int = OPEN_START, latest: int = OPEN_END, **more: object) -> Flow:
    defaults: dict[str, object] = {"id": f"{source}{target}", "kind": "informed", "direction": "horizontal", "basis": "stated"}
    return Flow(source=source, target=target, earliest=earliest, latest=latest, **(defaults | more))  # type: ignore[arg-type]


def standing(source: str, target: str, first: int, sure_from: int, sure_until: int, last: int, **more: object) -> Flow:
    return flow(source, target, first, last, standing=True, sure_from=sure_from, sure_until=sure_until, **more)


# --- independent definitions ----------------------------------------------------------------------------------------


def some_order(flows: list[Flow], days: range) -> bool:
    """Possible: some non-decreasing choice of days within the bounds."""
    choices = [[day for day in days if one.earliest <= day <= one.latest] for one in flows]
    return any(all(a <= b for a, b in pairwise(chosen)) for chosen in product(*choices))


def every_order(flows: list[Flow], days: range) -> bool:
    """Strict: whatever day each dated flow happened, the next can follow; a standing one is passed on its first certain day."""
    moments = [one for one in flows if not one.standing]
    choices = [[day for day in days if one.earliest <= day <= one.latest] for one in moments]
    for chosen in product(*choices):
        when = dict(zip((one.id for one in moments), chosen, strict=True))
        now = days.start
        for one in flows:
            if one.standing:
                now = max(now, one.sure_from)
                if not now <= one.sure_until:
                    return False
            else:
                if now > when[one.id]:
                    return False
                now = when[one.id]
    return True


DAYS = range(0, 7)


@st.composite
def graphs(draw: st.DrawFn) -> list[Flow]:
    flows = []
    for number in range(draw(st.integers(1, 9))):
        source, target = draw(st.permutations("abcde"))[:2]
        bounds = sorted(draw(st.lists(st.integers(DAYS.start, DAYS.stop - 1), min_size=4, max_size=4)))
        stands = draw(st.booleans())
        flows.append(
            Flow(
                id=f"f{number}",
                source=source,
                target=target,
                kind="informed",
                direction=draw(st.sampled_from(["bottom-up", "top-down"])),
                basis=draw(st.sampled_from(BASES)),
                earliest=bounds[0],
                latest=bounds[3],
                standing=stands,
                sure_from=bounds[1] if stands else OPEN_END,
                sure_until=bounds[2] if stands else OPEN_START,
                publishers=frozenset(draw(st.lists(st.sampled_from("xyz"), min_size=1, max_size=2))),
            )
        )
    return flows


def brute_force(flows: list[Flow], source: str, target: str, reading: str, max_hops: int) -> set[tuple[str, ...]]:
    found = set()
    for length in range(1, max_hops + 1):
        for chosen in permutations(flows, length):
            nodes = [chosen[0].source, *(one.target for one in chosen)]
            chained = all(a.target == b.source for a, b in pairwise(chosen))
            if not chained or nodes[0] != source or nodes[-1] != target or len(set(nodes)) < len(nodes):
                continue
            if reading == "static" or (some_order if reading == "possible" else every_order)(list(chosen), DAYS):
                found.add(tuple(one.id for one in chosen))
    return found


@settings(max_examples=300, deadline=None)
@given(graphs(), st.sampled_from(READINGS), st.integers(1, 4))
def test_the_search_finds_exactly_what_brute_force_finds(flows: list[Flow], reading: str, max_hops: int) -> None:
    answer = find(FlowNetwork(flows), "a", "e", Search(reading=reading, bases=ALL, max_hops=max_hops), 10_000)
    assert answer.exhausted
    assert not answer.more
    ids = [tuple(one.id for one in path.flows) for path in answer.paths]
    assert len(set(ids)) == len(ids)
    assert set(ids) == brute_force(flows, "a", "e", reading, max_hops)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sampled_from(READINGS), st.integers(1, 10))
def test_what_counts_as_a_hub_does_not_change_the_answer(flows: list[Flow], reading: str, limit: int) -> None:
    search = Search(reading=reading, bases=ALL, max_hops=4)
    answers = []
    for ways in (0, 1, 64):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(paths, "HUB", ways)
            answers.append(find(FlowNetwork(flows), "a", "e", search, limit))
    assert answers[0] == answers[1] == answers[2]


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sampled_from(READINGS), st.integers(1, 6))
def test_a_short_list_is_the_head_of_the_long_one(flows: list[Flow], reading: str, limit: int) -> None:
    search = Search(reading=reading, bases=ALL, max_hops=4)
    whole = find(FlowNetwork(flows), "a", "e", search, 10_000).paths
    head = find(FlowNetwork(flows), "a", "e", search, limit)
    assert head.paths == whole[:limit]
    assert head.more == (len(whole) > limit)


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_paths_come_in_the_stated_order(flows: list[Flow]) -> None:
    answer = find(FlowNetwork(flows), "a", "e", Search(reading="static", bases=ALL, max_hops=4), 10_000)
    keys = [
        (
            BASES.index(path.basis),
            -READINGS.index(path.reading),
            -round(path.specificity, 9),
            len(path.flows),
            -len(path.publishers),
            tuple(one.id for one in path.flows),
        )
        for path in answer.paths
    ]
    assert keys == sorted(keys)


@settings(max_examples=300, deadline=None)
@given(graphs(), st.sampled_from(["possible", "strict"]), st.integers(0, 8), st.integers(0, 5))
def test_coarsening_a_date_never_makes_a_possible_path_impossible_nor_an_uncertain_one_strict(
    flows: list[Flow], reading: str, index: int, wider: int
) -> None:
    position = index % len(flows)
    old = flows[position]
    coarse = replace(
        old, earliest=old.earliest - wider, latest=old.latest + wider, sure_from=old.sure_from + wider, sure_until=old.sure_until - wider
    )
    before = brute_ids(flows, reading)
    after = brute_ids([*flows[:position], coarse, *flows[position + 1 :]], reading)
    assert before <= after if reading == "possible" else after <= before


def brute_ids(flows: list[Flow], reading: str) -> set[tuple[str, ...]]:
    answer = find(FlowNetwork(flows), "a", "e", Search(reading=reading, bases=ALL, max_hops=4), 10_000)
    return {tuple(one.id for one in path.flows) for path in answer.paths}


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sampled_from(READINGS))
def test_reach_holds_the_end_of_every_path(flows: list[Flow], reading: str) -> None:
    search = Search(reading=reading, bases=ALL, max_hops=4)
    reached = reach(FlowNetwork(flows), "a", search)
    for target in "bcde":
        paths = find(FlowNetwork(flows), "a", target, search, 10_000).paths
        if paths:
            assert reached[target].hops == min(len(path.flows) for path in paths)
        if target in reached and reading != "static":  # a walk that meets a thing twice can be cut short, so reach and paths agree
            assert paths


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sets(st.sampled_from("bcd"), max_size=2), st.sampled_from("bcd"))
def test_via_and_avoid(flows: list[Flow], via: set[str], avoid: str) -> None:
    search = Search(reading="static", bases=ALL, max_hops=4)
    whole = find(FlowNetwork(flows), "a", "e", search, 10_000).paths
    through = find(FlowNetwork(flows), "a", "e", replace(search, via=tuple(sorted(via))), 10_000).paths
    assert {path.flows for path in through} == {path.flows for path in whole if via <= set(path.nodes)}
    around = find(FlowNetwork(flows), "a", "e", replace(search, avoid=frozenset({avoid})), 10_000).paths
    assert {path.flows for path in around} == {path.flows for path in whole if avoid not in path.nodes}


@settings(max_examples=200, deadline=None)
@given(graphs(), st.integers(0, 6), st.integers(0, 6), st.sampled_from(["possible", "strict"]))
def test_the_window_bounds_every_moment(flows: list[Flow], one: int, other: int, reading: str) -> None:
    since, until = min(one, other), max(one, other)
    answer = find(FlowNetwork(flows), "a", "e", Search(reading=reading, bases=ALL, max_hops=4, since=since, until=until), 10_000)
    inside = [
        replace(
            item,
            earliest=max(item.earliest, since),
            latest=min(item.latest, until),
            sure_from=max(item.sure_from, since),
            sure_until=min(item.sure_until, until),
        )
        for item in flows
        if reading == "strict" or (item.latest >= since and item.earliest <= until)
    ]
    if reading == "possible":
        assert {tuple(f.id for f in path.flows) for path in answer.paths} == brute_force(inside, "a", "e", reading, 4)
    else:
        for path in answer.paths:
            assert all(since <= item.earliest and item.latest <= until for item in path.flows if not item.standing)


# --- by hand --------------------------------------------------------------------------------------------------------


def test_pairwise_overlap_is_not_possible() -> None:
    """Each neighbour overlaps the next, and yet no order of days exists."""
    chain = [flow("a", "b", 5, 9), flow("b", "c", 1, 9), flow("c", "d", 1, 4)]
    assert not holds(chain, Reading("possible"))
    assert reading_of(chain) == "static"


def test_flows_of_one_day_may_follow_each_other() -> None:
    assert reading_of([flow("a", "b", 3, 3), flow("b", "c", 3, 3)]) == "strict"


def test_a_standing_hop_adds_no_uncertainty_of_its_own() -> None:
    chain = [flow("a", "b", 3, 4), standing("b", "c", 0, 1, 8, 9), flow("c", "d", 5, 6)]
    assert reading_of(chain) == "strict"


def test_a_standing_hop_must_hold_for_certain_when_it_is_passed() -> None:
    late = [flow("a", "b", 3, 4), standing("b", "c", 0, 1, 3, 9), flow("c", "d", 5, 6)]
    assert reading_of(late) == "possible"
    waiting = [flow("a", "b", 3, 4), standing("b", "c", 5, 6, 7, 9), flow("c", "d", 6, 8)]
    assert reading_of(waiting) == "strict"
    assert reading_of([flow("a", "b", 3, 4), standing("b", "c", 5, 7, 8, 9), flow("c", "d", 6, 8)]) == "possible"


def test_a_standing_hop_without_certainty_is_never_strict() -> None:
    unknown = flow("b", "c", 0, OPEN_END, standing=True)
    assert reading_of([unknown]) == "possible"
    assert reading_of([flow("a", "b", 1, 2), unknown]) == "possible"


def test_a_timeless_hop_passes_at_once() -> None:
    always = flow("b", "c", standing=True, sure_from=OPEN_START, sure_until=OPEN_END)
    assert reading_of([flow("a", "b", 3, 4), always, flow("c", "d", 4, 5)]) == "strict"
    assert reading_of([flow("a", "b", 3, 5), always, flow("c", "d", 4, 5)]) == "possible"


def test_an_undated_flow_is_possible_anywhere_and_certain_nowhere() -> None:
    assert reading_of([flow("a", "b", 3, 4), flow("b", "c"), flow("c", "d", 3, 4)]) == "possible"


@pytest.mark.parametrize(
    ("flows", "search", "code"),
    [
        ([flow("a", "b"), flow("c", "d")], Search(), "no-edge"),
        ([flow("a", "b", 9, 9), flow("b", "d", 2, 3)], Search(), "backwards"),
        ([flow("a", "b"), flow("b", "d", basis="contextual")], Search(), "weaker-basis"),
        ([flow("a", "b"), flow("b", "c"), flow("c", "d")], Search(max_hops=2), "more-hops"),
        ([flow("a", "b"), flow("b", "d")], Search(avoid=frozenset("b")), "filtered"),
        ([flow("a", "b", 9, 9, basis="contextual"), flow("b", "d", 2, 3)], Search(), "several"),
    ],
)
def test_why_not_names_the_limit(flows: list[Flow], search: Search, code: str) -> None:
    network = FlowNetwork(flows)
    assert not find(network, "a", "d", search, 1).paths
    assert why_not(network, "a", "d", search)[0].code == code


def test_the_nearest_backwards_path_is_the_one_that_misses_by_the_fewest_days() -> None:
    network = FlowNetwork(
        [
            flow("a", "b", 20, 20),
            flow("b", "d", 2, 3, id="far"),
            flow("a", "c", 10, 10),
            flow("c", "d", 5, 6, id="near"),
            flow("c", "x", 1, 1),
        ]
    )
    reason = why_not(network, "a", "d", Search())[0]
    assert (reason.code, reason.days, reason.hop) == ("backwards", 4, 1)
    assert reason.path is not None
    assert reason.path.flows[-1].id == "near"


def test_ways_out_make_a_path_less_special() -> None:
    hub = [flow("a", "b"), flow("b", "e")] + [flow("b", other) for other in "xyz"]
    lane = [flow("a", "c"), flow("c", "e")]
    best, second = find(FlowNetwork(hub + lane), "a", "e", Search(), 2).paths
    assert best.nodes == ("a", "c", "e")
    assert best.specificity == pytest.approx(1 / 2)
    assert second.specificity == pytest.approx(1 / 8)


def test_a_hub_in_a_dense_graph_does_not_make_the_search_explode() -> None:
    names = [f"n{number}" for number in range(60)]
    flows = [flow(a, b, 10, 20, id=f"{a}-{b}") for a in names for b in names if a != b]
    flows += [flow("a", "n0", 1, 2), flow("n59", "e", 30, 31)]
    answer = find(FlowNetwork(flows), "a", "e", Search(max_hops=6), 5)
    assert len(answer.paths) == 5
    assert answer.more
    assert answer.exhausted


def test_a_contradicted_date_makes_no_order_certain() -> None:
    clash = flow("a", "b", 3, 3, contradicted=True)
    assert reading_of([clash]) == "possible"
    assert reading_of([clash, flow("b", "c", 5, 5)]) == "possible"
    assert not find(FlowNetwork([clash]), "a", "b", Search(reading="strict"), 1).paths
