"""Readers of data sets: rows in, N-Triples out; they never see a store."""
