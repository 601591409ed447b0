"""Training: the parameters of the model, from the records of a built snapshot and a file of labelled pairs.

``python -m seismic_graph.link.training PAIRS.csv`` writes ``parameters.json``. It is run by hand when sources, comparisons or the
table of words change much, never by a link: results would drift with the data at hand.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seismic_graph import snapshots
from seismic_graph.errors import UsageError
from seismic_graph.files import write_whole
from seismic_graph.link import model
from seismic_graph.link.records import Record, records
from seismic_graph.settings import Settings

_SEED = 612493
_PRIOR = {"organisation": 1e-5, "city": 5e-5}
"""The share of matches among all pairs: about one record in two has a counterpart in another dataset."""


def train(kind: str, some: Sequence[Record], same: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of one kind: the prior, and for each level of each comparison m and u, the best level first.

    u is estimated by Splink from random pairs with a fixed seed; m is the share of the pairs that a person found to be the same which
    reach the level, with half a pair added to each (Fellegi and Sunter 1969, section 3.3.1).
    """
    linker = model.linker(kind, some, "duckdb", model.settings(kind))
    linker.training.estimate_u_using_random_sampling(max_pairs=2e7, seed=_SEED)
    u = {
        comparison["output_column_name"]: [
            level.get("u_probability") or 1e-7 for level in comparison["comparison_levels"] if not level.get("is_null_level")
        ]
        for comparison in linker.misc.save_model_to_json()["comparisons"]
    }
    found = {frozenset((score.left, score.right)): score.levels for score in model.scores(kind, some, "duckdb", 0.0, _flat(u))}
    reached = [levels for pair in same if (levels := found.get(frozenset(pair)))]
    comparisons = {}
    for name, labels in model.labels(kind).items():
        counts = Counter(levels[name] for levels in reached if name in levels)
        total = counts.total() + len(labels) / 2
        comparisons[name] = [
            [_round((counts[text] + 0.5) / total), _round(chance)] for (_, text), chance in zip(labels, u[name], strict=True)
        ]
    return {"prior": _PRIOR[kind], "comparisons": comparisons}


def _flat(u: dict[str, list[float]]) -> dict[str, Any]:
    return {"prior": 0.5, "comparisons": {name: [[1 / len(some), chance] for chance in some] for name, some in u.items()}}


def _round(number: float) -> float:
    return float(f"{number:.3g}")


def main(pairs: Path) -> None:
    """Train on the snapshot in use and write the parameters into the package.

    Args:
        pairs: CSV with the columns subject, object, same (``yes`` or ``no``) and part; those of the part ``tuning`` are used.

    Raises:
        UsageError: there is no snapshot.
    """
    snapshot = snapshots.current(Settings())
    if snapshot is None:
        raise UsageError("There is no snapshot to train on. Build one with: seismic build")
    with pairs.open(encoding="utf-8", newline="") as file:
        same = [(row["subject"], row["object"]) for row in csv.DictReader(file) if row["part"] == "tuning" and row["same"] == "yes"]
    found = records(snapshot.open())
    trained = {kind: train(kind, found[kind], same) for kind in _PRIOR}
    write_whole(model.PARAMETERS, (json.dumps(trained, indent=2) + "\n").encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
