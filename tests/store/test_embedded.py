"""The embedded store; above all, that nothing which the engine would run as SERVICE gets past `refuse_service`."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seismic_graph.errors import QueryError, StoreError
from seismic_graph.store import EmbeddedStore, query_form, refuse_service

E = "http://e/"
PREFIXES = "PREFIX : <http://e/> PREFIX ex: <http://e/> "


class Callee:
    """An HTTP server that counts who calls."""

    def __init__(self) -> None:
        callee = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                callee.calls += 1
                body = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
                self.send_response(200)
                self.send_header("Content-Type", "application/sparql-results+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        self.calls = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/x"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def callee() -> Iterator[Callee]:
    server = Callee()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture(scope="module")
def facts() -> ox.Store:
    """Whatever the patterns below ask for is there, so that what comes after them is run."""
    store = ox.Store()
    objects: list[ox.NamedNode | ox.Literal] = [
        ox.NamedNode(E + name) for name in ("", "a", "b", "c", "x#", "x'", "\u2100'", "service", "SERVICE")
    ]
    objects += [ox.Literal(1), ox.Literal(1.0), ox.Literal(True), ox.Literal("x"), ox.Literal("x", language="en")]
    for subject in ("a", "b", "service", "a#'"):
        for predicate in ("p", "b", "service"):
            for value in objects:
                store.add(ox.Quad(ox.NamedNode(E + subject), ox.NamedNode(E + predicate), value, ox.NamedNode(E + "graph")))
    return store


def calls_out(query: str, store: ox.Store, callee: Callee) -> bool:
    """Whether the engine calls, or would if it could."""
    before = callee.calls
    try:
        answer = store.query(query, use_default_graph_as_union=True)
        if not isinstance(answer, ox.QueryBoolean):
            for _, _ in zip(answer, range(20), strict=False):
                pass
    except SyntaxError:
        assert callee.calls == before
        return False
    except (OSError, ValueError, RuntimeError) as error:
        return callee.calls > before or "service" in str(error).lower()
    return callee.calls > before


# fmt: off
CALLS = {
    "plain": "SELECT * { SERVICE <%U> { ?s ?p ?o } }",
    "lower case": "SELECT * { service <%U> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <%U> { ?s ?p ?o } }",
    "no blank": "SELECT * { SERVICE<%U>{ ?s ?p ?o } }",
    "no blank, silent": "SELECT * { SERVICESILENT<%U>{ ?s ?p ?o } }",
    "prefixed name": "PREFIX ex: <%U> SELECT * { SERVICE ex: { ?s ?p ?o } }",
    "no blank before a prefixed name": "PREFIX ex: <%U> SELECT * { SERVICEex: { ?s ?p ?o } }",
    "no blank, comment before the declaration": "# prefix\nPREFIX ex: <%U> SELECT * { SERVICEex: { ?s ?p ?o } }",
    "no blank in the declaration": "PREFIXex:<%U> SELECT * { SERVICEex: { ?s ?p ?o } }",
    "empty prefix": "PREFIX : <%U> SELECT * { SERVICE: { ?s ?p ?o } }",
    "prefix named silent": "PREFIX silent: <%U> SELECT * { SERVICEsilent: { ?s ?p ?o } }",
    "prefix with a symbol": "PREFIX \u2100: <%U> SELECT * { SERVICE\u2100: { ?s ?p ?o } }",
    "variable": "SELECT * { VALUES ?x { <%U> } SERVICE ?x { ?s ?p ?o } }",
    "base": "BASE <%U> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "comment between": "SELECT * { SERVICE # note\n <%U> # { \n { ?s ?p ?o } }",
    "carriage return ends a comment": "SELECT * { # note\r SERVICE <%U> { ?s ?p ?o } }",
    "after a number": PREFIXES + "SELECT * { :a :p 1SERVICE <%U> { ?s ?p ?o } }",
    "after a double": PREFIXES + "SELECT * { :a :p 1e0SERVICE <%U> { ?s ?p ?o } }",
    "after a number and a dot": PREFIXES + "SELECT * { :a :p 1.SERVICE <%U> { ?s ?p ?o } }",
    "after a boolean": PREFIXES + "SELECT * { :a :p trueSERVICE <%U> { ?s ?p ?o } }",
    "after a string": PREFIXES + 'SELECT * { :a :p "x"SERVICE <%U> { ?s ?p ?o } }',
    "after a language": PREFIXES + 'SELECT * { :a :p "x"@en.SERVICE <%U> { ?s ?p ?o } }',
    "after a variable and a dot": PREFIXES + "SELECT * { :a :p ?x.SERVICE <%U> { ?s ?p ?o } }",
    "after an empty local name": PREFIXES + "SELECT * { :a :p ex:.SERVICE <%U> { ?s ?p ?o } }",
    "after a semicolon": PREFIXES + "SELECT * { :a :p :b;SERVICE <%U> { ?s ?p ?o } }",
    "after an escaped quote in a name": PREFIXES + "SELECT * { :a :p :x\\' SERVICE <%U> { ?s ?p ?o } FILTER('x' = 'x') }",
    "after an escaped hash in a name": PREFIXES + "SELECT * { :a :p :x\\# SERVICE <%U> { ?s ?p ?o } }",
    "after a symbol in a name": PREFIXES + "SELECT * { :a :p :\u2100\\' SERVICE <%U> { ?s ?p ?o } FILTER(\"a'b\" = \"a'b\") }",
    "after an escape in an IRI": "SELECT * { <http://e/a\\u0023'> <http://e/b> ?c SERVICE <%U> { ?s ?p ?o } FILTER('x' = 'x') }",
    "less than, closed after": "SELECT * { VALUES (?a ?b ?c) { (1 2 3) } FILTER(?a<?b)SERVICE<%U>{ ?s ?p ?o } FILTER(?c>1) }",
    "less than, closed in a comment": "SELECT * { VALUES (?a ?b) { (1 2) } FILTER(?a<?b#>\n)SERVICE<%U>{ ?s ?p ?o } }",
    "less than, closed in a string": "SELECT * { VALUES (?a ?b) { (1 2) } FILTER(?a<?b+'>'||true)SERVICE<%U>{ ?s ?p ?o } FILTER('>'='>') }",
    "less than, closed behind the name": "SELECT * { VALUES (?a ?b ?x) { (1 2 <%U>) } FILTER(?a<?b)SERVICE?x#>\n{ ?s ?p ?o } }",
    "empty strings side by side": 'SELECT * { VALUES ?v { """x""" """" } SERVICE <%U> { ?s ?p ?o } VALUES ?w { """" } }',
    "ask": "ASK { SERVICE <%U> { ?s ?p ?o } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <%U> { ?s ?p ?o } }",
    "exists": "SELECT * { FILTER EXISTS { SERVICE <%U> { ?s ?p ?o } } }",
    "exists in the projection": "SELECT (EXISTS { SERVICE <%U> { ?s ?p ?o } } AS ?x) {}",
    "sub-select": "SELECT * { { SELECT * { SERVICE <%U> { ?s ?p ?o } } } }",
    "escaped": "SELECT * { \\u0053ERVICE <%U> { ?s ?p ?o } }",
    "escaped by eight digits": "SELECT * { \\U00000053ERVICE <%U> { ?s ?p ?o } }",
}
PASSES = {
    "in an IRI": "SELECT * { ?s <http://example.org/service/load> ?o { ?a ?b ?c } }",
    "in an IRI before a group": "SELECT * { GRAPH <http://example.org/my service?x>".replace(" s", "-s") + " { ?s ?p ?o } }",
    "in an IRI with a fragment": "SELECT * { ?s <http://www.w3.org/ns/sparql-service-description#service> ?o }",
    "in a relative IRI": "BASE <http://e/> SELECT * { ?s <service> ?o OPTIONAL { ?s ?p ?x } }",
    "in a urn": "SELECT * { ?s <urn:service:x> ?o { ?a ?b ?c } }",
    "in a string": "SELECT * { ?s ?p 'SERVICE <http://example.org/> { }' }",
    "in a long string": 'SELECT * { ?s ?p """a SERVICE <http://example.org/> \n is LOAD""" }',
    "in a comment": "# no SERVICE <http://example.org/> { } here\nSELECT * { ?s ?p ?o }",
    "as a variable": "SELECT ?service ?load { ?s ?service ?load { ?a ?b ?c } }",
    "as a variable with a dollar": "SELECT $service { ?s $service ?o { ?a ?b ?c } }",
    "as a local name": "PREFIX foo: <http://e/> SELECT * { ?s foo:service ?o OPTIONAL { ?s foo:load ?o } }",
    "as a local name of the empty prefix": "PREFIX : <http://e/> SELECT * { ?s :load ?o ; :service ?service . ?s :service :load }",
    "as the end of a local name": "PREFIX foo: <http://e/> SELECT * { GRAPH foo:my-service { ?s foo:my_service ?o } }",
    "as a prefix": "PREFIX service: <http://e/> PREFIX load: <http://e/> SELECT * { ?s service:a load:b GRAPH service:g { ?s load:a ?o } }",
    "as the end of a prefix": "PREFIX my-service: <http://e/> PREFIX : <http://e/> SELECT * { GRAPH my-service:g { ?s ?p ?o } }",
    "as a prefix beside the empty one": "PREFIX service: <http://e/> PREFIX : <http://e/> SELECT * { ?s service:a :b . ?s service:b ?o }",
    "as a name of a variable in a projection": "SELECT (COUNT(?x) AS ?service) { ?x ?p ?o }",
    "comparison": "SELECT * { ?s ?service ?o FILTER(?s < ?service && ?o > 3) OPTIONAL { ?s ?p ?load } }",
    "comparison without blanks": "SELECT * { ?s ?service ?o FILTER(?s<?service&&?o>3) OPTIONAL { ?s ?p ?load } }",
    "apostrophe in an IRI": "SELECT * { ?s <http://e/it's> ?service OPTIONAL { ?s ?p 'service' } }",
}
# fmt: on


