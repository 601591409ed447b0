"""The tables of CORDIS, in all layouts: which columns make which triples.

`TABLES` is the whole mapping. A table is known by the columns that it needs, whatever its file is called; a column is mapped,
or left out for a reason that is told, or unknown, which is announced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seismic_graph import rdf
from seismic_graph.errors import UsageError
from seismic_graph.sources import cells
from seismic_graph.sources import cordis_nodes as nodes
from seismic_graph.sources.reading import Unfit, slug
from seismic_graph.sources.writing import DECIMAL, ROW, SOURCE, TYPE, Writer, required
from seismic_graph.vocabulary import BIBO, DC, DCTERMS, ID, SCHEMA, SG, SKOS

Values = Mapping[str, str]
Write = Callable[[Values, Writer], str]
"""Adds the triples of a row and gives its key; raises `Unfit`."""

SITE = "https://cordis.europa.eu"
_KIND = f"<{DCTERMS}type>"
_RESULT_OF = f"<{SG.resultOf}>"
_ROLES = {
    "coordinator": "coordinator",
    "participant": "partner",
    "partner": "partner",
    "beneficiary": "partner",
    "contractor": "partner",
    "principalcontractor": "coordinator",
    "thirdparty": "third-party",
    "associatedpartner": "associated-partner",
    "internationalpartner": "international-partner",
    "hostinstitution": "host",
}
"""Role of CORDIS, in small letters -> role of ours."""
_SUMS = (("ecContribution", SG.euContribution), ("netEcContribution", SG.netEuContribution), ("totalCost", SG.totalCost))
_PUBLISHED = {
    "Peer reviewed articles": "article",
    "Conference proceedings": "article",
    "Book chapters": "article",
    "Monographic books": "book",
    "Thesis dissertations": "book",
}
"""Kind of publication -> kind of document; any other is an article."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of CORDIS.

    Attributes:
        name: what it is called in the receipt of an import.
        needs: the columns by which it is known.
        columns: each column that is mapped -> what becomes of it.
        left_out: each known column that is not mapped -> why.
        write: makes the triples of a row.
        aliases: another name of a column, in small letters -> its name here.
    """

    name: str
    needs: frozenset[str]
    columns: Mapping[str, str]
    write: Write
    left_out: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)


# --- projects -------------------------------------------------------------------------------------------------------------


def _project(values: Values, writer: Writer) -> str:
    number = grant_number(values) or required(values, "id")
    if number != values.get("id", "").strip():
        writer.scope.note("project: ids that the grantDoi of the row contradicts; the number of the DOI was taken")
    node = nodes.project_node(number)
    version = cells.moment(values.get("contentUpdateDate", ""))
    acronym, title = values.get("acronym", "").strip(), values.get("title", "").strip()
    if writer.wants(node, version):
        lines = [writer.described(node, SG.Project, acronym or title or number), nodes.grant_number(node, number)]
        if acronym:
            lines.append(f"{node} <{SG.acronym}> {writer.text(acronym)} .\n")
        if title:
            lines.append(f"{node} <{DCTERMS}title> {writer.prose(title)} .\n")
        if objective := values.get("objective", "").strip():
            lines.append(f"{node} <{DCTERMS}description> {writer.prose(objective)} .\n")
        lines += _project_facts(node, values, writer)
        writer.share(node, version, "".join(lines))
    _project_relations(node, values, writer)
    _old_consortium(node, number, values, writer)
    return number


_DOI = re.compile(r"10\.3030/([0-9]{5,9})")


def grant_number(values: Values) -> str:
    """The number of a project; the one in its DOI where the two do not agree, since the DOI was registered with it."""
    doi = _DOI.fullmatch(values.get("grantDoi", "").strip())
    return doi[1] if doi else values.get("id", "").strip()


def _project_facts(node: str, values: Values, writer: Writer) -> list[str]:
    lines = []
    start, end = writer.optional(cells.day, values, "startDate"), writer.optional(cells.day, values, "endDate")
    if start and end and end[: len(start)] < start[: len(end)]:
        writer.scope.note("project: dates left out, since the end lies before the start")
        start = end = None
    if start:
        lines.append(f"{node} <{SG.start}> {rdf.date_literal(start)} .\n")
    if end:
        lines.append(f"{node} <{SG.end}> {rdf.date_literal(end)} .\n")
    for column, term in (("ecMaxContribution", SG.fundingAmount), ("totalCost", SG.totalCost)):
        if (sum_ := writer.optional(cells.amount, values, column)) and not sum_.startswith("-"):
            lines.append(f'{node} <{term}> "{sum_}"{DECIMAL} .\n')
        elif sum_:
            writer.scope.note(f"project: negative sums of {column}, left out")
    if page := writer.optional(cells.address, values, "projectUrl"):
        lines.append(f"{node} <{SCHEMA}url> {page} .\n")
    if status := values.get("status"):
        lines.append(f"{node} <{SKOS}note> {writer.text(f'Status in CORDIS: {status}.')}@en .\n")
    if signed := writer.optional(cells.day, values, "ecSignatureDate"):
        lines.append(f"{node} <{DCTERMS}dateAccepted> {rdf.date_literal(signed)} .\n")
    if changed := writer.optional(cells.day, values, "contentUpdateDate"):
        lines.append(f"{node} <{DCTERMS}modified> {rdf.date_literal(changed)} .\n")
    for identifier in (values.get("grantDoi", ""), f"rcn:{values['rcn']}" if values.get("rcn") else ""):
        if identifier:
            lines.append(f"{node} <{DCTERMS}identifier> {writer.text(identifier)} .\n")
    if keywords := values.get("keywords"):
        lines.append(f"{node} <{SCHEMA}keywords> {writer.prose(keywords)} .\n")
    return lines


def _several(cell: str | None) -> list[str]:
    return [part for part in map(str.strip, (cell or "").split(";")) if part]


def _project_relations(node: str, values: Values, writer: Writer) -> None:
    write = writer.lines.append
    calls = {nodes.call(code, writer): None for column in ("masterCall", "subCall") for code in _several(values.get(column))}
    topics = [nodes.topic(code, "", writer) for code in _several(values.get("topics"))]
    for asked in topics or calls:
        write(f"{node} <{SG.fundedUnder}> {asked} .\n")
    for asked in topics:
        for whole in calls:
            write(nodes.part_of(asked, whole))
    framework = values.get("frameworkProgramme", "").strip()
    above = nodes.programme(framework, "", writer) if framework else ""
    programmes = [nodes.programme(code, "", writer) for code in _several(values.get("legalBasis"))]
    for programme in programmes:
        write(f"{node} <{SG.programme}> {programme} .\n")
        if above:
            write(nodes.part_of(programme, above))
    if above and not programmes:
        write(f"{node} <{SG.programme}> {above} .\n")
    if scheme := values.get("fundingScheme", "").strip():
        write(f"{node} {_KIND} {nodes.concept('funding-scheme', scheme, '', writer)} .\n")
    for code in _several(values.get("subjects")):
        write(f"{node} <{SG.field}> {nodes.subject(code, '', writer)} .\n")


def _old_consortium(node: str, number: str, values: Values, writer: Writer) -> None:
    """The organisations that the old layouts name in the row of the project, by name alone."""
    if coordinator := values.get("coordinator", "").strip():
        who = nodes.organisation_named(coordinator, values.get("coordinatorCountry", "").strip(), writer)
        writer.lines.append(f"{node} <{SG.coordinator}> {who} .\n")
        _named_participation(node, number, who, "coordinator", writer)
    for name in dict.fromkeys(_several(values.get("participants"))):
        _named_participation(node, number, nodes.organisation_named(name, "", writer), "partner", writer)


def _named_participation(node: str, number: str, who: str, role: str, writer: Writer) -> None:
    _participation(f"{slug(number)}--{who.rpartition('/cordis-')[2][:-1]}--{role}", who, node, role, writer)


# --- participations -------------------------------------------------------------------------------------------------------


_IS_PARTICIPATION = f"{TYPE} <{SG.Participation}>"
_WHO, _WHAT, _ROLE, _LEADER = f"<{SG.participant}>", f"<{SG.inContext}>", f"<{SG.participantRole}>", f"<{SG.coordinator}>"


def _participation(name: str, who: str, project: str, role: str, writer: Writer) -> str:
    node = f"<{ID}participation/cordis-{name}>"
    writer.lines.append(
        f"{node} {_IS_PARTICIPATION} .\n{node} {_WHO} {who} .\n{node} {_WHAT} {project} .\n"
        f"{node} {_ROLE} {writer.scope.concept('role', role)} .\n{node} {ROW} {writer.row} .\n{node} {SOURCE} {writer.source} .\n"
    )
    return node


def _organization(values: Values, writer: Writer) -> str:
    number = values.get("projectID", "").strip() or required(values, "projectID")
    said = values.get("role", "").strip()
    role = _ROLES.get(said.lower())
    if role is None:
        if said:
            raise Unfit("role", f"{said!r} is no role that we know. Use one of: {', '.join(_ROLES)}.")
        role = "partner"
        writer.scope.note("organization: rows without a role, taken for partners")
    who = nodes.organisation(values, writer)
    project = nodes.project_of(number, values.get("projectAcronym", "").strip(), writer)
    place = values.get("order") or f"{role} {values.get('city', '')} {values.get('street', '')}"  # old layouts count no participants
    name = f"{slug(number)}--{who.rpartition('/cordis-')[2][:-1]}--{slug(place)}"
    node = _participation(name, who, project, role, writer)
    if role == "coordinator":
        writer.lines.append(f"{project} {_LEADER} {who} .\n")
    for column, term in _SUMS:
        if (sum_ := values.get(column)) and (sum_ := writer.optional(cells.amount, values, column)):
            writer.lines.append(f'{node} <{term}> "{sum_}"{DECIMAL} .\n')
    if values.get("endOfParticipation", "").lower() == "true":
        writer.lines.append(f'{node} <{SKOS}note> "The participation ended before the project did."@en .\n')
    return name


def _organisation_list(values: Values, writer: Writer) -> str:
    required(values, "name")
    return nodes.organisation(values, writer)[1:-1].rpartition("/")[2]


def _edge(values: Values, writer: Writer) -> str:
    """Who took part in what, by the record number of the project: all that the table tells."""
    record, number = required(values, "projectRcn"), required(values, "organisationID")
    project = nodes.project_of(f"rcn-{record}", "", writer)
    who = nodes.organisation({"organisationID": number}, writer)
    name = f"rcn-{slug(record)}--{who.rpartition('/cordis-')[2][:-1]}--partner"
    _participation(name, who, project, "partner", writer)
    return name


# --- topics, programmes, fields ------------------------------------------------------------------------------------------------


def _topic(values: Values, writer: Writer) -> str:
    project, code = nodes.project_of(required(values, "projectID"), "", writer), required(values, "topic")
    writer.lines.append(f"{project} <{SG.fundedUnder}> {nodes.topic(code, values.get('title', '').strip(), writer)} .\n")
    return f"{values['projectID']}--{code}"


def _legal_basis(values: Values, writer: Writer) -> str:
    project, code = nodes.project_of(required(values, "projectID"), "", writer), required(values, "legalBasis")
    writer.lines.append(f"{project} <{SG.programme}> {nodes.programme(code, values.get('title', '').strip(), writer)} .\n")
    return f"{values['projectID']}--{code}"


def _euroscivoc(values: Values, writer: Writer) -> str:
    project, code = nodes.project_of(required(values, "projectID"), "", writer), required(values, "euroSciVocCode")
    field_ = nodes.field(code, values.get("euroSciVocPath", ""), values.get("euroSciVocTitle", ""), writer)
    writer.lines.append(f"{project} <{SG.field}> {field_} .\n")
    if about := values.get("euroSciVocDescription", "").strip():
        writer.lines.append(f"{field_} <{SKOS}definition> {writer.prose(about)} .\n")
    return f"{values['projectID']}--{code}"


def _language(values: Values) -> str:
    language = values.get("language", "").strip().lower() or "en"
    if not rdf.is_language(language):
        raise Unfit("language", f"{language!r} is no code of a language. Write it as in BCP 47: en, pl.")
    return language


def _programme(values: Values, writer: Writer) -> str:
    code, language = required(values, "code"), _language(values)
    title = values.get("title", "").strip() or values.get("shortTitle", "").strip()
    node, version = nodes.programme_node(code), cells.moment(values.get("contentUpdateDate", ""))
    framework, parent = values.get("frameworkProgramme", "").strip(), values.get("parentProgramme", "").strip()
    for whole in filter(None, (parent or framework,)):
        writer.lines.append(nodes.part_of(node, nodes.programme(whole, "", writer)))
    if language == "en":
        more = []
        if (short := values.get("shortTitle", "").strip()) and short != title:
            more.append(f"{node} <{SKOS}altLabel> {writer.text(short)}@en .\n")
        if objective := values.get("objective", "").strip():
            more.append(f"{node} <{DCTERMS}description> {writer.prose(objective)} .\n")
        nodes.programme(code, title, writer, version=version, more="".join(more))
    else:
        nodes.programme(code, "", writer)
        if title:
            nodes.label_in(node, language, title, version, writer)
        if objective := values.get("objective", "").strip():
            writer.lines.append(f"{node} <{DCTERMS}description> {writer.prose(objective).removesuffix('@en')}@{language} .\n")
    return f"{code}--{language}"


def _topic_reference(values: Values, writer: Writer) -> str:
    code = required(values, "topicCode")
    topic = nodes.topic(code, values.get("title", "").strip(), writer)
    basis = values.get("legalBasisCode", "").strip()
    if basis:
        writer.lines.append(f"{topic} <{SG.programme}> {nodes.programme(basis, '', writer)} .\n")
    return f"{code}--{basis}"


def _country(values: Values, writer: Writer) -> str:
    """The name of a country in a language: another name of a concept that we have."""
    country = writer.scope.country(required(values, "isoCode"), column="isoCode")
    language = _language(values)
    writer.lines.append(f"{country} <{SKOS}altLabel> {writer.text(required(values, 'name'))}@{language} .\n")
    return f"{values.get('euCode') or values['isoCode']}--{language}"


_LISTS = (("sic", "sic"), ("activity", "activity-type"), ("fundingscheme", "funding-scheme"))


def _listed(values: Values, writer: Writer) -> str:
    """A code of a small list. The three lists have the same columns, so the name of the file says which it is."""
    file = writer.row.rpartition("/")[2].lower()
    scheme = next((scheme for part, scheme in _LISTS if part in file), None)
    if scheme is None:
        raise Unfit(None, "the name of the file does not say which list it is. Call it cordisref-sicCode.csv or as CORDIS does.")
    code, language, title = required(values, "code"), _language(values), values.get("title", "").strip()
    english = title if language == "en" else ""
    node = nodes.subject(code, english, writer) if scheme == "sic" else nodes.concept(scheme, code, english, writer)
    if title and language != "en":
        nodes.label_in(node, language, title, "1", writer)
    if about := values.get("description", "").strip():
        writer.lines.append(f"{node} <{SKOS}definition> {writer.prose(about).removesuffix('@en')}@{language} .\n")
    return f"{scheme}--{code}--{language}"


# --- documents ----------------------------------------------------------------------------------------------------------------


def _document(values: Values, writer: Writer, kind: str, label: str, number: str) -> str:
    """A document that is a result of the project of its row."""
    node = nodes.document_node(number)
    writer.lines.append(nodes.document_lines(node, kind, label, writer))
    project = nodes.project_of(required(values, "projectID"), values.get("projectAcronym", "").strip(), writer)
    writer.lines.append(f"{node} {_RESULT_OF} {project} .\n")
    if about := values.get("description", "").strip():
        writer.lines.append(f"{node} <{DCTERMS}description> {writer.prose(about)} .\n")
    if changed := writer.optional(cells.day, values, "contentUpdateDate"):
        writer.lines.append(f"{node} <{DCTERMS}modified> {rdf.date_literal(changed)} .\n")
    if record := values.get("rcn"):
        writer.lines.append(f"{node} <{DCTERMS}identifier> {writer.text(f'rcn:{record}')} .\n")
    return node


def _deliverable(values: Values, writer: Writer) -> str:
    number = required(values, "id")
    node = _document(values, writer, "deliverable", values.get("title", "").strip() or number, number)
    if page := writer.optional(cells.address, values, "url"):
        writer.lines.append(f"{node} <{SCHEMA}url> {page} .\n")
    if kind := values.get("deliverableType", "").strip():
        writer.lines.append(f"{node} <{SKOS}note> {writer.text(f'Type of deliverable: {kind}.')}@en .\n")
    return number


def _report(values: Values, writer: Writer) -> str:
    number = required(values, "id")
    node = _document(values, writer, "deliverable", values.get("title", "").strip() or number, number)
    if attachment := values.get("attachment", "").strip():
        _on_site(node, SCHEMA + "image", attachment, "attachment", writer)
    return number


def _on_site(node: str, term: str, path: str, column: str, writer: Writer) -> None:
    """A file on the site of CORDIS, which the tables name by its path."""
    try:
        writer.lines.append(f"{node} <{term}> {rdf.iri(path if '://' in path else SITE + path)} .\n")
    except UsageError:
        writer.scope.note(f"{writer.table}: cells of {column} that could not be read and were left out")


def _publication(values: Values, writer: Writer) -> str:
    number = required(values, "id")
    kind = _PUBLISHED.get(values.get("isPublishedAs", "").strip(), "article")
    node = _document(values, writer, kind, values.get("title", "").strip() or number, number)
    write = writer.lines.append
    if year := writer.optional(cells.day, values, "publishedYear"):
        write(f"{node} <{DCTERMS}issued> {rdf.date_literal(year)} .\n")
    for column, term in (("authors", DC + "creator"), ("publisher", SG.publisherName)):
        if cell := values.get(column, "").strip():
            write(f"{node} <{term}> {writer.text(cell)} .\n")
    for column, term, pattern in _IDENTIFIERS:
        if said := writer.optional(_matching(pattern), values, column):
            write(f"{node} <{term}> {writer.text(said)} .\n")
    cited = ", ".join(filter(None, (values.get(column, "").strip() for column in ("journalTitle", "journalNumber", "publishedPages"))))
    if cited:
        write(f"{node} <{DCTERMS}bibliographicCitation> {writer.text(cited)} .\n")
    if as_ := values.get("isPublishedAs", "").strip():
        write(f"{node} <{SKOS}note> {writer.text(f'Published as: {as_}.')}@en .\n")
    return number


_IDENTIFIERS = (
    ("doi", BIBO + "doi", re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/[^ ]+)", re.IGNORECASE)),
    ("isbn", BIBO + "isbn", re.compile(r"([0-9X-]{10,17})")),
    ("issn", BIBO + "issn", re.compile(r"([0-9]{4}-?[0-9]{3}[0-9X])")),
)


def _matching(pattern: re.Pattern[str]) -> Callable[[str, str], str]:
    def read(cell: str, column: str) -> str:
        if not (found := pattern.fullmatch(cell.strip())):
            raise Unfit(column, f"{cell!r} is no {column.upper()}.")
        return found[1]

    return read


def _web_link(values: Values, writer: Writer) -> str:
    """A page about a project; the table gives no title, so it is called by what it is."""
    project, link = required(values, "projectID"), cells.address(required(values, "physUrl"), "physUrl")
    kind = values.get("type", "").strip() or "link"
    number = f"{project}--{values.get('id', '').strip() or slug(link)}"
    represents = values.get("represents", "").strip()
    label = f"{kind} ({represents}) of project {project}" if represents else f"{kind} of project {project}"
    node = _document(values, writer, "deliverable" if kind == "projectDeliverable" else "web-page", label, f"link-{number}")
    writer.lines.append(f"{node} <{SCHEMA}url> {link} .\n")
    return number


def _web_item(values: Values, writer: Writer) -> str:
    """A picture or print of a project, whose number stands in the path of the file and nowhere else."""
    path = required(values, "uri")
    if not (found := re.search(r"/projects?/(?:[^/]+/)*?([0-9]{6,9})/", path)):
        raise Unfit("uri", "the path does not tell the project, and no other column does.")
    project = nodes.project_of(found[1], "", writer)
    _on_site(project, SCHEMA + ("image" if "mage" in values.get("type", "") else "subjectOf"), path, "uri", writer)
    return path


def _article(values: Values, writer: Writer) -> str:
    """A text about projects that the editors of CORDIS wrote; the records of several projects may have it."""
    number = required(values, "id")
    node, version = nodes.document_node(number), cells.moment(values.get("contentUpdateDate", ""))
    if writer.wants(node, version):
        lines = [nodes.document_lines(node, "article", values.get("title", "").strip() or number, writer)]
        lines.append(f"{node} <{SCHEMA}url> {rdf.iri(f'{SITE}/article/id/{slug(number)}')} .\n")
        if teaser := values.get("teaser", "").strip():
            lines.append(f"{node} <{DCTERMS}description> {writer.prose(teaser)} .\n")
        if changed := writer.optional(cells.day, values, "contentUpdateDate"):
            lines.append(f"{node} <{DCTERMS}modified> {rdf.date_literal(changed)} .\n")
        writer.share(node, version, "".join(lines))
    projects = _several(values.get("projects"))
    for project in projects:
        writer.lines.append(f"{node} <{SCHEMA}about> {nodes.project_of(project, '', writer)} .\n")
    return "--".join([number, *projects])


# --- the tables -----------------------------------------------------------------------------------------------------------------

_OF_DOCUMENTS = {
    "id": "IRI of the document",
    "title": "skos:prefLabel",
    "projectID": "sg:resultOf",
    "projectAcronym": "skos:prefLabel of the project, where no table of projects gives it",
    "contentUpdateDate": "dcterms:modified",
    "rcn": "dcterms:identifier",
}
_OF_ORGANISATIONS = {
    "organisationID": "IRI of the organisation; sg:pic where it has nine digits",
    "vatNumber": "schema:vatID",
    "name": "skos:prefLabel of the organisation",
    "shortName": "sg:acronym",
    "SME": "skos:note",
    "activityType": "org:classification",
    "city": "sg:city",
    "country": "sg:country of organisation and city",
    "nutsCode": "sg:nuts of the organisation; of the city where it has five characters",
    "geolocation": "geo:lat, geo:long of the city, as its first row gives them",
    "organizationURL": "schema:url",
    "contentUpdateDate": "the newest description of an organisation holds",
}
_ADDRESSES = {"street": "an address is not modelled", "postCode": "an address is not modelled"}
_CONTACTS = dict.fromkeys(
    [
        "contactForm",
        "contactType",
        "contactTitle",
        "contactFirstNames",
        "contactLastNames",
        "contactFunction",
        "contactTelephoneNumber",
        "contactFaxNumber",
    ],
    "contacts are personal data",
)
_ORGANISATION_ALIASES = {
    "new_org_id": "organisationID",
    "organizationid": "organisationID",
    "region_level_nuts_3": "nutsCode",
    "legalname": "name",
}


def _needs(*columns: str) -> frozenset[str]:
    return frozenset(columns)


TABLES: tuple[Table, ...] = (
    Table(
        "project",
        _needs("id", "acronym", "startDate"),
        {
            "id": "IRI of the project; sg:grantNumber",
            "acronym": "sg:acronym, skos:prefLabel",
            "title": "dcterms:title; skos:prefLabel where there is no acronym",
            "objective": "dcterms:description",
            "startDate": "sg:start",
            "endDate": "sg:end",
            "totalCost": "sg:totalCost",
            "ecMaxContribution": "sg:fundingAmount",
            "legalBasis": "sg:programme",
            "frameworkProgramme": "dcterms:isPartOf of the programme",
            "topics": "sg:fundedUnder",
            "masterCall": "dcterms:isPartOf of the topic; sg:fundedUnder where there is no topic",
            "subCall": "as masterCall",
            "fundingScheme": "dcterms:type",
            "status": "skos:note",
            "ecSignatureDate": "dcterms:dateAccepted",
            "contentUpdateDate": "dcterms:modified; the newest description of a project holds",
            "rcn": "dcterms:identifier",
            "grantDoi": "dcterms:identifier; the number of the project where id contradicts it",
            "keywords": "schema:keywords",
            "projectUrl": "schema:url",
            "subjects": "sg:field (subject index codes)",
            "coordinator": "sg:coordinator and a participation; the organisation goes by its name",
            "coordinatorCountry": "sg:country of the coordinator",
            "participants": "a participation each; the organisations go by their names",
        },
        _project,
        {
            "nature": "empty in all editions seen",
            "participantCountries": "the countries are not in the order of the participants",
            "numOrg": "a count made by others",
            "totalContrib": "a sum made by others",
        },
        {"reference": "id", "programme": "legalBasis", "call": "masterCall", "projecturl": "projectUrl"},
    ),
    Table(
        "organization",
        _needs("projectID", "name", "country"),
        {
            "projectID": "sg:inContext",
            "projectAcronym": "skos:prefLabel of the project, where no table of projects gives it",
            **_OF_ORGANISATIONS,
            "order": "IRI of the participation",
            "role": "sg:participantRole; sg:coordinator of the project",
            "ecContribution": "sg:euContribution",
            "netEcContribution": "sg:netEuContribution",
            "totalCost": "sg:totalCost of the participation",
            "endOfParticipation": "skos:note",
        },
        _organization,
        {
            **_ADDRESSES,
            **_CONTACTS,
            "rcn": "a number of the row in CORDIS, of no use outside",
            "active": "empty in all editions seen",
            "projectRcn": "the project goes by its id",
            "provincia": "the NUTS code says it",
        },
        {
            **_ORGANISATION_ALIASES,
            "id": "organisationID",
            "projectid_inferred": "projectID",
            "acronym_inferred": "projectAcronym",
        },
    ),
    Table(
        "organisation-list",
        _needs("organisationID", "name", "country"),
        _OF_ORGANISATIONS,
        _organisation_list,
        {**_ADDRESSES, "provincia": "the NUTS code says it"},
        _ORGANISATION_ALIASES,
    ),
    Table(
        "participation-list",
        _needs("projectRcn", "organisationID"),
        {"projectRcn": "sg:inContext: a project that goes by its record number", "organisationID": "sg:participant"},
        _edge,
        aliases=_ORGANISATION_ALIASES,
    ),
    Table(
        "topics",
        _needs("projectID", "topic"),
        {"projectID": "IRI of the project", "topic": "sg:fundedUnder; skos:notation of the topic", "title": "skos:prefLabel of the topic"},
        _topic,
    ),
    Table(
        "legalBasis",
        _needs("projectID", "legalBasis"),
        {
            "projectID": "IRI of the project",
            "legalBasis": "sg:programme; skos:notation of the programme",
            "title": "skos:prefLabel of the programme",
        },
        _legal_basis,
        {"uniqueProgrammePart": "whether the project has one programme can be counted"},
    ),
    Table(
        "euroSciVoc",
        _needs("projectID", "euroSciVocCode"),
        {
            "projectID": "IRI of the project",
            "euroSciVocCode": "sg:field; skos:notation and skos:broader of the field",
            "euroSciVocPath": "skos:prefLabel of the field and of those above it",
            "euroSciVocTitle": "skos:prefLabel of the field, where the path does not fit the code",
            "euroSciVocDescription": "skos:definition",
        },
        _euroscivoc,
    ),
    Table(
        "deliverables",
        _needs("id", "projectID", "deliverableType"),
        {**_OF_DOCUMENTS, "description": "dcterms:description", "url": "schema:url", "deliverableType": "skos:note"},
        _deliverable,
        {"collection": "says the same in every row"},
    ),
    Table(
        "publications",
        _needs("id", "projectID", "isPublishedAs"),
        {
            **_OF_DOCUMENTS,
            "isPublishedAs": "dcterms:type, skos:note",
            "authors": "dc:creator, as printed",
            "publisher": "sg:publisherName",
            "journalTitle": "dcterms:bibliographicCitation",
            "journalNumber": "dcterms:bibliographicCitation",
            "publishedPages": "dcterms:bibliographicCitation",
            "publishedYear": "dcterms:issued",
            "issn": "bibo:issn",
            "isbn": "bibo:isbn",
            "doi": "bibo:doi",
        },
        _publication,
        {"collection": "says the same in every row"},
    ),
    Table(
        "reportSummaries",
        _needs("id", "projectID", "attachment"),
        {**_OF_DOCUMENTS, "attachment": "schema:image"},
        _report,
    ),
    Table(
        "webLink",
        _needs("projectID", "physUrl"),
        {
            "projectID": "sg:resultOf",
            "physUrl": "schema:url",
            "id": "IRI of the document",
            "type": "skos:prefLabel, dcterms:type",
            "represents": "skos:prefLabel",
        },
        _web_link,
        {
            "availableLanguages": "the languages of the record, not of the page",
            "status": "empty in all editions seen",
            "archivedDate": "empty in all editions seen",
            "source": "who in the Commission entered it",
        },
    ),
    Table(
        "webItem",
        _needs("uri", "represents"),
        {"uri": "schema:image or schema:subjectOf of the project whose number the path has", "type": "which of the two"},
        _web_item,
        {
            "language": "the language of the record",
            "availableLanguages": "the languages of the record",
            "title": "empty for nearly all",
            "source": "who in the Commission entered it",
            "represents": "says the same as type",
        },
    ),
    Table(
        "programme",
        _needs("code", "title", "shortTitle", "language"),
        {
            "code": "IRI of the programme; skos:notation",
            "language": "language of the texts",
            "title": "skos:prefLabel",
            "shortTitle": "skos:altLabel",
            "objective": "dcterms:description",
            "frameworkProgramme": "dcterms:isPartOf, where there is no parentProgramme",
            "parentProgramme": "dcterms:isPartOf",
            "contentUpdateDate": "the newest description of a programme holds",
        },
        _programme,
        {
            "id": "the same as code",
            "rcn": "a number of the record in CORDIS",
            **dict.fromkeys(["startDate", "endDate", "keywords", "legalBasis", "call"], "empty in all editions seen"),
        },
    ),
    Table(
        "topic-reference",
        _needs("topicCode", "title"),
        {"topicCode": "IRI of the topic; skos:notation", "title": "skos:prefLabel", "legalBasisCode": "sg:programme of the topic"},
        _topic_reference,
        {"topicRcn": "a number of the record in CORDIS", "legalBasisRcn": "a number of the record in CORDIS"},
    ),
    Table(
        "countries",
        _needs("euCode", "isoCode", "name", "language"),
        {"isoCode": "the country", "name": "skos:altLabel of the country", "language": "language of the name"},
        _country,
        {"euCode": "our list has the codes of ISO 3166-1; EL and UK are understood everywhere"},
    ),
    Table(
        "lists",
        _needs("code", "title", "description", "language"),
        {
            "code": "IRI of the concept; skos:notation",
            "title": "skos:prefLabel",
            "description": "skos:definition",
            "language": "language of the texts",
        },
        _listed,
    ),
    Table(
        "article",
        _needs("id", "teaser", "projects"),
        {
            "id": "IRI of the document; schema:url",
            "title": "skos:prefLabel",
            "teaser": "dcterms:description",
            "projects": "schema:about",
            "contentUpdateDate": "dcterms:modified",
        },
        _article,
    ),
)
"""Every table, the more particular ones first."""

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}


def known_as(columns: Any) -> tuple[Table, dict[str, str]] | None:
    """The table that has such columns, and column of the file -> column of the table where the two differ; None if there is none.

    Capital letters do not count: the old editions write ``Code`` and ``RCN``.
    """
    for table in TABLES:
        own = {column.lower(): column for column in (*table.columns, *table.left_out)}
        names = {column: table.aliases.get(column.lower()) or own.get(column.lower()) or column for column in columns}
        if table.needs <= set(names.values()) and len(set(names.values())) == len(names):
            return table, {column: name for column, name in names.items() if column != name}
    return None
