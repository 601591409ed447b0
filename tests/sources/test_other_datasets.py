"""ROR, GeoNames, NUTS and OpenAIRE, on extracts of their files."""

from __future__ import annotations

import gzip
import importlib
import json
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph.build import assemble
from seismic_graph.errors import DataError
from seismic_graph.imports import DATASETS, Import
from seismic_graph.ingest import closed_lists, ontology_quads
from seismic_graph.settings import Settings
from seismic_graph.sources.inputs import inputs
from seismic_graph.sources.reading import Mapped, Outcome, Rejected, Scope, Shared
from seismic_graph.store import EmbeddedStore
from seismic_graph.validate import validate

DATA = Path(__file__).parent / "data"
ID = "https://w3id.org/seismic-graph/id/"
VOC = "https://w3id.org/seismic-graph/vocabulary/"
CONCEPTS = closed_lists(ontology_quads(Settings().ontology_files())).concepts


def bring(dataset: str, *paths: Path) -> tuple[list[Outcome], Scope]:
    scope = Scope(dataset, CONCEPTS)
    return list(importlib.import_module(f"seismic_graph.sources.{dataset}").read(inputs(paths), scope)), scope


def lines(outcomes: list[Outcome]) -> str:
    nodes: dict[str, Shared] = {}
    mapped = [one for one in outcomes if isinstance(one, Mapped)]
    for one in mapped:
        for node in one.shared:
            if node.key not in nodes or node.version > nodes[node.key].version:
                nodes[node.key] = node
    return "".join([one.lines for one in mapped] + [node.lines for node in nodes.values()])


def of(outcomes: list[Outcome], subject: str) -> dict[str, list[str]]:
    """What is said of a node: last part of the property -> values, sorted."""
    said: dict[str, list[str]] = {}
    for quad in ox.parse(lines(outcomes), format=ox.RdfFormat.N_TRIPLES):
        if quad.subject.value == ID + subject:
            name = quad.predicate.value.rpartition("#" if "#" in quad.predicate.value else "/")[2]
            said.setdefault(name, []).append(quad.object.value.removeprefix(ID))
    return {name: sorted(values) for name, values in said.items()}


@pytest.mark.parametrize(
    ("dataset", "counts"),
    [
        ("ror", {("organisation", "Mapped"): 3, ("organisation", "Rejected"): 1}),
        ("geonames", {("city", "Mapped"): 3, ("city", "Rejected"): 1, ("country", "Mapped"): 2, ("country", "Rejected"): 1}),
        ("nuts", {("region", "Mapped"): 8}),
        ("openaire", {("project", "Mapped"): 4, ("organisation", "Mapped"): 2, ("participation", "Mapped"): 4}),
    ],
)
def test_every_record_is_accounted_for(dataset: str, counts: dict[tuple[str, str], int]) -> None:
    outcomes, _ = bring(dataset, DATA / dataset)
    assert Counter((one.table, type(one).__name__) for one in outcomes) == counts


def test_all_of_them_meet_the_shapes(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store", writable=True)
    assemble(Settings(), store)
    for dataset in ("ror", "geonames", "nuts", "openaire"):
        told = DATASETS[dataset]
        about = Import(dataset, dataset, told.title, told.publisher, told.licence, told.address)
        text = "".join(about.source_lines()) + lines(bring(dataset, DATA / dataset)[0])
        graph = ox.NamedNode(f"https://w3id.org/seismic-graph/graph/{dataset}")
        store.inner.bulk_load(text.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    report = validate(store, Settings().shape_files())
    assert [one for one in report.results if one.severity == "violation"] == []


def test_ror_of_both_schemas() -> None:
    outcomes, _ = bring("ror", DATA / "ror")
    second = of(outcomes, "organisation/ror-0001fmy77")
    assert second["prefLabel"] == ["University of Macerata", "Università degli Studi di Macerata", "Université de macerata"]
    assert second["sameAs"] == ["http://www.wikidata.org/entity/Q1742507", "https://ror.org/0001fmy77"]
    assert (second["acronym"], second["city"]) == (["UNIMC"], ["city/geonames-3174380"])
    assert second["classification"] == [VOC + "organisation-kind/university"]
    city = of(outcomes, "city/geonames-3174380")
    assert (city["prefLabel"], city["lat"], city["country"]) == (["Macerata"], ["43.29789"], [VOC + "country/IT"])
    first = of(outcomes, "organisation/ror-0001paf45")
    assert (first["prefLabel"], first["city"]) == (["Fondation Segré"], ["city/geonames-2660646"])
    assert first["classification"] == [VOC + "organisation-kind/ngo"]
    [withdrawn] = [one for one in outcomes if isinstance(one, Rejected)]
    assert withdrawn.column == "status"


def test_a_record_of_ror_that_is_built_otherwise_is_rejected(tmp_path: Path) -> None:
    items = [{"id": "https://ror.org/0000ev088", "names": 7, "types": []}, {"id": "x"}, {"id": "https://ror.org/0000ev088", "names": []}]
    (tmp_path / "ror.json").write_text(json.dumps(items))
    outcomes, _ = bring("ror", tmp_path)
    assert [type(one) for one in outcomes] == [Rejected] * 3


def test_geonames() -> None:
    outcomes, _ = bring("geonames", DATA / "geonames")
    vienna = of(outcomes, "city/geonames-2761369")
    assert (vienna["prefLabel"], vienna["country"]) == (["Vienna"], [VOC + "country/AT"])
    assert vienna["sameAs"] == ["https://sws.geonames.org/2761369/"]
    assert f"<{VOC}country/GR> <https://schema.org/sameAs> <https://sws.geonames.org/390903/>" in lines(outcomes)
    assert {(one.table, one.column) for one in outcomes if isinstance(one, Rejected)} == {("city", "country_code"), ("country", "ISO")}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("48.20849", "98.2"), "latitude"),
        (("48.20849", "nan"), "latitude"),
        (("\tP\t", "\tA\t"), "feature_class"),
        (("2761369", "x"), "geonameid"),
    ],
    ids=["latitude", "nan", "class", "number"],
)
def test_places_that_are_none_are_rejected(tmp_path: Path, change: tuple[str, str], column: str) -> None:
    line = (DATA / "geonames/cities.txt").read_text(encoding="utf-8").splitlines()[0]
    assert change[0] in line
    (tmp_path / "cities.txt").write_text(line.replace(*change) + "\nfew\tcells\n", encoding="utf-8")
    outcomes, _ = bring("geonames", tmp_path)
    assert [one.column for one in outcomes if isinstance(one, Rejected)] == [column, None]


