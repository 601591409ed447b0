"""FAIR Signposting (https://signposting.org/FAIR/): what an answer is, where its other forms are, how to cite it, as a Link header."""

from __future__ import annotations

from seismic_graph.catalogue import DATASET, LICENCE
from seismic_graph.web.urls import Urls
from seismic_graph.web.view import RDF_SUFFIXES, media_type
from seismic_graph.web.views import Answer

_ABOUT_PAGE = "https://schema.org/AboutPage"


def links(answer: Answer, urls: Urls, query: str) -> str:
    """The value of the Link header (RFC 8288) of one form of a view.

    ``cite-as`` is the identifier of the thing (RFC 8574), ``describedby`` its descriptions, ``describes`` the way back from them,
    ``alternate`` the other forms, ``collection`` the dataset, ``type`` and ``license`` what the answer is and may be used for.
    """
    asked = f"?{query}" if query else ""
    stem = answer.path or "index"
    parts = [f'<{LICENCE}>; rel="license"']
    if answer.about:
        parts.append(f'<{answer.about}>; rel="cite-as"')
    if answer.about and answer.about != DATASET:
        parts.append(f'<{DATASET}>; rel="collection"')
    if answer.suffix == "html":
        parts.append(f'<{_ABOUT_PAGE}>; rel="type"')
    elif answer.about:
        parts.append(f'<{answer.about}>; rel="describes"')
    for suffix in answer.suffixes:
        if suffix == answer.suffix or suffix.count("."):
            continue
        describes = answer.about and answer.suffix == "html" and suffix in RDF_SUFFIXES
        address = urls.page(answer.path) + asked if suffix == "html" else urls.to(f"{stem}.{suffix}") + asked
        kind = media_type(suffix).partition(";")[0]
        parts.append(f'<{address}>; rel="{"describedby" if describes else "alternate"}"; type="{kind}"')
    return ", ".join(parts)
