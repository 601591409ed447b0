"""Doubtful pairs go to a person and come back; what a person said wins and stays."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seismic_graph import link
from seismic_graph.errors import DataError, UsageError
from seismic_graph.link import LinkReport, decisions, mapping
from seismic_graph.link.decisions import Decision
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import SKOS
from tests.link.records import ID


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_review_shows_both_records_and_asks(report: LinkReport, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"review.{suffix}"
    decisions.review(file, report.doubtful)
    rows = list(csv.DictReader(file.open(encoding="utf-8", newline=""), delimiter={"csv": ",", "tsv": "\t"}[suffix]))
    assert len(rows) == len(report.doubtful) > 0
    assert {row["decision"] for row in rows} == {""}
    assert all(row["subject_label"] and row["object_label"] and row["evidence"] for row in rows)
    assert decisions.read(file) == {}


def test_a_decision_wins_either_way(store: EmbeddedStore, report: LinkReport, tmp_path: Path) -> None:
    found, doubtful = report.matches[0], report.doubtful[0]
    pairs = [(found.subject.iri, found.object.iri), (doubtful.subject.iri, doubtful.object.iri)]
    said = {tuple(sorted(pair)): Decision(word) for pair, word in zip(pairs, ("no", "same"), strict=True)}
    decisions.keep(tmp_path, {(one, other): decision for (one, other), decision in said.items()})
    again = link.link(store, decisions=decisions.kept(tmp_path))
    matched = {(match.subject.iri, match.object.iri): match for match in again.matches}
    assert pairs[0] not in matched
    assert matched[pairs[1]].justification == "semapv:ManualMappingCuration"
    assert matched[pairs[1]].predicate == SKOS + "exactMatch"
    assert [(match.subject.iri, match.object.iri) for match in again.rejected] == [pairs[0]]
    assert not {(match.subject.iri, match.object.iri) for match in again.doubtful} & set(pairs)
    negated = [line for line in mapping.table(again).splitlines() if "\tNot\t" in line]
    assert len(negated) == 1
    assert len(again.matches) == len(report.matches)


def test_a_decision_on_what_is_gone_is_kept_and_has_no_effect(store: EmbeddedStore, report: LinkReport, tmp_path: Path) -> None:
    decisions.keep(tmp_path, {(ID + "organisation/cordis-000000000", ID + "organisation/nobody"): Decision("same")})
    assert mapping.table(link.link(store, decisions=decisions.kept(tmp_path))) == mapping.table(report)


def test_new_decisions_come_before_old_ones(tmp_path: Path) -> None:
    pair = (ID + "organisation/ait", ID + "organisation/ror-04knbh022")
    decisions.keep(tmp_path, {pair: Decision("same", "by the address")})
    assert decisions.kept(tmp_path) == {pair: Decision("same", "by the address")}
    assert decisions.keep(tmp_path, {pair: Decision("no")}) == {pair: Decision("no")}


BAD = {
    "no-word": ("subject\tobject\tdecision\n{a}\t{b}\tperhaps\n", "row 2, column decision: 'perhaps'"),
    "no-iri": ("subject\tobject\tdecision\nait\t{b}\tno\n", "row 2, column subject: 'ait'"),
    "no-column": ("subject\tobject\n{a}\t{b}\n", "row 1, column decision"),
    "two-minds": ("subject\tobject\tdecision\n{a}\t{b}\tno\n{b}\t{a}\tsame\n", "row 3, column decision: 'same'"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_decision_is_told_by_place(tmp_path: Path, case: str) -> None:
    text, place = BAD[case]
    file = tmp_path / "decisions.tsv"
    file.write_text(text.format(a=ID + "organisation/ait", b=ID + "organisation/ror-04knbh022"), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        decisions.read(file)
    assert place in str(raised.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        decisions.read(tmp_path / "none.tsv")
    with pytest.raises(UsageError, match=r"\.csv or a \.tsv"):
        decisions.review(tmp_path / "review.txt", [])
