"""Datatypes and lexical forms as SPARQL conditions (SHACL 1.0, section 4.1.2), with patterns that every engine reads.

``DATATYPE(?v) = xsd:date`` holds for an ill-formed ``"2020-02-30"^^xsd:date`` as well, so the text is tested too.
"""

from __future__ import annotations

import re

from seismic_graph.rdf import literal
from seismic_graph.validate.literals import INTEGERS, LEXICAL
from seismic_graph.vocabulary import RDF, XSD

_LEAP = "(([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29"
_NO_DAY = "^-?[0-9]*-((02-3[01])|((04|06|09|11)-31))"
_IN_A_YEAR = {"date", "dateTime", "dateTimeStamp"}


def has_datatype(node: str, datatype: str) -> str:
    """A condition that holds where a node is a well-formed literal of a datatype; it never fails with an error."""
    if datatype == RDF + "langString":
        return f'(isLiteral({node}) && LANG({node}) != "")'
    tests = [f"isLiteral({node})", f'LANG({node}) = ""', f"DATATYPE({node}) = <{datatype}>"]
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    text = f"STR({node})"
    if name in INTEGERS:
        tests.append(_matches(text, "^[+-]?[0-9]+$"))
        least, most = INTEGERS[name]
        tests += [f"<{XSD}integer>({text}) >= {least}"] if least is not None else []
        tests += [f"<{XSD}integer>({text}) <= {most}"] if most is not None else []
    elif name in LEXICAL:
        tests.append(_matches(text, f"^({_portable(LEXICAL[name].pattern)})$"))
    if name in _IN_A_YEAR:
        tests += [f"!{_matches(text, _NO_DAY)}", f"(!{_matches(text, '^-?[0-9]*-02-29')} || {_matches(text, '^-?[0-9]*' + _LEAP)})"]
    if name == "gMonthDay":
        tests.append(f"!{_matches(text, '^--((02-3[01])|((04|06|09|11)-31))')}")
    # the datatype is tested first: of the literals of others the text may be anything, and costs time
    return f"COALESCE({' && '.join(tests)}, false)" if name in INTEGERS and any(INTEGERS[name]) else f"({' && '.join(tests)})"


def _matches(text: str, pattern: str) -> str:
    return f"REGEX({text}, {literal(pattern)})"


def _portable(pattern: str) -> str:
    """A pattern with plain groups: others are not in the language of XPath (XPath Functions 3.1, section 5.6.1)."""
    return re.sub(r"\(\?(?:P<\w+>|:)", "(", pattern)
