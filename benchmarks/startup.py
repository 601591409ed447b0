"""How long whole commands take, from the start of Python to its end: ``python -m benchmarks.run startup``.

Commands on the shipped dossier, each a process of its own as the shell starts it, beside Python alone and beside Python that imports
rdflib and does nothing with it. A build begins in an empty home; its floor loads the triples that it gives. The least of several runs
counts, so the caches of the system are warm. The aims are in seconds, so they depend on the machine.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import best, process
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

    def python(program: str) -> Callable[[], str]:
        return lambda: process([sys.executable, "-c", program])

    bare, rdflib = best(python("pass"))[0], best(python("import rdflib"))[0]
    rows = []
    with tempfile.TemporaryDirectory() as room:
        home = Path(room) / "home"
        seismic(home, "build")
        for arguments, within in COMMANDS:
            seconds, _ = best(lambda arguments=arguments: seismic(home, *arguments))  # type: ignore[misc]
            words = f"seismic {' '.join(arguments)}"
            rows.append(Row(words, OURS, seconds, within=within))
            rows.append(Row(words, "floor: Python starts and ends", bare))
            rows.append(Row(words, "Python imports rdflib", rdflib, "and answers nothing"))
        words, fresh = "seismic build, in an empty home", iter(range(3))
        seconds, _ = best(lambda: seismic(Path(room) / f"fresh-{next(fresh)}", "build"), 3)
        rows.append(Row(words, OURS, seconds, within=BUILD))
        dump = dumped(home, Path(room) / "dump.nt")
        stores = (str(Path(room) / f"store-{number}") for number in range(3))
        loaded, _ = best(lambda: process([sys.executable, "-c", LOAD, str(dump), next(stores)]), 3)
        rows.append(
            Row(words, "floor: a new process loads what the build gives, pyoxigraph", loaded, "nothing is read, derived or checked")
        )
    return Table("startup", "Whole commands, from start to end", rows)
