"""What a check reads, and which focus nodes a changed triple can matter to.

A result is there because some triples of the graph match the patterns of the check. When such triples change, those patterns lead back
to the focus node. The patterns are put in an order, the ones next to the focus node first. Of the changed triples of one match take
the first in this order: all before it are as they were, so the changed graph still has them, and they lead from it to the focus node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from seismic_graph.store import Store, Term, select
from seismic_graph.validate.groups import Triple, parsed
from seismic_graph.validate.patterns import either
from seismic_graph.validate.selects import Select
from seismic_graph.vocabulary import RDF

THIS = "?this"
_IRI = re.compile(r"<([^<>]*)>|((?:[A-Za-z][\w-]*)?):((?:[\w:%-]|\.(?=[\w:%-]))*)|\ba\b")
_PREFIX = re.compile(r"PREFIX (\S*): <([^>]*)>")


@dataclass(frozen=True, slots=True)
class Way:
    """From a changed triple to the focus nodes.

    Attributes:
        triple: the pattern that the triple matches.
        object: the text of the IRI that its object must be; empty where it may be anything.
        back: the patterns that lead from it to the focus node; empty where it names the node itself. None where nothing does.
        prefixes: PREFIX lines for them.
    """

    triple: Triple
    object: str
    back: str | None
    prefixes: str

    def focus(self, store: Store, changed: Iterable[ox.Triple], most: int) -> set[Term] | None:
        """The focus nodes that some changed triples can matter to; None where they are more than `most`, or cannot be told."""
        if self.back is None:
            return None
        names = {"subject": self.triple.subject, "predicate": self.triple.verb, "object": self.triple.object}
        found: set[Term] = set()
        rows: set[str] = set()
        variables = sorted({name for name in names.values() if name.startswith("?")})
        for one in changed:
            if self.object and getattr(one.object, "value", None) != self.object:
                continue
            bound = {name: getattr(one, place) for place, name in names.items()}
            if THIS in bound:
                found.add(bound[THIS])
            elif any(isinstance(bound[name], ox.BlankNode | ox.Triple) for name in variables):
                return None
            else:
                rows.add(f"({' '.join(str(bound[name]) for name in variables)})")
        if rows:
            if len(rows) > most:
                return None
            values = f"VALUES ({' '.join(variables)}) {{ {' '.join(sorted(rows))} }}"
            text = f"{self.prefixes}SELECT DISTINCT ?this WHERE {{ {values} {self.back} }} LIMIT {most + 1}"
            found |= {row[0] for row in select(store, text) if row[0] is not None}
        return found if len(found) <= most and not any(isinstance(node, ox.BlankNode) for node in found) else None


def ways(asked: Select) -> dict[str | None, list[Way]] | None:
    """Predicate -> the ways from its triples to the focus nodes of a check; the predicate None stands for any.

    None where the check is written in a way that is not read here.
    """
    prefixes = dict(_PREFIX.findall(asked.prefixes))
    found: dict[str | None, list[Way]] = {}
    try:
        for triple, held in parsed(f"{either(asked.targets)} {asked.pattern}").asked():
            before = _before(triple, held)
            leads = not triple.is_path and THIS in triple.variables.union(*(one.variables for one in before))
            back = " ".join(map(str, before)) if leads else None
            of = "".join(_iris(triple.object, prefixes)) if triple.object[0] not in "?\"'" else ""
            anything = triple.verb.startswith("?") or "!" in triple.verb
            for predicate in [None] if anything else set(_iris(triple.verb, prefixes)):
                found.setdefault(predicate, []).append(Way(triple, of, back, asked.prefixes))
    except (ValueError, LookupError):
        return None
    return found


def _iris(text: str, prefixes: dict[str, str]) -> list[str]:
    """The IRIs in a verb or term."""
    return [match[1] or (RDF + "type" if match[0] == "a" else prefixes[match[2]] + match[3]) for match in _IRI.finditer(text)]


def _before(triple: Triple, held: Iterable[Triple]) -> list[Triple]:
    """The patterns that come before one in the order: always the first that is joined with the focus node or with those before it."""
    waiting, reached, ordered = list(held), {THIS}, list[Triple]()
    while (near := next((one for one in waiting if one.variables & reached), triple)) != triple:
        ordered.append(near)
        waiting.remove(near)
        reached |= near.variables
    return ordered
