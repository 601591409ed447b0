"""Generated graphs that are kept: the same size, seed, dossier and code give the same folder, which is made once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from benchmarks import generate
from seismic_graph import columns
from seismic_graph.build import ensure
from seismic_graph.files import workplace
from seismic_graph.settings import Settings


def graph(triples: int, seed: int, data: Path) -> Path:
    """The folder of a graph of about so many triples, as `generate.generate` writes it; whole, since it is renamed at the end.

    Stores and columns that benchmarks make of it are kept in it, so the code of the columns counts as well.
    """
    code = [Path(generate.__file__), *sorted(Path(columns.__file__).parent.glob("*.py"))]
    made_of = hashlib.sha256(b"".join(file.read_bytes() for file in code) + ensure(Settings()).open().identity.encode())
    folder = data / f"graph-{triples}-{seed}-{made_of.hexdigest()[:12]}"
    if not folder.exists():
        data.mkdir(parents=True, exist_ok=True)
        new = workplace(data / "work")
        try:
            generate.generate(triples, new, seed)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return folder
