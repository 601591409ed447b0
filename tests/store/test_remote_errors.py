"""An endpoint that misbehaves in every way: each time the right error, which names the address and what to do."""

from __future__ import annotations

import base64
import email.utils
import gzip
import http.server
import io
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pyoxigraph as ox
import pytest

from seismic_graph.errors import (
    Busy,
    IncompleteAnswer,
    NoGraphStore,
    QueryError,
    SeismicError,
    StoreError,
    TimedOut,
    Unreachable,
    UsageError,
)
from seismic_graph.remote import RemoteStore
from tests.fixtures.servers import free_port

ROWS = "application/sparql-results+json"
ONE_ROW = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
YES = b'{"head":{},"boolean":true}'
PAGE = b"<!DOCTYPE html><html><head><title>Welcome &amp; enjoy</title></head><body><h1>Hello</h1></body></html>"
TRIPLE = b"<http://e/a> <http://e/b> <http://e/c> .\n"
SECRET = "s3cret"  # noqa: S105


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def send(self, status: int, kind: str, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.form = {name: values[0] for name, values in urllib.parse.parse_qs(form).items()}
        server: Any = self.server
        server.requests.append((self.command, self.path, form, dict(self.headers)))
        path = urllib.parse.urlsplit(self.path).path
        ANSWERS[path](self)
        if path in BREAKS:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()


def redirect(status: int, place: str) -> Callable[[Handler], None]:
    return lambda it: it.send(status, "text/plain", b"", Location=place)


def chunks(it: Handler, kind: str, *parts: bytes, end: bool = True) -> None:
    it.send_response(200)
    it.send_header("Content-Type", kind)
    it.send_header("Transfer-Encoding", "chunked")
    it.end_headers()
    for part in parts:
        it.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    if end:
        it.wfile.write(b"0\r\n\r\n")


def trickle(it: Handler) -> None:
    it.send_response(200)
    it.send_header("Content-Type", ROWS)
    it.send_header("Content-Length", "1000")
    it.end_headers()
    for _ in range(60):
        it.wfile.write(b" ")
        it.wfile.flush()
        time.sleep(0.1)


def hang(it: Handler) -> None:
    time.sleep(3)


def without_length(it: Handler) -> None:
    it.protocol_version = "HTTP/1.0"
    it.send_response(200)
    it.send_header("Content-Type", "application/n-triples")
    it.send_header("Connection", "close")
    it.end_headers()
    it.wfile.write(TRIPLE)
    it.close_connection = True


def guarded(it: Handler) -> None:
    if it.headers.get("Authorization") == "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode():
        it.send(200, ROWS, ONE_ROW)
    else:
        it.send(401, "text/plain", b"Who are you?", WWW_Authenticate='Basic realm="x"')


def term(term: str) -> bytes:
    return b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"http://e/"}},{"x":%s}]}}' % term.encode()


