"""Indicators: every number is the sum of what is behind it, and agrees with brute force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import things as things_module
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.graph import Graph
from seismic_graph.insight.indicators import (
    BY,
    STAGES,
    Indicator,
    brokers,
    brokers_between,
    counts,
    main_path,
    static_betweenness,
    times,
    traversal_counts,
    uptakes,
)
from seismic_graph.insight.places import NOT_RECORDED, begun_between, profiles
from seismic_graph.paths import FlowNetwork, Search, find, holds
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID, short
from tests.insight import records
from tests.insight.records import flow, row, rows, thing


@pytest.fixture(scope="module")
def things(graph: Graph) -> dict[str, Thing]:
    return things_module.load(graph.store)


def adds_up(one: Indicator) -> None:
    if one.unit != "days" and not one.paths:
        assert one.value == pytest.approx(sum(amount for _, amount in one.parts))
    if one.share is not None:
        assert 0 <= one.share <= 1 + 1e-9
    if one.most is not None and one.value is not None:
        assert one.value <= one.most


# --- counts and shares -----------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(records.flows(), records.things(), records.searches(), st.sampled_from(BY))
def test_every_count_is_the_number_of_flows_behind_it(found: list[Flow], things: dict[str, Thing], search: Search, by: str) -> None:
    network = FlowNetwork(found)
    told = counts(network, things, by, search)
    inside = [one for one in network.restricted(search, search.bases).flows if one.latest >= search.since and one.earliest <= search.until]
    for one in told:
        adds_up(one)
        assert one.of == len(inside)
        assert set(one.flows) <= set(inside)
    if by == "year":
        return
    assert {flow_.id for one in told for flow_ in one.flows} == {one.id for one in inside}
    if by in {"direction", "kind", "basis"}:
        assert {one.group: one.value for one in told} == Counter(getattr(one, by) for one in inside)


def test_a_flow_counts_for_every_theme_and_country_at_either_end() -> None:
    things = {
        "a": thing("a", "event", themes=("t1",), countries=("SE",), levels=("local",)),
        "b": thing("b", "network", themes=("t1", "t2"), countries=("NL",), levels=("national", "european")),
        "c": thing("c", "document"),
    }
    network = FlowNetwork([flow("a", "b"), flow("b", "c"), flow("c", "c2")])
    assert {one.group: one.value for one in counts(network, things, "theme")} == {"t1": 2, "t2": 2, NOT_RECORDED: 1}
    assert {one.group: one.value for one in counts(network, things, "country")} == {"SE": 1, "NL": 2, NOT_RECORDED: 1}
    assert {one.group: one.value for one in counts(network, things, "level")} == {
        "local to national": 1,
        "local to european": 1,
        "national to not recorded": 1,
        "european to not recorded": 1,
        "not recorded to not recorded": 1,
    }


def test_a_recommendation_is_of_the_place_that_put_it_forward() -> None:
    things = {"n": thing("n", "network", countries=("SE",)), "r": thing("r", "recommendation"), "d": thing("d", "document")}
    found = [flow("n", "r", kind="put-forward"), flow("r", "d")]
    assert profiles(found, things)["r"].countries == {"SE"}
    assert profiles(found, things)["r"].networks == {"n"}
    assert not profiles(found, things)["d"].countries


def test_years_tell_what_is_certain_and_what_is_possible() -> None:
    def day(text: str) -> int:
        return date.fromisoformat(text).toordinal()

    found = [
        flow("a", "b", day("2015-02-01"), day("2015-03-01")),
        flow("b", "c", day("2015-12-01"), day("2016-01-31")),
        flow("c", "d", day("2014-06-01"), day("2017-01-01"), standing=True, sure_from=day("2014-12-31"), sure_until=day("2015-01-01")),
        flow("d", "e"),
        flow("e", "f", standing=True, sure_from=OPEN_START, sure_until=OPEN_END),
        flow("f", "g", OPEN_START, day("2014-01-01")),
    ]
    told = {one.group: (one.value, one.most) for one in counts(FlowNetwork(found), {}, "year")}
    assert told == {
        "2014": (1, 2),
        "2015": (2, 3),
        "2016": (0, 2),
        "2017": (0, 1),
        NOT_RECORDED: (1, None),
        "at all times": (1, None),
    }


def test_counting_by_anything_else_is_refused() -> None:
    with pytest.raises(UsageError):
        counts(FlowNetwork([]), {}, "colour")


# --- brokers ---------------------------------------------------------------------------------------------------------


def betweenness(network: FlowNetwork, search: Search, sources: set[str], targets: set[str]) -> dict[str, float]:
    """By the definition: every shortest path of every pair is looked at."""
    found: dict[str, float] = {}
    for source in sources:
        for target in targets - {source}:
            paths = find(network, source, target, search, 10_000).paths
            shortest = [path for path in paths if len(path.flows) == min(len(other.flows) for other in paths)]
            for path in shortest:
                for node in path.nodes[1:-1]:
                    found[node] = found.get(node, 0.0) + 1 / len(shortest)
    return found


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.searches())
def test_brokers_agree_with_brute_force(found: list[Flow], search: Search) -> None:
    network = FlowNetwork(found)
    told = brokers(network, search)
    names = set(records.TYPES)
    expected = betweenness(network, search, names, names)
    assert {one.group: one.value for one in told} == pytest.approx(expected)
    for one in told:
        adds_up(one)
        assert all(item.source == one.group for item in one.flows)


@settings(max_examples=100, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_brokers_between_groups_agree_with_brute_force(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(found)
    known = profiles(found, things)
    swedish = {iri for iri, one in known.items() if "SE" in one.countries and "NL" not in one.countries}
    dutch = {iri for iri, one in known.items() if "NL" in one.countries and "SE" not in one.countries}
    if swedish and dutch:
        told = brokers_between(network, things, "country", "SE", "NL", search)
        assert {one.group: one.value for one in told} == pytest.approx(betweenness(network, search, swedish, dutch))
        for one in told:
            adds_up(one)


def test_brokers_between_groups_that_do_not_exist_are_refused() -> None:
    with pytest.raises(UsageError):
        brokers_between(FlowNetwork([]), {}, "colour", "red", "blue")
    with pytest.raises(UsageError):
        brokers_between(FlowNetwork([]), {"a": thing("a", "event", countries=("SE",))}, "country", "SE", "NL")


def test_a_broker_by_hand() -> None:
    """From a to d over b in time, and over c, which had given before: b is on every shortest path, though one of two without dates."""
    network = FlowNetwork([flow("a", "b", 1, 2), flow("b", "d", 3, 4), flow("a", "c", 5, 6), flow("c", "d", 3, 4)])
    (one,) = brokers(network)
    assert (one.group, one.value, one.of, one.share) == ("b", 1.0, 3, 1 / 3)  # pairs that b is no end of: a-c, a-d, c-d
    assert [item.id for item in one.flows] == ["b-d"]
    assert {one.group: one.value for one in static_betweenness(network)} == {"b": 0.5, "c": 0.5}


@settings(max_examples=80, deadline=None)
@given(records.flows())
def test_static_betweenness_is_that_of_undated_single_flows(found: list[Flow]) -> None:
    """Two computations of the same thing: ours over flows without dates, one for each pair, and that of networkx."""
    pairs = {(one.source, one.target): one for one in found if one.basis != "contextual"}
    network = FlowNetwork(replace(one, id=f"{source}-{target}") for (source, target), one in pairs.items())
    ours = brokers(network, Search(reading="static", max_hops=20))
    theirs = static_betweenness(network, Search(reading="static"))
    assert {one.group: one.value for one in ours} == pytest.approx({one.group: one.value for one in theirs})


# --- the main path ---------------------------------------------------------------------------------------------------


def chains(network: FlowNetwork, search: Search) -> list[tuple[Flow, ...]]:
    """Every chain from a flow that nothing can come before, or that none of these reaches, to its end; for records without rings."""
    usable = network.restricted(search, search.bases)
    reading = search.window(search.reading)
    able = sorted((one for one in usable.flows if holds([one], reading)), key=lambda one: (one.earliest, one.latest, one.id))
    found: list[tuple[Flow, ...]] = []

    def begin(start: Flow) -> None:
        pending = [(start,)]
        while pending:
            chain = pending.pop()
            onward = [(*chain, one) for one in usable.outgoing.get(chain[-1].target, ()) if holds((*chain, one), reading)]
            pending += onward
            if not onward:
                found.append(chain)

    for one in able:
        if not any(other.target == one.source and holds([other, one], reading) for other in able):
            begin(one)
    for one in able:
        if not any(one in chain for chain in found):
            begin(one)
    return found


ORDER = tuple(records.TYPES)


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.searches())
def test_traversal_counts_agree_with_brute_force_where_there_are_no_rings(found: list[Flow], search: Search) -> None:
    network = FlowNetwork(one for one in found if ORDER.index(one.source) < ORDER.index(one.target))
    expected = chains(network, search)
    told = traversal_counts(network, search)
    assert {one.group: one.value for one in told} == Counter(one.id for chain in expected for one in chain)
    for one in told:
        adds_up(one)
        assert one.of == len(expected)
    path = main_path(network, search)
    weights = {one.group: one.value or 0 for one in told}
    if not expected:
        assert path.value is None
        return
    assert path.value == max(sum(weights[one.id] for one in chain) for chain in expected)
    assert path.paths[0].flows in expected
    assert path.value == sum(amount for _, amount in path.parts)


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.searches())
def test_the_main_path_holds_in_time_and_uses_no_flow_twice_even_where_there_are_rings(found: list[Flow], search: Search) -> None:
    network = FlowNetwork(found)
    path = main_path(network, search)
    told = traversal_counts(network, search)
    for one in told:
        adds_up(one)
    able = {one.id for one in network.restricted(search, search.bases).flows if holds([one], search.window(search.reading))}
    assert {one.group for one in told} == able  # nothing is lost
    if path.value is None:
        assert not able
        return
    flows = path.paths[0].flows
    assert holds(flows, search.window(search.reading))
    assert len({one.id for one in flows}) == len(flows)
    assert all(before.target == after.source for before, after in pairwise(flows))


def test_a_main_path_by_hand() -> None:
    """Two needs meet in the agenda, from where two calls go: 2 x 2 chains; the edge in the middle is on all four."""
    found = [flow("n1", "a", 1, 1), flow("n2", "a", 1, 1), flow("a", "b", 2, 2), flow("b", "c1", 3, 3), flow("b", "c2", 3, 3)]
    network = FlowNetwork(found)
    path = main_path(network)
    assert [one.id for one, _ in path.parts] == ["n1-a", "a-b", "b-c1"]
    assert [amount for _, amount in path.parts] == [2, 4, 2]
    assert (path.value, path.of) == (8, 4)
    early = FlowNetwork([*found[:2], flow("a", "b", 0, 0), *found[3:]])  # what a gave came before what it got
    assert {one.group: one.value for one in traversal_counts(early)} == {"n1-a": 1, "n2-a": 1, "a-b": 2, "b-c1": 1, "b-c2": 1}


def test_a_ring_is_cut_where_knowledge_came_in() -> None:
    found = [flow("x", "a", 1, 1), flow("a", "b"), flow("b", "c"), flow("c", "a")]
    path = main_path(FlowNetwork(found))
    assert [one.id for one, _ in path.parts] == ["x-a", "a-b", "b-c", "c-a"]
    alone = main_path(FlowNetwork(found[1:]))
    assert [one.id for one, _ in alone.parts] == ["a-b", "b-c", "c-a"]


# --- the time it took ------------------------------------------------------------------------------------------------


def first_by_brute_force(network: FlowNetwork, things: Mapping[str, Thing], start: str, wanted: str, search: Search) -> int | None:
    """The earliest last day of any path from a thing to one of a type, begun no earlier than the thing."""
    begun = begun_between(things[start])[1 if search.reading == "strict" else 0]
    best = None
    for target in (iri for iri, one in things.items() if one.type == wanted and iri != start):
        for path in find(network, start, target, search, 10_000).paths:
            before = flow("before", start, begun, begun) if OPEN_START < begun < OPEN_END and search.reading != "static" else None
            if before is None or holds((before, *path.flows), search.window(search.reading)):
                last = path.flows[-1]
                if search.reading != "strict" or not last.standing:
                    best = min(last.latest, search.until, OPEN_END if best is None else best)
    return best


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.things(), st.sampled_from(STAGES[:3]), st.sampled_from(["possible", "strict"]), st.integers(1, 4))
def test_the_first_uptake_has_the_earliest_last_day(
    found: list[Flow], things: dict[str, Thing], stage: Sequence[str], reading: str, hops: int
) -> None:
    network = FlowNetwork(replace(one, standing=False) for one in found)
    search = Search(reading=reading, max_hops=hops)
    told = {one.start: one for one in uptakes(network, things, stage, search)}
    for start in (iri for iri, one in things.items() if one.type == stage[0]):
        expected = first_by_brute_force(network, things, start, stage[-1], search)
        assert (start in told) == (expected is not None)
        if expected is not None:
            one = told[start]
            assert one.path.flows[-1].latest == expected
            assert (one.path.nodes[0], one.path.nodes[-1]) == (start, one.end)
            assert things[one.end].type == stage[-1]
            assert holds(one.path.flows, search.window(reading))
            assert one.took.most is None or 0 <= one.took.least <= one.took.most


@settings(max_examples=80, deadline=None)
@given(records.flows(14, 4, (("need", "agenda"), ("agenda", "call"), ("call", "project"))), records.things(), records.searches())
def test_times_tell_how_many_and_how_long(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(found)
    told = {one.name: one for one in times(network, things, search)}
    assert len(told) == 4 * len(STAGES)
    for stage in STAGES:
        reached = uptakes(network, things, stage, search)
        name = " to ".join({"recommendation": "need", "agenda-item": "agenda item"}.get(one, one) for one in stage)
        count = told[f"reached: {name}"]
        assert count.value == len(reached) == len(count.paths)
        assert count.of == sum(one.type == stage[0] and iri not in search.avoid for iri, one in things.items())
        shortest, middle, longest = (told[f"days, {what}: {name}"] for what in ("shortest", "median", "longest"))
        if not reached:
            assert middle.value is None
            continue
        assert (shortest.value or 0) <= (middle.value or 0) <= (longest.value or 0)
        assert longest.value == max(one.took.least for one in reached)
        assert (longest.most is None) == any(one.took.most is None for one in reached)
        for one in reached:
            types = [things[node].type for node in one.path.nodes]
            position = 0
            for wanted in stage:
                position = types.index(wanted, position)
            assert types[-1] == stage[-1]


def test_a_call_tied_to_a_later_agenda_in_hindsight_is_not_its_uptake() -> None:
    things = {"agenda": thing("agenda", "agenda-item", 100, 110), "old": thing("old", "call"), "new": thing("new", "call")}
    (one,) = uptakes(FlowNetwork([flow("agenda", "old", 20, 20), flow("agenda", "new", 150, 160)]), things, ("agenda-item", "call"))
    assert (one.end, one.took.least, one.took.most) == ("new", 40, 60)


# --- on the dossier --------------------------------------------------------------------------------------------------


def test_shares_of_the_dossier(graph: Graph, things: dict[str, Thing]) -> None:
    told = {one.group: one for one in counts(graph.network, things, "basis", Search(bases=frozenset({"stated"})))}
    assert list(told) == ["stated"]
    stated = [line for line in rows("flows") if line["kind"] != "funded-by"]
    assert told["stated"].value == len(stated)
    by_kind = {one.group: one.value for one in counts(graph.network, things, "kind", Search(bases=frozenset({"stated"})))}
    assert by_kind == Counter(line["kind"] for line in stated)
    for by in BY:
        for one in counts(graph.network, things, by):
            adds_up(one)


def test_brokers_of_the_dossier(graph: Graph, things: dict[str, Thing]) -> None:
    told = brokers(graph.network)
    assert [short(one.group) for one in told[:3]] == ["agenda-item/sria-2015", "programme/jpi-urban-europe", "network/seismic-nanets"]
    for one in told:
        adds_up(one)
    between = brokers_between(graph.network, things, "country", "SE", "NL")
    assert between
    assert "network/seismic-nanets" in {short(one.group) for one in between}
    assert "network/seismic-nanets" in between[0].explain(things) or between[0].explain(things).startswith("shortest time-respecting paths")


def test_the_main_path_of_the_dossier_runs_from_residents_to_a_city(graph: Graph, things: dict[str, Thing]) -> None:
    path = main_path(graph.network)
    nodes = [short(node) for node in path.paths[0].nodes]
    passed = iter(nodes)
    for wanted in ("network/seismic-nanets", "agenda-item/sria-2015", "call/call-ensuf"):
        assert wanted in passed
    assert things[path.paths[0].nodes[0]].type == "initiative"
    assert things[path.paths[0].nodes[-1]].type == "city"


def test_how_long_the_gender_recommendation_took(graph: Graph, things: dict[str, Thing]) -> None:
    facts = row("recommendations", "rec-gap-priority")
    assert (facts["date"], facts["addressed_to"]) == ("2015-03", "seismic-nanets")
    call, project = row("calls", "call-ensuf"), row("projects", "smart-u-green")
    assert (call["opened"], project["call"], project["start"]) == ("2015-12-16", "call-ensuf", "2017-01-01")
    told = {one.start: one for one in uptakes(graph.network, things, STAGES[3])}
    one = told[ID + "recommendation/rec-gap-priority"]
    assert [short(node) for node in one.path.nodes] == [
        "recommendation/rec-gap-priority",
        "network/seismic-nanets",
        "agenda-item/sria-2015",
        "call/call-ensuf",
        "project/smart-u-green",
    ]
    first, last = date(2015, 3, 1), date(2015, 3, 31)
    assert one.took.least == (date(2017, 1, 1) - last).days
    assert one.took.most == (date(2017, 1, 1) - first).days


def test_what_is_explained_can_be_read(graph: Graph, things: dict[str, Thing]) -> None:
    (horizontal,) = [one for one in counts(graph.network, things, "direction") if one.group == "horizontal"]
    text = horizontal.explain(things)
    assert text.startswith(f"flows by direction, horizontal: {horizontal.value:g} flows of {horizontal.of:g} (")
    assert len(text.splitlines()) == 1 + len(horizontal.parts)
    empty = Indicator("days", "", None, "days").explain(things)
    assert empty == "days: not recorded days"
