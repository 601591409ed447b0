"""Loads a snapshot into an endpoint, part by part, so that an interrupted push goes on where it stopped.

The first part of a graph replaces what the endpoint had under that name, further parts are added; so no older version is mixed in,
and sending a part twice changes nothing. Triples with blank nodes all go into the first part, because a blank node sent twice is
two. At the end the triples of each graph are counted at the endpoint, and its literals by datatype: another number of triples is an
error, another number of some datatype is reported.

Parts go by the Graph Store Protocol (SPARQL 1.1 Graph Store HTTP Protocol), and by SPARQL Update where the endpoint has none.

What Virtuoso 7.2.5 does not keep (measured). By its graph store, which gives back all triples of the dossier as they were:

- doubles beyond six digits (``123456789.123`` becomes ``1.23457e+08``); decimals are kept
- integers beyond 32 bits become decimals
- durations become numbers (``P1Y`` is ``12``), and years before 0 lose a digit
- IRIs are cut after some 1,900 characters

By SPARQL Update also:

- whole decimals become integers, which some amounts of money in the dossier are
- of ``"2013"^^xsd:gYear`` and ``"2013-01"^^xsd:gYearMonth`` in one request, both get the type of one; so a request holds one of these
  types only
- integers of 2^63 and more change their value or fail; xsd:time, xsd:duration and ill-formed literals fail
- a request may hold some 1,000 triples ("exceeded 10000 lines of code"); `UPDATE_TRIPLES` is half of that

A graph store takes the dossier in 3 seconds, SPARQL Update in 28.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from seismic_graph import rdf
from seismic_graph.errors import Busy, NoGraphStore, QueryError, StoreError, TimedOut, Unreachable
from seismic_graph.remote import AGENT, RemoteStore
from seismic_graph.store import Answer, EmbeddedStore, text_of
from seismic_graph.vocabulary import GRAPH, RDF, XSD, short

PART_SIZE = 2_000_000
"""Bytes of N-Triples in a part that goes to a graph store."""
UPDATE_SIZE = 500_000
"""Bytes of N-Triples in a part that goes by SPARQL Update."""
UPDATE_TRIPLES = 500
"""Triples in a part that goes by SPARQL Update."""

Progress = Callable[[str, int, int], None]
"""Called with the graph at hand, the triples that have arrived and the triples in all."""


class Target(Protocol):
    """What a snapshot is pushed to: `RemoteStore`, or anything like it."""

    @property
    def name(self) -> str:
        """Its address."""
        ...

    def query(self, text: str) -> Answer:
        """The answer to a query."""
        ...

    def update(self, text: str) -> None:
        """Run a SPARQL Update."""
        ...

    def put_graph(self, graph: str, triples: bytes) -> None:
        """Replace a graph; raises `NoGraphStore` where there is no Graph Store Protocol."""
        ...

    def append(self, graph: str, triples: bytes) -> None:
        """Add to a graph."""
        ...

    def delete_graph(self, graph: str) -> None:
        """Remove a graph."""
        ...


# --- where to -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PushTarget:
    """The three addresses of an endpoint.

    Attributes:
        query_url: where it takes queries.
        update_url: where it takes SPARQL Update.
        store_url: where it takes the Graph Store Protocol; None where no such address is known.
        server: the product, as it calls itself.
    """

    query_url: str
    update_url: str
    store_url: str | None
    server: str = ""

    @classmethod
    def discover(
        cls,
        url: str,
        *,
        update_url: str | None = None,
        store_url: str | None = None,
        timeout: float = 60.0,
        user_agent: str = AGENT,
    ) -> PushTarget:
        """The addresses of an endpoint, from its base or its query address and from what it calls itself.

        Oxigraph, Virtuoso, Fuseki, and RDF4J with GraphDB are known. Of any other, the query address takes updates as well, as
        far as we know, and has no graph store. Only ``ASK {}`` is asked.

        Args:
            url: the address of the server, of a data set of it, or where it takes queries; credentials as for `RemoteStore`.
            update_url: where it takes updates, if that is known.
            store_url: where it takes the Graph Store Protocol, if that is known.
            timeout: seconds for each of the addresses tried.
            user_agent: how we introduce ourselves.

        Raises:
            UsageError: an address is not one of http or https.
            StoreError: no address answers a query; `Unreachable` where nothing answers at all.
        """
        head, mark, _ = url.partition("?")
        head = head.rstrip("/")
        candidates = [url] + ([] if mark or re.search(r"/(query|sparql|sparql-auth)$", head) else [f"{head}/query", f"{head}/sparql"])
        refusals = []
        for candidate in candidates:
            asked = RemoteStore(candidate, timeout=timeout, user_agent=user_agent)
            try:
                asked.query("ASK {}")
            except (Unreachable, Busy, TimedOut):
                raise
            except (StoreError, QueryError) as error:
                refusals.append(str(error))
                continue
            update, store = _beside(candidate, asked.server)
            return cls(candidate, update_url or update, store_url or store, asked.server)
        raise StoreError("No SPARQL endpoint was found; give the address that takes queries.\n" + "\n".join(refusals))

    def connect(self, *, timeout: float = 60.0, user_agent: str = AGENT) -> RemoteStore:
        """The endpoint, to query and to write."""
        return RemoteStore(self.query_url, timeout=timeout, user_agent=user_agent, update_url=self.update_url, store_url=self.store_url)


def _beside(query_url: str, server: str) -> tuple[str, str | None]:
    """The addresses for updates and of the graph store that belong to a query address, by product."""
    address, mark, options = query_url.partition("?")
    address = address.rstrip("/")
    base = re.sub(r"/(query|sparql|sparql-auth)$", "", address)
    product = server.lower()
    if "oxigraph" in product:
        return f"{base}/update", f"{base}/store"
    if "virtuoso" in product:
        if re.match(r"https?://[^/]*@", base):  # with a password: the addresses that ask for one
            return f"{base}/sparql-auth", f"{base}/sparql-graph-crud-auth"
        return address + mark + options, f"{base}/sparql-graph-crud"
    if "fuseki" in product or "jena" in product:
        return f"{base}/update", f"{base}/data"
    if "/repositories/" in address:
        return f"{address}/statements", f"{address}/rdf-graphs/service"
    return query_url, None


# --- what ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did.

    Attributes:
        target: the address.
        snapshot: the identity of the store that was pushed.
        graphs: graph -> triples there, counted at the endpoint.
        sent: parts sent this time.
        kept: parts that an earlier, interrupted push had sent.
        others: graphs of ours at the endpoint that the snapshot does not have; answers over all graphs take them in.
        removed: such graphs that were removed, because that was asked for.
        by_update: the endpoint has no graph store; the parts went by SPARQL Update.
        changed: literals that the endpoint holds with another datatype: graph, datatype, how many here and there.
    """

    target: str
    snapshot: str
    graphs: dict[str, int]
    sent: int
    kept: int
    others: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    by_update: bool = False
    changed: tuple[tuple[str, str, int, int], ...] = ()

    def to_text(self) -> str:
        """What people read."""
        lines = [f"{graph}: {count:,} triples" for graph, count in self.graphs.items()]
        way = "SPARQL Update" if self.by_update else "the Graph Store Protocol"
        kept = f", {self.kept} of an earlier push kept" if self.kept else ""
        lines.append(f"Snapshot {self.snapshot} is in {self.target} and counted: {self.sent} parts sent by {way}{kept}.")
        for graph, datatype, here, there in self.changed:
            lines.append(f"The endpoint changes literals: {graph} has {here:,} of {short(datatype)} here and {there:,} there.")
        lines += [f"Removed: {graph}" for graph in self.removed]
        lines += [f"Also there, and not of this snapshot: {graph}" for graph in self.others]
        return "\n".join(lines)


