"""Apache Spark reads files a task each, and gives what one process gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seismic_graph import build, imports
from seismic_graph.errors import DataError
from seismic_graph.settings import Settings

DATA = Path(__file__).parent.parent / "sources" / "data" / "cordis"


def test_spark_gives_what_one_process_gives(tmp_path: Path) -> None:
    one, many = Settings(home=tmp_path / "one"), Settings(home=tmp_path / "many")
    alone = build.bring(one, "cordis", [DATA])
    spread = build.bring(many, "cordis", [DATA], spark=True)
    assert imports.digests(many) == imports.digests(one)
    assert set(spread.notes) == set(alone.notes)  # what is said of a column is said once a file there
    told = {table: replace(receipt, date="") for table, receipt in alone.tables.items()}
    assert {table: replace(receipt, date="") for table, receipt in spread.tables.items()} == told


def test_a_malformed_file_stops_the_whole_on_spark_too(tmp_path: Path) -> None:
    good, bad = tmp_path / "topics.csv", tmp_path / "project.json"
    good.write_text('"projectID";"topic";"title"\n"1";"T";"One"\n', encoding="utf-8")
    bad.write_text('[{"id": "1", ', encoding="utf-8")
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(DataError, match=r"project\.json"):
        build.bring(settings, "cordis", [good, bad], spark=True)
    assert imports.in_use(settings) == []
