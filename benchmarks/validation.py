"""How long validation takes and what memory it needs: our engine, pySHACL, pyshifty and SPARQL written by hand, in one run.

Run it as ``python -m benchmarks.validation 100000 1000000``; ``--engines`` leaves some out. The dossier is taken as often as it
takes to have so many triples, under new names each time, with a few faults a copy. Each engine runs in a process of its own on the
same store, so that its memory is its own. The table tells seconds, seconds of processors, the memory that the run added to that of
the started process, how many results there were, and how many times the work of the first engine it took. ``small-by-hand`` and
``small-ours`` are about a few constraints on flows only: queries as one would write them, and the same as shapes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox

from seismic_graph import validate
from seismic_graph.build import ensure
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, select
from seismic_graph.validate.engines import judged
from seismic_graph.validate.shapes import read
from seismic_graph.vocabulary import PREFIXES, SH, graph_iri

ID = PREFIXES["id"].encode()
FAULTS = """
<{id}event/planted-{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{sg}Event> .
<{id}event/planted-{n}> <{sg}start> "2020-02-30"^^<http://www.w3.org/2001/XMLSchema#date> .
<{id}event/planted-{n}> <{sg}participantCount> "many" .
<{id}event/planted-{n}> <{sg}city> <{id}city/nowhere> .
"""


def renamed(triples: bytes, number: int) -> bytes:
    """The same triples about other nodes: ids, labels and addresses end in a number, so that none is there twice."""
    if number == 0:
        return triples
    end = f"-{number}".encode()
    triples = re.sub(rb"<" + re.escape(ID) + rb"([^>]*)>", rb"<" + ID + rb"\1" + end + rb">", triples)
    triples = re.sub(rb'(prefLabel> "(?:[^"\\]|\\.)*)"', rb"\1" + end + rb'"', triples)
    return re.sub(rb"(<https://schema.org/(?:url|sameAs)> <[^>]*)>", rb"\1" + end + rb">", triples)


def generate(triples: int, folder: Path) -> int:
    """Write a store of about so many triples; how many there are."""
    snapshot = ensure(Settings()).open()
    texts = {name: snapshot.dump(graph_iri(name)) for name in ("dossier", "derived")}
    once = sum(text.count(b"\n") for text in texts.values())
    store = ox.Store(str(folder))
    store.bulk_load(input=snapshot.dump(graph_iri("ontology")), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri("ontology")))
    for number in range(max(1, round(triples / once))):
        for name, text in texts.items():
            store.bulk_load(input=renamed(text, number), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri(name)))
        faults = FAULTS.format(id=PREFIXES["id"], sg=PREFIXES["sg"], n=number).encode()
        store.bulk_load(input=faults, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri("dossier")))
    store.optimize()
    store.flush()
    return len(store)


def ours(store: EmbeddedStore, shapes: list[Path]) -> int:
    return len(validate.validate(store, shapes).results)


def pyshacl(store: EmbeddedStore, shapes: list[Path]) -> int:
    return len(validate.validate(store, shapes, engine="pyshacl").results)


def pyshifty(store: EmbeddedStore, shapes: list[Path]) -> int:
    import rdflib
    import shifty

    graph = rdflib.Graph()
    for file in shapes:
        graph.parse(file, format="turtle")
    lines = b"".join(store.dump(name) for name in store.graphs())
    _, report, _ = shifty.PreparedValidator(graph).validate(lines, graph_mode="data", infer=False)
    return len(set(report.subjects(rdflib.RDF.type, rdflib.URIRef(SH + "ValidationResult"))))


FLOW = f"PREFIX sg: <{PREFIXES['sg']}> PREFIX dcterms: <{PREFIXES['dcterms']}> PREFIX xsd: <{PREFIXES['xsd']}> "
BY_HAND = [
    *(f"SELECT ?f {{ ?f a sg:KnowledgeFlow FILTER NOT EXISTS {{ ?f {p} ?v }} }}" for p in ("sg:from", "sg:to", "sg:basis", "sg:flowKind")),
    *(
        f"SELECT ?f {{ ?f a sg:KnowledgeFlow ; {p} ?v }} GROUP BY ?f HAVING(COUNT(DISTINCT ?v) > 1)"
        for p in ("sg:from", "sg:to", "sg:basis", "sg:flowKind", "sg:earliest", "sg:latest")
    ),
    *(f"SELECT ?f ?v {{ ?f a sg:KnowledgeFlow ; {p} ?v FILTER(!isIRI(?v)) }}" for p in ("sg:from", "sg:to")),
    *(
        f'SELECT ?f ?v {{ ?f a sg:KnowledgeFlow ; {p} ?v FILTER(DATATYPE(?v) != xsd:date || REGEX(STR(?v), "-02-3|-(04|06|09|11)-31")) }}'
        for p in ("sg:earliest", "sg:latest")
    ),
    "SELECT ?f ?v { ?f a sg:KnowledgeFlow ; dcterms:source ?v FILTER NOT EXISTS { ?v a sg:Source } }",
    "SELECT ?f ?v { ?f a sg:KnowledgeFlow ; sg:from ?v ; sg:to ?v }",
]
"""The constraints of `SMALL` as one would write them in SPARQL."""
SMALL = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix sg: <https://w3id.org/seismic-graph/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:flow> a sh:NodeShape ; sh:targetClass sg:KnowledgeFlow ; sh:property
    [ sh:path sg:from ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:disjoint sg:to ] ,
    [ sh:path sg:to ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path sg:basis ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path sg:flowKind ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path sg:earliest ; sh:maxCount 1 ; sh:datatype xsd:date ] ,
    [ sh:path sg:latest ; sh:maxCount 1 ; sh:datatype xsd:date ] ,
    [ sh:path dcterms:source ; sh:class sg:Source ] .
"""


def small_by_hand(store: EmbeddedStore, shapes: list[Path]) -> int:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(lambda text: sum(1 for _ in select(store, FLOW + text)), BY_HAND))


