"""What many test folders need: one built snapshot, its store, and the command line as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seismic_graph.build import build
from seismic_graph.graph import Graph
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore

pytest_plugins = ["tests.fixtures.servers"]

ROOT = Path(__file__).parent.parent
os.environ.setdefault("SEISMIC_TOOLS", str(ROOT / ".check-venv" / "tools"))  # one mapping engine for all homes


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for snapshots in which the shipped dossier is built."""
    place = tmp_path_factory.mktemp("home")
    build(Settings(home=place))
    return place


@pytest.fixture(scope="session")
def graph(home: Path) -> Graph:
    """The graph of the shipped dossier."""
    return Graph.open(settings=Settings(home=home))


@pytest.fixture(scope="session")
def full_store(graph: Graph) -> EmbeddedStore:
    """Its store: ontology, dossier, derived, catalogue."""
    return graph.embedded


@pytest.fixture(scope="session")
def dossier_graph_file(full_store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier and what is derived from it as N-Triples."""
    file = tmp_path_factory.mktemp("dump") / "dossier.nt"
    file.write_bytes(b"".join(full_store.dump(graph) for graph in full_store.graphs() if graph.endswith(("/dossier", "/derived"))))
    return file


Runner = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def seismic(home: Path) -> Runner:
    """Run ``seismic ARGUMENTS`` as a process of its own; output captured as text."""

    def run(*arguments: str, home: Path = home, stdin: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "seismic_graph.cli", *arguments],
            capture_output=True,
            text=True,
            input=stdin,
            cwd=cwd or ROOT,
            env=os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
            timeout=120,
        )

    return run
