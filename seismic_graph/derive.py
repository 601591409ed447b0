"""Derive: what follows from the record by named rules, one CONSTRUCT file a rule.

Rules run in the order of their ``order`` header; rules of one order see only what came before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from seismic_graph import query_files
from seismic_graph.errors import DataError, Problem, QueryError
from seismic_graph.store import EmbeddedStore, query_form
from seismic_graph.vocabulary import graph_iri

GRAPH = graph_iri("derived")


@dataclass(frozen=True, slots=True)
class Rule:
    """A derive rule: its name (the file's), its place in the order, its header and its CONSTRUCT."""

    name: str
    order: int
    summary: str
    description: str
    text: str


def rules(files: list[Path]) -> list[Rule]:
    """The rules in the order in which they run.

    Raises:
        DataError: a header is missing a key or has one that is not known, or a rule is no CONSTRUCT.
    """
    found = []
    for file in files:
        header, text = query_files.read(file, required=("summary", "description", "order"))
        if type(header["order"]) is not int:
            raise DataError([Problem(str(file), None, "order", str(header["order"]), "is no whole number.", "Correct the header.")])
        if query_form(text) != "CONSTRUCT":
            raise DataError([Problem(file.name, None, None, None, "the rule is no CONSTRUCT.", "Write it as one.")])
        found.append(Rule(file.stem, header["order"], header["summary"], header["description"], text))
    return sorted(found, key=lambda rule: (rule.order, rule.name))


def derive(store: EmbeddedStore, files: list[Path], *, progress: Callable[[str], None] = lambda rule: None) -> dict[str, int]:
    """Fill ``graph/derived`` anew; rule name -> how many triples it gave.

    Args:
        store: what holds the record and the ontology.
        files: the rules.
        progress: called with the name of each rule when it has been evaluated.

    Raises:
        DataError: a rule has a wrong header or is no CONSTRUCT.
        QueryError: a rule cannot be parsed or evaluated; it names the rule.
    """
    ordered = rules(files)
    store.clear(GRAPH)
    counts: dict[str, int] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the engine lets go of the interpreter
        for _, together in groupby(ordered, key=lambda rule: rule.order):
            of_order = list(together)
            results = []
            for rule, lines in zip(of_order, pool.map(partial(_triples, store), of_order), strict=True):
                results.append(lines)
                counts[rule.name] = lines.count(b"\n")
                progress(rule.name)
            store.load(b"".join(results), GRAPH, trusted=True)
    return counts


def _triples(store: EmbeddedStore, rule: Rule) -> bytes:
    """What a rule gives, as N-Triples."""
    try:
        answer = store.query(rule.text)
    except QueryError as error:
        raise QueryError(f"{rule.name}.rq: {error}") from None
    triples = cast("ox.QueryTriples", answer)  # rules() lets in nothing but CONSTRUCT
    return triples.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
