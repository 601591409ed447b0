"""The same questions to the embedded store, to the Oxigraph server and to Virtuoso: the same answers, in the same types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from seismic_graph.errors import IncompleteAnswer, QueryError, StoreError
from seismic_graph.remote import RemoteStore
from seismic_graph.store import EmbeddedStore, Store
from tests.fixtures.servers import LOW_CAP, Server

E = "http://conformance.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"PREFIX : <{E}>\nPREFIX xsd: <{XSD}>\n"
BIG = 25_000


def typed(text: str, datatype: str) -> str:
    return f'"{text}"^^<{XSD}{datatype}>'


VALUES: dict[str, tuple[str, str]] = {
    # name: as it is loaded, as every store gives it back
    "plain": ('"plain"', '"plain"'),
    "empty": ('""', '""'),
    "quotes": (r'"say \"hi\" and \\ and it\'s"'.replace(r"\'", "'"), r'"say \"hi\" and \\ and it' + "'s\""),
    "lines": (r'"one\ntwo\r\n\tthree"', r'"one\ntwo\r\n\tthree"'),
    "markup": ('"<html><b>bold</b> &amp; <!-- x --></html>"', '"<html><b>bold</b> &amp; <!-- x --></html>"'),
    "astral": ('"\U0001d54f \U0001f600 \u0421\u043e\u0444\u0438\u044f"', '"\U0001d54f \U0001f600 \u0421\u043e\u0444\u0438\u044f"'),
    "combining": ('"e\u0301 \u00e9 \u200d \u00a0"', '"e\u0301 \u00e9 \u200d \u00a0"'),
    "long": (f'"{"x" * 40_000}"', f'"{"x" * 40_000}"'),
    "language": ('"hej"@sv', '"hej"@sv'),
    "language with a region": ('"colour"@en-GB', '"colour"@en-gb'),
    "language with a script": ('"x"@zh-Hant-TW', '"x"@zh-hant-tw'),
    "year": (typed("2015", "gYear"), typed("2015", "gYear")),
    "year with zone": (typed("2015Z", "gYear"), typed("2015Z", "gYear")),
    "month": (typed("2015-09", "gYearMonth"), typed("2015-09", "gYearMonth")),
    "date": (typed("2015-09-30", "date"), typed("2015-09-30", "date")),
    "date of long ago": (typed("1500-01-01", "date"), typed("1500-01-01", "date")),
    "date with zone": (typed("2015-09-30+02:00", "date"), typed("2015-09-30+02:00", "date")),
    "moment": (typed("2015-09-30T10:00:00", "dateTime"), typed("2015-09-30T10:00:00", "dateTime")),
    "moment with zone": (typed("2015-09-30T10:00:00+02:00", "dateTime"), typed("2015-09-30T10:00:00+02:00", "dateTime")),
    "moment with fraction": (typed("2015-09-30T10:00:00.125Z", "dateTime"), typed("2015-09-30T10:00:00.125Z", "dateTime")),
    "time": (typed("10:00:00", "time"), typed("10:00:00", "time")),
    "true": (typed("true", "boolean"), typed("true", "boolean")),
    "false": (typed("false", "boolean"), typed("false", "boolean")),
    "one as boolean": (typed("1", "boolean"), typed("true", "boolean")),
    "integer": (typed("-42", "integer"), typed("-42", "integer")),
    "zeros": (typed("0042", "integer"), typed("42", "integer")),
    "int": (typed("5", "int"), typed("5", "integer")),
    "nonNegativeInteger": (typed("5", "nonNegativeInteger"), typed("5", "integer")),
    "large": (typed("2147483647", "integer"), typed("2147483647", "integer")),
    "large decimal": (typed("123456789012345.678901", "decimal"), typed("123456789012345.678901", "decimal")),
    "decimal": (typed("10.50", "decimal"), typed("10.5", "decimal")),
    "whole decimal": (typed("1000000", "decimal"), typed("1000000", "decimal")),
    "double": (typed("1.5E0", "double"), typed("1.5", "double")),
    "whole double": (typed("1.0E10", "double"), typed("10000000000", "double")),
    "infinite": (typed("INF", "double"), typed("INF", "double")),
    "not a number": (typed("NaN", "double"), typed("NaN", "double")),
    "no such date": (typed("2020-02-30", "date"), typed("2020-02-30", "date")),
    "address": (typed("http://a/b", "anyURI"), typed("http://a/b", "anyURI")),
    "place": ('"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',) * 2,
    "own type": (f'"x"^^<{E}type>', f'"x"^^<{E}type>'),
    "IRI": (f"<{E}\u00e9?a=b&c=(d)#e>", f"<{E}\u00e9?a=b&c=(d)#e>"),
    "IRI with escapes": (f"<{E}%C3%A9>", f"<{E}%C3%A9>"),
    "IRI with an apostrophe": (f"<{E}it's>", f"<{E}it's>"),
    "IRI beyond the plane": (f"<{E}\U0001f600>", f"<{E}\U0001f600>"),
    "urn": ("<urn:isbn:0451450523>", "<urn:isbn:0451450523>"),
}

ONE = f"""<{E}a> <{E}knows> <{E}b> .
<{E}b> <{E}knows> <{E}c> .
<{E}c> <{E}knows> <{E}a> .
<{E}c> <{E}likes> <{E}d> .
<{E}a> <{E}name> "Anna"@sv .
<{E}a> <{E}name> "Ann"@en-GB .
<{E}b> <{E}name> "Bo" .
<{E}a> <{E}age> {typed("40", "integer")} .
<{E}b> <{E}age> {typed("50", "integer")} .
<{E}d> <{E}address> _:x .
_:x <{E}street> "Main" .
_:x <{E}in> _:y .
_:y <{E}name> "Town" .
"""
TWO = f"""<{E}a> <{E}age> {typed("41", "integer")} .
<{E}e> <{E}knows> <{E}a> .
""" + "".join(f"<{E}value/{number}> <{E}is> {loaded} .\n" for number, (loaded, _) in enumerate(VALUES.values()))
MANY = "".join(f"<{E}many/{number}> <{E}number> {typed(str(number), 'integer')} .\n" for number in range(BIG))
GRAPHS = {f"{E}graph/one": ONE, f"{E}graph/two": TWO, f"{E}graph/many": MANY}
for size in (999, 1000, 1001, 1002, 2500):
    GRAPHS[f"{E}graph/{size}"] = "".join(
        f"<{E}{size}/{number}> <{E}of{size}> {typed(str(number), 'integer')} .\n" for number in range(size)
    )

STORES = ["embedded", pytest.param("oxigraph", marks=pytest.mark.oxigraph), pytest.param("virtuoso", marks=pytest.mark.virtuoso)]


def filled(server: Server) -> RemoteStore:
    for graph, triples in GRAPHS.items():
        server.put(graph, triples.replace("<html", r"\u003Chtml").replace("</html", r"\u003C/html"))
    return RemoteStore(server.query)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    folder: Path = tmp_path_factory.mktemp("embedded") / "store"
    store = EmbeddedStore(folder, writable=True)
    for graph, triples in GRAPHS.items():
        store.load([triples], graph)
    store.flush()
    del store
    return EmbeddedStore(folder)


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, embedded: EmbeddedStore) -> Store:
    if request.param == "embedded":
        return embedded
    return filled(request.getfixturevalue({"oxigraph": "oxigraph_server"}.get(request.param, request.param)))


@pytest.fixture(scope="module")
def low(virtuoso_low: Server) -> RemoteStore:
    return filled(virtuoso_low)


def rows(store: Store, query: str) -> list[tuple[str | None, ...]]:
    answer: Any = store.query(PREFIXES + query)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(None if term is None else str(term) for term in row) for row in answer]


def n(name: str) -> str:
    return f"<{E}{name}>"


def i(number: int) -> str:
    return typed(str(number), "integer")


@pytest.mark.parametrize("name", VALUES)
def test_every_kind_of_value(store: Store, name: str) -> None:
    number = list(VALUES).index(name)
    expected = VALUES[name][1]
    assert rows(store, f"SELECT ?o {{ <{E}value/{number}> :is ?o }}") == [(expected,)]
    triples = list(store.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{E}value/{number}> }} ?s ?p ?o }}"))  # type: ignore[arg-type]
    assert [str(triple.object) for triple in triples] == [expected]
    assert all(isinstance(triple, ox.Triple) for triple in triples)


ORDERED: dict[str, tuple[str, list[tuple[str | None, ...]]]] = {
    "the union of all graphs": ("SELECT ?age { :a :age ?age } ORDER BY ?age", [(i(40),), (i(41),)]),
    "one graph": (f"SELECT ?age {{ GRAPH <{E}graph/two> {{ :a :age ?age }} }}", [(i(41),)]),
    "every graph": ("SELECT ?g ?age { GRAPH ?g { :a :age ?age } } ORDER BY ?g", [(n("graph/one"), i(40)), (n("graph/two"), i(41))]),
    "from named": (f"SELECT ?age FROM NAMED <{E}graph/two> WHERE {{ GRAPH ?g {{ :a :age ?age }} }}", [(i(41),)]),  # noqa: S608
    "unbound": ("SELECT ?x ?age { VALUES ?x { :b :c } OPTIONAL { ?x :age ?age } } ORDER BY ?x", [(n("b"), i(50)), (n("c"), None)]),
    "undef": ("SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) (2 :b) } } ORDER BY ?x", [(i(1), None), (i(2), n("b"))]),
    "never bound": ("SELECT ?x ?nothing { VALUES ?x { :b } }", [(n("b"), None)]),
    "values of every kind": (
        'SELECT ?x { VALUES (?k ?x) { (1 "x"@en-GB) (2 true) (3 "2015"^^xsd:gYear) (4 1.50) (5 :a) (6 "x") } } ORDER BY ?k',
        [('"x"@en-gb',), (typed("true", "boolean"),), (typed("2015", "gYear"),), (typed("1.5", "decimal"),), (n("a"),), ('"x"',)],
    ),
    "nothing": ("SELECT ?x { ?x :nothing ?y }", []),
    "count of nothing": ("SELECT (COUNT(*) AS ?n) { ?x :nothing ?y }", [(i(0),)]),
    "aggregates": (
        "SELECT (COUNT(*) AS ?n) (SUM(?a) AS ?sum) (MIN(?a) AS ?min) (MAX(?a) AS ?max) (AVG(?a) AS ?avg) { VALUES ?a { 1 2 3 6 } }",
        [(i(4), i(12), i(1), i(6), typed("3", "decimal"))],
    ),
    "groups": (
        "SELECT ?x (COUNT(?y) AS ?n) { ?x :knows|:likes ?y } GROUP BY ?x HAVING(COUNT(?y) > 1) ORDER BY ?x",
        [(n("c"), i(2))],
    ),
    "count distinct": ("SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x :knows|:likes ?y }", [(i(4),)]),
    "path of one or more": ("SELECT ?y { :e :knows+ ?y } ORDER BY ?y", [(n("a"),), (n("b"),), (n("c"),)]),
    "path of none or more": ("SELECT ?y { :e :knows* ?y } ORDER BY ?y", [(n("a"),), (n("b"),), (n("c"),), (n("e"),)]),
    "path in sequence": ("SELECT ?y { :b :knows/:likes ?y }", [(n("d"),)]),
    "path of either": ("SELECT ?y { :c (:knows|:likes) ?y } ORDER BY ?y", [(n("a"),), (n("d"),)]),
    "path backwards": ("SELECT ?x { :a ^:knows ?x } ORDER BY ?x", [(n("c"),), (n("e"),)]),
    "filter by language": ('SELECT ?n { :a :name ?n FILTER(LANGMATCHES(LANG(?n), "en")) }', [('"Ann"@en-gb',)]),
    "language": ("SELECT (LANG(?n) AS ?l) { :a :name ?n } ORDER BY ?l", [('"en-gb"',), ('"sv"',)]),
    "minus": ("SELECT ?x { ?x :knows ?y MINUS { ?x :age ?a } } ORDER BY ?x", [(n("c"),), (n("e"),)]),
    "exists": ("SELECT ?x { ?x :knows ?y FILTER NOT EXISTS { ?x :age ?a } } ORDER BY ?x", [(n("c"),), (n("e"),)]),
    "compared dates": (
        f'SELECT ?o {{ VALUES ?s {{ <{E}value/14> <{E}value/15> }} ?s :is ?o FILTER(?o < "2000-01-01"^^xsd:date) }}',
        [(typed("1500-01-01", "date"),)],
    ),
    "yes and no in words": ('SELECT ?x (IF(?age > 45, "yes", "no") AS ?old) { ?x :age ?age } ORDER BY ?x ?old', []),
    "limit and offset": ("SELECT ?n { ?x :number ?n } ORDER BY ?n LIMIT 2 OFFSET 10", [(i(10),), (i(11),)]),
    "distinct": ("SELECT DISTINCT ?p { ?x ?p ?y FILTER(?p IN (:knows, :likes)) } ORDER BY ?p", [(n("knows"),), (n("likes"),)]),
    "query inside": ("SELECT ?x { { SELECT ?x { ?x :age ?a } ORDER BY DESC(?a) LIMIT 1 } }", [(n("b"),)]),
    "long query": ("SELECT ?n { VALUES ?n { " + " ".join(f'"{"y" * 50}{number}"' for number in range(500)) + " } } LIMIT 1", []),
}
ORDERED["yes and no in words"][1].extend([(n("a"), '"no"'), (n("a"), '"no"'), (n("b"), '"yes"')])
ORDERED["long query"][1].append((f'"{"y" * 50}0"',))


@pytest.mark.parametrize("case", ORDERED)
def test_select(store: Store, case: str) -> None:
    query, expected = ORDERED[case]
    assert rows(store, query) == expected


def test_group_concat(store: Store) -> None:
    ((names,),) = rows(store, 'SELECT (GROUP_CONCAT(STR(?n); SEPARATOR="|") AS ?names) { VALUES ?x { :a :b } ?x :name ?n }')
    assert names is not None
    assert sorted(names.strip('"').split("|")) == ["Ann", "Anna", "Bo"]


def test_from_a_graph(store: Store) -> None:
    """The oxigraph server, told that the default graph is the union of all, takes no notice of FROM; the others keep to it."""
    found = rows(store, f"SELECT ?age FROM <{E}graph/two> WHERE {{ :a :age ?age }} ORDER BY ?age")  # noqa: S608
    takes_no_notice = isinstance(store, RemoteStore) and "Virtuoso" not in store.server
    assert found == ([(i(40),), (i(41),)] if takes_no_notice else [(i(41),)])


def test_the_variables_of_an_empty_answer(store: Store) -> None:
    answer = store.query(PREFIXES + "SELECT ?x ?y { ?x :nothing ?y }")
    assert isinstance(answer, ox.QuerySolutions)
    assert [variable.value for variable in answer.variables] == ["x", "y"]
    assert list(answer) == []


@pytest.mark.parametrize(("pattern", "expected"), [(":a :knows :b", True), (":b :knows :a", False), ("FILTER(false)", False), ("", True)])
def test_ask(store: Store, pattern: str, expected: bool) -> None:
    answer = store.query(f"{PREFIXES} ASK {{ {pattern} }}")
    assert isinstance(answer, ox.QueryBoolean)
    assert bool(answer) is expected


def lines(store: Store, query: str) -> set[str]:
    answer: Any = store.query(PREFIXES + query)
    assert isinstance(answer, ox.QueryTriples)
    dataset = ox.Dataset(ox.Quad(*triple) for triple in answer)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(ox.Triple(quad.subject, quad.predicate, quad.object)) for quad in dataset}


def test_construct(store: Store) -> None:
    expected = {f"{n('b')} {n('knownBy')} {n('a')}", f"{n('c')} {n('knownBy')} {n('b')}"}
    assert lines(store, "CONSTRUCT { ?y :knownBy ?x } WHERE { VALUES ?x { :a :b } ?x :knows ?y }") == expected


def test_construct_of_nothing(store: Store) -> None:
    assert lines(store, "CONSTRUCT { ?x :p ?y } WHERE { ?x :nothing ?y }") == set()


def test_construct_leaves_out_what_is_unbound(store: Store) -> None:
    query = "CONSTRUCT { ?x :has ?age } WHERE { VALUES ?x { :b :c } OPTIONAL { ?x :age ?age } }"
    assert lines(store, query) == {f"{n('b')} {n('has')} {i(50)}"}


def test_construct_with_blank_nodes(store: Store) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?p { :address :street :in } ?s ?p ?o }"
    found = lines(store, query)
    assert len(found) == 3
    assert sum("_:" in line for line in found) == 3
    address = next(line for line in found if "address" in line).split()[-1]
    assert f'{address} {n("street")} "Main"' in found


def test_blank_nodes_in_rows_join_within_the_answer(store: Store) -> None:
    (row,) = list(store.query(PREFIXES + "SELECT ?x ?again { :d :address ?x . BIND(?x AS ?again) }"))  # type: ignore[arg-type]
    assert isinstance(row[0], ox.BlankNode)
    assert row[0] == row[1]


@pytest.mark.parametrize(
    ("what", "count"),
    [(":b", 3), (":a :b", 8), (":nothing", 0), (":d", 4), ("?x WHERE { ?x :likes ?y }", 2), ("?y WHERE { ?x :likes ?y }", 4)],
)
def test_describe_gives_what_a_thing_is_subject_of_with_its_blank_nodes(
    store: Store, embedded: EmbeddedStore, what: str, count: int
) -> None:
    found = lines(store, f"DESCRIBE {what}")
    assert len(found) == count
    assert found == lines(embedded, f"DESCRIBE {what}")


def test_describe_is_whole_before_the_store_has_answered_anything(store: Store) -> None:
    fresh = RemoteStore(store.name) if isinstance(store, RemoteStore) else store
    assert len(lines(fresh, "DESCRIBE :e")) == 1  # nobody's object


@pytest.mark.parametrize(
    "query", ["SELECT * {", "SELECT ?x WHERE { ?x a", "SELECT\n?x\nWHERE { ?x ?y }", "CONSTRUCT { ?x } WHERE {}", "ASK { FILTER( }"]
)
def test_a_query_that_cannot_be_read(store: Store, query: str) -> None:
    with pytest.raises(QueryError):
        store.query(query)


def test_an_update_is_no_query(store: Store) -> None:
    with pytest.raises(QueryError):
        store.query(f"INSERT DATA {{ GRAPH <{E}graph/one> {{ <{E}x> <{E}y> <{E}z> }} }}")
    assert not bool(store.query(f"ASK {{ <{E}x> ?p ?o }}"))


def test_service_is_refused(store: Store) -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        store.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")


def test_a_large_answer_is_whole(store: Store) -> None:
    found = rows(store, "SELECT ?x ?n { ?x :number ?n }")
    assert len(found) == BIG
    assert {row[1] for row in found} == {i(number) for number in range(BIG)}


def test_a_large_graph_is_whole(store: Store) -> None:
    assert len(set(store.query(PREFIXES + "CONSTRUCT { ?x :number ?n } WHERE { ?x :number ?n }"))) == BIG  # type: ignore[arg-type]


# --- what Virtuoso does differently, as the module says ---------------------------------------------------------


@pytest.fixture(scope="module")
def peculiar(virtuoso: Server) -> RemoteStore:
    return filled(virtuoso)


@pytest.mark.virtuoso
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT (1 = 1 AS ?x) (BOUND(?y) AS ?z) {}", [(i(1), i(0))]),
        ('SELECT (IF(1 = 1, "yes", "no") AS ?x) {}', [('"yes"',)]),
        ("SELECT (7/2 AS ?x) (7.0/2 AS ?y) {}", [(i(3), typed("3.5", "decimal"))]),
        ("SELECT (SUM(?y) AS ?x) { ?z :nothing ?y }", [(None,)]),
        ("SELECT (COALESCE(SUM(?y), 0) AS ?x) { ?z :nothing ?y }", [(i(0),)]),
        ("SELECT ?x { :a :knows+ ?x } ORDER BY ?x", [(n("b"),), (n("c"),)]),
    ],
)
def test_virtuoso_differs(peculiar: RemoteStore, query: str, expected: list[tuple[str | None, ...]]) -> None:
    assert rows(peculiar, query) == expected


@pytest.mark.virtuoso
@pytest.mark.parametrize("query", ["SELECT ?x { ?x ?p ?n } VALUES ?p { :of999 }", "SELECT * { ?x :knows+ ?y }"])
def test_virtuoso_fails(peculiar: RemoteStore, query: str) -> None:
    with pytest.raises(StoreError, match="HTTP 500: Virtuoso"):
        peculiar.query(PREFIXES + query)


@pytest.mark.virtuoso
@pytest.mark.parametrize(
    ("loaded", "kept"),
    [
        (typed("123456789.123", "double"), typed("123457000", "double")),
        (typed("2147483648", "integer"), typed("2147483648", "decimal")),
        (typed("P1Y", "duration"), typed("12", "duration")),
        (typed("-0044", "gYear"), typed("-044", "gYear")),
    ],
)
def test_virtuoso_does_not_keep(virtuoso: Server, peculiar: RemoteStore, loaded: str, kept: str) -> None:
    virtuoso.put(f"{E}graph/lost", f"<{E}lost> <{E}is> {loaded} .\n")
    assert rows(peculiar, "SELECT ?o { :lost :is ?o }") == [(kept,)]
    virtuoso.drop(f"{E}graph/lost")


@pytest.mark.virtuoso
def test_virtuoso_cuts_long_iris(virtuoso: Server, peculiar: RemoteStore) -> None:
    for length, whole in ((1800, True), (2500, False)):
        address = E + "x" * length
        virtuoso.put(f"{E}graph/lost", f"<{E}lost> <{E}is> <{address}> .\n")
        assert (rows(peculiar, "SELECT ?o { :lost :is ?o }") == [(f"<{address}>",)]) is whole
    virtuoso.drop(f"{E}graph/lost")


# --- a row cap --------------------------------------------------------------------------------------------------

FORMS = {
    "plain": "SELECT ?x ?n {{ ?x :of{size} ?n }}",
    "everything": "SELECT * {{ ?x :of{size} ?n }}",
    "lower case": "select ?x where {{ ?x :of{size} ?n }}",
    "duplicates": "SELECT ?p {{ ?x ?p ?n FILTER(?p = :of{size}) }}",
    "distinct": "SELECT DISTINCT ?x {{ ?x :of{size} ?n }}",
    "ordered": "SELECT ?x ?n {{ ?x :of{size} ?n }} ORDER BY DESC(?n)",
    "from": "SELECT ?x FROM <http://conformance.example/graph/{size}> WHERE {{ ?x ?p ?n }}",
    "from named": "SELECT ?x FROM NAMED <http://conformance.example/graph/{size}> WHERE {{ GRAPH ?g {{ ?x ?p ?n }} }}",
    "groups": "SELECT ?x (COUNT(*) AS ?c) {{ ?x :of{size} ?n }} GROUP BY ?x",
    "expressions": "SELECT (STR(?x) AS ?text) (?n + 1 AS ?next) {{ ?x :of{size} ?n }}",
    "values at the end": "SELECT ?x ?p {{ ?x ?p ?n }} VALUES ?p {{ :of{size} }}",
    "high limit": "SELECT ?x {{ ?x :of{size} ?n }} LIMIT 20000",
    "offset none": "SELECT ?x {{ ?x :of{size} ?n }} OFFSET 0",
    "comment at the end": "SELECT ?x {{ ?x :of{size} ?n }} # limit 1000",
    "comment in the middle": "# FROM here\nSELECT ?x # WHERE {{\n{{ ?x :of{size} ?n }}",
    "a variable named rows": "SELECT (?x AS ?rows) {{ ?x :of{size} ?n }}",
    "query inside": "SELECT ?x {{ {{ SELECT ?x {{ ?x :of{size} ?n }} LIMIT 20000 }} }}",
    "optional": "SELECT ?x ?none {{ ?x :of{size} ?n OPTIONAL {{ ?x :nothing ?none }} }}",
}


@pytest.mark.virtuoso
@pytest.mark.parametrize("form", FORMS)
def test_a_cut_answer_is_no_answer(low: RemoteStore, form: str) -> None:
    with pytest.raises(IncompleteAnswer, match=r"1,000 rows out of 2,500.*ResultSetMaxRows.*pages"):
        low.query(PREFIXES + FORMS[form].format(size=2500))


@pytest.mark.virtuoso
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [999, 1000])
def test_an_answer_up_to_the_cap_is_whole(low: RemoteStore, form: str, size: int) -> None:
    assert len(rows(low, FORMS[form].format(size=size))) == size


@pytest.mark.virtuoso
@pytest.mark.parametrize("form", FORMS)
def test_one_row_over_the_cap_is_noticed(low: RemoteStore, form: str) -> None:
    with pytest.raises(IncompleteAnswer, match="1,000 rows out of 1,001"):
        low.query(PREFIXES + FORMS[form].format(size=1001))


@pytest.mark.virtuoso
def test_an_answer_that_asks_for_no_more_than_the_cap_is_whole(low: RemoteStore) -> None:
    assert len(rows(low, f"SELECT ?x {{ ?x :of2500 ?n }} LIMIT {LOW_CAP}")) == LOW_CAP
    assert len(rows(low, f"SELECT ?x {{ ?x :of2500 ?n }} ORDER BY ?n LIMIT {LOW_CAP} OFFSET 1400")) == LOW_CAP
    assert len(rows(low, f"SELECT ?x {{ ?x :of2500 ?n }} ORDER BY ?n LIMIT {LOW_CAP} OFFSET 2000")) == 500
    with pytest.raises(IncompleteAnswer):
        low.query(PREFIXES + f"SELECT ?x {{ ?x :of2500 ?n }} LIMIT {LOW_CAP + 1}")


@pytest.mark.virtuoso
def test_graphs_and_the_cap(virtuoso_low: Server, low: RemoteStore) -> None:
    fresh = RemoteStore(virtuoso_low.query)
    for size in (999, 1000):
        assert len(list(fresh.query(f"{PREFIXES} CONSTRUCT {{ ?x :p ?n }} WHERE {{ ?x :of{size} ?n }}"))) == size  # type: ignore[arg-type]
    for size in (1001, 1002, 2500):
        with pytest.raises(IncompleteAnswer, match="1,001 triples and gives no more than 1,000"):
            fresh.query(f"{PREFIXES} CONSTRUCT {{ ?x :p ?n }} WHERE {{ ?x :of{size} ?n }}")
    with pytest.raises(IncompleteAnswer):
        fresh.query(f"{PREFIXES} CONSTRUCT {{ ?x :p ?n . ?x :q ?n }} WHERE {{ ?x :of999 ?n }}")
    few = "CONSTRUCT { :all :p ?few } WHERE { ?x :of2500 ?n BIND(IF(?n > 2400, ?n, 0) AS ?few) }"
    assert len(list(fresh.query(PREFIXES + few))) == 100  # type: ignore[arg-type]


@pytest.mark.virtuoso
def test_the_body_alone_does_not_tell(virtuoso_low: Server, low: RemoteStore) -> None:
    """What the rules are for: neither body nor status says that anything is missing."""
    import json
    import urllib.parse
    import urllib.request

    form = urllib.parse.urlencode({"query": f"{PREFIXES} SELECT ?x {{ ?x :of2500 ?n }}"}).encode()
    request = urllib.request.Request(virtuoso_low.query, form, {"Accept": "application/sparql-results+json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.status == 200
        assert len(json.load(reply)["results"]["bindings"]) == LOW_CAP
