"""What a benchmark ran on: the machine and how busy it was, the versions of all that is compared, and the state of the code."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PEERS = (
    *("duckdb", "networkx", "numpy", "oxigraph", "pandas", "pyoxigraph", "pyshacl", "pyshifty", "pyspark"),
    *("raphtory", "rdflib", "rdflib-endpoint", "rustworkx", "SPARQLWrapper"),
)
"""The packages that are compared or that do the comparing."""
BUSY = 0.5
"""A machine is busy where its load average is above so much a core."""


def machine() -> dict[str, Any]:
    """Cores, memory, processor, system and load averages of 1, 5 and 15 minutes, and whether it is busy."""
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()
    return {
        "cores": cores,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": _said("/proc/cpuinfo", "model name") or platform.machine(),
        "system": platform.system(),
        "load": [round(one, 1) for one in load],
        "busy": load[0] > BUSY * cores,
    }


def _said(file: str, name: str) -> str:
    """The first value of a name in a file of ``name : value`` lines; empty where there is none."""
    lines = Path(file).read_text(encoding="utf-8").splitlines() if Path(file).exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def versions() -> dict[str, str]:
    """Python, and the peers that are installed."""
    found = {"Python": platform.python_version()}
    for name in PEERS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    found["Virtuoso"] = _virtuoso()
    return found


def _virtuoso() -> str:
    if shutil.which("virtuoso-t") is None:
        return "not installed"
    done = subprocess.run(["virtuoso-t", "-?"], capture_output=True, text=True, timeout=30, check=False)
    line = next((line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Version ")), "")
    return line.removeprefix("Version ").partition(" ")[0] or "unknown"


def commit() -> str:
    """The commit of the checkout, with ``-dirty`` where files differ from it; ``unknown`` outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"
