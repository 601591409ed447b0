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
TWIN = ("bundle/files.js", "bundle/engine.js", "bundle/oxigraph.wasm")
"""What is built besides for a site of files: its search, and the engine that answers SPARQL in the browser."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
"""The content security policy of every page: nothing from elsewhere, nothing inline."""
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
    found = {file.relative_to(STATIC).as_posix(): file for file in sorted(STATIC.rglob("*")) if file.suffix in _MEDIA}
    files = {name: file.read_bytes() for name, file in found.items() if name not in TWIN}
    files["pictures.css"] = stylesheet().encode()
    return {name: Asset(body, _MEDIA["." + name.rpartition(".")[2]], hashlib.sha256(body).hexdigest()[:12]) for name, body in files.items()}


@lru_cache
def bundle() -> bool:
    """Whether the script bundle was built; without it every page works, with less comfort."""
    return all((STATIC / name).is_file() for name in (*BUNDLE, *TWIN))
