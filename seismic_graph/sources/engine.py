"""The engine that executes mappings: Morph-KGC, in a Python environment of its own, since it pins older versions of what we use.

The environment is made once, from ``pins/tables.txt`` with its hashes; afterwards no network is needed.
The engine runs as a process with limits of time, memory and output, and reads and writes its working folder only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from seismic_graph import files
from seismic_graph.errors import ToolError
from seismic_graph.settings import Settings, resources

COMMAND = "seismic mapping engine"
"""What makes the environment up front."""
TIME = 600.0
"""Seconds that a run may take, unless told otherwise."""
_PATIENCE = 900
"""Seconds that setting the environment up may take."""
_DRIVER = Path(__file__).with_name("engine_driver.py")


def folder(settings: Settings) -> Path:
    """Where the environment is, or will be: one for each set of pins and version of Python."""
    pins = (resources() / "pins" / "tables.txt").read_bytes()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = f"tables-{hashlib.sha256(pins).hexdigest()[:12]}-py{version}"
    return (settings.tools or settings.home / "tools") / name


def ready(settings: Settings) -> bool:
    """Whether the environment has been made."""
    return (folder(settings) / "bin" / "python").exists()


def ensure(settings: Settings, tell: Callable[[str], None] = lambda what: None) -> Path:
    """The Python of the environment, which is made first where there is none.

    Args:
        settings: where it is.
        tell: told that it is being made.

    Raises:
        ToolError: it cannot be made; nothing half done is left.
    """
    place = folder(settings)
    python = place / "bin" / "python"
    if python.exists():
        return python
    pins = resources() / "pins" / "tables.txt"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with (place.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if python.exists():  # another process made it meanwhile
                return python
            tell(f"Making the environment of the mapping engine once, from {pins.name} (280 MB on disk): {place}")
            work = files.workplace(place.parent / "working")
            try:
                _run([sys.executable, "-m", "venv", str(work / "env")])
                pip = [str(work / "env" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                _run([*pip, "--no-input", "--require-hashes", "--only-binary", ":all:", "-r", str(pins)])
                (work / "env").rename(place)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise ToolError(f"The environment of the mapping engine cannot be made in {place.parent}: {error}. Make room there.") from error
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise ToolError(f"The environment of the mapping engine was not ready after {_PATIENCE} seconds. Try again: {COMMAND}") from None
    if done.returncode:
        told = " ".join([line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:])
        raise ToolError(
            "The environment of the mapping engine cannot be made; it needs Python's venv and, once, a package index. "
            f"When both are there: {COMMAND}\n  {told}"
        )


@lru_cache(maxsize=1)
def _without_network() -> tuple[str, ...]:
    """What to put before a command so that the kernel gives it no network; nothing where that cannot be had."""
    command = ("unshare", "--user", "--map-current-user", "--net", "--")
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        if subprocess.run([*command, "true"], check=False, capture_output=True, timeout=10).returncode == 0:
            return command
    return ()


def run(python: Path, work: Path, *, seconds: float = TIME) -> Iterator[tuple[int, str]]:
    """Execute ``mapping.ttl`` of a working folder over its numbered folders of tables.

    Args:
        python: the Python of the environment.
        work: holds ``mapping.ttl`` and ``0000/``, ``0001/``, …, each with the tables that the mapping names.
        seconds: what the run may take.

    Yields:
        (row, ``subject predicate object``) in the order of the rows, each triple of a row once.

    Raises:
        ToolError: it failed, or took too long.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(work), "TMPDIR": str(work), "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    command = [*_without_network(), str(python), "-I", "-B", str(_DRIVER)]
    with (work / "engine.log").open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ToolError(
                f"The mapping engine was stopped after {seconds:.0f} seconds; nothing was imported. Give it more with --timeout."
            ) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            log.seek(0)
            told = " ".join(line.strip() for line in log.read().splitlines()[-3:])
            raise ToolError(f"The mapping engine failed (exit code {code}); nothing was imported. It said: {told or 'nothing'}")
    with (work / "triples.txt").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row, _, triple = line.rstrip("\n").partition("\t")
            yield int(row), triple
