"""Receipts hold, reports are complete in themselves, and two snapshots can be compared down to the row."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seismic_graph.build import build
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.graph import Graph
from seismic_graph.replay import read, receipt
from seismic_graph.settings import Settings, resources
from tests.conftest import Runner

QUESTIONS = [
    ["trace", "nanet-se", "sria-2015"],
    ["gaps", "--network", "nanet-se"],
    ["loops", "Amsterdam"],
    ["balance", "nanet-se"],
    ["indicators", "flows-by-year"],
    ["claim", "networks-questions-as-input"],
    ["report", "nanet-se", "-o", "page.html"],
]


@pytest.fixture(scope="module")
def changed(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A home with two snapshots: the shipped dossier, and one in which a row lost its year and another is gone."""
    place = tmp_path_factory.mktemp("changed")
    shutil.copytree(home, place / "home")
    shutil.copytree(resources() / "dossier", place / "dossier")
    file = place / "dossier" / "flows.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    kept = [row for row in rows if row[0] != "flow-seismic-nanets-contributed-to-sria-2015"]
    for row in kept:
        if row[0] == "flow-seismic-contributed-to-sria-2015":
            row[rows[0].index("start")] = "2015"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(kept)
    settings = Settings(home=place / "home")
    old = (place / "home" / "current").read_text().strip()
    new = build(Settings(home=place / "home", dossier=place / "dossier")).snapshot.id
    assert settings.home.exists()
    return place / "home", old, new


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[0])
def test_a_receipt_holds_on_the_same_snapshot(seismic: Runner, question: list[str], tmp_path: Path) -> None:
    command = [str(tmp_path / word) if word == "page.html" else word for word in question]
    asked = seismic(*command, "--receipt", str(tmp_path / "receipt.json"))
    assert asked.returncode == 0, asked.stderr
    done = seismic("replay", str(tmp_path / "receipt.json"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Same answer, from the same snapshot" in done.stdout


def test_a_receipt_notices_another_answer_and_says_how_to_see_why(seismic: Runner, changed: tuple[Path, str, str], tmp_path: Path) -> None:
    home, old, new = changed
    seismic("trace", "nanet-se", "sria-2015", "--receipt", str(tmp_path / "receipt.json"))
    done = seismic("replay", str(tmp_path / "receipt.json"), home=home)
    assert done.returncode == 1
    assert f"seismic diff {old} {new}" in done.stdout


def test_the_difference_names_paths_and_the_rows_behind_them(seismic: Runner, changed: tuple[Path, str, str]) -> None:
    home, old, new = changed
    done = seismic("diff", old, new, "-f", "json", home=home)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert (told["old"], told["new"]) == (old, new)
    gone = {change["flow"].rpartition("/")[2]: change for change in told["flows"]}
    assert gone["flow-seismic-nanets-contributed-to-sria-2015"]["what"] == "vanished"
    assert gone["flow-seismic-nanets-contributed-to-sria-2015"]["row"] == "flows.csv row 4"
    assert gone["flow-seismic-contributed-to-sria-2015"]["what"] == "changed"
    assert any("earliest" in detail for detail in gone["flow-seismic-contributed-to-sria-2015"]["details"])
    vanished = [path for path in told["paths"] if path["what"] == "vanished"]
    assert any(
        [node.rpartition("/")[2] for node in path["nodes"]] == ["nanet-se", "seismic-nanets", "sria-2015"]
        and path["because"][0]["row"] == "flows.csv row 4"
        for path in vanished
    )
    backwards = json.loads(seismic("diff", new, old, "-f", "json", home=home).stdout)
    assert len([path for path in backwards["paths"] if path["what"] == "appeared"]) == len(vanished)
    assert seismic("diff", old, old, home=home).returncode == 0


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.scripts = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.scripts += tag == "script"
        if tag in ("img", "iframe", "link", "object", "embed", "source", "use", "image"):
            self.loads += [value for name, value in told.items() if name in ("src", "href", "xlink:href", "data") and value]
        if tag == "a":
            self.links.append(told.get("href") or "")


@pytest.mark.parametrize("subject", ["nanet-se", "Sweden", "new-urban-governance", "amsterdam", "sria-2015"])
def test_a_report_is_complete_in_itself(graph: Graph, subject: str) -> None:
    if subject == "Sweden":
        subject = "SE"
    page = graph.report(subject)
    parser = _Page()
    parser.feed(page.html)
    assert not parser.scripts
    assert not parser.loads
    assert not re.search(r"url\(\s*['\"]?https?:", page.html)
    for heading in ("What it gave", "What it got", "Paths to research agendas", "Where the record stops", "Pictures", "Sources", "Receipt"):
        assert f"<h2>{heading}</h2>" in page.html
    assert any(link.startswith("http") for link in parser.links)
    assert page.receipt.answer in page.html
    assert graph.report(subject).html == page.html


def test_a_file_that_is_no_receipt_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    for name in ("x.json", "missing.json"):
        with pytest.raises(UsageError, match=name):
            read(tmp_path / name)


def test_a_receipt_is_of_the_answer_and_not_of_the_snapshot() -> None:
    one = receipt("trace", {}, "a", {"snapshot": "a", "paths": [1]})
    other = receipt("trace", {}, "b", {"paths": [1], "snapshot": "b"})
    assert one.answer == other.answer
    assert one.answer != receipt("trace", {}, "a", {"snapshot": "a", "paths": [2]}).answer


def test_unknown_snapshots_and_questions_are_named(graph: Graph, seismic: Runner) -> None:
    assert "no snapshot" in seismic("diff", "abc").stderr
    with pytest.raises(UnknownName):
        graph.report("no such thing at all")
