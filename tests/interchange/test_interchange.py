"""Every form is read back by an independent reader and says the same as the flows it came from."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import networkx
import pytest

from seismic_graph import interchange
from seismic_graph.flows import Flow
from seismic_graph.graph import Graph
from seismic_graph.interchange import Row
from seismic_graph.things import Thing
from tests.conftest import Runner

Tables = tuple[list[Row], list[Row]]


@pytest.fixture(scope="module")
def tables(graph: Graph) -> Tables:
    return graph.tables(graph.trace("nanet-se", "sria-2.0", basis="contextual", paths=40))


def ends(rows: list[Row]) -> Counter[tuple[str, str]]:
    return Counter((row["source"], row["target"]) for row in rows)


def test_gexf_keeps_every_flow_its_evidence_and_its_spell(tables: Tables, tmp_path: Path) -> None:
    nodes, edges = tables
    (tmp_path / "x.gexf").write_text(interchange.gexf(nodes, edges), encoding="utf-8")
    back = networkx.read_gexf(tmp_path / "x.gexf")
    assert Counter((a, b) for a, b, _ in back.edges(data=True)) == ends(edges)
    told = {data["id"]: data for _, _, data in back.edges(data=True)}
    for row in edges:
        assert told[row["id"]]["sources"] == row["sources"]
        assert told[row["id"]].get("start") == row["earliest"]
        assert told[row["id"]].get("end") == row["latest"]
        assert told[row["id"]]["basis"] == row["basis"]
    labels = {node: data["label"] for node, data in back.nodes(data=True)}
    assert labels == {row["id"]: row["label"] for row in nodes}
    root = ET.fromstring((tmp_path / "x.gexf").read_text(encoding="utf-8"))
    graph = root.find("{http://www.gexf.net/1.2draft}graph")
    assert graph is not None
    assert (graph.get("mode"), graph.get("timeformat")) == ("dynamic", "date")


def test_graphml_has_the_interaction_that_cytoscape_reads(tables: Tables, tmp_path: Path) -> None:
    nodes, edges = tables
    (tmp_path / "x.graphml").write_text(interchange.graphml(nodes, edges), encoding="utf-8")
    back = networkx.read_graphml(tmp_path / "x.graphml", force_multigraph=True)
    assert Counter((a, b) for a, b, _ in back.edges(keys=True)) == ends(edges)
    assert {data["interaction"] for _, _, data in back.edges(data=True)} == {row["kind"] for row in edges}
    assert {data["flow"]: data["sources"] for _, _, data in back.edges(data=True)} == {row["id"]: row["sources"] for row in edges}


def test_vosviewer_has_what_its_reader_asks_for(tables: Tables) -> None:
    """Items with unique whole ids, links between known items with a number as strength (VOSviewer manual, network JSON)."""
    nodes, edges = tables
    network = json.loads(interchange.vosviewer(nodes, edges))["network"]
    ids = [item["id"] for item in network["items"]]
    assert sorted(ids) == list(range(1, len(nodes) + 1))
    for item in network["items"]:
        assert item["label"]
        assert item["weights"]["Flows"] > 0
        assert item["cluster"] in {cluster["cluster"] for cluster in network["clusters"]}
    assert sum(link["strength"] for link in network["links"]) == len(edges)
    for link in network["links"]:
        assert {link["source_id"], link["target_id"]} <= set(ids)
        assert link["source_id"] < link["target_id"]
        assert "source/" in link["description"]


def test_kumu_connects_elements_by_labels_that_tell_them_apart(tables: Tables) -> None:
    nodes, edges = tables
    told = json.loads(interchange.kumu(nodes, edges))
    labels = [element["label"] for element in told["elements"]]
    assert len(set(labels)) == len(labels) == len(nodes)
    assert len(told["connections"]) == len(edges)
    for connection in told["connections"]:
        assert connection["from"] in labels
        assert connection["to"] in labels
        assert connection["direction"] == "directed"
        assert connection["sources"]


def test_sankey_adds_up(tables: Tables) -> None:
    rows = list(csv.DictReader(io.StringIO(interchange.sankey(*tables))))
    assert sum(int(row["value"]) for row in rows) == len(tables[1])
    assert all(row["sources"] for row in rows)


def test_tables_keep_the_evidence_columns(tables: Tables) -> None:
    nodes, edges = tables
    back = list(csv.DictReader(io.StringIO(interchange.edges_csv(nodes, edges))))
    assert list(back[0]) == list(interchange.EDGE_COLUMNS)
    assert [row["id"] for row in back] == [row["id"] for row in edges]
    for row in back:
        assert row["sources"]
        assert row["source_urls"].startswith("http")
        assert row["statement"] or row["rule"]
    assert {row["id"] for row in csv.DictReader(io.StringIO(interchange.nodes_csv(nodes, edges)))} == {row["id"] for row in nodes}


@pytest.mark.parametrize("form", sorted(interchange.FORMATS))
def test_hostile_labels_and_things_of_one_name_survive(form: str) -> None:
    flows = [
        Flow("f1", "a", "b", "informed", "horizontal", "stated", sources=("s",)),
        Flow("f2", "a", "b", "informed", "horizontal", "stated", sources=("s",)),
    ]
    things = {iri: Thing(iri, "event", 'a "<&>" \u202e\U0001f600, name') for iri in ("a", "b")}
    text = interchange.FORMATS[form](interchange.nodes(flows, things), interchange.edges(flows, {}, {}))
    assert text == interchange.FORMATS[form](interchange.nodes(flows, things), interchange.edges(flows, {}, {}))
    if form in ("gexf", "graphml"):
        ET.fromstring(text)


@pytest.mark.parametrize("form", sorted(interchange.FORMATS))
def test_from_the_command_line(seismic: Runner, form: str, tmp_path: Path) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", "-f", form, "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_size > 100


def test_typed_frames_say_the_same(tables: Tables) -> None:
    nodes, edges = tables
    for rows, columns in ((nodes, interchange.NODE_COLUMNS), (edges, interchange.EDGE_COLUMNS)):
        pandas_frame = interchange.to_pandas(rows, columns)
        polars_frame = interchange.to_polars(rows, columns)
        assert list(pandas_frame.columns) == polars_frame.columns == list(columns)
        assert len(pandas_frame) == polars_frame.height == len(rows)
        assert str(pandas_frame["earliest"].dtype).startswith("datetime64")
        assert str(polars_frame.schema["earliest"]) == "Date"
        for number, row in enumerate(rows):
            assert pandas_frame["id"][number] == polars_frame["id"][number] == row["id"]
            day = polars_frame["earliest"][number]
            assert (day.isoformat() if day else None) == row["earliest"]
    assert str(interchange.to_polars(edges, interchange.EDGE_COLUMNS).schema["standing"]) == "Boolean"


def test_the_neighbourhood_of_an_entity(graph: Graph, seismic: Runner, tmp_path: Path) -> None:
    nodes, edges = graph.neighbourhood("nanet-se")
    sweden = graph.find("nanet-se")
    assert edges
    assert all(sweden in (row["source"], row["target"]) for row in edges)
    assert all(row["source_urls"] for row in edges)
    assert len(edges) == sum(sweden in (flow.source, flow.target) for flow in graph.network.flows)
    done = seismic("export", str(tmp_path / "sweden.gexf"), "--entity", "nanet-se")
    assert done.returncode == 0, done.stderr
    assert networkx.read_gexf(tmp_path / "sweden.gexf").number_of_edges() == len(edges)
    assert len(nodes) == networkx.read_gexf(tmp_path / "sweden.gexf").number_of_nodes()
    assert "--entity" in seismic("export", str(tmp_path / "all.gexf")).stderr
