"""Linked data as machines ask for it: identifiers, descriptions, known places; asked over HTTP, parsed by the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from seismic_graph.graph import Graph
from seismic_graph.vocabulary import BASE, DCAT, PREFIXES, RDF, SCHEMA, SH, VOID
from tests.web.service import Reply, Service, serving

NANET = "/id/network/nanet-se"
FORMS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}


def triples(reply: Reply, suffix: str = "ttl") -> set[ox.Triple]:
    """The triples of an answer; blank nodes are left out of the comparison by having none here."""
    assert reply.status == 200, reply.body
    assert reply.type == FORMS[suffix][0]
    return {quad.triple for quad in ox.parse(reply.body, format=FORMS[suffix][1])}


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        ("", ".html"),
        ("*/*", ".html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ".html"),
        ("text/turtle", ".ttl"),
        ("application/ld+json", ".jsonld"),
        ("application/n-triples", ".nt"),
        ("application/rdf+xml", ".rdf"),
        ("application/json", ".json"),
        ("text/html;q=0.5, text/turtle", ".ttl"),
        ("image/png", ".html"),
    ],
    ids=["none", "any", "browser", "turtle", "json-ld", "n-triples", "rdf-xml", "json", "turtle-first", "image"],
)
@pytest.mark.parametrize("path", [NANET, "/id/agenda-item/sria-2.0", "/vocabulary/basis/stated", "/vocabulary/basis"])
def test_an_identifier_leads_to_a_document(explorer: Service, path: str, accept: str, target: str) -> None:
    reply = explorer.ask(path, headers={"Accept": accept} if accept else {})
    assert reply.status == 303
    assert reply.headers["location"] == path + target
    assert "accept" in reply.headers["vary"].lower()


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("path", [NANET, "/vocabulary/basis", "/vocabulary/basis/stated", "/ontology", "/trace", "/gaps", "/themes"])
def test_every_rdf_form_says_the_same(explorer: Service, path: str, suffix: str) -> None:
    query = {"/trace": "?from=nanet-se&to=sria-2015", "/gaps": "?theme=new-urban-governance"}.get(path, "")
    told = triples(explorer.ask(f"{path}.{suffix}{query}"), suffix)
    assert told
    if not any(isinstance(term, ox.BlankNode) for triple in told for term in (triple.subject, triple.object)):
        assert told == triples(explorer.ask(f"{path}.nt{query}"), "nt")


def test_the_data_of_a_thing_is_about_it(explorer: Service) -> None:
    subject = ox.NamedNode(BASE + NANET.lstrip("/"))
    told = triples(explorer.ask(f"{NANET}.ttl"))
    assert any(triple.subject == subject and triple.predicate.value == RDF + "type" for triple in told)
    assert any(triple.object == subject and triple.predicate.value == PREFIXES["sg"] + "from" for triple in told)


def test_documents_say_what_they_are(explorer: Service) -> None:
    page = explorer.ask(f"{NANET}.html")
    iri = BASE + NANET.lstrip("/")
    assert f'<{iri}>; rel="cite-as"' in page.headers["link"]
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in page.headers["link"]
    for suffix, (media, _) in FORMS.items():
        assert f'<{NANET}.{suffix}>; rel="describedby"; type="{media}"' in page.headers["link"]
    assert f'<{iri}>; rel="describes"' in explorer.ask(f"{NANET}.ttl").headers["link"]
    body = page.body.decode()
    assert f'<link rel="cite-as" href="{iri}">' in body
    assert f'rel="describedby" type="text/turtle" href="{NANET}.ttl"' in body


@pytest.mark.parametrize("path", ["/id/network/nanet-ss.html", "/id/network/nanet-ss.ttl"])
def test_what_is_not_there_is_not_found_and_something_near_is_named(explorer: Service, path: str) -> None:
    reply = explorer.ask(path, headers={"Accept": "application/json"})
    assert reply.status == 404
    assert "network/nanet-se" in reply.json()["suggestions"]
    page = explorer.ask(path, headers={"Accept": "text/html"})
    assert page.status == 404
    assert b'href="/id/network/nanet-se.html"' in page.body


@pytest.mark.parametrize(
    "path", ["/id/network/x%3E%20y.ttl", "/id/%22/%22.html", "/vocabulary/%3Cx%3E.html", "/nothing", "/id/network/nanet-se.exe"]
)
def test_odd_addresses_are_not_found(explorer: Service, path: str) -> None:
    assert explorer.ask(path).status in (303, 400, 404)
    assert explorer.ask(f"{path}.ttl").status in (400, 404)


def test_the_dataset_describes_itself(explorer: Service) -> None:
    told = triples(explorer.ask("/.well-known/void", headers={"Accept": "text/turtle"}))
    dataset = ox.NamedNode(BASE + "dataset")
    types = {triple.object.value for triple in told if triple.subject == dataset and triple.predicate.value == RDF + "type"}
    assert {VOID + "Dataset", DCAT + "Dataset"} <= types
    endpoint = next(triple.object.value for triple in told if triple.predicate.value == VOID + "sparqlEndpoint")
    assert endpoint == f"{explorer.base.rstrip('/')}/sparql"
    dumps = {triple.object.value for triple in told if triple.predicate.value == VOID + "dataDump"}
    assert {dump.rpartition(".")[2] for dump in dumps} == {"nq", "trig"}
    assert told == triples(explorer.ask("/catalog", headers={"Accept": "text/turtle"}))
    assert explorer.ask("/dataset", headers={"Accept": "text/html"}).headers["location"] == "/downloads"


def test_dumps_are_whole(explorer: Service, graph: Graph) -> None:
    everything = explorer.ask("/dataset.nq")
    assert everything.body.count(b"\n") == sum(1 for _ in graph.embedded.triples())
    ontology = triples(explorer.ask("/graph/ontology.ttl"))
    assert len(ontology) == len({quad.triple for quad in graph.embedded.triples(PREFIXES["graph"] + "ontology")})
    assert explorer.ask("/graph/nothing.ttl").status == 404
    assert explorer.ask("/dossier/flows.csv").body.startswith(b"id,from,to,kind")
    assert explorer.ask("/dossier/..%2Fpyproject.toml").status == 404


def test_the_library_is_a_catalogue_of_examples(explorer: Service, graph: Graph) -> None:
    told = triples(explorer.ask("/.well-known/sparql-examples", headers={"Accept": "text/turtle"}))
    examples = {t.subject for t in told if t.predicate.value == RDF + "type" and t.object.value == SH + "SPARQLExecutable"}
    assert len(examples) == len(graph.library)
    for example in examples:
        said = {t.predicate.value: t.object for t in told if t.subject == example}
        text = next(said[SH + form].value for form in ("select", "ask", "construct") if SH + form in said)
        assert said[SCHEMA + "target"].value.endswith("/sparql")
        assert graph.store.query(text) is not None
    name = next(iter(graph.library))
    alone = triples(explorer.ask(f"/.well-known/sparql-examples/{name}", headers={"Accept": "text/turtle"}))
    assert {t.subject.value.rpartition("/")[2] for t in alone if isinstance(t.subject, ox.NamedNode)} == {name}


def test_crawlers_find_every_page(explorer: Service) -> None:
    robots = explorer.ask("/robots.txt").body.decode()
    assert f"Sitemap: {explorer.base.rstrip('/')}/sitemap.xml" in robots
    tree = ElementTree.fromstring(explorer.ask("/sitemap.xml").body)
    found = [one.text or "" for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"{explorer.base.rstrip('/')}{NANET}.html" in found
    assert len(found) == len(set(found)) > 2000
    for address in found[:: len(found) // 40]:
        assert explorer.ask(address.removeprefix(explorer.base.rstrip("/"))).status == 200, address


def test_the_ontology_has_an_anchor_for_every_term(explorer: Service) -> None:
    from seismic_graph.vocabulary import CLASSES, PROPERTIES

    body = explorer.ask("/ontology", headers={"Accept": "text/html"}).body.decode()
    ids = re.findall(r'id="([^"]+)"', body)
    assert {*CLASSES, *PROPERTIES} <= set(ids)
    assert len(ids) == len(set(ids))
    assert 'lang="tr"' in body


@pytest.fixture(scope="module")
def below(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service below a path of a public address."""
    log = tmp_path_factory.mktemp("below") / "log"
    with serving(home, log, "--timeout", "60", "--base", "https://example.org/kg/") as started:
        yield started


