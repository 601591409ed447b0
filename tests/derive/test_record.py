"""What follows from the real dossier, against the same reckoning in plain Python from the tables alone."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from seismic_graph import derive, ingest
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, text_of
from seismic_graph.vocabulary import BASE, ID, PREFIXES, SG

STANDING = {"part-of", "takes-part-in", "has-participant", "belongs-to"}
TIMELESS = {"item-of", "has-item"}
LIVING = {"networks", "projects"}

Record = dict[str, list[dict[str, str]]]


def tables() -> Record:
    """The tables as the csv module reads them."""
    record = {}
    for file in Settings().dossier_files():
        with file.open(encoding="utf-8", newline="") as lines:
            record[file.stem] = list(csv.DictReader(lines))
    return record


def values(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]


def first(stated: str) -> date | None:
    return date.fromisoformat((stated + "-01-01")[:10]) if stated else None


def last(stated: str) -> date | None:
    if len(stated) == 4:
        return date(int(stated), 12, 31)
    if len(stated) == 7:
        year, month = map(int, stated.split("-"))
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return date.fromisoformat(stated) if stated else None


class OwnTime(NamedTuple):
    """The days between which knowledge can enter and leave a thing; None where they are open."""

    takes_from: date | None = None
    takes_until: date | None = None
    gives_from: date | None = None
    gives_until: date | None = None


PUBLISHED = {"documents": "published", "recommendations": "date", "calls": "opened", "agenda_items": "published"}
"""Table -> the column that says when its rows were published, put forward or opened."""


def own_times(record: Record) -> dict[str, OwnTime]:
    """The own time of every row, by id."""
    agendas = {item["id"]: item["published"] for item in record["agenda_items"]}
    times = {}
    for name, table in record.items():
        for row in table:
            if name in PUBLISHED:
                stated = row[PUBLISHED[name]] or agendas.get(row.get("agenda", ""), "")
                times[row["id"]] = OwnTime(gives_from=first(stated), takes_until=last(stated))
            elif name == "events":
                start = first(row["start"])
                times[row["id"]] = OwnTime(start, last(row["end"] or row["start"]), start, None)
            elif name in LIVING:
                start, end = first(row["start"]), last(row["end"])
                times[row["id"]] = OwnTime(start, end, start, end)
    return times


@dataclass(frozen=True)
class Stated:
    """A flow with what is stated of it: ends, kind, start and end."""

    iri: str
    source: str
    target: str
    kind: str
    start: str
    end: str


class Bounds(NamedTuple):
    """The days of a flow, what set them, and what contradicts it."""

    earliest: date | None
    latest: date | None
    earliest_by: str | None
    latest_by: str | None
    contradicts: frozenset[str]


def bounds(flow: Stated, times: dict[str, OwnTime]) -> Bounds:
    """The bounds of a flow, reckoned set by set: which days does each of the three allow?"""
    if flow.kind in TIMELESS:
        return Bounds(None, None, None, None, frozenset())
    own = (first(flow.start), last(flow.end or ("" if flow.kind in STANDING else flow.start)))
    source, target = (times.get(iri.rpartition("/")[2], OwnTime()) for iri in (flow.source, flow.target))
    ends = [(flow.source, (source.gives_from, source.gives_until)), (flow.target, (target.takes_from, target.takes_until))]
    against = {iri for iri, days in ends if meet([own, days]) is None}
    counted = [(iri, days) for iri, days in ends if iri not in against]
    together = meet([own, *(days for _, days in counted)])
    if together is None:
        against |= {iri for iri, _ in counted}
        counted, together = [], own
    setters = [(flow.iri, own), *counted]
    by = [next((iri for iri, days in setters if days[side] == together[side]), None) if together[side] else None for side in (0, 1)]
    return Bounds(together[0], together[1], by[0], by[1], frozenset(against))


def meet(spans: list[tuple[date | None, date | None]]) -> tuple[date | None, date | None] | None:
    """The days that all the spans allow; None where there are none."""
    starts, ends = [start for start, _ in spans if start], [end for _, end in spans if end]
    start, end = max(starts, default=None), min(ends, default=None)
    return None if start and end and start > end else (start, end)


def rows(store: EmbeddedStore, query: str) -> Iterator[tuple[str, ...]]:
    head = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("sg", "dcterms", "skos"))
    answer = store.query(head + query)
    assert isinstance(answer, ox.QuerySolutions)
    for solution in answer:
        yield tuple(map(text_of, solution))


@pytest.fixture(scope="module")
def record() -> Record:
    return tables()


@pytest.fixture(scope="module")
def flows(full_store: EmbeddedStore) -> dict[str, Stated]:
    """Every flow of the graph, stated and derived."""
    query = """SELECT ?flow ?from ?to ?kind ?start ?end WHERE {
      ?flow a sg:KnowledgeFlow ; sg:from ?from ; sg:to ?to ; sg:flowKind ?kind
      OPTIONAL { ?flow sg:start ?start }
      OPTIONAL { ?flow sg:end ?end }
    }"""
    found = [
        Stated(flow, source, target, kind.rpartition("/")[2], start, end)
        for flow, source, target, kind, start, end in rows(full_store, query)
    ]
    by_iri = {flow.iri: flow for flow in found}
    assert len(found) == len(by_iri), "a flow has two ends, kinds or dates of one sort"
    return by_iri


def test_the_bounds_of_every_flow(full_store: EmbeddedStore, record: Record, flows: dict[str, Stated]) -> None:
    told: dict[str, dict[str, set[str]]] = {iri: {} for iri in flows}
    names = ("earliest", "latest", "earliestBy", "latestBy", "contradicts")
    for name in names:
        for iri, value in rows(full_store, f"SELECT ?flow ?value WHERE {{ ?flow a sg:KnowledgeFlow ; sg:{name} ?value }}"):
            told[iri].setdefault(name, set()).add(value)
    times = own_times(record)
    for iri, flow in flows.items():
        asked = bounds(flow, times)
        single = [{value.isoformat() if isinstance(value, date) else value} if value else set() for value in asked[:4]]
        assert [told[iri].get(name, set()) for name in names] == [*single, set(asked.contradicts)], iri


def test_the_own_time_of_everything(full_store: EmbeddedStore, record: Record) -> None:
    told = {}
    for name in ("takesFrom", "takesUntil", "givesFrom", "givesUntil"):
        for thing, stated in rows(full_store, f"SELECT ?thing ?day WHERE {{ ?thing sg:{name} ?day }}"):
            slug = thing.rpartition("/")[2]
            assert (slug, name) not in told, "two days for one bound"
            told[slug, name] = stated
    asked = {}
    for slug, time in own_times(record).items():
        for name, day in zip(("takesFrom", "takesUntil", "givesFrom", "givesUntil"), time, strict=True):
            if day:
                asked[slug, name] = day.isoformat()
    assert told == asked


def test_bounds_are_in_order_and_never_wider_than_what_is_stated(full_store: EmbeddedStore) -> None:
    assert list(rows(full_store, "SELECT ?f WHERE { ?f sg:earliest ?e ; sg:latest ?l FILTER(?e > ?l) }")) == []
    for name in ("earliest", "latest"):
        assert list(rows(full_store, f"SELECT ?f WHERE {{ ?f sg:{name} ?one , ?other FILTER(?one != ?other) }}")) == []
        assert (
            list(rows(full_store, f"SELECT ?f WHERE {{ ?f a sg:KnowledgeFlow ; sg:{name} ?e FILTER NOT EXISTS {{ ?f sg:{name}By ?by }} }}"))
            == []
        )


def test_what_stands_for_certain(full_store: EmbeddedStore, record: Record, flows: dict[str, Stated]) -> None:
    life = {row["id"]: row for name in LIVING for row in record[name]}
    asked = {}
    for flow in flows.values():
        if flow.kind not in STANDING:
            continue
        lives = [life[slug] for slug in (flow.source.rpartition("/")[2], flow.target.rpartition("/")[2]) if slug in life]
        if flow.start:
            starts = [last(stated) for stated in (flow.start, *(row["start"] for row in lives))]
            asked[flow.iri, "surelyFrom"] = max(day for day in starts if day).isoformat()
        if flow.end:
            ends = [first(stated) for stated in (flow.end, *(row["end"] for row in lives))]
            asked[flow.iri, "surelyUntil"] = min(day for day in ends if day).isoformat()
    told = {}
    for name in ("surelyFrom", "surelyUntil"):
        for iri, day in rows(full_store, f"SELECT ?f ?day WHERE {{ ?f a sg:KnowledgeFlow ; sg:{name} ?day }}"):
            assert (iri, name) not in told
            told[iri, name] = day
    assert told == asked


def test_what_precedes_what(full_store: EmbeddedStore, record: Record, flows: dict[str, Stated]) -> None:
    times = own_times(record)
    basis = {iri: name for iri, name in rows(full_store, "SELECT ?f ?b WHERE { ?f a sg:KnowledgeFlow ; sg:basis ?b }")}  # noqa: C416
    happen = {
        iri: bounds(flow, times)
        for iri, flow in flows.items()
        if flow.kind not in STANDING | TIMELESS and not basis[iri].endswith("contextual")
    }
    asked = {
        (one, other)
        for one, before in happen.items()
        for other, after in happen.items()
        if flows[one].target == flows[other].source and before.latest and after.earliest and before.latest <= after.earliest
    }
    assert set(rows(full_store, "SELECT ?f ?g WHERE { ?f sg:precedes ?g }")) == asked


# How many flows each rule makes, counted in the tables.
COUNTS: dict[str, Callable[[Record], int]] = {
    "agenda-has-item": lambda record: sum(item["agenda"] != item["id"] for item in record["agenda_items"]),
    "agenda-item-answered-by-call": lambda record: cells(record, "calls", "agenda_items"),
    "call-funded-project": lambda record: cells(record, "projects", "call"),
    "initiative-shown-by-network": lambda record: cells(record, "initiatives", "network"),
    "item-enters-parent": lambda record: cells(record, "agenda_items", "parent"),
    "network-acts-through-collective": lambda record: cells(record, "networks", "part_of"),
    "network-took-part-in-event": lambda record: cells(record, "events", "networks"),
    "organiser-held-event": lambda record: cells(record, "events", "organisers"),
    "participant-takes-home": lambda record: len(record["participations"]),
    "participant-takes-part": lambda record: len(record["participations"]),
    "programme-belongs-to-programme": lambda record: cells(record, "programmes", "parent"),
    "programme-launched-call": lambda record: cells(record, "calls", "programme"),
    "project-worked-in-city": lambda record: cells(record, "projects", "cities"),
    "matched-is-the-same": lambda record: 0,  # links come with imported datasets
    "project-produced-result": lambda record: 0,  # the dossier has no column for it; imported datasets do
    "recommendation-addressed-to": lambda record: cells(record, "recommendations", "addressed_to"),
    "recommendation-printed-in-document": lambda record: cells(record, "recommendations", "document"),
    "recommendation-put-forward": lambda record: cells(record, "recommendations", "from"),
}
OTHER_RULES = {
    "bounds-of-flows",
    "eurio-projects",
    "eurio-results",
    "eurio-roles",
    "bounds-of-things",
    "flow-precedes-flow",
    "levels-of-actors",
    "own-time-of-things",
    "shortcuts",
    "standing-flows-for-certain",
}


def cells(record: Record, table: str, column: str) -> int:
    return sum(len(values(row[column])) for row in record[table])


def test_every_rule_makes_as_many_flows_as_the_tables_have_cells(full_store: EmbeddedStore, record: Record) -> None:
    told = Counter(rule for (rule,) in rows(full_store, "SELECT ?rule WHERE { ?f a sg:KnowledgeFlow ; sg:rule ?rule }"))
    assert told == Counter({rule: count(record) for rule, count in COUNTS.items()})
    assert {file.stem for file in Settings().derive_files()} == set(COUNTS) | OTHER_RULES


def test_the_flows_without_a_rule_are_those_of_the_table(full_store: EmbeddedStore, record: Record) -> None:
    query = "SELECT ?f WHERE { ?f a sg:KnowledgeFlow FILTER NOT EXISTS { ?f sg:rule ?rule } }"
    told = {flow for (flow,) in rows(full_store, query)}
    assert told == {f"{ID}flow/{row['id']}" for row in record["flows"] if row["kind"] != "funded-by"}


def test_levels(full_store: EmbeddedStore, record: Record) -> None:
    levels = {
        "municipality": "local",
        "regional-authority": "regional",
        "national-authority": "national",
        "intergovernmental": "european",
        "eu-framework-programme": "european",
        "eu-policy": "european",
        "eu-work-programme": "european",
        "eu-strategy": "european",
        "era-net-cofund": "european",
        "european-partnership": "european",
        "joint-programming-initiative": "european",
        "national-programme": "national",
        "national-network-meeting": "national",
        "international-forum": "european",
    }
    asked = {
        row["id"]: levels[row["kind"]]
        for table in ("organisations", "programmes", "events")
        for row in record[table]
        if row["kind"] in levels
    }
    asked |= {row["id"]: "local" for table in ("cities", "initiatives") for row in record[table]}
    asked |= {row["id"]: "national" for row in record["networks"] if row["part_of"] == "seismic-nanets" and row["country"]}
    asked["seismic-nanets"] = "european"
    query = f'SELECT ?actor ?level WHERE {{ ?actor sg:level ?level FILTER(STRSTARTS(STR(?actor), "{ID}")) }}'
    told = [(actor.rpartition("/")[2], level.rpartition("/")[2]) for actor, level in rows(full_store, query)]
    assert dict(told) == asked
    assert len(told) == len(asked), "somebody has two levels"


def test_shortcuts_run_over_stated_and_structural_flows(full_store: EmbeddedStore) -> None:
    pairs = {
        (source, target)
        for source, target, basis in rows(
            full_store, "SELECT ?a ?b ?basis WHERE { ?f a sg:KnowledgeFlow ; sg:from ?a ; sg:to ?b ; sg:basis ?basis }"
        )
        if basis.rpartition("/")[2] in ("stated", "structural")
    }
    assert set(rows(full_store, "SELECT ?a ?b WHERE { ?a sg:flowsTo ?b }")) == pairs
    assert set(rows(full_store, "SELECT ?a ?b WHERE { ?b sg:flowsFrom ?a }")) == pairs


def test_every_derived_flow_carries_the_row_and_the_sources_it_was_read_from(full_store: EmbeddedStore, record: Record) -> None:
    sources: dict[str, set[str]] = {}
    for name, table in record.items():
        for number, row in enumerate(table, 2):
            sources[f"{BASE}dossier/{name}.csv#row={number}"] = {f"{ID}source/{slug}" for slug in values(row.get("sources", ""))}
    told: dict[tuple[str, str], set[str]] = {}
    for flow, place, source in rows(full_store, "SELECT ?f ?row ?source WHERE { ?f sg:rule ?rule ; sg:row ?row ; dcterms:source ?source }"):
        told.setdefault((flow, place), set()).add(source)
    ruled = [flow for (flow,) in rows(full_store, "SELECT ?f WHERE { ?f sg:rule ?rule }")]
    assert sorted(flow for flow, _ in told) == sorted(ruled), "a flow has no row or several"
    for (_, place), cited in told.items():
        assert cited == sources[place]
        assert cited


def test_money_makes_no_flow(full_store: EmbeddedStore, record: Record) -> None:
    kinds = {kind for (kind,) in rows(full_store, "SELECT ?kind WHERE { ?kind sg:transfersMoney true }")}
    assert kinds
    assert not kinds & {kind for (kind,) in rows(full_store, "SELECT ?kind WHERE { ?f a sg:KnowledgeFlow ; sg:flowKind ?kind }")}
    funding = {iri for (iri,) in rows(full_store, "SELECT ?f WHERE { ?f a sg:Funding }")}
    assert funding == {f"{ID}funding/{row['id']}" for row in record["flows"] if row["kind"] == "funded-by"}
    ends = rows(
        full_store,
        "SELECT ?end WHERE { { ?f sg:from ?end } UNION { ?f sg:to ?end } UNION { ?end sg:flowsTo ?x } UNION { ?end sg:flowsFrom ?x } }",
    )
    assert not funding & {end for (end,) in ends}


def test_only_rows_and_flows_are_said_to_have_days(full_store: EmbeddedStore) -> None:
    query = "SELECT ?x WHERE { ?x sg:earliest|sg:latest|sg:surelyFrom|sg:surelyUntil ?day FILTER NOT EXISTS { ?x sg:row ?row } }"
    assert list(rows(full_store, query)) == []


def test_deriving_again_gives_the_same() -> None:
    settings, store = Settings(), EmbeddedStore()
    ingest.ingest_dossier(store, settings.dossier, ingest.ingest_ontology(store, settings.ontology_files()))
    counts = derive.derive(store, settings.derive_files())
    once = {quad.triple for quad in store.triples(derive.GRAPH)}
    before = len(store.inner)
    assert derive.derive(store, settings.derive_files()) == counts
    assert {quad.triple for quad in store.triples(derive.GRAPH)} == once
    assert len(store.inner) == before


def test_what_is_derived_uses_terms_of_the_ontology_alone(full_store: EmbeddedStore) -> None:
    terms = {quad.predicate.value for quad in full_store.triples(derive.GRAPH)}
    assert {term for term in terms if not term.startswith(PREFIXES["sg"])} == {PREFIXES["rdf"] + "type", PREFIXES["dcterms"] + "source"}
    assert all(getattr(SG, term.partition("#")[2]) == term for term in terms if term.startswith(PREFIXES["sg"]))
