"""Loops and balances: against brute force, and by hand from the rows of the dossier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import things as things_module
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.flows import READINGS, Flow
from seismic_graph.graph import Graph
from seismic_graph.insight.loops import (
    BEYOND,
    ENDS,
    Loop,
    balance,
    balances,
    cities,
    countries,
    exchange,
    loops,
    places_with_loops,
)
from seismic_graph.insight.places import things_of
from seismic_graph.insight.spread import span
from seismic_graph.paths import FlowNetwork, Search, find, holds, reach, reading_of
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID, short
from tests.insight import records
from tests.insight.records import flow, row, rows, thing

ROUND = (("network", "agenda"), ("agenda", "call"), ("call", "project"), ("project", "city"))
"""Flows that every record here begins with, so that loops are no rare thing."""
PLACES = st.sampled_from(["SE", "NL"])


# --- an independent definition ---------------------------------------------------------------------------------------


def walks(network: FlowNetwork, starts: set[str], stops: set[str], most: int) -> Iterator[tuple[Flow, ...]]:
    """Every simple chain from some things to the first of some others, with at most so many hops."""
    pending: list[tuple[Flow, ...]] = [(one,) for start in starts for one in network.outgoing.get(start, ()) if most > 0]
    while pending:
        chain = pending.pop()
        if chain[-1].target in stops:
            yield chain
        elif len(chain) < most:
            passed = {chain[0].source, *(one.target for one in chain)}
            pending += [
                (*chain, one) for one in network.outgoing.get(chain[-1].target, ()) if one.target not in passed or one.target in stops
            ]


def brute_force(network: FlowNetwork, things: Mapping[str, Thing], place: str, search: Search) -> set[tuple[str, ...]]:
    items = {iri for iri, one in things.items() if one.type == "agenda-item"}
    starts = {iri for iri, one in things.items() if one.countries == (place,) and one.type in ENDS}
    ends = {iri for iri, one in things.items() if place in one.countries and one.type in ENDS}
    part = network.restricted(search, search.bases)
    found = set()
    for up in walks(part, starts, items, search.max_hops - 1):
        for back in walks(part, {up[-1].target}, ends, search.max_hops - len(up)):
            if holds((*up, *back), search.window(search.reading)):
                found.add(tuple(one.id for one in (*up, *back)))
    return found


def ids(found: tuple[Loop, ...]) -> set[tuple[str, ...]]:
    return {tuple(one.id for one in loop.path.flows) for loop in found}


# --- loops on random records -----------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(records.flows(14, 4, ROUND), records.things(), PLACES, records.searches())
def test_loops_are_exactly_what_brute_force_finds(found: list[Flow], things: dict[str, Thing], place: str, search: Search) -> None:
    network = FlowNetwork(found)
    answer = loops(network, things, place, search, 10_000) if things_of(things, place) else None
    if answer is None:
        return
    assert answer.exhausted
    assert not answer.more
    told = [tuple(one.id for one in loop.path.flows) for loop in answer.loops]
    assert len(set(told)) == len(told)
    assert set(told) == brute_force(network, things, place, search)
    assert (answer.why is None) == bool(told)


@settings(max_examples=200, deadline=None)
@given(records.flows(14, 4, ROUND), records.things(), PLACES, records.searches(), st.integers(1, 3))
def test_a_loop_is_told_as_it_is(found: list[Flow], things: dict[str, Thing], place: str, search: Search, limit: int) -> None:
    network = FlowNetwork(found)
    if not things_of(things, place):
        return
    whole = loops(network, things, place, search, 10_000).loops
    head = loops(network, things, place, search, limit)
    assert head.loops == whole[:limit]
    assert head.more == (len(whole) > limit)
    ways_out = network.restricted(search, search.bases).ways_out
    for loop in whole:
        flows = (*loop.up, *loop.back)
        assert loop.path.flows == flows
        assert things[loop.agenda_item].type == "agenda-item"
        assert all(things[one.source].type != "agenda-item" for one in loop.up)
        assert things[loop.ends[0]].countries == (place,)
        assert place in things[loop.ends[1]].countries
        assert loop.path.reading == reading_of(flows, search.since, search.until)
        special = 1.0
        for one in flows:
            special /= ways_out[one.source]
        assert loop.path.specificity == pytest.approx(special, rel=1e-4)
        if search.reading != "static":
            assert loop.took == span(flows, search.since, search.until)
            assert loop.took.most is None or loop.took.least <= loop.took.most


@settings(max_examples=200, deadline=None)
@given(records.flows(14, 4, ROUND), records.things(), PLACES, st.integers(0, 20), st.integers(1, 4))
def test_a_vaguer_date_never_makes_a_possible_loop_impossible_nor_an_uncertain_one_strict(
    found: list[Flow], things: dict[str, Thing], place: str, index: int, wider: int
) -> None:
    if not things_of(things, place):
        return
    position = index % len(found)
    old = found[position]
    coarse = [*found]
    coarse[position] = replace(
        old,
        earliest=max(OPEN_START, old.earliest - wider),
        latest=min(OPEN_END, old.latest + wider),
        sure_from=old.sure_from + wider,
        sure_until=old.sure_until - wider,
    )

    def told(some: list[Flow], reading: str) -> set[tuple[str, ...]]:
        return ids(loops(FlowNetwork(some), things, place, Search(reading=reading), 10_000).loops)

    assert told(found, "possible") <= told(coarse, "possible")
    assert told(coarse, "strict") <= told(found, "strict")
    assert told(found, "strict") <= told(found, "possible") <= told(found, "static")


@settings(max_examples=100, deadline=None)
@given(records.flows(14, 4, ROUND), records.things(), records.searches())
def test_asking_for_many_places_finds_what_asking_for_each_finds(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(found)
    places = [*countries(things), *cities(things)]
    each = {place: loops(network, things, place, search, 2) for place in places}
    assert places_with_loops(network, things, places, search, 2) == {place: answer for place, answer in each.items() if answer.loops}


STORY = {
    "garden": thing("garden", "initiative", countries=("SE",)),
    "network": thing("network", "network", countries=("SE",)),
    "agenda": thing("agenda", "agenda-item"),
    "call": thing("call", "call"),
    "project": thing("project", "project", countries=("NL", "SE")),
}


@pytest.mark.parametrize(
    ("found", "search", "code"),
    [
        ([flow("network", "agenda", 5, 6), flow("agenda", "call", 1, 2), flow("call", "project", 7, 8)], Search(), "backwards"),
        ([flow("network", "agenda", 1, 2), flow("agenda", "call", 2, 3), flow("call", "project", 3, 4)], Search(reading="strict"), ""),
        (
            [flow("network", "agenda", 1, 3), flow("agenda", "call", 2, 3), flow("call", "project", 3, 4)],
            Search(reading="strict"),
            "not-certain",
        ),
        ([flow("network", "agenda"), flow("agenda", "project")], Search(max_hops=1), "more-hops"),
        ([flow("network", "agenda"), flow("agenda", "project", basis="contextual")], Search(), "contextual"),
        ([flow("network", "agenda", 1, 2), flow("agenda", "project", 1, 2)], Search(since=5), "outside-window"),
        ([flow("network", "agenda"), flow("agenda", "project")], Search(directions=frozenset({"top-down"})), "filtered"),
        ([flow("network", "agenda"), flow("call", "project")], Search(), "no-edge"),
        ([flow("project", "agenda"), flow("agenda", "project")], Search(), "no-edge"),
    ],
)
def test_why_no_loop_is_recorded(found: list[Flow], search: Search, code: str) -> None:
    answer = loops(FlowNetwork(found), STORY, "SE", search)
    assert (answer.why.code if answer.why else "") == code
    if answer.why and answer.why.path:
        assert set(answer.why.path.flows) <= set(found)
        assert answer.why.flow is None or answer.why.flow in found


def test_a_shared_project_brings_knowledge_back_but_does_not_speak_for_one_country() -> None:
    network = FlowNetwork([flow("network", "agenda"), flow("agenda", "call"), flow("call", "project"), flow("project", "agenda")])
    (loop,) = loops(network, STORY, "SE").loops
    assert loop.ends == ("network", "project")
    assert not loops(network, STORY, "NL").loops


def test_the_types_of_ends_can_be_chosen() -> None:
    network = FlowNetwork([flow("garden", "network"), flow("network", "agenda"), flow("agenda", "garden")])
    assert {loop.ends for loop in loops(network, STORY, "SE").loops} == {("garden", "garden"), ("network", "garden")}
    assert {loop.ends for loop in loops(network, STORY, "SE", types={"initiative"}).loops} == {("garden", "garden")}


def test_what_is_no_place_and_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UnknownName):
        loops(FlowNetwork([]), STORY, "XX")
    with pytest.raises(UsageError):
        loops(FlowNetwork([]), STORY, "SE", Search(via=("call",)))
    with pytest.raises(UnknownName):
        balance(FlowNetwork([]), STORY, "XX")


# --- balances --------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(records.flows(), records.searches(), st.lists(st.integers(0, 3), min_size=len(records.TYPES), max_size=len(records.TYPES)))
def test_over_a_partition_what_was_given_is_what_was_got(found: list[Flow], search: Search, parts: list[int]) -> None:
    groups: dict[str, list[str]] = {}
    for name, part in zip(records.TYPES, parts, strict=True):
        groups.setdefault(str(part), []).append(name)
    sides = exchange(FlowNetwork(found), groups, search)
    gave = [one for side in sides.values() for one in side.gave]
    got = [one for side in sides.values() for one in side.got]
    within = [one for side in sides.values() for one in side.within]
    assert sorted(one.id for one in gave) == sorted(one.id for one in got)
    usable = [
        one
        for one in FlowNetwork(found).restricted(search, search.bases).flows
        if one.latest >= search.since and one.earliest <= search.until
    ]
    assert sorted(one.id for one in [*gave, *within]) == sorted(one.id for one in usable)


@settings(max_examples=150, deadline=None)
@given(records.flows(14, 4, ROUND), records.things(), PLACES, records.searches())
def test_a_balance_holds_what_reaches_in_and_out(found: list[Flow], things: dict[str, Thing], place: str, search: Search) -> None:
    network = FlowNetwork(found)
    if not things_of(things, place):
        return
    told = balance(network, things, place, search)
    mine = {iri for iri, one in things.items() if one.countries == (place,)}
    assert told.things == mine
    beyond = {iri for iri, one in things.items() if one.type in BEYOND} - mine
    out = {iri for start in mine for iri in reach(network, start, search)} & beyond
    into = {iri for iri in beyond if set(reach(network, iri, search)) & mine}
    assert {one.thing for one in told.gave_to} == out
    assert {one.thing for one in told.got_from} == into
    for one in (*told.gave_to, *told.got_from):
        assert holds(one.path.flows, search.window(search.reading))
        assert len(one.path.flows) <= search.max_hops
    for one in told.gave_to:
        assert one.path.nodes[0] in mine
        assert one.path.nodes[-1] == one.thing
        starts = [find(network, start, one.thing, search, 10_000).paths for start in sorted(mine)]
        assert len(one.path.flows) == min(len(path.flows) for paths in starts for path in paths)


# --- on the dossier --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def things(graph: Graph) -> dict[str, Thing]:
    return things_module.load(graph.store)


def test_the_countries_of_the_dossier_add_up(graph: Graph, things: dict[str, Thing]) -> None:
    groups = {country: things_of(things, country, alone=True) for country in countries(things)}
    groups["shared or not recorded"] = frozenset(things) - frozenset().union(*groups.values())
    assert sum(len(members) for members in groups.values()) == len(things)
    sides = exchange(graph.network, groups)
    gave = sum(len(side.gave) for side in sides.values())
    assert gave == sum(len(side.got) for side in sides.values()) > 100
    usable = graph.network.restricted(Search(), Search().bases)
    assert gave + sum(len(side.within) for side in sides.values()) == len(usable.flows)
    told = balances(graph.network, things, ["SE", "NL"])
    assert {place: one.flows for place, one in told.items()} == {place: sides[place] for place in told}


def test_what_the_swedish_network_gave_and_got(graph: Graph, things: dict[str, Thing]) -> None:
    told = balance(graph.network, things, ID + "network/nanet-se")
    assert told.things == {ID + "network/nanet-se"}
    meetings = {line["id"] for line in rows("events", networks="nanet-se")}
    took_part = {one.target.rpartition("/")[2] for one in told.flows.gave if one.kind == "took-part-in"}
    assert took_part == meetings
    shown = {line["id"] for line in rows("initiatives", network="nanet-se")}
    assert {one.source.rpartition("/")[2] for one in told.flows.got if one.kind == "shown-by"} == shown
    assert "agenda-item/sria-2015" in {short(one.thing) for one in told.gave_to}
    (agenda,) = [one for one in told.gave_to if short(one.thing) == "agenda-item/sria-2015"]
    assert [short(node) for node in agenda.path.nodes] == ["network/nanet-se", "network/seismic-nanets", "agenda-item/sria-2015"]


def path_of(loop: Loop) -> list[str]:
    return [short(node) for node in loop.path.nodes]


def test_gothenburg_gave_a_harbour_and_got_a_project(graph: Graph, things: dict[str, Thing]) -> None:
    assert (row("initiatives", "frihamnen")["city"], row("initiatives", "frihamnen")["network"]) == ("gothenburg", "nanet-se")
    facts = row("networks", "nanet-se")
    assert (facts["start"], facts["end"], facts["part_of"]) == ("2014-08-21", "2016-09-13", "seismic-nanets")
    assert row("flows", "flow-seismic-nanets-contributed-to-sria-2015")["kind"] == "contributed-to"
    assert row("agenda_items", "sria-2015")["published"] == "2015-09"
    call, project = row("calls", "call-ensuf"), row("projects", "placed")
    assert (call["opened"], call["agenda_items"]) == ("2015-12-16", "sria-2015")
    assert (project["call"], project["start"]) == ("call-ensuf", "2017-03")
    assert "gothenburg" in project["cities"].split(";")
    loop = loops(graph.network, things, ID + "city/gothenburg").loops[0]
    assert path_of(loop) == [
        "initiative/frihamnen",
        "network/nanet-se",
        "network/seismic-nanets",
        "agenda-item/sria-2015",
        "call/call-ensuf",
        "project/placed",
    ]
    assert (loop.path.reading, loop.path.basis) == ("possible", "structural")
    assert loop.took.least == (date(2017, 3, 1) - date(2015, 9, 30)).days  # into the agenda at the latest, into the project at the earliest
    assert (
        loop.took.most == (date(2017, 3, 31) - date(2014, 8, 21)).days
    )  # shown when the network began, the project at the end of its month


def test_brussels_heard_in_2019_what_the_conference_of_2017_had_led_to(graph: Graph, things: dict[str, Thing]) -> None:
    assert (row("events", "ev-conf-2017")["city"], row("events", "ev-conf-2019")["city"]) == ("brussels", "brussels")
    assert row("flows", "flow-ev-conf-2017-informed-jpi-urban-europe")["start"] == "2017-05-30"
    assert row("flows", "flow-sria-2.0-presented-at-ev-conf-2019")["start"] == "2019-02-12"
    loop = loops(graph.network, things, ID + "city/brussels").loops[0]
    assert path_of(loop) == ["event/ev-conf-2017", "programme/jpi-urban-europe", "agenda-item/sria-2.0", "event/ev-conf-2019"]
    assert loop.took.least == loop.took.most == (date(2019, 2, 12) - date(2017, 5, 30)).days
    assert loop.path.basis == "stated"


def test_the_swedish_loop_closes_in_a_shared_project(graph: Graph, things: dict[str, Thing]) -> None:
    project, call = row("projects", "smurts"), row("calls", "call-china-2018")
    assert (project["call"], project["start"]) == ("call-china-2018", "2019-02-01")
    assert {"SE"} < set(project["countries"].split(";"))
    assert "sria-2015" in call["agenda_items"].split(";")
    loop = loops(graph.network, things, "SE").loops[0]
    assert path_of(loop) == [
        "network/nanet-se",
        "network/seismic-nanets",
        "agenda-item/sria-2015",
        "call/call-china-2018",
        "project/smurts",
    ]
    assert (loop.took.least, loop.took.most) == ((date(2019, 2, 1) - date(2015, 9, 30)).days, (date(2019, 2, 1) - date(2014, 8, 21)).days)


def test_poland_had_no_network_and_no_loop(graph: Graph, things: dict[str, Thing]) -> None:
    assert not rows("networks", country="PL")
    answer = loops(graph.network, things, "PL")
    assert not answer.loops
    assert answer.why is not None
    assert answer.why.code == "no-edge"


def test_every_country_with_a_national_network_has_a_possible_loop_and_none_a_strict_one(graph: Graph, things: dict[str, Thing]) -> None:
    with_network = {line["country"] for line in rows("networks", part_of="seismic-nanets") if line["country"]}
    places = countries(things)
    assert set(places_with_loops(graph.network, things, places)) == with_network
    assert not places_with_loops(graph.network, things, places, Search(reading="strict"))
    for reading in READINGS:
        answer = loops(graph.network, things, "SE", Search(reading=reading))
        assert bool(answer.loops) == (reading != "strict")