def test_links_point_to_the_deployment_and_identifiers_stay(below: Service) -> None:
    reply = below.ask(f"/kg{NANET}", headers={"Accept": "text/turtle"})
    assert reply.headers["location"] == f"/kg{NANET}.ttl"
    body = below.ask(f"/kg{NANET}.html").body.decode()
    local = re.findall(r'(?:href|src|action|srcset|data-suggest)="(/[^"]*)"', body)
    assert local
    assert all(address.startswith("/kg/") for address in local)
    assert f'<link rel="canonical" href="https://example.org/kg{NANET}.html">' in body
    assert f"{BASE}id/network/nanet-se" in body
    for address in sorted(set(local)):
        assert below.ask(address.partition("#")[0].replace("&amp;", "&")).status in (200, 302, 303), address


# --- reconciliation ---------------------------------------------------------------------------------------------------


def reconcile(service: Service, queries: dict[str, object], method: str = "POST") -> dict[str, list[dict[str, object]]]:
    """The candidates for a batch; each answer has the form that section 4.2 of the specification asks for."""
    form = f"queries={quote(json.dumps(queries))}"
    if method == "POST":
        reply = service.ask("/reconcile", "POST", {"Content-Type": "application/x-www-form-urlencoded"}, form.encode())
    else:
        reply = service.ask(f"/reconcile?{form}")
    assert reply.status == 200, reply.body
    answers = reply.json()
    assert set(answers) == set(queries)
    for answer in answers.values():
        scores = [candidate["score"] for candidate in answer["result"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(candidate["match"] for candidate in answer["result"]) <= 1
        for candidate in answer["result"]:
            assert {"id", "name", "score", "match", "type"} <= set(candidate)
            assert all({"id", "name"} == set(kind) for kind in candidate["type"])
    return {key: answer["result"] for key, answer in answers.items()}


def test_the_manifest_says_what_there_is(explorer: Service) -> None:
    reply = explorer.ask("/reconcile", headers={"Origin": "https://openrefine.example"})
    manifest = reply.json()
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "0.2" in manifest["versions"]
    assert manifest["identifierSpace"] == BASE + "id/"
    assert "{{id}}" in manifest["view"]["url"]
    assert "{{id}}" in manifest["preview"]["url"]
    base = explorer.base.rstrip("/")
    for service in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        address = (service["service_url"] + service["service_path"]).removeprefix(base)
        assert explorer.ask(f"{address}?prefix=city").status == 200


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_names_are_matched(explorer: Service, method: str) -> None:
    found = reconcile(
        explorer,
        {
            "exact": {"query": "Göteborg", "type": "city"},
            "accents": {"query": "goteborg", "type": ["city"], "limit": 3},
            "misspelt": {"query": "Stokholm", "type": "city"},
            "id": {"query": "nanet-se"},
            "nothing": {"query": "qqqqqqqqqqqq"},
            "place": {"query": "Malmö", "properties": [{"pid": "sg:country", "v": {"id": "country/SE"}}]},
            "elsewhere": {"query": "Malmö", "type": "city", "properties": [{"pid": "sg:country", "v": "Denmark"}]},
        },
        method,
    )
    assert (found["exact"][0]["id"], found["exact"][0]["match"]) == ("city/gothenburg", True)
    assert found["accents"][0]["id"] == "city/gothenburg"
    assert len(found["accents"]) <= 3
    assert (found["misspelt"][0]["id"], found["misspelt"][0]["match"]) == ("city/stockholm", False)
    assert found["id"][0]["id"] == "network/nanet-se"
    assert found["nothing"] == []
    assert "city/malmo" in [candidate["id"] for candidate in found["place"]]
    assert not found["elsewhere"][0]["match"]


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"q": {}}',
        '{"q": {"query": "x", "limit": 0}}',
        '{"q": {"query": "x", "properties": [1]}}',
        '{"q": {"query": "x", "type": 1}}',
    ],
    ids=["no-json", "list", "empty", "limit", "properties", "type"],
)
def test_wrong_batches_are_refused_with_the_reason(explorer: Service, text: str) -> None:
    reply = explorer.ask(f"/reconcile?queries={quote(text)}")
    assert reply.status == 400
    assert reply.json()["detail"]


