"""Clients that mean harm or do not know better: their work ends at its limit, nothing gets out, and everyone else is served."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.web.burst import burst
from tests.web.service import CROSS, DIRECT, FORM, Reply, Service, children, serving


@pytest.fixture(scope="module")
def guarded(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of two workers with short limits."""
    options = ("--workers", "2", "--timeout", "1", "--memory", "512", "--patience", "1.5")
    with serving(home, tmp_path_factory.mktemp("guarded") / "log", *options) as started:
        yield started


def asks(service: Service, text: str, source: str = "127.0.0.1") -> Reply:
    """A query from an address of the loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60, source_address=(source, 0))
    with contextlib.closing(connection):
        connection.request("POST", "/sparql", text, DIRECT)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def jobs(service: Service) -> dict[str, float]:
    """How many jobs ended how."""
    text = service.ask("/metrics").body.decode()
    return {name: float(count) for name, count in re.findall(r'^seismic_jobs_total\{ended="(\w+)"\} (\S+)$', text, re.MULTILINE)}


def wait_for(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_cross_products_are_killed_while_others_are_served(guarded: Service) -> None:
    with ThreadPoolExecutor(24) as threads:
        crosses = [threads.submit(asks, guarded, CROSS, "127.0.0.66") for _ in range(8)]
        wait_for(lambda: guarded.health["workers"]["running"])
        others = [threads.submit(asks, guarded, "SELECT (1 + 1 AS ?two) {}", f"127.0.0.{number}") for number in range(2, 10)]
        for other in others:
            assert other.result().json()["results"]["bindings"][0]["two"]["value"] == "2"
        assert not all(cross.done() for cross in crosses)
        ended = [cross.result() for cross in crosses]
    assert {reply.status for reply in ended} == {504}
    assert all(reply.type == "application/problem+json" for reply in ended)
    assert guarded.health["status"] == "ok"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {' '.join(f'?a{n} ?b{n} ?c{n} .' for n in range(5))} }} ORDER BY ?a1",
        f"SELECT (GROUP_CONCAT(STR(?c0)) AS ?x) {{ {' '.join(f'?a{n} ?b{n} ?c{n} .' for n in range(5))} }}",
        "SELECT ?x { VALUES ?a { 'aaaaaaaaaa' } "
        + "".join(f"BIND(CONCAT(?v{n - 1}, ?v{n - 1}) AS ?v{n}) " for n in range(1, 40)).replace("?v0", "?a")
        + " BIND(?v39 AS ?x) }",
        "SELECT * { ?a (!<urn:x>)+ ?b . ?c (!<urn:x>)+ ?d }",
        f"SELECT * {{ FILTER({'(' * 50_000}1{')' * 50_000}) }}",
        f"SELECT * {{ {'{' * 50_000}{'}' * 50_000} }}",
        f"SELECT * {{ FILTER({'!' * 100_000}1) }}",
        f"SELECT * {{ ?s {'<urn:p>/' * 50_000}<urn:p> ?o }}",
        f"ASK {{ {'?s ?p ?o . ' * 20_000} }}",
    ],
    ids=["sort", "concatenate", "double", "paths", "parentheses", "groups", "nots", "path", "patterns"],
)
def test_what_wants_too_much_gets_an_answer_within_its_limits(guarded: Service, query: str) -> None:
    started = time.monotonic()
    reply = asks(guarded, query)
    assert reply.status in (200, 400, 504, 507), reply.body
    assert reply.status == 200 or reply.type == "application/problem+json"
    assert time.monotonic() - started < 10
    wait_for(lambda: guarded.health["workers"]["ready"] == 2)
    assert asks(guarded, "ASK {}").json()["boolean"] is True


@pytest.mark.parametrize("clause", ["FROM <file:///etc/passwd>", "FROM NAMED <file:///etc/passwd>", "FROM <{listener}>"])
def test_no_file_and_no_address_is_read(guarded: Service, clause: str) -> None:
    with listening() as (url, calls):
        query = f"SELECT * {clause.format(listener=url)} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        reply = asks(guarded, query)
        assert (reply.status, reply.json()["results"]["bindings"]) == (200, [])
        assert not calls


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, list[object]]]:
    """An address of this machine, and the list of those who called it."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, address = server.accept()
                    calls.append(address)
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
            time.sleep(0.3)
        finally:
            stop.set()
            thread.join()
    assert not calls


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ BIND(<{url}> AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}",
        "PREFIX e: <{url}> SELECT * {{ FILTER(1=1)SERVICE e:x {{ ?s ?p ?o }} }}",
        "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ # comment\nSERVICE#\n<{url}>{{ ?s ?p ?o }} }}",
        "LOAD <{url}>",
        "LOAD SILENT <{url}> INTO GRAPH <urn:g>",
    ],
    ids=["service", "silent", "variable", "no blank", "escaped", "comments", "load", "load silent"],
)
@pytest.mark.parametrize("way", ["query", "form", "page"])
def test_no_other_host_is_called(guarded: Service, text: str, way: str) -> None:
    with listening() as (url, calls):
        query = text.format(url=url)
        if way == "query":
            reply = asks(guarded, query)
        elif way == "form":
            reply = guarded.query(query)
        else:
            reply = guarded.query(query, "text/html")
        assert reply.status in (400, 403)
        assert not calls