def push_snapshot(
    store: EmbeddedStore,
    url: str,
    home: Path,
    *,
    update_url: str | None = None,
    store_url: str | None = None,
    timeout: float = 60.0,
    prune: bool = False,
    progress: Progress | None = None,
) -> PushReport:
    """What pushing a snapshot to an address did; the state of an interrupted push is kept in a folder.

    Args:
        store: the snapshot.
        url: as for `PushTarget.discover`, like ``update_url`` and ``store_url``.
        home: the state file is ``push/<hash of the address>.json`` in here.
        timeout: seconds for each request.
        prune: remove graphs of ours that the snapshot does not have.
        progress: as for `push`.

    Raises:
        UsageError: an address is not one of http or https.
        StoreError: as for `PushTarget.discover` and `push`.
    """
    target = PushTarget.discover(url, update_url=update_url, store_url=store_url, timeout=timeout).connect(timeout=timeout)
    state = home / "push" / f"{hashlib.sha256(target.name.encode()).hexdigest()[:16]}.json"
    return push(store, target, state_file=state, prune=prune, progress=progress)


def push(
    store: EmbeddedStore,
    target: Target,
    *,
    state_file: Path,
    part_size: int = PART_SIZE,
    prune: bool = False,
    progress: Progress | None = None,
) -> PushReport:
    """What loading all named graphs of a snapshot into an endpoint did.

    After each part the state file notes how far each graph is, with what was in it, and the next push goes on from there. It is
    removed when all is counted. Other graphs of the endpoint stay as they are.

    Args:
        store: the snapshot.
        target: the endpoint; `PushTarget.connect` gives it.
        state_file: where the state is kept; its folder is made.
        part_size: bytes of N-Triples in a part that goes to a graph store.
        prune: remove graphs under our own namespace of graphs that the snapshot does not have.
        progress: called after each part.

    Raises:
        StoreError: the endpoint did not take a part, the state cannot be kept, or the endpoint has another number of triples in a
            graph than the snapshot. `Unreachable`, `Busy` and `TimedOut` say that pushing again may help.
    """
    state = _State.read(state_file, target.name, store.identity)
    graphs = store.graphs()
    total, arrived, sent, kept, by_update = len(store.inner), 0, 0, 0, state.by_update
    expected: dict[str, int] = {}
    types: dict[str, Counter[str]] = {}
    for graph in graphs:
        lines = [line for line in store.dump(graph).split(b"\n") if line]
        expected[graph] = len(lines)
        types[graph] = Counter(match[1].decode() for line in lines if (match := _TYPED.search(line)))
        while True:
            parts = list(_parts(lines, UPDATE_SIZE, UPDATE_TRIPLES) if by_update else _parts(lines, part_size))
            done = state.begin(graph, parts)
            try:
                for number, part in enumerate(parts):
                    if number >= done:
                        _send(target, graph, part, first=number == 0, by_update=by_update)
                        state.finish(graph, number + 1)
                        sent += 1
                    else:
                        kept += 1
                    arrived += part.count(b"\n")
                    if progress:
                        progress(graph, arrived, total)
                break
            except NoGraphStore:
                if by_update or done:
                    raise
                by_update = state.by_update = True
    there = {graph: _count(target, graph) for graph in graphs}
    wrong = [f"{graph}: {expected[graph]:,} here, {count:,} there" for graph, count in there.items() if count != expected[graph]]
    if wrong:
        state.forget()
        raise StoreError(
            f"{target.name} does not hold what was pushed. Triples of {'; '.join(wrong)}. "
            "Something else has written to it, or it does not keep some values; push again, which starts from the beginning."
        )
    changed = [(graph, *row) for graph in graphs for row in _differences(types[graph], _types(target, graph))]
    others = [graph for graph in _graphs(target) if graph not in expected]
    if prune:
        for graph in others:
            _remove(target, graph)
    state.forget()
    return PushReport(
        target=target.name,
        snapshot=store.identity,
        graphs=there,
        sent=sent,
        kept=kept,
        others=() if prune else tuple(others),
        removed=tuple(others) if prune else (),
        by_update=by_update,
        changed=tuple(changed),
    )