@pytest.mark.parametrize("case", CALLS)
def test_what_calls_out_is_refused(case: str, callee: Callee, facts: ox.Store) -> None:
    query = CALLS[case].replace("%U", callee.url)
    with pytest.raises(QueryError, match="SERVICE and LOAD are refused"):
        refuse_service(query)


READ_SO_BY_OTHERS = ("escaped", "empty strings", "less than, closed behind")
"""Beginnings of the names of cases that another engine might read as a call; this one does not."""


@pytest.mark.parametrize("case", [case for case in CALLS if not case.startswith(READ_SO_BY_OTHERS)])
def test_the_cases_do_call_out(case: str, callee: Callee, facts: ox.Store) -> None:
    assert calls_out(CALLS[case].replace("%U", callee.url), facts, callee)


@pytest.mark.parametrize("case", PASSES)
def test_words_that_are_no_keyword_pass(case: str, facts: ox.Store, callee: Callee) -> None:
    refuse_service(PASSES[case])
    assert not calls_out(PASSES[case], facts, callee)
    facts.query(PASSES[case])  # it is SPARQL


OBJECTS = [
    "1",
    "1.0",
    "1e0",
    "true",
    '"x"',
    "'x'",
    '"""x"""',
    '"x"@en',
    ":b",
    "ex:",
    ":x\\'",
    ":x\\#",
    ":\u2100\\'",
    "<http://e/b>",
    "?o",
    "_:b",
]
CONDITIONS = [
    "?a<?b",
    "?a <?b",
    "?a<?b||''='>'",
    "?a<?b&&'>'='>'",
    "'>'='>'",
    "?a<?b#>\n",
    "?a<?b+1||'>'='#'",
    "true",
    '?b>?a||"<"="<"',
    "?a<:x||true",
]
GAPS = ["", " ", "\n", "#\n", "#'\r", "#>\n", '# SERVICE <http://e/> {"\n']
OTHERS = [
    'VALUES ?v { """\'x""" \'y"\' }',
    "OPTIONAL { :a ?q ?r }",
    "{ :a ?q 'x' } UNION { :a ?q \"'\" }",
    "BIND('SERVICE <http://e/> {' AS ?w)",
]


