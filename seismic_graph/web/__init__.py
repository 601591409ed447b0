"""The front door: SPARQL protocol, linked data and pages over one snapshot, by one process and its workers."""
