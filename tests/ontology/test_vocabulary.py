"""The Python vocabulary, the Turtle and docs/model.md name the same things."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

from seismic_graph import vocabulary

ROOT = Path(__file__).parents[2]
ONTOLOGY = ROOT / "ontology"
FILES = sorted(ONTOLOGY.glob("**/*.ttl"))
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
SG = Namespace(vocabulary.PREFIXES["sg"])

OUTSIDE = {
    "http://data.europa.eu/s66#": "EURIO, pointed to by the alignments",
    "http://www.cidoc-crm.org/cidoc-crm/": "CIDOC CRM, pointed to by the alignments",
    "https://cldr.unicode.org/": "where the names of countries come from",
    "https://cordis.europa.eu/project/": "the project whose record the ontology was made for",
    "https://creativecommons.org/licenses/": "our licence",
    "https://www.unicode.org/license.txt": "the licence of the names of countries",
}
"""What the Turtle names outside the namespaces of vocabulary.py, and why."""


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(ONTOLOGY / "seismic.ttl")


@pytest.fixture(scope="module")
def everything() -> Graph:
    graph = Graph()
    for file in FILES:
        graph.parse(file)
    return graph


def rows_under(heading: str) -> list[list[str]]:
    """The cells of each row of the table under a heading of docs/model.md, without its two header lines."""
    section = MODEL.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def iri(qname: str) -> URIRef:
    prefix, local = qname.split(":")
    return URIRef(vocabulary.PREFIXES[prefix] + local)


def local_names(graph: Graph, *kinds: URIRef) -> set[str]:
    return {str(term)[len(SG) :] for kind in kinds for term in graph.subjects(RDF.type, kind) if term.startswith(SG)}


# --- vocabulary.py and seismic.ttl


def test_same_classes(ontology: Graph) -> None:
    assert local_names(ontology, OWL.Class) == vocabulary.CLASSES


def test_same_properties(ontology: Graph) -> None:
    assert local_names(ontology, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty) == vocabulary.PROPERTIES


def test_no_term_is_used_that_is_not_defined(everything: Graph) -> None:
    used = {term for triple in everything for term in triple if isinstance(term, URIRef) and term.startswith(SG)}
    assert {str(term)[len(SG) :] for term in used} <= vocabulary.CLASSES | vocabulary.PROPERTIES


def test_every_entity_type_has_a_class() -> None:
    assert set(vocabulary.ENTITY_TYPES.values()) <= vocabulary.CLASSES


def test_every_namespace_is_declared_or_has_a_reason(everything: Graph) -> None:
    known = (vocabulary.BASE, *vocabulary.PREFIXES.values(), *OUTSIDE)
    named = {term for triple in everything for term in triple if isinstance(term, URIRef)}
    assert not sorted(term for term in named if not str(term).startswith(known))


def test_every_reason_is_needed(everything: Graph) -> None:
    named = {term for triple in everything for term in triple if isinstance(term, URIRef)}
    assert {space for space in OUTSIDE if not any(term.startswith(space) for term in named)} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_prefixes_agree_with_vocabulary(file: Path) -> None:
    declared = dict(re.findall(r"@prefix (\S*): <([^>]+)>", file.read_text(encoding="utf-8")))
    shared = declared.keys() & vocabulary.PREFIXES.keys()
    assert {prefix: declared[prefix] for prefix in shared} == {prefix: vocabulary.PREFIXES[prefix] for prefix in shared}
    body = re.sub(r'"[^"]*"|<[^>]*>|#.*|@prefix.*', "", file.read_text(encoding="utf-8"))
    used = set(re.findall(r"(?<![\w-])([A-Za-z][\w-]*):", body))
    assert set(declared) == used, "declare what is used, and nothing else"


# --- docs/model.md: classes and properties


@pytest.mark.parametrize(("names", "supers"), [(row[0], row[1]) for row in rows_under("Classes")], ids=lambda cell: cell)
def test_super_classes_of_the_model(everything: Graph, names: str, supers: str) -> None:
    for name in re.findall(r"`(\S+?)`", names):
        for parent in re.findall(r"`(\S+?)`", supers):
            assert (iri(name), RDFS.subClassOf, iri(parent)) in everything


def test_model_lists_every_class() -> None:
    assert {name for row in rows_under("Classes") for name in re.findall(r"`sg:(\w+)`", row[0])} == vocabulary.CLASSES


def test_model_explains_every_property() -> None:
    mentioned = set(re.findall(r"`sg:(\w+)`", MODEL))
    assert vocabulary.PROPERTIES - mentioned == set()
    assert mentioned - vocabulary.PROPERTIES - vocabulary.CLASSES == set()


SUB_PROPERTIES = [
    (child, parent)
    for children, parent in re.findall(r"((?:`sg:\w+`(?: and )?)+) \(sub-propert(?:y|ies) of `(\S+?)`\)", MODEL)
    for child in re.findall(r"`(\S+?)`", children)
]


@pytest.mark.parametrize(("child", "parent"), SUB_PROPERTIES)
def test_super_properties_of_the_model(everything: Graph, child: str, parent: str) -> None:
    assert (iri(child), RDFS.subPropertyOf, iri(parent)) in everything


def test_the_model_states_super_properties() -> None:
    assert len(SUB_PROPERTIES) >= 5  # the pattern above still reads them


# --- docs/model.md: closed lists


def lists_of_the_model() -> dict[str, dict[str, frozenset[str]]]:
    """Scheme -> concept -> what stands in brackets behind it, or before the colon of its line."""
    lists: dict[str, dict[str, frozenset[str]]] = {}
    scheme = ""
    for name, concepts in rows_under("Closed lists"):
        scheme = name.strip("`") or scheme
        basis, colon, rest = concepts.rpartition(": ")
        for slug, flags in re.findall(r"([a-z][a-z0-9-]*)(?: \(([A-Za-z, ]+)\))?(?:, |$)", rest if colon else concepts):
            lists.setdefault(scheme, {})[slug] = frozenset(filter(None, [*flags.split(", "), basis]))
    lists["country"] = {}
    return lists


LISTS = lists_of_the_model()


def concepts_of(graph: Graph, scheme: str) -> set[str]:
    space = f"{vocabulary.VOCABULARY}{scheme}/"
    members = set(graph.subjects(SKOS.inScheme, URIRef(vocabulary.VOCABULARY + scheme)))
    assert all(member.startswith(space) for member in members)
    return {str(member)[len(space) :] for member in members}


@pytest.mark.parametrize("scheme", [name for name in LISTS if name != "country"])
def test_same_concepts_in_model_and_vocabulary(everything: Graph, scheme: str) -> None:
    assert concepts_of(everything, scheme) == LISTS[scheme].keys()


def test_same_schemes_in_model_and_vocabularies(everything: Graph) -> None:
    schemes = {str(scheme) for scheme in everything.subjects(RDF.type, SKOS.ConceptScheme)}
    ours = {scheme.removeprefix(vocabulary.VOCABULARY) for scheme in schemes if scheme.startswith(vocabulary.VOCABULARY)}
    assert ours == LISTS.keys()
    agendas = {f"{vocabulary.ID}agenda/{row['id']}" for row in dossier("agenda_items") if row["kind"] == "agenda"}
    assert schemes - {vocabulary.VOCABULARY + name for name in ours} == agendas | {f"{vocabulary.ID}theme-scheme/themes"}


@pytest.mark.parametrize("kind", sorted(LISTS["flow-kind"]))
def test_flags_of_flow_kinds(everything: Graph, kind: str) -> None:
    concept = URIRef(vocabulary.concept_iri("flow-kind", kind))
    flags = {flag for flag in ("reversed", "standing", "timeless", "transfersMoney") if (concept, SG[flag], Literal(True)) in everything}
    basis = {str(value).rpartition("/")[2] for value in everything.objects(concept, SG.basis)}
    assert flags | basis == LISTS["flow-kind"][kind]


def test_levels_that_kinds_imply(everything: Graph) -> None:
    text = " ".join(MODEL.split("Levels that a kind implies:", 1)[1].split(". Where", 1)[0].split())
    stated = {}
    for part in text.split(";"):
        *kinds, level = re.findall(r"[\w-]+", part)
        stated |= dict.fromkeys(kinds, level.lower())
    implied = {str(kind).rpartition("/")[2]: str(level).rpartition("/")[2] for kind, level in everything.subject_objects(SG.level)}
    assert implied == stated


def test_countries_are_those_of_iso_3166_1(everything: Graph) -> None:
    codes = concepts_of(everything, "country")
    assert len(codes) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in codes)
    assert codes.isdisjoint({"EU", "UK", "XK", "EL"}), "reserved or made-up codes"
    for code in codes:
        assert str(everything.value(URIRef(vocabulary.concept_iri("country", code)), SKOS.notation)) == code


def dossier(table: str) -> list[dict[str, str]]:
    with (ROOT / "dossier" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


USED = {
    "organisation-kind": [("organisations", "kind")],
    "event-kind": [("events", "kind")],
    "document-kind": [("documents", "kind")],
    "programme-kind": [("programmes", "kind")],
    "agenda-item-kind": [("agenda_items", "kind")],
    "recommendation-kind": [("recommendations", "kind")],
    "role": [("participations", "role")],
    "flow-kind": [("flows", "kind")],
    "direction": [("flows", "direction")],
    "country": [(table, "country") for table in ("organisations", "networks", "events", "cities", "initiatives")]
    + [(table, "countries") for table in ("calls", "projects")],
}
"""Scheme -> the cells of the dossier that take its concepts."""


@pytest.mark.parametrize("scheme", USED)
def test_dossier_uses_concepts_that_exist(everything: Graph, scheme: str) -> None:
    used = {value for table, column in USED[scheme] for row in dossier(table) for value in row[column].split(";") if value}
    assert used
    assert used <= concepts_of(everything, scheme)
