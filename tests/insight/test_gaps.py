"""Gaps: exactly where no path is, closed by exactly the edge that they name; and cases of the dossier, by hand from its rows."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import build
from seismic_graph import flows as flows_module
from seismic_graph import things as things_module
from seismic_graph.dates import OPEN_END, OPEN_START, day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import BASES, Flow
from seismic_graph.graph import Graph
from seismic_graph.insight.absence import CODES
from seismic_graph.insight.gaps import ANSWERS, BOTTOM_UP, KINDS, OUTCOMES, Filter, Gap, Gaps, gaps
from seismic_graph.insight.places import begun_between, own_time
from seismic_graph.insight.spread import span
from seismic_graph.paths import FlowNetwork, Reading, Search, find, holds, reach
from seismic_graph.settings import Settings
from seismic_graph.sources.dossier import TABLES
from seismic_graph.store import EmbeddedStore
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID, short
from tests.insight import records
from tests.insight.records import flow, row, rows, thing

# --- an independent definition ---------------------------------------------------------------------------------------


def leads(network: FlowNetwork, source: str, target: str, search: Search) -> bool:
    return source != target and bool(find(network, source, target, search, 1).paths)


def ends(
    network: FlowNetwork, things: Mapping[str, Thing], search: Search, kind: str, subject: str
) -> tuple[list[Flow], set[str], set[str]]:
    """For a thing that is judged: the flows that count, and the things between which a path would have to be."""
    usable = [one for one in network.flows if one.sources]
    of = {
        name: {iri for iri, one in things.items() if one.type == name and iri not in search.avoid}
        for name in {t.type for t in things.values()}
    }
    items = of.get("agenda-item", set())
    origins = {iri for name in BOTTOM_UP for iri in of.get(name, set())}
    if kind == "need-without-agenda":
        return usable, {subject}, items
    if kind == "agenda-item-without-origin":
        return usable, origins, {subject}
    if kind == "call-without-agenda":
        return [one for one in usable if one.kind in ANSWERS and one.source in items and one.target == subject], items, {subject}
    if kind == "network-ends-at-meeting":
        outcomes = {iri for iri, one in things.items() if one.type in OUTCOMES and iri not in search.avoid}
        return [one for one in usable if not (one.kind == "part-of" and one.source == subject)], {subject}, outcomes
    kept = FlowNetwork(usable).restricted(search, search.bases).flows
    calls = {one.source for one in kept if one.kind == "funded" and one.target == subject}
    agendas = {one.source for one in kept if one.kind in ANSWERS and one.target in calls and one.source in items}
    cities = set(things[subject].cities)
    voices = cities | {
        iri for iri, one in things.items() if (one.type == "initiative" or one.kind == "municipality") and cities & set(one.cities)
    }
    return usable, voices - search.avoid, (calls | agendas) or {subject}


def recorded(network: FlowNetwork, things: Mapping[str, Thing], search: Search, kind: str, subject: str) -> bool:
    """Whether what the gap says is not recorded is recorded; by one search for each pair."""
    usable, starts, targets = ends(network, things, search, kind, subject)
    limits = replace(search, max_hops=1) if kind == "call-without-agenda" else search
    return any(leads(FlowNetwork(usable), start, target, limits) for start in sorted(starts) for target in sorted(targets))


SUBJECTS = {
    "need-without-agenda": "recommendation",
    "agenda-item-without-origin": "agenda-item",
    "call-without-agenda": "call",
    "project-without-its-cities": "project",
    "network-ends-at-meeting": "network",
}


# --- on random records -----------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_a_gap_is_exactly_where_no_path_is(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(found)
    answer = gaps(network, things, search)
    told = {(gap.kind, gap.thing) for gap in answer.gaps}
    unjudged = {(kind, iri) for kind, iri, _ in answer.unjudged}
    for kind, type_ in SUBJECTS.items():
        judged = [iri for iri, one in things.items() if one.type == type_ and iri not in search.avoid and (kind, iri) not in unjudged]
        assert answer.judged[kind] == len(judged)
        for iri in judged:
            assert ((kind, iri) in told) != recorded(network, things, search, kind, iri), (kind, iri)


@settings(max_examples=200, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_the_one_edge_that_is_named_closes_the_gap(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(found)
    for gap in gaps(network, things, search).gaps:
        if gap.closing is None:
            _, starts, targets = ends(network, things, search, gap.kind, gap.thing)
            assert not any(targets - {start} for start in starts)
            continue
        edge = gap.closing.flow("a source that was found")
        assert search.since <= search.until
        assert edge.earliest <= edge.latest
        closed = FlowNetwork([*found, edge])
        assert recorded(closed, things, search, gap.kind, gap.thing), gap.sentence(things)
        assert gap.thing not in {other.thing for other in gaps(closed, things, search, Filter(frozenset({gap.kind}))).gaps}


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_an_edge_that_fits_contradicts_no_time_of_its_ends(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    for gap in gaps(FlowNetwork(found), things, search).gaps:
        edge = gap.closing
        if edge and edge.fits:
            gives, takes = own_time(things[edge.source]), own_time(things[edge.target])
            assert max(gives.gives_from, takes.takes_from) <= edge.earliest <= edge.latest <= min(gives.gives_until, takes.takes_until)


@settings(max_examples=150, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_why_names_a_limit_that_does_stand_in_the_way(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    for gap in gaps(FlowNetwork(found), things, search).gaps:
        reason = gap.why
        assert reason.code in CODES
        usable, starts, targets = ends(FlowNetwork(found), things, search, gap.kind, gap.thing)
        limits = replace(search, max_hops=1) if gap.kind == "call-without-agenda" else search
        if reason.path is None:
            assert reason.code == "no-edge"
            everything = Search("static", frozenset(BASES), max_hops=12)
            allowed = [one for one in found if gap.kind != "call-without-agenda" or one in usable or not one.sources]
            if gap.kind != "call-without-agenda":
                assert not any(leads(FlowNetwork(allowed), start, target, everything) for start in starts for target in targets)
            continue
        assert reason.path.nodes[0] in starts
        assert reason.path.nodes[-1] in targets
        assert not (
            {one.id for one in reason.path.flows} <= {one.id for one in FlowNetwork(usable).restricted(limits, limits.bases).flows}
            and holds(reason.path.flows, limits.window(limits.reading))
            and len(reason.path.flows) <= limits.max_hops
        )
        if reason.code == "backwards" and not reason.also:
            assert reason.days is not None
            inside = FlowNetwork(usable).restricted(limits, limits.bases).flows

            def eased(days: int, inside: tuple[Flow, ...] = inside, limits: Search = limits) -> FlowNetwork:
                return FlowNetwork(replace(one, latest=one.latest + days) for one in inside)

            possible = replace(limits, reading="possible", bases=frozenset(BASES))
            assert any(leads(eased(reason.days), start, target, possible) for start in starts for target in targets)
            assert not any(leads(eased(reason.days - 1), start, target, possible) for start in starts for target in targets)
            assert reason.flow in reason.path.flows


@settings(max_examples=100, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_the_frontier_is_reached_and_nothing_is_further(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    network = FlowNetwork(one for one in found if one.sources)
    for gap in gaps(FlowNetwork(found), things, search, Filter(frozenset({"need-without-agenda"}))).gaps:
        reached = reach(network, gap.thing, search)
        most = max((one.hops for one in reached.values()), default=0)
        assert set(gap.frontier) == ({iri for iri, one in reached.items() if one.hops == most} or {gap.thing})
        assert (gap.path is None) == (gap.frontier == (gap.thing,))
        if gap.path:
            assert (gap.path.nodes[0], gap.path.nodes[-1]) == (gap.thing, gap.frontier[0])
            assert holds(gap.path.flows, search.window(search.reading))


@settings(max_examples=100, deadline=None)
@given(records.flows(), records.things(), records.searches())
def test_shared_edges_close_every_gap_that_they_are_told_for(found: list[Flow], things: dict[str, Thing], search: Search) -> None:
    answer = gaps(FlowNetwork(found), things, search)
    told = answer.closings()
    assert sorted(gap.thing + gap.kind for _, some in told for gap in some) == sorted(
        gap.thing + gap.kind for gap in answer.gaps if gap.closing
    )
    assert [len(some) for _, some in told] == sorted((len(some) for _, some in told), reverse=True)
    for edge, some in told:
        if search.reading == "possible":  # the days common to all
            closed = FlowNetwork([*found, edge.flow("s")])
            assert all(recorded(closed, things, search, gap.kind, gap.thing) for gap in some)


@settings(max_examples=100, deadline=None)
@given(records.flows(), records.things(), st.sampled_from(["SE", "NL"]), st.sampled_from(list(KINDS)))
def test_filters_leave_out_and_change_nothing_else(found: list[Flow], things: dict[str, Thing], country: str, kind: str) -> None:
    network = FlowNetwork(found)
    whole = gaps(network, things)
    some = gaps(network, things, None, Filter(kinds=frozenset({kind}), countries=frozenset({country})))
    assert some.gaps == tuple(gap for gap in whole.gaps if gap.kind == kind and country in gap.profile.countries)


def test_a_record_with_nothing_to_lead_to_names_no_edge() -> None:
    answer = gaps(FlowNetwork([]), {"need": thing("need", "recommendation")})
    (gap,) = answer.gaps
    assert (gap.closing, gap.why.code, gap.frontier, gap.path) == (None, "no-edge", ("need",), None)


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        (Search(via=("event",)), Filter()),
        (Search(bases=frozenset({"structural"})), Filter()),
        (Search(directions=frozenset({"top-down"})), Filter()),
        (Search(max_hops=0), Filter()),
        (Search(), Filter(kinds=frozenset({"holes"}))),
    ],
)
def test_what_could_never_be_closed_is_refused(search: Search, wanted: Filter) -> None:
    with pytest.raises(UsageError):
        gaps(FlowNetwork([]), {}, search, wanted)


def test_directions_are_no_reason_to_refuse_the_kinds_that_have_them() -> None:
    things = {"call": thing("call", "call"), "agenda": thing("agenda", "agenda-item")}
    answer = gaps(FlowNetwork([]), things, Search(directions=frozenset({"top-down"})), Filter(kinds=frozenset({"call-without-agenda"})))
    assert answer.gaps[0].closing is not None
    assert answer.gaps[0].closing.direction == "top-down"


@pytest.mark.parametrize(
    ("found", "search", "code", "also"),
    [
        ([flow("need", "agenda", 1, 2)], Search(since=3), "outside-window", ()),
        ([flow("need", "agenda", sources=())], Search(), "no-source", ()),
        ([flow("need", "event"), flow("event", "agenda")], Search(avoid=frozenset({"event"})), "filtered", ()),
        ([flow("need", "event"), flow("event", "agenda")], Search(max_hops=1), "more-hops", ()),
        ([flow("need", "event", 3, 5), flow("event", "agenda", 3, 5)], Search(reading="strict"), "not-certain", ()),
        ([flow("need", "event", 5, 6), flow("event", "agenda", 1, 2)], Search(), "backwards", ()),
        ([flow("need", "event"), flow("event", "agenda", basis="contextual")], Search(), "contextual", ()),
        ([flow("need", "event", 5, 6), flow("event", "agenda", 1, 2, basis="contextual")], Search(), "backwards", ("contextual",)),
        ([flow("agenda", "need")], Search(), "no-edge", ()),
    ],
)
def test_each_reason_by_hand(found: list[Flow], search: Search, code: str, also: tuple[str, ...]) -> None:
    things = {"need": thing("need", "recommendation"), "event": thing("event", "event"), "agenda": thing("agenda", "agenda-item")}
    (gap,) = gaps(FlowNetwork(found), things, search, Filter(kinds=frozenset({"need-without-agenda"}))).gaps
    assert (gap.why.code, gap.why.also) == (code, also)
    if code == "backwards":
        assert gap.why.days == 3
        assert gap.why.flow == found[1]


# --- on the dossier --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def things(graph: Graph) -> dict[str, Thing]:
    return things_module.load(graph.store)


@pytest.fixture(scope="module")
def whole(graph: Graph, things: dict[str, Thing]) -> Gaps:
    return gaps(graph.network, things)


def fast_recorded(network: FlowNetwork, things: Mapping[str, Thing], search: Search, gap: Gap) -> bool:
    """As `recorded`, with one search for each start; where the new edge begins is asked first."""
    usable, starts, targets = ends(network, things, search, gap.kind, gap.thing)
    limits = replace(search, max_hops=1) if gap.kind == "call-without-agenda" else search
    part = FlowNetwork(usable)
    assert gap.closing is not None
    first = [gap.closing.source] if gap.closing.source in starts else []
    return any(set(reach(part, start, limits)) & (targets - {start}) for start in [*first, *sorted(starts)])


@pytest.mark.parametrize("reading", ["possible", "strict"])
def test_every_gap_of_the_dossier_is_closed_by_its_edge(graph: Graph, things: dict[str, Thing], reading: str) -> None:
    search = Search(reading=reading)
    answer = gaps(graph.network, things, search)
    assert len(answer.gaps) > 100
    for gap in answer.gaps:
        assert gap.closing is not None
        closed = FlowNetwork([*graph.network.flows, gap.closing.flow("a source that was found")])
        assert fast_recorded(closed, things, search, gap), gap.sentence(things)


def days(edge: object) -> tuple[str | None, str | None]:
    return day_text(edge.earliest), day_text(edge.latest)  # type: ignore[attr-defined]


def one(whole: Gaps, kind: str, name: str) -> Gap:
    (gap,) = [gap for gap in whole.gaps if gap.kind == kind and gap.thing == ID + name]
    return gap


def test_the_belgian_thesis_led_nowhere_that_is_recorded(whole: Gaps, things: dict[str, Thing]) -> None:
    facts = row("recommendations", "rec-be-response-ability")
    assert (facts["kind"], facts["from"], facts["date"]) == ("need", "nanet-be", "2015-04")
    assert (facts["addressed_to"], facts["document"]) == ("", "")
    assert not rows("flows", from_="rec-be-response-ability")
    assert row("agenda_items", "sria-2015")["published"] == "2015-09"
    gap = one(whole, "need-without-agenda", "recommendation/rec-be-response-ability")
    assert (gap.frontier, gap.why.code, gap.profile.countries) == ((gap.thing,), "no-edge", {"BE"})
    assert gap.closing is not None
    assert (short(gap.closing.target), *days(gap.closing)) == ("agenda-item/sria-2015", "2015-04-01", "2015-09-30")
    assert "did not happen" not in gap.sentence(things)
    assert "is recorded" in gap.sentence(things)


def test_the_czech_need_stops_at_the_newsletter_that_prints_it(whole: Gaps) -> None:
    facts = row("recommendations", "rec-cz-minorities")
    assert (facts["from"], facts["date"], facts["document"], facts["addressed_to"]) == ("nanet-cz", "", "doc-newsletter-czech", "")
    assert not rows("flows", from_="rec-cz-minorities")
    assert not rows("flows", from_="doc-newsletter-czech")
    gap = one(whole, "need-without-agenda", "recommendation/rec-cz-minorities")
    assert ([short(iri) for iri in gap.frontier], gap.why.code) == (["document/doc-newsletter-czech"], "no-edge")
    assert gap.closing is not None
    assert (short(gap.closing.source), short(gap.closing.target)) == ("document/doc-newsletter-czech", "agenda-item/sria-2015")


def test_the_dilemma_paper_reached_the_urban_agenda_after_that_had_informed_the_research_agenda(whole: Gaps) -> None:
    assert row("flows", "flow-doc-public-spaces-dilemmas-disseminated-to-urban-agenda-eu")["start"] == "2020-09-18"
    assert row("flows", "flow-urban-agenda-eu-informed-sria-2.0")["end"] == "2019"
    assert row("agenda_items", "sria-2.0")["published"] == "2019-01"
    gap = one(whole, "need-without-agenda", "recommendation/rec-dilemma-lens")
    assert (gap.why.code, gap.why.days) == ("backwards", (date(2020, 9, 18) - date(2019, 1, 31)).days)
    assert gap.why.flow is not None
    assert short(gap.why.flow.id) == "flow/flow-urban-agenda-eu-informed-sria-2.0"
    assert row("agenda_items", "dut-proposal-2020")["published"] == "2020"
    assert gap.closing is not None
    assert (short(gap.closing.source), short(gap.closing.target)) == ("programme/urban-agenda-eu", "agenda-item/dut-proposal-2020")
    assert days(gap.closing) == ("2020-09-18", "2020-12-31")


def test_a_part_of_the_agenda_has_only_what_the_whole_has(whole: Gaps) -> None:
    facts = row("agenda_items", "sria-2015-topic-short-long-term")
    assert (facts["agenda"], facts["published"]) == ("sria-2015", "")
    assert not rows("flows", to="sria-2015-topic-short-long-term")
    assert row("flows", "flow-ev-sria-cocreation-contributed-to-sria-2015")["kind"] == "contributed-to"
    gap = one(whole, "agenda-item-without-origin", "agenda-item/sria-2015-topic-short-long-term")
    assert gap.why.code == "contextual"
    assert gap.why.flow is not None
    assert (gap.why.flow.kind, short(gap.why.flow.source)) == ("has-item", "agenda-item/sria-2015")
    assert gap.closing is not None
    assert (short(gap.closing.source), *days(gap.closing)) == ("event/ev-sria-cocreation", None, "2015-09-30")


def test_the_call_of_the_smart_cities_cofund_names_no_agenda_item(whole: Gaps, things: dict[str, Thing]) -> None:
    facts = row("calls", "call-enscc")
    assert (facts["opened"], facts["agenda_items"]) == ("2014-12-15", "")
    assert not [line for line in rows("flows", to="call-enscc") if line["kind"] == "addressed-by"]
    gap = one(whole, "call-without-agenda", "call/call-enscc")
    assert gap.why.code == "no-edge"
    assert [short(iri) for iri in gap.frontier] == ["programme/smart-cities-msi"]
    assert gap.closing is not None  # no dated agenda is old enough: the first is of 2015
    assert min(line["published"] for line in rows("agenda_items", kind="agenda") if line["published"]) == "2015-09"
    assert row("agenda_items", "dut-roadmap")["published"] == ""
    assert (short(gap.closing.source), gap.closing.kind, gap.closing.direction) == ("agenda-item/dut-roadmap", "addressed-by", "top-down")
    assert "the date of DUT Roadmap is not recorded" in gap.sentence(things)


def test_what_kiruna_brought_came_after_the_agenda_of_its_project(whole: Gaps) -> None:
    facts = row("projects", "green-blue-cities")
    assert (facts["call"], facts["cities"].split(";")[0]) == ("call-pilot-1", "kiruna")
    assert row("calls", "call-pilot-1")["agenda_items"] == "sria-2015"
    assert row("flows", "flow-kiruna-presented-at-ev-conf-2017")["to"] == "ev-conf-2017"
    assert row("flows", "flow-ev-conf-2017-informed-jpi-urban-europe")["start"] == "2017-05-30"
    gap = one(whole, "project-without-its-cities", "project/green-blue-cities")
    assert (gap.why.code, gap.why.days) == ("backwards", (date(2017, 5, 30) - date(2015, 9, 30)).days)
    assert gap.closing is not None
    assert (short(gap.closing.source), *days(gap.closing)) == ("city/kiruna", None, "2015-09-30")


def test_the_observer_group_is_only_known_as_a_part_of_the_project(whole: Gaps) -> None:
    facts = row("networks", "seismic-observer-group")
    assert (facts["part_of"], facts["start"], facts["end"]) == ("seismic", "", "")
    assert not rows("flows", from_="seismic-observer-group")
    assert not rows("events", networks="seismic-observer-group")
    gap = one(whole, "network-ends-at-meeting", "network/seismic-observer-group")
    assert (gap.why.code, gap.why.flow and gap.why.flow.kind) == ("only-membership", "part-of")
    project = row("projects", "seismic")
    assert gap.closing is not None
    assert (short(gap.closing.target), *days(gap.closing)) == ("project/seismic", project["start"], project["end"])


def test_the_residents_wish_for_green_needs_a_longer_way(whole: Gaps) -> None:
    facts = row("recommendations", "rec-sketch-green")
    assert (facts["from"], facts["document"]) == ("sketch", "doc-policy-watch-1")
    gap = one(whole, "need-without-agenda", "recommendation/rec-sketch-green")
    assert gap.why.code == "more-hops"
    assert gap.why.path is not None
    assert [short(iri) for iri in gap.why.path.nodes[-3:]] == ["event/ev-conf-2017", "programme/jpi-urban-europe", "agenda-item/sria-2.0"]
    assert len(gap.why.path.flows) == 8
    assert [short(iri) for iri in gap.frontier] == ["event/ev-conf-2017"]


def test_projects_without_a_recorded_city_are_said_to_be_unjudged(whole: Gaps) -> None:
    without = {ID + "project/" + line["id"] for line in rows("projects") if not line["cities"]}
    assert {iri for kind, iri, _ in whole.unjudged if kind == "project-without-its-cities"} == without
    assert whole.judged["project-without-its-cities"] == len(rows("projects")) - len(without)


def test_filters_by_network_and_year_on_the_dossier(graph: Graph, things: dict[str, Thing]) -> None:
    answer = gaps(graph.network, things, None, Filter(networks=frozenset({ID + "network/nanet-cz"}), years=frozenset({2014})))
    assert [short(gap.thing) for gap in answer.gaps if gap.kind == "need-without-agenda"] == ["recommendation/rec-cz-sectors"]
    assert row("recommendations", "rec-cz-sectors")["date"] == "2014-05"


def test_an_edge_that_is_written_into_the_dossier_closes_its_gap(tmp_path: Path, whole: Gaps) -> None:
    """From end to end: the edges become rows of flows.csv, are read, bounded and searched like any other."""
    dossier = tmp_path / "dossier"
    dossier.mkdir()
    for table in TABLES:
        shutil.copy(records.DOSSIER / f"{table}.csv", dossier)
    chosen = [whole.of(kind)[0] for kind in KINDS]
    with (dossier / "flows.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, gap in enumerate(chosen):
            edge = gap.closing
            assert edge is not None
            start, end = days(edge)
            ends_ = (edge.source.rpartition("/")[2], edge.target.rpartition("/")[2])
            writer.writerow(
                [f"flow-new-{number}", *ends_, edge.kind, start or "", end or "", edge.direction, "It was found.", "seed-iqs", ""]
            )
    store = EmbeddedStore()
    build.assemble(Settings(dossier=dossier), store)
    after = gaps(FlowNetwork(flows_module.load(store)), things_module.load(store))
    assert not {(gap.kind, gap.thing) for gap in chosen} & {(gap.kind, gap.thing) for gap in after.gaps}


# --- the time of things ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "last"),
    [("2015-09-14", "2015-09-14"), ("2015-09-01", "2015-09-30"), ("2015-01-01", "2015-12-31"), ("2015-12-01", "2015-12-31")],
)
def test_a_start_may_be_as_late_as_its_first_day_allows(stated: str, last: str) -> None:
    first = date.fromisoformat(stated).toordinal()
    assert begun_between(thing("x", "call", first)) == (first, date.fromisoformat(last).toordinal())


@settings(max_examples=200, deadline=None)
@given(records.flows(4, 1))
def test_a_span_is_what_some_choice_of_days_gives(found: list[Flow]) -> None:
    found = [replace(one, earliest=max(one.earliest, 0), latest=min(one.latest, 8)) for one in found]
    if not holds(found, Reading("possible")):
        return
    spans = {chosen[-1] - chosen[0] for chosen in _choices(found)}
    told = span(found)
    assert (told.least, told.most) == (min(spans), max(spans))


def _choices(found: list[Flow]) -> list[tuple[int, ...]]:
    choices: list[tuple[int, ...]] = [()]
    for item in found:
        choices = [(*days_, day) for days_ in choices for day in range(item.earliest, item.latest + 1) if not days_ or day >= days_[-1]]
    return choices


@settings(max_examples=200, deadline=None)
@given(records.flows(4, 1), st.integers(0, 3), st.integers(1, 3))
def test_a_vaguer_date_only_widens_a_span(found: list[Flow], index: int, wider: int) -> None:
    if not holds(found, Reading("possible")):
        return
    position = index % len(found)
    old = found[position]
    coarse = [*found]
    coarse[position] = replace(
        old,
        earliest=old.earliest if old.earliest == OPEN_START else old.earliest - wider,
        latest=old.latest if old.latest == OPEN_END else old.latest + wider,
    )
    before, after = span(found), span(coarse)
    assert after.least <= before.least
    assert (before.most is None) == (after.most is None)
    assert before.most is None or (after.most is not None and after.most >= before.most)
