"""NUTS: the statistical regions of the European Union, from the attribute tables of GISCO (``NUTS_AT_2021.csv``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from seismic_graph import rdf
from seismic_graph.sources.inputs import Input, unreadable
from seismic_graph.sources.reading import Outcome, Scope, Unfit
from seismic_graph.sources.records import Malformed, read_csv
from seismic_graph.sources.writing import BARE, NAMED, Writer, required
from seismic_graph.vocabulary import DCTERMS, ID, SG, SKOS

_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_MAPPED = frozenset(["CNTR_CODE", "NUTS_ID", "NAME_LATN", "NUTS_NAME"])


def read(inputs: Iterable[Input], scope: Scope) -> Iterator[Outcome]:
    """What becomes of each region; a region of one edition of NUTS is another node than that of the next edition.

    Raises:
        DataError: a file is broken, lacks the columns of NUTS, or its name does not tell the year of the edition.
    """
    writer = Writer("region", scope)
    for found in inputs:
        name = found.plain_name.rpartition("/")[2]
        if not name.lower().endswith(".csv"):
            scope.note(f"file {found.name} was left out: the tables of NUTS are CSV")
            continue
        if not (year := _YEAR.search(name)):
            raise unreadable(found.name, "the name does not tell the year of the edition.", "Call it NUTS_AT_2021.csv or the like.")
        rows = read_csv(found)
        first = next(rows, None)
        if first is None:
            continue
        columns = first.columns if isinstance(first, Malformed) else tuple(first.values)
        if missing := {"CNTR_CODE", "NUTS_ID", "NUTS_NAME"} - set(columns):
            raise unreadable(found.name, f"has no column {', '.join(sorted(missing))}.", "Give an attribute table of NUTS.", row=1)
        for column in columns:
            if column not in _MAPPED:
                scope.note(f"region: column {column} is not mapped")
        yield from writer.outcomes(chain([first], rows), _region(year[1]))


def _region(year: str) -> Callable[[Mapping[str, str], Writer], str]:
    def write(values: Mapping[str, str], writer: Writer) -> str:
        code = required(values, "NUTS_ID").upper()
        if not _CODE.fullmatch(code):
            raise Unfit("NUTS_ID", f"{code!r} is no NUTS code.")
        country = writer.scope.country(required(values, "CNTR_CODE"), column="CNTR_CODE")
        own = required(values, "NUTS_NAME")
        name = values.get("NAME_LATN", "").strip() or own
        more = f"{_node(year, code)} <{SKOS}altLabel> {writer.text(own)} .\n" if own != name else ""
        _describe(year, code, name, country, NAMED, more, writer)
        return f"{year}-{code}"

    return write


def _node(year: str, code: str) -> str:
    return f"<{ID}region/nuts-{year}-{code.lower()}>"


def _describe(year: str, code: str, name: str, country: str, version: str, more: str, writer: Writer) -> None:
    """Describe a region and, by its code, those above it."""
    node = _node(year, code)
    if not writer.wants(node, version):
        return
    lines = [
        writer.described(node, SG.Region, name),
        f"{node} <{SG.nuts}> {rdf.literal(code)} .\n{node} <{SKOS}notation> {rdf.literal(code)} .\n{node} <{SG.country}> {country} .\n",
        more,
    ]
    if len(code) > 2:
        lines.append(f"{node} <{DCTERMS}isPartOf> {_node(year, code[:-1])} .\n")
        _describe(year, code[:-1], code[:-1], country, BARE, "", writer)
    writer.share(node, version, "".join(lines))
