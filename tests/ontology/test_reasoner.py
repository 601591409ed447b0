"""No contradiction follows from the ontology, its alignments and the whole dossier, by an OWL 2 RL reasoner.

The reasoner is owlrl. It does not fetch the vocabularies that we borrow from; axioms.ttl beside this file holds those of their axioms that
can contradict our data. Left out of what it reads, because nothing about the class of a thing follows from it:

- triples with a literal (the datatypes of literals are checked by shapes);
- triples of a property that has, with all its super-properties, no axiom but its super-properties, such as dcterms:source.

Everything else of the dossier, and of what is derived from it, is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import FOAF, ORG, OWL, PROV, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
BASE = "https://w3id.org/seismic-graph/"
SG = Namespace(BASE + "ontology#")
EX = Namespace(BASE + "id/example/")
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
"""The property by which owlrl reports a contradiction."""

CHARACTERISTICS = (OWL.TransitiveProperty, OWL.SymmetricProperty, OWL.FunctionalProperty, OWL.InverseFunctionalProperty)
Triples = list[tuple[Node, Node, Node]]
Close = Callable[[Graph], Graph]


def parsed(*files: Path) -> Graph:
    graph = Graph()
    for file in files:
        graph.parse(file)
    return graph


@pytest.fixture(scope="module")
def axioms() -> Graph:
    """The ontology with its alignments, and the axioms of what it borrows."""
    return parsed(*sorted((ROOT / "ontology").glob("*.ttl")), Path(__file__).parent / "axioms.ttl")


@pytest.fixture(scope="module")
def vocabularies() -> Graph:
    return parsed(*sorted((ROOT / "ontology" / "vocabularies").glob("*.ttl")))


@pytest.fixture
def close(axioms: Graph) -> Close:
    """A function from some data to all that follows from it and the axioms, contradictions included."""

    speaking = {term for term, predicate in axioms.subject_predicates() if predicate in (RDFS.domain, RDFS.range, OWL.inverseOf)}
    speaking |= {term for kind in CHARACTERISTICS for term in axioms.subjects(RDF.type, kind)}
    telling = speaking | {term for parent in speaking for term in axioms.transitive_subjects(RDFS.subPropertyOf, parent)}

    def closure(data: Graph) -> Graph:
        graph = Graph()
        for subject, predicate, value in axioms + data:
            known = str(predicate).startswith((str(RDF), str(RDFS), str(OWL)))
            if (known or predicate in telling) and not isinstance(value, Literal):
                graph.add((subject, predicate, value))
        DeductiveClosure(OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False).expand(graph)
        return graph

    return closure


def contradictions(graph: Graph) -> list[str]:
    return sorted(str(message) for message in graph.objects(None, ERROR))


def graph_of(triples: Triples) -> Graph:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def test_ontology_contradicts_nothing(close: Close) -> None:
    assert contradictions(close(Graph())) == []


def test_vocabularies_contradict_nothing(close: Close, vocabularies: Graph) -> None:
    assert contradictions(close(vocabularies)) == []


def test_dossier_contradicts_nothing(close: Close, vocabularies: Graph, dossier_graph_file: Path) -> None:
    data = Graph().parse(dossier_graph_file, format="nt")
    assert len(data) > 20_000, "the whole dossier is read"
    closed = close(data + vocabularies)
    assert contradictions(closed) == []
    assert set(closed.subjects(RDF.type, SG.KnowledgeFlow)) <= set(closed.subjects(RDF.type, PROV.Influence))
    assert set(closed.subjects(RDF.type, SG.Stakeholder)) <= set(closed.subjects(RDF.type, FOAF.Agent))
    assert set(closed.subjects(RDF.type, SG.Project)).isdisjoint(closed.subjects(RDF.type, ORG.Organization))


FORUM, REPORT, ALLIANCE, AGENDA = EX.forum, EX.report, EX.alliance, EX.agenda

CONTRADICTIONS: dict[str, Triples] = {
    "an event is no document": [(FORUM, RDF.type, SG.Event), (FORUM, RDF.type, SG.Document)],
    "a city does not act, its municipality does": [(EX.vienna, RDF.type, SG.City), (EX.vienna, RDF.type, SG.Stakeholder)],
    "a funding is no flow, even by what it has": [(EX.grant, RDF.type, SG.Funding), (EX.grant, SG.to, FORUM)],
    "a call has no host": [(EX.ensuf, RDF.type, SG.Call), (EX.ensuf, SG.host, ALLIANCE)],
    "what shows an initiative is a network, not an event": [(EX.mappina, SG.shownBy, FORUM), (FORUM, RDF.type, SG.Event)],
    "a research agenda is no concept scheme": [(AGENDA, RDF.type, SG.Agenda), (EX.topic, SKOS.inScheme, AGENDA)],
    "a document is no organisation": [(REPORT, RDF.type, SG.Document), (REPORT, RDF.type, ORG.Organization)],
    "trap: prov:wasDerivedFrom makes an entity of an event": [
        (FORUM, RDF.type, SG.Event),
        (REPORT, RDF.type, SG.Document),
        (REPORT, PROV.wasDerivedFrom, FORUM),
    ],
    "trap: skos:exactMatch makes a concept of a concept scheme": [
        (EX.scheme, RDF.type, SKOS.ConceptScheme),
        (EX.theme, SKOS.exactMatch, EX.scheme),
    ],
    "trap: org:Membership makes an organisation of a document": [
        (REPORT, RDF.type, SG.Document),
        (EX.membership, RDF.type, ORG.Membership),
        (EX.membership, ORG.organization, REPORT),
    ],
    "trap: one organisation a membership, so two contexts become one": [
        (EX.membership, ORG.organization, EX.one),
        (EX.membership, ORG.organization, EX.two),
        (EX.one, OWL.differentFrom, EX.two),
    ],
}
"""What must be found -> data in which it stands."""


@pytest.mark.parametrize("why", CONTRADICTIONS)
def test_contradiction_is_found(close: Close, why: str) -> None:
    assert contradictions(close(graph_of(CONTRADICTIONS[why])))


UNWANTED: dict[str, tuple[Triples, tuple[Node, Node, Node]]] = {
    "org:Membership in a project makes an organisation of it": (
        [(EX.membership, ORG.organization, EX.project), (EX.project, RDF.type, SG.Project)],
        (EX.project, RDF.type, ORG.Organization),
    ),
    "skos:exactMatch makes concepts of classes": (
        [(SG.Project, SKOS.exactMatch, URIRef("http://data.europa.eu/s66#Project"))],
        (SG.Project, RDF.type, SKOS.Concept),
    ),
    "a sub-class of schema:Project is an organisation": (
        [
            (URIRef("https://schema.org/Project"), RDFS.subClassOf, URIRef("https://schema.org/Organization")),
            (SG.Project, RDFS.subClassOf, URIRef("https://schema.org/Project")),
            (EX.project, RDF.type, SG.Project),
        ],
        (EX.project, RDF.type, URIRef("https://schema.org/Organization")),
    ),
}
"""Traps that contradict nothing and yet say what is wrong: the data, and what follows."""


@pytest.mark.parametrize("trap", UNWANTED)
def test_trap_says_what_is_wrong(close: Close, trap: str) -> None:
    data, follows = UNWANTED[trap]
    assert follows in close(graph_of(data))


@pytest.mark.parametrize("trap", UNWANTED)
def test_alignments_do_not_walk_into_it(close: Close, trap: str) -> None:
    subject, _, _ = follows = UNWANTED[trap][1]
    assert follows not in close(graph_of([(subject, RDF.type, SG.Project)] if subject == EX.project else []))


WANTED: dict[str, tuple[Triples, list[tuple[Node, Node, Node]]]] = {
    "a flow is an influence of its source on its target": (
        [(EX.flow, SG["from"], EX.network), (EX.flow, SG.to, AGENDA)],
        [
            (EX.flow, RDF.type, SG.KnowledgeFlow),
            (EX.flow, PROV.influencer, EX.network),
            (AGENDA, PROV.qualifiedInfluence, EX.flow),
        ],
    ),
    "a shortcut is there both ways, in our terms and in those of PROV": (
        [(EX.network, SG.flowsTo, AGENDA)],
        [(AGENDA, SG.flowsFrom, EX.network), (AGENDA, PROV.wasInfluencedBy, EX.network), (EX.network, PROV.influenced, AGENDA)],
    ),
    "a chain of flows that precede each other is closed": (
        [(EX.first, SG.precedes, EX.second), (EX.second, SG.precedes, EX.third)],
        [(EX.first, SG.precedes, EX.third)],
    ),
    "who takes part is an agent, whatever else it is": (
        [(EX.participation, SG.participant, EX.vienna), (EX.vienna, RDF.type, SG.City)],
        [(EX.vienna, RDF.type, PROV.Agent), (EX.participation, RDF.type, PROV.AgentInfluence)],
    ),
    "a national network is an organisation": (
        [(EX.network, RDF.type, SG.NationalNetwork)],
        [(EX.network, RDF.type, SG.Network), (EX.network, RDF.type, ORG.Organization), (EX.network, RDF.type, FOAF.Organization)],
    ),
}
"""What the alignments are for: the data, and what follows without contradiction."""


@pytest.mark.parametrize("case", WANTED)
def test_alignments_give(close: Close, case: str) -> None:
    data, follows = WANTED[case]
    closed = close(graph_of(data))
    assert [triple for triple in follows if triple not in closed] == []
    assert contradictions(closed) == []
