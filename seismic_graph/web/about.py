"""What the graph is: its ontology, what the shapes say of it, its files, its licence."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from seismic_graph import catalogue, rdf
from seismic_graph.errors import UnknownName
from seismic_graph.graph import Graph
from seismic_graph.store import select, text_of
from seismic_graph.validate import Report
from seismic_graph.vocabulary import DCTERMS, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, SKOS, VANN, VOCABULARY, VOID, graph_iri, short
from seismic_graph.web import entity
from seismic_graph.web.asked import Query
from seismic_graph.web.view import Context, View, from_turtle, json_form, rdf_forms, table_form

RESULTS = 50
"""How many results of one shape a page shows."""

_GROUPS = (
    ("class", OWL + "Class"),
    ("object", OWL + "ObjectProperty"),
    ("data", OWL + "DatatypeProperty"),
    ("note", OWL + "AnnotationProperty"),
)
_ABOVE = (RDFS + "subClassOf", RDFS + "subPropertyOf", OWL + "equivalentClass", OWL + "equivalentProperty")


def ontology(context: Context, query: Query) -> View:
    """All classes and properties of the ontology, with labels, definitions and alignments; an anchor a term."""
    store = context.graph.store
    graph = graph_iri("ontology")

    def terms() -> dict[str, dict[str, list[ox.NamedNode | ox.Literal]]]:
        said: dict[str, dict[str, list[Any]]] = {}
        ours = f"FILTER(STRSTARTS(STR(?s), '{ONTOLOGY}'))"
        text = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} {ours} }} ORDER BY STR(?s) STR(?p) STR(?o)"
        for subject, predicate, value in select(store, text):
            if value is not None and not isinstance(value, ox.BlankNode):
                said.setdefault(text_of(subject), {}).setdefault(text_of(predicate), []).append(value)
        return said

    def content() -> dict[str, Any]:
        said = terms()
        about = said.get(ONTOLOGY, {})
        groups = []
        for group, kind in _GROUPS:
            members = [
                iri
                for iri, told in said.items()
                if iri.startswith(PREFIXES["sg"]) and any(text_of(one) == kind for one in told.get(RDF + "type", ()))
            ]
            groups.append((group, [_term(iri, said[iri], context.words.language) for iri in members]))
        schemes = f"SELECT DISTINCT ?s WHERE {{ ?s a <{SKOS}ConceptScheme> FILTER(STRSTARTS(STR(?s), '{VOCABULARY}')) }} ORDER BY STR(?s)"
        lists = context.labels(text_of(row[0]) for row in select(store, schemes))
        return {
            "about": {
                "abstract": _first(about, DCTERMS + "description"),
                "version": _first(about, OWL + "versionInfo"),
                "prefix": _first(about, VANN + "preferredNamespacePrefix"),
                "namespace": PREFIXES["sg"],
                "citation": _first(about, DCTERMS + "bibliographicCitation"),
                "modified": _first(about, DCTERMS + "modified"),
            },
            "groups": [group for group in groups if group[1]],
            "lists": sorted(lists.items(), key=lambda item: item[1].lower()),
        }

    def triples() -> Iterable[ox.Triple]:
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        return sorted(set(store.query(text)), key=str)  # type: ignore[arg-type]

    return View(
        "ontology",
        context.words("ontology.title"),
        "ontology.html",
        content,
        {
            **rdf_forms(triples),
            "json": json_form(lambda: [_term(iri, told, "en") for iri, told in terms().items() if iri.startswith(PREFIXES["sg"])]),
        },
        description=context.words("ontology.lead"),
        about=ONTOLOGY,
    )


def _term(iri: str, told: dict[str, list[Any]], language: str) -> dict[str, Any]:
    labels = {value.language or "": value.value for value in told.get(RDFS + "label", ()) if isinstance(value, ox.Literal)}
    definitions = {value.language or "": value.value for value in told.get(SKOS + "definition", ()) if isinstance(value, ox.Literal)}

    def iris(*properties: str) -> list[str]:
        return [text_of(value) for name in properties for value in told.get(name, ())]

    return {
        "iri": iri,
        "name": iri.rpartition("#")[2],
        "label": labels.get(language) or labels.get("en") or iri.rpartition("#")[2],
        "labels": dict(sorted(labels.items())),
        "definition": definitions.get(language) or definitions.get("en") or "",
        "definition_language": language if language in definitions else "en",
        "examples": [value.value for value in told.get(SKOS + "example", ())],
        "notes": [value.value for value in told.get(SKOS + "scopeNote", ())],
        "above": [name for name in iris(*_ABOVE) if name],
        "domain": iris(RDFS + "domain"),
        "range": iris(RDFS + "range"),
        "inverse": iris(OWL + "inverseOf"),
        "see": iris(RDFS + "seeAlso"),
    }


def _first(told: dict[str, list[Any]], predicate: str) -> str:
    values = told.get(predicate, [])
    return text_of(values[0]) if values else ""


def vocabulary(context: Context, query: Query, scheme: str) -> View:
    """A closed list with its concepts."""
    listed = entity.concepts(context, scheme)
    if not listed:
        known = f"SELECT DISTINCT ?s WHERE {{ ?s a <{SKOS}ConceptScheme> FILTER(STRSTARTS(STR(?s), '{VOCABULARY}')) }}"
        raise UnknownName("vocabulary", scheme, sorted(short(text_of(row[0])) for row in select(context.graph.store, known)))
    iri = VOCABULARY + scheme
    rows = [{"id": concept, "label": label, "definition": definition} for concept, label, definition in listed]

    def triples() -> Iterable[ox.Triple]:
        text = (
            f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ ?s <{SKOS}inScheme> {rdf.iri(iri)} }} UNION {{ BIND({rdf.iri(iri)} AS ?s) }} ?s ?p ?o }}"
        )
        return sorted(set(context.graph.store.query(text)), key=str)  # type: ignore[arg-type]

    return View(
        f"vocabulary/{scheme}",
        context.labels([iri])[iri],
        "vocabulary.html",
        lambda: {"iri": iri, "concepts": listed},
        {**rdf_forms(triples), "json": json_form(lambda: rows), "csv": table_form(("id", "label", "definition"), lambda: rows)},
        about=iri,
    )


def validation(context: Context, query: Query) -> View:
    """What the shapes say of this snapshot."""
    report = _report(context.graph)

    def content() -> dict[str, Any]:
        groups = []
        for _, group in groupby(report.results, key=lambda one: (one.severity, one.shape, one.message)):
            results = list(group)
            groups.append({"first": results[0], "count": len(results), "results": results[:RESULTS]})
        return {"report": report, "groups": groups, "limit": RESULTS}

    forms = {"json": report.to_json, **rdf_forms(lambda: from_turtle(report.to_turtle())), "txt": lambda: report.to_text(everything=True)}
    return View(
        "validation", context.words("validation.title"), "validation.html", content, forms, description=context.words("validation.lead")
    )


def _report(graph: Graph) -> Report:
    """The validation report, made once a snapshot."""
    if "_report" not in graph.__dict__:
        graph.__dict__["_report"] = graph.validate()
    found: Report = graph.__dict__["_report"]
    return found


def downloads(context: Context, query: Query) -> View:
    """The graph as files: whole, by named graph, and the tables it was read from."""
    text = f"SELECT ?g ?n WHERE {{ <{catalogue.DATASET}> <{VOID}subset> ?g . ?g <{VOID}triples> ?n }} ORDER BY STR(?g)"

    def rows() -> list[dict[str, Any]]:
        return [{"graph": text_of(row[0]), "triples": int(text_of(row[1]))} for row in select(context.graph.store, text)]

    tables = [file.name for file in context.graph.settings.dossier_files()]
    return View(
        "downloads",
        context.words("downloads.title"),
        "downloads.html",
        lambda: {"graphs": rows(), "titles": catalogue.GRAPHS, "tables": tables},
        {
            "json": json_form(lambda: {"graphs": rows(), "tables": tables, "licence": catalogue.LICENCE}),
            **rdf_forms(lambda: described(context.graph)),
        },
        description=context.words("downloads.lead"),
        about=catalogue.DATASET,
    )


def described(graph: Graph) -> list[ox.Triple]:
    """The description of the dataset in VoID and DCAT, as the snapshot has it."""
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{catalogue.GRAPH}> {{ ?s ?p ?o }} }}"
    return sorted(set(graph.store.query(text)), key=str)  # type: ignore[arg-type]


def licence(context: Context, query: Query) -> View:
    """Licence, citation, and what is and is not in the graph."""
    content = {"dataset": catalogue.DATASET, "title": catalogue.TITLE}
    return View("licence", context.words("licence.title"), "licence.html", lambda: content, description=context.words("licence.lead"))
