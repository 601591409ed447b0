"""Traces on the real dossier: what must be found, what must not, and that every form of an answer says the same."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise

import pyoxigraph as ox
import pytest

from seismic_graph import trace
from seismic_graph.errors import AmbiguousName, UnknownName, UsageError
from seismic_graph.graph import Graph
from seismic_graph.paths import reading_of
from seismic_graph.vocabulary import ID

SWEDEN, AGENDA, FINAL = ID + "network/nanet-se", ID + "agenda-item/sria-2015", ID + "event/ev-final-2016"


def nodes(answer: trace.Trace) -> list[list[str]]:
    return [[node.rpartition("/")[2] for node in path.nodes] for path in answer.paths]


def test_the_networks_together_are_the_best_way_from_sweden_to_the_agenda(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015")
    assert nodes(answer)[0] == ["nanet-se", "seismic-nanets", "sria-2015"]
    assert (answer.paths[0].reading, answer.paths[0].basis) == ("possible", "structural")


def test_static_reading_finds_the_final_event_and_the_others_do_not(graph: Graph) -> None:
    static = graph.trace("nanet-se", "sria-2015", reading="static", via=["ev-final-2016"], paths=100)
    assert ["nanet-se", "ev-final-2016", "rec-final-sip", "seismic-nanets", "sria-2015"] in nodes(static)
    for reading in ("possible", "strict"):
        assert not graph.trace("nanet-se", "sria-2015", reading=reading, via=["ev-final-2016"]).paths
        everything = graph.trace("nanet-se", "sria-2015", reading=reading, paths=1000)
        assert not everything.found.more
        assert not [path for path in nodes(everything) if "ev-final-2016" in path]


def test_nothing_is_strict_from_sweden_to_the_agenda(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015", reading="strict", max_hops=8, basis="contextual")
    assert not answer.paths
    assert answer.reasons[0].code == "backwards"
    assert answer.reasons[0].days == 0


def test_the_answer_says_by_how_many_days_the_nearest_path_misses(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015", via=["ev-final-2016"])
    first = answer.reasons[0]
    assert (first.code, first.days) == ("backwards", 391)  # 2015-09-30 to 2016-10-25
    assert "runs backwards" in answer.to_text() or "run backwards" in answer.to_text()


@pytest.mark.parametrize("reading", ["static", "possible", "strict"])
@pytest.mark.parametrize("basis", ["stated", "structural", "contextual"])
def test_every_hop_of_every_path_is_in_order_sourced_and_connected(graph: Graph, reading: str, basis: str) -> None:
    for source, target in (("nanet-it", "sria-2.0"), ("mappina", "sria-2015"), ("seismic", "dut"), ("sria-2015", "amsterdam")):
        answer = graph.trace(source, target, reading=reading, basis=basis, paths=20)
        for path in answer.paths:
            assert len(set(path.nodes)) == len(path.nodes)
            assert all(before.target == after.source for before, after in pairwise(path.flows))
            assert reading_of(path.flows) == path.reading
            for flow in path.flows:
                assert flow.sources
                evidence = answer.evidence[flow.id]
                assert evidence.row
                assert evidence.statement or evidence.rule
                assert all(source in answer.sources for source in flow.sources)


def test_names_are_ids_labels_in_any_language_and_iris(graph: Graph) -> None:
    expected = nodes(graph.trace("nanet-se", "sria-2015"))
    assert nodes(graph.trace("network/nanet-se", "agenda-item/sria-2015")) == expected
    assert nodes(graph.trace(SWEDEN, AGENDA)) == expected
    assert nodes(graph.trace("seismic national network sweden", "sria-2015")) == expected
    assert graph.find("Ny urban samverkan") == graph.find("New Urban Governance") == ID + "theme/new-urban-governance"
    assert graph.find("GÖTEBORG") == ID + "city/gothenburg"


@pytest.mark.parametrize(
    ("arguments", "limits", "error", "message"),
    [
        (("nanet-sw", "sria-2015"), {}, UnknownName, "nanet-s"),
        (("nanet-se", "no such agenda at all"), {}, UnknownName, "no such agenda"),
        (("Strategic Research and Innovation Agenda 2.0", "sria-2015"), {}, AmbiguousName, "document/doc-sria-2.0"),
        (("nanet-se", "sria-2015"), {"reading": "likely"}, UsageError, "static, possible, strict"),
        (("nanet-se", "sria-2015"), {"basis": "hearsay"}, UsageError, "stated, structural, contextual"),
        (("nanet-se", "sria-2015"), {"direction": "sideways"}, UsageError, "bottom-up, top-down, horizontal"),
        (("nanet-se", "sria-2015"), {"since": "2015-02-30"}, UsageError, "since '2015-02-30'"),
        (("nanet-se", "sria-2015"), {"since": "2016", "until": "2015"}, UsageError, "swap"),
        (("nanet-se", "sria-2015"), {"max_hops": 0}, UsageError, "max_hops"),
        (("nanet-se", "sria-2015"), {"paths": 0}, UsageError, "paths"),
    ],
)
def test_what_makes_no_sense_is_said(
    graph: Graph, arguments: tuple[str, str], limits: dict[str, object], error: type, message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        graph.trace(*arguments, **limits)


def test_direction_window_via_and_avoid(graph: Graph) -> None:
    for path in graph.trace("nanet-se", "sria-2.0", direction="bottom-up", paths=50).paths:
        assert {flow.direction for flow in path.flows} == {"bottom-up"}
    assert graph.trace("nanet-se", "sria-2015", until="2015").paths
    assert not graph.trace("nanet-se", "sria-2015", since="2016").paths
    assert all("seismic" in path for path in nodes(graph.trace("nanet-se", "sria-2015", via="project/seismic", paths=50)))
    assert not [path for path in nodes(graph.trace("nanet-se", "sria-2015", avoid="seismic-nanets", paths=50)) if "seismic-nanets" in path]


def test_an_adapted_flow_runs_along_the_movement(graph: Graph) -> None:
    answer = graph.trace("social-innovation-factory", "siac", max_hops=1)
    assert [flow.kind for flow in answer.paths[0].flows] == ["adapted-from"]
    assert "adapted from it" in answer.to_text()
    assert not graph.trace("siac", "social-innovation-factory", max_hops=1, basis="stated").paths


def test_money_is_no_knowledge(graph: Graph) -> None:
    assert not [flow for flow in graph.network.flows if flow.kind == "funded-by"]


def test_json_csv_and_text_tell_the_same(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015", paths=5)
    told = json.loads(answer.to_json())
    rows = list(csv.DictReader(io.StringIO(answer.to_csv())))
    hops = [hop for path in told["paths"] for hop in path["hops"]]
    assert [hop["flow"] for hop in hops] == [row["flow"] for row in rows] == [flow.id for path in answer.paths for flow in path.flows]
    assert told["snapshot"] == graph.store.identity
    text = answer.to_text(explain_dates=True)
    for hop in hops:
        assert (hop["statement"] or f"by the rule {hop['rule']}") in text
        for bound in ("earliest", "latest"):
            assert hop[bound] is None or hop[bound] in text
    for source in told["sources"].values():
        assert source["url"] in text


def test_turtle_is_prov_that_says_the_same(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015", paths=5)
    store = ox.Store()
    store.load(answer.to_turtle().encode(), ox.RdfFormat.TURTLE)
    rows = store.query(
        "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dcterms: <http://purl.org/dc/terms/> "
        "PREFIX sg: <https://w3id.org/seismic-graph/ontology#> "
        "SELECT DISTINCT ?flow ?from ?to { ?path prov:hadMember ?flow . ?to prov:qualifiedInfluence ?flow ; prov:wasInfluencedBy ?from . "
        "?flow a prov:Influence ; prov:influencer ?from ; sg:to ?to ; dcterms:source ?source }"
    )
    assert {tuple(term.value for term in row) for row in rows} == {  # type: ignore[union-attr]
        (flow.id, flow.source, flow.target) for path in answer.paths for flow in path.flows
    }


def test_the_sparql_confirms_every_hop_and_notices_a_change(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2.0", paths=10, basis="contextual")
    text, hops = answer.to_sparql(), sum(len(path.flows) for path in answer.paths)
    assert f"{hops} rows must come back" in text
    assert sum(1 for _ in graph.store.query(text)) == hops  # type: ignore[arg-type, misc]
    first = answer.paths[0].flows[0]
    for wrong in (text.replace(f"<{first.target}>", f"<{first.target}x>"), text.replace('"2014-08-21"', '"2014-08-22"')):
        assert wrong != text
        assert sum(1 for _ in graph.store.query(wrong)) < hops  # type: ignore[arg-type, misc]


def test_mermaid_draws_every_flow_once_by_its_basis(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2.0", paths=10, basis="contextual")
    chart = answer.to_mermaid()
    flows = {flow.id: flow for path in answer.paths for flow in path.flows}
    for arrow, basis in (("-->", "stated"), ("==>", "structural"), ("-.->", "contextual")):
        assert chart.count(f" {arrow}|") == sum(flow.basis == basis for flow in flows.values())


def test_hostile_labels_stay_text_in_a_notebook_and_in_mermaid(graph: Graph) -> None:
    answer = graph.trace("nanet-se", "sria-2015", paths=1)
    labels = dict(answer.labels) | {SWEDEN: '<script>alert("x")</script>'}
    hostile = trace.Trace(
        answer.source, answer.target, answer.search, answer.found, (), labels, answer.evidence, answer.sources, answer.own_dates, "x"
    )
    assert "<script>" not in hostile._repr_html_()
    assert "<script>" not in hostile.to_mermaid()


def test_reach_agrees_with_traces(graph: Graph) -> None:
    reached = {item.node: item for _, item in graph.reach("nanet-se", max_hops=3).reached}
    for target in graph.members("AgendaItem"):
        found = graph.trace(SWEDEN, target, max_hops=3, paths=1).paths
        assert bool(found) == (target in reached)


def test_the_matrix_agrees_with_traces(graph: Graph) -> None:
    networks, items = graph.members("NationalNetwork"), graph.members("AgendaItem")
    assert len(networks) == 10
    table = graph.matrix(networks, items, paths=3)
    for source in networks[:3]:
        for target in items:
            answer = graph.trace(source, target, paths=3)
            cell = table.cells.get((source, target))
            assert (cell.paths if cell else ()) == answer.paths
    rows = list(csv.DictReader(io.StringIO(table.to_csv())))
    assert len(rows) == len(table.cells) == len(json.loads(table.to_json())["pairs"])


def test_an_unknown_class_is_named(graph: Graph) -> None:
    with pytest.raises(UnknownName, match="NationalNetwork"):
        graph.members("NationalNetworks")


def test_the_same_answer_every_time(graph: Graph) -> None:
    first = graph.trace("nanet-it", "sria-2.0", paths=25, basis="contextual").to_json()
    again = Graph(graph.store, graph.settings).trace("nanet-it", "sria-2.0", paths=25, basis="contextual").to_json()
    assert first == again
