"""How long whole commands take, from the start of Python to its end: ``python -m benchmarks.run startup``.

Commands on the shipped dossier, each a process of its own as the shell starts it, beside Python alone and beside Python that imports
rdflib and does nothing with it. A build begins in an empty home; its floor loads the triples that it gives. The least of several runs
counts, which take turns with those of the others, so the caches of the system are warm. The aims are in seconds, and depend on the
machine.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import alternately, process
from seismic_graph.build import ensure
from seismic_graph.settings import Settings

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


LOAD = """
import sys
import pyoxigraph as ox
ox.Store(sys.argv[2]).bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES)
"""


def dumped(home: Path, file: Path) -> Path:
    """The triples of all graphs that were built in a home, in a file."""
    store = ensure(Settings(home=home)).open()
    file.write_bytes(b"".join(map(store.dump, store.graphs())))
    return file


def measure() -> Table:
    """The table of all commands."""

    def python(program: str, *words: str) -> str:
        return process([sys.executable, "-c", program, *words])

    rows = []
    with tempfile.TemporaryDirectory() as room:
        home = Path(room) / "home"
        seismic(home, "build")
        for arguments, within in COMMANDS:
            words = f"seismic {' '.join(arguments)}"
            seconds, bare, rdflib = alternately(
                lambda arguments=arguments: seismic(home, *arguments),  # type: ignore[misc]
                lambda: python("pass"),
                lambda: python("import rdflib"),
            )
            rows.append(Row(words, OURS, seconds, within=within))
            rows.append(Row(words, "floor: Python starts and ends", bare))
            rows.append(Row(words, "Python imports rdflib", rdflib, "and answers nothing"))
        words, dump = "seismic build, in an empty home", dumped(home, Path(room) / "dump.nt")
        fresh = (Path(room) / f"fresh-{number}" for number in count())
        seconds, loaded = alternately(lambda: seismic(next(fresh), "build"), lambda: python(LOAD, str(dump), str(next(fresh))), repeats=3)
        rows.append(Row(words, OURS, seconds, within=BUILD))
        rows.append(
            Row(words, "floor: a new process loads what the build gives, pyoxigraph", loaded, "nothing is read, derived or checked")
        )
    return Table("startup", "Whole commands, from start to end", rows)
