"""The rules reckon days in SPARQL, the reader does in Python: they agree on every month of three centuries and on any day."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seismic_graph import derive
from seismic_graph.dates import bounds
from seismic_graph.rdf import date_literal
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, text_of
from seismic_graph.vocabulary import RDF, SG, concept_iri, entity_iri, graph_iri

FROM = "from"
RULES = ["bounds-of-things", "bounds-of-flows", "standing-flows-for-certain"]
MONTHS = [f"{year:04}-{month:02}" for year in range(1850, 2150) for month in range(1, 13)]
YEARS = [f"{year:04}" for year in (2, 999, 1000, 1850, 1900, 2000, 2015, 2016, 2100, 9998)]


def reckoned(stated: list[str]) -> dict[tuple[str, str], str]:
    """What the rules say of an event, a flow and a standing flow of each date."""
    lines, kinds = [], {"flow": "informed", "standing": "part-of"}
    for text in stated:
        lines.append(f"<{entity_iri('event', text)}> <{RDF}type> <{SG.Event}> .\n")
        for name in ("event", *kinds):
            node = entity_iri(name, text)
            lines += [f"<{node}> <{SG.start}> {date_literal(text)} .\n", f"<{node}> <{SG.end}> {date_literal(text)} .\n"]
            if name in kinds:
                lines.append(f"<{node}> <{RDF}type> <{SG.KnowledgeFlow}> .\n")
                lines.append(f"<{node}> <{SG.flowKind}> <{concept_iri('flow-kind', kinds[name])}> .\n")
                lines += [f"<{node}> <{getattr(SG, FROM)}> <http://e.org/a> .\n", f"<{node}> <{SG.to}> <http://e.org/b> .\n"]
    lines.append(f'<{concept_iri("flow-kind", "part-of")}> <{SG.standing}> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n')
    store = EmbeddedStore()
    store.load(lines, graph_iri("dossier"))
    derive.derive(store, [Settings().queries / "derive" / f"{name}.rq" for name in RULES])
    return {
        (text_of(quad.subject).rpartition("/id/")[2], quad.predicate.value.rpartition("#")[2]): quad.object.value
        for quad in store.triples(derive.GRAPH)
        if isinstance(quad.object, ox.Literal)
    }


def asked(stated: list[str]) -> dict[tuple[str, str], str]:
    days: dict[tuple[str, str], str] = {}
    for text in stated:
        first, last = (day.isoformat() for day in bounds(text))
        for name in ("event", "flow", "standing"):
            days |= {(f"{name}/{text}", "earliest"): first, (f"{name}/{text}", "latest"): last}
        for name in ("event", "standing"):
            days |= {(f"{name}/{text}", "surelyFrom"): last, (f"{name}/{text}", "surelyUntil"): first}
    return days


@pytest.mark.parametrize("stated", [MONTHS, YEARS], ids=["months", "years"])
def test_months_and_years(stated: list[str]) -> None:
    assert reckoned(stated) == asked(stated)


@given(st.lists(st.dates().map(lambda day: day.isoformat()), min_size=1, max_size=20, unique=True))
def test_days(stated: list[str]) -> None:
    told = reckoned(stated)
    # The first and the last day of the calendar stand for "not known" in the rule of flows.
    sentinels = {
        ("flow/9999-12-31", "latest"),
        ("standing/9999-12-31", "latest"),
        ("flow/0001-01-01", "earliest"),
        ("standing/0001-01-01", "earliest"),
    }
    assert told == {key: day for key, day in asked(stated).items() if key not in sentinels}
