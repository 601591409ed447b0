"""Snapshots: immutable stores side by side, and the pointer that says which one is in use.

::

    home/
      current                 the id of the snapshot in use, flipped atomically
      snapshots/<id>/store/   the store, opened read-only from here on
      snapshots/<id>/manifest.json
      building/<pid>-<n>/     work in progress; what a killed build leaves is swept by the next one

Any number of processes read while one builds, and a build that is killed costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seismic_graph import files, imports
from seismic_graph.errors import BuildError, SeismicError, UnknownName
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot: its id, its folder and what its manifest says."""

    id: str
    folder: Path
    manifest: dict[str, Any]

    def open(self) -> EmbeddedStore:
        """Its store, read-only."""
        return EmbeddedStore(self.folder / "store", identity=self.id)


def digest(named: Iterable[tuple[str, Path]]) -> dict[str, str]:
    """Name -> SHA-256 of the bytes of a file."""
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in named}


def inputs(settings: Settings) -> dict[str, str]:
    """Everything that a snapshot is made of, by name, with its hash; the snapshot id is a hash of this."""
    from seismic_graph import __version__

    groups = {
        "ontology": (settings.ontology, settings.ontology_files()),
        "derive": (settings.queries / "derive", settings.derive_files()),
        "shapes": (settings.shapes, settings.shape_files()),
        "dossier": (settings.dossier, settings.dossier_files()),
    }
    links = [("links", settings.links_file)] if settings.links_file.exists() else []
    named = ((f"{group}/{file.relative_to(root).as_posix()}", file) for group, (root, found) in groups.items() for file in found)
    return {"software": __version__, **digest(named), **digest(links), **imports.digests(settings)}


def identify(made_of: dict[str, str]) -> str:
    """The snapshot id of some inputs: the first 16 digits of a SHA-256 over names and hashes."""
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]


def current(settings: Settings) -> Snapshot | None:
    """The snapshot in use, or None where there is none yet."""
    try:
        name = (settings.home / "current").read_text(encoding="ascii").strip()
        return read(settings, name)
    except (FileNotFoundError, NotADirectoryError, UnknownName):
        return None


def read(settings: Settings, name: str) -> Snapshot:
    """A published snapshot by its id.

    Raises:
        UnknownName: there is no such snapshot.
    """
    folder = settings.home / "snapshots" / name
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        raise UnknownName("snapshot", name, [snapshot.id for snapshot in published(settings)]) from None
    return Snapshot(name, folder, manifest)


def published(settings: Settings) -> list[Snapshot]:
    """All published snapshots, the newest first."""
    manifests = (settings.home / "snapshots").glob("*/manifest.json")
    newest_first = sorted(manifests, key=lambda file: (file.stat().st_mtime, file.parent.name), reverse=True)
    return [read(settings, file.parent.name) for file in newest_first]


def workplace(settings: Settings) -> Path:
    """A new empty folder for a build, beside the snapshots; what dead builds left is swept first.

    Raises:
        BuildError: the place cannot be written.
    """
    try:
        return files.workplace(settings.home / "building")
    except OSError as error:
        raise BuildError(
            f"{settings.home} cannot be written ({error.strerror or error}). Make room or choose another place with SEISMIC_HOME."
        ) from error


def publish(settings: Settings, work: Path, name: str, manifest: dict[str, Any]) -> Snapshot:
    """Turn a finished build into the snapshot in use: one rename, then one flip of the pointer.

    Raises:
        BuildError: the disk refused; the snapshot in use before stays in use.
    """
    folder = settings.home / "snapshots" / name
    try:
        files.write_whole(work / "manifest.json", (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():  # the same inputs were built before: the new build takes its place
            folder.rename(work.with_name(f"{work.name}-old"))
        work.rename(folder)
        shutil.rmtree(work.with_name(f"{work.name}-old"), ignore_errors=True)
    except (OSError, SeismicError) as error:
        raise BuildError(
            f"The snapshot could not be written to {settings.home} ({error}). The last one stays in use. Make room and build again."
        ) from error
    return use(settings, name)


def use(settings: Settings, name: str) -> Snapshot:
    """Flip the pointer to a published snapshot.

    Raises:
        UnknownName: there is no such snapshot.
        BuildError: the disk refused; the snapshot in use before stays in use.
    """
    snapshot = read(settings, name)
    try:
        files.write_whole(settings.home / "current", f"{name}\n".encode("ascii"))
    except SeismicError as error:
        raise BuildError(f"The pointer in {settings.home} could not be written ({error}). The last snapshot stays in use.") from error
    return snapshot


def prune(settings: Settings, keep: int) -> list[str]:
    """Remove all but the newest `keep` snapshots; the one in use always stays. The ids that went."""
    in_use = current(settings)
    gone = []
    for snapshot in published(settings)[max(keep, 0) :]:
        if in_use is None or snapshot.id != in_use.id:
            shutil.rmtree(snapshot.folder)
            gone.append(snapshot.id)
    return gone
