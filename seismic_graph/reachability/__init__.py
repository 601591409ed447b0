"""Reach of all pairs, and gaps, over a table of flows that does not fit one machine: on Apache Spark, with the answers of one machine.

`tables` are the Parquet tables, `spread` is the search, `gaps` judges what it does not reach, `answers` are questions by name and files.
"""
