"""The scripts of the pages come with the wheel where npm can make them, and their absence stops nothing but what requires them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from seismic_graph.web import assets
from seismic_graph.web.view import MEDIA
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """``hatch_build.py`` as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel(out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)


def held(out: Path) -> set[str]:
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        return {name.removeprefix("seismic_graph/web/") for name in archive.namelist() if name.startswith("seismic_graph/web/")}


def test_the_same_sources_give_the_same_bytes(hook: ModuleType, tmp_path: Path) -> None:
    one, other = hook.bundle(tmp_path / "one"), hook.bundle(tmp_path / "other")
    assert [file.name for file in one] == sorted(Path(name).name for name in (*assets.BUNDLE, *assets.TWIN))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]
    assert all(b"/tmp/" not in file.read_bytes() for file in one)


def test_a_wheel_has_all_that_pages_need(tmp_path: Path) -> None:
    done = wheel(tmp_path, SEISMIC_UI="require")
    assert done.returncode == 0, done.stdout + done.stderr
    names = held(tmp_path)
    for folder in ("templates", "static", "locale"):
        files = {
            f"{folder}/{file.relative_to(assets.STATIC.parent / folder).as_posix()}"
            for file in (assets.STATIC.parent / folder).rglob("*")
            if file.is_file()
        }
        assert files <= names
    assert {f"static/{name}" for name in (*assets.BUNDLE, *assets.TWIN)} <= names
    assert not any("node_modules" in name for name in names)


@pytest.mark.parametrize(("wish", "works"), [("auto", True), ("skip", True), ("require", False), ("perhaps", False)])
def test_without_a_registry(tmp_path: Path, wish: str, works: bool) -> None:
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_cache": str(tmp_path / "cache")}
    done = wheel(tmp_path / "out", SEISMIC_UI=wish, **nowhere)
    assert (done.returncode == 0) == works, done.stdout + done.stderr
    if works:
        assert not any(name.startswith("static/bundle") for name in held(tmp_path / "out"))
        assert ("without their scripts" in done.stdout + done.stderr) == (wish == "auto")
    else:
        assert ("npm ci failed" if wish == "require" else "say auto, require or skip") in done.stdout + done.stderr


def test_every_file_that_pages_load_has_a_media_type() -> None:
    assert {"style.css", "pictures.css", "icon.svg"} <= set(assets.assets())
    assert all(asset.body and asset.media_type and len(asset.hash) == 12 for asset in assets.assets().values())
    assert all("/" in media for media in MEDIA.values())


def test_styles_and_scripts_name_no_other_host() -> None:
    for name, asset in assets.assets().items():
        if name.endswith(".css"):
            assert b"url(http" not in asset.body
            assert b"@import" not in asset.body