def test_nuts() -> None:
    outcomes, scope = bring("nuts", DATA / "nuts")
    wien = of(outcomes, "region/nuts-2021-at130")
    assert (wien["prefLabel"], wien["nuts"], wien["isPartOf"]) == (["Wien"], ["AT130"], ["region/nuts-2021-at13"])
    attiki = of(outcomes, "region/nuts-2021-el3")
    assert (attiki["prefLabel"], attiki["altLabel"], attiki["country"]) == (["Attiki"], ["Αττική"], [VOC + "country/GR"])
    assert of(outcomes, "region/nuts-2016-ukl2")["prefLabel"] == ["UKL2"]  # the extract has no row for it
    assert scope.notes["region: column COAST_TYPE is not mapped"] == 1


@pytest.mark.parametrize(
    ("name", "told"), [("NUTS_AT.csv", "the year"), ("NUTS_2021.csv", "has no column NUTS_ID")], ids=["year", "columns"]
)
def test_a_table_that_is_not_of_nuts_is_refused(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / name).write_text("CNTR_CODE,NUTS_NAME\nAT,Wien\n")
    with pytest.raises(DataError, match=told):
        bring("nuts", tmp_path)


def test_openaire_projects_and_organisations() -> None:
    outcomes, _ = bring("openaire", DATA / "openaire")
    project = of(outcomes, "project/openaire-corda-132bac68f17bb81c451d9071be6e4d6d")
    assert (project["acronym"], project["grantNumber"]) == (["ANIM"], ["628405"])
    assert (project["start"], project["end"], project["funder"]) == (["2014-05-01"], ["2016-04-30"], ["organisation/openaire-funder-ec"])
    assert project["fundedUnder"] == ["call/openaire-fp7-people-2013-iif"]
    moise = of(outcomes, "project/openaire-anr-1f21edc5c902be305ee47148955c6e50")
    assert (moise["identifier"], moise["funder"]) == (["ANR-17-CE05-0033"], ["organisation/openaire-funder-anr"])
    funder = of(outcomes, "organisation/openaire-funder-anr")
    assert (funder["country"], funder["classification"]) == ([VOC + "country/FR"], [VOC + "organisation-kind/funder"])
    body = of(outcomes, "organisation/openaire-corda-000431b715e6f4dd50d5d252b8ac9d53")
    assert (body["prefLabel"], body["url"], body["country"]) == (["MediServ BV"], ["http://www.mediserv.nl"], [VOC + "country/NL"])


def test_openaire_organisations_and_relations_of_the_published_model(tmp_path: Path) -> None:
    body = {
        "id": "20|pending_org_::1", "legalname": "Body", "legalshortname": "B", "country": {"code": "SE", "label": "Sweden"},
        "alternativenames": ["Kropp"], "pid": [{"scheme": "ROR", "value": "https://ror.org/0000ev088"}, {"scheme": "ISNI", "value": "1"}],
    }  # fmt: skip
    ends = {"source": {"id": "40|corda::2", "type": "project"}, "target": {"id": "20|pending_org_::1", "type": "organization"}}
    relations = [
        ends | {"reltype": {"name": "hasParticipant", "type": "participation"}},
        {"source": "20|pending_org_::1", "target": "40|corda::3", "relType": {"name": "isParticipant"}},
        ends | {"reltype": {"name": "cites"}},
    ]
    with gzip.open(tmp_path / "all.json.gz", "wt") as out:
        out.writelines(json.dumps(one) + "\n" for one in [body, *relations, {"what": "ever"}])
    outcomes, _ = bring("openaire", tmp_path)
    assert [type(one) for one in outcomes] == [Mapped, Mapped, Mapped, Rejected, Rejected]
    said = of(outcomes, "organisation/openaire-pending-org-1")
    assert (said["prefLabel"], said["altLabel"], said["sameAs"]) == (["Body"], ["Kropp"], ["https://ror.org/0000ev088"])
    for number in "23":
        node = of(outcomes, f"participation/openaire-corda-{number}--pending-org-1")
        assert (node["inContext"], node["participant"]) == ([f"project/openaire-corda-{number}"], ["organisation/openaire-pending-org-1"])
