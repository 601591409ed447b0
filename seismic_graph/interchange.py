"""Interchange: flows and the things at their ends in the forms that network tools read, with the evidence kept.

GEXF (Gephi) with time spells, GraphML with an ``interaction`` key (Cytoscape), VOSviewer and Kumu JSON, Sankey CSV, tables of nodes
and edges.
All start from the same two tables, `nodes` and `edges`, so every form says the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from seismic_graph.dates import day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.things import Thing
from seismic_graph.vocabulary import short

if TYPE_CHECKING:
    import networkx as nx
    import pandas
    import polars

Row = dict[str, Any]


def nodes(flows: Iterable[Flow], things: Mapping[str, Thing]) -> list[Row]:
    """One row a thing at an end of a flow, sorted by id: what it is, where, on which levels and themes, its first and last day."""
    ends = sorted({end for flow in flows for end in (flow.source, flow.target)})
    rows = []
    for iri in ends:
        thing = things.get(iri) or Thing(iri, short(iri).partition("/")[0], short(iri))
        rows.append(
            {
                "id": iri,
                "label": thing.label,
                "type": thing.type,
                "kind": thing.kind or None,
                "levels": ";".join(thing.levels) or None,
                "countries": ";".join(thing.countries) or None,
                "themes": ";".join(short(theme).partition("/")[2] for theme in thing.themes) or None,
                "earliest": day_text(thing.earliest),
                "latest": day_text(thing.latest),
                "latitude": thing.latitude,
                "longitude": thing.longitude,
            }
        )
    return rows


def edges(flows: Iterable[Flow], told: Mapping[str, Mapping[str, Any]], addresses: Mapping[str, str]) -> list[Row]:
    """One row a flow with its evidence; sorted by id.

    Args:
        flows: the flows.
        told: flow IRI -> what the record says of it: ``statement``, ``stated_start``, ``stated_end``, ``rule``, ``row``.
        addresses: source IRI -> its address.
    """
    rows = []
    for flow in sorted(flows, key=lambda flow: flow.id):
        said = told.get(flow.id, {})
        rows.append(
            {
                "id": flow.id,
                "source": flow.source,
                "target": flow.target,
                "kind": flow.kind,
                "direction": flow.direction,
                "basis": flow.basis,
                "rule": said.get("rule"),
                "stated_start": said.get("stated_start"),
                "stated_end": said.get("stated_end"),
                "earliest": day_text(flow.earliest),
                "latest": day_text(flow.latest),
                "standing": flow.standing,
                "statement": said.get("statement"),
                "row": said.get("row"),
                "sources": ";".join(flow.sources),
                "source_urls": ";".join(addresses[source] for source in flow.sources if source in addresses),
                "publishers": ";".join(sorted(flow.publishers)),
            }
        )
    return rows


def network(node_rows: Sequence[Row], edge_rows: Sequence[Row], *, names: Mapping[str, str] | None = None) -> nx.MultiDiGraph:
    """The two tables as a networkx graph: one edge a flow, its id as key; empty cells are left out; `names` renames columns of edges."""
    import networkx

    graph = networkx.MultiDiGraph()
    for row in node_rows:
        graph.add_node(row["id"], **{name: value for name, value in row.items() if name != "id" and value is not None})
    for row in edge_rows:
        told = {
            (names or {}).get(name, name): value for name, value in row.items() if name not in ("source", "target") and value is not None
        }
        graph.add_edge(row["source"], row["target"], key=row["id"], **told)
    return graph


def gexf(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """GEXF 1.2 with the days of a flow as the spell of its edge (https://gexf.net/); an open bound leaves the spell open there."""
    import networkx

    graph = network([{k: v for k, v in row.items() if k not in ("earliest", "latest")} for row in node_rows], edge_rows)
    for _, _, told in graph.edges(data=True):
        told["label"] = told["kind"].replace("-", " ")
        if told.get("earliest"):
            told["start"] = told["earliest"]
        if told.get("latest"):
            told["end"] = told["latest"]
        told["standing"] = str(told["standing"]).lower()
    text = "\n".join(networkx.generate_gexf(graph)) + "\n"
    return re.sub(r' lastmodifieddate="[^"]*"', "", text, count=1)  # the same flows give the same bytes on any day


def graphml(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """GraphML (http://graphml.graphdrawing.org/) with the kind of a flow under ``interaction``, the key that Cytoscape reads."""
    import networkx

    graph = network(node_rows, edge_rows, names={"kind": "interaction", "id": "flow"})
    return "\n".join(networkx.generate_graphml(graph, named_key_ids=True)) + "\n"


def vosviewer(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """VOSviewer network JSON: items with weights and clusters by type, links with the count of flows and their evidence."""
    clusters = {kind: number for number, kind in enumerate(sorted({row["type"] for row in node_rows}), 1)}
    numbers = {row["id"]: number for number, row in enumerate(node_rows, 1)}
    degree = Counter(end for row in edge_rows for end in (row["source"], row["target"]))
    pairs: dict[tuple[int, int], list[Row]] = {}
    for row in edge_rows:
        first, second = sorted((numbers[row["source"]], numbers[row["target"]]))
        pairs.setdefault((first, second), []).append(row)
    items = [
        {
            "id": numbers[row["id"]],
            "label": row["label"],
            "url": row["id"],
            "cluster": clusters[row["type"]],
            "weights": {"Flows": degree[row["id"]]},
            "description": ", ".join(str(row[name]) for name in ("type", "kind", "countries") if row[name]),
        }
        for row in node_rows
    ]
    links = [
        {
            "source_id": first,
            "target_id": second,
            "strength": len(rows),
            "url": rows[0]["id"],
            "description": " | ".join(map(_sentence, rows)),
        }
        for (first, second), rows in sorted(pairs.items())
    ]
    body = {
        "network": {"items": items, "links": links, "clusters": [{"cluster": number, "label": kind} for kind, number in clusters.items()]},
        "config": {"terminology": {"item": "thing", "items": "things", "link": "flow", "links": "flows"}},
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def kumu(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """Kumu blueprint JSON: elements and directed connections, with every other column as a field."""
    labels = _distinct_labels(node_rows)
    elements = [
        {"label": labels[row["id"]], "type": row["type"], **{k: v for k, v in row.items() if k not in ("label", "type") and v is not None}}
        for row in node_rows
    ]
    connections = [
        {
            "from": labels[row["source"]],
            "to": labels[row["target"]],
            "direction": "directed",
            "type": row["kind"],
            **{
                ("movement" if k == "direction" else k): v
                for k, v in row.items()
                if k not in ("source", "target", "kind") and v is not None
            },
        }
        for row in edge_rows
    ]
    return json.dumps({"elements": elements, "connections": connections}, indent=1, ensure_ascii=False) + "\n"


def sankey(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """Sankey CSV: source, target, value (count of flows), basis, direction, sources; one row a pair of things, basis and direction."""
    labels = _distinct_labels(node_rows)
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in edge_rows:
        groups.setdefault((row["source"], row["target"], row["basis"], row["direction"]), []).append(row)
    rows = [
        {
            "source": labels[source],
            "target": labels[target],
            "value": len(together),
            "basis": basis,
            "direction": direction,
            "sources": ";".join(sorted({name for row in together for name in row["sources"].split(";") if name})),
        }
        for (source, target, basis, direction), together in sorted(groups.items())
    ]
    return table(rows, ["source", "target", "value", "basis", "direction", "sources"])


def _distinct_labels(node_rows: Sequence[Row]) -> dict[str, str]:
    """Labels that tell things apart: where two things share one, the id is added."""
    count = Counter(row["label"] for row in node_rows)
    return {row["id"]: row["label"] if count[row["label"]] == 1 else f"{row['label']} [{short(row['id'])}]" for row in node_rows}


def _sentence(row: Row) -> str:
    when = " to ".join(day or "..." for day in (row["earliest"], row["latest"]))
    return f"{row['kind'].replace('-', ' ')} ({when}; {row['basis']}; {row['sources']})"


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180); None is an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def nodes_csv(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """The table of nodes."""
    return table(node_rows, list(NODE_COLUMNS))


def edges_csv(node_rows: Sequence[Row], edge_rows: Sequence[Row]) -> str:
    """The table of edges, evidence columns kept."""
    return table(edge_rows, list(EDGE_COLUMNS))


NODE_COLUMNS: dict[str, str] = {
    "id": "text",
    "label": "text",
    "type": "text",
    "kind": "text",
    "levels": "text",
    "countries": "text",
    "themes": "text",
    "earliest": "date",
    "latest": "date",
    "latitude": "number",
    "longitude": "number",
}
"""Column of the table of nodes -> its type."""

EDGE_COLUMNS: dict[str, str] = {
    "id": "text",
    "source": "text",
    "target": "text",
    "kind": "text",
    "direction": "text",
    "basis": "text",
    "rule": "text",
    "stated_start": "text",
    "stated_end": "text",
    "earliest": "date",
    "latest": "date",
    "standing": "boolean",
    "statement": "text",
    "row": "text",
    "sources": "text",
    "source_urls": "text",
    "publishers": "text",
}
"""Column of the table of edges -> its type."""


def to_pandas(rows: Sequence[Row], columns: Mapping[str, str]) -> pandas.DataFrame:
    """A table as a typed pandas frame: dates as ``datetime64``, numbers as ``float64``, booleans as ``boolean``, texts as ``string``.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise UsageError('pandas is not installed. Install it with: pip install "seismic-graph[pandas]"') from None
    types: dict[str, Any] = {"text": "string", "number": "float64", "boolean": "boolean"}
    frame = pandas.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=list(columns))
    for name, kind in columns.items():
        frame[name] = pandas.to_datetime(frame[name], errors="raise") if kind == "date" else frame[name].astype(types[kind])
    return frame


def to_polars(rows: Sequence[Row], columns: Mapping[str, str]) -> polars.DataFrame:
    """A table as a typed polars frame: dates as ``Date``, numbers as ``Float64``, booleans as ``Boolean``, texts as ``String``.

    Raises:
        UsageError: polars is not installed.
    """
    try:
        import polars
    except ImportError:
        raise UsageError('polars is not installed. Install it with: pip install "seismic-graph[polars]"') from None
    types = {"text": polars.String, "number": polars.Float64, "boolean": polars.Boolean, "date": polars.Date}

    def value(row: Row, name: str, kind: str) -> Any:
        cell = row.get(name)
        return date.fromisoformat(cell) if kind == "date" and cell else cell

    data = {name: [value(row, name, kind) for row in rows] for name, kind in columns.items()}
    return polars.DataFrame(data, schema={name: types[kind] for name, kind in columns.items()})


FORMATS: dict[str, Callable[[Sequence[Row], Sequence[Row]], str]] = {
    "gexf": gexf,
    "graphml": graphml,
    "vosviewer": vosviewer,
    "kumu": kumu,
    "sankey": sankey,
    "nodes": nodes_csv,
    "edges": edges_csv,
}
"""Name -> writer of the two tables."""
