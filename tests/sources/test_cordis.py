from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph.build import assemble
from seismic_graph.errors import DataError
from seismic_graph.imports import DATASETS, Import
from seismic_graph.ingest import closed_lists, ontology_quads
from seismic_graph.settings import Settings
from seismic_graph.sources import cordis
from seismic_graph.sources.cordis_tables import TABLES
from seismic_graph.sources.inputs import inputs
from seismic_graph.sources.reading import Mapped, Outcome, Rejected, Scope, Shared
from seismic_graph.store import EmbeddedStore
from seismic_graph.validate import validate

DATA = Path(__file__).parent / "data" / "cordis"
ID = "https://w3id.org/seismic-graph/id/"
SG = "https://w3id.org/seismic-graph/ontology#"
VOC = "https://w3id.org/seismic-graph/vocabulary/"


@pytest.fixture(scope="module")
def concepts() -> dict[str, frozenset[str]]:
    return closed_lists(ontology_quads(Settings().ontology_files())).concepts


class Brought:
    """What came of some files."""

    def __init__(self, concepts: dict[str, frozenset[str]], *paths: Path) -> None:
        self.scope = Scope("cordis", concepts)
        self.outcomes: list[Outcome] = list(cordis.read(inputs(paths), self.scope))
        self.rejected = [one for one in self.outcomes if isinstance(one, Rejected)]
        self.mapped = [one for one in self.outcomes if isinstance(one, Mapped)]

    def lines(self) -> str:
        nodes: dict[str, Shared] = {}
        for one in self.mapped:
            for node in one.shared:
                if node.key not in nodes or node.version > nodes[node.key].version:
                    nodes[node.key] = node
        return "".join([one.lines for one in self.mapped] + [node.lines for node in nodes.values()])

    def of(self, subject: str) -> dict[str, list[str]]:
        """What is said of a node: last part of the property -> values, sorted."""
        said: dict[str, list[str]] = {}
        for quad in ox.parse(self.lines(), format=ox.RdfFormat.N_TRIPLES):
            if quad.subject.value == ID + subject:
                name = quad.predicate.value.rpartition("#" if "#" in quad.predicate.value else "/")[2]
                said.setdefault(name, []).append(quad.object.value.removeprefix(ID))
        return {name: sorted(set(values)) for name, values in said.items()}


@pytest.mark.parametrize(
    ("file", "table", "mapped", "rejected"),
    [
        ("new/topics.csv", "topics", 4, 0),
        ("new/legalBasis.csv", "legalBasis", 3, 0),
        ("new/webItem.csv", "webItem", 3, 1),
        ("new/organization.csv", "organization", 17, 0),
        ("new/project_2021_invalid_rows.csv", "project", 1, 3),
        ("new/h2020_programme.csv", "programme", 3, 0),
        ("comma/organizations.csv", "organization", 3, 0),
        ("comma/projects.csv", "project", 2, 0),
        ("comma/topics.csv", "topics", 4, 0),
        ("xlsx/euroSciVoc.xlsx", "euroSciVoc", 3, 0),
        ("xlsx/projectDeliverables.xlsx", "deliverables", 3, 0),
        ("xlsx/reportSummaries.xlsx", "reportSummaries", 3, 0),
        ("xlsx/webLink.xlsx", "webLink", 3, 0),
        ("xlsx/webItem.xlsx", "webItem", 3, 1),
        ("xlsx/organization.xlsx", "organization", 3, 0),
        ("json/topics.json", "topics", 3, 0),
        ("json/project.json", "project", 2, 0),
        ("json/project.jsonl", "project", 2, 0),
        ("old/projects.jsonl", "project", 2, 0),
        ("old/organizations-fp1.tsv", "organization", 4, 0),
        ("old/cordisref-H2020topics.csv", "topic-reference", 3, 0),
        ("old/cordisref-H2020programmes.csv", "programme", 3, 0),
        ("old/cordisref-FP7programmes.csv", "programme", 6, 0),
        ("old/cordisref-countries.csv", "countries", 15, 18),
        ("old/cordisref-organizationActivityType.csv", "lists", 5, 0),
        ("old/cordisref-projectFundingSchemeCategory.csv", "lists", 3, 0),
        ("old/cordisref-sicCode.csv", "lists", 6, 0),
        ("derived/H2020_projects_2016.tsv", "project", 3, 0),
        ("derived/fp7orgs.csv", "organisation-list", 3, 0),
        ("derived/fp7edges.tsv", "participation-list", 3, 0),
        ("derived/fp7_projects_2018.csv", "project", 17, 0),
        ("derived/seismic_boost_participants_inferred.csv", "organization", 13, 0),
    ],
)
def test_every_record_of_every_layout_is_accounted_for(
    concepts: dict[str, frozenset[str]], file: str, table: str, mapped: int, rejected: int
) -> None:
    done = Brought(concepts, DATA / file)
    assert ({one.table for one in done.outcomes}, len(done.mapped), len(done.rejected)) == ({table}, mapped, rejected)
    keys = Counter(one.key for one in done.mapped)
    assert max(keys.values()) == 1


