"""Addresses: where a view lies in this deployment, whatever its base, its language and whether it is served or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from seismic_graph.errors import UsageError
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
        files: pages are files, so that each ends in ``.html``.
        prepared: the questions that have files of their own; see `question`.
    """

    root: str = "/"
    site: str = "http://localhost/"
    language: str = "en"
    files: bool = False
    prepared: frozenset[str] = frozenset()

    def to(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The address of what has no language: data, styles, pictures.

        >>> Urls(root="/kg/").to("id/city/stockholm.ttl")
        '/kg/id/city/stockholm.ttl'
        """
        return self.root + self._placed(path, query)

    def page(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The address of a page.

        >>> Urls(language="sv").page("trace", {"from": "nanet-se"})
        '/sv/trace?from=nanet-se'
        """
        return self.root + self._placed(path, query, page=True)

    def answers(self, path: str, query: Mapping[str, object]) -> bool:
        """Whether a question has a page: on a server always, in a site of files where it was prepared."""
        return not self.files or question(path, query) in self.prepared

    def _placed(self, path: str, query: Mapping[str, object] | None, *, page: bool = False) -> str:
        if self.files and query:
            stem, dot, suffix = path.partition(".")
            if (prepared := question(stem, query)) in self.prepared:
                path, query = f"{prepared}{dot}{suffix}", None
        return _relative(self.file(path) if page else path, query)

    def file(self, path: str) -> str:
        """The path of a page below the base; the same for a server and for a site of files, but for the ending."""
        name = f"{path}.html" if path and (self.files or path.startswith(("id/", "vocabulary/"))) else path
        if self.files and not path:
            name = "index.html"
        return name if self.language == LANGUAGES[0] else f"{self.language}/{name}"

    def suggest(self, type: str = "") -> str:
        """What names things while somebody types; empty in a site of files, whose script has an index."""
        return "" if self.files else self.to("reconcile/suggest/entity", {"type": type})

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
        return self.site + self._placed(path, query)

    def absolute_page(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """The whole address of what `page` gives."""
        return self.site + self._placed(path, query, page=True)

    def speaking(self, language: str) -> Urls:
        """The same deployment in another language."""
        return replace(self, language=language)


def below(base: str) -> str:
    """A public address as everything lies below it: with a slash at the end.

    Raises:
        UsageError: it is none.
    """
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(f"{base!r} is not an address that pages can lie below; write it as in https://example.org/kg/")
    return base.rstrip("/") + "/"


def question(path: str, query: Mapping[str, object]) -> str:
    """The path of the file that answers a question, without its ending: the values in their order, things by their slugs.

    >>> question("trace", {"from": "network/nanet-se", "to": "sria-2015"})
    'trace/nanet-se/sria-2015'
    """
    return "/".join([path, *(str(value).rpartition("/")[2] for value in _given(query).values())])


def _given(query: Mapping[str, object] | None) -> dict[str, object]:
    return {name: value for name, value in (query or {}).items() if value not in (None, "", [], ())}


def _relative(path: str, query: Mapping[str, object] | None) -> str:
    pairs = _given(query)
    return quote(path, safe="/.-_~:@!$&'()*+,;=") + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")