def service(silent: bool, target: str, gaps: list[str]) -> str:
    return f"SERVICE{gaps[0]}{'SILENT' if silent else ''}{gaps[1]}{target}{gaps[2]}{{ ?s ?p ?o }}"


gap = st.sampled_from(GAPS)
elements = st.one_of(
    st.builds(lambda value, end: f":a :p {value}{end}", st.sampled_from(OBJECTS), st.sampled_from([".", " . ", " ", "", ";"])),
    st.builds(lambda condition: f"FILTER({condition})", st.sampled_from(CONDITIONS)),
    st.sampled_from(OTHERS),
    st.builds(service, st.booleans(), st.sampled_from(["<%U>", "ex:", ":", "?x", "silent:"]), st.lists(gap, min_size=3, max_size=3)),
    gap,
)
groups = st.lists(elements, max_size=6).map("".join)
"""Parts that mostly make a whole group, set side by side in every order."""


def query_of(group: str, callee: Callee) -> str:
    head = "PREFIX : <http://e/> PREFIX ex: <%U> PREFIX silent: <%U> SELECT * { VALUES (?a ?b ?x) { (1 2 <%U>) } "
    return (head + group + " }").replace("%U", callee.url)


def check(query: str, store: ox.Store, callee: Callee) -> None:
    try:
        refuse_service(query)
    except QueryError:
        return
    assert not calls_out(query, store, callee), query


fuzzing = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@fuzzing
@given(group=groups)
@example(group="FILTER(?a<?b||''='>')SERVICE<%U>{ ?s ?p ?o }FILTER(''='>')")
def test_nothing_that_the_engine_runs_gets_through(callee: Callee, facts: ox.Store, group: str) -> None:
    check(query_of(group, callee), facts, callee)


