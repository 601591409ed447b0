"""Whatever is sent to the protocols, the answer is an answer: never a fault of the service."""

from __future__ import annotations

import urllib.parse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.web.service import Reply, Service

FIELDS = ("query", "update", "default-graph-uri", "named-graph-uri", "format", "default", "graph", "using-graph-uri", "Query")
PIECES = (
    *(
        "SELECT",
        "*",
        "{",
        "}",
        "?s",
        "?p",
        "?o",
        ".",
        "ASK",
        "CONSTRUCT",
        "WHERE",
        "DESCRIBE",
        "<urn:x>",
        "FROM",
        "NAMED",
        "GRAPH",
        "PREFIX",
    ),
    *("e:", "<", ">", '"', "'", "\\u0053", "#", "\n", "\x00", "(", ")", "FILTER", "SERVICE", "LOAD", "CLEAR", "ALL", "LIMIT", "1", "BASE"),
    *(
        "OPTIONAL",
        "UNION",
        "VALUES",
        "UNDEF",
        "BIND",
        "AS",
        "(COUNT(*) AS ?n)",
        "^^",
        "@en",
        ";",
        ",",
        "a",
        "|",
        "/",
        "^",
        "+",
        "!",
        "\U0001f30d",
    ),
)
GOOD = ("ASK {}", "SELECT (1 AS ?x) {}", "CONSTRUCT { <urn:s> <urn:p> 1 } {}", "SELECT * { ?s ?p ?o } LIMIT 3", "DESCRIBE <urn:x>")
TYPES = (
    *("text/turtle", "application/sparql-results+json", "text/csv", "text/html", "*/*", "text/*", "application/json", "", ",", ";", "q=1"),
    *("application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update", "multipart/form-data; boundary=x"),
)
visible = some.text(some.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)
queries = some.sampled_from(GOOD) | some.lists(some.sampled_from(PIECES), max_size=12).map(" ".join) | some.text(max_size=30)
values = queries | some.sampled_from(("json", "ttl", "xml", "csv", "nq", "html", "urn:g", "http://e.org/", "file:///etc/passwd", ""))
fields = some.lists(some.tuples(some.sampled_from(FIELDS), values), max_size=5)
media_types = some.sampled_from(TYPES) | visible | some.tuples(some.sampled_from(TYPES), visible).map(";".join)
paths = some.sampled_from(("/sparql", "/sparql/", "/sparql.json", "/sparql.ttl", "/sparql.", "/rdf-graph-store", "/sparql.xyz", "/SPARQL"))
methods = some.sampled_from(("GET", "POST", "HEAD", "OPTIONS", "PUT"))

fuzz = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(reply: Reply, method: str = "GET") -> None:
    """The answer is one that the protocol knows."""
    assert reply.status < 500, reply.body
    if reply.status >= 400 and method != "HEAD":
        assert reply.type in ("application/problem+json", "text/html"), reply.headers
        if reply.type == "application/problem+json":
            assert reply.json()["status"] == reply.status
    assert "x-request-id" in reply.headers


@fuzz
@given(method=methods, path=paths, query=fields, accept=media_types)
def test_addresses(service: Service, method: str, path: str, query: list[tuple[str, str]], accept: str) -> None:
    asked = urllib.parse.urlencode(query, errors="surrogatepass")
    check(service.ask(f"{path}?{asked}", method, {"Accept": accept}), method)


@fuzz
@given(path=paths, form=fields, kind=media_types, accept=media_types)
def test_forms(service: Service, path: str, form: list[tuple[str, str]], kind: str, accept: str) -> None:
    for media_type in (kind, "application/x-www-form-urlencoded"):
        body = urllib.parse.urlencode(form, errors="surrogatepass").encode()
        check(service.ask(path, "POST", {"Content-Type": media_type, "Accept": accept}, body))


@fuzz
@given(body=some.binary(max_size=60) | queries.map(lambda text: text.encode(errors="surrogatepass")), kind=media_types)
def test_bodies(service: Service, body: bytes, kind: str) -> None:
    for media_type in (kind, "application/sparql-query", "application/x-www-form-urlencoded"):
        check(service.ask("/sparql", "POST", {"Content-Type": media_type}, body))


@fuzz
@given(raw=some.binary(max_size=40).map(lambda data: urllib.parse.quote(data, safe="&=%;+")), name=some.sampled_from(FIELDS))
def test_escapes(service: Service, raw: str, name: str) -> None:
    check(service.ask(f"/sparql?{name}={raw}"))
    check(service.ask(f"/rdf-graph-store?{raw}"))


@fuzz
@given(headers=some.dictionaries(some.sampled_from(("If-None-Match", "Accept", "Accept-Encoding", "Origin", "Range")), visible))
def test_headers(service: Service, headers: dict[str, str]) -> None:
    check(service.ask("/sparql?query=ASK%7B%7D", headers=headers))


@pytest.fixture(scope="module", autouse=True)
def _well_at_the_end(service: Service) -> object:
    yield
    health = service.health
    assert (health["status"], health["workers"]["ready"]) == ("ok", health["workers"]["size"])
    assert '"fault"' not in service.log.read_text()
