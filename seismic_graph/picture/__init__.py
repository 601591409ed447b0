"""Pictures as SVG: the same for the command line, a notebook and the web.

Values in, text out: no function here knows a store, a file or a browser. Colour means direction, the style of a line means basis, a
shape means what a thing is; every edge opens the source that it rests on, and every picture says in words what it shows.
"""

from seismic_graph.picture.export import plain, to_html, to_png
from seismic_graph.picture.flows import flow_diagram
from seismic_graph.picture.heat import Count, heat_map
from seismic_graph.picture.map import map_picture
from seismic_graph.picture.marks import Said, evidence
from seismic_graph.picture.network import network_diagram
from seismic_graph.picture.paths import path_diagram
from seismic_graph.picture.svg import Look, stylesheet
from seismic_graph.picture.timeline import timeline

__all__ = [
    "Count",
    "Look",
    "Said",
    "evidence",
    "flow_diagram",
    "heat_map",
    "map_picture",
    "network_diagram",
    "path_diagram",
    "plain",
    "stylesheet",
    "timeline",
    "to_html",
    "to_png",
]
