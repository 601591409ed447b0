"""How often the links are right, and how many are found, on pairs that a person read (`README.md`)."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from seismic_graph.link import LinkReport
from tests.link.records import HERE

PAIRS = list(csv.DictReader((HERE / "pairs.csv").open(encoding="utf-8", newline="")))


def judged(report: LinkReport, part: str) -> Counter[str]:
    found = {frozenset((match.subject.iri, match.object.iri)) for match in report.matches}
    counts: Counter[str] = Counter()
    for row in PAIRS:
        if row["part"] == part:
            linked = frozenset((row["subject"], row["object"])) in found
            counts[("true " if linked == (row["same"] == "yes") else "false ") + ("positive" if linked else "negative")] += 1
    return counts


def precision(counts: Counter[str]) -> float:
    return counts["true positive"] / (counts["true positive"] + counts["false positive"])


def recall(counts: Counter[str]) -> float:
    return counts["true positive"] / (counts["true positive"] + counts["false negative"])


@pytest.mark.parametrize(("part", "right", "found"), [("tuning", 0.99, 0.90), ("held-out", 0.98, 0.86)], ids=["tuning", "held-out"])
def test_links_are_right_and_found(report: LinkReport, part: str, right: float, found: float) -> None:
    counts = judged(report, part)
    assert counts.total() >= 200
    assert precision(counts) >= right, counts
    assert recall(counts) >= found, counts


@pytest.mark.parametrize("kind", ["organisation", "city", "project", "subject"])
def test_every_kind_has_matches_and_look_alikes(kind: str) -> None:
    answers = Counter(row["same"] for row in PAIRS if row["kind"] == kind)
    assert answers["yes"] >= 10
    assert answers["no"] >= 10


def test_no_pair_is_in_both_parts() -> None:
    assert len({frozenset((row["subject"], row["object"])) for row in PAIRS}) == len(PAIRS)
