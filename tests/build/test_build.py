"""A build is all or nothing, and the same inputs give the same snapshot."""

from __future__ import annotations

import csv
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from seismic_graph import export, snapshots
from seismic_graph.build import build, ensure
from seismic_graph.errors import BuildError, DataError, UnknownName
from seismic_graph.settings import Settings, resources

ROOT = Path(__file__).parent.parent.parent


def changed_dossier(folder: Path, edit: Callable[[list[list[str]]], None], table: str = "flows") -> Path:
    """A copy of the shipped dossier with one table edited."""
    shutil.copytree(resources() / "dossier", folder)
    file = folder / f"{table}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    edit(rows)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return folder


def without_last_flow(rows: list[list[str]]) -> None:
    rows.pop()


@pytest.fixture
def mine(home: Path, tmp_path: Path) -> Settings:
    """A place of its own in which the shipped dossier is in use."""
    shutil.copytree(home, tmp_path / "home")
    return Settings(home=tmp_path / "home")


def start_build(settings: Settings, dossier: Path, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "seismic_graph.cli", "build", "--dossier", str(dossier)],
        env=os.environ | {"SEISMIC_HOME": str(settings.home), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def answers(settings: Settings) -> str:
    """The id of the snapshot in use, after it has answered."""
    snapshot = snapshots.current(settings)
    assert snapshot is not None
    assert bool(snapshot.open().query("ASK { ?flow a <https://w3id.org/seismic-graph/ontology#KnowledgeFlow> }"))
    return snapshot.id


def test_a_build_killed_at_any_moment_leaves_the_last_snapshot_in_use(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)
    dossier = changed_dossier(tmp_path / "dossier", without_last_flow)
    started = time.monotonic()
    whole = start_build(Settings(home=tmp_path / "elsewhere"), dossier)
    assert whole.wait() == 0
    span = time.monotonic() - started
    moments = random.Random(1)
    killed = 0
    for number in range(8):
        process = start_build(mine, dossier)
        time.sleep(span * (number + moments.random()) / 9)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        if (now := answers(mine)) != before:  # it had finished
            assert process.returncode == 0 or now == answers(Settings(home=tmp_path / "elsewhere"))
            snapshots.use(mine, before)
            shutil.rmtree(mine.home / "snapshots" / now)
    assert killed >= 4
    done = start_build(mine, dossier)
    assert done.wait() == 0
    assert answers(mine) == answers(Settings(home=tmp_path / "elsewhere")) != before
    assert not list((mine.home / "building").iterdir()), "what killed builds left is swept"


def test_interrupted_from_the_keyboard(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)
    process = start_build(mine, changed_dossier(tmp_path / "dossier", without_last_flow))
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[0]
    assert process.returncode in (130, -signal.SIGINT), said  # the latter where the interrupt met Python as it made a class out of text
    assert "Traceback" not in said
    assert answers(mine) == before


def test_a_full_disk_is_a_clear_error_and_costs_nothing(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    process = start_build(mine, changed_dossier(tmp_path / "dossier", without_last_flow), preexec_fn=little_room)
    said = process.communicate()[0]
    assert process.returncode == 2, said
    assert "Traceback" not in said
    assert "stays in use" in said
    assert answers(mine) == before


def test_a_wrong_row_is_named_and_nothing_is_published(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)

    def wrong(rows: list[list[str]]) -> None:
        rows[3][rows[0].index("start")] = "2015-02-30"
        rows[7][rows[0].index("to")] = "no-such-thing"

    dossier = changed_dossier(tmp_path / "dossier", wrong)
    with pytest.raises(DataError) as caught:
        build(Settings(home=mine.home, dossier=dossier))
    assert [(problem.file, problem.row, problem.column) for problem in caught.value.problems] == [
        ("flows.csv", 4, "start"),
        ("flows.csv", 8, "to"),
    ]
    assert answers(mine) == before


def test_a_graph_that_breaks_a_shape_is_not_published(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)
    shapes = tmp_path / "shapes"
    shutil.copytree(resources() / "shapes", shapes)
    (shapes / "impossible.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix sg: <https://w3id.org/seismic-graph/ontology#> .\n"
        "sg:Impossible a sh:NodeShape ; sh:targetClass sg:City ;\n"
        '  sh:property [ sh:path sg:nuts ; sh:minCount 1 ; sh:severity sh:Violation ; sh:message "No NUTS code. Add it." ] .\n'
    )
    with pytest.raises(BuildError, match="No NUTS code"):
        build(Settings(home=mine.home, shapes=shapes))
    assert answers(mine) == before
    assert not list((mine.home / "building").iterdir()), "neither the store nor the columns that were written beside the shapes"


def test_two_builds_at_once_both_succeed(mine: Settings, tmp_path: Path) -> None:
    dossier = changed_dossier(tmp_path / "dossier", without_last_flow)
    both = [start_build(mine, dossier), start_build(mine, dossier)]
    for process in both:
        said = process.communicate()[0]
        assert process.returncode == 0, said
    answers(mine)


def test_the_same_input_gives_the_same_bytes(mine: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    build(other)
    hashes = []
    for settings, folder in ((mine, tmp_path / "a"), (other, tmp_path / "b")):
        snapshot = ensure(settings)
        export.release(snapshot.open(), folder)
        hashes.append(snapshots.digest((file.name, file) for file in sorted(folder.iterdir())))
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) >= 7


def test_a_second_build_of_the_same_input_only_flips_the_pointer(mine: Settings) -> None:
    assert not build(mine).fresh


def test_the_report_says_what_was_read(mine: Settings) -> None:
    snapshot = snapshots.current(mine)
    assert snapshot is not None
    for table, count in snapshot.manifest["rows"].items():
        with (resources() / "dossier" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            assert count == sum(1 for _ in csv.reader(stream)) - 1
    assert set(snapshot.manifest["rows"]) == {file.stem for file in (resources() / "dossier").glob("*.csv")}


def test_another_input_is_another_snapshot(mine: Settings, tmp_path: Path) -> None:
    dossier = changed_dossier(tmp_path / "dossier", without_last_flow)
    assert build(Settings(home=mine.home, dossier=dossier)).snapshot.id != build(mine).snapshot.id
    assert len(snapshots.published(mine)) == 2


def test_a_damaged_snapshot_is_built_again(mine: Settings) -> None:
    snapshot = snapshots.current(mine)
    assert snapshot is not None
    for file in (snapshot.folder / "store").glob("*.sst"):
        file.write_bytes(b"")
    report = build(mine, again=True)
    assert report.fresh
    assert answers(mine) == snapshot.id


def test_pruning_keeps_the_one_in_use(mine: Settings, tmp_path: Path) -> None:
    before = answers(mine)
    build(Settings(home=mine.home, dossier=changed_dossier(tmp_path / "dossier", without_last_flow)))
    snapshots.use(mine, before)
    snapshots.prune(mine, 1)
    assert answers(mine) == before


def test_an_unknown_snapshot_is_named(mine: Settings) -> None:
    with pytest.raises(UnknownName, match="no snapshot 'abc'"):
        snapshots.use(mine, "abc")


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match="SEISMIC_HOME"):
        build(Settings(home=tmp_path / "file" / "home"))
