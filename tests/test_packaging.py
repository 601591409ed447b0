"""The wheel holds all that the main job needs, and works far from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import seismic_graph
from seismic_graph.settings import resources
from tests.conftest import ROOT

FOLDERS = ("ontology", "shapes", "queries", "dossier", "mappings")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(out.glob("*.whl"))


def test_every_resource_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    for folder in FOLDERS:
        for file in (resources() / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert f"seismic_graph/resources/{folder}/{file.relative_to(resources() / folder).as_posix()}" in names
    assert all(name.startswith("seismic_graph/") for name in names)
    assert {"seismic_graph/py.typed", "seismic_graph/resources/pins/tables.txt"} <= names


def test_the_main_job_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "seismic_graph.cli", "trace", "nanet-se", "sria-2015"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "SEISMIC_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "SEiSMiC national networks" in done.stdout
    where = subprocess.run(
        [sys.executable, "-c", "from seismic_graph.settings import resources; print(resources())"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert str(tmp_path / "site") in where.stdout


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = seismic_graph.__version__
    assert project["version"] == version
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f'owl:versionInfo "{version}"' in (ROOT / "ontology" / "seismic.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize("pins", ["run", "test"])
def test_pins_have_hashes_name_no_host_and_cover_the_dependencies(pins: str) -> None:
    text = (ROOT / "pins" / f"{pins}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    pinned = {match[1].lower().replace("_", "-") for match in re.finditer(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert text.count("--hash=sha256:") >= len(pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(project["optional-dependencies"]["test"] if pins == "test" else [])]
    for requirement in wanted:
        assert re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-") in pinned