def test_what_all_editions_say_together_meets_the_shapes(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store", writable=True)
    assemble(Settings(), store)
    lists = closed_lists(ontology_quads(Settings().ontology_files())).concepts
    told = DATASETS["cordis"]
    about = Import("cordis", "cordis", told.title, told.publisher, told.licence, told.address)
    lines = "".join(about.source_lines()) + Brought(lists, DATA).lines()
    store.inner.bulk_load(
        lines.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode("https://w3id.org/seismic-graph/graph/cordis")
    )
    report = validate(store, Settings().shape_files())
    assert [result for result in report.results if result.severity == "violation"] == []


def test_a_project(concepts: dict[str, frozenset[str]]) -> None:
    said = Brought(concepts, DATA / "comma/projects.csv").of("project/cordis-101007653")
    assert said["prefLabel"] == said["acronym"] == ["CANLEISH"]
    assert (said["start"], said["end"], said["grantNumber"]) == (["2021-05-01"], ["2025-04-30"], ["101007653"])
    assert said["totalCost"] == said["fundingAmount"] == ["1881400"]
    assert said["fundedUnder"] == ["call/cordis-topic-msca-rise-2020"]
    assert said["programme"] == ["programme/cordis-h2020-eu.1.3"]
    assert said["identifier"] == ["10.3030/101007653", "rcn:233053"]
    assert said["row"] == ["https://w3id.org/seismic-graph/import/cordis/projects.csv#row=2"]
    assert said["source"] == ["source/cordis"]


def test_a_participation_its_organisation_and_city(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "comma/organizations.csv")
    said = done.of("participation/cordis-651036--938119011--1")
    assert said["participant"] == ["organisation/cordis-938119011"]
    assert said["inContext"] == ["project/cordis-651036"]
    assert said["participantRole"] == [VOC + "role/coordinator"]
    assert (said["euContribution"], said["netEuContribution"], said["totalCost"]) == (["50000.0"], ["50000.0"], ["71429"])
    organisation = done.of("organisation/cordis-938119011")
    assert organisation["country"] == [VOC + "country/GB"]
    assert organisation["classification"] == [VOC + "organisation-kind/company"]
    assert (organisation["pic"], organisation["vatID"], organisation["acronym"]) == (["938119011"], ["GB132423649"], ["ALTERIX"])
    city = done.of(organisation["city"][0])
    assert (city["prefLabel"], city["lat"], city["long"]) == (["CAMBRIDGE"], ["52.2033051"], ["0.124862"])
    project = done.of("project/cordis-651036")
    assert (project["prefLabel"], project["coordinator"]) == (["iBoard"], ["organisation/cordis-938119011"])


def test_the_fuller_table_describes_a_project(concepts: dict[str, frozenset[str]], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("projectID;topic;title\n101007653;T;Title\n")
    shutil.copy(DATA / "comma/projects.csv", tmp_path)
    said = Brought(concepts, tmp_path).of("project/cordis-101007653")
    assert said["prefLabel"] == ["CANLEISH"]
    assert len(said["row"]) == 1
    assert said["fundedUnder"] == ["call/cordis-topic-msca-rise-2020", "call/cordis-topic-t"]


def test_the_number_in_the_doi_holds(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "json/project.json")
    assert [one.key for one in done.mapped] == ["886988", "815698"]
    assert done.scope.notes["project: ids that the grantDoi of the row contradicts; the number of the DOI was taken"] == 1


def test_two_projects_of_one_acronym_stay_two(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "derived/fp7_projects_2018.csv")
    assert done.of("project/cordis-612493")["acronym"] == done.of("project/cordis-335915")["acronym"] == ["SEISMIC"]
    bare = done.of("project/cordis-218565")
    assert bare["prefLabel"] == ["SKEMA"]
    assert not {"start", "end", "programme", "totalCost"} & bare.keys()


def test_unescaped_quotes_reject_their_rows_alone(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "new/project_2021_invalid_rows.csv")
    assert [(one.record.number, one.record.raw[:13]) for one in done.rejected] == [
        (2, "101165535;TOY"),
        (3, "101177315;SUP"),
        (5, "101178477;WIS"),  # has as many cells as the header, and mangled text, where quotes are taken lightly
    ]
    assert [one.key for one in done.mapped] == ["101178843"]
    assert done.of("project/cordis-101178843")["totalCost"] == ["2992438.75"]


def test_an_old_project_names_its_consortium(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "old/projects.jsonl")
    said = done.of("project/cordis-894593")
    assert (said["totalCost"], said["fundingAmount"]) == (["1385286.25"], ["1144587.5"])
    assert said["coordinator"] == ["organisation/cordis-name-it-e-geos-spa"]
    assert done.of("organisation/cordis-name-it-e-geos-spa")["country"] == [VOC + "country/IT"]
    roles = [VOC + "role/coordinator"] + [VOC + "role/partner"] * 7
    found = [quad for quad in ox.parse(done.lines(), format=ox.RdfFormat.N_TRIPLES) if quad.predicate.value == SG + "participantRole"]
    assert sorted(quad.object.value for quad in found if "cordis-894593--" in quad.subject.value) == roles


def test_eu_codes_of_countries_and_no_codes(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "old/cordisref-countries.csv")
    assert f"<{VOC}country/GR> <http://www.w3.org/2004/02/skos/core#altLabel>" in done.lines()
    assert {(one.column, one.reason[:26]) for one in done.rejected} == {("isoCode", "'NULL' is no country code;")}


def test_names_in_other_languages_are_labels_of_one_programme(concepts: dict[str, frozenset[str]]) -> None:
    labels = Brought(concepts, DATA / "old/cordisref-FP7programmes.csv").of("programme/cordis-fp7-euratom")["prefLabel"]
    assert len(labels) == 5
    assert any(label.startswith("Multiannual Framework Programme") for label in labels)


def test_html_is_taken_out(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "new/h2020_programme.csv")
    assert "<h2>" in (DATA / "new/h2020_programme.csv").read_text(encoding="utf-8")
    assert "h2>" not in done.lines()
    assert done.scope.notes["programme: texts with HTML, which was taken out"] > 0


def test_text_in_a_wrong_encoding_is_loaded_as_it_is(concepts: dict[str, frozenset[str]]) -> None:
    text = (DATA / "derived/seismic_boost_participants_inferred.csv").read_text(encoding="utf-8")
    [name] = {cell for line in text.splitlines() for cell in line.split(";") if "Ã" in cell and cell.isupper()} or {""}
    assert name in Brought(concepts, DATA / "derived/seismic_boost_participants_inferred.csv").lines()


def test_fields_hang_together(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, DATA / "xlsx/euroSciVoc.xlsx")
    said = done.of("field/euroscivoc-29-97-543")
    assert (said["prefLabel"], said["notation"], said["broader"]) == (["government systems"], ["/29/97/543"], ["field/euroscivoc-29-97"])
    assert done.of("field/euroscivoc-29")["prefLabel"] == ["social sciences"]
    assert "broader" not in done.of("field/euroscivoc-29")


@pytest.mark.parametrize("namespace", [True, False], ids=["namespace", "none"])
def test_an_xml_record_gives_rows_of_all_its_tables(concepts: dict[str, frozenset[str]], tmp_path: Path, namespace: bool) -> None:
    text = (DATA / "xml/project-101190685.xml").read_text(encoding="utf-8")
    (tmp_path / "p.xml").write_text(text if namespace else text.replace(' xmlns="http://cordis.europa.eu"', ""), encoding="utf-8")
    done = Brought(concepts, tmp_path / "p.xml")
    assert not done.rejected
    assert Counter(one.table for one in done.mapped) == {"project": 1, "organization": 7, "topics": 1, "legalBasis": 1, "article": 1}
    said = done.of("project/cordis-101190685")
    assert (said["acronym"], said["start"], said["totalCost"]) == (["3SI-CONTROL"], ["2025-06-01"], ["5500000"])
    assert said["type"] == ["concept/cordis-funding-scheme-horizon-ju-ria", SG + "Project"]
    assert {one.record.number for one in done.mapped} == {1}
    assert done.scope.notes["project: element teaser is not mapped"] == 1


def test_results_programmes_and_articles_of_xml(concepts: dict[str, frozenset[str]]) -> None:
    done = Brought(concepts, *(DATA / "xml" / f"{name}.xml" for name in ("result-1336650", "programme-705727", "article-451044")))
    deliverable = done.of("document/cordis-101073094-30-delivhorizon")
    assert (deliverable["resultOf"], deliverable["modified"]) == (["project/cordis-101073094"], ["2025-07-14"])
    assert VOC + "document-kind/deliverable" in deliverable["type"]
    assert done.of("programme/cordis-horizon.1.1")["isPartOf"] == ["programme/cordis-horizon.1"]
    assert done.of("document/cordis-451044-building-a-stairway-to-ai")["about"] == ["project/cordis-101017142"]


def test_tables_inside_the_json_of_a_project(concepts: dict[str, frozenset[str]], tmp_path: Path) -> None:
    project = {
        "id": 1, "grantDoi": "10.3030/101000001", "acronym": "A", "title": "T", "startDate": "01.02.2020", "endDate": None, "sme": True,
        "topics": [{"topic": "X-1", "title": "Topic"}],
        "organizations": [{"organisationID": 999999999, "name": "Org", "country": "EL", "role": "participant", "order": 1}],
        "other": [{"what": "ever"}],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps([project]))
    done = Brought(concepts, tmp_path / "a.json")
    assert Counter(one.table for one in done.mapped) == {"project": 1, "topics": 1, "organization": 1}
    assert done.of("project/cordis-101000001")["start"] == ["2020-02-01"]
    assert done.of("participation/cordis-101000001--999999999--1")["inContext"] == ["project/cordis-101000001"]
    assert done.scope.notes["project: objects under other that have the names of no table, left out"] == 1
    assert done.scope.notes["project: column sme is not mapped: it is not known"] == 1


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (";A;2;participant;Org;FR", "projectID", "the cell is empty"),
        ("1;A;2;king;Org;FR", "role", "'king' is no role"),
        ("1;A;;participant;;FR", "name", "neither an id nor a name"),
    ],
    ids=["project", "role", "organisation"],
)
def test_rows_that_mean_nothing_are_rejected(
    concepts: dict[str, frozenset[str]], tmp_path: Path, cells: str, column: str, reason: str
) -> None:
    (tmp_path / "a.csv").write_text(f"projectID;projectAcronym;organisationID;role;name;country\n{cells}\n1;A;2;participant;Org;FR\n")
    done = Brought(concepts, tmp_path / "a.csv")
    [one] = done.rejected
    assert (one.column, one.record.number) == (column, 2)
    assert reason in one.reason
    assert done.of("organisation/cordis-2")["prefLabel"] == ["Org"]


