"""seismic-graph: how did knowledge move? Build, check, query, trace and publish the answer with its evidence.

>>> import seismic_graph as sg
>>> sg.__version__
'0.1.0'

`open` gives the graph: ``sg.open().trace("nanet-se", "sria-2015")``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seismic_graph.graph import Graph
    from seismic_graph.settings import Settings

__all__ = ["Graph", "Settings", "__version__", "open"]


def open(store: str | Iterable[str] | None = None, *, settings: Settings | None = None, fresh: bool = False) -> Graph:
    """The graph in use: the snapshot on disk (built once from the shipped dossier where there is none), or endpoints.

    Args:
        store: the address of a SPARQL 1.1 endpoint, or of several over which one graph is spread; None for the snapshot on disk.
        settings: other folders than the usual ones.
        fresh: read endpoints anew, whatever was kept of them.

    Raises:
        SeismicError: the dossier could not be built, or the endpoint cannot be used.
    """
    from seismic_graph.graph import Graph

    return Graph.open(store, settings=settings, fresh=fresh)


def __getattr__(name: str) -> object:
    if name == "Graph":
        from seismic_graph.graph import Graph

        return Graph
    if name == "Settings":
        from seismic_graph.settings import Settings

        return Settings
    raise AttributeError(name)
