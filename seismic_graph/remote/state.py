"""In which state an endpoint is: a short text that is another one when what it holds has changed.

Our own service names its snapshot in every answer. SPARQL 1.1 has no word for it, and the ETag or Last-Modified of an answer, where an
endpoint sends one, speaks of that answer and not of the data. So elsewhere a digest is asked for: how many triples each property has, how
many flows there are of each kind, direction and basis, how many begin and end in each year with the sums of their days and months, how
many things are at their ends and how long the names of these are together. That is a dozen counts in a few rows, which costs a small part
of what reading the flows costs.

It cannot tell a change that leaves all of these as they were: a label that is worded anew, a source that is exchanged for another one,
dates that two flows exchange, an end that moves to another known thing whose name is as long. Who must be sure reads anew.
"""

from __future__ import annotations

import hashlib

from seismic_graph.remote.endpoint import RemoteStore
from seismic_graph.store import select
from seismic_graph.vocabulary import PREFIXES

_SG = f"PREFIX sg: <{PREFIXES['sg']}>\n"
_DIGEST = (
    "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    *(f"{_SG}SELECT ?is (COUNT(*) AS ?n) WHERE {{ ?flow sg:{one} ?is }} GROUP BY ?is" for one in ("flowKind", "direction", "basis")),
    *(
        f"{_SG}SELECT ?year (COUNT(*) AS ?n) (SUM(31 * MONTH(?day) + DAY(?day)) AS ?days) "
        f"WHERE {{ ?flow sg:{bound} ?day }} GROUP BY (YEAR(?day) AS ?year)"
        for bound in ("earliest", "latest")
    ),
    *(
        f"{_SG}SELECT (COUNT(DISTINCT ?thing) AS ?n) (SUM(STRLEN(STR(?thing))) AS ?letters) WHERE {{ ?flow sg:{end} ?thing }}"
        for end in ("from", "to")
    ),
)


def state(store: RemoteStore) -> str:
    """The state of an endpoint.

    Raises:
        StoreError: it did not answer whole; then its state is not known.
        QueryError: it cannot read the query; likewise.
    """
    store.query("ASK {}")
    if store.snapshot:
        return f"snapshot {store.snapshot}"
    told = [sorted([str(term) for term in row] for row in select(store, query)) for query in _DIGEST]
    return f"digest {hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"
