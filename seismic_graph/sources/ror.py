"""ROR: the Research Organization Registry, dumps of schema 1 and 2 (https://ror.readme.io/docs/data-structure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seismic_graph import rdf
from seismic_graph.sources import cells
from seismic_graph.sources.geonames import city_lines, city_node, degrees, geonames_number
from seismic_graph.sources.inputs import Input
from seismic_graph.sources.reading import Outcome, Scope, Unfit
from seismic_graph.sources.records import read_json
from seismic_graph.sources.writing import LABEL, NAMED, Writer
from seismic_graph.vocabulary import DCTERMS, ID, ORG, SCHEMA, SG, SKOS

_ROR = re.compile(r"https://ror\.org/(0[a-z0-9]{8})")
_QID = re.compile(r"Q[0-9]+")
_KINDS = (("education", "university"), ("company", "company"), ("facility", "research"), ("funder", "funder"), ("nonprofit", "ngo"))
"""Type of ROR -> kind of organisation, the one that says most first; any other is of the most general kind."""
_LEFT_OUT = ("relationships", "established", "domains", "ip_addresses", "email_address", "wikipedia_url", "admin")


@dataclass(slots=True)
class _Body:
    """An organisation, whichever schema it was read from: language -> name, other names, types, first location."""

    display: str = ""
    names: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    acronyms: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    country: str = ""
    city: str = ""
    number: str = ""
    latitude: str = ""
    longitude: str = ""
    page: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)


def read(inputs: Iterable[Input], scope: Scope) -> Iterator[Outcome]:
    """What becomes of each organisation of some JSON files.

    Raises:
        DataError: a file is broken.
    """
    writer = Writer("organisation", scope)
    for name in _LEFT_OUT:
        scope.note(f"organisation: {name} is not mapped")
    for found in inputs:
        if not found.plain_name.lower().endswith((".json", ".jsonl", ".ndjson")):
            scope.note(f"file {found.name} was left out: the dumps of ROR are JSON")
            continue
        yield from writer.outcomes(read_json(found), _write)


def _write(values: Mapping[str, Any], writer: Writer) -> str:
    found = _ROR.fullmatch(str(values.get("id", "")))
    if not found:
        raise Unfit("id", f"{values.get('id')!r} is no ROR identifier. Write it as https://ror.org/0000ev088.")
    if values.get("status") == "withdrawn":
        raise Unfit("status", "the record was withdrawn from ROR.")
    try:
        body = _second(values) if "names" in values else _first(values)
    except (AttributeError, KeyError, TypeError) as error:
        raise Unfit(None, f"the record is built otherwise than schema 1 and 2 of ROR say ({error}).") from None
    if not body.display:
        raise Unfit("names", "no name is marked as the one to display.")
    node = f"<{ID}organisation/ror-{found[1]}>"
    body.names.setdefault("en", body.display)
    english = body.names.pop("en")
    kind = next((ours for theirs, ours in _KINDS if theirs in body.types), "other")
    write = writer.lines.append
    write(writer.described(node, SG.Stakeholder, english))
    write(f"{node} <{ORG}classification> {writer.scope.concept('organisation-kind', kind)} .\n")
    write(f"{node} <{SCHEMA}sameAs> <{found[0]}> .\n")
    for language, name in body.names.items():
        write(f"{node} {LABEL} {writer.text(name)}@{language} .\n")
    for name in dict.fromkeys([*body.others, *body.acronyms[1:]]):
        write(f"{node} <{SKOS}altLabel> {writer.text(name)} .\n")
    for acronym in body.acronyms[:1]:
        write(f"{node} <{SG.acronym}> {writer.text(acronym)} .\n")
    if page := writer.optional(cells.address, {"links": body.page}, "links"):
        write(f"{node} <{SCHEMA}url> {page} .\n")
    for scheme, number in body.identifiers.items():
        if scheme == "wikidata" and _QID.fullmatch(number):
            write(f"{node} <{SCHEMA}sameAs> <http://www.wikidata.org/entity/{number}> .\n")
        else:
            write(f"{node} <{DCTERMS}identifier> {writer.text(f'{scheme}:{number}')} .\n")
    if values.get("status") == "inactive":
        write(f'{node} <{SKOS}note> "No longer active, says ROR."@en .\n')
    _place(node, body, writer)
    return found[1]


def _place(node: str, body: _Body, writer: Writer) -> None:
    country = writer.optional(lambda cell, column: writer.scope.country(cell, column=column), {"country": body.country}, "country")
    if not country:
        return
    writer.lines.append(f"{node} <{SG.country}> {country} .\n")
    number = writer.optional(geonames_number, {"geonames_id": body.number}, "geonames_id")
    if number and body.city:
        city = city_node(number)
        writer.lines.append(f"{node} <{SG.city}> {city} .\n")
        if writer.wants(city, NAMED):
            latitude = writer.optional(lambda cell, column: degrees(cell, column, 90), {"lat": body.latitude}, "lat") or ""
            longitude = writer.optional(lambda cell, column: degrees(cell, column, 180), {"lng": body.longitude}, "lng") or ""
            writer.share(city, NAMED, city_lines(number, body.city, country, latitude, longitude, writer))


def _second(values: Mapping[str, Any]) -> _Body:
    """Schema 2."""
    body = _Body(types=[str(one).lower() for one in values["types"]])
    for name in values["names"]:
        text, kinds, language = str(name["value"]), name["types"], str(name.get("lang") or "").lower()
        if "ror_display" in kinds:
            body.display = text
        if "acronym" in kinds:
            body.acronyms.append(text)
        elif "label" in kinds and rdf.is_language(language) and language and language not in body.names:
            body.names[language] = text
        elif "ror_display" not in kinds:
            body.others.append(text)
    for link in values["links"]:
        if link["type"] == "website" and not body.page:
            body.page = str(link["value"])
    for one in values["external_ids"]:
        if number := one.get("preferred") or next(iter(one["all"]), None):
            body.identifiers[str(one["type"]).lower()] = str(number)
    for place in values["locations"][:1]:
        details = place["geonames_details"]
        body.country, body.city, body.number = str(details["country_code"]), str(details["name"] or ""), str(place["geonames_id"])
        body.latitude, body.longitude = str(details["lat"] or ""), str(details["lng"] or "")
    return body


def _first(values: Mapping[str, Any]) -> _Body:
    """Schema 1."""
    body = _Body(display=str(values["name"]), types=[str(one).lower() for one in values["types"]])
    body.acronyms = [str(one) for one in values.get("acronyms") or []]
    body.others = [str(one) for one in values.get("aliases") or []]
    body.page = str(next(iter(values.get("links") or []), ""))
    body.country = str(values["country"]["country_code"])
    for label in values.get("labels") or []:
        language = str(label.get("iso639") or "").lower()
        if language and rdf.is_language(language):
            body.names.setdefault(language, str(label["label"]))
    for scheme, one in (values.get("external_ids") or {}).items():
        every = one["all"] if isinstance(one["all"], list) else [one["all"]]
        if number := one.get("preferred") or next(iter(every), None):
            body.identifiers[scheme.lower()] = str(number)
    for place in (values.get("addresses") or [])[:1]:
        city = place.get("geonames_city") or {}
        body.city, body.number = str(place.get("city") or city.get("city") or ""), str(city.get("id") or "")
        body.latitude, body.longitude = str(place.get("lat") or ""), str(place.get("lng") or "")
    return body
