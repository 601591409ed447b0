"""Graphs behind SPARQL endpoints, one or several at once.

`endpoint` asks one of them. `frontier` fetches what of its flows one trace needs. `state` tells whether it changed, and `copied` keeps on
this machine what was read of it, in `pages`. `several` answers from the copies of several as from one; `patterns` tells what a query needs.
`network` chooses between all of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seismic_graph.remote.endpoint import AGENT, RemoteStore

__all__ = ["AGENT", "RemoteStore"]


def __getattr__(name: str) -> Any:
    """What speaks HTTP is imported when it is asked for."""
    if name in __all__:
        from seismic_graph.remote import endpoint

        return getattr(endpoint, name)
    raise AttributeError(name)
