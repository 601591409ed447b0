"""Make ``europe.json`` anew: ``python -m seismic_graph.picture.outlines countries-50m.json``."""

import sys
from pathlib import Path

from seismic_graph.picture import outlines

outlines.main(Path(sys.argv[1]), Path(outlines.__file__).parent / outlines.FILE)