ANSWERS: dict[str, Callable[[Handler], None]] = {
    "/good": lambda it: it.send(200, ROWS, ONE_ROW),
    "/429": lambda it: it.send(429, "text/plain", b"Slow down.", Retry_After="7"),
    "/429-date": lambda it: it.send(429, "text/plain", b"", Retry_After=email.utils.formatdate(time.time() + 30, usegmt=True)),
    "/503": lambda it: it.send(503, "text/html", PAGE),
    "/500": lambda it: it.send(500, "text/plain", b"Virtuoso 22012 Error SR084: Division by 0.\n\nSPARQL query:\nSELECT secrets"),
    "/500-page": lambda it: it.send(500, "text/html", PAGE),
    "/502": lambda it: it.send(502, "text/plain", b""),
    "/504": lambda it: it.send(504, "text/plain", b"upstream"),
    "/408": lambda it: it.send(408, "text/plain", b""),
    "/401": lambda it: it.send(401, "text/plain", b"", WWW_Authenticate='Basic realm="x"'),
    "/401-bearer": lambda it: it.send(401, "text/plain", b"", WWW_Authenticate="Bearer"),
    "/403": lambda it: it.send(403, "text/plain", b"no"),
    "/404": lambda it: it.send(404, "text/html", PAGE),
    "/405": lambda it: it.send(405, "text/plain", b""),
    "/413": lambda it: it.send(413, "text/plain", b""),
    "/501": lambda it: it.send(501, "text/plain", b""),
    "/400": lambda it: it.send(400, "text/plain", b"error at 2:5: expected a miracle"),
    "/400-virtuoso": lambda it: it.send(400, "text/plain", b"Virtuoso 37000 Error SP030: syntax error at '}'\n\nSPARQL query:\nSELECT"),
    "/400-empty": lambda it: it.send(400, "", b""),
    "/page": lambda it: it.send(200, "text/html; charset=utf-8", PAGE),
    "/page-as-json": lambda it: it.send(200, "application/json", PAGE),
    "/text": lambda it: it.send(200, "text/plain", b"SQL error 17"),
    "/nothing": lambda it: it.send(200, "", b""),
    "/204": lambda it: it.send(204, "", b""),
    "/json": lambda it: it.send(200, "application/json", b'{"error": "no such table"}'),
    "/json-list": lambda it: it.send(200, "application/json", b"[1, 2]"),
    "/json-deep": lambda it: it.send(200, ROWS, b"[" * 100_000),
    "/json-vars": lambda it: it.send(200, ROWS, b'{"head":{"vars":"x"},"results":{"bindings":[]}}'),
    "/boolean": lambda it: it.send(200, ROWS, YES),
    "/cut-length": lambda it: it.send(200, ROWS, ONE_ROW, length=len(ONE_ROW) + 50),
    "/cut-json": lambda it: it.send(200, ROWS, ONE_ROW[:-10]),
    "/cut-in-a-letter": lambda it: it.send(200, ROWS, '{"head":{"vars":["x"]},"results":{"bindings":[{"x":"\u00e9'.encode()[:-1]),
    "/cancelled": lambda it: chunks(it, ROWS, ONE_ROW[:-3], b"The SPARQL operation has been cancelled"),
    "/cut-chunk": lambda it: chunks(it, ROWS, ONE_ROW, end=False),
    "/reset": lambda it: None,
    "/cut-triple": lambda it: it.send(200, "application/n-triples", TRIPLE + TRIPLE[:20]),
    "/cancelled-triples": lambda it: chunks(it, "application/n-triples", TRIPLE, b"The SPARQL operation has been cancelled"),
    "/cut-triples-length": lambda it: it.send(200, "application/n-triples", TRIPLE, length=2 * len(TRIPLE)),
    "/without-length": without_length,
    "/206": lambda it: it.send(206, ROWS, ONE_ROW),
    "/anytime": lambda it: it.send(
        200, ROWS, ONE_ROW, X_SQL_State="S1TAT", X_SQL_Message="RC...: Returning incomplete results, query interrupted. Activity: 7"
    ),
    "/hang": hang,
    "/trickle": trickle,
    "/other-host": redirect(307, f"http://user:{SECRET}@elsewhere.invalid/sparql?key={SECRET}"),
    "/other-port": redirect(307, "http://127.0.0.1:1/sparql"),
    "/other-scheme": redirect(301, "https://127.0.0.1/sparql"),
    "/file": redirect(302, "file:///etc/passwd"),
    "/circle": redirect(307, "/circle"),
    "/moved-301": redirect(301, "/good"),
    "/moved-302": redirect(302, "/good"),
    "/moved-303": redirect(303, "/good"),
    "/moved-307": redirect(307, "/good"),
    "/moved-308": redirect(308, "/good"),
    "/gzip": lambda it: it.send(200, ROWS, gzip.compress(ONE_ROW, mtime=0), Content_Encoding="gzip"),
    "/gzip-cut": lambda it: it.send(200, ROWS, gzip.compress(ONE_ROW, mtime=0)[:-12], Content_Encoding="gzip"),
    "/gzip-none": lambda it: it.send(200, ROWS, ONE_ROW, Content_Encoding="gzip"),
    "/brotli": lambda it: it.send(200, ROWS, ONE_ROW, Content_Encoding="br"),
    "/guarded": guarded,
    "/bad-iri": lambda it: it.send(200, ROWS, term('{"type":"uri","value":"http://e/a b"}')),
    "/bad-language": lambda it: it.send(200, ROWS, term('{"type":"literal","value":"x","xml:lang":"en_GB!"}')),
    "/bad-type": lambda it: it.send(200, ROWS, term('{"type":"literal","value":"x","datatype":"no iri"}')),
    "/bad-kind": lambda it: it.send(200, ROWS, term('{"type":"sausage","value":"x"}')),
    "/bad-value": lambda it: it.send(200, ROWS, term('{"type":"literal","value":7}')),
    "/bad-term": lambda it: it.send(200, ROWS, term('"x"')),
    "/xml": lambda it: it.send(
        200,
        "application/sparql-results+xml",
        b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results><result>'
        b'<binding name="x"><literal datatype="http://www.w3.org/2001/XMLSchema#int">01</literal></binding></result></results></sparql>',
    ),
    "/xml-cut": lambda it: it.send(
        200, "application/sparql-results+xml", b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
    ),
    "/turtle": lambda it: it.send(200, "text/turtle", b"@prefix e: <http://e/> . e:a e:b e:c ."),
    "/rdfxml": lambda it: it.send(
        200,
        "application/rdf+xml",
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"><rdf:Description rdf:about="http://e/a">'
        b'<e:b rdf:resource="http://e/c"/></rdf:Description></rdf:RDF>',
    ),
    "/jsonld": lambda it: it.send(200, "application/ld+json", b'{"@id":"http://e/a","http://e/b":{"@id":"http://e/c"}}'),
    "/null-terms": lambda it: it.send(
        200, ROWS, b'{"head":{"vars":["x","y"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"},"y":null},{"x":{}}]}}'
    ),
}
BREAKS = {"/cut-length", "/cut-chunk", "/cut-triples-length", "/reset"}


