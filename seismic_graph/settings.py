"""Where things are: the folders that ship with the project, and the place of the snapshots.

The folders ``ontology/ shapes/ queries/ dossier/`` lie beside the package in a checkout and inside
it in an installed wheel; `resources` is the one function that knows.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from seismic_graph.errors import UsageError

_PACKAGE = Path(__file__).parent


def resources() -> Path:
    """The folder that holds ``ontology/ shapes/ queries/ dossier/``.

    Raises:
        UsageError: the installation is incomplete.
    """
    for place in (_PACKAGE / "resources", _PACKAGE.parent):
        if (place / "ontology").is_dir() and (place / "queries").is_dir():
            return place
    raise UsageError(
        f"The folders ontology/ and queries/ are not beside {_PACKAGE}: the installation is incomplete. Install the package again."
    )


def _default_home() -> Path:
    if told := os.environ.get("SEISMIC_HOME"):
        return Path(told).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "seismic-graph"


def _default_tools() -> Path | None:
    told = os.environ.get("SEISMIC_TOOLS")
    return Path(told).expanduser() if told else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run works with; frozen, passed on, never a global.

    Attributes:
        home: where snapshots are kept (environment variable ``SEISMIC_HOME``).
        dossier: the folder of the curated tables.
        ontology, shapes, queries: the folders that ship with the project.
        tools: where programs of others have environments of their own (``SEISMIC_TOOLS``); None for ``home/tools``.
    """

    home: Path = field(default_factory=_default_home)
    dossier: Path = field(default_factory=lambda: resources() / "dossier")
    ontology: Path = field(default_factory=lambda: resources() / "ontology")
    shapes: Path = field(default_factory=lambda: resources() / "shapes")
    queries: Path = field(default_factory=lambda: resources() / "queries")
    tools: Path | None = field(default_factory=_default_tools)

    @property
    def links_file(self) -> Path:
        """The links between datasets as N-Triples; missing until there are some."""
        return self.home / "links" / "links.nt"

    def ontology_files(self) -> list[Path]:
        """All Turtle files of the ontology and its vocabularies, in a fixed order."""
        return sorted(self.ontology.glob("**/*.ttl"))

    def derive_files(self) -> list[Path]:
        """All derive rules, in a fixed order."""
        return sorted((self.queries / "derive").glob("*.rq"))

    def query_files(self) -> list[Path]:
        """All questions of the query library, in a fixed order."""
        return sorted(self.queries.glob("*.rq"))

    def shape_files(self) -> list[Path]:
        """The shapes that data must meet; ``ontology.ttl`` checks the ontology itself and is left out."""
        return [file for file in sorted(self.shapes.glob("*.ttl")) if file.name != "ontology.ttl"]

    def dossier_files(self) -> list[Path]:
        """The tables of the dossier, in a fixed order."""
        return sorted(self.dossier.glob("*.csv"))
