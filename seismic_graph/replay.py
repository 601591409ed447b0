"""Replay: receipts of answers, asked again later, and the difference between two snapshots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seismic_graph import __version__, paths
from seismic_graph.dates import day_text
from seismic_graph.errors import UsageError
from seismic_graph.flows import Flow
from seismic_graph.paths import FlowNetwork, Search
from seismic_graph.store import Store, select, text_of
from seismic_graph.vocabulary import BASE, PREFIXES, short


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked of which snapshot, and the hash of what came out.

    Attributes:
        kind: what kind of question: ``trace``, ``query``, ``gaps``, ``claim``, ``loops``.
        arguments: the arguments of the question, as plain values.
        snapshot: the identity of the store that answered.
        answer: SHA-256 of the answer without its snapshot, in canonical JSON (keys sorted, no spaces).
        software: the version that answered.
    """

    kind: str
    arguments: Mapping[str, Any]
    snapshot: str
    answer: str
    software: str = __version__

    def to_json(self) -> str:
        """The receipt as it is kept in a file."""
        body = {name: getattr(self, name) for name in ("kind", "arguments", "snapshot", "answer", "software")}
        return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def receipt(kind: str, arguments: Mapping[str, Any], snapshot: str, answer: Any) -> Receipt:
    """The receipt of an answer given as plain values."""
    if isinstance(answer, Mapping):
        answer = {name: value for name, value in answer.items() if name != "snapshot"}
    canonical = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Receipt(kind, dict(arguments), snapshot, hashlib.sha256(canonical.encode()).hexdigest())


