"""The constraint components of SHACL 1.0 (section 4) as SPARQL: one function each, in the order of the recommendation.

Those that judge each value node give a condition that holds where the node is wrong. Those that judge a focus node with all its
values give the rows that are wrong. No condition fails with an error: an error would count as a node without fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

import pyoxigraph as ox

from seismic_graph.rdf import literal
from seismic_graph.validate.lexical import has_datatype
from seismic_graph.validate.literals import INTEGERS
from seismic_graph.validate.patterns import instance
from seismic_graph.validate.terms import Uncovered, in_sparql
from seismic_graph.vocabulary import SH, XSD

if TYPE_CHECKING:
    import rdflib

NUMBERS = {*INTEGERS, "decimal", "double", "float"}
_MOST = 5
"""So many values are told apart one by one inside a condition, where SPARQL cannot count."""


class Context(Protocol):
    """What a component may ask of the compiler."""

    graph: rdflib.Graph

    def fails(self, shape: Any, node: str) -> str:
        """A condition that holds where a node does not conform to a shape."""
        ...

    def reach(self, shape: Any, node: str, value: str) -> str:
        """The pattern from a focus node to its value nodes; empty for a node shape, whose value node is the focus node."""
        ...

    def fresh(self) -> str:
        """A variable that is not used yet."""
        ...

    def narrower(self, of: str) -> set[str]:
        """A class and all that are narrower."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """What is wrong with a focus node and all its values; one of the first three is given.

    Attributes:
        found: a pattern; each of its matches is a result.
        missing: a pattern; there is a result where it has no match.
        test: a condition on the focus node; there is a result where it holds.
        select: what a result tells.
        group: GROUP BY and HAVING.
        once: a pattern; where each ``?this`` matches it once, nothing is wrong.
    """

    found: str = ""
    missing: str = ""
    test: str = ""
    select: str = "?this"
    group: str = ""
    once: str = ""


OfValues = Callable[[Context, Any, Any, str], str]
"""(compiler, shape, parameter, value node) -> the condition that holds where the value node is wrong."""
OfFocus = Callable[[Context, Any, Any, str, str, bool], Sequence[Rows]]
"""(compiler, shape, parameter, focus node, value node, inside of a condition) -> what is wrong with the focus node."""
OF_VALUES: dict[str, tuple[str, OfValues]] = {}
OF_FOCUS: dict[str, tuple[str, OfFocus]] = {}
"""Parameter -> the IRI of its component, and the function."""


def _of_values(name: str) -> Callable[[OfValues], OfValues]:
    def register(function: OfValues) -> OfValues:
        OF_VALUES[name] = (component(name), function)
        return function

    return register


def _of_focus(name: str) -> Callable[[OfFocus], OfFocus]:
    def register(function: OfFocus) -> OfFocus:
        OF_FOCUS[name] = (component(name), function)
        return function

    return register


def component(parameter: str) -> str:
    """The IRI of the component that has a parameter; see `_of_values`."""
    name = {"qualifiedMinCount": "QualifiedMinCount", "qualifiedMaxCount": "QualifiedMaxCount"}.get(parameter)
    return f"{SH}{name or parameter[0].upper() + parameter[1:]}ConstraintComponent"


# --- 4.1 value types ------------------------------------------------------------------------------------------------


@_of_values("class")
def _class(c: Context, shape: Any, of: Any, node: str) -> str:
    """4.1.1: an instance of the class or of a narrower one."""
    return f"NOT EXISTS {{ {instance(node, c.narrower(str(of)))} }}"


@_of_values("datatype")
def _datatype(c: Context, shape: Any, datatype: Any, node: str) -> str:
    """4.1.2: a literal with the datatype, and of a lexical form that it has."""
    return f"!{has_datatype(node, str(datatype))}"


@_of_values("nodeKind")
def _node_kind(c: Context, shape: Any, kind: Any, node: str) -> str:
    """4.1.3: an IRI, a blank node, a literal, or one of two of them."""
    parts = str(kind).removeprefix(SH).split("Or")
    tests = {"IRI": "isIRI", "BlankNode": "isBlank", "Literal": "isLiteral"}
    if not set(parts) <= set(tests):
        raise Uncovered(f"sh:nodeKind does not know {kind}")
    return f"!({' || '.join(f'{tests[part]}({node})' for part in parts)})"


# --- 4.2 how many ---------------------------------------------------------------------------------------------------


@_of_focus("minCount")
def _min_count(c: Context, shape: Any, least: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.2.1: no fewer values than that."""
    return at_least(c, shape, _number(least), this, value, inside)


