"""After a small change: only what it can affect is validated again, and the rest of the former report stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox

from seismic_graph.errors import UsageError
from seismic_graph.store import EmbeddedStore, Term
from seismic_graph.validate.compile import Check, compiled
from seismic_graph.validate.coverage import changed_coverage, looked_at
from seismic_graph.validate.endpoint import Announce
from seismic_graph.validate.engines import asked, narrower_classes
from seismic_graph.validate.footprint import ways
from seismic_graph.validate.judge import ordered, placed, validate
from seismic_graph.validate.report import Report, Result
from seismic_graph.validate.shapes import read
from seismic_graph.vocabulary import RDFS

MOST = 1000
"""A check that a change can affect at more nodes than that is asked of all: that is read in one go, and these are looked up."""
_AT_ONCE = 200
"""How many nodes a query names."""


def revalidate(
    store: EmbeddedStore,
    shape_files: Sequence[Path],
    before: Report,
    changed: Iterable[ox.Triple | ox.Quad],
    *,
    announce: Announce = lambda text: None,
) -> Report:
    """What `validate` says of a store after a change, at the cost of what the change can affect.

    A check that reads no changed predicate keeps its results. Others are asked again about the nodes to which their patterns lead from
    the changed triples; see `footprint`. They are asked of all nodes where these are many or cannot be told: at paths of any length,
    and at blank nodes. A change of ``rdfs:subClassOf``, and shapes that are in part left to pySHACL, mean a whole validation.

    Args:
        store: as it is after the change.
        shape_files: the shapes that `before` was made with.
        before: what `validate` said before the change.
        changed: all triples that were added or removed. A triple that was moved from graph to graph has not changed.
        announce: told what is left to pySHACL.

    Raises:
        UsageError: the former report is one of other shapes.
        DataError: a shape file is not Turtle, or its shapes are not SHACL.
    """
    triples = {ox.Triple(one.subject, one.predicate, one.object) for one in changed}
    if not triples:
        return before
    shapes = read(shape_files)
    checks, left = compiled(shapes, narrower_classes(store))
    kinds: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for check in checks:
        kinds[check.rule.shape, check.component].append(check)
    by_predicate: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        by_predicate[triple.predicate.value].append(triple)
    if left.graph is not None or RDFS + "subClassOf" in by_predicate:
        return validate(store, shape_files, announce=announce)
    former: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for one in before.results:
        former[one.shape, one.component].append(one)
    if unknown := former.keys() - kinds.keys():
        raise UsageError(f"The former report is one of other shapes: it names {min(unknown)[0]}. Validate the whole graph again.")

    kept: list[Result] = []
    texts: list[tuple[Check, str]] = []
    for kind, of_kind in kinds.items():
        affected = _affected(store, of_kind, by_predicate)
        if affected is None:
            texts += [(check, check.select.whole) for check in of_kind]
            continue
        kept += [one for one in former[kind] if one.focus not in affected]
        nodes = sorted(affected, key=str)
        some = [nodes[start : start + _AT_ONCE] for start in range(0, len(nodes), _AT_ONCE)]
        texts += [(check, check.select.about(few)) for few in some for check in of_kind]
    subjects = {triple.subject for triple in triples}
    again = [one for one in kept if one.focus in subjects]  # what tells their row may have changed
    results = [one for one in kept if one.focus not in subjects] + list(placed([*again, *asked(store, texts)], store))
    unlooked, judged = changed_coverage(before, store, looked_at(shapes, store), triples)
    return Report(ordered(results), unlooked, judged)


def _affected(store: EmbeddedStore, checks: Iterable[Check], changed: dict[str, list[ox.Triple]]) -> set[Term] | None:
    """The nodes at which what some checks find may have changed; None where they are many or cannot be told."""
    found: set[Term] = set()
    for check in checks:
        reads = ways(check.select)
        if reads is None:
            return None
        for predicate, from_here in reads.items():
            triples = changed.get(predicate, []) if predicate else [one for some in changed.values() for one in some]
            for way in from_here if triples else ():
                nodes = way.focus(store, triples, MOST)
                if nodes is None or len(found | nodes) > MOST:
                    return None
                found |= nodes
    return found
