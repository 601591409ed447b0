"""The files that pages load: styles, icons, and the script bundle where it was built."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from seismic_graph.picture import stylesheet

STATIC = Path(__file__).parent / "static"
BUNDLE = ("bundle/site.js", "bundle/editor.js", "bundle/editor.css")
"""What ``frontend/`` is built into; see ``hatch_build.py``."""
_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, its media type, and a hash of its bytes."""

    body: bytes
    media_type: str
    hash: str


@lru_cache
def assets() -> Mapping[str, Asset]:
    """All files below ``static/`` by name, with ``pictures.css``, the styles of all pictures."""
    files = {file.relative_to(STATIC).as_posix(): file.read_bytes() for file in sorted(STATIC.rglob("*")) if file.suffix in _MEDIA}
    files["pictures.css"] = stylesheet().encode()
    return {name: Asset(body, _MEDIA["." + name.rpartition(".")[2]], hashlib.sha256(body).hexdigest()[:12]) for name, body in files.items()}


@lru_cache
def bundle() -> bool:
    """Whether the script bundle was built; without it every page works, with less comfort."""
    return all(name in assets() for name in BUNDLE)