def raw(service: Service, data: bytes, seconds: float = 20) -> bytes:
    """What comes back for some bytes until the service hangs up."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                answer += piece
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_huge_bodies_are_not_taken(guarded: Service) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\n"
    assert status(raw(guarded, head + b"Content-Length: 9999999999\r\n\r\nASK {}")) == 413
    chunks = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert status(raw(guarded, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks * 40)) == 413
    assert guarded.ask("/sparql", "POST", DIRECT, b"#" * (1 << 20)).status == 400  # just short enough, and no query
    assert status(raw(guarded, b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n")) == 400
    assert status(raw(guarded, b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(20_000)))) == 400


def test_slow_clients_are_hung_up_on(guarded: Service) -> None:
    """A head that does not end, a body that does not end, and nobody at all."""
    slow = [
        b"",
        b"GET /sparql HT",
        b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK",
    ]
    with ThreadPoolExecutor() as threads:
        waiting = [threads.submit(raw, guarded, start) for start in slow for _ in range(20)]
        assert asks(guarded, "ASK {}").status == 200
        answers = [one.result() for one in waiting]
    assert answers[:40] == [b""] * 40
    assert {status(answer) for answer in answers[40:]} == {408}


def test_drops_of_a_head_do_not_keep_a_connection(guarded: Service) -> None:
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=20) as connection:
        started = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - started < 15:
                connection.sendall(b"X")
                time.sleep(0.1)


def test_a_client_that_does_not_read_is_let_go(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "log", "--workers", "1", "--patience", "1", "--timeout", "60") as service:
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(b"GET /rdf-graph-store?default HTTP/1.1\r\nHost: e\r\nAccept: application/n-triples\r\n\r\n")
            wait_for(lambda: jobs(service).get("done"), 60)  # the worker is free although nobody reads
            assert asks(service, "ASK {}").status == 200
            found = service.logged(path="/rdf-graph-store", ended="client went away")
        assert found["bytes"] > 0


def test_the_work_for_a_client_that_went_away_is_stopped(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "log", "--workers", "1", "--timeout", "60") as service:
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: e\r\nContent-Type: application/sparql-query\r\n"
                + f"Content-Length: {len(CROSS)}\r\n\r\n{CROSS}".encode()
            )
            wait_for(lambda: service.health["workers"]["running"])
        wait_for(lambda: jobs(service).get("cancelled"))
        assert asks(service, "ASK {}").status == 200


@pytest.mark.parametrize(
    "line",
    [
        b"GET /sparql?query=%00 HTTP/1.1",
        b"GET /sparql?query=%FF%FE HTTP/1.1",
        b"GET /sparql?query=%C0%AF HTTP/1.1",
        b"GET /sparql?query=%ED%A0%80 HTTP/1.1",
        b"GET /sparql?query=%zz%1 HTTP/1.1",
        b"GET /sparql?query=ASK%7B%7D&format=%00 HTTP/1.1",
        b"GET /sparql?query=ASK%7B%7D&default-graph-uri=%00 HTTP/1.1",
        b"GET /sparql?" + b"&".join(b"a%d=b" % n for n in range(2000)) + b" HTTP/1.1",
        b"GET /sparql?query=\xff HTTP/1.1",
        b"GET /sparql\x00 HTTP/1.1",
        b"GET /rdf-graph-store?graph=%FF HTTP/1.1",
        b"GET /rdf-graph-store?graph=urn:%0D%0AX-Evil:%20yes HTTP/1.1",
        b"GET /sparql.%2e%2e%2f HTTP/1.1",
        b"NONSENSE",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        "null",
        "no utf-8",
        "overlong",
        "surrogate",
        "escapes",
        "format",
        "graph",
        "fields",
        "raw byte",
        "null in path",
        "graph store",
        "header",
        "suffix",
        "no http",
        "tls",
    ],
)
def test_bad_encodings(guarded: Service, line: bytes) -> None:
    answer = raw(guarded, line + b"\r\nHost: e\r\nConnection: close\r\n\r\n")
    assert 400 <= status(answer) < 500, answer
    assert b"X-Evil" not in answer.split(b"\r\n\r\n")[0]


@pytest.mark.parametrize("body", [b"\x00", b"query=%FF", b"\xff\xfe", b"query=" + b"&query=" * 300, b"query=ASK%00%7B%7D"])
def test_bad_encodings_in_bodies(guarded: Service, body: bytes) -> None:
    assert guarded.ask("/sparql", "POST", FORM, body).status == 400
    assert guarded.ask("/sparql", "POST", DIRECT, body).status == 400


def memory(pid: int) -> int:
    """Resident bytes of a process and its descendants."""
    total = 0
    for one in {pid} | children(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += sum(int(held) << 10 for held in re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{one}/status").read_text()))
    return total


def test_a_burst_of_many_clients(home: Path, tmp_path: Path) -> None:
    """No crash, no leak, no wrong answer, always well; everyone is served or told when to come again."""
    with serving(home, tmp_path / "log", "--workers", "2", "--timeout", "1") as service:
        warm = burst(service.base, 20, 2)
        assert not warm.faults
        wait_for(lambda: service.health["workers"]["ready"] == 2)
        before = memory(service.process.pid)
        seen = burst(service.base, 200, 8)
        assert not seen.faults
        assert seen.count("sum", 200) > 20
        assert seen.count("cross", 504) > 0
        assert seen.health > 5
        wait_for(lambda: service.health["workers"] == {"size": 2, "ready": 2, "running": 0, "waiting": 0})
        assert memory(service.process.pid) - before < 150 << 20
        assert service.process.poll() is None
        assert '"fault"' not in service.log.read_text()
