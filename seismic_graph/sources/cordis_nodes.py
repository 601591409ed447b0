"""The things that CORDIS speaks of, as nodes: each is described once, whichever table mentions it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from seismic_graph import rdf
from seismic_graph.sources import cells
from seismic_graph.sources.reading import Unfit, slug
from seismic_graph.sources.writing import BARE, LABEL, NAMED, Writer
from seismic_graph.vocabulary import DCTERMS, GEO, ID, ORG, SCHEMA, SG, SKOS, XSD

_NOTATION = f"<{SKOS}notation>"
_PART_OF = f"<{DCTERMS}isPartOf>"
_KIND = f"<{DCTERMS}type>"
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_GRANT = re.compile(r"[0-9]{5,9}")
_PIC = re.compile(r"[0-9]{9}")

ACTIVITIES = {"HES": "university", "REC": "research", "PRC": "company"}
"""Activity type -> kind of organisation. PUB and OTH say too little of what a body is, so they join the most general kind."""


def project_node(number: str) -> str:
    """The IRI of a project, from its grant number or whatever number CORDIS gave it."""
    return f"<{ID}project/cordis-{slug(number)}>"


def project_of(number: str, acronym: str, writer: Writer) -> str:
    """The IRI of a project that a row refers to; it is described by what the row knows of it."""
    node = project_node(number)
    version = NAMED if acronym else BARE
    if writer.wants(node, version):
        writer.share(node, version, writer.described(node, SG.Project, acronym or number) + grant_number(node, number))
    return node


def grant_number(node: str, number: str) -> str:
    """The line that keeps the number of a project; old ones are no grant numbers."""
    if _GRANT.fullmatch(number):
        return f"{node} <{SG.grantNumber}> {rdf.literal(number)} .\n"
    return f"{node} <{DCTERMS}identifier> {rdf.literal(number)} .\n"


def organisation(values: Mapping[str, str], writer: Writer) -> str:
    """The IRI of the organisation of a row, which is described by the row.

    Without an id it goes by its name and country.

    Raises:
        Unfit: it has neither id nor name.
    """
    number, name = values.get("organisationID", "").strip(), values.get("name", "").strip()
    if number:
        node = f"<{ID}organisation/cordis-{slug(number)}>"
    elif name:
        node = _nameless(name, values.get("country", ""))
        writer.scope.note(f"{writer.table}: organisations without an id, told apart by name and country")
    else:
        raise Unfit("name", "there is neither an id nor a name of the organisation. Fill one.")
    version = cells.moment(values.get("contentUpdateDate", "")) if name else BARE
    if writer.wants(node, version):
        writer.share(node, version, _organisation_lines(node, number, name, values, writer))
    return node


def organisation_named(name: str, country: str, writer: Writer) -> str:
    """The IRI of an organisation that is known by its name alone."""
    node = _nameless(name, country)
    if writer.wants(node, NAMED):
        writer.share(node, NAMED, _organisation_lines(node, "", name, {"country": country}, writer))
    return node


def _nameless(name: str, country: str) -> str:
    return f"<{ID}organisation/cordis-name-{slug(f'{country} {name}')}>"


def _organisation_lines(node: str, number: str, name: str, values: Mapping[str, str], writer: Writer) -> str:
    kind = ACTIVITIES.get(values.get("activityType", "").strip(), "other")
    lines = [
        writer.described(node, SG.Stakeholder, name or number),
        f"{node} <{ORG}classification> {writer.scope.concept('organisation-kind', kind)} .\n",
    ]
    if _PIC.fullmatch(number):
        lines.append(f"{node} <{SG.pic}> {rdf.literal(number)} .\n")
    if short := values.get("shortName"):
        lines.append(f"{node} <{SG.acronym}> {writer.text(short)} .\n")
    if vat := values.get("vatNumber"):
        lines.append(f"{node} <{SCHEMA}vatID> {writer.text(vat)} .\n")
    if page := writer.optional(cells.address, values, "organizationURL"):
        lines.append(f"{node} <{SCHEMA}url> {page} .\n")
    if values.get("SME", "").lower() == "true":
        lines.append(f'{node} <{SKOS}note> "Small or medium-sized enterprise, says CORDIS."@en .\n')
    if country := writer.optional(lambda cell, column: writer.scope.country(cell, column=column), values, "country"):
        lines.append(f"{node} <{SG.country}> {country} .\n")
    nuts = writer.optional(_nuts, values, "nutsCode") or ""
    if nuts:
        lines.append(f"{node} <{SG.nuts}> {rdf.literal(nuts)} .\n")
    if town := values.get("city", "").strip():
        if country:
            lines.append(f"{node} <{SG.city}> {_city(town, country, nuts, values, writer)} .\n")
        else:
            writer.scope.note(f"{writer.table}: cities left out, since no country is known")
    return "".join(lines)


def _nuts(cell: str, column: str) -> str:
    if not _NUTS.fullmatch(code := cell.strip().upper()):
        raise Unfit(column, f"{cell!r} is no NUTS code.")
    return code


def _city(name: str, country: str, nuts: str, values: Mapping[str, str], writer: Writer) -> str:
    """The IRI of a city, described as far as its first row goes; the same name in another NUTS 3 region is another city."""
    place = f"-{nuts.lower()}" if len(nuts) == 5 else ""
    node = f"<{ID}city/cordis-{country[-3:-1].lower()}-{slug(name)}{place}>"
    if writer.wants(node, BARE):
        lines = [writer.described(node, SG.City, name), f"{node} <{SG.country}> {country} .\n"]
        if place:
            lines.append(f"{node} <{SG.nuts}> {rdf.literal(nuts)} .\n")
        if where := writer.optional(cells.point, values, "geolocation"):
            for axis, degrees in zip(("lat", "long"), where, strict=True):
                lines.append(f"{node} <{GEO}{axis}> {rdf.literal(degrees, datatype=XSD + 'decimal')} .\n")
        writer.share(node, BARE, "".join(lines))
    return node


def topic(code: str, title: str, writer: Writer) -> str:
    """The IRI of a topic: the part of a call that a project answered."""
    return _call(f"<{ID}call/cordis-topic-{slug(code)}>", code, title, writer)


def call(code: str, writer: Writer) -> str:
    """The IRI of a call for proposals."""
    return _call(f"<{ID}call/cordis-call-{slug(code)}>", code, "", writer)


def _call(node: str, code: str, title: str, writer: Writer) -> str:
    version = NAMED if title else BARE
    if writer.wants(node, version):
        lines = writer.described(node, SG.Call, title or code)
        writer.share(node, version, f"{lines}{node} {_NOTATION} {writer.text(code)} .\n")
    return node


def programme_node(code: str) -> str:
    """The IRI of a programme, or of a part of one."""
    return f"<{ID}programme/cordis-{slug(code)}>"


def programme(code: str, title: str, writer: Writer, *, version: str | None = None, more: str = "") -> str:
    """The IRI of a programme or of a part of one; `more` are further lines of a fuller description."""
    node = programme_node(code)
    version = version or (NAMED if title else BARE)
    if writer.wants(node, version):
        kind = writer.scope.concept("programme-kind", "eu-framework-programme")
        lines = writer.described(node, SG.Programme, title or code)
        writer.share(node, version, f"{lines}{node} {_KIND} {kind} .\n{node} {_NOTATION} {writer.text(code)} .\n{more}")
    return node


def part_of(node: str, whole: str) -> str:
    """The line that puts one thing into another; none into itself."""
    return f"{node} {_PART_OF} {whole} .\n" if node != whole else ""


def concept(scheme: str, code: str, title: str, writer: Writer) -> str:
    """The IRI of a concept of one of the small lists of CORDIS, such as the funding schemes."""
    node = f"<{ID}concept/cordis-{scheme}-{slug(code)}>"
    version = NAMED if title else BARE
    if writer.wants(node, version):
        lines = writer.described(node, SKOS + "Concept", title or code)
        writer.share(node, version, f"{lines}{node} {_NOTATION} {writer.text(code)} .\n{_in_scheme(node, f'cordis-{scheme}')}")
    return node


def subject(code: str, title: str, writer: Writer) -> str:
    """The IRI of a code of the old subject index (SIC)."""
    node = f"<{ID}field/cordis-sic-{slug(code)}>"
    version = NAMED if title else BARE
    if writer.wants(node, version):
        lines = writer.described(node, SG.FieldOfScience, title or code)
        writer.share(node, version, f"{lines}{node} {_NOTATION} {writer.text(code)} .\n{_in_scheme(node, 'cordis-sic')}")
    return node


def field(code: str, path: str, title: str, writer: Writer) -> str:
    """The IRI of a concept of EuroSciVoc, described with all those above it, which its code and path name.

    Raises:
        Unfit: the code is no path of numbers.
    """
    numbers, names, nodes = _levels(code, path, title)
    for depth, (node, name) in enumerate(zip(nodes, names, strict=True)):
        version = NAMED if name else BARE
        if not writer.wants(node, version):
            continue
        notation = "/" + "/".join(numbers[: depth + 1])
        lines = [
            writer.described(node, SG.FieldOfScience, name or notation),
            f"{node} {_NOTATION} {rdf.literal(notation)} .\n",
            _in_scheme(node, "euroscivoc"),
        ]
        if depth:
            lines.append(f"{node} <{SKOS}broader> {nodes[depth - 1]} .\n")
        writer.share(node, version, "".join(lines))
    return nodes[-1]


@lru_cache(maxsize=4096)
def _levels(code: str, path: str, title: str) -> tuple[list[str], list[str], list[str]]:
    """The numbers, names and IRIs of a concept and of those above it; no names above it where code and path do not agree."""
    numbers = code.strip().strip("/").split("/")
    if not all(re.fullmatch(r"[0-9]+", number) for number in numbers):
        raise Unfit("euroSciVocCode", f"{code!r} is no code of EuroSciVoc. Write it as /29/97/543.")
    names = path.strip().strip("/").split("/")
    if len(names) != len(numbers):
        names = [""] * (len(numbers) - 1) + [title.strip()]
    nodes = [f"<{ID}field/euroscivoc-{'-'.join(numbers[: depth + 1])}>" for depth in range(len(numbers))]
    return numbers, names, nodes


def _in_scheme(node: str, scheme: str) -> str:
    return f"{node} <{SKOS}inScheme> <{ID}scheme/{scheme}> .\n"


def document_node(number: str) -> str:
    """The IRI of a document."""
    return f"<{ID}document/cordis-{slug(number)}>"


def document_lines(node: str, kind: str, label: str, writer: Writer) -> str:
    """The lines that every document has."""
    return f"{writer.described(node, SG.Document, label)}{node} {_KIND} {writer.scope.concept('document-kind', kind)} .\n"


def label_in(node: str, language: str, label: str, version: str, writer: Writer) -> None:
    """The name of a shared node in a language other than English, as a description of its own: the newest wins."""
    key = f"{node}@{language}"
    if writer.wants(key, version):
        writer.share(key, version, f"{node} {LABEL} {writer.text(label)}@{language} .\n")
