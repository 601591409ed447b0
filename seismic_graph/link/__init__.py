"""Link: nodes of different sources that mean the same thing, found, judged and written down. Never merged.

`matching.link` finds, `mapping.write` writes ``<home>/links/links.sssom.tsv`` and ``links.nt``, `decisions` keeps what a person said.
"""
