"""The rooms and what each may import: data moves one way, and it shows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "seismic_graph"

LAYERS: list[set[str]] = [
    {"errors", "vocabulary", "dates"},
    {"settings", "rdf", "query_files", "files", "spark"},
    {"sources", "store"},
    {"imports"},
    {"flows", "snapshots", "things"},
    {"paths", "names", "results", "interchange"},
    {"insight", "columns"},
    {"remote"},
    {"ingest", "link", "derive", "validate", "trace", "queries", "catalogue", "push", "replay", "reachability"},  # the stages
    {"export", "picture"},
    {"findings"},
    {"report"},
    {"build"},
    {"graph", "tables"},
    {"web"},
    {"cli"},
]
"""From the lowest to the highest; a room imports from lower layers only, so stages do not import each other."""

LAYER = {room: number for number, layer in enumerate(LAYERS) for room in layer}
IMPORTS_NOTHING = {"errors", "vocabulary", "dates"}


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """The rooms that a file imports, wherever in it the import stands; types alone count as well."""
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("seismic_graph"):
            _, _, rest = node.module.partition(".")
            rooms |= {rest.partition(".")[0]} if rest else {alias.name for alias in node.names if alias.name != "__version__"}
        elif isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("seismic_graph.")}
    return rooms


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_room_imports_from_lower_layers_only(file: Path) -> None:
    room = room_of(file)
    assert room in LAYER, f"give {room} a place in LAYERS"
    for other in imports(file) - {room}:
        assert LAYER[other] < LAYER[room], f"{room} imports {other}"


@pytest.mark.parametrize("room", sorted(IMPORTS_NOTHING))
def test_the_ground_floor_imports_nothing_of_ours(room: str) -> None:
    assert not imports(PACKAGE / f"{room}.py")


def test_readers_never_see_a_store() -> None:
    for file in (PACKAGE / "sources").glob("*.py"):
        assert not {"store", "remote"} & imports(file)


def test_the_package_stays_flat() -> None:
    """Rooms lie side by side; only a room of several pieces is a folder, and none has folders of code in it."""
    rooms = {room_of(file) for file in FILES}
    assert len(rooms) <= 40
    assert {file.parent.name for file in FILES if PACKAGE not in (file.parent, file.parent.parent)} <= {"outlines"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_rdflib_stays_at_the_edges(file: Path) -> None:
    """One term model inside: pyoxigraph's. rdflib where pySHACL and notebooks need it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    uses = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    uses |= {node.module.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert "rdflib" not in uses or room_of(file) in {"validate", "results"}