def test_a_batch_has_a_limit(explorer: Service) -> None:
    text = json.dumps({str(number): {"query": "x"} for number in range(51)})
    assert explorer.ask(f"/reconcile?queries={quote(text)}").status == 413


def test_suggestions_previews_and_extensions(explorer: Service) -> None:
    entities = explorer.ask("/reconcile/suggest/entity?prefix=stock").json()["result"]
    assert {"id", "name", "description", "notable"} == set(entities[0])
    more = explorer.ask("/reconcile/suggest/entity?prefix=stock&cursor=1").json()["result"]
    assert more[0] == entities[1]
    assert explorer.ask("/reconcile/suggest/type?prefix=proj").json()["result"] == [{"id": "project", "name": "project"}]
    assert {"id": "sg:country", "name": "country"} in explorer.ask("/reconcile/suggest/property?prefix=count").json()["result"]
    preview = explorer.ask("/reconcile/preview?id=network%2Fnanet-se")
    assert preview.type == "text/html"
    assert "frame-ancestors" not in preview.headers["content-security-policy"]
    assert explorer.ask("/reconcile/preview?id=%3Cscript%3E").status == 404
    proposed = explorer.ask("/reconcile/properties?type=city&limit=2").json()
    assert len(proposed["properties"]) == proposed["limit"] == 2
    asked = json.dumps({"ids": ["city/stockholm", "city/none"], "properties": [{"id": "sg:country"}, {"id": "geo:lat"}]})
    extended = explorer.ask(f"/reconcile?extend={quote(asked)}").json()
    assert [column["id"] for column in extended["meta"]] == ["sg:country", "geo:lat"]
    assert extended["rows"]["city/stockholm"]["sg:country"] == [{"id": "country/SE", "name": "Sweden"}]
    assert extended["rows"]["city/none"] == {"sg:country": [], "geo:lat": []}
