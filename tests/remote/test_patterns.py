"""Which properties a query needs: never too few."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from seismic_graph.remote.pages import Property
from seismic_graph.remote.patterns import needed
from seismic_graph.store import EmbeddedStore
from tests.queries import library

E = "http://e/"
HEAD = f"PREFIX : <{E}> PREFIX e: <{E}> "
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def names(*found: str) -> frozenset[Property]:
    return frozenset(Property(E + name) for name in found)


KNOWN: dict[str, frozenset[Property]] = {
    "SELECT * { ?s :p ?o }": names("p"),
    "SELECT * WHERE { ?s :p ?o ; :q ?x, ?y . ?o e:r 'text'@en-GB , \"3\"^^:int . }": names("p", "q", "r"),
    "SELECT * { ?s a :C ; :p ?o }": names("p") | {Property(TYPE, E + "C")},
    "SELECT * { ?s a ?c }": frozenset({Property(TYPE)}),
    "SELECT * { ?s a|:q :C }": names("q") | {Property(TYPE)},
    "SELECT * { ?s ^:p/(:q|:r)+/:t ?o }": names("p", "q", "r", "t"),
    "SELECT * { { ?s :p ?o } UNION { ?s :q ?o } OPTIONAL { ?s :r ?x FILTER(?x > 3) } MINUS { ?s :t ?o } }": names("p", "q", "r", "t"),
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?s :q ?o } FILTER(?o = 1 || EXISTS { ?s :r ?o }) }": names("p", "q", "r"),
    "SELECT * { ?s :p ?o FILTER REGEX(STR(?o), '{ ?a :q ?b }') BIND(IF(?o, 1, 2) AS ?z) }": names("p"),
    "SELECT * { VALUES ?v { :p :q } ?s ?v ?o }": names("p", "q"),
    "SELECT * { VALUES ?v { :p } { ?s ?v ?o } UNION { ?s :r ?t . ?t ?v ?o } }": names("p", "r"),
    "SELECT * { ?s ?v ?o FILTER(?v IN (:p, :q)) }": names("p", "q"),
    "SELECT * { VALUES (?a ?b) { (:p :q) } ?a :r ?b }": names("r"),
    "SELECT (COUNT(*) AS ?n) { { SELECT ?s { ?s :p ?o } GROUP BY ?s HAVING(COUNT(*) > 1) } ?s :q ?x } ORDER BY ?n": names("p", "q"),
    "CONSTRUCT { ?s :made ?o } WHERE { ?s :p ?o }": names("p"),
    "ASK { <http://e/a> <http://e/p> true }": names("p"),
    "# { ?s :q ?o }\nASK { ?s :p 'x' . # . :r\n }": names("p"),
    "ASK {}": frozenset(),
}


@pytest.mark.parametrize("query", KNOWN)
def test_what_is_needed(query: str) -> None:
    EmbeddedStore().query(HEAD + query)
    assert needed(HEAD + query) == KNOWN[query]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s :p* ?o }",
        "SELECT * { ?s :p? ?o }",
        "SELECT * { ?s !:p ?o }",
        "SELECT * { ?s ?v ?o FILTER(?v IN (:p) || ?o = 1) }",
        "SELECT * { ?s ?v ?o FILTER(?v NOT IN (:p)) }",
        "SELECT * { ?s :p ?o MINUS { ?s ?v ?x } FILTER(?v IN (:p)) }",
        "SELECT * { { VALUES ?v { :p } } { ?s ?v ?o } }",
        "SELECT * { VALUES ?v { :p UNDEF } ?s ?v ?o }",
        "SELECT * { VALUES ?v { :p } { SELECT ?s { ?s ?v ?o } } }",
        "SELECT (EXISTS { ?s ?p ?o } AS ?x) { ?s :p ?o }",
        "SELECT * { ?s :p [ :q ?o ] }",
        "SELECT * { ?s :p ( 1 2 ) }",
        "DESCRIBE ?s WHERE { ?s :p ?o }",
        "SELECT ?s { ?s :p ?o } ORDER BY (EXISTS { ?s :q ?o })",
    ],
)
def test_where_it_is_not_certain_nothing_is_said(query: str) -> None:
    EmbeddedStore().query(HEAD + query)
    assert needed(HEAD + query) is None


@pytest.mark.parametrize("case", library.cases(), ids=str)
def test_what_is_said_to_be_needed_is_enough_for_the_library(case: library.Case) -> None:
    """Every question of the library has the same answer over these properties alone."""
    wanted, whole, some = needed(case.text), library.store(), EmbeddedStore()
    if wanted is None:
        return
    for quad in whole.triples():
        if Property(quad.predicate.value) in wanted or Property(quad.predicate.value, getattr(quad.object, "value", "")) in wanted:
            some.inner.add(quad)
    theirs, ours = some.query(case.text), whole.query(case.text)
    if isinstance(ours, ox.QueryBoolean):
        assert bool(theirs) == bool(ours)
    else:
        assert sorted(map(str, theirs)) == sorted(map(str, ours))  # type: ignore[arg-type]


def test_most_questions_of_the_library_need_not_all_triples() -> None:
    told = [needed(case.text) is not None for case in library.cases()]
    assert sum(told) > len(told) / 2