def read(file: Path) -> Receipt:
    """The receipt in a file.

    Raises:
        UsageError: there is no such file, or it is no receipt.
    """
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        return Receipt(body["kind"], body["arguments"], body["snapshot"], body["answer"], body["software"])
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None
    except KeyError as error:
        raise UsageError(f"{file} is no receipt: it has no field {error}. Give a file that --receipt wrote.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError):
        raise UsageError(f"{file} is no receipt. Give a file that --receipt wrote.") from None


@dataclass(frozen=True, slots=True)
class Change:
    """A flow that differs between two snapshots.

    Attributes:
        what: ``appeared``, ``vanished`` or ``changed``.
        flow: its IRI; row: the dossier row behind it, in the snapshot that has it.
        details: for ``changed``, which fields differ, from what to what.
    """

    what: str
    flow: str
    row: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathChange:
    """A path that is there in one snapshot only, or holds in another reading.

    Attributes:
        what: ``appeared``, ``vanished`` or ``changed``.
        nodes: IRIs of the things that it passes.
        because: the changes of flows that explain it.
    """

    what: str
    source: str
    target: str
    nodes: tuple[str, ...]
    because: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two snapshots: flows, and paths between pairs of things.

    Attributes:
        cut: some pair has more paths than were compared.
    """

    old: str
    new: str
    flows: tuple[Change, ...]
    paths: tuple[PathChange, ...]
    cut: bool

    def to_text(self) -> str:
        """The difference for a reader: each path with the row that caused it."""
        lines = [f"from snapshot {self.old} to {self.new}", ""]
        for change in self.flows:
            lines.append(f"flow {change.what}: {short(change.flow)}  [{change.row or 'no row'}]")
            lines += [f"    {detail}" for detail in change.details]
        if not self.flows:
            lines.append("No flow differs.")
        lines.append("")
        for path in self.paths:
            lines.append(f"path {path.what}: {' > '.join(short(node) for node in path.nodes)}")
            lines += [f"    because {short(change.flow)} {change.what}  [{change.row or 'no row'}]" for change in path.because]
        if not self.paths:
            lines.append("No path between the compared things differs.")
        if self.cut:
            lines.append("Some pairs have more paths than were compared: raise --paths.")
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain values."""

        def told(change: Change) -> dict[str, Any]:
            return {"what": change.what, "flow": change.flow, "row": change.row, "details": list(change.details)}

        return {
            "old": self.old,
            "new": self.new,
            "flows": [told(change) for change in self.flows],
            "paths": [
                {"what": path.what, "nodes": list(path.nodes), "because": [told(change) for change in path.because]} for path in self.paths
            ],
            "cut": self.cut,
        }

    def to_json(self) -> str:
        """The difference as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"


def difference(
    old: Store,
    new: Store,
    before: FlowNetwork,
    after: FlowNetwork,
    pairs: Iterable[tuple[str, str]],
    search: Search,
    limit: int = 200,
) -> Difference:
    """Which flows and which paths differ between two snapshots, and which dossier row is behind each.

    Args:
        old, new: the two stores, read for the rows of what differs.
        before, after: the flows of each.
        pairs: the (source, target) pairs whose paths are compared.
        search: what counts as a path.
        limit: how many paths a pair are compared at most.
    """
    flows = _flow_changes(old, new, before, after)
    by_flow = {change.flow: change for change in flows}
    changes: list[PathChange] = []
    cut = False
    for source, target in pairs:
        found = [paths.find(network, source, target, search, limit) for network in (before, after)]
        cut = cut or any(answer.more for answer in found)
        known = [{tuple(flow.id for flow in path.flows): path for path in answer.paths} for answer in found]
        for what, here, there in (("vanished", known[0], known[1]), ("appeared", known[1], known[0])):
            for ids, path in here.items():
                if ids not in there:
                    because = tuple(by_flow[name] for name in ids if name in by_flow)
                    changes.append(PathChange(what, source, target, path.nodes, because))
        for ids in known[0].keys() & known[1].keys():
            if known[0][ids].reading != known[1][ids].reading:
                because = tuple(by_flow[name] for name in ids if name in by_flow)
                changes.append(PathChange("changed", source, target, known[1][ids].nodes, because))
    changes.sort(key=lambda change: (change.what, change.source, change.target, change.nodes))
    return Difference(old.identity, new.identity, tuple(flows), tuple(changes), cut)


_FIELDS = ("source", "target", "kind", "direction", "basis", "standing", "sources")
_DAYS = ("earliest", "latest", "sure_from", "sure_until")


def _flow_changes(old: Store, new: Store, before: FlowNetwork, after: FlowNetwork) -> list[Change]:
    was = {flow.id: flow for flow in before.flows}
    now = {flow.id: flow for flow in after.flows}
    differing = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    rows = _rows(old, [name for name in differing if name in was]) | _rows(new, [name for name in differing if name in now])
    changes = []
    for name in differing:
        what = "changed" if name in was and name in now else "vanished" if name in was else "appeared"
        changes.append(Change(what, name, rows.get(name, ""), _details(was[name], now[name]) if what == "changed" else ()))
    return changes


def _details(was: Flow, now: Flow) -> tuple[str, ...]:
    told = [f"{name}: {getattr(was, name)} -> {getattr(now, name)}" for name in _FIELDS if getattr(was, name) != getattr(now, name)]
    for name in _DAYS:
        first, second = getattr(was, name), getattr(now, name)
        if first != second:
            told.append(f"{name}: {day_text(first) or 'open'} -> {day_text(second) or 'open'}")
    return tuple(told)


def _rows(store: Store, flows: Sequence[str]) -> dict[str, str]:
    found = {}
    for start in range(0, len(flows), 200):
        values = " ".join(f"<{flow}>" for flow in flows[start : start + 200])
        query = (
            f"PREFIX sg: <{PREFIXES['sg']}> SELECT ?flow (MIN(STR(?place)) AS ?row) "
            f"WHERE {{ VALUES ?flow {{ {values} }} ?flow sg:row ?place }} GROUP BY ?flow"
        )
        for row in select(store, query):
            found[text_of(row[0])] = text_of(row[1]).removeprefix(BASE + "dossier/").replace("#row=", " row ")
    return found
