"""Graphs behind SPARQL endpoints, one or several at once.

`endpoint` asks one of them. `frontier` fetches what of its flows one trace needs. `state` tells whether it changed, `copied` keeps on this
machine what was read of it, `several` answers from the copies of several as from one, and `network` chooses between all of these.
"""

from seismic_graph.remote.endpoint import AGENT, RemoteStore

__all__ = ["AGENT", "RemoteStore"]
