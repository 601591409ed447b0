"""Runs inside the environment of the mapping engine, not inside ours: ``mapping.ttl`` over every folder of tables beside it.

Before the engine sees anything, this process gives up what it does not need: memory and output without end, files outside of its
folder, the network, other programs (audit hooks, PEP 578, cannot be taken off again).
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
import sysconfig
from pathlib import Path
from typing import Any

MEMORY = 6 * 2**30
OUTPUT = 8 * 2**30
_CONFIG = """[CONFIGURATION]
output_format: N-QUADS
na_values:
number_of_processes: 1
logging_level: CRITICAL

[table]
mappings: ../mapping.ttl
"""
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.kill", "os.chmod", "os.chown", "os.link",
            "os.symlink", "ftplib.", "http.", "urllib.", "smtplib.", "sqlite3.connect")  # fmt: skip
_CHANGES = {"os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "shutil.rmtree": 1}
"""Event -> how many of its arguments are paths."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def confine(work: Path) -> None:
    """Let this process read its folder and the environment, write its folder, and nothing else."""
    readable = [str(work), sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), "/usr/share/zoneinfo", "/dev/null", "/dev/urandom"]
    readable = [os.path.realpath(one) for one in readable]
    inside = str(work)

    def within(path: str, place: str) -> bool:
        return path == place or path.startswith(place + os.sep)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"the engine may not use {event}")
        if event in _CHANGES:
            for path in arguments[: _CHANGES[event]]:
                if not within(os.path.realpath(os.fsdecode(path)), inside):
                    raise PermissionError(f"the engine may not change {os.fsdecode(path)}")
        if event == "open" and not isinstance(arguments[0], int):
            path, mode, flags = arguments
            real = os.path.realpath(os.fsdecode(path))
            writes = bool(flags & _WRITES) or any(letter in (mode or "") for letter in "wax+")
            if not (within(real, inside) if writes else any(within(real, place) for place in readable)) and real != "/dev/null":
                raise PermissionError(f"the engine may not open {real}")

    sys.addaudithook(watch)


def main() -> None:
    """Give ``triples.txt``: a line for each triple of a row, the number of the row first, in the order of the rows."""
    work = Path.cwd().resolve()
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, OUTPUT), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    engine = importlib.import_module("morph_kgc")
    confine(work)
    with (work / "triples.txt").open("w", encoding="utf-8", newline="\n") as out:
        for folder in sorted(one for one in work.iterdir() if one.is_dir() and one.name.isdigit()):
            os.chdir(folder)
            rows: list[tuple[int, str]] = []
            for quad in engine.materialize_set(_CONFIG):
                triple, _, graph = quad.rpartition(" ")
                rows.append((int(graph.rpartition(":")[2].rstrip(">")), triple))
            rows.sort()
            out.writelines(f"{row}\t{triple}\n" for row, triple in rows)


if __name__ == "__main__":
    main()