INSERTED = [*"<>'\"#\n\r\\.:;?1e ", "'''", '"""', "true", "service", "service:", "\\'"]


@fuzzing
@given(group=groups, place=st.integers(0, 400), inserted=st.sampled_from(INSERTED))
def test_nor_with_something_put_in_anywhere(callee: Callee, facts: ox.Store, group: str, place: int, inserted: str) -> None:
    query = query_of(group, callee)
    check(query[:place] + inserted + query[place:], facts, callee)


# fmt: off
LOADS = [
    "LOAD <http://example.org/x>",
    "load silent <file:///etc/passwd> INTO GRAPH <http://e/g>",
    "LOAD<http://example.org/x>INTO GRAPH<http://e/g>",
    "PREFIX ex: <http://e/> LOADex:a",
    "PREFIX ex: <http://e/> LOAD ex:a ; INSERT DATA { ex:a ex:b ex:c }",
    "INSERT DATA { <http://e/a> <http://e/b> 'LOAD' } ; LOAD <http://example.org/x>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }",
]
KEEPS = [
    "INSERT DATA { <http://e/load> <http://e/service> 'LOAD <http://e/>' }",
    "PREFIX ex: <http://e/> INSERT DATA { ex:load ex:service ex:download }",
    "DELETE WHERE { ?load ?service ?o }",
]
# fmt: on


@pytest.mark.parametrize("text", LOADS)
def test_updates_that_fetch_are_refused(text: str) -> None:
    with pytest.raises(QueryError):
        refuse_service(text)


@pytest.mark.parametrize("text", KEEPS)
def test_updates_that_fetch_nothing_pass(text: str) -> None:
    refuse_service(text)


@pytest.mark.parametrize(
    "text",
    [
        "service." * 20_000,
        "service" * 20_000,
        "<" * 100_000 + "service",
        '"""\\' * 30_000 + "service",
        "<'" * 50_000 + "service >",
        "#service" * 20_000,
        "servicesilent " * 10_000,
        "service a:" * 10_000,
        "service:" * 20_000,
        " ".join(f"service{number}:x" for number in range(8_000)),
        "\"'service" * 15_000,
    ],
)
@pytest.mark.timeout(20)
def test_hostile_texts_take_no_time(text: str) -> None:
    with contextlib.suppress(QueryError):
        refuse_service(text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# comment\nPREFIX a: <http://a/#> BASE <b> prefix : <x>\nconstruct {} where {}", "CONSTRUCT"),
        ("ASK{}", "ASK"),
        ("PREFIX select: <http://a/> DESCRIBE select:a", "DESCRIBE"),
        ("INSERT DATA {}", None),
        ("PREFIX a: <b> LOAD <c>", None),
        ("", None),
        ("# SELECT", None),
        ('VERSION "1.2" SELECT * {}', "SELECT"),
    ],
)
def test_the_form_of_a_query(text: str, form: str | None) -> None:
    assert query_form(text) == form


def test_a_syntax_error_names_line_and_column() -> None:
    with pytest.raises(QueryError, match=r"line 2, column \d+"):
        EmbeddedStore().query("SELECT *\n{ ?s ?p }")


def test_a_folder_without_a_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="seismic build"):
        EmbeddedStore(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?o { ?s ?p ?o }", 2),
        ("SELECT ?o FROM <http://g/1> { ?s ?p ?o }", 1),
        ("SELECT ?o from\n<http://g/1> WHERE { ?s ?p ?o }", 1),
        ("PREFIX g: <http://g/> SELECT ?o FROM g:1 { ?s ?p ?o }", 1),
        ("SELECT ?o FROM NAMED <http://g/1> { GRAPH ?g { ?s ?p ?o } }", 1),
        ("SELECT ?o { ?s ?p ?o } # FROM <http://g/1>", 2),
        ('SELECT ?o { ?s ?p ?o FILTER(?o != "FROM <http://g/1>") }', 2),
        ("PREFIX sg: <http://p/> SELECT ?o { ?s ?p ?o FILTER NOT EXISTS { ?s sg:from <http://x/> } }", 2),
        ("SELECT ?o { ?s ?p ?o OPTIONAL { ?from <http://p/q> <http://x/> } }", 2),
    ],
)
def test_a_query_that_names_its_graphs_gets_these_and_no_others(query: str, expected: int) -> None:
    store = EmbeddedStore()
    for number in (1, 2):
        store.load([f'<http://s/> <http://p/> "{number}" .\n'], f"http://g/{number}")
    assert len(list(store.query(query))) == expected  # type: ignore[arg-type]
