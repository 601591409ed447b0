"""What insight sees, as a user asks for it: every form of every finding, on the real dossier."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.findings import INDICATORS, Finding, compared, picture
from seismic_graph.graph import Graph
from seismic_graph.vocabulary import ID
from tests.conftest import Runner
from tests.fixtures.servers import missing

ASKED = {
    "gaps": lambda graph: graph.gaps(network="nanet-se"),
    "loops": lambda graph: graph.loops("Amsterdam", paths=2),
    "balance": lambda graph: graph.balance("nanet-se"),
    "indicators": lambda graph: graph.indicator("flows-by-direction"),
    "robustness": lambda graph: graph.robustness(graph.trace("nanet-se", "sria-2015")),
    "claim": lambda graph: graph.claim("networks-questions-as-input"),
}


@pytest.fixture(scope="module", params=sorted(ASKED))
def finding(request: pytest.FixtureRequest, graph: Graph) -> Finding:
    answer: Finding = ASKED[request.param](graph)
    assert answer.kind == request.param
    return answer


def test_every_form_tells_the_same_rows(finding: Finding) -> None:
    told = json.loads(finding.to_json())["rows"]
    read = list(csv.DictReader(io.StringIO(finding.to_csv())))
    assert len(told) == len(read) == len(finding.rows) > 0
    assert list(read[0]) == list(finding.columns)
    assert finding.snapshot in finding.to_text()
    assert finding.title in finding.to_text()


def test_every_finding_rests_on_sourced_flows_and_can_be_drawn(finding: Finding, graph: Graph) -> None:
    if finding.kind != "gaps":
        assert finding.flows
    assert all(flow.sources for flow in finding.flows)
    svg = picture(graph.store, graph.things, finding, "svg")
    assert ET.fromstring(svg).tag.endswith("svg")
    assert picture(graph.store, graph.things, finding, "html").startswith(b"<!")


def test_labels_are_escaped_in_a_notebook(graph: Graph) -> None:
    hostile = Finding("gaps", "<script>", ("a",), ({"a": "<img onerror=x>"},), (), (), "x")
    assert "<script>" not in hostile._repr_html_()
    assert "<img" not in hostile._repr_html_()


def test_words_never_claim_that_nothing_happened(graph: Graph) -> None:
    for asked in ASKED.values():
        text = asked(graph).to_text().lower()
        assert "did not happen" not in text
        assert "never happened" not in text


@pytest.mark.parametrize("name", sorted(INDICATORS))
def test_every_indicator_opens_into_what_is_behind_it(graph: Graph, name: str) -> None:
    answer = graph.indicator(name, explain=True, limit=3)
    assert answer.rows
    assert answer.flows
    assert len(answer.lines) > len(answer.rows)


def test_a_cut_list_of_numbers_says_so(graph: Graph) -> None:
    assert "more: raise --limit" in graph.indicator("brokers", limit=1).to_text()


def test_leaving_out_a_source_takes_its_flows_away(graph: Graph) -> None:
    whole = graph.trace("nanet-se", "sria-2015", paths=50)
    less = graph.without("S+RO", "ait-en", "ait-ag")
    assert less.reduced
    assert not graph.reduced
    gone = f"{ID}flow/flow-seismic-nanets-contributed-to-sria-2015"
    assert gone in {flow.id for flow in graph.network.flows}
    assert gone not in {flow.id for flow in less.network.flows}
    after = less.trace("nanet-se", "sria-2015", paths=50)
    assert not [path for path in after.paths if gone in {flow.id for flow in path.flows}]
    lines = compared(whole.paths, after.paths, graph.things)
    assert any(line.startswith("vanished") and "network/seismic-nanets > agenda-item/sria-2015" in line for line in lines)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda graph: graph.without("no-such-source"), UsageError, "no-such-source"),
        (lambda graph: graph.gaps(kind="holes"), UsageError, "need-without-agenda"),
        (lambda graph: graph.gaps(theme="zzz"), UnknownName, "zzz"),
        (lambda graph: graph.gaps(country="Atlantis"), UnknownName, "Atlantis"),
        (lambda graph: graph.loops("Atlantis"), UnknownName, "Atlantis"),
        (lambda graph: graph.indicator("flows-by-colour"), UsageError, "flows-by-theme"),
        (lambda graph: graph.claim("no-such-claim"), UnknownName, "no-such-claim"),
    ],
)
def test_what_does_not_exist_is_named(graph: Graph, ask: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        ask(graph)  # type: ignore[operator]


def test_every_claim_on_record_can_be_checked(graph: Graph) -> None:
    assert len(graph.claims) >= 20
    for name in list(graph.claims)[:6]:
        answer = graph.claim(name)
        assert answer.rows
        assert all(row["verdict"] for row in answer.rows)


@pytest.mark.parametrize(
    "arguments",
    [
        ["gaps", "--network", "nanet-se"],
        ["loops", "Amsterdam"],
        ["balance", "Sverige"],
        ["indicators", "flows-by-theme"],
        ["claim", "networks-questions-as-input"],
        ["trace", "nanet-se", "sria-2015"],
    ],
)
@pytest.mark.parametrize("form", ["csv", "svg", "html"])
def test_from_the_command_line(seismic: Runner, arguments: list[str], form: str, tmp_path: Path) -> None:
    done = seismic(*arguments, "-f", form, "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_size > 200


def test_without_and_robust_from_the_command_line(seismic: Runner) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", "--without", "sro-2016", "--without", "AIT Austrian Institute of Technology")
    assert "vanished" in done.stderr
    assert "publisher" in seismic("trace", "nanet-se", "sria-2015", "--robust").stdout
    lists = seismic("claim").stdout, seismic("indicators").stdout
    assert "networks-questions-as-input" in lists[0]
    assert "brokers" in lists[1]


@pytest.mark.parametrize("drawing", ["flows", "network", "timeline", "map"])
@pytest.mark.parametrize("kind", ["trace", "claim"])
def test_every_drawing_of_an_answer(graph: Graph, kind: str, drawing: str) -> None:
    answer = graph.trace("nanet-se", "sria-2.0", paths=6) if kind == "trace" else graph.claim("networks-questions-as-input")
    svg = picture(graph.store, graph.things, answer, "svg", drawing).decode()
    assert ET.fromstring(svg).tag.endswith("svg")
    assert "http" in svg
    with pytest.raises(UsageError, match="timeline"):
        picture(graph.store, graph.things, answer, "svg", "pie")


def test_a_picture_as_png(graph: Graph) -> None:
    try:
        made = picture(graph.store, graph.things, graph.trace("nanet-se", "sria-2015"), "png")
    except UsageError as error:
        missing(f"PNG pictures ({error})", "a font, for example fonts-dejavu-core")
    assert made.startswith(b"\x89PNG")


def test_leaving_a_source_out_says_which_rows_differ(seismic: Runner) -> None:
    done = seismic("claim", "issues-became-themes", "--without", "sro-2016")
    assert done.returncode == 0, done.stderr
    assert "changed: network/nanet-at" in done.stderr
    assert "verdict possible -> " in done.stderr
    same = seismic("gaps", "--network", "nanet-se", "--without", "haikudeck-sv")
    assert "No row differs" in same.stderr