class Endpoint:
    """The server of the misbehaving endpoint."""

    def __init__(self) -> None:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.requests: list[tuple[str, str, str, dict[str, str]]] = []
        self.server.requests = self.requests  # type: ignore[attr-defined]
        self.place = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def store(self, path: str, *, credentials: bool = True, **options: Any) -> RemoteStore:
        return RemoteStore(f"http://{f'user:{SECRET}@' if credentials else ''}{self.place}{path}", **{"timeout": 5.0, **options})


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    running = Endpoint()
    yield running
    running.server.shutdown()
    running.server.server_close()


SELECT = "SELECT ?x {\n ?x ?y ?z }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"

ERRORS: list[tuple[str, str, type[SeismicError], str]] = [
    # path, query, error, what the message says
    ("/429", SELECT, Busy, r"busy \(HTTP 429\): Slow down\. Ask again in 7 seconds"),
    ("/429-date", SELECT, Busy, r"Ask again in (29|30) seconds"),
    ("/503", SELECT, Busy, r"HTTP 503.*Ask again after a while"),
    ("/500", SELECT, StoreError, r"HTTP 500: Virtuoso 22012 Error SR084: Division by 0\. Look into the log"),
    ("/500-page", SELECT, StoreError, r"HTTP 500: Welcome & enjoy Hello\."),
    ("/502", SELECT, StoreError, r"HTTP 502\. Look into the log"),
    ("/504", SELECT, TimedOut, r"time was up \(HTTP 504\): upstream\. Ask for less"),
    ("/408", SELECT, TimedOut, r"HTTP 408"),
    ("/401", SELECT, StoreError, r"wants a name and a password; give them in the address"),
    ("/401-bearer", SELECT, StoreError, r"neither Basic nor Digest"),
    ("/403", SELECT, StoreError, r"HTTP 403: no\. It forbids this"),
    ("/404", SELECT, StoreError, r"HTTP 404.*endpoints often end in /sparql"),
    ("/405", SELECT, StoreError, r"takes no such request"),
    ("/413", SELECT, StoreError, r"too long"),
    ("/400", SELECT, QueryError, r"line 2, column 5: error at 2:5: expected a miracle\n    \?x \?y \?z }"),
    ("/400-virtuoso", SELECT, QueryError, r"syntax error at '}' \(HTTP 400"),
    ("/400-empty", SELECT, QueryError, r"HTTP 400"),
    ("/page", SELECT, StoreError, r'is no SPARQL endpoint: it answered with text/html: a page titled "Welcome & enjoy".*Check the address'),
    ("/page", CONSTRUCT, StoreError, r'no SPARQL endpoint.*"Welcome & enjoy"'),
    ("/page-as-json", SELECT, StoreError, r'no SPARQL endpoint.*"Welcome & enjoy"'),
    ("/text", SELECT, StoreError, r"no SPARQL endpoint: it answered with text/plain: 'SQL error 17'"),
    ("/nothing", SELECT, StoreError, r"with no media type: nothing"),
    ("/204", SELECT, StoreError, r"with no media type: nothing"),
    ("/json", SELECT, StoreError, r"JSON that is no answer to SELECT: '{\"error\": \"no such table\"}'"),
    ("/json-list", SELECT, StoreError, r"no answer to SELECT"),
    ("/json-deep", SELECT, IncompleteAnswer, r"malformed"),
    ("/json-vars", SELECT, StoreError, r"no answer to SELECT"),
    ("/boolean", SELECT, StoreError, r"no answer to SELECT"),
    ("/good", "ASK {}", StoreError, r"no answer to ASK"),
    ("/good", CONSTRUCT, StoreError, r"no SPARQL endpoint: it answered with application/sparql-results\+json"),
    ("/cut-length", SELECT, Unreachable, r"broke after \d+ bytes, before the answer was whole \(135 were announced\)"),
    ("/cut-json", SELECT, IncompleteAnswer, r"breaks off.*A time limit of the endpoint is the usual reason"),
    ("/cut-in-a-letter", SELECT, IncompleteAnswer, r"breaks off"),
    ("/cancelled", SELECT, IncompleteAnswer, r"The SPARQL operation has been cancelled"),
    ("/cut-chunk", SELECT, Unreachable, r"broke after 85 bytes"),
    ("/reset", SELECT, Unreachable, r"Nothing answers|broke"),
    ("/cut-triple", CONSTRUCT, IncompleteAnswer, r"breaks off"),
    ("/cancelled-triples", CONSTRUCT, IncompleteAnswer, r"The SPARQL operation has been cancelled"),
    ("/cut-triples-length", CONSTRUCT, Unreachable, r"broke after"),
    ("/without-length", CONSTRUCT, IncompleteAnswer, r"does not say how long its answer is"),
    ("/206", SELECT, IncompleteAnswer, r"HTTP 206"),
    ("/anytime", SELECT, IncompleteAnswer, r"S1TAT RC\.\.\.: Returning incomplete results, query interrupted\.\).*MaxQueryExecutionTime"),
    ("/other-host", SELECT, StoreError, r"sends us on to http://elsewhere\.invalid/sparql\?\.\.\., which is another place"),
    ("/other-port", SELECT, StoreError, r"another place"),
    ("/other-scheme", SELECT, StoreError, r"sends us on to https://127\.0\.0\.1/sparql, .* give that address"),
    ("/file", SELECT, StoreError, r"HTTP 302|another place"),
    ("/circle", SELECT, StoreError, r"in circles"),
    ("/gzip-cut", SELECT, IncompleteAnswer, r"inside its compression"),
    ("/gzip-none", SELECT, IncompleteAnswer, r"cannot be unpacked"),
    ("/brotli", SELECT, StoreError, r"packs its answer as 'br'"),
    ("/bad-iri", SELECT, StoreError, r"in row 2 that is none of RDF .*Correct the data"),
    ("/bad-language", SELECT, StoreError, r"in row 2"),
    ("/bad-type", SELECT, StoreError, r"none of RDF"),
    ("/bad-kind", SELECT, StoreError, r"in row 2"),
    ("/bad-value", SELECT, StoreError, r"none of RDF"),
    ("/bad-term", SELECT, StoreError, r"gave a value that is none of RDF"),
    ("/xml-cut", SELECT, IncompleteAnswer, r"breaks off"),
]


