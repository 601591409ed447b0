"""Records of the XML edition of CORDIS as rows of its tables.

An element holds what the other editions spread over several tables, so it gives several rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Row = tuple[str, dict[str, str], str]
"""The name of a table, the cells, and the piece of XML that they were read from."""

_LINKS = "relations/associations"
_CLASSES = "relations/categories/category"


def rows(element: Element) -> Iterator[Row]:
    """The rows that a record gives, its own first.

    Args:
        element: one of `ELEMENTS`, without namespaces.
    """
    yield from ELEMENTS[element.tag](element)


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _texts(element: Element, *names: str) -> dict[str, str]:
    return {name: _text(element, name) for name in names}


def _classes(element: Element, classification: str) -> list[Element]:
    return [one for one in element.iterfind(_CLASSES) if one.get("classification") == classification]


def _links(element: Element, tag: str, kind: str = "") -> list[Element]:
    return [one for one in element.iterfind(f"{_LINKS}/{tag}") if kind in ("", one.get("type"))]


def _piece(element: Element) -> str:
    return tostring(element, encoding="unicode").strip()


def _project(element: Element) -> Iterator[Row]:
    own = _texts(element, "id", "rcn", "acronym", "title", "objective", "keywords", "totalCost", "ecMaxContribution")
    own |= _texts(element, "startDate", "endDate", "ecSignatureDate", "status", "contentUpdateDate")
    own["grantDoi"] = _text(element, "identifiers/grantDoi")
    own["topics"] = ";".join(_text(one, "code") for one in _links(element, "programme", "relatedTopic"))
    own["legalBasis"] = ";".join(_text(one, "code") for one in _links(element, "programme", "relatedLegalBasis"))
    own["frameworkProgramme"] = next((_text(one, "frameworkProgramme") for one in _links(element, "programme")), "")
    own["masterCall"] = ";".join(_text(one, "identifier") for one in _links(element, "call", "relatedMasterCall"))
    own["subCall"] = ";".join(_text(one, "identifier") for one in _links(element, "call", "relatedSubCall"))
    own["fundingScheme"] = next((_text(one, "code").lstrip("/") for one in _classes(element, "projectFundingSchemeCategory")), "")
    yield "project", own, _piece(element)
    of_project = {"projectID": own["id"], "projectAcronym": own["acronym"]}
    for one in _links(element, "organization"):
        yield "organization", _organization(one) | of_project, _piece(one)
    for one in _links(element, "programme", "relatedTopic"):
        yield "topics", {"projectID": own["id"], "topic": _text(one, "code"), "title": _text(one, "title")}, _piece(one)
    for one in _links(element, "programme", "relatedLegalBasis"):
        yield "legalBasis", {"projectID": own["id"], "legalBasis": _text(one, "code"), "title": _text(one, "title")}, _piece(one)
    for one in _classes(element, "euroSciVoc"):
        cells = {"euroSciVocCode": _text(one, "code"), "euroSciVocPath": _text(one, "displayCode"), "euroSciVocTitle": _text(one, "title")}
        yield "euroSciVoc", cells | {"projectID": own["id"]}, _piece(one)
    for one in _links(element, "result"):
        yield from _result(one, of_project)
    for one in _links(element, "webLink"):
        yield "webLink", _web_link(one) | {"projectID": own["id"]}, _piece(one)
    for one in _links(element, "article"):
        yield from _article(one, own["id"])


def _organization(element: Element) -> dict[str, str]:
    cells = {
        "organisationID": _text(element, "id"),
        "name": _text(element, "legalName"),
        "vatNumber": _text(element, "vatNumber"),
        "shortName": _text(element, "shortName"),
        "city": _text(element, "address/city"),
        "country": _text(element, "address/country"),
        "geolocation": _text(element, "address/geolocation"),
        "organizationURL": _text(element, "address/url"),
        "activityType": next((_text(one, "code").rpartition("/")[2] for one in _classes(element, "organizationActivityType")), ""),
        "nutsCode": next(
            (_text(one, "nutsCode") for one in element.iterfind("relations/regions/region") if one.get("type") == "relatedNutsCode"), ""
        ),
        "role": element.get("type", ""),
        "SME": element.get("sme", ""),
        "endOfParticipation": element.get("terminated", ""),
    }
    return cells | {name: element.get(name, "") for name in ("order", "ecContribution", "netEcContribution", "totalCost")}


def _web_link(element: Element) -> dict[str, str]:
    cells = _texts(element, "id", "physUrl")
    return cells | {"type": element.get("type", ""), "represents": element.get("represents", "")}


def _result(element: Element, of_project: dict[str, str] | None = None) -> Iterator[Row]:
    """A result is a deliverable, a publication or a report, as its collection says."""
    if of_project is None:
        project = next(iter(_links(element, "project")), None)
        of_project = {} if project is None else {"projectID": _text(project, "id"), "projectAcronym": _text(project, "acronym")}
    cells = _texts(element, "id", "rcn", "title", "description", "contentUpdateDate") | of_project
    published = _classes(element, "projectPublication")
    delivered = _classes(element, "deliverableType")
    links = _links(element, "webLink")
    if published:
        details = ("authors", "journalTitle", "journalNumber", "publisher", "publishedYear", "publishedPages")
        cells |= {name: _text(element, f"details/{name}") for name in details}
        cells |= {name: _text(element, f"identifiers/{name}") for name in ("doi", "issn", "isbn")}
        yield "publications", cells | {"isPublishedAs": _text(published[0], "title")}, _piece(element)
    elif delivered or any(one.get("type") == "projectDeliverable" for one in links):
        cells["deliverableType"] = _text(delivered[0], "title") if delivered else ""
        cells["url"] = _text(links[0], "physUrl") if links else ""
        yield "deliverables", cells, _piece(element)
    else:
        cells["attachment"] = next((_text(one, "uri") for one in _links(element, "webItem")), "")
        cells["description"] = cells["description"] or _text(element, "teaser")
        yield "reportSummaries", cells, _piece(element)


def _programme(element: Element) -> Iterator[Row]:
    cells = _texts(element, "code", "title", "shortTitle", "objective", "language", "frameworkProgramme", "contentUpdateDate")
    cells["parentProgramme"] = _text(element, "parent/programme/code")
    yield "programme", cells, _piece(element)


def _article(element: Element, about: str = "") -> Iterator[Row]:
    projects = [_text(one, "id") for one in _links(element, "project")] or [about]
    cells = _texts(element, "id", "title", "teaser", "contentUpdateDate")
    yield "article", cells | {"projects": ";".join(filter(None, projects))}, _piece(element)


ELEMENTS: dict[str, Callable[[Element], Iterator[Row]]] = {
    "project": _project,
    "programme": _programme,
    "result": _result,
    "article": _article,
}
"""The elements that are records -> the rows that they give."""


_MAPPED: dict[str, frozenset[str]] = {
    "project": frozenset(
        [
            "id",
            "rcn",
            "acronym",
            "title",
            "objective",
            "keywords",
            "totalCost",
            "ecMaxContribution",
            "startDate",
            "endDate",
            "ecSignatureDate",
            "status",
            "contentUpdateDate",
            "identifiers",
            "organization",
            "programme",
            "call",
            "result",
            "webLink",
            "article",
            "euroSciVoc",
            "projectFundingSchemeCategory",
        ]
    ),
    "programme": frozenset(
        ["id", "code", "title", "shortTitle", "objective", "language", "frameworkProgramme", "contentUpdateDate", "parent"]
    ),
    "result": frozenset(
        [
            "id",
            "rcn",
            "title",
            "description",
            "teaser",
            "contentUpdateDate",
            "details",
            "identifiers",
            "project",
            "webLink",
            "webItem",
            "projectPublication",
            "deliverableType",
        ]
    ),
    "article": frozenset(["id", "title", "teaser", "contentUpdateDate", "project"]),
}
"""Record -> its elements, relations and classifications that are mapped."""


def unmapped(element: Element) -> list[str]:
    """The elements, relations and classifications of a record that give no cells."""
    names = [one.tag for one in element if one.tag != "relations"]
    names += [one.tag for one in element.iterfind(f"{_LINKS}/*")]
    names += [one.get("classification", "category") for one in element.iterfind(_CLASSES)]
    names += ["region" for _ in element.iterfind("relations/regions/region")]
    return sorted(set(names) - _MAPPED[element.tag])
