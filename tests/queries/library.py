"""What the tests of the query library share: the fixture graph, the questions with the values they are asked with, and golden files.

``UPDATE_GOLDEN=1 pytest tests/queries`` writes the golden files, the derived part of the fixture and ``docs/queries.md`` anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import yaml

from seismic_graph import derive, queries
from seismic_graph.query_files import Query
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from tests.queries.compare import ordered

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
FIXTURE = HERE / "fixture.trig"
DOCS = HERE.parent.parent / "docs" / "queries.md"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

LIBRARY = queries.library(Settings().query_files())
_DERIVED = "# Derived by the rules of queries/derive: written by the tests (UPDATE_GOLDEN=1), not by hand.\n"


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the values that it is asked with; number 0 is the question as it stands in its file."""

    query: Query
    number: int
    values: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.query.name}@{self.number}" if self.number else self.query.name

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self}.{'nt' if is_graph(self.query) else 'tsv'}"

    @property
    def text(self) -> str:
        """The query as it is asked; names are looked up in the fixture."""
        return queries.bound(store(), self.query, self.values)


def is_graph(query: Query) -> bool:
    return bool(re.search(r"^CONSTRUCT\b", query.text, re.MULTILINE))


def cases() -> list[Case]:
    """Every question as it stands, and again for each set of values in values.yaml."""
    values = yaml.safe_load((HERE / "values.yaml").read_text(encoding="utf-8"))
    unknown = set(values) - set(LIBRARY)
    assert not unknown, f"values.yaml names no question: {unknown}"
    sets = {name: [{}, *values.get(name, [])] for name in LIBRARY}
    return [Case(LIBRARY[name], number, chosen) for name in LIBRARY for number, chosen in enumerate(sets[name])]


@cache
def store() -> EmbeddedStore:
    """The fixture in an embedded store."""
    made = EmbeddedStore()
    made.inner.load(path=str(FIXTURE), format=ox.RdfFormat.TRIG)
    return made


def golden_text(case: Case) -> str:
    """The answer on the fixture as a golden file holds it: SPARQL 1.1 TSV with every term in N-Triples, or sorted N-Triples."""
    answer: Any = store().query(case.text)
    if is_graph(case.query):
        return "".join(f"{' '.join(row)} .\n" for row in sorted(set(ordered(answer))))
    names = ["answer"] if isinstance(answer, ox.QueryBoolean) else [variable.value for variable in answer.variables]
    return "".join("\t".join(row) + "\n" for row in [tuple(f"?{name}" for name in names), *ordered(answer)])


def fixture_text() -> str:
    """The fixture as it must be: the part made by hand, and what the rules derive from it."""
    by_hand = FIXTURE.read_text(encoding="utf-8").partition(_DERIVED)[0]
    made = EmbeddedStore()
    made.inner.load(input=by_hand.encode(), format=ox.RdfFormat.TRIG)
    derive.derive(made, Settings().derive_files())
    quads = sorted(made.triples(derive.GRAPH), key=str)
    prefixes = {name: iri for name, iri in re.findall(r"^@prefix (\S+): <([^>]+)> \.$", by_hand, re.MULTILINE) if name != "voc"}
    written = (ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes=prefixes) or b"").decode()
    body = "".join(line for line in written.splitlines(keepends=True) if not line.startswith("@prefix"))
    return f"{by_hand}{_DERIVED}\n{body}"


def docs_text() -> str:
    """``docs/queries.md``: every question of the library, out of its header."""
    lines = [
        "# The query library",
        "",
        "Every file `queries/<question>.rq` is a SPARQL 1.1 query that runs as it is in any tool, on a store whose default graph is the",
        "union of its graphs. The same questions on the command line and in Python, where parameters take ids, labels in any language,",
        "or several values at once:",
        "",
        "```console",
        "seismic queries cities",
        "seismic query which-agenda-items-reached-this-city --city Stockholm --format csv",
        "```",
        "",
        "```python",
        "from seismic_graph import Graph",
        "",
        'Graph.open().query("which-agenda-items-reached-this-city", city=["Stockholm", "Wien"]).to_pandas()',
        "```",
        "",
        "Columns `xLabel` hold the English label of column `x`. Days are the tightest that the record gives; an empty cell means that",
        "nothing is recorded, never that nothing happened.",
        "",
    ]
    for user, title in (("researchers", "For researchers"), ("analysts", "For analysts"), ("integrators", "For integrators")):
        asked = [query for query in LIBRARY.values() if query.users[0] == user]
        lines += [f"## {title}", "", "| Question | What it asks | Parameters |", "| --- | --- | --- |"]
        for query in asked:
            parameters = "<br>".join(
                f"`{parameter.name}` ({' '.join(filter(None, (parameter.type, parameter.of)))}): {parameter.description}"
                for parameter in query.parameters
            )
            lines.append(f"| [`{query.name}`](../queries/{query.name}.rq) | {query.summary} {_plain(query.description)} | {parameters} |")
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.replace("|", "\\|")