@pytest.mark.parametrize(("path", "query", "error", "says"), ERRORS, ids=[f"{path}-{query[:3]}" for path, query, _, _ in ERRORS])
def test_each_fault_has_its_error(endpoint: Endpoint, path: str, query: str, error: type[SeismicError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        endpoint.store(path).query(query)
    assert type(caught.value) is error
    assert endpoint.place in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "secrets" not in str(caught.value)
    seen: BaseException | None = caught.value
    while seen is not None:  # nor in what a traceback would show
        assert SECRET not in str(seen)
        seen = None if seen.__suppress_context__ else seen.__cause__ or seen.__context__


def test_busy_carries_the_seconds(endpoint: Endpoint) -> None:
    for path, seconds in (("/429", 7.0), ("/429-date", 30.0), ("/503", None)):
        with pytest.raises(Busy) as caught:
            endpoint.store(path).query(SELECT)
        assert caught.value.retry_after == (pytest.approx(seconds, abs=2) if seconds else None)


@pytest.mark.parametrize("path", ["/hang", "/trickle"])
def test_the_time_is_up(endpoint: Endpoint, path: str) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut, match=r"within 0\.5 seconds.*more time"):
        endpoint.store(path, timeout=0.5).query(SELECT)
    assert time.monotonic() - started < 2


def test_a_closed_port() -> None:
    with pytest.raises(Unreachable, match=r"Nothing answers at http://127\.0\.0\.1:\d+/sparql .*refused.*that the endpoint runs"):
        RemoteStore(f"http://user:{SECRET}@127.0.0.1:{free_port()}/sparql").query(SELECT)


def test_a_host_that_is_not() -> None:
    with pytest.raises(Unreachable, match=r"Nothing answers at http://nowhere\.invalid/sparql .*Check the address"):
        RemoteStore("http://nowhere.invalid/sparql", timeout=20).query(SELECT)


def test_no_tls_there(endpoint: Endpoint) -> None:
    with pytest.raises(Unreachable, match="Nothing answers"):
        RemoteStore(f"https://{endpoint.place}/good", timeout=5).query(SELECT)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "localhost:7878/query",
        "http://",
        "http:///x",
        "/sparql",
        "",
        "http://host:port/",
        "http://a b/",
        "data:,x",
    ],
)
def test_only_http(url: str) -> None:
    with pytest.raises(UsageError):
        RemoteStore(url)
    with pytest.raises(UsageError):
        RemoteStore("http://127.0.0.1/", update_url=url or "x", store_url=url)


