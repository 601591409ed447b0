"""The flows of a graph in columns: written once when it is built, mapped into memory when it is searched.

`table` is the file, `record` what is in it, `network` the search in it. numpy is imported where it is needed and nowhere else: a small
graph is read without it.
"""

from seismic_graph.columns.network import ColumnNetwork, fit, network
from seismic_graph.columns.record import FILE, Columns, beside, written

__all__ = ["FILE", "ColumnNetwork", "Columns", "beside", "fit", "network", "written"]
