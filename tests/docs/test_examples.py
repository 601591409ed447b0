"""The examples run as they stand: the cells of the notebook in order, and the shell script line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_the_cells_of_the_notebook_run_in_order(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SEISMIC_HOME", str(home))
    notebook = json.loads((ROOT / "docs" / "example.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "the notebook is kept without outputs"
            exec(compile("".join(cell["source"]), f"<cell {number}>", "exec"), names)  # noqa: S102 - our own documentation
    assert "Path 2" in capsys.readouterr().out
    assert len(names["put_forward"]) > 0  # type: ignore[arg-type]
    assert list(names["counts"]) == ["basis", "flows"]  # type: ignore[call-overload]


def test_the_shell_example_runs(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "seismic"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m seismic_graph.cli "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": path}
    done = subprocess.run(["sh", ROOT / "docs" / "example.sh"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"bin", "paths.csv", "sweden.html", "put-forward.csv"}