def test_cells_that_do_not_fit_are_left_out_and_announced(concepts: dict[str, frozenset[str]], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "projectID;organisationID;role;name;country;city;geolocation;ecContribution;organizationURL;nutsCode\n"
        "1;2;participant;Org;XK;Pristina;;1.234;nowhere;?\n1;3;participant;Org;FR;Paris;95,1;12.345.678,90;www.org.fr;FR101\n"
    )
    done = Brought(concepts, tmp_path / "a.csv")
    left_out = {note.split()[3] for note in done.scope.notes if "could not be read" in note}
    assert left_out == {"country", "geolocation", "ecContribution", "organizationURL", "nutsCode"}
    assert done.scope.notes["organization: cities left out, since no country is known"] == 1
    node = next(one.key for one in done.mapped if "--3--" in one.key)
    assert done.of(f"participation/cordis-{node}")["euContribution"] == ["12345678.90"]
    assert done.of("organisation/cordis-3")["url"] == ["http://www.org.fr"]


def test_hostile_text_stays_text(concepts: dict[str, frozenset[str]], tmp_path: Path) -> None:
    name = 'x" . <urn:a> <urn:b> <urn:c> .\n\\'
    item = {"projectID": "1> <urn:x", "organisationID": "2", "name": name, "shortName": "\ud800\x00", "country": "FR", "role": "partner"}
    (tmp_path / "a.json").write_text(json.dumps([item]))
    done = Brought(concepts, tmp_path / "a.json")
    said = done.of("organisation/cordis-2")
    assert (said["prefLabel"], said["acronym"]) == ([name], ["\ufffd\ufffd"])
    named = {quad.subject.value for quad in ox.parse(done.lines(), format=ox.RdfFormat.N_TRIPLES)}
    assert all(name.startswith(ID) for name in named)


def test_a_file_of_no_table_is_an_error_if_it_was_named(concepts: dict[str, frozenset[str]], tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text("name;people\nParis;2\n")
    (tmp_path / "notes.pdf").write_text("x")
    with pytest.raises(DataError, match=r"cities\.csv: is no table of CORDIS: its columns are name, people"):
        Brought(concepts, tmp_path / "cities.csv")
    done = Brought(concepts, tmp_path)
    assert not done.outcomes
    assert sorted(note.split()[1] for note in done.scope.notes) == ["cities.csv", "notes.pdf"]


def test_the_guide_lists_every_column() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "cordis.md").read_text(encoding="utf-8")
    for table in TABLES:
        section = guide.partition(f"### {table.name}\n")[2].partition("\n### ")[0]
        for column, meaning in [*table.columns.items(), *((name, f"left out: {why}") for name, why in table.left_out.items())]:
            assert f"| `{column}` | {meaning} |" in section
