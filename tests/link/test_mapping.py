"""The mapping set: SSSOM that an independent checker takes, and triples that the shapes take."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph import link, validate
from seismic_graph.ingest import LINKS_GRAPH
from seismic_graph.link import LinkReport, mapping
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import SKOS
from tests.link import records

SSSOM = Path(sys.prefix) / "sssom" / "bin" / "sssom"
"""sssom-py pins other versions than ours, so ./check gives it an environment inside that of the tests."""


@pytest.fixture(scope="module")
def home(report: LinkReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    link.write(report, home)
    return home


def table(file: Path) -> list[dict[str, str]]:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def test_sssom_py_finds_the_set_valid(home: Path) -> None:
    assert SSSOM.exists(), "run ./check once: it installs the SSSOM checker"
    done = subprocess.run([SSSOM, "validate", home / "links" / mapping.TABLE], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_sssom_py_finds_what_is_wrong(home: Path, tmp_path: Path) -> None:
    """The check above can fail."""
    text = (home / "links" / mapping.TABLE).read_text(encoding="utf-8")
    broken = tmp_path / "broken.sssom.tsv"
    broken.write_text(text.replace("semapv:CompositeMatching", "composite matching"), encoding="utf-8")
    done = subprocess.run([SSSOM, "validate", broken], capture_output=True, text=True, timeout=300)
    assert done.returncode or "composite matching" in done.stdout + done.stderr


def test_sssom_py_reads_every_match(home: Path, report: LinkReport, tmp_path: Path) -> None:
    file = tmp_path / "links.json"
    subprocess.run([SSSOM, "convert", home / "links" / mapping.TABLE, "-O", "json", "-o", file], check=True, timeout=300)
    assert len(json.loads(file.read_text(encoding="utf-8"))["mappings"]) == len(report.matches)


def test_every_match_says_how_it_was_found(home: Path) -> None:
    rows = table(home / "links" / mapping.TABLE)
    assert {row["mapping_justification"] for row in rows} >= {
        "semapv:LexicalMatching",
        "semapv:CompositeMatching",
        "semapv:MappingChaining",
    }
    for row in rows:
        assert 0 < float(row["confidence"]) <= 1
        assert row["comment"]
        assert row["mapping_justification"] != "semapv:LexicalMatching" or (row["match_string"] and row["subject_match_field"])


def test_the_graph_holds_a_triple_and_its_evidence_for_each_match(home: Path, report: LinkReport) -> None:
    store = EmbeddedStore()
    store.inner.load(path=str(home / "links" / mapping.TRIPLES), format=ox.RdfFormat.N_TRIPLES)
    rows = list(
        store.query("""
            PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX sssom: <https://w3id.org/sssom/>
            SELECT ?one ?how ?other ?confidence WHERE {
              ?one ?how ?other . ?match owl:annotatedSource ?one ; owl:annotatedProperty ?how ; owl:annotatedTarget ?other ;
                sssom:confidence ?confidence ; sssom:mapping_justification ?why }""")
    )
    assert len(rows) == len(report.matches)


def test_shapes_find_no_violation_in_the_links(home: Path) -> None:
    store = records.extracts()
    before = validate.validate(store, Settings().shape_files()).counts.get("violation", 0)
    records.load(store, (home / "links" / mapping.TRIPLES).read_text(encoding="utf-8"), "links")
    assert LINKS_GRAPH in store.graphs()
    assert validate.validate(store, Settings().shape_files()).counts.get("violation", 0) == before


def test_the_same_store_gives_the_same_bytes(store: EmbeddedStore, report: LinkReport) -> None:
    again = link.link(store)
    assert mapping.table(again) == mapping.table(report)
    assert list(mapping.triples(again.matches)) == list(mapping.triples(report.matches))


def test_what_was_linked_before_has_no_influence(report: LinkReport) -> None:
    store = records.extracts()
    records.load(store, "".join(mapping.triples(report.matches)), "links")
    assert mapping.table(link.link(store)) == mapping.table(report)


def test_a_subject_has_one_exact_match_in_a_dataset(report: LinkReport) -> None:
    exact = [(match.subject.iri, match.object.dataset) for match in report.matches if match.predicate == SKOS + "exactMatch"]
    assert len(exact) == len(set(exact))


def test_spark_gives_the_same_links(store: EmbeddedStore, report: LinkReport) -> None:
    assert mapping.table(link.link(store, engine="spark")) == mapping.table(report)