def test_a_wrong_address_does_not_show_the_password() -> None:
    for url in (f"ftp://user:{SECRET}@host/x", f"http://user:{SECRET}@host:port/", f"http://user:{SECRET}@ho st/"):
        with pytest.raises(UsageError) as caught:
            RemoteStore(url)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_keeps_the_query(endpoint: Endpoint, status: int) -> None:
    endpoint.requests.clear()
    assert len(list(endpoint.store(f"/moved-{status}").query(SELECT))) == 1  # type: ignore[arg-type]
    (_, _, first, _), (method, path, form, headers) = endpoint.requests
    assert path == "/good"
    assert (method, form) == (("GET", "") if status == 303 else ("POST", first))
    assert "sparql-results+json" in headers["Accept"]


def test_the_password_is_used_and_not_shown(endpoint: Endpoint) -> None:
    store = endpoint.store("/guarded")
    assert len(list(store.query(SELECT))) == 1  # type: ignore[arg-type]
    assert SECRET not in f"{store.name} {store.identity} {store!r}"
    with pytest.raises(StoreError, match="name and a password"):
        endpoint.store("/guarded", credentials=False).query(SELECT)


def test_the_password_goes_to_addresses_on_the_same_host_only(endpoint: Endpoint) -> None:
    endpoint.requests.clear()
    store = endpoint.store("/good", update_url=f"http://{endpoint.place}/good", store_url=f"http://{endpoint.place}/204")
    store.update("INSERT DATA {}")
    store.put_graph("http://e/g", b"")
    assert all("Authorization" in headers for _, _, _, headers in endpoint.requests)
    endpoint.requests.clear()
    other = RemoteStore(
        f"http://user:{SECRET}@localhost/", update_url=f"http://{endpoint.place}/good", store_url=f"http://{endpoint.place}/204"
    )
    other.update("INSERT DATA {}")
    other.put_graph("http://e/g", b"")
    assert not any("Authorization" in headers for _, _, _, headers in endpoint.requests)


