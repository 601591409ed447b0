"""Pictures as SVG: the same for the command line, a notebook and the web."""
