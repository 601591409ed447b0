"""The runner as a user starts it, on small sizes of real areas."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import run, saved
from tests.conftest import ROOT
from tests.web.service import children

SMALL = 1_400


@pytest.fixture
def command(home: Path, tmp_path: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.run", "--results", str(tmp_path / "results"), "--data", str(tmp_path / "data")]


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "SEISMIC_HOME": str(home)}


def ended(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_an_area_is_measured_printed_and_saved_and_held_against_the_run_before(
    command: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    asked = [*command, "imports", "--sizes", str(SMALL)]
    done = ended(asked, environment)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "results" / "imports-1k.json"
    one = saved.read(file)
    assert "floor: the bulk load alone, pyoxigraph" in done.stdout
    assert "worse" not in done.stdout
    assert one.run["command"] == f"python -m benchmarks.run imports --sizes {SMALL}"
    assert one.run["versions"]["Python"] == sys.version.partition(" ")[0]
    assert one.table.about["rows"] == SMALL // 14
    assert str(tmp_path) not in file.read_text() + file.with_suffix(".md").read_text()

    plain = json.loads(file.read_text())
    plain["rows"][1]["seconds"] *= 1e6  # as if ours had been a million times as fast beside it
    file.write_text(json.dumps(plain))
    done = ended(asked, environment)
    assert done.returncode == 0, "what got worse is said, and is no failure"
    assert "- imports-1k: worse: 100 rows" in done.stdout


def test_an_area_that_fails_is_named_and_does_not_stop_the_others(command: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    done = ended([*command, "trace", "imports", "--sizes", str(SMALL)], environment)
    assert done.returncode == 1
    assert "FAILED trace-1k: " in done.stderr
    assert {entry.name for entry in (tmp_path / "results").iterdir()} == {"imports-1k.json", "imports-1k.md"}


def test_ctrl_c_leaves_what_was_saved_and_no_process(command: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    asked = [*command, "imports", "--sizes", str(SMALL), "50000000"]
    process = subprocess.Popen(asked, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    page = tmp_path / "results" / "imports-1k.md"
    deadline = time.monotonic() + 120
    while not page.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # into the second size
    workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "What was measured before is saved." in said
    assert saved.read(page.with_suffix(".json")).table.rows
    assert {entry.name for entry in (tmp_path / "results").iterdir()} == {"imports-1k.json", "imports-1k.md"}
    assert workers
    deadline = time.monotonic() + 30  # the tracker of multiprocessing ends a moment after its parent
    while left := [worker for worker in workers if Path(f"/proc/{worker}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


@pytest.mark.parametrize(
    "words",
    [["nothing"], ["trace", "--sizes", "0"], ["--repeats", "0"]],
    ids=["unknown area", "no size", "no repeats"],
)
def test_what_cannot_be_measured_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run.arguments(words)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err
