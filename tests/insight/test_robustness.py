"""Robustness against brute force on small random graphs, and by hand on the dossier."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import build, flows, things
from seismic_graph.flows import BASES, READINGS, Flow
from seismic_graph.insight.robustness import (
    REASONS,
    SELF_REPORTED,
    THIRD_PARTY,
    UNKNOWN,
    Register,
    assess,
    compare,
    most_disjoint,
    weakest,
    without,
)
from seismic_graph.paths import FlowNetwork, Path, Search, find
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.things import Thing
from seismic_graph.vocabulary import ID
from tests.paths.test_paths import DAYS, flow

ALL = frozenset(BASES)
PUBLISHER_OF = {"s1": "x", "s2": "x", "s3": "y", "s4": "y", "s5": "z"}


@dataclass(frozen=True)
class Record:
    """The shipped dossier as values."""

    network: FlowNetwork
    things: dict[str, Thing]
    publisher_of: dict[str, str]


@cache
def load_record() -> Record:
    store = EmbeddedStore()
    build.assemble(Settings(), store)
    with (File(__file__).parents[2] / "dossier" / "sources.csv").open(encoding="utf-8", newline="") as file:
        publisher_of = {f"{ID}source/{row['id']}": row["publisher"] for row in csv.DictReader(file)}
    return Record(FlowNetwork(flows.load(store)), things.load(store), publisher_of)


@pytest.fixture(scope="module")
def record() -> Record:
    return load_record()


@st.composite
def graphs(draw: st.DrawFn, nodes: str = "abcde") -> list[Flow]:
    """Up to nine flows, each with some of five sources of three publishers."""
    found = []
    for number in range(draw(st.integers(1, 9))):
        source, target = draw(st.permutations(nodes))[:2]
        earliest, latest = sorted(draw(st.lists(st.integers(DAYS.start, DAYS.stop - 1), min_size=2, max_size=2)))
        named = tuple(sorted(draw(st.sets(st.sampled_from(sorted(PUBLISHER_OF)), min_size=1, max_size=3))))
        found.append(
            flow(
                source,
                target,
                earliest,
                latest,
                id=f"f{number}",
                basis=draw(st.sampled_from(BASES)),
                sources=named,
                publishers=frozenset(PUBLISHER_OF[name] for name in named),
            )
        )
    return found


def everything(flows: list[Flow], reading: str) -> tuple[Path, ...]:
    return find(FlowNetwork(flows), "a", "e", Search(reading=reading, bases=ALL), 10_000).paths


# --- without ---------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sets(st.sampled_from(sorted(PUBLISHER_OF))), st.sets(st.sampled_from("xyz")))
def test_without_drops_the_evidence_and_what_rests_on_it_alone(flows: list[Flow], sources: set[str], publishers: set[str]) -> None:
    left = without(FlowNetwork(flows), sources=sources, publishers=publishers, publisher_of=PUBLISHER_OF).flows
    expected = {}
    for one in flows:
        named = tuple(name for name in one.sources if name not in sources and PUBLISHER_OF[name] not in publishers)
        if named:
            expected[one.id] = replace(one, sources=named, publishers=frozenset(PUBLISHER_OF[name] for name in named))
    assert {one.id: one for one in left} == expected


@settings(max_examples=200, deadline=None)
@given(graphs(), st.sets(st.sampled_from(sorted(PUBLISHER_OF))), st.sets(st.sampled_from("xyz")))
def test_without_the_publishers_of_sources_flows_are_only_ever_kept_too_long(
    flows: list[Flow], sources: set[str], publishers: set[str]
) -> None:
    exact = without(FlowNetwork(flows), sources=sources, publishers=publishers, publisher_of=PUBLISHER_OF).flows
    rough = without(FlowNetwork(flows), sources=sources, publishers=publishers).flows
    assert {one.id for one in exact} <= {one.id for one in rough}
    assert {one.id for one in without(FlowNetwork(flows), sources=sources).flows} == {
        one.id for one in flows if not sources.issuperset(one.sources)
    }


def test_a_flow_without_a_source_has_none_to_lose() -> None:
    bare = flow("a", "e")
    assert without(FlowNetwork([bare]), sources={"s1"}, publisher_of=PUBLISHER_OF).flows == (bare,)


# --- independent paths -----------------------------------------------------------------------------------------------


def disjoint(paths: tuple[Path, ...], by: str) -> bool:
    """The definitions, word for word."""
    held = [frozenset(one.id for one in path.flows) for path in paths]
    if any(a & b for a, b in combinations(held, 2)):
        return False
    if by == "flows":
        return True
    if by == "things":
        return not any(set(a.nodes[1:-1]) & set(b.nodes[1:-1]) for a, b in combinations(paths, 2))
    hops = [sorted(one.sources if by == "sources" else one.publishers) for path in paths for one in path.flows]
    owner = [number for number, path in enumerate(paths) for _ in path.flows]
    return any(
        all(len({owner[hop] for hop, chosen in enumerate(choice) if chosen == item}) == 1 for item in set(choice))
        for choice in product(*hops)
    )


def brute_force(paths: tuple[Path, ...], by: str) -> int:
    return max((size for size in range(1, len(paths) + 1) for chosen in combinations(paths, size) if disjoint(chosen, by)), default=0)


WAYS = ["flows", "things", "sources", "publishers"]


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from(READINGS), st.sampled_from(WAYS))
def test_as_many_disjoint_paths_as_brute_force_finds(flows: list[Flow], reading: str, by: str) -> None:
    paths = everything(flows, reading)[:6]
    assert most_disjoint(paths, by) == (brute_force(paths, by), True)


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from(READINGS), st.integers(1, 4))
def test_counts_hold_the_true_number_between_them_however_few_paths_are_looked_at(flows: list[Flow], reading: str, limit: int) -> None:
    found = assess(FlowNetwork(flows), "a", "e", Search(reading=reading, bases=ALL), limit=limit, publisher_of=PUBLISHER_OF)
    for one in found.independence:
        paths = everything(flows, one.reading)
        if len(paths) > 6:
            continue
        for by in WAYS:
            count = getattr(one, by)
            true = brute_force(paths, by)
            assert count.found <= true <= count.bound
            assert not one.complete or count.exact


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_without_limits_the_static_counts_are_those_of_menger(flows: list[Flow]) -> None:
    """The smallest number of flows, or of things, whose loss leaves no path."""
    paths = everything(flows, "static")
    found = assess(FlowNetwork(flows), "a", "e", Search(reading="static", bases=ALL, max_hops=9), publisher_of=PUBLISHER_OF)
    if not paths:
        assert found.independence == ()
        return
    cuts = (set(cut) for size in range(10) for cut in combinations([one.id for one in flows], size))
    smallest = next(len(cut) for cut in cuts if all(cut & {one.id for one in path.flows} for path in paths))
    assert (found.independence[0].flows.found, found.independence[0].flows.bound) == (smallest, smallest)
    inner = sorted({node for path in paths for node in path.nodes[1:-1]})
    direct = sum(len(path.flows) == 1 for path in paths)
    through = [path for path in paths if len(path.flows) > 1]
    smallest = next(size for size in range(5) for cut in combinations(inner, size) if all(set(cut) & set(path.nodes) for path in through))
    assert found.independence[0].things.found == smallest + direct


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from(READINGS))
def test_with_n_source_disjoint_paths_any_fewer_sources_may_be_withdrawn(flows: list[Flow], reading: str) -> None:
    search = Search(reading=reading, bases=ALL)
    network = FlowNetwork(flows)
    found = assess(network, "a", "e", search, publisher_of=PUBLISHER_OF)
    for one in found.independence:
        wanted = replace(search, reading=one.reading)
        for gone in combinations(sorted(PUBLISHER_OF), one.sources.found - 1):
            assert find(without(network, sources=gone, publisher_of=PUBLISHER_OF), "a", "e", wanted, 1).paths
        for gone in combinations("xyz", one.publishers.found - 1):
            assert find(without(network, publishers=gone, publisher_of=PUBLISHER_OF), "a", "e", wanted, 1).paths


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sampled_from(READINGS))
def test_critical_evidence_is_what_alone_breaks_the_answer(flows: list[Flow], reading: str) -> None:
    search, network = Search(reading=reading, bases=ALL), FlowNetwork(flows)
    found = assess(network, "a", "e", search, publisher_of=PUBLISHER_OF)
    if not found.found.paths:
        assert found.critical_sources == found.critical_publishers == found.critical_flows == ()
        return

    def left(changed: FlowNetwork) -> bool:
        return bool(find(changed, "a", "e", search, 1).paths)

    assert set(found.critical_sources) == {
        name for name in PUBLISHER_OF if not left(without(network, sources={name}, publisher_of=PUBLISHER_OF))
    }
    assert set(found.critical_publishers) == {
        name for name in "xyz" if not left(without(network, publishers={name}, publisher_of=PUBLISHER_OF))
    }
    assert set(found.critical_flows) == {one.id for one in flows if not left(FlowNetwork(other for other in flows if other.id != one.id))}


def test_one_source_that_tells_two_paths_makes_them_one_story() -> None:
    shared = [
        flow("a", "b", sources=("s1",)),
        flow("b", "e", sources=("s1",)),
        flow("a", "c", sources=("s1",)),
        flow("c", "e", sources=("s2",)),
    ]
    paths = everything(shared, "static")
    assert [most_disjoint(paths, by)[0] for by in ("flows", "things", "sources")] == [2, 2, 1]


def test_a_second_source_for_a_hop_sets_the_first_one_free() -> None:
    told = [
        flow("a", "b", sources=("s1",)),
        flow("b", "e", sources=("s1", "s3")),
        flow("a", "c", sources=("s2", "s3")),
        flow("c", "e", sources=("s2",)),
    ]
    assert most_disjoint(everything(told, "static"), "sources") == (2, True)


def test_time_breaks_paths_that_stand_side_by_side_on_paper() -> None:
    """Two static ways over different things; one of them runs backwards."""
    two = [
        flow("a", "b", 1, 1, sources=("s1",)),
        flow("b", "e", 2, 2, sources=("s2",)),
        flow("a", "c", 5, 5, sources=("s3",)),
        flow("c", "e", 3, 3, sources=("s4",)),
    ]
    static, possible, strict = assess(FlowNetwork(two), "a", "e", Search(bases=ALL)).independence
    assert (static.things.found, possible.things.found, strict.things.found) == (2, 1, 1)
    assert all(one.things.exact for one in (static, possible, strict))


def test_the_weakest_hops_are_by_basis_then_publishers_then_sources() -> None:
    path = everything(
        [
            flow("a", "b", publishers=frozenset("x"), sources=("s1", "s2")),
            flow("b", "c", publishers=frozenset("x"), sources=("s1",), basis="structural"),
            flow("c", "d", publishers=frozenset("xy"), sources=("s1", "s3"), basis="structural"),
            flow("d", "e", publishers=frozenset("y"), sources=("s3",), basis="structural"),
        ],
        "static",
    )[0]
    assert weakest(path) == (1, 3)


# --- two answers -----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(graphs(), st.sets(st.sampled_from(sorted(PUBLISHER_OF))), st.sampled_from(READINGS))
def test_compare_accounts_for_every_path(flows: list[Flow], gone: set[str], reading: str) -> None:
    search = Search(reading=reading, bases=ALL)
    before = find(FlowNetwork(flows), "a", "e", search, 10_000)
    after = find(without(FlowNetwork(flows), sources=gone, publisher_of=PUBLISHER_OF), "a", "e", search, 10_000)
    found = compare(before, after)
    shared = found.unchanged + len(found.moved) + len(found.reread)
    assert not found.appeared
    assert not found.reread
    assert not found.cut
    assert (shared + len(found.vanished), shared) == (len(before.paths), len(after.paths))
    assert {path.flows for path in found.vanished} == {
        path.flows for path in before.paths if any(gone.issuperset(one.sources) for one in path.flows)
    }


def test_compare_tells_a_new_reading_from_a_new_rank() -> None:
    near, far = [flow("a", "b", 1, 1), flow("b", "e", 2, 2)], [flow("a", "c", 1, 1), flow("c", "e", 2, 2)]
    before = find(FlowNetwork(near + far), "a", "e", Search(), 9)
    vaguer = [near[0], replace(near[1], earliest=0)]
    after = find(FlowNetwork(vaguer + far), "a", "e", Search(), 1)
    found = compare(before, after)
    assert [path.nodes for path in found.vanished] == [("a", "b", "e")]
    assert found.cut
    whole = compare(before, find(FlowNetwork(vaguer + far), "a", "e", Search(), 9))
    assert [(one.before.reading, one.after.reading, one.rank_before, one.rank_after) for one in whole.reread] == [
        ("strict", "possible", 1, 2)
    ]
    assert [(one.rank_before, one.rank_after) for one in whole.moved] == [(2, 1)]


# --- who speaks ------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_voice() -> None:
    assert {voice for voice, _ in REASONS.values()} == {SELF_REPORTED, THIRD_PARTY, UNKNOWN}


@pytest.mark.parametrize(
    ("publisher", "entities"),
    [
        ("JPI Urban Europe", ["programme/jpi-urban-europe"]),  # its id; its label is Joint Programming Initiative Urban Europe
        ("SEiSMiC project", ["project/seismic"]),
        ("DUT partnership", ["programme/dut"]),
        ("European Commission, CORDIS", ["organisation/european-commission"]),
        ("ARIS (Slovenian Research Agency)", ["organisation/arrs"]),
        ("European Parliament, STOA", ["organisation/european-parliament", "organisation/stoa"]),
        ("Regional Environmental Center", ["organisation/rec"]),  # opens Regional Environmental Center for Central and Eastern Europe
        ("S+RO", []),
        ("City Monitor", []),
        ("START", []),  # not the start of anything
        ("PROSPECT project", []),
    ],
)
def test_names_of_publishers(record: Record, publisher: str, entities: list[str]) -> None:
    register = Register(record.network, record.things)
    assert [iri.removeprefix(ID) for iri in register.entities(publisher)] == entities


def test_further_names_are_told_apart_by_the_caller(record: Record) -> None:
    register = Register(record.network, record.things, {ID + "organisation/anr": ["Agence nationale de la recherche"]})
    assert register.entities("Agence nationale de la recherche") == (ID + "organisation/anr",)


@pytest.mark.parametrize(
    ("publisher", "thing", "kind", "reason"),
    [
        ("JPI Urban Europe", "programme/jpi-urban-europe", SELF_REPORTED, "itself"),
        ("JPI Urban Europe", "call/call-mcw", SELF_REPORTED, "whole"),  # calls.csv: programme jpi-urban-europe
        ("JPI Urban Europe", "agenda-item/sria-2015", SELF_REPORTED, "named"),  # "... Agenda of JPI Urban Europe"
        ("JPI Urban Europe", "agenda-item/sria-2.0", SELF_REPORTED, "exchanged"),  # flow-jpi-urban-europe-informed-sria-2.0
        ("IQ Samhällsbyggnad", "network/nanet-se", SELF_REPORTED, "takes-part"),  # participations.csv: host
        ("Cittalia", "event/ev-forum-1", SELF_REPORTED, "takes-part-in-whole"),  # host of nanet-it, which took part
        ("SEiSMiC project", "event/ev-forum-1", SELF_REPORTED, "whole"),  # its networks took part
        ("SEiSMiC project", "recommendation/rec-cz-sectors", SELF_REPORTED, "whole"),  # recommendations.csv: from nanet-cz
        ("Flanders Today", "initiative/social-innovation-factory", UNKNOWN, "no-name"),
        ("Viable Cities", "network/nanet-se", THIRD_PARTY, "no-tie"),
    ],
)
def test_how_far_a_publisher_stands(record: Record, publisher: str, thing: str, kind: str, reason: str) -> None:
    voice = Register(record.network, record.things).voice(publisher, [ID + thing])
    assert (voice.kind, voice.reason) == (kind, reason)


def test_no_publisher_is_called_a_third_party_or_self_reported_without_being_recorded(record: Record) -> None:
    register = Register(record.network, record.things)
    for publisher in sorted(set(record.publisher_of.values())):
        if not register.entities(publisher):
            assert register.voice(publisher, [ID + "theme/social-value"]).kind == UNKNOWN


# --- by hand, on the dossier -----------------------------------------------------------------------------------------


def ids(iris: tuple[str, ...]) -> list[str]:
    return [iri.rpartition("/")[2] for iri in iris]


def test_the_strongest_statement_on_governance_hangs_on_one_news_item(record: Record) -> None:
    """flows.csv: seismic contributed-to sria-2015-governance-participation, 2013 to 2015, sources sp-news-sria."""
    ends = (ID + "project/seismic", ID + "agenda-item/sria-2015-governance-participation")
    found = assess(record.network, *ends, Search(reading="strict", max_hops=1), publisher_of=record.publisher_of)
    assert ids(found.critical_sources) == ["sp-news-sria"]
    assert found.critical_publishers == ("SEiSMiC project",)
    assert ids(found.critical_flows) == ["flow-seismic-contributed-to-sria-2015-governance-participation"]
    told = Register(record.network, record.things).testimony(found.found.paths[0])
    assert (told.self_reported, told.vouched) == ((0,), ())


def test_the_path_from_sweden_to_the_agenda_survives_any_single_source(record: Record) -> None:
    """networks.csv row 10 cites four sources; sro-2016, ait-en and ait-ag state that the ten networks contributed."""
    ends = (ID + "network/nanet-se", ID + "agenda-item/sria-2015")
    found = assess(record.network, *ends, Search(max_hops=4), publisher_of=record.publisher_of)
    assert found.found.paths[0].nodes == (ends[0], ID + "network/seismic-nanets", ends[1])
    assert found.critical_sources == found.critical_publishers == found.critical_flows == ()
    assert [(one.kind, len(one.sources)) for one in found.weakest] == [("part-of", 4)]
    possible = next(one for one in found.independence if one.reading == "possible")
    assert possible.sources.found >= 2
    told = Register(record.network, record.things).testimony(found.found.paths[0])
    assert told.self_reported == (0,)  # iqs-*, seed-iqs and sp-*: the host and the project
    assert {voice.publisher for voice in told.voices if voice.kind == UNKNOWN} == {"S+RO"}


def test_without_both_publishers_the_networks_have_no_direct_way_into_the_agenda(record: Record) -> None:
    """flows.csv: seismic-nanets contributed-to sria-2015; sources sro-2016 (S+RO), ait-en and ait-ag (AIT)."""
    ends = (ID + "network/seismic-nanets", ID + "agenda-item/sria-2015")
    search = Search(max_hops=1)
    whole = find(record.network, *ends, search, 5)
    assert len(whole.paths) == 1
    one_left = without(record.network, publishers={"S+RO"}, publisher_of=record.publisher_of)
    assert ids(find(one_left, *ends, search, 5).paths[0].sources) == ["ait-ag", "ait-en"]
    none_left = without(record.network, publishers={"S+RO", "AIT Austrian Institute of Technology"}, publisher_of=record.publisher_of)
    assert compare(whole, find(none_left, *ends, search, 5)).vanished == whole.paths
