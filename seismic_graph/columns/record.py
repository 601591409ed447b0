"""The flows of a graph as columns, made out of a store or out of values, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from seismic_graph.columns import table
from seismic_graph.dates import OPEN_END, OPEN_START, day_number
from seismic_graph.errors import StoreError
from seismic_graph.flows import Flow, slug
from seismic_graph.store import EmbeddedStore, Store, lexical
from seismic_graph.vocabulary import PREFIXES, SG

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FILE = "flows.columns"
"""The name of the file in the folder of a snapshot."""
STANDING, REVERSED, CONTRADICTED = 1, 2, 4
"""What the flags of a flow say."""


class Columns:
    """The flows of one graph in a file; each has a row, and each thing at an end a number. Both are counted from 0.

    Rows are in the order of source, target and id, so that what leaves a thing lies together. Things are in the order of their IRIs.

    Raises:
        FileNotFoundError: there is no such file.
        StoreError: it is damaged, or belongs to another snapshot than the one named.
    """

    def __init__(self, file: Path, identity: str | None = None) -> None:
        self.table = table.Table(file)
        said = self.table.said
        if identity is not None and said.get("identity") != identity:
            raise StoreError(f"{file} belongs to another snapshot ({said.get('identity')}). Build again with: seismic build --again")
        self.nodes = self.table.texts("nodes")
        self.kinds: list[str] = said["kinds"]
        self.directions: list[str] = said["directions"]
        self.bases: list[str] = said["bases"]
        self._evidence: dict[int, tuple[tuple[str, ...], frozenset[str]]] = {}

    def __len__(self) -> int:
        return len(self.table.column("source"))

    def flows(self, rows: Iterable[int] | None = None) -> list[Flow]:
        """Some rows as flows, in their order; all of them, in the order of their IRIs, where none are named."""
        if rows is None:
            return sorted(self.flows(range(len(self))), key=lambda flow: flow.id)
        column, ids, nodes = self.table.column, self.table.texts("flows"), self.nodes
        source, target, earliest, latest = column("source"), column("target"), column("earliest"), column("latest")
        sure_from, sure_until, kind = column("sure_from"), column("sure_until"), column("kind")
        direction, basis, flags = column("direction"), column("basis"), column("flags")
        evidence = column("evidence")
        made = []
        for row in rows:
            flag = flags[row]
            made.append(
                Flow(
                    ids[row],
                    nodes[source[row]],
                    nodes[target[row]],
                    self.kinds[kind[row]],
                    self.directions[direction[row]],
                    self.bases[basis[row]],
                    earliest[row],
                    latest[row],
                    bool(flag & STANDING),
                    sure_from[row],
                    sure_until[row],
                    *self._behind(evidence[row]),
                    bool(flag & REVERSED),
                    bool(flag & CONTRADICTED),
                )
            )
        return made

    def _behind(self, number: int) -> tuple[tuple[str, ...], frozenset[str]]:
        """The sources and publishers behind a flow, by the number of its evidence: many flows have the same."""
        if number not in self._evidence:
            found = []
            for name in ("sources", "publishers"):
                texts, starts = self.table.texts(name), self.table.column(f"evidence.{name}.starts")
                numbers = self.table.column(f"evidence.{name}")[starts[number] : starts[number + 1]]
                found.append([texts[one] for one in numbers])
            self._evidence[number] = tuple(found[0]), frozenset(found[1])
        return self._evidence[number]


def beside(store: Store) -> Path:
    """Where the columns of a store lie: beside its folder, in that of the snapshot.

    Raises:
        FileNotFoundError: the store is in memory or behind an endpoint.
    """
    if isinstance(store, EmbeddedStore) and store.path is not None:
        return store.path.parent / FILE
    raise FileNotFoundError(store.name)


def written(source: EmbeddedStore | Iterable[Flow], file: Path, identity: str, check: Callable[[], None] = lambda: None) -> Columns:
    """The flows of a store, or those given, written to a file and opened there.

    A store is read property by property, each a scan that the engine writes as text itself: a join, or an object a flow, would take
    several times as long.

    Args:
        source: the flows.
        file: where to write.
        identity: of the snapshot, or the state of an endpoint, that they are of.
        check: called before each property is read; what it raises ends the work.

    Raises:
        SeismicError: the disk refused.
    """
    values = _read(source, check) if isinstance(source, EmbeddedStore) else _taken_apart(source)
    said, columns = _laid_out(values)
    table.write(file, {"identity": identity, **said}, columns)
    return Columns(file)


class _Values:
    """One list a property, in the order of the ids of the flows: what goes into the columns, as it comes."""

    def __init__(self, ids: list[bytes]) -> None:
        count = len(ids)
        self.ids = ids
        self.source: list[bytes] = [b""] * count
        self.target: list[bytes] = [b""] * count
        self.kind: list[str] = [""] * count
        self.direction: list[str] = [""] * count
        self.basis: list[str] = [""] * count
        self.earliest, self.latest = [OPEN_START] * count, [OPEN_END] * count
        self.sure_from, self.sure_until = [OPEN_END] * count, [OPEN_START] * count
        self.flags = [0] * count
        self.evidence: list[tuple[tuple[bytes, ...], frozenset[bytes]]] = [((), frozenset())] * count


def _taken_apart(flows: Iterable[Flow]) -> _Values:
    ordered = sorted(flows, key=lambda flow: flow.id)
    values = _Values([flow.id.encode() for flow in ordered])
    for row, flow in enumerate(ordered):
        values.source[row], values.target[row] = flow.source.encode(), flow.target.encode()
        values.kind[row], values.direction[row], values.basis[row] = flow.kind, flow.direction, flow.basis
        values.earliest[row], values.latest[row] = flow.earliest, flow.latest
        values.sure_from[row], values.sure_until[row] = flow.sure_from, flow.sure_until
        values.flags[row] = STANDING * flow.standing | REVERSED * flow.reversed | CONTRADICTED * flow.contradicted
        values.evidence[row] = tuple(name.encode() for name in flow.sources), frozenset(name.encode() for name in flow.publishers)
    return values


def _read(store: EmbeddedStore, check: Callable[[], None]) -> _Values:
    def scan(predicate: str) -> Iterator[tuple[bytes, bytes]]:
        check()
        return store.scan(predicate)

    def those(predicate: str, value: str) -> list[bytes]:
        """The subjects of a predicate and a value."""
        return _rows(store, f"SELECT ?s WHERE {{ ?s <{predicate}> {value} }}")

    def said(predicate: str) -> dict[bytes, str]:
        """Subject -> slug of its concept. One query a concept: the engine then writes the subject alone."""
        check()
        found: dict[bytes, str] = {}
        for concept in sorted(_rows(store, f"SELECT DISTINCT ?o WHERE {{ ?s <{predicate}> ?o }}")):
            found |= dict.fromkeys(those(predicate, concept.decode()), slug(lexical(concept)))
        return found

    a, flow_class, source_class = PREFIXES["rdf"] + "type", f"<{SG.KnowledgeFlow}>", f"<{SG.Source}>"
    source, target, kind = dict(scan(PREFIXES["sg"] + "from")), dict(scan(SG.to)), said(SG.flowKind)
    direction, basis = said(SG.direction), said(SG.basis)
    whole = source.keys() & target.keys() & kind.keys() & direction.keys() & basis.keys()
    flows = sorted(whole.intersection(those(a, flow_class)), key=_bare)
    row_of = {flow: row for row, flow in enumerate(flows)}
    values = _Values([_bare(flow) for flow in flows])
    slugs = {name: {slug(lexical(one)) for one in those(PREFIXES["sg"] + name, "true")} for name in ("standing", "timeless", "reversed")}
    flags = {one: STANDING * (one in slugs["standing"]) | REVERSED * (one in slugs["reversed"]) for one in set(kind.values())}
    for row, flow in enumerate(flows):
        values.source[row], values.target[row] = _bare(source[flow]), _bare(target[flow])
        values.kind[row], values.direction[row], values.basis[row] = kind[flow], direction[flow], basis[flow]
        values.flags[row] = flags[kind[flow]]
    days: dict[bytes, int] = {}
    for predicate, column in (
        (SG.earliest, values.earliest),
        (SG.latest, values.latest),
        (SG.surelyFrom, values.sure_from),
        (SG.surelyUntil, values.sure_until),
    ):
        for flow, literal in scan(predicate):
            if (number := row_of.get(flow)) is not None:
                if literal not in days:
                    days[literal] = day_number(lexical(literal), 0)
                column[number] = days[literal]
    for row, of_kind in enumerate(values.kind):
        always = of_kind in slugs["timeless"]
        values.sure_from[row] = OPEN_START if always else max(values.earliest[row], values.sure_from[row])
        values.sure_until[row] = OPEN_END if always else min(values.latest[row], values.sure_until[row])
    for flow, _ in scan(SG.contradicts):
        if flow in row_of:
            values.flags[row_of[flow]] |= CONTRADICTED
    cited: dict[int, tuple[bytes, ...]] = {}
    for flow, name in scan(PREFIXES["dcterms"] + "source"):
        if (number := row_of.get(flow)) is not None:
            cited[number] = (*cited.get(number, ()), name)
    known = set(those(a, source_class))
    publisher_of = {name: publisher for name, publisher in scan(SG.publisherName) if name in known}
    shared: dict[tuple[bytes, ...], tuple[tuple[bytes, ...], frozenset[bytes]]] = {}
    for number, names in cited.items():
        if names not in shared:
            publishers = frozenset(_bare(publisher_of.get(name, name)) for name in names)
            shared[names] = tuple(sorted({_bare(name) for name in names})), publishers
        values.evidence[number] = shared[names]
    return values


def _laid_out(values: _Values) -> tuple[dict[str, list[str]], dict[str, Array]]:
    """What the head says, and the columns."""
    import numpy as np

    nodes = sorted({*values.source, *values.target})
    number = {node: position for position, node in enumerate(nodes)}
    source = np.fromiter((number[node] for node in values.source), "<i4", len(values.ids))
    target = np.fromiter((number[node] for node in values.target), "<i4", len(values.ids))
    rows = np.lexsort((target, source))  # stable: the ids stay in order
    source, target = source[rows], target[rows]
    said, columns = {}, {"source": source, "target": target}
    for plural, name, width in (("kinds", "kind", "<u2"), ("directions", "direction", "<u1"), ("bases", "basis", "<u1")):
        taken: list[str] = getattr(values, name)
        said[plural] = sorted(set(taken))
        code = {one: position for position, one in enumerate(said[plural])}
        columns[name] = np.fromiter((code[one] for one in taken), width, len(taken))[rows]
    for name in ("earliest", "latest", "sure_from", "sure_until"):
        columns[name] = np.array(getattr(values, name), dtype="<i4")[rows]
    columns["flags"] = np.array(values.flags, dtype="<u1")[rows]
    distinct = {one: position for position, one in enumerate(dict.fromkeys(values.evidence))}
    columns["evidence"] = np.fromiter((distinct[one] for one in values.evidence), "<i4", len(values.ids))[rows]
    for side, name in enumerate(("sources", "publishers")):
        sets = [sorted(one[side]) for one in distinct]
        names = sorted({text for one in sets for text in one})
        place = {text: position for position, text in enumerate(names)}
        columns[f"evidence.{name}"] = np.array([place[text] for one in sets for text in one], dtype="<i4")
        columns[f"evidence.{name}.starts"] = _starts(np.array([len(one) for one in sets], dtype="<i4"))
        columns |= table.packed(name, names)
    columns["leaving.starts"] = _starts(np.bincount(source, minlength=len(nodes)))
    columns["entering"] = np.argsort(target, kind="stable").astype("<i4")
    columns["entering.starts"] = _starts(np.bincount(target, minlength=len(nodes)))
    columns |= table.packed("nodes", nodes)
    columns |= table.packed("flows", (values.ids[row] for row in rows.tolist()))
    return said, columns


def _starts(counts: Array) -> Array:
    """Where each of several lists begins that lie one after the other, and where the last one ends."""
    import numpy as np

    starts = np.zeros(len(counts) + 1, dtype="<i4")
    np.cumsum(counts, out=starts[1:])
    return starts


def _rows(store: EmbeddedStore, query: str) -> list[bytes]:
    """The rows of a query, each as the engine writes it; see `EmbeddedStore.scan`."""
    answer = store.query(query)
    text = answer.serialize(format=ox.QueryResultsFormat.TSV) or b""  # type: ignore[union-attr]
    return text.split(b"\n")[1:-1]


def _bare(term: bytes) -> bytes:
    """A term without brackets, or quotes, datatype and escapes."""
    return term[1:-1] if term.startswith(b"<") else lexical(term).encode()
