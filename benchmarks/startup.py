"""How long whole commands take, from the start of Python to its end: ``python -m benchmarks.run startup``.

Commands on the shipped dossier, each a process of its own as the shell starts it, beside Python alone and beside Python that imports
rdflib and does nothing with it. A build begins in an empty home. The caches of the system are warm: every command ran once before.
The aims are in seconds, so they depend on the machine.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import REPEATS, best, process

COMMAND = "from seismic_graph.cli import main; main()"
COMMANDS = (
    (("--help",), 0.15),
    (("query", "what-did-this-network-put-forward-and-where-did-it-go", "--network", "nanet-se"), 0.6),
    (("trace", "nanet-se", "sria-2015"), 0.6),
)
"""Arguments -> the seconds within which the answer is to be there."""
BUILD = 3.0
"""The seconds within which the dossier is to be built in an empty home."""


def seismic(home: Path, *arguments: str) -> None:
    """Run ``seismic ARGUMENTS`` as its script does."""
    process([sys.executable, "-c", COMMAND, *arguments], {"SEISMIC_HOME": str(home)})


def measure() -> Table:
    """The table of all commands."""

    def python(program: str) -> Callable[[], str]:
        return lambda: process([sys.executable, "-c", program])

    floors = [
        Row("", "floor: Python starts and ends", best(python("pass"))[0]),
        Row("", "Python imports rdflib", best(python("import rdflib"))[0], "and answers nothing"),
    ]
    rows = []

    def row(words: str, seconds: float, within: float, note: str) -> None:
        rows.append(Row(words, OURS, seconds, note, within=within))
        rows.extend(Row(words, floor.who, floor.seconds, floor.note) for floor in floors)

    with tempfile.TemporaryDirectory() as room:
        home = Path(room) / "home"
        seismic(home, "build")
        for arguments, within in COMMANDS:
            seconds, _ = best(lambda arguments=arguments: seismic(home, *arguments))  # type: ignore[misc]
            row(f"seismic {' '.join(arguments)}", seconds, within, f"the least of {REPEATS}")
        fresh = iter(range(3))
        seconds, _ = best(lambda: seismic(Path(room) / f"fresh-{next(fresh)}", "build"), 3)
        row("seismic build, in an empty home", seconds, BUILD, "the least of 3")
    return Table("startup", "Whole commands, from start to end", rows)
