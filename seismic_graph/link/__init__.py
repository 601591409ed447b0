"""Link: nodes of different sources that mean the same thing, found, judged and written down. Never merged.

`link` finds; `write` puts ``links.sssom.tsv`` and ``links.nt`` into ``<home>/links``, from where the next build loads ``graph/links``;
`decisions` keeps what a person said of doubtful pairs.
"""

from seismic_graph.link.mapping import write
from seismic_graph.link.matching import LinkReport, Match, link
from seismic_graph.link.records import records

__all__ = ["LinkReport", "Match", "link", "records", "write"]
