"""OpenAIRE Graph: projects, organisations and who takes part in what, as JSON lines.

Two models are read: that of the published dumps (https://doi.org/10.5281/zenodo.3516917), and the older one of OpenAIRE's
information inference system. A record is known by its names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from seismic_graph import rdf
from seismic_graph.sources import cells
from seismic_graph.sources.inputs import Input
from seismic_graph.sources.reading import Outcome, Rejected, Scope, Unfit, slug
from seismic_graph.sources.records import Malformed, read_json
from seismic_graph.sources.writing import BARE, DECIMAL, NAMED, ROW, SOURCE, TYPE, Writer
from seismic_graph.vocabulary import DCTERMS, ID, ORG, SCHEMA, SG, SKOS

Values = Mapping[str, Any]
_NUMBERED = re.compile(r"[0-9]{2}\|")
_GRANT = re.compile(r"[0-9]{5,9}")


def _number(values: Values, name: str) -> str:
    """An identifier of OpenAIRE without the number of its kind: ``40|corda_______::…``.

    Raises:
        Unfit: there is none.
    """
    value = values.get(name)
    if isinstance(value, dict):  # the older form of a relation
        value = value.get("id")
    if not isinstance(value, str) or not value.strip():
        raise Unfit(name, "there is no identifier.")
    return _NUMBERED.sub("", value.strip(), count=1)


def _text(values: Values, *names: str) -> str:
    """The first of some names that has a text; editions write ``legalName`` and ``legalname``."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and (text := value.strip()):
            return text
    return ""


def _project_node(number: str) -> str:
    return f"<{ID}project/openaire-{slug(number)}>"


def _project(values: Values, writer: Writer) -> str:
    number = _number(values, "id")
    node = _project_node(number)
    code = _text(values, "code", "projectGrantId")
    acronym, title = _text(values, "acronym", "projectAcronym"), _text(values, "title")
    if writer.wants(node, "1"):
        writer.share(node, "1", _project_lines(node, number, code, acronym, title, values, writer))
    for funder in values.get("funding") or values.get("fundings") or []:
        name, short = _text(funder, "name"), _text(funder, "shortName")
        if name or short:
            place = {"countryCode": _text(funder, "jurisdiction")}
            who = _body(f"funder-{short or name}", name or short, short if name else "", place, "funder", writer)
            writer.lines.append(f"{node} <{SCHEMA}funder> {who} .\n")
    for cell in [values.get("callidentifier") or values.get("callIdentifier")]:
        if cell:
            call = f"<{ID}call/openaire-{slug(str(cell))}>"
            if writer.wants(call, NAMED):
                writer.share(call, NAMED, writer.described(call, SG.Call, str(cell)))
            writer.lines.append(f"{node} <{SG.fundedUnder}> {call} .\n")
    return number


def _project_lines(node: str, number: str, code: str, acronym: str, title: str, values: Values, writer: Writer) -> str:
    lines = [writer.described(node, SG.Project, acronym or title or code or number)]
    if code and number.startswith("corda") and _GRANT.fullmatch(code):
        lines.append(f"{node} <{SG.grantNumber}> {rdf.literal(code)} .\n")
    elif code:
        lines.append(f"{node} <{DCTERMS}identifier> {writer.text(code)} .\n")
    if acronym:
        lines.append(f"{node} <{SG.acronym}> {writer.text(acronym)} .\n")
    if title:
        lines.append(f"{node} <{DCTERMS}title> {writer.prose(title)} .\n")
    if summary := _text(values, "summary"):
        lines.append(f"{node} <{DCTERMS}description> {writer.prose(summary)} .\n")
    if keywords := _text(values, "keywords"):
        lines.append(f"{node} <{SCHEMA}keywords> {writer.prose(keywords)} .\n")
    dates = {name: _text(values, f"{name}date", f"{name}Date") for name in ("start", "end")}
    start, end = writer.optional(cells.day, dates, "start"), writer.optional(cells.day, dates, "end")
    if start and end and end < start:
        writer.scope.note("project: dates left out, since the end lies before the start")
        start = end = None
    for term, day in ((SG.start, start), (SG.end, end)):
        if day:
            lines.append(f"{node} <{term}> {rdf.date_literal(day)} .\n")
    if page := writer.optional(cells.address, {"websiteurl": _text(values, "websiteurl", "websiteUrl")}, "websiteurl"):
        lines.append(f"{node} <{SCHEMA}url> {page} .\n")
    granted = values.get("granted") or {}
    if granted and granted.get("currency") != "EUR":
        writer.scope.note("project: sums that are not in euro, left out")
        return "".join(lines)
    sums = {
        "fundedAmount": granted.get("fundedamount") or granted.get("fundedAmount"),
        "totalCost": granted.get("totalcost") or granted.get("totalCost"),
    }
    for column, term in (("fundedAmount", SG.fundingAmount), ("totalCost", SG.totalCost)):
        told = {column: str(sums[column] or "")}
        sum_ = writer.optional(cells.amount, told, column)
        if sum_ and not sum_.startswith("-") and sum_.strip("0."):  # 0 stands for unknown there
            lines.append(f'{node} <{term}> "{sum_}"{DECIMAL} .\n')
    return "".join(lines)