@_of_focus("maxCount")
def _max_count(c: Context, shape: Any, most: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.2.2: no more values than that."""
    return at_most(c, shape, _number(most), this, value, inside)


def at_least(c: Context, shape: Any, least: int, this: str, value: str, inside: bool, among: str = "") -> Sequence[Rows]:
    """Too few values; `among` is a pattern about the value that narrows down which of them count."""
    reach = f"{c.reach(shape, this, value)} {among}"
    if least <= 0:
        return []
    if least == 1:
        return [Rows(missing=reach)]
    if inside:
        return [Rows(missing=_so_many(c, shape, least, this, value, among))]
    return [Rows(found=f"OPTIONAL {{ {reach} }}", group=f"GROUP BY ?this HAVING(COUNT(DISTINCT {value}) < {least})")]


def at_most(c: Context, shape: Any, most: int, this: str, value: str, inside: bool, among: str = "") -> Sequence[Rows]:
    """Too many values; see `at_least`."""
    reach = f"{c.reach(shape, this, value)} {among}"
    if most == 0:
        return [Rows(found=reach)]
    if inside:
        return [Rows(found=_so_many(c, shape, most + 1, this, value, among))]
    once = reach if not among and reach.startswith(f"{this} <") else ""
    return [Rows(found=reach, group=f"GROUP BY ?this HAVING(COUNT(DISTINCT {value}) > {most})", once=once)]


def _so_many(c: Context, shape: Any, count: int, this: str, value: str, among: str) -> str:
    """A pattern for so many values, told apart in pairs."""
    if count > _MOST:
        raise Uncovered(f"it counts more than {_MOST} values inside of another shape")
    names = [c.fresh() for _ in range(count)]
    parts = [f"{c.reach(shape, this, name)} {among.replace(value, name)}" for name in names]
    return " ".join([*parts, *(f"FILTER(!sameTerm({one}, {other}))" for one, other in combinations(names, 2))])


# --- 4.3 ranges -----------------------------------------------------------------------------------------------------


def _range(operator: str) -> OfValues:
    def outside(c: Context, shape: Any, bound: Any, node: str) -> str:
        """4.3.1 to 4.3.4: comparable with the bound, and on the right side of it. Virtuoso compares texts with numbers, so it is asked."""
        comparable = f"isNumeric({node}) && " if str(getattr(bound, "datatype", "")).removeprefix(XSD) in NUMBERS else ""
        return f"!COALESCE({comparable}{node} {operator} {in_sparql(bound)}, false)"

    return outside


for _name, _operator in {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}.items():
    _of_values(_name)(_range(_operator))


# --- 4.4 texts ------------------------------------------------------------------------------------------------------


@_of_values("minLength")
def _min_length(c: Context, shape: Any, least: Any, node: str) -> str:
    """4.4.1: no blank node, and a text no shorter than that."""
    return f"(isBlank({node}) || STRLEN(STR({node})) < {_number(least)})"


@_of_values("maxLength")
def _max_length(c: Context, shape: Any, most: Any, node: str) -> str:
    """4.4.2: no blank node, and a text no longer than that."""
    return f"(isBlank({node}) || STRLEN(STR({node})) > {_number(most)})"


@_of_values("pattern")
def _pattern(c: Context, shape: Any, pattern: Any, node: str) -> str:
    """4.4.3: no blank node, and a text that matches."""
    import rdflib

    flags = c.graph.value(shape, rdflib.URIRef(SH + "flags"))
    arguments = ", ".join([literal(str(pattern)), *([literal(str(flags))] if flags is not None else [])])
    (row,) = ox.Store().query(f'SELECT (REGEX("", {arguments}) AS ?read) {{}}')  # type: ignore[misc]
    if row[0] is None:
        raise Uncovered("its pattern is not in the language of SPARQL")
    return f"(isBlank({node}) || !REGEX(STR({node}), {arguments}))"


@_of_values("languageIn")
def _language_in(c: Context, shape: Any, languages: Any, node: str) -> str:
    """4.4.4: a literal in one of the languages, or in a variety of one."""
    matches = [f"LANGMATCHES(LANG({node}), {literal(str(one))})" for one in c.graph.items(languages)]
    return f"(!isLiteral({node}) || !({' || '.join(matches) or 'false'}))"


@_of_focus("uniqueLang")
def _unique_lang(c: Context, shape: Any, asked: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.4.5: no language twice."""
    if str(asked) != "true":
        return []
    reach = c.reach(shape, this, value)
    if not inside:
        found = f'{reach} FILTER(isLiteral({value}) && LANG({value}) != "") BIND(LCASE(LANG({value})) AS ?language)'
        return [Rows(found=found, select="?this ?language", group=f"GROUP BY ?this ?language HAVING(COUNT(DISTINCT {value}) > 1)")]
    other = c.fresh()
    same = f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG({other}))'
    return [Rows(found=f"{reach} {c.reach(shape, this, other)} FILTER(!sameTerm({value}, {other}) && {same})")]


