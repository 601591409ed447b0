"""Validate: what the shapes say of a graph, of an endpoint or of RDF files.

Constraints are compiled to SPARQL and asked of all nodes at once; `revalidate` asks again only what a change can affect.
`validate_file` judges literals on the parsed file, since a store changes them: ``"5"^^xsd:int`` becomes ``xsd:integer``.
"""

from seismic_graph.validate.changes import revalidate
from seismic_graph.validate.coverage import unlooked
from seismic_graph.validate.endpoint import extract
from seismic_graph.validate.judge import validate, validate_file
from seismic_graph.validate.report import SEVERITIES, SHAPES, Report, Result, Unlooked, exit_code

__all__ = [
    "SEVERITIES",
    "SHAPES",
    "Report",
    "Result",
    "Unlooked",
    "exit_code",
    "extract",
    "revalidate",
    "unlooked",
    "validate",
    "validate_file",
]
