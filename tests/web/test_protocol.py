"""SPARQL 1.1 Protocol: the cases of the W3C manifest, and every promise of the endpoint besides."""

from __future__ import annotations

import gzip
import urllib.parse
from pathlib import Path

import pyoxigraph as ox
import pytest

from seismic_graph.rdf import RDF_FORMATS, RESULT_FORMATS
from seismic_graph.store import EmbeddedStore
from tests.web.conftest import W3C
from tests.web.service import DIRECT, FORM, Service, serving

UPDATE = {"Content-Type": "application/sparql-update"}


def graphs(**fields: list[int]) -> str:
    """``default=[1]`` as the fields of the protocol."""
    names = {"default": "default-graph-uri", "named": "named-graph-uri"}
    return urllib.parse.urlencode([(names[name], f"{W3C}data{n}.rdf") for name, numbers in fields.items() for n in numbers])


def is_document(*numbers: int) -> str:
    return " ".join(f"<{W3C}data{n}.rdf> a ?type{n} ." for n in numbers)


def in_graphs(*numbers: int) -> str:
    return " ".join(f"GRAPH ?g{n} {{ {is_document(n)} }}" for n in numbers)


ASK = "query=" + urllib.parse.quote("ASK {}")

# --- the W3C manifest (http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/), by the names of its entries --------------

GOOD: dict[str, tuple[str, str, dict[str, str], str, bool | None]] = {
    # name: method, address, headers, body, the expected boolean
    "query_post_form": ("POST", f"/sparql/?{graphs(default=[1])}", FORM, ASK, True),
    "query_dataset_default_graphs_get": (
        "GET",
        f"/sparql/?query={urllib.parse.quote(f'ASK {{ {is_document(1, 2)} }}')}&{graphs(default=[1, 2])}",
        {},
        "",
        True,
    ),
    "query_dataset_default_graphs_post": ("POST", f"/sparql/?{graphs(default=[1, 2])}", DIRECT, f"ASK {{ {is_document(1, 2)} }}", True),
    "query_dataset_named_graphs_post": ("POST", f"/sparql/?{graphs(named=[1, 2])}", DIRECT, f"ASK {{ {in_graphs(1, 2)} }}", True),
    "query_dataset_named_graphs_get": (
        "GET",
        f"/sparql/?query={urllib.parse.quote(f'ASK {{ {in_graphs(1, 2)} }}')}&{graphs(named=[1, 2])}",
        {},
        "",
        True,
    ),
    "query_dataset_full": (
        "POST",
        f"/sparql/?{graphs(default=[3], named=[1, 2])}",
        DIRECT,
        f"ASK {{ {is_document(3)} {in_graphs(1, 2)} }}",
        True,
    ),
    "query_multiple_dataset": (
        "POST",
        f"/sparql/?{graphs(named=[1, 2])}",
        DIRECT,
        f"ASK FROM <{W3C}data3.rdf> {{ {in_graphs(1, 2)} }}",
        True,
    ),
    "query_get": ("GET", f"/sparql/?{ASK}&{graphs(default=[1])}", {}, "", True),
    "query_content_type_select": ("POST", "/sparql/", DIRECT, "SELECT (1 AS ?value) {}", None),
    "query_content_type_ask": ("POST", "/sparql/", DIRECT, "ASK {}", True),
    "query_content_type_describe": ("POST", "/sparql/", DIRECT, "DESCRIBE <http://example.org/>", None),
    "query_content_type_construct": ("POST", "/sparql/", DIRECT, "CONSTRUCT { <s> <p> 1 } WHERE {}", None),
    "query_post_direct": ("POST", "/sparql/", DIRECT, "ASK {}", True),
}


