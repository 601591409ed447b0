"""A graph of this domain as large as you like, the same for the same seed: ``python -m benchmarks.generate 1000000 FOLDER``.

The dossier is taken as often as it takes, under new names and in other years each time. So types, degrees, kinds, bases, precision of
dates, the share of undated flows, sources a flow and labels in nine languages are those of the dossier. Networks, programmes and themes
are there once, with what goes between them, and grow into hubs. One flow in ten ends in another copy, so that the copies hang together.

Written are the ontology, the entities with types, labels and dates, and all flows, the stated and the derived ones, with the bounds
that the derive rules gave them in the dossier (moved to the years of the copy). Left out is what no trace reads (participations, rows,
shortcuts, `sg:precedes`, terms of EURIO, other properties of entities), so that flows make up most of it: one for ten triples.

Planted, and told in ``planted.json``: chains whose only path is known, in each reading, among flows that lead astray; flows without a
source, and entities without a label.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seismic_graph.build import ensure
from seismic_graph.settings import Settings
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import PREFIXES, graph_iri

ID, SG, RDF, VOC = PREFIXES["id"], PREFIXES["sg"], PREFIXES["rdf"], PREFIXES["voc"]
DOSSIER, ONTOLOGY = graph_iri("dossier"), graph_iri("ontology")
DATE = PREFIXES["xsd"] + "date"

SHARED = ("network", "programme", "theme")
"""Types of which each thing is there once."""
ASTRAY = 10
"""One flow in so many ends in another copy."""
YEARS = range(-6, 11)
"""By how many years a copy may be moved."""
PLANTED = 20_000
"""One chain is planted for so many triples, and as many faults."""

_OF_FLOWS = {
    *(RDF + "type", PREFIXES["dcterms"] + "source", PREFIXES["dcterms"] + "description"),
    *(SG + name for name in ("from", "to", "flowKind", "direction", "basis", "start", "end", "contradicts")),
    *(SG + name for name in ("earliest", "latest", "surelyFrom", "surelyUntil")),
}
_OF_THINGS = {
    *(RDF + "type", PREFIXES["skos"] + "prefLabel", PREFIXES["skos"] + "altLabel", PREFIXES["dcterms"] + "issued"),
    *(SG + name for name in ("start", "end", "opened", "publisherName", "agenda")),
    *(SG + name for name in ("takesFrom", "takesUntil", "givesFrom", "givesUntil")),
}
_PREDICATE = re.compile(rf"<{re.escape(ID)}([a-z-]+)/[^>]*> <([^>]*)> <?")
_THING = re.compile(rf"<({re.escape(ID)}([a-z-]+)/[^>]*)>")
_LABEL = re.compile(r'((?:prefLabel|title)> "(?:[^"\\]|\\.)*)"')
_YEAR = re.compile(r'(?<=> ")(\d{4})(?=(?:-\d\d){0,2}"\^\^<http://www\.w3\.org/2001/XMLSchema#(?:date|gYear|gYearMonth)>)')
_OWN, _OTHER = "\x01", "\x02"  # where the number of the copy stands, and that of another one


def templates(store: EmbeddedStore, rng: random.Random) -> tuple[str, str]:
    """The triples that are there once, and those of one copy, with marks where the number of the copy belongs."""
    lines = sorted({*(store.dump(DOSSIER) + store.dump(graph_iri("derived"))).decode().splitlines(keepends=True)})
    shared = re.compile(rf"<{re.escape(ID)}(?:{'|'.join(SHARED)})/")
    ends: dict[str, list[bool]] = {}
    for line in lines:
        subject, predicate, value = line.split(" ", 2)
        if predicate in (f"<{SG}from>", f"<{SG}to>"):
            ends.setdefault(subject, []).append(bool(shared.match(value)))

    def mark(match: re.Match[str]) -> str:
        return match[0] if match[2] in SHARED else f"<{match[1]}{_OWN}>"

    once, each = [], []
    for line in filter(_wanted, lines):
        subject = line.partition(" ")[0]
        if shared.match(line) or all(ends.get(subject, [False])):
            once.append(line)
            continue
        named = _LABEL.sub(rf'\1{_OWN}"', _THING.sub(mark, line))
        astray = f"> <{SG}to> <" in named and rng.randrange(ASTRAY) == 0
        each.append(_OTHER.join(named.rsplit(_OWN, 1)) if astray and named.endswith(f"{_OWN}> .\n") else named)
    return "".join(once), "".join(each)


def _wanted(line: str) -> bool:
    match = _PREDICATE.match(line)
    if match is None or match[1] in ("participation", "funding", "claim") or "/s66#" in line:
        return False
    return match[2] in (_OF_FLOWS if match[1] == "flow" else _OF_THINGS)


def moved(text: str, years: int) -> str:
    """The same triples so many years later."""
    later = _YEAR.sub(lambda match: f"{int(match[1]) + years:04}", text)
    return re.sub(r'(\d{4})-02-29"', lambda match: match[0] if _leap(int(match[1])) else f'{match[1]}-02-28"', later)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def copies(text: str, count: int, rng: random.Random) -> Iterator[str]:
    """The copies, one text each."""
    parts = {years: moved(text, years).split(_OWN) for years in YEARS}
    for number in range(count):
        copy = f"-{number}".join(parts[rng.choice(YEARS)])
        yield copy.replace(_OTHER, f"-{rng.randrange(count)}")


def flow(name: str, source: str, target: str, days: tuple[str, str], basis: str = "stated", cited: str | None = "planted") -> str:
    """The triples of one flow."""
    said = [
        (RDF + "type", f"<{SG}KnowledgeFlow>"),
        (SG + "from", f"<{source}>"),
        (SG + "to", f"<{target}>"),
        (SG + "flowKind", f"<{VOC}flow-kind/informed>"),
        (SG + "direction", f"<{VOC}direction/bottom-up>"),
        (SG + "basis", f"<{VOC}basis/{basis}>"),
        (SG + "earliest", f'"{days[0]}"^^<{DATE}>'),
        (SG + "latest", f'"{days[1]}"^^<{DATE}>'),
        *([(PREFIXES["dcterms"] + "source", f"<{ID}source/{cited}>")] if cited else []),
    ]
    return "".join(f"<{ID}flow/{name}> <{predicate}> {value} .\n" for predicate, value in said)


CHAINS = {
    "strict": [("2010-01-01", "2010-01-31"), ("2011-01-01", "2011-12-31"), ("2011-12-31", "2012-03-31"), ("2013-05-05", "2013-05-05")],
    "possible": [("2010-01-01", "2012-12-31"), ("2011-01-01", "2011-12-31"), ("2010-06-01", "2011-12-31"), ("2011-12-31", "2013-01-01")],
    "static": [("2010-01-01", "2010-12-31"), ("2012-01-01", "2012-12-31"), ("2011-01-01", "2011-12-31"), ("2013-01-01", "2013-12-31")],
}
"""The strictest reading in which a planted chain holds -> the days of its hops."""


def chain(number: int, reading: str, count: int, rng: random.Random) -> tuple[str, dict[str, Any]]:
    """One planted chain, and what is to be found: nothing but the chain leads into its things, and each leads astray as well."""
    nodes = [f"{ID}event/planted-{number}-{place}" for place in range(len(CHAINS[reading]) + 1)]
    hops = [(f"planted-{number}-{place}", *nodes[place : place + 2], days) for place, days in enumerate(CHAINS[reading])]
    text = "".join(f'<{node}> <{RDF}type> <{SG}Event> .\n<{node}> <{PREFIXES["skos"]}prefLabel> "Planted"@en .\n' for node in nodes)
    text += "".join(flow(*hop) for hop in hops)
    for place, node in enumerate(nodes):
        astray = f"{ID}project/seismic-{rng.randrange(count)}"
        text += flow(f"astray-{number}-{place}", node, astray, ("2010-01-01", "2019-12-31"), "structural")
    return text, {"source": nodes[0], "target": nodes[-1], "reading": reading, "flows": [f"{ID}flow/{hop[0]}" for hop in hops]}


def generate(triples: int, folder: Path, seed: int = 1) -> dict[str, Any]:
    """Write ``ontology.nt``, ``record.nt`` and ``planted.json`` of about so many triples; what was planted, and how much was written."""
    started = time.perf_counter()
    rng = random.Random(seed)
    store = ensure(Settings()).open()
    ontology = store.dump(ONTOLOGY)
    once, each = templates(store, rng)
    count = max(1, round((triples - ontology.count(b"\n") - once.count("\n")) / each.count("\n")))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ontology.nt").write_bytes(ontology)
    chains, faults = [], {"no-source": [], "no-label": []}
    written, flows = ontology.count(b"\n") + once.count("\n"), once.count(f"> <{SG}from> <")
    with (folder / "record.nt").open("w", encoding="utf-8", newline="\n") as record:
        record.write(once)
        for copy in copies(each, count, rng):
            record.write(copy)
            written += copy.count("\n")
            flows += copy.count(f"> <{SG}from> <")
        for number in range(max(3, triples // PLANTED)):
            planted, told = chain(number, tuple(CHAINS)[number % 3], count, rng)
            chains.append(told)
            bare, nameless = f"without-source-{number}", f"{ID}city/without-label-{number}"
            day = (f"20{rng.randrange(10, 30)}-01-01",) * 2
            planted += flow(bare, f"{ID}project/seismic-{rng.randrange(count)}", nameless, day, cited=None)
            planted += f"<{nameless}> <{RDF}type> <{SG}City> .\n"
            faults["no-source"].append(f"{ID}flow/{bare}")
            faults["no-label"].append(nameless)
            record.write(planted)
            written += planted.count("\n")
            flows += planted.count(f"> <{SG}from> <")
    told = {"seed": seed, "triples": written, "flows": flows, "copies": count, "chains": chains, "faults": faults}
    (folder / "planted.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told | {"seconds": time.perf_counter() - started}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("triples", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    told = generate(asked.triples, asked.folder, asked.seed)
    speed = told["triples"] / told["seconds"]
    print(f"{told['triples']:,} triples, {told['flows']:,} flows in {told['seconds']:.1f} s: {speed:,.0f} a second")


if __name__ == "__main__":
    main()