def test_what_is_sent(endpoint: Endpoint) -> None:
    endpoint.requests.clear()
    query = "# INSERT comment\nPREFIX select: <http://e/#> SELECT * { ?x ?y '\u00e9\U0001f600&=%' }"
    endpoint.store("/good?default-graph-uri=http://e/g", user_agent="tester/1").query(query)
    ((method, path, form, headers),) = endpoint.requests
    assert (method, path) == ("POST", "/good?default-graph-uri=http://e/g")
    assert urllib.parse.parse_qs(form) == {"query": [query]}
    assert headers["User-Agent"] == "tester/1"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_the_query_string_of_an_address_is_not_shown(endpoint: Endpoint) -> None:
    assert endpoint.store(f"/good?apikey={SECRET}").name == f"http://{endpoint.place}/good?..."


@pytest.mark.parametrize("path", ["/good", "/gzip"])
def test_good_answers_are_read(endpoint: Endpoint, path: str) -> None:
    (row,) = list(endpoint.store(path).query(SELECT))  # type: ignore[arg-type]
    assert row["x"] == ox.Literal("1")


def test_an_endpoint_that_gives_xml_only(endpoint: Endpoint) -> None:
    (row,) = list(endpoint.store("/xml").query(SELECT))  # type: ignore[arg-type]
    assert row["x"] == ox.Literal(1)


@pytest.mark.parametrize("path", ["/turtle", "/rdfxml", "/jsonld"])
def test_an_endpoint_that_gives_its_own_format_of_graphs(endpoint: Endpoint, path: str) -> None:
    answer = endpoint.store(path).query(CONSTRUCT)
    assert isinstance(answer, ox.QueryTriples)
    assert [str(triple) for triple in answer] == ["<http://e/a> <http://e/b> <http://e/c>"]


def test_virtuoso_behind_a_proxy_that_hides_its_name(endpoint: Endpoint) -> None:
    def answer(it: Handler) -> None:
        if "?d0" in it.form["query"]:
            it.send(200, "text/csv", b'"d0"\n' + b"0\n" * 2000)
        else:
            bounded = it.form["query"].startswith('DEFINE sql:describe-mode "CBD" DESCRIBE')
            it.send(200, "application/n-triples", TRIPLE if bounded else b"# Empty NT\n")

    ANSWERS["/hidden"] = answer
    assert len(list(endpoint.store("/hidden").query("DESCRIBE <http://e/a>"))) == 1  # type: ignore[arg-type]


def test_null_for_unbound(endpoint: Endpoint) -> None:
    first, second = list(endpoint.store("/null-terms").query(SELECT))  # type: ignore[arg-type]
    assert (first["x"], first["y"], second["x"], second["y"]) == (ox.Literal("1"), None, None, None)


def test_service_is_refused_before_anything_is_sent(endpoint: Endpoint) -> None:
    endpoint.requests.clear()
    with pytest.raises(QueryError, match="SERVICE"):
        endpoint.store("/good").query("SELECT * { SERVICE <http://elsewhere.invalid/> { ?s ?p ?o } }")
    with pytest.raises(QueryError, match="SERVICE and LOAD"):
        endpoint.store("/good").update("LOAD <http://elsewhere.invalid/>")
    with pytest.raises(QueryError, match="no query"):
        endpoint.store("/good").query("DROP ALL")
    assert endpoint.requests == []


