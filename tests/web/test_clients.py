"""Clients of others against a running service, as they come: none of them is told anything but the address."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, URLENCODED, XML, SPARQLWrapper

from seismic_graph.errors import IncompleteAnswer, QueryError, TimedOut
from seismic_graph.graph import Graph
from seismic_graph.remote import RemoteStore
from tests.conftest import ROOT, Runner
from tests.web.service import CROSS, Service

LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
ASK = f"ASK {{ ?s <{LABEL}> ?o }}"
NETWORKS = f"?network a <https://w3id.org/seismic-graph/ontology#NationalNetwork> ; <{LABEL}> ?label"
SELECT = f"SELECT ?network ?label WHERE {{ {NETWORKS} FILTER(LANG(?label) = 'en') }} ORDER BY ?network"
CONSTRUCT = f"CONSTRUCT {{ ?network <{LABEL}> ?label }} WHERE {{ {NETWORKS} }}"


@pytest.fixture(scope="module")
def expected(graph: Graph) -> list[dict[str, str]]:
    """The ten networks and their labels, from the store itself."""
    rows = [{"network": row[0].value, "label": row[1].value} for row in graph.store.query(SELECT)]  # type: ignore[union-attr]
    assert len(rows) == 10
    return rows


@pytest.fixture(scope="module")
def triples(graph: Graph) -> int:
    return len(set(graph.store.query(CONSTRUCT)))  # type: ignore[arg-type]


def run(*command: str, stdin: str | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, input=stdin, cwd=cwd, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl(service: Service, expected: list[dict[str, str]]) -> None:
    url = f"{service.base}sparql"
    by_get = run("curl", "--silent", "--fail", "--get", f"{url}.csv", "--data-urlencode", f"query={SELECT}")
    assert list(csv.DictReader(io.StringIO(by_get))) == expected
    by_form = run("curl", "--silent", "--fail", url, "-H", "Accept: text/csv", "--data-urlencode", f"query={SELECT}")
    assert by_form == by_get
    direct = ["-H", "Content-Type: application/sparql-query", "--data-binary", "@-", "-H", "Accept: text/csv", "--compressed"]
    assert run("curl", "--silent", "--fail", url, *direct, stdin=SELECT) == by_get


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_rows(service: Service, expected: list[dict[str, str]], form: str, method: str) -> None:
    client = SPARQLWrapper(f"{service.base}sparql")
    client.setQuery(SELECT)
    client.setMethod(method)
    client.setReturnFormat(form)
    found = client.queryAndConvert()
    if form == JSON:
        rows = [{name: term["value"] for name, term in row.items()} for row in found["results"]["bindings"]]
    elif form == XML:
        rows = [
            {binding.getAttribute("name"): _text(binding) for binding in result.getElementsByTagName("binding")}
            for result in found.getElementsByTagName("result")
        ]
    elif form == CSV:
        rows = list(csv.DictReader(io.StringIO(found.decode())))
    else:
        rows = [
            {name: term.value for name, term in zip(("network", "label"), row, strict=True)}
            for row in ox.parse_query_results(found, ox.QueryResultsFormat.TSV)
        ]
    assert rows == expected


def _text(node: object) -> str:
    return "".join(child.data if child.nodeType == child.TEXT_NODE else _text(child) for child in node.childNodes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML, JSONLD])
def test_sparqlwrapper_graphs(service: Service, triples: int, form: str) -> None:
    client = SPARQLWrapper(f"{service.base}sparql")
    client.setQuery(CONSTRUCT)
    client.setReturnFormat(form)
    found = client.queryAndConvert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert len(graph) == triples


@pytest.mark.parametrize("way", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_posts(service: Service, way: str) -> None:
    client = SPARQLWrapper(f"{service.base}sparql")
    client.setQuery(ASK)
    client.setMethod(POST)
    client.setRequestMethod(way)
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["boolean"] is True


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(service: Service, expected: list[dict[str, str]], triples: int, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{service.base}sparql", method=method))
    assert [{"network": str(row[0]), "label": str(row[1])} for row in graph.query(SELECT)] == expected  # type: ignore[index]
    assert graph.query(ASK).askAnswer is True
    constructed = graph.query(CONSTRUCT).graph
    assert constructed is not None
    assert len(constructed) == triples
    first = rdflib.URIRef(expected[0]["network"])
    assert rdflib.Literal(expected[0]["label"], lang="en") in set(graph.objects(first, rdflib.URIRef(LABEL)))


def test_pyoxigraph_as_a_service(service: Service, expected: list[dict[str, str]]) -> None:
    """Another store may call ours; ours calls nobody."""
    rows = ox.Store().query(f"SELECT * {{ SERVICE <{service.base}sparql> {{ {SELECT} }} }} ORDER BY ?network")
    assert [{"network": row["network"].value, "label": row["label"].value} for row in rows] == expected  # type: ignore[union-attr]


def test_our_own_command_line(service: Service, seismic: Runner) -> None:
    url = f"{service.base}sparql"
    for command in (
        ["trace", "nanet-se", "sria-2015", "--paths", "1", "-f", "json"],
        ["query", "what-did-this-network-put-forward-and-where-did-it-go", "--network", "nanet-se", "-f", "csv"],
    ):
        far, near = seismic(*command, "--store", url), seismic(*command)
        assert far.returncode == 0, far.stderr
        if command[0] == "query":
            assert far.stdout == near.stdout
        else:
            assert json.loads(far.stdout)["paths"] == json.loads(near.stdout)["paths"]


def test_our_own_store_knows_our_errors(service: Service, w3c: Service) -> None:
    store = RemoteStore(f"{service.base}sparql")
    with pytest.raises(QueryError, match="line 1"):
        store.query("SELECT * {")
    with pytest.raises(TimedOut, match="504"):
        store.query(CROSS)
    values = " ".join(map(str, range(150)))
    for query in (f"SELECT ?x {{ VALUES ?x {{ {values} }} }}", f"CONSTRUCT {{ <urn:s> <urn:p> ?x }} {{ VALUES ?x {{ {values} }} }}"):
        with pytest.raises(IncompleteAnswer, match="100"):
            RemoteStore(f"{w3c.base}sparql").query(query)


JENA = ("arq", "base", "cmds", "core", "iri", "rdfconnection", "tdb", "tdb2", "shacl")
DBOE = ("base", "index", "storage", "transaction", "trans-data")
COMMONS = ("cli", "codec", "compress", "csv", "io", "lang3")
OTHERS = ("dexx.collection", "gson", "guava", "httpclient", "httpcore", "jackson-core", "jackson-databind", "jackson-annotations")
MORE = ("jsonld-java", "titanium-json-ld", "jakarta.json-api", "protobuf", "slf4j-api", "slf4j-nop", "thrift")


@pytest.fixture(scope="module")
def jena(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of Apache Jena out of the Debian package libapache-jena-java.

    The package keeps the texts of its copy of Xerces where that does not look for them (``org/apache/jena/ext/xerces`` instead of
    ``xerces``), and does not start for it; here they are put in the right place.
    """
    folder = Path("/usr/share/java")
    names = [f"jena-{name}" for name in JENA] + [f"jena-dboe-{name}" for name in DBOE] + [f"commons-{name}" for name in COMMONS]
    names += [*OTHERS, *MORE]
    missing = [name for name in names if not (folder / f"{name}.jar").exists()]
    assert not missing, f"Install Apache Jena: apt-get install libapache-jena-java default-jre-headless. Missing: {missing}"
    place = tmp_path_factory.mktemp("jena")
    inside = "org/apache/jena/ext/"
    with zipfile.ZipFile(folder / "jena-core.jar") as jar:
        for name in jar.namelist():
            if name.startswith(f"{inside}xerces/") and name.endswith(".properties"):
                file = place / name.removeprefix(inside)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(jar.read(name))
    return ":".join([str(place), *(str(folder / f"{name}.jar") for name in names)])