@pytest.mark.parametrize("name", GOOD)
def test_w3c_queries(w3c: Service, name: str) -> None:
    method, path, headers, body, expected = GOOD[name]
    reply = w3c.ask(path, method, headers, body.encode() or None)
    assert reply.status == 200, reply.body
    if expected is not None:
        assert reply.type == "application/sparql-results+json"
        assert reply.json()["boolean"] is expected
    elif name.endswith("select"):
        assert reply.type == "application/sparql-results+json"
        assert reply.json()["results"]["bindings"][0]["value"]["value"] == "1"
    else:
        assert reply.type == "text/turtle"
        count = 1 if name.endswith("construct") else 0
        assert len(list(ox.parse(reply.body, format=ox.RdfFormat.TURTLE))) == count


BAD: dict[str, tuple[str, str, dict[str, str], bytes, int]] = {
    # name: method, address, headers, body, our status out of the 4xx that are asked for
    "bad_query_method": ("PUT", f"/sparql/?{ASK}", FORM, b"", 405),
    "bad_multiple_queries": ("GET", f"/sparql/?{ASK}&query={urllib.parse.quote('SELECT * {}')}", {}, b"", 400),
    "bad_query_wrong_media_type": ("POST", "/sparql/", {"Content-Type": "text/plain"}, b"ASK {}", 415),
    "bad_query_missing_form_type": ("POST", "/sparql/", {}, ASK.encode(), 415),
    "bad_query_missing_direct_type": ("POST", "/sparql/", {}, b"ASK {}", 415),
    "bad_query_non_utf8": (
        "POST",
        "/sparql/",
        {"Content-Type": "application/sparql-query; charset=UTF-16"},
        "ASK {}".encode("utf-16"),
        415,
    ),
    "bad_query_syntax": ("GET", f"/sparql/?query={urllib.parse.quote('ASK {')}", {}, b"", 400),
    "bad_update_get": ("GET", f"/sparql/?update={urllib.parse.quote('CLEAR ALL')}", {}, b"", 403),
    "bad_multiple_updates": ("POST", "/sparql/", FORM, b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", 403),
    "bad_update_wrong_media_type": ("POST", "/sparql/", {"Content-Type": "text/plain"}, b"CLEAR NAMED", 415),
    "bad_update_missing_form_type": ("POST", "/sparql/", {}, b"update=CLEAR%20NAMED", 415),
    "bad_update_non_utf8": ("POST", "/sparql/", {"Content-Type": "application/sparql-update; charset=UTF-16"}, b"\xff\xfe", 403),
    "bad_update_syntax": ("POST", "/sparql/", FORM, b"update=CLEAR%20XYZ", 403),
    "bad_update_dataset_conflict": ("POST", "/sparql/?using-graph-uri=http%3A%2F%2Fe%2F", FORM, b"update=CLEAR%20NAMED", 403),
    # the service is read-only, so these are refused as well
    "update_post_form": ("POST", "/sparql/", FORM, b"update=CLEAR+ALL", 403),
    "update_post_direct": ("POST", "/sparql/", UPDATE, b"CLEAR ALL", 403),
    "update_dataset_default_graph": ("POST", "/sparql/?using-graph-uri=http%3A%2F%2Fe%2F", UPDATE, b"CLEAR ALL", 403),
    "update_base_uri": ("POST", "/sparql/", UPDATE, b"INSERT DATA { GRAPH <http://e/g> { <http://e/s> <http://e/p> <t> } }", 403),
    "an update as a query": ("POST", "/sparql/", DIRECT, b"PREFIX e: <http://e/> DELETE WHERE { ?s ?p ?o }", 403),
    "an update in the query field": ("POST", "/sparql/", FORM, b"query=LOAD+%3Cfile:///etc/passwd%3E", 403),
}


@pytest.mark.parametrize("name", BAD)
def test_w3c_refusals(w3c: Service, name: str) -> None:
    method, path, headers, body, status = BAD[name]
    reply = w3c.ask(path, method, headers, body)
    assert reply.status == status, reply.body
    assert reply.type == "application/problem+json"
    assert reply.json()["status"] == status
    assert len(w3c.rows("SELECT * { GRAPH ?g { ?s ?p ?o } }")) == 3  # nothing was changed


# --- datasets -------------------------------------------------------------------------------------------------------------------


ONLY_1 = f"SELECT * FROM <{W3C}data1.rdf>"  # noqa: S608 - SPARQL


def test_the_default_graph_is_the_union_of_all(w3c: Service) -> None:
    assert len(w3c.rows("SELECT * { ?s ?p ?o }")) == 3
    assert [row["s"] for row in w3c.rows(f"{ONLY_1} {{ ?s ?p ?o }}")] == [f"{W3C}data1.rdf"]


@pytest.mark.parametrize(
    ("fields", "query", "count"),
    [
        ({"default-graph-uri": f"{W3C}data1.rdf"}, "SELECT * { ?s ?p ?o }", 1),
        ({"default-graph-uri": f"{W3C}data2.rdf"}, f"{ONLY_1} {{ ?s ?p ?o FILTER(?s = <{W3C}data1.rdf>) }}", 0),
        ({"default-graph-uri": f"{W3C}data1.rdf"}, "SELECT * { GRAPH ?g { ?s ?p ?o } }", 0),
        ({"named-graph-uri": f"{W3C}data1.rdf"}, "SELECT * { ?s ?p ?o }", 0),
        ({"named-graph-uri": f"{W3C}data1.rdf"}, "SELECT * { GRAPH ?g { ?s ?p ?o } }", 1),
        ({"default-graph-uri": "http://e.org/unknown"}, "SELECT * { ?s ?p ?o }", 0),
        ({"default-graph-uri": "file:///etc/passwd"}, "SELECT * { ?s ?p ?o }", 0),
    ],
    ids=["default", "over FROM", "no named", "no default", "named", "unknown", "file"],
)
def test_the_dataset_of_the_protocol(w3c: Service, fields: dict[str, str], query: str, count: int) -> None:
    assert len(w3c.query(query, **fields).json()["results"]["bindings"]) == count


@pytest.mark.parametrize("value", ["", "data1.rdf", "http://e.org/a b", "http://e.org/%"])
def test_a_graph_that_is_no_iri(w3c: Service, value: str) -> None:
    reply = w3c.query("ASK {}", **{"default-graph-uri": value})
    assert reply.status == 400
    assert "IRI" in reply.json()["detail"]


# --- formats --------------------------------------------------------------------------------------------------------------------

SELECT = (
    "SELECT ?s ?label { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?label FILTER(LANG(?label) = 'en') } ORDER BY ?s ?label LIMIT 20"
)
CONSTRUCT = f"CONSTRUCT {{ ?s <urn:label> ?label }} {{ {{ {SELECT} }} }}"

ROWS = {name: form.media_type.partition(";")[0] for name, form in RESULT_FORMATS.items()}
GRAPHS = {name: form.media_type for name, form in RDF_FORMATS.items()}


@pytest.mark.parametrize("way", ["accept", "suffix", "format"])
@pytest.mark.parametrize("form", ROWS)
def test_rows_in_every_format(service: Service, full_store: EmbeddedStore, form: str, way: str) -> None:
    reply = {
        "accept": lambda: service.query(SELECT, ROWS[form]),
        "suffix": lambda: service.query(SELECT, path=f"/sparql.{form}"),
        "format": lambda: service.query(SELECT, format=form),
    }[way]()
    assert (reply.status, reply.type) == (200, ROWS[form])
    expected = full_store.inner.query(SELECT, use_default_graph_as_union=True)
    if form == "csv":
        assert reply.body == expected.serialize(format=ox.QueryResultsFormat.CSV)  # type: ignore[union-attr]
    else:
        found = ox.parse_query_results(reply.body, RESULT_FORMATS[form])
        assert [[*row] for row in found] == [[*row] for row in expected]  # type: ignore[union-attr]


@pytest.mark.parametrize("way", ["accept", "suffix", "format"])
@pytest.mark.parametrize("form", GRAPHS)
def test_graphs_in_every_format(service: Service, full_store: EmbeddedStore, form: str, way: str) -> None:
    reply = {
        "accept": lambda: service.query(CONSTRUCT, GRAPHS[form]),
        "suffix": lambda: service.query(CONSTRUCT, path=f"/sparql.{form}"),
        "format": lambda: service.query(CONSTRUCT, format=form),
    }[way]()
    assert (reply.status, reply.type) == (200, GRAPHS[form])
    found = {quad.triple for quad in ox.parse(reply.body, format=RDF_FORMATS[form])}
    assert found == set(full_store.inner.query(CONSTRUCT, use_default_graph_as_union=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accept", "rows", "graph"),
    [
        ("", "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("application/json", "application/json", "application/json"),
        ("text/*", "text/csv", "text/turtle"),
        ("application/rdf+xml;q=0.5, text/turtle;q=0.4, text/csv", "text/csv", "application/rdf+xml"),
        ("application/sparql-results+xml, */*;q=0.1", "application/sparql-results+xml", "text/turtle"),
        ("APPLICATION/SPARQL-RESULTS+XML;Q=1", "application/sparql-results+xml", 406),
        ("application/n-triples", 406, "application/n-triples"),
        ("image/png", 406, 406),
        ("application/sparql-results+json;q=0", 406, 406),
        ("text/csv;q=nonsense", 406, 406),
    ],
)
def test_accept(service: Service, accept: str, rows: str | int, graph: str | int) -> None:
    for query, expected in ((SELECT, rows), (CONSTRUCT, graph)):
        reply = service.query(query, accept)
        if isinstance(expected, int):
            assert (reply.status, reply.type) == (expected, "application/problem+json")
            assert "On offer" in reply.json()["detail"]
        else:
            assert (reply.status, reply.type) == (200, expected)
        assert "Accept" in reply.headers["vary"]


def test_a_format_that_does_not_exist(service: Service) -> None:
    assert service.query("ASK {}", format="pdf").status == 400
    assert service.query("ASK {}", path="/sparql.pdf").status == 400
    assert service.query(SELECT, path="/sparql.ttl").status == 406
    assert service.query(CONSTRUCT, path="/sparql.csv").status == 406


def test_xml_that_cannot_carry_a_value_is_an_error(service: Service) -> None:
    query = 'SELECT ("a\\u0001b" AS ?x) {}'
    reply = service.query(query, "application/sparql-results+xml")
    assert (reply.status, "U+0001" in reply.json()["detail"]) == (400, True)
    assert service.query(query).json()["results"]["bindings"][0]["x"]["value"] == "a\x01b"


# --- HTTP -----------------------------------------------------------------------------------------------------------------------


def test_an_answer_that_the_client_has_is_not_sent_again(service: Service) -> None:
    first = service.query(SELECT)
    tag = first.headers["etag"]
    address = f"/sparql?{urllib.parse.urlencode({'query': SELECT})}"
    again = service.ask(address, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert service.query(SELECT, "text/csv").headers["etag"] != tag
    assert service.query(SELECT + " ").headers["etag"] != tag
    assert service.query(SELECT, **{"default-graph-uri": "http://e.org/"}).headers["etag"] != tag
    assert service.ask(address, headers={"If-None-Match": '"other"'}).status == 200
    assert "etag" not in service.query("SELECT (NOW() AS ?now) {}").headers
    assert first.headers["x-seismic-snapshot"] == service.health["snapshot"]


def test_head_has_the_headers_alone(service: Service) -> None:
    address = f"/sparql?{urllib.parse.urlencode({'query': SELECT})}"
    got, head = service.ask(address), service.ask(address, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(got.body))
    assert head.headers["etag"] == got.headers["etag"]


def test_answers_are_compressed_for_those_who_ask(service: Service) -> None:
    address = f"/sparql?{urllib.parse.urlencode({'query': SELECT})}"
    reply = service.ask(address, headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body) == service.ask(address).body
    assert "Accept-Encoding" in reply.headers["vary"]


def test_pages_of_other_sites_may_ask(service: Service) -> None:
    asked = {"Origin": "https://e.org", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = service.ask("/sparql", "OPTIONS", asked)
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    reply = service.ask("/sparql?query=ASK%7B%7D", headers={"Origin": "https://e.org"})
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "X-Seismic-Truncated" in reply.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in reply.headers


def test_browsers_are_told_what_not_to_do(service: Service) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/health", "/nothing"):
        headers = service.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert len(headers["x-request-id"]) == 32


def test_errors_are_problem_details_with_the_place(service: Service) -> None:
    reply = service.query("SELECT * {\n  ?s ?p\n}")
    problem = reply.json()
    assert (reply.status, reply.type, problem["status"]) == (400, "application/problem+json", 400)
    assert problem["line"] == 3
    assert f"line 3, column {problem['column']}" in problem["detail"]
    assert {"type", "title", "status", "detail"} <= set(problem)


def test_what_is_not_there_and_what_is_not_taken(service: Service) -> None:
    assert service.ask("/no/such/place").json()["status"] == 404
    for path in ("/sparql", "/rdf-graph-store?default"):
        for method in ("PUT", "DELETE", "PATCH", "BREW"):
            reply = service.ask(path, method)
            assert (reply.status, reply.type) == (405, "application/problem+json")
            assert "GET" in reply.headers["allow"]
    page = service.ask("/no/such/place", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status, page.type) == (404, "text/html")


def test_a_form_without_a_query(service: Service) -> None:
    assert service.ask("/sparql", "POST", FORM, b"quary=ASK").status == 400
    assert service.ask("/sparql?query=ASK%7B%7D", "POST", DIRECT, b"ASK {}").status == 400


# --- description, pages, limits ----------------------------------------------------------------------------------------------------


def test_without_a_query_machines_get_the_service_description(service: Service, full_store: EmbeddedStore) -> None:
    for accept in ("", "text/turtle", "application/rdf+xml", "application/ld+json"):
        reply = service.ask("/sparql", headers={"Accept": accept} if accept else {})
        assert reply.status == 200
        form = ox.RdfFormat.from_media_type(reply.type)
        assert form is not None
        store = ox.Store()
        store.load(reply.body, form)
        sd = "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>"
        found = store.query(
            f"{sd} SELECT ?name {{ ?service a sd:Service ; sd:endpoint <{service.base}sparql> ; sd:feature sd:UnionDefaultGraph ; "
            "sd:supportedLanguage sd:SPARQL11Query ; sd:defaultDataset/sd:namedGraph/sd:name ?name } ORDER BY ?name"
        )
        assert [row["name"].value for row in found] == full_store.graphs()  # type: ignore[union-attr]
    assert service.ask("/sparql", headers={"Accept": "image/png"}).status == 406


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_browsers_get_a_form_that_works_without_script(service: Service) -> None:
    page = service.ask("/sparql", headers=BROWSER)
    assert (page.status, page.type) == (200, "text/html")
    assert b"<textarea" in page.body
    assert b'name="query"' in page.body
    sent = urllib.parse.urlencode({"query": 'SELECT ("<script>" AS ?x) ?s { ?s ?p ?o } LIMIT 2'}).encode()
    answer = service.ask("/sparql", "POST", FORM | BROWSER, sent)
    assert (answer.status, answer.type) == (200, "text/html")
    assert b"<script>" not in answer.body
    assert b"&lt;script&gt;" in answer.body
    wrong = service.ask("/sparql", "POST", FORM | BROWSER, b"query=SELECT")
    assert (wrong.status, wrong.type) == (400, "text/html")
    assert b"line 1" in wrong.body


def test_a_page_says_where_rows_are_left_out(service: Service) -> None:
    page = service.ask(f"/sparql?{urllib.parse.urlencode({'query': 'SELECT * { ?s ?p ?o }'})}", headers=BROWSER)
    assert page.headers["x-seismic-truncated"] == "1000 rows"


def test_a_cut_is_announced(w3c: Service) -> None:
    values = " ".join(str(number) for number in range(101))
    for count, cut in ((100, None), (101, "100 rows")):
        reply = w3c.query(f"SELECT ?x {{ VALUES ?x {{ {values} }} }} LIMIT {count}")
        assert reply.headers.get("x-seismic-truncated") == cut
        assert len(reply.json()["results"]["bindings"]) == 100
    for form in ("csv", "tsv", "xml"):
        reply = w3c.query(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}", format=form)
        assert reply.headers["x-seismic-truncated"] == "100 rows"
    graph = w3c.query(f"CONSTRUCT {{ <urn:s> <urn:p> ?x }} {{ VALUES ?x {{ {values} }} }}", format="nt")
    assert graph.headers["x-seismic-truncated"] == "100 triples"
    assert graph.body.count(b"\n") == 100


# --- graph store ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ttl", "nt", "jsonld", "rdf"])
def test_a_graph_by_its_name(service: Service, full_store: EmbeddedStore, form: str) -> None:
    name = "https://w3id.org/seismic-graph/graph/catalogue"
    address = f"/rdf-graph-store?{urllib.parse.urlencode({'graph': name})}"
    reply = service.ask(address, headers={"Accept": GRAPHS[form]})
    assert (reply.status, reply.type) == (200, GRAPHS[form])
    parsed = {quad.triple for quad in ox.parse(reply.body, format=RDF_FORMATS[form])}
    assert len(parsed) == len(list(full_store.triples(name)))
    head = service.ask(address, "HEAD", {"Accept": GRAPHS[form]})
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(reply.body)))
    tag = {"If-None-Match": reply.headers["etag"], "Accept": GRAPHS[form]}
    assert service.ask(address, headers=tag).status == 304


def test_the_default_graph_of_the_graph_store(w3c: Service) -> None:
    reply = w3c.ask("/rdf-graph-store?default", headers={"Accept": "application/n-triples"})
    assert sorted(reply.body.splitlines())[0].startswith(f"<{W3C}data1.rdf>".encode())
    assert len(reply.body.splitlines()) == 3


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("graph=x", 400), ("default&graph=urn:x", 400), ("graph=urn:x", 404), ("graph=file:///etc/passwd", 404)],
)
def test_a_graph_that_is_not_there(service: Service, query: str, status: int) -> None:
    assert service.ask(f"/rdf-graph-store?{query}").status == status


# --- behind a proxy ---------------------------------------------------------------------------------------------------------------


def test_below_any_path(home: Path, tmp_path: Path) -> None:
    base = "https://example.org/kg/"
    with serving(home, tmp_path / "log", "--base", base, "--workers", "1") as service:
        for prefix in ("/kg", ""):  # whether or not the proxy takes the path off
            for host in ("127.0.0.1", "evil.example"):
                reply = service.ask(f"{prefix}/sparql", headers={"Accept": "application/n-triples", "Host": host})
                assert reply.status == 200
                assert b"<https://example.org/kg/sparql>" in reply.body
                assert b"evil" not in reply.body
            assert service.query("ASK {}", path=f"{prefix}/sparql").json() == {"head": {}, "boolean": True}
        assert service.ask("/kgx/sparql").status == 404


def test_forwarded_addresses_are_believed_when_told(home: Path, tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    for options, client in (((), "127.0.0.1"), (("--trust-proxy", "127.0.0.1"), "192.0.2.7")):
        with serving(home, tmp_path / "log", "--workers", "1", *options) as service:
            described = service.ask("/sparql", headers={"Accept": "application/n-triples", **forwarded}).body
            assert (b"<https://" in described.split(b" ")[0]) is bool(options)
            assert service.logged(path="/sparql")["client"] == client
