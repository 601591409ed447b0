"""Each constraint component of SHACL 1.0 as it is compiled, against two other engines: pySHACL and pyshifty.

The cases are our own, in the spirit of the test suite of W3C: for each component a shape with nodes that meet it and nodes that do not.
"""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import shifty

from seismic_graph import validate
from seismic_graph.errors import UsageError
from seismic_graph.store import EmbeddedStore
from seismic_graph.validate.components import Rows
from seismic_graph.validate.patterns import is_flat, subtracted
from seismic_graph.validate.selects import Select, arranged
from seismic_graph.validate.targets import Focus
from seismic_graph.validate.terms import from_rdflib, to_rdflib
from seismic_graph.vocabulary import SH

sh = rdflib.Namespace(SH)
HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix : <urn:x:> .
"""
DATA = """
:Narrow rdfs:subClassOf :Middle . :Middle rdfs:subClassOf :Wide .
:a a :Wide ; :p 1 , 2 ; :q 2 , 3 ; :n :b ; :s "one"@en , "uno"@it ; :d "2020-01-01"^^xsd:date .
:b a :Narrow ; :p 5 ; :q 9 ; :n :c , :b ; :s "two"@en , "TWO"@en , "zwei"@de-AT ; :d "2020-02-30"^^xsd:date .
:c a :Middle ; :p "x" , 5.5 ; :n [ a :Wide ; :p 7 ] , "text" ; :s "plain" , "deux"@fr ; :d "2021-12-31"^^xsd:date , "soon" .
:d a :Other ; :p 1 ; :q 1 ; :n :a ; :r 4 .
:e a :Wide .
:f a :Wide ; :p 3 , 4 ; :q 1 ; :n :e ; :i 300 , "abc"^^xsd:integer ; :r :a , :b , :c .
"""
WIDE = "sh:targetClass :Wide ; sh:property [ sh:path"
CASES = {
    "targetClass": "sh:targetClass :Wide ; sh:nodeKind sh:Literal",
    "targetNode": "sh:targetNode :a , :nowhere , 5 ; sh:nodeKind sh:IRI",
    "targetSubjectsOf": "sh:targetSubjectsOf :q ; sh:class :Narrow",
    "targetObjectsOf": "sh:targetObjectsOf :n ; sh:class :Wide",
    "several targets": "sh:targetNode :d ; sh:targetClass :Narrow ; sh:targetObjectsOf :r ; sh:nodeKind sh:BlankNode",
    "implicit class": "sh:targetNode :d ; sh:nodeKind sh:BlankNode . :Middle a rdfs:Class , sh:NodeShape ; sh:nodeKind sh:Literal",
    "class": f"{WIDE} :n ; sh:class :Middle ]",
    "two classes": f"{WIDE} :n ; sh:class :Wide , :Other ]",
    "datatype date": f"{WIDE} :d ; sh:datatype xsd:date ]",
    "datatype integer": f"{WIDE} :i ; sh:datatype xsd:integer ]",
    "datatype string": f"{WIDE} :s ; sh:datatype xsd:string ]",
    "datatype langString": f"{WIDE} :s ; sh:datatype rdf:langString ]",
    "nodeKind": f"{WIDE} :n ; sh:nodeKind sh:BlankNodeOrIRI ]",
    "minCount": f"{WIDE} :p ; sh:minCount 1 ]",
    "minCount 2": f"{WIDE} :p ; sh:minCount 2 ]",
    "maxCount 0": f"{WIDE} :q ; sh:maxCount 0 ]",
    "maxCount": f"{WIDE} :p ; sh:maxCount 1 ]",
    "minInclusive": f"{WIDE} :p ; sh:minInclusive 2 ]",
    "minExclusive": f"{WIDE} :p ; sh:minExclusive 2 ]",
    "maxInclusive": f"{WIDE} :p ; sh:maxInclusive 5 ]",
    "maxExclusive": f"{WIDE} :p ; sh:maxExclusive 5 ]",
    "minLength": f"{WIDE} :n ; sh:minLength 8 ]",
    "maxLength": f"{WIDE} :s ; sh:maxLength 3 ]",
    "pattern": f'{WIDE} :s ; sh:pattern "^[a-z]+$" ]',
    "pattern with flags": f'{WIDE} :s ; sh:pattern "^T" ; sh:flags "i" ]',
    "languageIn": f'{WIDE} :s ; sh:languageIn ( "en" "de" ) ]',
    "uniqueLang": f"{WIDE} :s ; sh:uniqueLang true ]",
    "equals": f"{WIDE} :p ; sh:equals :q ]",
    "equals of a node": "sh:targetClass :Wide ; sh:equals :n",
    "disjoint": f"{WIDE} :p ; sh:disjoint :q ]",
    "disjoint of a node": "sh:targetClass :Wide ; sh:disjoint :n",
    "lessThanOrEquals": f"{WIDE} :p ; sh:lessThanOrEquals :q ]",
    "not": f"{WIDE} :n ; sh:not [ sh:class :Narrow ] ]",
    "and": "sh:targetClass :Wide ; sh:and ( [ sh:class :Middle ] [ sh:property [ sh:path :q ; sh:minCount 1 ] ] )",
    "or": f"{WIDE} :p ; sh:or ( [ sh:datatype xsd:string ] [ sh:minInclusive 3 ] ) ]",
    "xone": "sh:targetClass :Wide ; sh:xone ( [ sh:class :Middle ] [ sh:property [ sh:path :q ; sh:minCount 1 ] ] )",
    "node": f"{WIDE} :n ; sh:node :Held ] . :Held a sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 2 ; sh:maxCount 2 ]",
    "node with paired properties": f"{WIDE} :n ; sh:node [ sh:property [ sh:path :p ; sh:disjoint :q ; sh:equals :r ] ] ]",
    "node with languages": f"{WIDE} :n ; sh:node [ sh:property [ sh:path :s ; sh:uniqueLang true ; sh:minCount 1 ] ] ]",
    "node that is closed": f"{WIDE} :n ; sh:node [ sh:closed true ; sh:ignoredProperties ( rdf:type :p ) ] ]",
    "property in property": f"{WIDE} :r ; sh:property [ sh:path :p ; sh:maxCount 1 ; sh:minInclusive 2 ] ]",
    "qualifiedMinCount": f"{WIDE} :p ; sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMinCount 1 ]",
    "qualifiedMinCount 2": f"{WIDE} :p ; sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMinCount 2 ]",
    "qualifiedMaxCount": f"{WIDE} :p ; sh:qualifiedValueShape [ sh:minInclusive 3 ] ; sh:qualifiedMaxCount 1 ]",
    "qualified and disjoint": f"{WIDE} :n ; sh:qualifiedValueShape [ sh:class :Wide ] ; sh:qualifiedValueShapesDisjoint true ; "
    "sh:qualifiedMinCount 1 ] , [ sh:path :n ; sh:qualifiedValueShape [ sh:class :Narrow ] ; sh:qualifiedMaxCount 9 ]",
    "closed": "sh:targetClass :Wide ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :p ] , [ sh:path :n ]",
    "hasValue": f"{WIDE} :p ; sh:hasValue 5 ]",
    "hasValue of a node": "sh:targetClass :Wide ; sh:hasValue :a",
    "in": f'{WIDE} :p ; sh:in ( 1 2 5 "x" :a ) ]',
    "inverse path": f"{WIDE} [ sh:inversePath :n ] ; sh:minCount 1 ]",
    "sequence path": f"{WIDE} ( :n :p ) ; sh:minInclusive 3 ]",
    "alternative path": f"{WIDE} [ sh:alternativePath ( :p :q ) ] ; sh:maxCount 2 ]",
    "zero or more": f"{WIDE} [ sh:zeroOrMorePath :n ] ; sh:class :Wide ]",
    "one or more": f"{WIDE} [ sh:oneOrMorePath :n ] ; sh:minCount 2 ]",
    "zero or one": f"{WIDE} [ sh:zeroOrOnePath :n ] ; sh:nodeKind sh:IRI ]",
    "deactivated": f"{WIDE} :p ; sh:maxCount 0 ; sh:deactivated true ] , [ sh:path :q ; sh:maxCount 0 ]",
    "severity": f"{WIDE} :p ; sh:maxCount 0 ; sh:severity sh:Info ]",
    "sparql": "sh:targetClass :Wide ; sh:sparql [ "
    'sh:select "SELECT $this ?value WHERE { $this <urn:x:p> ?value FILTER NOT EXISTS { $this <urn:x:q> ?value } }" ]',
    "sparql of few": "sh:targetClass :Wide ; sh:sparql [ "
    'sh:select "SELECT $this ?value WHERE { $this <urn:x:n> ?value ; <urn:x:d> ?day FILTER(?value IN (<urn:x:b>, <urn:x:e>)) }" ]',
    "sparql of any class": "sh:targetClass :Wide ; sh:sparql [ "
    'sh:select "SELECT $this ?value WHERE { $this <urn:x:n> ?value FILTER NOT EXISTS { ?value a ?class } }" ]',
}
SECOND_OPINION_DIFFERS = {"sparql of few": "it takes a blank node in the place of $this for a variable, so that node gets the rows of all"}
"""Cases in which pyshifty finds something else, with the reason."""

Found = tuple[str, str, str, str, str, str]


def store() -> EmbeddedStore:
    made = EmbeddedStore()
    made.inner.load((HEAD + DATA).encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:data"))
    made.inner.load((HEAD + DATA.splitlines()[2]).encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:again"))  # stated twice
    return made


def named(term: object) -> str:
    return "_" if isinstance(term, ox.BlankNode) else "" if term is None else str(term)


def ours(report: validate.Report) -> Counter[Found]:
    return Counter(
        (one.severity, named(one.focus), one.path or "", named(one.value), one.component, named_shape(one.shape)) for one in report.results
    )


def named_shape(iri: str) -> str:
    return "_" if iri.startswith("_:") else iri


def theirs(report: rdflib.Graph) -> Counter[Found]:
    found: Counter[Found] = Counter()
    for node in report.objects(None, sh.result):  # what sh:detail holds explains, it is not counted
        focus, value = report.value(node, sh.focusNode), report.value(node, sh.value)
        path, shape = report.value(node, sh.resultPath), report.value(node, sh.sourceShape)
        found[
            str(report.value(node, sh.resultSeverity)).removeprefix(SH).lower(),
            named(from_rdflib(focus)),
            str(path) if isinstance(path, rdflib.URIRef) else "",
            named(from_rdflib(value) if value is not None else None),
            str(report.value(node, sh.sourceConstraintComponent)),
            "_" if isinstance(shape, rdflib.BNode) else str(shape),
        ] += 1
    return found


@pytest.mark.parametrize("name", CASES)
def test_each_component_is_judged_as_others_do(name: str, tmp_path: Path) -> None:
    text = f"{HEAD} :Shape a sh:NodeShape ; {CASES[name]} ."
    file = tmp_path / "shapes.ttl"
    file.write_text(text, encoding="utf-8")
    told: list[str] = []
    found = ours(validate.validate(store(), [file], announce=told.append))
    assert told == [], "nothing is left to pySHACL"
    assert found, "a case that finds nothing shows nothing"
    shapes = rdflib.Graph().parse(data=text, format="turtle")
    data = rdflib.Graph()
    for quad in store().triples():
        data.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    assert found == theirs(report)
    lines = "".join({f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in store().triples()})
    _, second, _ = shifty.validate(lines, text, graph_mode="data", infer=False)
    same = {one[:2] for one in theirs(second)} == {one[:2] for one in found}
    assert same != (name in SECOND_OPINION_DIFFERS), theirs(second) - found


@pytest.mark.parametrize(
    ("pattern", "flat"),
    [
        ("$this :p ?a FILTER(?a > 2)", True),
        ("$this :p ?a FILTER NOT EXISTS { ?a :q $this }", True),
        ("$this :p ?a OPTIONAL { ?a :q ?b }", True),
        ("$this :p ?a OPTIONAL { ?a :q ?b FILTER(?b = $this) }", False),
        ("{ $this :p ?a } UNION { FILTER(isIRI($this)) }", False),
        ("$this :p ?a . { SELECT ?a { ?a :q ?b } }", False),
        ("$this :p ?a MINUS { ?a :q $this }", False),
        ('$this :p "UNION {"', True),
        ("GRAPH $shapesGraph { $this :p ?a }", False),
    ],
)
def test_only_one_group_is_asked_of_all_nodes_at_once(pattern: str, flat: bool) -> None:
    assert is_flat(pattern) == flat


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?this :p ?a . FILTER NOT EXISTS { ?a :q ?b }", "?this :p ?a .   MINUS { ?a :q ?b }"),
        ("?this :p ?a . FILTER NOT EXISTS { ?a :q ?b FILTER(?b > 1) }", "?this :p ?a .   MINUS { ?a :q ?b FILTER(?b > 1) }"),
        ("?this :p ?a ; :r ?c FILTER NOT EXISTS { ?a :q ?b FILTER(?b > ?c) }", None),
        ("?this :p ?a FILTER NOT EXISTS { ?x :q ?b }", None),
        ("?this :p ?a OPTIONAL { ?a :r ?c } FILTER NOT EXISTS { ?c :q ?b }", None),
        ("?this :p ?a FILTER NOT EXISTS { ?a :q* ?b }", None),
        ("?this :p ?a FILTER(?a > 1 || NOT EXISTS { ?a :q ?b })", None),
    ],
)
def test_absence_is_subtracted_only_where_both_say_the_same(pattern: str, expected: str | None) -> None:
    assert subtracted(pattern) == (expected or pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("$this :p ?a FILTER(?a > 1)", "?this :p ?a . FILTER(?a > 1)"),
        (
            '$this :p ?a ; :q "x; y ." FILTER(?a > 1)',
            '{ SELECT * WHERE { { SELECT * WHERE { ?this :p ?a . } } { SELECT * WHERE { ?this :q "x; y ." . } } } } FILTER(?a > 1)',
        ),
        ("$this :p ?a . ?a :q ?b", "{ SELECT * WHERE { ?this :p ?a . } } { SELECT * WHERE { ?a :q ?b . } }"),
        (
            "$this :p ?a OPTIONAL { ?a :q ?b } MINUS { ?a :r 1 }",
            "{ SELECT * WHERE { ?this :p ?a . } } OPTIONAL { { SELECT * WHERE {  ?a :q ?b  } } } MINUS { ?a :r 1 }",
        ),
        ("$this :p ?a ; :q+ ?b", "?this :p ?a . ?this :q+ ?b ."),
        ("$this :p [ :q ?b ] ; :r ?c", "$this :p [ :q ?b ] ; :r ?c"),
    ],
    ids=["one triple", "one subject", "two subjects", "optional", "a path of any length", "a blank node"],
)
def test_joined_triples_are_queries_of_their_own(pattern: str, expected: str) -> None:
    assert arranged(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("$this :p ?a ; :q ?b FILTER(?a IN (:x, <urn:y>))", "VALUES ?a { :x <urn:y> } ?this :p ?a . ?this :q ?b ."),
        ("$this :p ?a FILTER(?a IN (:x, 1))", "?this :p ?a . FILTER(?a IN (:x, 1))"),
        (f"$this :p ?a FILTER(?a IN ({':x  ,  ' * 60}1))", f"?this :p ?a . FILTER(?a IN ({':x  ,  ' * 60}1))"),
        ("$this :p ?a FILTER(?a NOT IN (:x))", "?this :p ?a . FILTER(?a NOT IN (:x))"),
        ("$this :p/:q ?a FILTER(?a IN (:x))", "?this :p/:q ?a . FILTER(?a IN (:x))"),
        ("$this :p ?a OPTIONAL { $this :q ?b } FILTER(?b IN (:x))", None),
        ("$this :p ?a . MINUS { ?a a ?c }", "?this :p ?a . MINUS { { SELECT DISTINCT ?a WHERE { ?this :p ?a . } }  ?a a ?c  }"),
        ("$this :p ?a . MINUS { ?a a :C }", "?this :p ?a . MINUS { ?a a :C }"),
        ("$this :p ?a . MINUS { $this :q ?a }", "?this :p ?a . MINUS { $this :q ?a }"),
        ("$this :p ?a . MINUS { $this :q ?b }", "?this :p ?a . MINUS { $this :q ?b }"),
    ],
)
def test_what_is_few_comes_first(pattern: str, expected: str | None) -> None:
    if expected is None:
        assert "VALUES" not in arranged(pattern)
    else:
        assert arranged(pattern) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (Rows(found="?this :p ?a ; ^:q ?b . ?a ?any 5 OPTIONAL { ?a :r ?c }"), ["?s :p ?o"]),
        (Rows(found="{ ?this :p ?a } UNION { ?this :q ?a }"), []),
        (Rows(found="?this :p [ :q ?a ]"), []),
        (Rows(missing="?this :p ?a"), []),
    ],
    ids=["joined", "one of two", "not read", "absent"],
)
def test_what_must_be_there_if_anything_is_wrong(rows: Rows, expected: list[str]) -> None:
    focus = Focus(classes=frozenset({"urn:C", "urn:D"}))
    ours = Select(rows, focus, True).needs
    assert ours == [{"ASK { ?node a <urn:C> }", "ASK { ?node a <urn:D> }"}, *({f"ASK {{ {one} }}"} for one in expected)]
    assert Select(rows, Focus(nodes=frozenset({"<urn:n>"})), False).needs == ours[1:], "a node that is named is judged wherever it is"


def test_what_is_not_covered_is_announced_and_judged_by_pyshacl(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    union = "SELECT $this WHERE { { $this <urn:x:q> 9 } UNION { $this <urn:x:q> 2 } }"
    file.write_text(f'{HEAD} :Shape sh:targetClass :Wide ; sh:nodeKind sh:IRI ; sh:sparql [ sh:select "{union}" ] .', encoding="utf-8")
    told: list[str] = []
    found = ours(validate.validate(store(), [file], announce=told.append))
    assert len(told) == 1
    assert "Left to pySHACL" in told[0]
    assert "more than one group" in told[0]
    components = Counter((one[1], one[4].removeprefix(SH), one[5]) for one in found)
    assert components == {
        ("_", "NodeKindConstraintComponent", "urn:x:Shape"): 1,
        ("<urn:x:a>", "SPARQLConstraintComponent", "urn:x:Shape"): 1,
        ("<urn:x:b>", "SPARQLConstraintComponent", "urn:x:Shape"): 1,
    }


def test_an_engine_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sparql, pyshacl"):
        validate.validate(store(), [tmp_path / "shapes.ttl"], engine="other")
