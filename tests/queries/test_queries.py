"""Every question of the library: its header, its golden answers, the same answer from rdflib, and its line in the docs."""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from seismic_graph.query_files import Query
from seismic_graph.store import EmbeddedStore
from seismic_graph.vocabulary import CLASSES
from tests.queries import library
from tests.queries.compare import ordered, rows
from tests.queries.library import GOLDEN, LIBRARY, UPDATE, Case

CASES = library.cases()
USERS = {"researchers", "analysts", "integrators"}
GOOD_WHEN_EMPTY = "No rows is the good answer"

each_question = pytest.mark.parametrize("query", LIBRARY.values(), ids=lambda query: query.name)
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def bare(text: str) -> str:
    """The text of a query without comments, IRIs and strings."""
    return re.sub(r'^#.*$|<[^<>\s]*>|"[^"\n]*"', " ", text, flags=re.MULTILINE)


def test_there_is_a_library() -> None:
    assert len(LIBRARY) >= 28
    assert sum(library.is_graph(query) for query in LIBRARY.values()) >= 3
    assert {user for query in LIBRARY.values() for user in query.users} == USERS


@each_question
def test_the_header_says_what_is_asked(query: Query) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", query.name)
    assert query.summary.endswith("?")
    assert query.description.endswith(".")
    assert query.tags
    assert query.users
    assert set(query.users) <= USERS
    assert set(query.exceptions) <= {"rdflib", "virtuoso", "oxigraph"}
    for parameter in query.parameters:
        assert parameter.description.endswith("."), parameter.name
        assert parameter.default.strip(), parameter.name
        if parameter.type == "entity":
            assert parameter.of is None or parameter.of in CLASSES
        assert (parameter.type != "concept") or parameter.of


@each_question
def test_the_text_runs_in_any_tool(query: Query) -> None:
    """All prefixes declared and used, no named graphs, no other hosts, a total order for tables."""
    text = bare(query.text)
    declared = re.findall(r"^PREFIX ([\w-]+):", query.text, re.MULTILINE)
    used = set(re.findall(r"(?<![\w?:-])([a-z][\w-]*):[A-Za-z]", re.sub(r"^PREFIX.*$", "", text, flags=re.MULTILINE)))
    assert set(declared) == used
    assert len(declared) == len(set(declared))
    assert not re.search(r"\b(GRAPH|SERVICE|FROM|UNDEF)\b", text)
    if re.search(r"^SELECT\b", query.text, re.MULTILINE):
        assert re.search(r"^ORDER BY [^{}]*$", text.rpartition("}")[2], re.MULTILINE)


@each_case
def test_the_order_is_total(case: Case) -> None:
    answer: Any = library.store().query(case.text)
    if not isinstance(answer, ox.QuerySolutions):
        return
    keys = re.findall(r"\?(\w+)", case.query.text.rpartition("ORDER BY")[2])
    names = [variable.value for variable in answer.variables]
    assert set(keys) <= set(names), "the order is by variables that the answer shows"
    shown = [tuple(row[names.index(key)] for key in keys) for row in ordered(answer)]
    assert len(shown) == len(set(shown)), "two rows have the same place in the order"


def test_the_fixture_holds_what_the_rules_derive() -> None:
    made = library.fixture_text()
    if UPDATE:
        library.FIXTURE.write_text(made, encoding="utf-8")
        library.store.cache_clear()
    assert library.FIXTURE.read_text(encoding="utf-8") == made, "run UPDATE_GOLDEN=1 pytest tests/queries, and read the difference"


@each_case
def test_the_answer_is_the_golden_one(case: Case) -> None:
    made = library.golden_text(case)
    if UPDATE:
        GOLDEN.mkdir(exist_ok=True)
        case.golden.write_text(made, encoding="utf-8")
    assert case.golden.exists(), "no golden file: run UPDATE_GOLDEN=1 pytest tests/queries, and read what it wrote"
    assert case.golden.read_text(encoding="utf-8") == made


def test_every_golden_file_has_its_question() -> None:
    wanted = {case.golden for case in CASES}
    for file in GOLDEN.iterdir():
        if UPDATE and file not in wanted:
            file.unlink()
        else:
            assert file in wanted, "a golden file without a question"


@each_question
def test_the_fixture_has_an_answer_and_parameters_are_tried(query: Query) -> None:
    """At least one row in one of the answers; and whoever has parameters is asked with other values than those in the file."""
    golden = [case.golden.read_text(encoding="utf-8").splitlines() for case in CASES if case.query is query]
    assert max(map(len, golden)) > (0 if library.is_graph(query) else 1)
    tried = {name for case in CASES if case.query is query for name in case.values}
    assert tried == {parameter.name for parameter in query.parameters}
    if query.parameters:
        assert len({tuple(lines) for lines in golden}) > 1


@cache
def in_rdflib() -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(library.FIXTURE, format="trig")
    return dataset


@each_case
def test_rdflib_gives_the_same_answer(case: Case) -> None:
    if reason := case.query.exceptions.get("rdflib"):
        pytest.xfail(reason)
    mine = rows(library.store().query(case.text))
    theirs = rows(in_rdflib().query(case.text))
    assert theirs == (sorted(set(mine)) if library.is_graph(case.query) else mine)


@each_question
def test_the_dossier_has_an_answer(query: Query, full_store: EmbeddedStore) -> None:
    """As it stands, within seconds: the shipped record is what people will ask first."""
    started = time.perf_counter()
    answer: Any = full_store.query(query.text)
    found = bool(answer) if isinstance(answer, ox.QueryBoolean) else len(list(answer)) > 0
    assert time.perf_counter() - started < 5
    assert found or GOOD_WHEN_EMPTY in query.description or "imports" in query.tags


def test_every_question_is_in_the_docs() -> None:
    made = library.docs_text()
    if UPDATE:
        library.DOCS.write_text(made, encoding="utf-8")
    assert library.DOCS.read_text(encoding="utf-8") == made, "run UPDATE_GOLDEN=1 pytest tests/queries"
