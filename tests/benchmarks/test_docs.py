"""The page of the benchmarks and its pictures are those of the saved results, and name every area."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from benchmarks import docs, report
from benchmarks.run import AREAS
from benchmarks.saved import RESULTS, Saved, read_all
from seismic_graph.errors import SeismicError
from tests.benchmarks.made_up import RUN, made_up
from tests.conftest import ROOT

PAGE = docs.PAGE.read_text(encoding="utf-8")


def test_the_section_of_results_is_what_the_results_say() -> None:
    assert docs.filled(PAGE, read_all()) == PAGE, "write it anew: python -m benchmarks.docs"


def test_the_pictures_are_those_of_the_results() -> None:
    drawn = docs.pictures(read_all())
    assert {file.name for file in docs.PICTURES.glob("benchmarks-*.svg")} == set(drawn)
    for name, text in drawn.items():
        assert (docs.PICTURES / name).read_text(encoding="utf-8") == text, f"{name}: python -m benchmarks.docs"


def test_each_result_has_its_page_and_there_is_no_other() -> None:
    pages = {f"{saved.table.area}.md": report.page(saved) for saved in read_all()}
    assert {file.name for file in RESULTS.glob("*.md")} == set(pages)
    for name, text in pages.items():
        assert (RESULTS / name).read_text(encoding="utf-8") == text


def test_every_area_is_described_and_every_result_is_of_an_area() -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert described == set(AREAS)
    assert {saved.area for saved in read_all()} <= set(AREAS)


def test_a_page_without_a_place_for_the_results_is_refused() -> None:
    with pytest.raises(SeismicError, match="has no place for the results"):
        docs.filled("# Benchmarks\n", [Saved(made_up(), RUN)])


def test_benchmarks_run_is_a_command() -> None:
    program, environment = ROOT / "benchmarks" / "run", os.environ | {"PYTHON": sys.executable}
    done = subprocess.run([program, "--help"], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "--sizes" in done.stdout
