"""Claims against brute force on small random graphs, and by hand on the dossier."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph.dates import OPEN_END, OPEN_START, bounds
from seismic_graph.errors import DataError, UnknownName
from seismic_graph.flows import BASES, Flow
from seismic_graph.insight.claims import COLUMNS, VERDICTS, Claim, check, explain, members, read
from seismic_graph.insight.robustness import without
from seismic_graph.paths import FlowNetwork, Search
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID
from tests.insight.test_robustness import PUBLISHER_OF, Record, load_record
from tests.paths.test_paths import brute_force, flow
from tests.paths.test_paths import graphs as dated_graphs

DOSSIER = File(__file__).parents[2] / "dossier"


@pytest.fixture(scope="module")
def record() -> Record:
    return load_record()


def claim(subjects: str | tuple[str, ...], objects: str | tuple[str, ...], *sources: str, date: str = "") -> Claim:
    ends = [(one,) if isinstance(one, str) else one for one in (subjects, objects)]
    return Claim("a-claim", "Something reached something.", ("somebody",), ends[0], ends[1], date, sources)


def thing(iri: str, earliest: int = OPEN_START, latest: int = OPEN_END) -> Thing:
    return Thing(iri, "event", iri, earliest=earliest, latest=latest)


# --- against brute force ---------------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> list[Flow]:
    """Dated and undated flows, each with one or two sources."""
    found = []
    for one in draw(dated_graphs()):
        named = tuple(sorted(draw(st.sets(st.sampled_from(sorted(PUBLISHER_OF)), min_size=1, max_size=2))))
        voices = frozenset(PUBLISHER_OF[name] for name in named)
        told = replace(one, sources=named, publishers=voices)
        bare = replace(told, earliest=OPEN_START, latest=OPEN_END, standing=False, sure_from=OPEN_END, sure_until=OPEN_START)
        found.append(draw(st.sampled_from([told, told, told, bare])))
    return found


def expected(flows: list[Flow], max_hops: int) -> str:
    """The verdict by its definition, from all paths; an undated flow may lie on any day, so the days that others use stand for all."""
    wide = [one if one.earliest > OPEN_START else replace(one, earliest=0, latest=6) for one in flows]
    dated = [one for one in flows if one.earliest > OPEN_START]
    asked = [one for one in wide if one.basis != "contextual"]
    if brute_force([one for one in dated if one.basis != "contextual"], "a", "e", "strict", max_hops):
        return "supported-strictly"
    if brute_force([one for one in dated if one.basis != "contextual"], "a", "e", "possible", max_hops):
        return "possible"
    if brute_force(asked, "a", "e", "possible", max_hops):
        return "undated"
    if brute_force(wide, "a", "e", "possible", max_hops):
        return "weaker-basis"
    if brute_force(asked, "a", "e", "possible", 4):
        return "more-hops"
    return "contradicted-by-dates" if brute_force(asked, "a", "e", "static", max_hops) else "not-recorded"


@settings(max_examples=200, deadline=None)
@given(graphs(), st.integers(1, 4), st.sets(st.sampled_from(sorted(PUBLISHER_OF)), min_size=1, max_size=2))
def test_verdicts_are_those_of_brute_force(flows: list[Flow], max_hops: int, own: set[str]) -> None:
    network = FlowNetwork(flows)
    (row,) = check(claim("a", "e", *sorted(own)), network, {}, Search(max_hops=max_hops), publisher_of=PUBLISHER_OF).rows
    assert row.verdict == expected(flows, max_hops)
    assert row.without_own_sources == expected(list(without(network, sources=own, publisher_of=PUBLISHER_OF).flows), max_hops)
    silenced = {PUBLISHER_OF[name] for name in own}
    assert row.without_own_publishers == expected(list(without(network, publishers=silenced, publisher_of=PUBLISHER_OF).flows), max_hops)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sets(st.sampled_from(sorted(PUBLISHER_OF)), min_size=1, max_size=3))
def test_every_row_shows_what_its_verdict_rests_on(flows: list[Flow], own: set[str]) -> None:
    (row,) = check(claim("a", "e", *sorted(own)), FlowNetwork(flows), {}, limit=9).rows
    assert bool(row.paths) == (row.verdict != "not-recorded")
    assert (row.hop is not None) == (row.days is not None) == (row.verdict == "contradicted-by-dates")
    for support in row.paths:
        assert (support.path.nodes[0], support.path.nodes[-1]) == ("a", "e")
        assert support.own == tuple(number for number, one in enumerate(support.path.flows) if own.issuperset(one.sources))
    if row.self_supported and row.verdict in {"supported-strictly", "possible", "undated"} and len(row.paths) < 9:
        assert all(support.self_supported for support in row.paths)


def test_an_answer_that_rests_on_the_claim_itself_is_the_claim_again() -> None:
    told = [flow("a", "b", 1, 1, sources=("s1",)), flow("b", "e", 2, 2, sources=("s1", "s3"))]
    (row,) = check(claim("a", "e", "s1"), FlowNetwork(told), {}).rows
    assert (row.verdict, row.without_own_sources) == ("supported-strictly", "not-recorded")
    assert row.self_supported
    assert row.paths[0].own == (0,)


def test_a_subject_later_than_its_object_is_told_even_without_a_path() -> None:
    things = {"a": thing("a", 50, 60), "e": thing("e", 10, 20)}
    (row,) = check(claim("a", "e"), FlowNetwork([]), things).rows
    assert (row.verdict, row.late, row.paths, row.hop) == ("contradicted-by-dates", 30, (), None)
    assert "30 days before" in explain(row, things)


@pytest.mark.parametrize(("basis", "verdict"), [("stated", "supported-strictly"), ("structural", "contradicted-by-dates")])
def test_against_the_dates_of_its_ends_only_a_dated_statement_stands(basis: str, verdict: str) -> None:
    things = {"a": thing("a", 50, 60), "e": thing("e", 10, 20)}
    (row,) = check(claim("a", "e"), FlowNetwork([flow("a", "e", 15, 15, basis=basis)]), things).rows
    assert (row.verdict, row.late) == (verdict, 30)


def test_a_claim_made_before_anything_could_have_moved_announces() -> None:
    day = bounds("2015-01-01")[0].toordinal()
    network = FlowNetwork([flow("a", "e", day, day)])
    assert check(claim("a", "e", date="2014"), network, {}).rows[0].announced
    assert not check(claim("a", "e", date="2015"), network, {}).rows[0].announced
    assert not check(claim("a", "e"), network, {}).rows[0].announced


def test_filters_of_the_search_count_in_every_verdict() -> None:
    network = FlowNetwork([flow("a", "b", 1, 1), flow("b", "e", 2, 2), flow("a", "e", 3, 3, direction="top-down")])
    assert check(claim("a", "e"), network, {}, Search(via=("b",))).rows[0].paths[0].path.nodes == ("a", "b", "e")
    assert check(claim("a", "e"), network, {}, Search(avoid=frozenset("b"), directions=frozenset({"horizontal"}))).counts == {
        "not-recorded": 1
    }


def test_pairs_counts_and_the_best_row_of_each_subject() -> None:
    network = FlowNetwork([flow("a", "e", 1, 1), flow("b", "e"), flow("b", "f", 3, 4), flow("f", "g", 1, 1)])
    table = check(claim(("a", "b"), ("e", "g", "a")), network, {})
    assert [(row.subject, row.object) for row in table.rows] == [("a", "e"), ("a", "g"), ("b", "e"), ("b", "g"), ("b", "a")]
    assert table.counts == {"supported-strictly": 1, "undated": 1, "contradicted-by-dates": 1, "not-recorded": 2}
    assert {subject: row.object for subject, row in table.best.items()} == {"a": "e", "b": "e"}
    assert table.summary() == "5 pairs: 1 supported strictly, 1 undated, 1 contradicted by dates, 2 not recorded."
    missing = next(row for row in table.rows if row.verdict == "contradicted-by-dates")
    assert (missing.hop, missing.days) == (1, 2)
    assert "misses by 2 days, at hop 2: f to g" in explain(missing, {})


def test_words() -> None:
    assert "did not happen" not in " ".join(VERDICTS.values())
    assert check(claim("all cities", "e"), FlowNetwork([]), {}).summary() == "Nothing that the claim speaks of is recorded."


# --- who is meant ----------------------------------------------------------------------------------------------------


def slugs(iris: tuple[str, ...]) -> list[str]:
    return [iri.rpartition("/")[2] for iri in iris]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("all national networks", [f"nanet-{country}" for country in ("at", "be", "cz", "de", "gb", "hu", "it", "nl", "se", "tr")]),
        ("all forums", ["ev-forum-1", "ev-forum-2", "ev-forum-3"]),
        # recommendations.csv, column from: ev-forum-3
        (f"all recommendations of {ID}event/ev-forum-3", ["rec-forum3-nue", "rec-forum3-refugees"]),
        # recommendations.csv, column from: nanet-se and ev-se-2015-08, in which networks.csv says that it took part
        (f"all recommendations of {ID}network/nanet-se", ["rec-se-2015-adopt-ideas", "rec-se-start-themes"]),
        # recommendations.csv, column document
        (f"all needs of {ID}document/doc-newsletter-czech", ["rec-cz-citizen-meetings", "rec-cz-minorities", "rec-cz-space-access"]),
        # initiatives.csv, column network: siac
        (f"all initiatives of {ID}network/siac", ["siac-accelerators"]),
    ],
)
def test_selectors(record: Record, selector: str, expected: list[str]) -> None:
    found = slugs(members([selector], record.network, record.things))
    if "nanet-se" in selector:  # the forums are meetings in which the network took part, too
        found = [slug for slug in found if slug.startswith("rec-se-")]
    assert found == expected


def test_members_are_named_once_and_explicit_ones_come_first(record: Record) -> None:
    found = members(["all forums", ID + "event/ev-forum-2"], record.network, record.things)
    assert slugs(found) == ["ev-forum-2", "ev-forum-1", "ev-forum-3"]


def test_an_unknown_class_is_refused(record: Record) -> None:
    with pytest.raises(UnknownName, match="mayors"):
        members(["all mayors"], record.network, record.things)


# --- reading ---------------------------------------------------------------------------------------------------------

ROW = dict(zip(COLUMNS, ["c", "Said.", "ait", "all forums", "sria-2015", "2016-02", "sp-news-sria", ""], strict=True))


def test_a_row_becomes_a_claim(record: Record) -> None:
    (found,) = read([ROW], record.things, sources={ID + "source/sp-news-sria"})
    assert found.claimed_by == (ID + "organisation/ait",)
    assert (found.subjects, found.objects) == (("all forums",), (ID + "agenda-item/sria-2015",))
    assert (found.date, found.sources) == ("2016-02", (ID + "source/sp-news-sria",))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("subjects", "nanet-xx", "nanet-xx"),
        ("subjects", "all mayors", "mayors"),
        ("subjects", "all needs of nobody", "nobody"),
        ("object", "", "empty"),
        ("sources", "nowhere", "no such source"),
        ("claimed_by", "no-such-body", "nothing has that id"),
        ("date", "spring 2016", "2015-09-30"),
    ],
)
def test_what_is_wrong_in_a_row_is_named_with_its_place(record: Record, column: str, value: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read([ROW | {column: value}], record.things, sources={ID + "source/sp-news-sria"})
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [(2, column)]


def test_an_id_is_used_once_and_no_column_is_missing(record: Record) -> None:
    with pytest.raises(DataError, match="twice"):
        read([ROW, ROW], record.things)
    with pytest.raises(DataError, match="statement"):
        read([{column: value for column, value in ROW.items() if column != "statement"}], record.things)


# --- by hand, on the dossier -----------------------------------------------------------------------------------------


def of(record: Record, subjects: str, objects: str, *sources: str) -> Claim:
    row = ROW | {"subjects": subjects, "object": objects, "sources": ";".join(sources), "claimed_by": "Somebody", "date": ""}
    return read([row], record.things)[0]


def test_the_recommendations_of_the_meetings_and_the_agenda_of_2015(record: Record) -> None:
    """Source ait-en says that they go directly into the research agenda.

    recommendations.csv: six of Forum 2 and Forum 3 (2015-11, 2016-06) are later than the agenda (agenda_items.csv: 2015-09). Of the five of
    Forum 1 (2015-04) only rec-forum1-action-research is addressed to anybody: to the European Commission, the funder of SEiSMiC.
    """
    subjects = ";".join(f"all recommendations of ev-forum-{number}" for number in (1, 2, 3))
    table = check(of(record, subjects, "sria-2015", "ait-en"), record.network, record.things)
    assert table.counts == {"weaker-basis": 1, "contradicted-by-dates": 6, "not-recorded": 4}
    rows = {row.subject.rpartition("/")[2]: row for row in table.rows}
    assert rows["rec-forum1-action-research"].verdict == "weaker-basis"
    assert (rows["rec-forum2-vacant"].late, rows["rec-forum3-nue"].late) == (32, 245)  # from 2015-09-30 to 2015-11-01 and 2016-06-01
    assert rows["rec-forum1-trust"].verdict == "not-recorded"


def test_the_invitation_of_2016_cannot_have_reached_the_agenda_of_2015(record: Record) -> None:
    """recommendations.csv: rec-final-sip, 2016-10, addressed to seismic-nanets; they contributed to the agenda (2015-09)."""
    (row,) = check(of(record, "rec-final-sip", "sria-2015", "sp-news-end"), record.network, record.things).rows
    assert (row.verdict, row.hop, row.days, row.late) == ("contradicted-by-dates", 1, 367, 367)  # 2015-09-30 to 2016-10-01
    assert "misses by 367 days, at hop 2: SEiSMiC national networks (NaNets) to" in explain(row, record.things)


def test_the_strongest_influence_is_supported_by_the_claim_alone(record: Record) -> None:
    """flows.csv: one row, one source, sp-news-sria. Without it the whole agenda stands for its chapter."""
    (row,) = check(of(record, "seismic", "sria-2015-governance-participation", "sp-news-sria"), record.network, record.things).rows
    assert (row.verdict, row.without_own_sources, row.self_supported) == ("supported-strictly", "weaker-basis", True)
    assert row.paths[0].own == (0,)


def test_pilot_calls_answer_a_later_agenda_in_hindsight(record: Record) -> None:
    """calls.csv: closed on 2012-09-18 and 2013-09-18, agenda_items sria-2015; agenda_items.csv: published 2015-09."""
    table = check(of(record, "sria-2015", "call-pilot-1;call-pilot-2", "jpi-s-pilot1-jpi"), record.network, record.things)
    assert [(row.verdict, row.late) for row in table.rows] == [("contradicted-by-dates", 1078), ("contradicted-by-dates", 713)]
    assert [row.paths[0].path.flows[0].kind for row in table.rows] == ["answered-by", "answered-by"]


def test_the_urban_agenda_is_recorded_from_a_day_after_what_it_informed(record: Record) -> None:
    """flows.csv: urban-agenda-eu informed sria-2015, until 2015, source sp-news-sria; programmes.csv: it starts on 2016-05-30."""
    (row,) = check(of(record, "urban-agenda-eu", "sria-2015", "sp-news-sria"), record.network, record.things).rows
    assert (row.verdict, row.without_own_sources, row.late) == ("supported-strictly", "contradicted-by-dates", 243)


def test_the_ten_networks_and_the_agenda(record: Record) -> None:
    """flows.csv: seismic-nanets contributed-to sria-2015, 2014 to 2015; networks.csv: each is part of seismic-nanets."""
    table = check(of(record, "all national networks", "sria-2015", "sro-2016", "ait-en", "ait-ag"), record.network, record.things)
    assert table.counts == table.counts_without_own_sources == {"possible": 10}
    assert all(support.path.basis in BASES[:2] for row in table.rows for support in row.paths)


def claims_of_the_dossier() -> list[dict[str, str]]:
    with (DOSSIER / "claims.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def table(name: str) -> dict[str, dict[str, str]]:
    with (DOSSIER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def test_every_claim_cites_sources_that_the_rows_of_its_note_cite() -> None:
    rows = table("flows") | table("calls")
    sources = table("sources")
    for row in claims_of_the_dossier():
        named = re.findall(r"\b(?:flow|call)-[a-z0-9.-]*[a-z0-9]", row["note"])
        assert named, row["id"]
        cited = {source for name in named for source in rows[name]["sources"].split(";")}
        assert set(row["sources"].split(";")) <= cited, row["id"]
        published = sorted(filter(None, (sources[source]["published"] for source in row["sources"].split(";"))))
        assert row["date"] == (published[0] if published else ""), row["id"]


def test_every_claim_of_the_dossier_can_be_checked(record: Record) -> None:
    found = read(claims_of_the_dossier(), record.things, sources=set(record.publisher_of))
    for one in found:
        assert check(one, record.network, record.things).rows, one.id
        publishers = {record.publisher_of[source] for source in one.sources}
        assert {name for name in one.claimed_by if not name.startswith(ID)} <= publishers, one.id
