"""The mapping set: what was found, as SSSOM for people and tools, and as N-Triples for ``graph/links``.

SSSOM: Simple Standard for Sharing Ontological Mappings, https://mapping-commons.github.io/sssom/. Its metadata stand before the table,
its justifications are terms of semapv. In the graph a match is one triple, and a node that says where it comes from (SSSOM's RDF form).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from seismic_graph import __version__
from seismic_graph.files import write_whole
from seismic_graph.link.matching import LinkReport, Match
from seismic_graph.rdf import iri, literal
from seismic_graph.vocabulary import DCTERMS, GRAPH, ID, ONTOLOGY, OWL, RDF, SCHEMA, SG, SKOS, XSD, entity_iri

SSSOM = "https://w3id.org/sssom/"
SEMAPV = "https://w3id.org/semapv/vocab/"
SET = "https://w3id.org/seismic-graph/links"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

TABLE = "links.sssom.tsv"
TRIPLES = "links.nt"

_TYPES = ("agenda-item", "city", "field", "organisation", "project", "region", "theme")
_PREFIXES: dict[str, str] = {
    **{kind: f"{ID}{kind}/" for kind in _TYPES},
    "dcterms": DCTERMS,
    "graph": GRAPH,
    "schema": SCHEMA,
    "semapv": SEMAPV,
    "sg": f"{ONTOLOGY}#",
    "skos": SKOS,
}
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "predicate_modifier",
    "object_id",
    "object_label",
    "mapping_justification",
    "subject_source",
    "object_source",
    "mapping_tool",
    "mapping_tool_version",
    "confidence",
    "subject_match_field",
    "object_match_field",
    "match_string",
    "comment",
)
"""The columns of the table, in the order that SSSOM has them in."""


def write(report: LinkReport, home: Path) -> Path:
    """Write ``links/links.sssom.tsv`` and ``links/links.nt`` in a home; where the first is.

    What is no match by a person's decision stands in the table with the modifier ``Not``, and not in the graph.

    Raises:
        SeismicError: the disk refused; what stood there before still stands.
    """
    folder = home / "links"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / TABLE, table(report).encode())
    write_whole(folder / TRIPLES, "".join(triples(report.matches)).encode())
    return folder / TABLE


def table(report: LinkReport) -> str:
    """The mapping set as SSSOM/TSV with embedded metadata; the same report gives the same text."""
    text = io.StringIO(newline="")
    for line in _metadata():
        text.write(f"# {line}\n")
    writer = csv.DictWriter(text, COLUMNS, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    rows = [*(_row(match, "") for match in report.matches), *(_row(match, "Not") for match in report.rejected)]
    writer.writerows(sorted(rows, key=lambda row: (row["subject_id"], row["object_id"])))
    return text.getvalue()


def _metadata() -> Iterator[str]:
    yield f"mapping_set_id: {SET}"
    yield "mapping_set_title: seismic-graph links between organisations, cities, regions, projects and subjects of its sources"
    yield f"mapping_set_version: {json.dumps(__version__)}"
    yield f"license: {LICENCE}"
    yield "curie_map:"
    for prefix, namespace in sorted(_PREFIXES.items()):
        yield f"  {prefix}: {namespace}"


def _row(match: Match, modifier: str) -> dict[str, str]:
    tool = "Splink" if match.justification == "semapv:CompositeMatching" else "seismic-graph"
    field = _curie(match.field) if match.field else ""
    return {
        "subject_id": _curie(match.subject.iri),
        "subject_label": _one_line(match.subject.label),
        "predicate_id": _curie(match.predicate),
        "predicate_modifier": modifier,
        "object_id": _curie(match.object.iri),
        "object_label": _one_line(match.object.label),
        "mapping_justification": match.justification,
        "subject_source": f"graph:{match.subject.dataset}",
        "object_source": f"graph:{match.object.dataset}",
        "mapping_tool": tool,
        "mapping_tool_version": version("splink") if tool == "Splink" else __version__,
        "confidence": f"{match.confidence:g}",
        "subject_match_field": field,
        "object_match_field": field,
        "match_string": _one_line(match.text or ""),
        "comment": _one_line(match.evidence),
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _curie(address: str) -> str:
    for prefix, namespace in _PREFIXES.items():
        if address.startswith(namespace):
            return f"{prefix}:{address[len(namespace) :]}"
    raise ValueError(f"No prefix for {address}.")


def triples(matches: Iterable[Match]) -> Iterator[str]:
    """The matches as N-Triples lines, the description of the mapping set first.

    Of each match: the triple itself, and a node (`owl:Axiom`, OWL 2 Mapping to RDF Graphs, section 2.3) with confidence and justification.
    """
    source = iri(entity_iri("source", "links"))
    yield f"{source} <{RDF}type> <{SG.Source}> .\n"
    yield f"{source} <{SKOS}prefLabel> {literal('seismic-graph links', language='en')} .\n"
    yield f"{source} <{SCHEMA}url> <{SET}> .\n"
    yield f"{source} <{SG.publisherName}> {literal('seismic-graph')} .\n"
    yield f"{source} <{DCTERMS}license> <{LICENCE}> .\n"
    for match in matches:
        one, predicate, other = iri(match.subject.iri), iri(match.predicate), iri(match.object.iri)
        digest = hashlib.sha256(f"{match.subject.iri} {match.object.iri}".encode()).hexdigest()[:16]
        node = iri(entity_iri("link", digest))
        confidence = literal(f"{match.confidence:.6f}".rstrip("0").rstrip("."), datatype=XSD + "decimal")
        yield f"{one} {predicate} {other} .\n"
        yield f"{node} <{RDF}type> <{OWL}Axiom> .\n"
        yield f"{node} <{OWL}annotatedSource> {one} .\n"
        yield f"{node} <{OWL}annotatedProperty> {predicate} .\n"
        yield f"{node} <{OWL}annotatedTarget> {other} .\n"
        yield f"{node} <{SSSOM}mapping_justification> <{SEMAPV}{match.justification.partition(':')[2]}> .\n"
        yield f"{node} <{SSSOM}confidence> {confidence} .\n"
        yield f"{node} <{DCTERMS}source> {source} .\n"
