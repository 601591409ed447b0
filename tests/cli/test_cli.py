"""The command line as a user meets it: the right thing, the wrong thing, and the exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seismic_graph.settings import resources
from tests.conftest import ROOT, Runner


def test_the_main_job_on_a_fresh_machine(seismic: Runner, tmp_path: Path) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", home=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "building the dossier once" in done.stderr
    assert "seismic-nanets" in done.stdout or "SEiSMiC national networks" in done.stdout
    assert "Sources" in done.stdout
    again = seismic("trace", "nanet-se", "sria-2015", home=tmp_path / "new")
    assert again.stdout == done.stdout
    assert not again.stderr


def test_no_path_is_exit_code_1_with_a_reason(seismic: Runner) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", "--via", "ev-final-2016")
    assert done.returncode == 1
    assert "No such path is recorded" in done.stdout
    assert "391 days" in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "csv", "turtle", "mermaid"])
def test_every_format_of_a_trace(seismic: Runner, form: str, tmp_path: Path) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", "-f", form, "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_size > 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trace"], "FROM or --from-class"),
        (["trace", "nanet-se", "--from-class", "NationalNetwork", "--to-class", "City"], "FROM or --from-class"),
        (["trace", "nanet-see", "sria-2015"], "nanet-se"),
        (["trace", "nanet-se", "sria-2015", "-f", "pdf"], "json"),
        (["trace", "nanet-se", "sria-2015", "--reading", "likely"], "static, possible, strict"),
        (["trace", "nanet-se", "sria-2015", "--since", "15-01-2015"], "2015-09-30"),
        (["trace", "--from-class", "Networks", "--to-class", "City"], "Network"),
        (["query", "what-did-this-network-putforward"], "what-did-this-network-put-forward-and-where-did-it-go"),
        (["query", "what-did-this-network-put-forward-and-where-did-it-go", "--networks", "Sweden"], "network"),
        (["query", "what-did-this-network-put-forward-and-where-did-it-go", "--network"], "no value"),
        (["query", "what-did-this-network-put-forward-and-where-did-it-go", "Sweden"], "--name value"),
        (["query", "what-did-this-network-put-forward-and-where-did-it-go", "--network", "Atlantis"], "Atlantis"),
        (["query", "no-such-file.rq"], "no-such-file.rq"),
        (["query", "what-did-this-network-put-forward-and-where-did-it-go", "-f", "pdf"], "pdf"),
        (["queries", "zzzz"], "seismic queries"),
        (["find", "zzzzzz"], "zzzzzz"),
        (["validate", "no-such-file.ttl"], "no-such-file.ttl"),
        (["validate", "README.md"], "README.md"),
        (["export", "graph.xyz"], ".nq"),
        (["export", "/no/such/folder/graph.nq"], "does not exist"),
        (["build", "--dossier", "docs"], "missing"),
        (["snapshots", "--use", "abc"], "no snapshot"),
        (["trace", "nanet-se", "sria-2015", "--store", "ftp://example.org"], "http"),
    ],
)
def test_a_wrong_call_names_the_remedy(seismic: Runner, arguments: list[str], message: str) -> None:
    done = seismic(*arguments)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_port_is_said(seismic: Runner) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = seismic("trace", "nanet-se", "sria-2015", "--store", f"http://127.0.0.1:{port}/query")
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_query_from_standard_input_and_from_a_file(seismic: Runner, tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?flow a <https://w3id.org/seismic-graph/ontology#KnowledgeFlow> }"
    (tmp_path / "mine.rq").write_text(text)
    from_file = seismic("query", str(tmp_path / "mine.rq"), "-f", "csv")
    assert from_file.stdout == seismic("query", "-", "-f", "csv", stdin=text).stdout
    assert int(from_file.stdout.split()[1]) > 3000


def test_a_query_that_cannot_be_read_names_line_and_column(seismic: Runner) -> None:
    done = seismic("query", "-", stdin="SELECT ?x\nWHERE { ?x ?y }")
    assert done.returncode == 2
    assert "line 2" in done.stderr


def test_service_is_refused(seismic: Runner) -> None:
    done = seismic("query", "-", stdin="SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")
    assert done.returncode == 2
    assert "SERVICE" in done.stderr


def test_a_parameter_takes_a_label_and_several_values(seismic: Runner) -> None:
    one = seismic(
        "query", "what-did-this-network-put-forward-and-where-did-it-go", "--network", "SEiSMiC national network Sweden", "-f", "json"
    )
    other = seismic("query", "what-did-this-network-put-forward-and-where-did-it-go", "--network=nanet-cz", "-f", "json")
    both = seismic(
        "query", "what-did-this-network-put-forward-and-where-did-it-go", "--network", "nanet-se", "--network", "nanet-cz", "-f", "json"
    )
    counts = [len(json.loads(done.stdout)["results"]["bindings"]) for done in (one, other, both)]
    assert counts[0] + counts[1] >= counts[2] > max(counts[0], counts[1]) > 0


def test_validate_says_what_it_found_and_the_exit_code_follows(seismic: Runner) -> None:
    plain = seismic("validate")
    assert plain.returncode == 0, plain.stderr
    strict = seismic("validate", "--fail-on", "warning")
    assert strict.returncode == 1
    assert "flows.csv" in strict.stdout
    told = json.loads(seismic("validate", "-f", "json").stdout)
    assert told


def test_validate_a_dossier_folder(seismic: Runner, tmp_path: Path) -> None:
    shutil.copytree(resources() / "dossier", tmp_path / "mine")
    assert seismic("validate", str(tmp_path / "mine")).returncode == 0
    file = tmp_path / "mine" / "cities.csv"
    file.write_bytes(file.read_bytes().replace("Malmö".encode(), "Malmö".encode("latin-1")))
    done = seismic("validate", str(tmp_path / "mine"))
    assert done.returncode == 2
    assert "cities.csv" in done.stderr
    assert "UTF-8" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_to_a_full_disk(seismic: Runner) -> None:
    done = seismic("trace", "nanet-se", "sria-2015", "-o", "/dev/full")
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert Path("/dev/full").is_char_device()


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    command = f"{sys.executable} -m seismic_graph.cli trace nanet-se sria-2.0 --paths 200 -f json | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "{"
    assert not done.stderr


def test_ctrl_c_ends_without_a_traceback(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "seismic_graph.cli", "query", "-", "-f", "csv"],
        env=os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1)  # it waits for its standard input
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said


def test_help_of_every_command(seismic: Runner) -> None:
    for command in ("build", "export", "find", "push", "queries", "query", "snapshots", "trace", "validate"):
        done = seismic(command, "--help")
        assert done.returncode == 0
        assert "Usage" in done.stdout


def test_find(seismic: Runner) -> None:
    done = seismic("find", "Göteborg")
    assert "city/gothenburg" in done.stdout
    assert "organisation/" not in seismic("find", "gothenburg", "--of", "City").stdout


def test_snapshots_lists_the_one_in_use(seismic: Runner) -> None:
    assert seismic("snapshots").stdout.startswith("* ")


def test_a_changed_dossier_is_noticed(seismic: Runner, home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    current = (tmp_path / "home" / "current").read_text().strip()
    (tmp_path / "home" / "snapshots" / current).rename(tmp_path / "home" / "snapshots" / "0123456789abcdef")
    (tmp_path / "home" / "current").write_text("0123456789abcdef\n")
    done = seismic("find", "Göteborg", home=tmp_path / "home")
    assert "seismic build" in done.stderr
    assert "city/gothenburg" in done.stdout