def test_apache_jena(service: Service, jena: str, expected: list[dict[str, str]], triples: int) -> None:
    rsparql = ["java", "-cp", jena, "arq.rsparql", "--service", f"{service.base}sparql"]
    rows = run(*rsparql, "--results", "CSV", SELECT)
    assert list(csv.DictReader(io.StringIO(rows))) == expected
    assert "Yes" in run(*rsparql, ASK)
    graph = run(*rsparql, "--results", "N-TRIPLES", CONSTRUCT)
    assert len(list(ox.parse(graph, format=ox.RdfFormat.TURTLE))) == triples


@pytest.fixture(scope="module")
def javascript(service: Service) -> dict[str, dict[str, object]]:
    """What two clients in JavaScript understood of the answers to three queries."""
    folder = ROOT / "tests" / "web" / "clients"
    node = os.environ.get("NODE") or shutil.which("node")
    assert node, "Install Node.js 20 or later, or give its place in the environment variable NODE."
    assert (folder / "node_modules").is_dir(), f"Install the clients: npm ci --ignore-scripts --prefix {folder.relative_to(ROOT)}"
    said = run(node, "ask.mjs", f"{service.base}sparql", SELECT, ASK, CONSTRUCT, cwd=folder)
    found: dict[str, dict[str, object]] = json.loads(said)
    return found


@pytest.mark.parametrize("client", ["comunica", "sparql-http-client"])
def test_clients_in_javascript(javascript: dict[str, dict[str, object]], client: str, expected: list[dict[str, str]], triples: int) -> None:
    assert javascript[client] == {"rows": expected, "boolean": True, "triples": triples}