# --- writing ----------------------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[RemoteStore], None]] = {
    "put": lambda store: store.put_graph("http://e/g", TRIPLE),
    "append": lambda store: store.append("http://e/g", TRIPLE),
    "delete": lambda store: store.delete_graph("http://e/g"),
}


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("/404", NoGraphStore, "Graph Store Protocol"),
        ("/405", NoGraphStore, "Graph Store Protocol"),
        ("/501", NoGraphStore, "Graph Store Protocol"),
        ("/400", StoreError, "HTTP 400"),
        ("/403", StoreError, "forbids"),
        ("/500", StoreError, "HTTP 500"),
        ("/503", Busy, "Ask again"),
        ("/page", StoreError, "no SPARQL endpoint"),
        ("/reset", Unreachable, "Nothing answers|broke"),
        ("/other-host", StoreError, "another place"),
        ("/circle", StoreError, "circles"),
        ("/anytime", IncompleteAnswer, "S1TAT"),
    ],
)
def test_writing_to_a_graph_store(endpoint: Endpoint, what: str, path: str, error: type[StoreError], says: str) -> None:
    ANSWERS["/ask"] = lambda it: it.send(200, ROWS, YES)
    store = endpoint.store("/ask", store_url=f"http://{endpoint.place}{path}")
    with pytest.raises(error, match=says) as caught:
        WRITES[what](store)
    assert type(caught.value) is error
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("what", WRITES)
def test_without_an_address_of_a_graph_store(endpoint: Endpoint, what: str) -> None:
    with pytest.raises(NoGraphStore, match="No address"):
        WRITES[what](endpoint.store("/good"))


def test_a_graph_that_is_not_there_needs_no_deleting(endpoint: Endpoint) -> None:
    ANSWERS["/no"] = lambda it: it.send(200, ROWS, b'{"head":{},"boolean":false}')
    endpoint.store("/no", store_url=f"http://{endpoint.place}/404").delete_graph("http://e/g")


def test_a_graph_must_have_an_iri(endpoint: Endpoint) -> None:
    with pytest.raises(UsageError):
        endpoint.store("/good", store_url=f"http://{endpoint.place}/204").put_graph("no iri>", b"")


@pytest.mark.parametrize(
    ("path", "error"),
    [("/400", QueryError), ("/404", StoreError), ("/500", StoreError), ("/page", StoreError), ("/reset", Unreachable), ("/429", Busy)],
)
def test_updates(endpoint: Endpoint, path: str, error: type[SeismicError]) -> None:
    with pytest.raises(error) as caught:
        endpoint.store("/good", update_url=f"http://{endpoint.place}{path}").update("INSERT DATA {\n}")
    assert type(caught.value) is error


def test_an_update_is_sent_as_it_is(endpoint: Endpoint) -> None:
    endpoint.requests.clear()
    endpoint.store("/404", update_url=f"http://{endpoint.place}/204").update("INSERT DATA { <a:a> <a:b> '\u00e9' }")
    ((method, path, form, headers),) = endpoint.requests
    assert (method, path.rstrip("?"), form) == ("POST", "/204", "INSERT DATA { <a:a> <a:b> '\u00e9' }")
    assert headers["Content-Type"] == "application/sparql-update"


# --- a row cap that nothing announces ---------------------------------------------------------------------------


class Capped:
    """An endpoint that answers properly and cuts rows, graphs or both without a word."""

    def __init__(self, endpoint: Endpoint, rows: int | None, triples: int | None, *, counts: bool = True, digits: bool = True) -> None:
        self.data = ox.Store()
        predicate = ox.NamedNode("http://e/number")
        self.data.extend(ox.Quad(ox.NamedNode(f"http://e/{number}"), predicate, ox.Literal(number)) for number in range(5000))
        self.rows, self.triples, self.counts, self.digits = rows, triples, counts, digits
        self.asked: list[str] = []
        ANSWERS["/capped"] = self.answer
        self.store = endpoint.store("/capped")

    def answer(self, it: Handler) -> None:
        query = it.form["query"]
        self.asked.append(query)
        if ("COUNT(*)" in query and not self.counts) or ("?d0" in query and not self.digits):
            it.send(400, "text/plain", b"too clever for me")
            return
        found: Any = self.data.query(query)
        if isinstance(found, ox.QueryTriples):
            it.send(200, "application/n-triples", b"".join(f"{triple} .\n".encode() for triple in list(found)[: self.triples]))
        elif "csv" in it.headers["Accept"]:
            names = ",".join(variable.value for variable in found.variables)
            it.send(200, "text/csv", (names + "\r\n" + "".join(f"{row[0].value}\r\n" for row in list(found)[: self.rows])).encode())
        else:
            whole = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))
            whole["results"]["bindings"] = whole["results"]["bindings"][: self.rows]
            it.send(200, ROWS, json.dumps(whole).encode())