def _body(number: str, name: str, short: str, values: Values, kind: str, writer: Writer) -> str:
    """The IRI of an organisation, described."""
    node = f"<{ID}organisation/openaire-{slug(number)}>"
    version = "1" if name else BARE
    if not writer.wants(node, version):
        return node
    lines = [
        writer.described(node, SG.Stakeholder, name or number),
        f"{node} <{ORG}classification> {writer.scope.concept('organisation-kind', kind)} .\n",
    ]
    if short and short != name:
        lines.append(f"{node} <{SG.acronym}> {writer.text(short)} .\n")
    place = values.get("country")
    code = _text(values, "countryCode") or (_text(place, "code") if isinstance(place, dict) else "")
    if code and (country := writer.optional(lambda cell, column: writer.scope.country(cell, column=column), {"country": code}, "country")):
        lines.append(f"{node} <{SG.country}> {country} .\n")
    if page := writer.optional(cells.address, {"websiteUrl": _text(values, "websiteUrl", "websiteurl")}, "websiteUrl"):
        lines.append(f"{node} <{SCHEMA}url> {page} .\n")
    for other in values.get("alternativeNames") or values.get("alternativenames") or []:
        if str(other) != name:
            lines.append(f"{node} <{SKOS}altLabel> {writer.text(str(other))} .\n")
    for one in values.get("pids") or values.get("pid") or []:
        if isinstance(one, dict) and (value := _text(one, "value")):
            lines.append(_identifier(node, _text(one, "scheme", "type"), value, writer))
    writer.share(node, version, "".join(lines))
    return node


def _identifier(node: str, scheme: str, value: str, writer: Writer) -> str:
    """An identifier from elsewhere; one that is an address in a register of organisations is the same elsewhere."""
    if scheme.lower() == "ror" and rdf.is_iri(value):
        return f"{node} <{SCHEMA}sameAs> <{value}> .\n"
    if scheme.lower() == "wikidata" and re.fullmatch(r"Q[0-9]+", value):
        return f"{node} <{SCHEMA}sameAs> <http://www.wikidata.org/entity/{value}> .\n"
    return f"{node} <{DCTERMS}identifier> {writer.text(f'{scheme}:{value}')} .\n"


def _organisation(values: Values, writer: Writer) -> str:
    number = _number(values, "id")
    name = _text(values, "legalName", "legalname", "name")
    short = _text(values, "legalShortName", "legalshortname", "shortName")
    _body(number, name or short, short, values, "other", writer)
    return number


def _relation(values: Values, writer: Writer) -> str:
    """A relation of the dumps; only those of a project and its participants are ours."""
    told = values.get("relType") or values.get("reltype")
    name = _text(told, "name") if isinstance(told, dict) else ""
    if name == "hasParticipant":
        return _participation(_number(values, "source"), _number(values, "target"), writer)
    if name == "isParticipant":
        return _participation(_number(values, "target"), _number(values, "source"), writer)
    raise Unfit("relType", f"{name!r} is no relation of a project and its participants; only those are imported.")


def _pair(values: Values, writer: Writer) -> str:
    return _participation(_number(values, "projectId"), _number(values, "organizationId"), writer)


def _participation(project: str, organisation: str, writer: Writer) -> str:
    what, who = _project_node(project), _body(organisation, "", "", {}, "other", writer)
    if writer.wants(what, BARE):
        writer.share(what, BARE, writer.described(what, SG.Project, project))
    name = f"{slug(project)}--{slug(organisation)}"
    node = f"<{ID}participation/openaire-{name}>"
    writer.lines.append(
        f"{node} {TYPE} <{SG.Participation}> .\n"
        f"{node} <{SG.participant}> {who} .\n"
        f"{node} <{SG.inContext}> {what} .\n"
        f"{node} <{SG.participantRole}> {writer.scope.concept('role', 'partner')} .\n"
        f"{node} {ROW} {writer.row} .\n"
        f"{node} {SOURCE} {writer.source} .\n"
    )
    return name


_TABLES: tuple[tuple[str, tuple[frozenset[str], ...], Callable[[Values, Writer], str], str], ...] = (
    (
        "project",
        (frozenset(["id", "code", "title"]), frozenset(["id", "projectGrantId"])),
        _project,
        """id code projectGrantId acronym projectAcronym title summary keywords startdate startDate enddate endDate websiteurl websiteUrl
        granted funding fundings callidentifier callIdentifier""",
    ),
    (
        "organisation",
        (frozenset(["id", "legalName"]), frozenset(["id", "legalname"]), frozenset(["id", "name", "countryCode"])),
        _organisation,
        """id legalName legalname name legalShortName legalshortname shortName country countryCode websiteUrl websiteurl alternativeNames
        alternativenames pid pids""",
    ),
    ("relation", (frozenset(["source", "target"]),), _relation, "source target relType reltype"),
    ("participation", (frozenset(["organizationId", "projectId"]),), _pair, "organizationId projectId"),
)
"""Table, the names by which a record of it is known, what makes its triples, and the names that are mapped."""


def read(inputs: Iterable[Input], scope: Scope) -> Iterator[Outcome]:
    """What becomes of each record of some JSON files.

    Raises:
        DataError: a file is broken.
    """
    writers = {table: Writer(table, scope) for table, *_ in _TABLES}
    noted: set[str] = set()
    for found in inputs:
        if not found.plain_name.lower().endswith((".json", ".jsonl", ".ndjson")):
            scope.note(f"file {found.name} was left out: the dumps of OpenAIRE are JSON")
            continue
        for one in read_json(found):
            if isinstance(one, Malformed):
                yield Rejected(one.record, "unknown", None, one.reason)
                continue
            known = next((table for table in _TABLES if any(names <= one.values.keys() for names in table[1])), None)
            if known is None:
                yield Rejected(one, "unknown", None, f"its names are those of no record that we know: {', '.join(one.values)}.")
                continue
            name, _, write, mapped = known
            for column in one.values.keys() - noted:
                noted.add(column)
                if column not in mapped.split():
                    scope.note(f"{name}: {column} is not mapped")
            yield writers[name].outcome(one, write, one.values)
