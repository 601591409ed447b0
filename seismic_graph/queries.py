"""Queries: the questions of the library and ad hoc ones, asked of any store with values that people type."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from seismic_graph import names, query_files, rdf
from seismic_graph.errors import UnknownName, UsageError
from seismic_graph.query_files import Parameter, Query
from seismic_graph.results import Result
from seismic_graph.store import EmbeddedStore, Store, changes
from seismic_graph.vocabulary import XSD


def library(files: Iterable[Path]) -> dict[str, Query]:
    """The questions in some query files by name, sorted.

    Raises:
        DataError: a header or a parameter block is not as it must be.
    """
    questions = [query_files.load(file) for file in files]
    return {query.name: query for query in sorted(questions, key=lambda query: query.name)}


def named(questions: Mapping[str, Query], name: str) -> Query:
    """The question of that name.

    Raises:
        UnknownName: there is none; carries the nearest names.
    """
    if name in questions:
        return questions[name]
    words = " ".join(re.split(r"[\W_]+", name))
    near = [*difflib.get_close_matches(name, list(questions), 3), *(query.name for query in find(questions, words))]
    raise UnknownName("question", name, list(dict.fromkeys(near))[:5])


def find(questions: Mapping[str, Query], text: str) -> list[Query]:
    """The questions that have every word of a text in their name, summary, description or tags; those with all in the name first."""
    words = names.fold(text).split()

    def places(query: Query) -> tuple[str, str]:
        name = names.fold(query.name.replace("-", " "))
        return name, names.fold(" ".join((query.name, query.summary, query.description, *query.tags, *query.users)))

    found = [query for query in questions.values() if all(word in f"{places(query)[0]} {places(query)[1]}" for word in words)]
    return sorted(found, key=lambda query: (not all(word in places(query)[0] for word in words), query.name))


def ad_hoc(source: Path | str) -> Query:
    """A query from a file, from standard input (``-``), or from its text (anything with a space or line break in it).

    A file with a header may have parameters, as the questions of the library do.

    Raises:
        UsageError: there is no such file, or it cannot be read, or the query is empty.
        DataError: the header of the file is not as it must be.
    """
    if source == "-":
        return query_files.from_text(sys.stdin.read(), "standard input")
    if isinstance(source, str) and re.search(r"\s", source.strip()):
        return query_files.from_text(source)
    file = Path(source)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}. Name a file with a SPARQL query, or a question of the library."
        ) from None
    return query_files.load(file) if re.search(r"^#\+", text, re.MULTILINE) else query_files.from_text(text, file.stem)


def run(store: Store, query: Query, /, **values: Any) -> Result:
    """The answer of a store to a query.

    Args:
        store: any store.
        query: a question of the library, or an ad hoc query.
        **values: parameter -> a value, or a list of values that are asked for together. Entities and concepts may be given by
            IRI, id or label; dates as ``2015-09-30`` or `datetime.date`; a parameter that is left out keeps its default.

    Raises:
        UnknownName: the query has no such parameter, or nothing has a name that was given.
        AmbiguousName: several things have a name that was given.
        UsageError: a value does not have the form that its parameter asks for.
        QueryError: the query cannot be parsed or evaluated.
        StoreError: the store did not give a whole answer.
    """
    text = bound(store, query, values)
    answer = store.query(text)
    again = (lambda: store.query(text)) if isinstance(store, EmbeddedStore) and not changes(text) else None
    return Result.from_answer(answer, name=query.name, query=text, store=store.identity, again=again)


def bound(store: Store, query: Query, values: Mapping[str, Any]) -> str:
    """The text of a query with values in the place of defaults, as `run` asks it; names are looked up in the store.

    Raises as `run` does.
    """
    declared = {parameter.name: parameter for parameter in query.parameters}
    terms: dict[str, list[str]] = {}
    for name, given in values.items():
        parameter = declared.get(name) or declared.get(_camel(name))
        if parameter is None:
            raise UnknownName(f"parameter of {query.name}", name, declared)
        several = list(given) if isinstance(given, list | tuple | set | frozenset) else [given]
        if several and given is not None:
            terms[parameter.name] = [_term(store, query, parameter, value) for value in several]
    return query.bind(terms)


def _camel(name: str) -> str:
    """``end_year`` and ``end-year`` as the header may have it: ``endYear``."""
    return re.sub(r"[-_](\w)", lambda match: match[1].upper(), name)


def _term(store: Store, query: Query, parameter: Parameter, value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        return _SERIALISERS[parameter.type](store, parameter, text)
    except ValueError as reason:
        raise UsageError(f"{query.name}: --{parameter.name} {text!r} is {reason}.") from None


def _entity(store: Store, parameter: Parameter, text: str) -> str:
    return rdf.iri(names.resolve(store, text, parameter.of))


def _concept(store: Store, parameter: Parameter, text: str) -> str:
    return rdf.iri(names.resolve_concept(store, parameter.of or "", text))


def _text(store: Store, parameter: Parameter, text: str) -> str:
    return rdf.literal(text).replace("{", "\\u007B")  # so that no text looks like the block of another parameter


def _date(store: Store, parameter: Parameter, text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("no full date: write year, month and day, as in 2015-09-30")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("no day of the calendar") from None
    return rdf.literal(text, datatype=XSD + "date")


def _year(store: Store, parameter: Parameter, text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{3}", text, re.ASCII):
        raise ValueError("no year: write four digits, as in 2015")
    return rdf.literal(text, datatype=XSD + "integer")


def _number(store: Store, parameter: Parameter, text: str) -> str:
    match = re.fullmatch(r"[+-]?(\d{1,18})(\.\d{1,18})?", text, re.ASCII)
    if not match:
        raise ValueError("no number: write digits, with a decimal point where one is needed, as in 3 or 0.5")
    return rdf.literal(text, datatype=XSD + ("decimal" if match[2] else "integer"))


_SERIALISERS: dict[str, Callable[[Store, Parameter, str], str]] = {
    "entity": _entity,
    "concept": _concept,
    "text": _text,
    "date": _date,
    "year": _year,
    "number": _number,
}
"""Type of a parameter -> how a value that was typed becomes a term; raises `ValueError` with what is wrong."""
