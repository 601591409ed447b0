"""How long validation takes and what memory it needs, beside peers and beside queries by hand: ``python -m benchmarks.run validation``.

The dossier is taken as often as it takes to have so many triples, under new names each time, with planted faults in each copy, and
loaded once a graph as a build does. Each engine runs in a process of its own on the same store, so that its memory is its own; what it
reads once is read before. The peers are pySHACL, which gets the store property by property (three times as fast as its own way), and
pyshifty. Asked are all shapes; a few constraints on flows beside queries as one would write them; and all shapes again after ten events
have got another end.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import apart
from seismic_graph import validate
from seismic_graph.build import ensure
from seismic_graph.errors import TimedOut
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore, select
from seismic_graph.validate.engines import judged
from seismic_graph.validate.shapes import read
from seismic_graph.vocabulary import PREFIXES, RDF, SG, SH, XSD, graph_iri

ID = PREFIXES["id"].encode()
FAULTS = """
<{id}event/planted-{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{sg}Event> .
<{id}event/planted-{n}> <{sg}start> "2020-02-30"^^<http://www.w3.org/2001/XMLSchema#date> .
<{id}event/planted-{n}> <{sg}participantCount> "many" .
<{id}event/planted-{n}> <{sg}city> <{id}city/nowhere> .
"""
PLANTED = frozenset(
    f"{PREFIXES[prefix]}{name}"
    for prefix, name in (("sg", "start"), ("sg", "participantCount"), ("sg", "city"), ("skos", "prefLabel"), ("dcterms", "source"))
)
"""The properties of a planted event that are wrong or missing."""

Found = frozenset[tuple[str, str, str, str]]
"""Focus node, property, shape and kind of constraint of each result."""


def renamed(triples: bytes, number: int) -> bytes:
    """The same triples about other nodes: ids, labels, numbers and addresses end in a number, so that none is there twice."""
    if number == 0:
        return triples
    end = f"-{number}".encode()
    triples = re.sub(rb"<" + re.escape(ID) + rb"([^>]*)>", rb"<" + ID + rb"\1" + end + rb">", triples)
    triples = re.sub(rb'(prefLabel> "(?:[^"\\]|\\.)*)"', rb"\1" + end + rb'"', triples)
    triples = re.sub(rb'(/bibo/doi> "[^"]*)"', rb"\1" + end + rb'"', triples)
    return re.sub(rb"(<https://schema.org/(?:url|sameAs)> <[^>]*)>", rb"\1" + end + rb">", triples)


def generate(triples: int, folder: Path) -> tuple[int, int]:
    """Write a store of about so many triples, one load a graph; how many there are, and in how many copies."""
    snapshot = ensure(Settings()).open()
    texts = {name: snapshot.dump(graph_iri(name)) for name in ("dossier", "derived")}
    copies = max(1, round(triples / sum(text.count(b"\n") for text in texts.values())))
    store = ox.Store(str(folder / "store"))
    for name in ("ontology", *texts):
        file = folder / f"{name}.nt"
        with file.open("wb") as out:
            for number in range(copies if name in texts else 1):
                out.write(renamed(texts[name], number) if name in texts else snapshot.dump(graph_iri(name)))
                if name == "dossier":
                    out.write(FAULTS.format(id=PREFIXES["id"], sg=PREFIXES["sg"], n=number).encode())
        store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph_iri(name)))
        file.unlink()
    store.flush()
    return len(store), copies


# --- all shapes -----------------------------------------------------------------------------------------------------


def ours(store: EmbeddedStore, shapes: list[Path]) -> Found:
    return _told(validate.validate(store, shapes).results)


def pyshacl(store: EmbeddedStore, shapes: list[Path]) -> Found:
    return _told(validate.validate(store, shapes, engine="pyshacl").results)


def _told(results: Iterable[validate.Result]) -> Found:
    return frozenset((str(getattr(one.focus, "value", one.focus)), one.path or "", one.shape, one.component) for one in results)


def pyshifty(store: EmbeddedStore, shapes: list[Path]) -> Found:
    import rdflib
    import shifty

    graph, sh = rdflib.Graph(), rdflib.Namespace(SH)
    for file in shapes:
        graph.parse(file, format="turtle")
    lines = b"".join(store.dump(name) for name in store.graphs())
    _, report, _ = shifty.PreparedValidator(graph).validate(lines, graph_mode="data", infer=False)
    parts = (sh.focusNode, sh.resultPath, sh.sourceShape, sh.sourceConstraintComponent)
    nodes = report.subjects(rdflib.RDF.type, sh.ValidationResult)
    return frozenset(tuple(str(report.value(node, part) or "") for part in parts) for node in nodes)  # type: ignore[misc]


# --- a few constraints, by hand -------------------------------------------------------------------------------------

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
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda text: sum(1 for _ in select(store, FLOW + text)), BY_HAND))


def small_ours(store: EmbeddedStore, shapes: list[Path]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.ttl"
        file.write_text(SMALL, encoding="utf-8")
        return len(judged(store, read([file])))


# --- measured -------------------------------------------------------------------------------------------------------


def peak() -> float:
    """The most memory that this process has had, in megabytes; the counters of rusage begin with those of the process that started it."""
    return next(int(line.split()[1]) / 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))


def run(engine: Callable[[EmbeddedStore, list[Path]], Any], folder: Path) -> tuple[float, Any, float]:
    """Seconds, answer and megabytes added of one engine; what is read once is read before."""
    store, shapes = EmbeddedStore(folder / "store"), list(Settings().shape_files())
    read(shapes)
    before, started = peak(), time.perf_counter()
    answer = engine(store, shapes)
    return time.perf_counter() - started, answer, peak() - before


def after_a_change(folder: Path) -> tuple[float, float, bool, int]:
    """Seconds of `revalidate` after ten events have got another end, seconds of all checks again, and whether both say the same."""
    store, shapes = EmbeddedStore(folder / "store", writable=True), list(Settings().shape_files())
    before = validate.validate(store, shapes)
    events = select(store, f"SELECT DISTINCT ?event WHERE {{ ?event a <{SG.Event}> ; <{RDF}type> ?any ; <{SG.end}> ?end }} LIMIT 10")
    end = ox.Literal("1999", datatype=ox.NamedNode(XSD + "gYear"))
    changed = [ox.Triple(row[0], ox.NamedNode(SG.end), end) for row in events]  # type: ignore[arg-type]
    store.add(changed, "urn:changed")
    try:
        started = time.perf_counter()
        part = validate.revalidate(store, shapes, before, changed)
        between = time.perf_counter()
        whole = validate.validate(store, shapes)
        return between - started, time.perf_counter() - between, part == whole, len(whole.results) - len(before.results)
    finally:
        store.inner.remove_graph(ox.NamedNode("urn:changed"))
        store.flush()


def measure(triples: int, limit: float) -> Table:
    """The table of a graph of about so many triples.

    Args:
        triples: its size.
        limit: seconds after which a peer is stopped.
    """
    rows: list[Row] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        count, copies = generate(triples, folder)
        question = f"{count:,} triples, all shapes"
        seconds, found, megabytes = apart(run, ours, folder)
        faults = {(f"{PREFIXES['id']}event/planted-{number}", prop) for number in range(copies) for prop in PLANTED}
        missed = faults - {one[:2] for one in found}
        said = "all planted faults found" if not missed else f"{len(missed):,} of {len(faults):,} planted faults not found"
        rows.append(Row(question, OURS, seconds, said, megabytes=megabytes))
        wrong += [said] if missed else []
        for name, peer, aim in (("pySHACL", pyshacl, 0.02), ("pyshifty", pyshifty, None)):
            try:
                seconds, theirs, megabytes = apart(run, peer, folder, seconds=limit)
            except TimedOut as late:
                rows.append(Row(question, name, None, str(late), aim))
                continue
            said = f"{len(found - theirs):,} results of ours are not among theirs, {len(theirs - found):,} of theirs not among ours"
            rows.append(Row(question, name, seconds, "the same results" if theirs == found else said, aim, megabytes))

        question = f"{count:,} triples, {len(BY_HAND)} constraints on flows"
        seconds, results, megabytes = apart(run, small_ours, folder)
        rows.append(Row(question, OURS, seconds, f"{results:,} results", megabytes=megabytes))
        seconds, by_hand, megabytes = apart(run, small_by_hand, folder)
        rows.append(Row(question, "SPARQL by hand", seconds, f"{by_hand:,} results", 1.5, megabytes))
        wrong += [f"{question}: {results:,} results, by hand {by_hand:,}"] if results != by_hand else []

        question = f"{count:,} triples, all shapes after ten events have got another end"
        part, whole, same, more = apart(after_a_change, folder)
        rows.append(Row(question, OURS, part, f"{more:,} results more"))
        rows.append(Row(question, "seismic-graph, the whole graph again", whole, "the same report" if same else "another report"))
        wrong += [] if same and more else [f"{question}: not what the whole graph is told"]
    title = f"Validation of {count:,} triples"
    return Table("validation", title, rows, {"triples": count, "copies": copies, "planted": len(faults), "results": len(found)}, wrong)