# --- parts --------------------------------------------------------------------------------------------------------

_BLANK = re.compile(rb"_:|<[^>]*> <[^>]*> (?:_:|<<)")
_TYPED = re.compile(rb"\"\^\^<([^>]*)> \.$")
_DATES = re.compile(rb"\"\^\^<http://www\.w3\.org/2001/XMLSchema#(g[A-Z]\w+|date\w*|time)> \.$")


def _parts(lines: list[bytes], size: int, triples: int | None = None) -> Iterator[bytes]:
    """The lines in parts of at most so many bytes and triples, cut alike in every push; at least one part.

    All lines with blank nodes are in the first part. Where triples are counted, for SPARQL Update, each type of date has parts of its own.
    """

    def key(line: bytes) -> tuple[bool, bytes]:
        date = _DATES.search(line) if triples else None
        return not _BLANK.match(line), date[1] if date else b""

    part: list[bytes] = []
    length = 0
    last = (False, b"")
    for place, line in sorted((key(line), line) for line in lines):
        full = length + len(line) >= size or (triples is not None and (len(part) >= triples or (place[1] and place != last)))
        if part and full and place[0]:
            yield b"\n".join(part) + b"\n"
            part, length = [], 0
        part.append(line)
        length += len(line) + 1
        last = place
    yield b"\n".join(part) + b"\n" if part else b""