def small_ours(store: EmbeddedStore, shapes: list[Path]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.ttl"
        file.write_text(SMALL, encoding="utf-8")
        return len(judged(store, read([file])))


ENGINES: dict[str, Callable[[EmbeddedStore, list[Path]], int]] = {
    "ours": ours,
    "pyshacl": pyshacl,
    "pyshifty": pyshifty,
    "small-by-hand": small_by_hand,
    "small-ours": small_ours,
}


def peak() -> float:
    """The most memory that this process has had, in megabytes; the counters of rusage begin with those of the process that started it."""
    return next(int(line.split()[1]) / 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))


def run(engine: str, folder: Path) -> dict[str, float]:
    """Seconds, work, results and megabytes added of one engine; what is read once is read before."""
    store, shapes = EmbeddedStore(folder), list(Settings().shape_files())
    read(shapes)
    before = peak()
    started, worked = time.perf_counter(), time.process_time()
    results = ENGINES[engine](store, shapes)
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    return {"seconds": seconds, "processor": processor, "results": results, "megabytes": peak() - before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("triples", type=int, nargs="+")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--limit", type=float, default=900, help="seconds after which an engine is stopped")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(run(asked.one[0], Path(asked.one[1]))))
        return
    for size in asked.triples:
        with tempfile.TemporaryDirectory() as folder:
            count = generate(size, Path(folder))
            print(
                f"\n{count:,} triples\n{'engine':<15}{'seconds':>10}{'processor':>10}{'MB added':>10}{'results':>10}{'times':>8}",
                flush=True,
            )
            first: float | None = None
            for engine in asked.engines:
                command = [sys.executable, "-m", "benchmarks.validation", "0", "--one", engine, folder]
                try:
                    told = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=asked.limit, check=True).stdout)
                except subprocess.TimeoutExpired:
                    print(f"{engine:<15}{f'>{asked.limit:.0f}':>10}", flush=True)
                    continue
                if first is None or engine == "small-by-hand":
                    first = told["processor"]
                times = told["processor"] / first
                print(
                    f"{engine:<15}{told['seconds']:>10.2f}{told['processor']:>10.2f}{told['megabytes']:>10.0f}{told['results']:>10,.0f}{times:>8.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
