"""Records: what the graph holds of the things that are linked, one record a node."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from seismic_graph.link import wording
from seismic_graph.store import Store, select, text_of
from seismic_graph.vocabulary import DCTERMS, GEO, ID, ORG, SCHEMA, SG, SKOS, graph_iri

DOSSIER = "dossier"

CLASSES: dict[str, tuple[str, ...]] = {
    "organisation": (SG.Stakeholder,),
    "city": (SG.City,),
    "region": (SG.Region,),
    "project": (SG.Project,),
    "subject": (SG.Theme, SG.AgendaItem),
    "field": (SG.FieldOfScience,),
}
"""Kind of record -> the classes whose nodes are read."""

_AUTHORITIES = {
    "https://ror.org/": "ror",
    "http://www.wikidata.org/entity/": "wikidata",
    "https://www.wikidata.org/entity/": "wikidata",
    "https://www.wikidata.org/wiki/": "wikidata",
    "https://sws.geonames.org/": "geonames",
    "http://sws.geonames.org/": "geonames",
    "https://www.geonames.org/": "geonames",
}
_VAT = re.compile(r"[A-Z]{2}[0-9A-Z]{6,12}")
_PIC = re.compile(r"[0-9]{9}")
_GRANT = re.compile(r"[0-9]{5,9}")
_CORDA = re.compile(r"-(?:corda|fp7|h2020|he)\b.*-([0-9a-f]{32})$")
_EC_PROJECT = re.compile(r"^(?:cordis-|openaire-(?:ec-+|fp7-|h2020-|he-|.*corda))")
_BODIES = {
    "university": "university",
    "company": "company",
    "municipality": "public",
    "regional-authority": "public",
    "national-authority": "public",
    "funder": "public",
}
"""Kinds of organisation that sources tell apart in the same way; the others say too little to compare."""


@dataclass(frozen=True, slots=True)
class Record:
    """A node as it is compared.

    Attributes:
        iri, kind: which node, and what it is: a key of `CLASSES`.
        dataset: who describes it: ``dossier``, or the dataset that its identifier begins with (``nuts-2021`` for a year of NUTS).
        label: what people call it.
        names: its labels, titles and aliases, the label first; acronyms: its acronyms, folded.
        identifiers: ``scheme:value``, sorted.
        country: ISO 3166-1 code; body: kind of organisation; domain: of its web address; year: of its start.
        places: names of a city, or of the city of an organisation, folded; towns: the IRIs of its cities.
        latitude, longitude: in degrees (WGS 84).
    """

    iri: str
    kind: str
    dataset: str
    label: str
    names: tuple[str, ...]
    acronyms: tuple[str, ...]
    identifiers: tuple[str, ...]
    country: str | None
    body: str | None
    places: tuple[str, ...]
    towns: tuple[str, ...]
    domain: str | None
    year: str | None
    latitude: float | None
    longitude: float | None


_VALUES: dict[str, str] = {
    "english": SKOS + "prefLabel",
    "label": SKOS + "prefLabel",
    "other": SKOS + "altLabel",
    "title": DCTERMS + "title",
    "acronym": SG.acronym,
    "pic": SG.pic,
    "vat": SCHEMA + "vatID",
    "grant": SG.grantNumber,
    "code": DCTERMS + "identifier",
    "same": SCHEMA + "sameAs",
    "country": SG.country,
    "body": ORG + "classification",
    "city": SG.city,
    "address": SCHEMA + "url",
    "nuts": SG.nuts,
    "start": SG.start,
    "latitude": GEO + "lat",
    "longitude": GEO + "long",
}


def records(store: Store) -> dict[str, list[Record]]:
    """Kind -> its records, sorted by IRI; nodes with addresses that are not ours are left out.

    Raises:
        StoreError: the store did not give a whole answer.
    """
    found: dict[str, list[Record]] = {}
    towns: dict[str, list[str]] = {}
    for kind in ("city", *(kind for kind in CLASSES if kind != "city")):
        ours = _nodes(store, kind, graph_iri(DOSSIER))
        values = {name: _values(store, kind, predicate, english=name == "english") for name, predicate in _VALUES.items()}
        made = (_record(node, kind, node in ours, values, towns) for node in sorted(_nodes(store, kind)))
        found[kind] = [record for record in made if record.names]
        if kind == "city":
            towns = {record.iri: wording.places(record.label) for record in found[kind]}
    return found


def _nodes(store: Store, kind: str, graph: str | None = None) -> set[str]:
    pattern = f"VALUES ?class {{ {' '.join(f'<{name}>' for name in CLASSES[kind])} }} ?node a ?class"
    if graph:
        pattern = f"GRAPH <{graph}> {{ {pattern} }}"
    nodes = (text_of(node) for (node,) in select(store, f"SELECT DISTINCT ?node {{ {pattern} }}"))
    return {node for node in nodes if node.startswith(ID)}


def _values(store: Store, kind: str, predicate: str, *, english: bool) -> dict[str, list[str]]:
    classes = " ".join(f"<{name}>" for name in CLASSES[kind])
    condition = 'FILTER(LANGMATCHES(LANG(?value), "en")) ' if english else ""
    query = f"SELECT DISTINCT ?node ?value {{ VALUES ?class {{ {classes} }} ?node a ?class ; <{predicate}> ?value {condition}}}"
    values: dict[str, list[str]] = defaultdict(list)
    for node, value in select(store, query):
        values[text_of(node)].append(text_of(value))
    return {node: sorted(set(many)) for node, many in values.items()}


def _record(node: str, kind: str, ours: bool, values: dict[str, dict[str, list[str]]], towns: dict[str, list[str]]) -> Record:
    def of(name: str) -> list[str]:
        return values[name].get(node, [])

    slug = node.rpartition("/")[2]
    labels = [*of("english"), *of("label"), *of("title"), *of("other")]
    names, acronyms = _names(labels, of("acronym"))
    if kind == "city":
        places = {place for label in labels for place in wording.places(label) if place.isascii()}
    else:
        places = {place for town in of("city") for place in towns.get(town, ())}
    countries = of("country")
    return Record(
        iri=node,
        kind=kind,
        dataset=DOSSIER if ours else _dataset(slug),
        label=labels[0] if labels else slug,
        names=tuple(names),
        acronyms=tuple(sorted(acronyms)),
        identifiers=tuple(
            sorted({*_identifiers(slug, kind, ours, of("pic"), of("vat"), [*of("grant"), *of("code")], of("same"), of("nuts"))})
        ),
        country=countries[0].rpartition("/")[2] if len(countries) == 1 else None,
        body=next((_BODIES[name] for body in of("body") if (name := body.rpartition("/")[2]) in _BODIES), None),
        places=tuple(sorted(places)),
        towns=tuple(of("city")),
        domain=next((found for address in of("address") if (found := wording.domain(address))), None),
        year=of("start")[0][:4] if of("start") else None,
        latitude=_degrees(of("latitude")),
        longitude=_degrees(of("longitude")),
    )


def _names(labels: list[str], short: list[str]) -> tuple[list[str], set[str]]:
    """The names, each once, in the order given; and the acronyms.

    A short name of several words is a name, unless it says less than the label: that of a centre may be its university's.
    """
    names: list[str] = []
    acronyms: set[str] = set()
    natures = [set(wording.wording(label).nature) for label in labels]
    longer = [text for text in short if not wording.is_acronym(text)]
    for label in [*labels, *(text for text in longer if not any(set(wording.wording(text).nature) < nature for nature in natures))]:
        parts, inside = wording.aliases(label)
        names += [part for part in parts if part not in names]
        acronyms |= {wording.acronym(text) for text in inside}
    acronyms |= {wording.acronym(text) for text in [*short, *names] if wording.is_acronym(text)}
    return names, {text for text in acronyms if len(text) > 1}


def _dataset(slug: str) -> str:
    parts = slug.split("-")
    return "-".join(parts[:2]) if parts[0] == "nuts" else parts[0]


def _identifiers(
    slug: str, kind: str, ours: bool, pics: list[str], vats: list[str], grants: list[str], same: list[str], nuts: list[str]
) -> Iterator[str]:
    for pic in pics:
        if _PIC.fullmatch(pic):
            yield f"pic:{pic}"
            yield f"corda:{_digest(pic)}"
    for vat in vats:
        if _VAT.fullmatch(plain := re.sub(r"[^0-9A-Z]", "", vat.upper())):
            yield f"vat:{plain}"
    for grant in grants:
        if (ours or _EC_PROJECT.match(slug)) and _GRANT.fullmatch(grant):
            yield f"ec-grant:{grant}"
    for address in same:
        for start, scheme in _AUTHORITIES.items():
            if address.startswith(start):
                yield f"{scheme}:{address[len(start) :].strip('/')}"
    if kind == "region":
        yield from (f"nuts:{code}" for code in nuts)
    dataset, _, rest = slug.partition("-")
    if not ours and dataset in {"geonames", "ror"}:
        yield f"{dataset}:{rest}"
    if kind == "organisation" and not ours and (match := _CORDA.search(slug)):  # OpenAIRE: the digest of the PIC
        yield f"corda:{match[1]}"


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _degrees(texts: list[str]) -> float | None:
    try:
        return float(texts[0]) if texts else None
    except ValueError:
        return None
