"""Docs that cannot lie: every command and every Python block in them runs, and everything that exists is in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from seismic_graph.cli import seismic as command_line
from seismic_graph.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[object]:
    found = []
    for page in PAGES:
        for number, (name, info, body) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1):
            if name == language and "setup" not in info:
                found.append(pytest.param(info.strip(), body, id=f"{page.name}:{number}"))
    return found


@pytest.fixture
def place(tmp_path: Path, home: Path) -> Path:
    """A folder to work in as a user: with ``seismic`` on the path and the dossier at hand."""
    shutil.copytree(ROOT / "dossier", tmp_path / "dossier")
    shutil.copytree(ROOT / "docs" / "data", tmp_path / "docs" / "data")
    shutil.copytree(home, tmp_path / "home")
    program = tmp_path / "bin" / "seismic"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m seismic_graph.cli "$@"\n')
    program.chmod(0o755)
    return tmp_path


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "SEISMIC_HOME": str(place / "home"),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
    }
    return subprocess.run(["bash", "-c", command], cwd=place, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("info", "body"), blocks("sh"))
def test_every_command_runs(info: str, body: str, place: Path) -> None:
    expected = {"": {0}, "exit=1": {1}, "exit=any": {0, 1}}[info]
    for command in body.strip().splitlines():
        done = run(command, place)
        assert done.returncode in expected, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(("info", "body"), blocks("python"))
def test_every_python_block_runs(info: str, body: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEISMIC_HOME", str(home))
    exec(compile(body, "<docs>", "exec"), {})  # noqa: S102 - our own documentation


def test_every_command_is_in_the_docs() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert isinstance(command_line, click.Group)
    for name in command_line.commands:
        assert f"seismic {name}" in text, f"document the command {name}"


def test_every_question_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    for file in Settings().query_files():
        assert file.stem in text


def test_every_runtime_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for requirement in project["dependencies"]:
        assert re.split(r"[<>=\[]", requirement)[0].lower() in page


def test_every_answer_quoted_in_the_readme_is_what_the_program_says(place: Path) -> None:
    """The text blocks of the README, line by line, out of the real answers."""
    said = run("seismic trace nanet-se sria-2015 --paths 2; seismic trace nanet-se sria-2015 --via ev-final-2016", place).stdout
    for language, _, body in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")):
        if language == "text":
            for line in body.splitlines():
                assert line.removesuffix(" ...").strip() in said


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_repository_names_no_registry_host_and_no_machine_path() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    hosts = re.compile("|".join([r"files\.python" + "hosted", r"registry\.npm" + r"js", r"pypi\." + "org", r"/ro" + "ot/", r"/wo" + "rk/"]))
    for name in filter(None, files):
        file = ROOT / name
        if file.is_file() and "dossier" not in file.parts:
            assert not hosts.search(file.read_text(encoding="utf-8", errors="ignore")), name
