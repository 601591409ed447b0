"""Whether ours got worse beside the others since the last saved run of the same area and size."""

from __future__ import annotations

from benchmarks.report import figure
from benchmarks.tables import OURS, Table

MARGIN, BUSY_MARGIN = 1.5, 4.0
"""Ratios that differ by less than so many times are noise. Of start-up, imports and traces at 100,000 triples, 34 ratios differed by up
to 3.8 times between five runs on a busy machine, and nine in ten by less than 1.45 between three runs while little else ran."""


def worse(before: Table, now: Table, margin: float = MARGIN) -> list[str]:
    """The rows in which ours takes more than `margin` times as long beside the other one as it did, a sentence each."""
    earlier = {(row.question, row.who): ratio for row in before.rows if (ratio := before.ratio(row)) is not None}
    said = []
    for row in now.rows:
        was, ratio = earlier.get((row.question, row.who)), now.ratio(row)
        if was is None:
            continue
        if now.ours(row) is None:
            said.append(f"{row.question}, beside {row.who}: was {figure(was, 2)}, now ours did not end in its time")
        elif ratio is not None and ratio > was * margin:
            said.append(f"{row.question}, beside {row.who}: was {figure(was, 2)}, is {figure(ratio, 2)}")
    return said


def unmatched(before: Table, now: Table) -> int:
    """How many rows that are held against ours have no earlier figure, since question or engine changed."""
    earlier = {(row.question, row.who) for row in before.rows}
    return sum((row.question, row.who) not in earlier for row in now.rows if row.who != OURS)