# --- 4.5 pairs of properties ----------------------------------------------------------------------------------------


@_of_focus("equals")
def _equals(c: Context, shape: Any, other: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.5.1: the same values as the other property."""
    reach, those = c.reach(shape, this, value), f"{this} <{other}> {value} ."
    if not reach:
        return [
            Rows(missing=f"{this} <{other}> {this} .", select="?this (?this AS ?value)"),
            Rows(found=f"{those} FILTER(!sameTerm({value}, {this}))", select="?this ?value"),
        ]
    return [
        Rows(found=f"{reach} FILTER NOT EXISTS {{ {those} }}", select="?this ?value"),
        Rows(found=f"{those} FILTER NOT EXISTS {{ {reach} }}", select="?this ?value"),
    ]


@_of_focus("disjoint")
def _disjoint(c: Context, shape: Any, other: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.5.2: no value that the other property has."""
    if reach := c.reach(shape, this, value):
        return [Rows(found=f"{reach} {this} <{other}> {value} .", select="?this ?value")]
    return [Rows(found=f"{this} <{other}> {this} .", select="?this (?this AS ?value)")]


def _order(operator: str) -> OfFocus:
    def unordered(c: Context, shape: Any, other: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
        """4.5.3 and 4.5.4: every value before every one of the other property; one result a pair."""
        later = c.fresh() if inside else "?later"
        found = f"{c.reach(shape, this, value)} {this} <{other}> {later} . FILTER(!COALESCE({value} {operator} {later}, false))"
        return [Rows(found=found, select=f"?this ?value {later}")]

    return unordered


_of_focus("lessThan")(_order("<"))
_of_focus("lessThanOrEquals")(_order("<="))


# --- 4.6 logic, and 4.7 shapes --------------------------------------------------------------------------------------


@_of_values("not")
def _not(c: Context, shape: Any, other: Any, node: str) -> str:
    """4.6.1: does not conform to the other shape."""
    return f"!({c.fails(other, node)})"


@_of_values("and")
def _and(c: Context, shape: Any, others: Any, node: str) -> str:
    """4.6.2: conforms to all."""
    return _any(c.fails(other, node) for other in c.graph.items(others))


@_of_values("or")
def _or(c: Context, shape: Any, others: Any, node: str) -> str:
    """4.6.3: conforms to one or more."""
    return _all(c.fails(other, node) for other in c.graph.items(others))


@_of_values("xone")
def _xone(c: Context, shape: Any, others: Any, node: str) -> str:
    """4.6.4: conforms to exactly one."""
    parts = list(c.graph.items(others))
    alone = [
        _all([f"!({c.fails(one, node)})", *(c.fails(other, node) for other in parts[:at] + parts[at + 1 :])])
        for at, one in enumerate(parts)
    ]
    return f"!({_any(alone)})"


@_of_values("node")
def _node(c: Context, shape: Any, other: Any, node: str) -> str:
    """4.7.1: conforms to the other shape."""
    return c.fails(other, node)


@_of_focus("qualifiedMinCount")
def _qualified_min_count(c: Context, shape: Any, least: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.7.3: no fewer values that conform to a shape than that."""
    return at_least(c, shape, _number(least), this, value, inside, _qualified(c, shape, value))


@_of_focus("qualifiedMaxCount")
def _qualified_max_count(c: Context, shape: Any, most: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.7.3: no more values that conform to a shape than that."""
    return at_most(c, shape, _number(most), this, value, inside, _qualified(c, shape, value))


def _qualified(c: Context, shape: Any, value: str) -> str:
    """The filter for values that conform to the qualified shape, and, where asked for, to none of its siblings."""
    import rdflib

    sh = rdflib.Namespace(SH)
    qualified = list(c.graph.objects(shape, sh.qualifiedValueShape))
    if len(qualified) != 1:
        raise Uncovered("it has not exactly one sh:qualifiedValueShape")
    conditions = [f"!({c.fails(qualified[0], value)})"]
    if str(c.graph.value(shape, sh.qualifiedValueShapesDisjoint)) == "true":
        holders = c.graph.subjects(sh.property, shape)
        siblings: set[Any] = {
            other
            for holder in holders
            for part in c.graph.objects(holder, sh.property)
            for other in c.graph.objects(part, sh.qualifiedValueShape)
        }
        conditions += [c.fails(other, value) for other in sorted(siblings - set(qualified))]
    return f"FILTER({' && '.join(conditions)})"


# --- 4.8 others -----------------------------------------------------------------------------------------------------


@_of_focus("closed")
def _closed(c: Context, shape: Any, asked: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.8.1: no other properties than those of the shape and those that are ignored."""
    import rdflib

    sh = rdflib.Namespace(SH)
    if str(asked) != "true":
        return []
    if c.reach(shape, this, value):
        raise Uncovered("it closes a property shape")
    ignored = c.graph.value(shape, sh.ignoredProperties)
    allowed: set[str] = {
        path for part in c.graph.objects(shape, sh.property) for path in c.graph.objects(part, sh.path) if isinstance(path, rdflib.URIRef)
    }
    names = ", ".join(f"<{one}>" for one in sorted({*allowed, *map(str, c.graph.items(ignored) if ignored is not None else [])}))
    path = c.fresh() if inside else "?path"
    return [Rows(found=f"{this} {path} {value} ." + (f" FILTER({path} NOT IN ({names}))" if names else ""), select="?this ?path ?value")]


@_of_focus("hasValue")
def _has_value(c: Context, shape: Any, asked: Any, this: str, value: str, inside: bool) -> Sequence[Rows]:
    """4.8.2: this value, with or without others."""
    term = in_sparql(asked)
    if c.reach(shape, this, value):
        return [Rows(missing=c.reach(shape, this, term))]
    return [Rows(test=f"!sameTerm({this}, {term})")]


@_of_values("in")
def _in(c: Context, shape: Any, members: Any, node: str) -> str:
    """4.8.3: one of the members, term by term: ``=`` would compare numbers by value, and fail for what it does not know."""
    return f"!({_any(f'sameTerm({node}, {in_sparql(one)})' for one in c.graph.items(members))})"


# --- conditions -----------------------------------------------------------------------------------------------------


def _any(conditions: Any) -> str:
    """A condition that holds where one of several does."""
    parts = list(conditions)
    return f"({' || '.join(parts)})" if parts else "false"


def _all(conditions: Any) -> str:
    """A condition that holds where all of several do."""
    parts = list(conditions)
    return f"({' && '.join(parts)})" if parts else "true"


def _number(term: Any) -> int:
    try:
        return int(str(term))
    except ValueError:
        raise Uncovered(f"{term} is no whole number") from None
