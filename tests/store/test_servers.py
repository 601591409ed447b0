"""A server that cannot be had: skipped at home, an error where all tests must run, and either way it is said what to install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fixtures import servers


@pytest.mark.parametrize(("ci", "outcome"), [("1", pytest.fail.Exception), ("", pytest.skip.Exception)])
@pytest.mark.parametrize(
    ("program", "package"), [("oxigraph", "PyPI: pip install oxigraph"), ("virtuoso-t", "Debian: apt-get install virtuoso-opensource")]
)
def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException], program: str, package: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    starting = servers.running_oxigraph(tmp_path) if program == "oxigraph" else servers.running_virtuoso(tmp_path, 10)
    with pytest.raises(outcome, match=f"The program {program} is missing; install .*{package}"), starting:
        pass


def test_a_server_that_does_not_start_shows_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "oxigraph"
    program.write_text("#!/bin/sh\necho no room left\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(pytest.fail.Exception, match="did not start:\nno room left"), servers.running_oxigraph(tmp_path):
        pass