def numbers(count: int) -> str:
    return f"SELECT ?x {{ ?x <http://e/number> ?n FILTER(?n < {count}) }}"


def graph_of(count: int) -> str:
    return f"CONSTRUCT {{ ?x <http://e/n> ?n }} WHERE {{ ?x <http://e/number> ?n FILTER(?n < {count}) }}"


@pytest.mark.parametrize("cap", [500, 1000, 1024, 2048, 4000])
def test_rows_that_are_left_out_without_a_word(endpoint: Endpoint, cap: int) -> None:
    capped = Capped(endpoint, cap, None)
    with pytest.raises(IncompleteAnswer, match=rf"gave {cap:,} rows out of {cap + 1:,}.*pages"):
        capped.store.query(numbers(cap + 1))
    assert len(list(capped.store.query(numbers(cap)))) == cap  # type: ignore[arg-type]
    assert len(list(capped.store.query(numbers(cap - 1)))) == cap - 1  # type: ignore[arg-type]
    assert len(list(capped.store.query(f"SELECT ?x {{ ?x ?y ?z }} LIMIT {cap}"))) == cap  # type: ignore[arg-type]


def test_rows_are_counted_only_where_there_is_doubt(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, None, None)
    for count in (7, 99, 999, 1001, 2500 - 1):
        capped.store.query(numbers(count))
    assert len(capped.asked) == 5
    capped.store.query(numbers(2000))
    assert len(capped.asked) == 7


def test_an_endpoint_that_cannot_count_shows_how_much_it_gives(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, 1000, None, counts=False)
    with pytest.raises(IncompleteAnswer, match=r"gave 1,000 rows and gives no more than 1,000; there may be more \(.*too clever"):
        capped.store.query(numbers(1001))
    assert len(list(capped.store.query(numbers(500)))) == 500  # type: ignore[arg-type]
    freely = Capped(endpoint, None, None, counts=False)
    assert len(list(freely.store.query(numbers(1000)))) == 1000  # type: ignore[arg-type]


def test_an_endpoint_that_shows_nothing_is_not_believed(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, 1000, None, counts=False, digits=False)
    for query in (numbers(1001), graph_of(1000)):
        with pytest.raises(IncompleteAnswer, match=r"cannot be told.*too clever"):
            capped.store.query(query)


@pytest.mark.parametrize("cap", [1000, 2048])
def test_triples_that_are_left_out_without_a_word(endpoint: Endpoint, cap: int) -> None:
    capped = Capped(endpoint, cap, cap)
    with pytest.raises(IncompleteAnswer, match=rf"gave {cap:,} triples and gives no more than {cap:,}.*SELECT in pages"):
        capped.store.query(graph_of(cap + 500))
    assert len(list(capped.store.query(graph_of(cap - 1)))) == cap - 1  # type: ignore[arg-type]


def test_one_triple_more_than_the_cap_is_in_doubt_as_well(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, 1000, 1001)
    with pytest.raises(IncompleteAnswer, match="gave 1,001 triples"):
        capped.store.query(graph_of(1500))


def test_a_cap_on_rows_that_graphs_do_not_have(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, 1000, None)
    assert len(list(capped.store.query(graph_of(3000)))) == 3000  # type: ignore[arg-type]


def test_how_much_an_endpoint_gives_is_found_out_once(endpoint: Endpoint) -> None:
    capped = Capped(endpoint, None, None)
    for count in (3000, 3000, 2000, 1000):
        assert len(list(capped.store.query(graph_of(count)))) == count  # type: ignore[arg-type]
    assert sum("?d0" in query for query in capped.asked) == 1


def test_answers_can_be_written(endpoint: Endpoint) -> None:
    """They are the engine's own, so they serialise."""
    capped = Capped(endpoint, None, None)
    rows: Any = capped.store.query(numbers(2))
    assert rows.serialize(format=ox.QueryResultsFormat.TSV).startswith(b"?x\n")
    output = io.BytesIO()
    graph: Any = capped.store.query(graph_of(2))
    graph.serialize(output, format=ox.RdfFormat.N_TRIPLES)
    assert output.getvalue().count(b"\n") == 2
