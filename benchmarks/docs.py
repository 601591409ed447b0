"""The section of ``docs/benchmarks.md`` that holds the last results with their pictures: ``python -m benchmarks.docs``.

It is written anew, and so are the pages, from what the JSON files in ``results/`` say, without measuring.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.pictures import picture
from benchmarks.report import markdown, provenance, unmet, write
from benchmarks.saved import RESULTS, Saved, read_all
from seismic_graph.errors import SeismicError
from seismic_graph.files import write_whole

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "benchmarks.md"
PICTURES = DOCS / "pictures"
BEGIN, END = "<!-- results: written by python -m benchmarks.docs -->", "<!-- end of results -->"


def section(results: Sequence[Saved]) -> str:
    """The last results, of each area the largest, with its picture; the others as links."""
    parts = []
    for area, group in groupby(results, lambda saved: saved.area):
        *smaller, last = group
        table = last.table
        parts += [f"### {table.title}\n", f"![{area}: ours beside the others](pictures/{_file(last)})\n", markdown(table)]
        if said := unmet(table):
            parts.append("Not reached: " + "; ".join(said) + ".\n")
        links = "".join(f" [{one.table.area}](../benchmarks/results/{one.table.area}.md)" for one in smaller)
        parts.append(f"{provenance(last.run)} Smaller:{links}.\n" if links else f"{provenance(last.run)}\n")
    return "\n".join(parts)


def _file(saved: Saved) -> str:
    return f"benchmarks-{saved.area}.svg"


def filled(text: str, results: Sequence[Saved]) -> str:
    """A page with its section of results written anew.

    Raises:
        SeismicError: the page has no place for it.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SeismicError(f"{PAGE} has no place for the results: put {BEGIN} and {END} on lines of their own where they belong.")
    return f"{before}{BEGIN}\n\n{section(results)}\n{END}{after}"


def pictures(results: Sequence[Saved]) -> dict[str, str]:
    """Name of the file of each picture that the section shows -> the picture."""
    return {_file(last): picture(last.table) for last in {saved.area: saved for saved in results}.values()}


def write_docs(folder: Path = RESULTS) -> None:
    """Write the section, its pictures and the page of each result of a folder; pictures of areas that are gone are deleted."""
    results = read_all(folder)
    for saved in results:
        write(saved, folder)
    drawn = pictures(results)
    PICTURES.mkdir(exist_ok=True)
    for file, text in drawn.items():
        write_whole(PICTURES / file, text.encode())
    for file in PICTURES.glob("benchmarks-*.svg"):
        if file.name not in drawn:
            file.unlink()
    write_whole(PAGE, filled(PAGE.read_text(encoding="utf-8"), results).encode())


if __name__ == "__main__":
    write_docs()