def _send(target: Target, graph: str, part: bytes, *, first: bool, by_update: bool) -> None:
    """Bring one part to the endpoint; the first one replaces the graph."""
    if by_update:
        name = rdf.iri(graph)
        clear = f"DROP SILENT GRAPH {name} ;\n" if first else ""
        blank = any(map(_BLANK.match, part.splitlines()))  # Virtuoso takes none in INSERT DATA
        data, where = ("", " WHERE {}") if blank else (" DATA", "")
        target.update(f"{clear}INSERT{data} {{ GRAPH {name} {{\n{part.decode()}}} }}{where}")
    elif first:
        target.put_graph(graph, part)
    else:
        target.append(graph, part)


def _remove(target: Target, graph: str) -> None:
    try:
        target.delete_graph(graph)
    except NoGraphStore:
        target.update(f"DROP SILENT GRAPH {rdf.iri(graph)}")


def _count(target: Target, graph: str) -> int:
    """How many triples the endpoint has in a graph."""
    answer: Any = target.query(f"SELECT (COUNT(*) AS ?triples) WHERE {{ GRAPH {rdf.iri(graph)} {{ ?s ?p ?o }} }}")
    return int(text_of(next(iter(answer))[0]))


def _types(target: Target, graph: str) -> Counter[str]:
    """How many literals of each datatype the endpoint has in a graph."""
    pattern = f"GRAPH {rdf.iri(graph)} {{ ?s ?p ?o }} FILTER(ISLITERAL(?o)) BIND(DATATYPE(?o) AS ?type)"
    answer: Any = target.query(f"SELECT ?type (COUNT(*) AS ?literals) WHERE {{ {pattern} }} GROUP BY ?type")
    return Counter({text_of(row[0]): int(text_of(row[1])) for row in answer})


def _differences(here: Counter[str], there: Counter[str]) -> list[tuple[str, int, int]]:
    """The datatypes that there are more or fewer literals of; texts are left out, which have none in N-Triples."""
    texts = {"", XSD + "string", RDF + "langString", RDF + "dirLangString"}
    return [
        (datatype, here[datatype], there[datatype]) for datatype in sorted({*here, *there} - texts) if here[datatype] != there[datatype]
    ]


def _graphs(target: Target) -> list[str]:
    """The graphs of the endpoint that are under our namespace of graphs."""
    answer: Any = target.query(f'SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{GRAPH}")) }} ORDER BY ?g')
    return [text_of(row[0]) for row in answer]


# --- state --------------------------------------------------------------------------------------------------------


class _State:
    """How far a push is.

    Attributes:
        by_update: the parts go by SPARQL Update.
        graphs: graph -> parts that have arrived, and a hash over all its parts, which tells whether they are still the same.
    """

    def __init__(self, file: Path, target: str, snapshot: str) -> None:
        self.file = file
        self.target = target
        self.snapshot = snapshot
        self.by_update = False
        self.graphs: dict[str, dict[str, Any]] = {}

    @classmethod
    def read(cls, file: Path, target: str, snapshot: str) -> _State:
        """The state that a file keeps; an empty one where it is of another snapshot or target, or cannot be read."""
        state = cls(file, target, snapshot)
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            if (kept["target"], kept["snapshot"]) == (target, snapshot):
                graphs = {graph: {"hash": str(of["hash"]), "done": int(of["done"])} for graph, of in kept["graphs"].items()}
                state.graphs, state.by_update = graphs, bool(kept["by_update"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return state

    def begin(self, graph: str, parts: list[bytes]) -> int:
        """How many of these parts have arrived already: none, if they are not the ones that were sent."""
        digest = hashlib.sha256()
        for part in parts:
            digest.update(hashlib.sha256(part).digest())
        kept = self.graphs.get(graph)
        if kept is None or kept["hash"] != digest.hexdigest():
            kept = self.graphs[graph] = {"hash": digest.hexdigest(), "done": 0}
        return min(int(kept["done"]), len(parts))

    def finish(self, graph: str, done: int) -> None:
        """Note that so many parts of a graph have arrived; the file is whole at any time."""
        self.graphs[graph]["done"] = done
        kept = {"target": self.target, "snapshot": self.snapshot, "by_update": self.by_update, "graphs": self.graphs}
        beside = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            beside.replace(self.file)
        except OSError as error:
            raise StoreError(
                f"The state of the push cannot be kept in {self.file} ({error.strerror or error}). Choose another place."
            ) from error

    def forget(self) -> None:
        """Remove the file: there is nothing to go on from."""
        self.file.unlink(missing_ok=True)
