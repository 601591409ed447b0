"""A checked mapping as RML in Turtle (https://rml.io/specs/rml/), for the engine."""

from __future__ import annotations

from collections.abc import Callable

from seismic_graph import rdf
from seismic_graph.sources.table_mapping import Reference, Statement, TableMapping, Template

ROW_COLUMN = "row"
"""The column that numbers the rows of the files that the engine reads."""
ROW_GRAPH = "urn:row:"
"""The triples of a row come out in a graph of this name and its number."""


def to_rml(mapping: TableMapping, column: Callable[[Reference], str], source: Callable[[Reference | None], str]) -> str:
    """The mapping as RML in Turtle (https://rml.io/specs/rml/), with the triples of each row in a graph of its own.

    Args:
        mapping: what to say.
        column: the name of the column that holds the filtered cells of a reference: letters and digits.
        source: the file that holds them; for a list a file of its own, with a row for each value.
    """
    blocks = [
        "@prefix rr: <http://www.w3.org/ns/r2rml#> .",
        "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .",
        "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .",
    ]
    count = 0
    for rule in mapping.rules:
        by_source: dict[str, list[Statement]] = {}
        for one in rule.statements:
            split = next((ref for ref in one.value.references if ref.is_list), None)
            by_source.setdefault(source(split), []).append(one)
        for file, statements in by_source.items():
            count += 1
            blocks.append(
                f'<urn:rule:{count}> a rr:TriplesMap ; rml:logicalSource [ rml:source "{file}" ; rml:referenceFormulation ql:CSV ] ;\n'
                f"  rr:subjectMap [ {_term(rule.subject, column)} ; rr:termType rr:IRI ;"
                f' rr:graphMap [ rr:template "{ROW_GRAPH}{{{ROW_COLUMN}}}" ] ] ;\n'
                + " ;\n".join(
                    f"  rr:predicateObjectMap [ rr:predicate <{one.predicate}> ; rr:objectMap [ {_object(one, column)} ] ]"
                    for one in statements
                )
                + " ."
            )
    return "\n".join(blocks) + "\n"


def _term(template: Template, column: Callable[[Reference], str]) -> str:
    if len(template.parts) == 1 and template.references:
        return f'rml:reference "{column(template.references[0])}"'
    text = "".join(part if isinstance(part, str) else f"{{{column(part)}}}" for part in template.parts)
    return f"{'rr:template' if template.references else 'rr:constant'} {rdf.literal(text)}"


def _object(one: Statement, column: Callable[[Reference], str]) -> str:
    if one.iri:
        return f"rr:constant <{one.value.start}>" if not one.value.references else f"{_term(one.value, column)} ; rr:termType rr:IRI"
    kind = f' ; rr:language "{one.language}"' if one.language else f" ; rr:datatype <{one.datatype}>" if one.datatype else ""
    return f"{_term(one.value, column)} ; rr:termType rr:Literal{kind}"
