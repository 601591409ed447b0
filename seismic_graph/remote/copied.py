"""What was read of an endpoint, kept on this machine for as long as the endpoint is in the same state.

::

    home/endpoints/
      <key>/<state>/
        <property>.nt        the triples of one property, whole
        flows.columns        its flows, see `seismic_graph.columns`
      reading/<pid>-<n>/     what is being read; what a killed process leaves is swept by the next one

The key is a hash of address and user, the state one of what `seismic_graph.remote.state` tells; no name, password or address is in either.
What is read is moved to its place at the end, when the endpoint is seen to be in the state of the beginning, so nothing is left of what
broke off. Copies of an older state are removed when a new one is made. Where the state cannot be told, nothing is kept for longer than the
process runs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import columns, files
from seismic_graph.columns import Columns
from seismic_graph.errors import QueryError, SeismicError, StoreError
from seismic_graph.paths import FlowNetwork
from seismic_graph.remote.endpoint import RemoteStore
from seismic_graph.remote.pages import Property, triples
from seismic_graph.remote.state import state
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import DCTERMS, PREFIXES, RDF, SG, short

Announce = Callable[[str], None]

FLOWS = (
    *(Property(RDF + "type", value) for value in (SG.KnowledgeFlow, SG.Source)),
    *map(Property, (PREFIXES["sg"] + "from", SG.to, SG.flowKind, SG.direction, SG.basis)),
    *map(Property, (SG.earliest, SG.latest, SG.surelyFrom, SG.surelyUntil, SG.contradicts)),
    *map(Property, (DCTERMS + "source", SG.publisherName, SG.standing, SG.timeless, SG.reversed)),
)
"""What the flows of a graph are made of."""


class Copied:
    """The copy of one endpoint.

    Args:
        store: the endpoint.
        home: where copies are kept.
        fresh: read anew, whatever is kept.
        announce: told what is read, and why.
    """

    def __init__(self, store: RemoteStore, home: Path, *, fresh: bool = False, announce: Announce = lambda text: None) -> None:
        self.store, self.home, self.fresh, self.announce = store, home / "endpoints", fresh, announce

    @property
    def some_kept(self) -> bool:
        """Whether the flows of it are kept as they are or were in some state; nothing is asked."""
        return not self.fresh and any((self.home / self.store.key).glob(f"*/{columns.FILE}"))

    @property
    def kept(self) -> bool:
        """Whether the flows of it are kept as they are now; its state is asked for only where some are kept."""
        return self.some_kept and (self.folder / columns.FILE).exists()

    @property
    def knows_state(self) -> bool:
        """Whether it costs little to tell its state: it was told before, or the endpoint names its snapshot."""
        return "state" in self.__dict__ or bool(self.store.snapshot)

    @cached_property
    def state(self) -> str:
        """The state in which it was found first; empty where it cannot be told."""
        try:
            return state(self.store)
        except (StoreError, QueryError) as error:
            self.announce(f"What is read of {self.store.name} is not kept, since it does not say in which state it is: {error}")
            return ""

    @cached_property
    def folder(self) -> Path:
        """Where the copy of this state is; removed at the end of the process where the state cannot be told."""
        if not self.state:
            self._temporary = tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=_workplace(self.home).parent)
            return Path(self._temporary.name)
        place = self.home / self.store.key
        if self.fresh:
            shutil.rmtree(place, ignore_errors=True)
        return place / _short(self.state)

    def files(self, wanted: Iterable[Property]) -> list[Path]:
        """A file of N-Triples for each of some properties; what is not there is read.

        Raises:
            StoreError: the endpoint did not give a whole answer, or was written to meanwhile.
        """
        named = {self._file(one): one for one in wanted}
        missing = {file: one for file, one in named.items() if not file.exists()}
        if missing:
            self.announce(f"Reading {len(missing)} properties of {self.store.name}.")
            work = _workplace(self.home)
            try:
                for file, one in missing.items():
                    self._read(one, work / file.name)
                self._check()
                if self.state:
                    _make(self.folder)
                for file in missing:
                    (work / file.name).replace(file)
            except OSError as error:
                raise SeismicError(f"{self.home} cannot be written ({error.strerror or error}). Make room, or set SEISMIC_HOME.") from error
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return list(named)

    def forget(self, those: Iterable[Property]) -> None:
        """Remove the files of some properties, of which nobody will ask again."""
        for one in those:
            self._file(one).unlink(missing_ok=True)

    def _file(self, one: Property) -> Path:
        return self.folder / f"{_short(repr(one))}.nt"

    def _check(self) -> None:
        """Make sure that the endpoint is still in the state in which it was found.

        Raises:
            StoreError: it is not.
        """
        if self.state and state(self.store) != self.state:
            raise StoreError(f"{self.store.name} was written to since it was read first, so that nothing fits together. Ask again.")

    def _read(self, wanted: Property, file: Path) -> None:
        """Write the triples of a property to a file."""
        predicate = f"<{wanted.iri}>"
        with file.open("w", encoding="utf-8", newline="\n") as lines:
            for subject, value in triples(self.store, wanted):
                if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
                    raise StoreError(
                        f"{self.store.name} has nodes without a name under {short(wanted.iri)}, which nobody outside can tell apart. "
                        "Give them names there (RDF 1.1 Concepts, section 3.5), or ask that endpoint alone."
                    )
                lines.write(f"{subject} {predicate} {value} .\n")


def network(copies: Sequence[Copied]) -> FlowNetwork:
    """All flows of one endpoint, or of several as of one: out of the columns that are kept of their states, else read and kept.

    A flow may have its ends in one endpoint, its days in another and its sources in a third: they are joined here.

    Raises:
        StoreError: an endpoint did not give a whole answer, or was written to meanwhile.
    """
    place = next((copy.folder for copy in copies if not copy.state), copies[0].folder)
    if len(copies) > 1 and all(copy.state for copy in copies):
        keys, states = [copy.store.key for copy in copies], [copy.state for copy in copies]
        place = copies[0].home / _short(" ".join(keys)) / _short(" ".join(states))
        if any(copy.fresh for copy in copies):
            shutil.rmtree(place, ignore_errors=True)
    identity = " ".join(copy.state for copy in copies)
    try:
        return columns.fit(Columns(place / columns.FILE, identity))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except StoreError as error:
        copies[0].announce(f"The flows are read anew: {error}")
    store = joined(copies, FLOWS)
    if all(copy.state for copy in copies):
        _make(place)
    made = columns.written(store, place / columns.FILE, identity)
    if len(copies) == 1:
        copies[0].forget(one for one in FLOWS if one.iri != DCTERMS + "source")  # things have sources as well
    return columns.fit(made)


def joined(copies: Sequence[Copied], wanted: Iterable[Property], store: EmbeddedStore | None = None) -> EmbeddedStore:
    """The triples of some properties of all copies, each once, in a store in memory: a new one, or one that has others already."""
    store = store or EmbeddedStore()
    chosen = list(wanted)
    for copy in copies:
        for file in copy.files(chosen):
            store.load_file(file, _GRAPH)
    return store


_GRAPH = "urn:x-seismic:joined"


def _workplace(home: Path) -> Path:
    """A new folder for what is being read, for this user alone."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return files.workplace(home / "reading")
    except OSError as error:
        raise SeismicError(f"{home} cannot be written ({error.strerror or error}). Make room, or set SEISMIC_HOME.") from error


def _make(folder: Path) -> None:
    """Make the folder of a state, and remove those of other states beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
