"""Namespaces, prefixes and the closed set of our own terms, as plain strings.

``SG.KnowledgeFlow`` is the IRI of the class; a misspelt term raises `AttributeError`, so a typo
never becomes a silent, empty answer. ``tests/ontology/test_vocabulary.py`` holds that this set
and ``ontology/seismic.ttl`` define the same terms.
"""

from __future__ import annotations

BASE = "https://w3id.org/seismic-graph/"
ID = BASE + "id/"
VOCABULARY = BASE + "vocabulary/"
GRAPH = BASE + "graph/"
ONTOLOGY = BASE + "ontology"

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DC = "http://purl.org/dc/elements/1.1/"
PROV = "http://www.w3.org/ns/prov#"
ORG = "http://www.w3.org/ns/org#"
SCHEMA = "https://schema.org/"
GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"
BIBO = "http://purl.org/ontology/bibo/"
FRAPO = "http://purl.org/cerif/frapo/"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
SH = "http://www.w3.org/ns/shacl#"
VANN = "http://purl.org/vocab/vann/"

PREFIXES: dict[str, str] = {
    "sg": ONTOLOGY + "#",
    "id": ID,
    "voc": VOCABULARY,
    "graph": GRAPH,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "dc": DC,
    "prov": PROV,
    "org": ORG,
    "schema": SCHEMA,
    "geo": GEO,
    "bibo": BIBO,
    "frapo": FRAPO,
    "void": VOID,
    "dcat": DCAT,
    "foaf": FOAF,
    "sh": SH,
    "vann": VANN,
}
"""Prefix -> namespace IRI, as used in query files, exports and messages."""

CLASSES = frozenset(
    [
        "KnowledgeFlow",
        "Participation",
        "Funding",
        "Stakeholder",
        "Network",
        "NationalNetwork",
        "Programme",
        "Project",
        "Event",
        "Initiative",
        "Recommendation",
        "Claim",
        "Document",
        "Call",
        "Theme",
        "AgendaItem",
        "Agenda",
        "City",
        "Country",
        "Region",
        "FieldOfScience",
        "Source",
    ]
)

PROPERTIES = frozenset(
    [
        "from",
        "to",
        "flowKind",
        "direction",
        "basis",
        "rule",
        "participant",
        "inContext",
        "participantRole",
        "funder",
        "recipient",
        "start",
        "end",
        "opened",
        "closed",
        "earliest",
        "latest",
        "surelyFrom",
        "surelyUntil",
        "takesFrom",
        "takesUntil",
        "givesFrom",
        "givesUntil",
        "earliestBy",
        "latestBy",
        "contradicts",
        "flowsTo",
        "flowsFrom",
        "precedes",
        "level",
        "country",
        "city",
        "host",
        "organiser",
        "network",
        "theme",
        "topic",
        "programme",
        "fundedUnder",
        "coordinator",
        "answers",
        "agenda",
        "shownBy",
        "putForwardBy",
        "addressedTo",
        "printedIn",
        "resultOf",
        "field",
        "claimedBy",
        "claimSubjects",
        "claimObject",
        "acronym",
        "framework",
        "publisherName",
        "participantCount",
        "meetingCount",
        "budget",
        "fundingAmount",
        "totalCost",
        "euContribution",
        "netEuContribution",
        "grantNumber",
        "pic",
        "nuts",
        "row",
        "reversed",
        "standing",
        "timeless",
        "transfersMoney",
        "ownTranslation",
    ]
)


class _Terms(type):
    def __getattr__(cls, name: str) -> str:
        if name in CLASSES or name in PROPERTIES:
            return PREFIXES["sg"] + name
        raise AttributeError(f"the ontology defines no term {name!r}")


class SG(metaclass=_Terms):
    """Our own terms: ``SG.KnowledgeFlow`` -> its IRI. ``SG["from"]`` for Python keywords."""

    def __class_getitem__(cls, name: str) -> str:
        return str(getattr(cls, name))


ENTITY_TYPES: dict[str, str] = {
    "organisation": "Stakeholder",
    "network": "Network",
    "participation": "Participation",
    "event": "Event",
    "theme": "Theme",
    "agenda-item": "AgendaItem",
    "programme": "Programme",
    "call": "Call",
    "project": "Project",
    "initiative": "Initiative",
    "document": "Document",
    "recommendation": "Recommendation",
    "claim": "Claim",
    "flow": "KnowledgeFlow",
    "funding": "Funding",
    "city": "City",
    "region": "Region",
    "field": "FieldOfScience",
    "source": "Source",
}
"""The ``<type>`` segment of an identifier -> the class of what it names."""


def entity_iri(entity_type: str, slug: str) -> str:
    """The IRI of an entity: ``entity_iri("network", "nanet-se")``."""
    return f"{ID}{entity_type}/{slug}"


def concept_iri(scheme: str, slug: str) -> str:
    """The IRI of a concept of one of our vocabularies: ``concept_iri("basis", "stated")``."""
    return f"{VOCABULARY}{scheme}/{slug}"


def graph_iri(name: str) -> str:
    """The IRI of a named graph: ``graph_iri("dossier")``."""
    return GRAPH + name


def short(iri: str) -> str:
    """An IRI as people read it: ``network/nanet-se`` for ours, ``skos:Concept`` by prefix, else whole.

    >>> short("https://w3id.org/seismic-graph/id/network/nanet-se")
    'network/nanet-se'
    >>> short("http://www.w3.org/2004/02/skos/core#Concept")
    'skos:Concept'
    """
    if iri.startswith(ID):
        return iri[len(ID) :]
    if iri.startswith(VOCABULARY):
        return iri[len(VOCABULARY) :]
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
