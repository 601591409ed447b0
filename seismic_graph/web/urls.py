"""Addresses: where a view lies in this deployment, whatever its base, its language and whether it is served or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from seismic_graph.vocabulary import BASE, ID, VOCABULARY

LANGUAGES = ("en", "sv")
"""The languages of the pages; English has no prefix in its addresses."""


@dataclass(frozen=True, slots=True)
class Urls:
    """What makes the links of one page.

    Attributes:
        root: the base of the deployment as seen from the page: ``/``, ``/graph/``, or ``../../`` in a site of files.
        site: its absolute form, for citations and where a format asks for one.
        language: of the pages that are linked to.
        files: pages are files, so that each ends in ``.html`` and questions stay unanswered.
    """

    root: str = "/"
    site: str = "http://localhost/"
    language: str = "en"
    files: bool = False

    def to(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The address of what has no language: data, styles, pictures.

        >>> Urls(root="/kg/").to("id/city/stockholm.ttl")
        '/kg/id/city/stockholm.ttl'
        """
        return self.root + _relative(path, query)

    def page(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The address of a page.

        >>> Urls(language="sv").page("trace", {"from": "nanet-se"})
        '/sv/trace?from=nanet-se'
        """
        return self.root + _relative(self.file(path), query)

    def file(self, path: str) -> str:
        """The path of a page below the base; the same for a server and for a site of files, but for the ending."""
        name = f"{path}.html" if path and (self.files or path.startswith(("id/", "vocabulary/"))) else path
        if self.files and not path:
            name = "index.html"
        return name if self.language == LANGUAGES[0] else f"{self.language}/{name}"

    @property
    def sparql(self) -> str:
        """The page of the SPARQL endpoint."""
        return self.page("sparql")

    def thing(self, iri: str) -> str:
        """The page of an entity or concept of ours; any other IRI is its own address.

        >>> Urls().thing("https://w3id.org/seismic-graph/ontology#Claim")
        '/ontology#Claim'
        """
        if iri.startswith((ID, VOCABULARY)):
            return self.page(iri.removeprefix(BASE))
        if iri.startswith(f"{BASE}ontology#"):
            return f"{self.page('ontology')}#{iri.rpartition('#')[2]}"
        return iri

    def absolute(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The whole address of what `to` gives."""
        return self.site + _relative(path, query)

    def absolute_page(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The whole address of what `page` gives."""
        return self.site + _relative(self.file(path), query)

    def speaking(self, language: str) -> Urls:
        """The same deployment in another language."""
        return replace(self, language=language)


def _relative(path: str, query: Mapping[str, object] | None) -> str:
    pairs = {name: value for name, value in (query or {}).items() if value not in (None, "", [], ())}
    return quote(path, safe="/.-_~:@!$&'()*+,;=") + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")
