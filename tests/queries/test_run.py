"""Asking questions with values that people type: what becomes of them, and what is said when they do not fit."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seismic_graph import queries, query_files
from seismic_graph.errors import AmbiguousName, QueryError, UnknownName, UsageError
from seismic_graph.query_files import Query
from seismic_graph.results import Result
from seismic_graph.store import EmbeddedStore, text_of
from tests.queries.library import LIBRARY, store


def answer(name: str, **values: Any) -> Result:
    return queries.run(store(), LIBRARY[name], **values)


def column(result: Result, name: str) -> list[str]:
    place = result.variables.index(name)
    return [text_of(row[place]).rpartition("/")[2] for row in result]


def made(tmp_path: Path, parameters: str, body: str) -> Query:
    file = tmp_path / "a-question.rq"
    header = "summary: A question?\ndescription: It asks.\ntags: [x]\nusers: [researchers]\nparameters:\n" + parameters
    file.write_text("".join(f"#+ {line}\n" for line in header.splitlines()) + body, encoding="utf-8")
    return query_files.load(file)


def test_defaults_are_asked_where_nothing_is_told() -> None:
    result = answer("which-agenda-items-reached-this-city")
    assert column(result, "project") == ["c3places", "c3places"]
    assert result.name == "which-agenda-items-reached-this-city"
    assert result.query == LIBRARY[result.name].text
    assert result.receipt["store"] == store().identity


@pytest.mark.parametrize("city", ["graz", "Graz", "GRAZ", "city/graz", "https://w3id.org/seismic-graph/id/city/graz"])
def test_entities_are_given_as_people_name_them(city: str) -> None:
    assert set(column(answer("which-agenda-items-reached-this-city", city=city), "city")) == {"graz"}


def test_several_values_are_asked_for_together() -> None:
    both = answer("which-agenda-items-reached-this-city", city=["Graz", "stockholm"])
    assert set(column(both, "city")) == {"graz", "stockholm"}
    kinds = answer("which-organisations-of-this-kind-are-there", kind=("museum", "Municipality"))
    assert set(column(kinds, "kind")) == {"museum", "municipality"}


def test_nothing_told_is_not_told() -> None:
    nothing: Any
    for nothing in (None, []):
        assert len(answer("which-agenda-items-reached-this-city", city=nothing)) == 2


def test_dates_years_and_numbers() -> None:
    day = datetime.date(2018, 5, 4)
    assert len(answer("which-flows-happened-in-this-period", since=day, until="2018-05-04")) == 3
    assert column(answer("what-was-going-on-in-this-year", year=2017), "thing") == column(
        answer("what-was-going-on-in-this-year", year="2017"), "thing"
    )
    assert len(answer("who-are-the-hubs", least="2")) == 4
    assert len(answer("who-are-the-hubs", least=2.5)) == 1


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "which-flows-happened-in-this-period",
            {"since": "2015"},
            "--since '2015' is no full date: write year, month and day, as in 2015-09-30",
        ),
        ("which-flows-happened-in-this-period", {"since": "2015-02-30"}, "--since '2015-02-30' is no day of the calendar"),
        ("which-flows-happened-in-this-period", {"since": "٢٠١٥-٠٩-٣٠"}, "no full date"),
        ("what-was-going-on-in-this-year", {"year": "15"}, "--year '15' is no year: write four digits"),
        ("what-was-going-on-in-this-year", {"year": "2015; DROP"}, "no year"),
        ("who-are-the-hubs", {"least": "many"}, "--least 'many' is no number"),
        ("who-are-the-hubs", {"least": "1) || (1"}, "no number"),
        ("who-are-the-hubs", {"least": "NaN"}, "no number"),
    ],
)
def test_a_value_of_another_form_says_what_is_asked_for(name: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        answer(name, **values)
    assert message in str(caught.value)


def test_names_that_do_not_exist() -> None:
    with pytest.raises(UnknownName, match=r"There is no City 'Gratz'\. Did you mean: .*city/graz"):
        answer("which-agenda-items-reached-this-city", city="Gratz")
    with pytest.raises(UnknownName, match="There is no basis 'stted'"):
        answer("which-edges-make-up-the-network", basis="stted")
    with pytest.raises(UnknownName, match=r"parameter of which-agenda-items-reached-this-city 'town'\. Did you mean: city"):
        answer("which-agenda-items-reached-this-city", town="Graz")
    with pytest.raises(AmbiguousName, match="call/call-ensuf, programme/ensuf"):
        answer("which-flows-touch-this-and-who-says-so", thing="ENSUF")
    with pytest.raises(UsageError, match="a Network is asked for"):
        answer("which-initiatives-did-this-network-show", network="graz")


def test_questions_that_do_not_exist_come_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        queries.named(LIBRARY, "which-cities-gave-or-got")
    assert caught.value.suggestions[0] == "which-cities-gave-and-got"
    with pytest.raises(UnknownName) as caught:
        queries.named(LIBRARY, "agenda city")
    assert "which-agenda-items-reached-this-city" in caught.value.suggestions
    assert queries.named(LIBRARY, "who-are-the-hubs").name == "who-are-the-hubs"


def test_find_looks_into_names_summaries_descriptions_and_tags() -> None:
    names = [query.name for query in queries.find(LIBRARY, "Cities")]
    assert names[:2] == ["what-did-cities-pass-on-to-each-other", "where-are-the-cities"]
    assert "which-agenda-items-reached-this-city" in names
    assert [query.name for query in queries.find(LIBRARY, "brokers")] == ["who-brokers-between-two-themes"]
    assert queries.find(LIBRARY, "") == sorted(LIBRARY.values(), key=lambda query: query.name)
    assert queries.find(LIBRARY, "xyzzy") == []


text_of_people = st.text(min_size=1, max_size=60).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


@settings(max_examples=60, deadline=None)
@given(text_of_people)
def test_any_text_stays_a_text(text: str) -> None:
    """No text ends its literal, whatever stands in it: the store holds one statement with it, and that is what is found."""
    held = EmbeddedStore()
    query = queries.bound(held, LIBRARY["which-flows-speak-of-this"], {"text": text})
    rows = list(held.query(query.replace(query[query.index("SELECT") :], _only_text(query))))  # type: ignore[arg-type]
    assert [text_of(row[0]) for row in rows] == [text]


def _only_text(query: str) -> str:
    """A query that gives back the value of ``?text`` and nothing else."""
    start = query.index("VALUES ?text")
    return f"SELECT ?text WHERE {{ {query[start : query.index(chr(10), start)]} }}"


def test_a_text_cannot_pose_as_the_block_of_another_parameter(tmp_path: Path) -> None:
    query = made(
        tmp_path,
        "  a: {type: text, description: One.}\n  b: {type: text, description: Two.}\n",
        'SELECT ?a ?b WHERE { VALUES ?a { "x" } VALUES ?b { "y" } } ORDER BY ?a ?b',
    )
    rows = queries.run(EmbeddedStore(), query, a='VALUES ?b { "stolen" } ', b='"} #').rows
    assert [tuple(text_of(term) for term in row) for row in rows] == [('VALUES ?b { "stolen" } ', '"} #')]


def test_parameters_in_camel_case_take_dashes_and_underscores(tmp_path: Path) -> None:
    query = made(
        tmp_path, "  endYear: {type: year, description: One.}\n", "SELECT ?endYear WHERE { VALUES ?endYear { 2015 } } ORDER BY ?endYear"
    )
    for name in ("endYear", "end_year", "end-year"):
        assert text_of(queries.run(EmbeddedStore(), query, **{name: 2016}).rows[0][0]) == "2016"


def test_ad_hoc_from_text_file_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "SELECT (1 AS ?x) {}"
    file = tmp_path / "mine.rq"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    for source, name in ((text, "ad hoc"), (file, "mine"), (str(file), "mine"), ("-", "standard input")):
        query = queries.ad_hoc(source)
        assert (query.name, query.text) == (name, text)
        assert text_of(queries.run(EmbeddedStore(), query).rows[0][0]) == "1"


def test_a_file_with_a_header_has_its_parameters(tmp_path: Path) -> None:
    made(tmp_path, "  year: {type: year, description: One.}\n", "SELECT ?year WHERE { VALUES ?year { 2015 } } ORDER BY ?year")
    query = queries.ad_hoc(tmp_path / "a-question.rq")
    assert text_of(queries.run(EmbeddedStore(), query, year=1999).rows[0][0]) == "1999"


def test_files_that_cannot_be_asked(tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes("# größe\nASK {}".encode("latin-1"))
    (tmp_path / "empty.rq").write_text(" \n")
    for source, message in (
        (tmp_path / "none.rq", "cannot be read: No such file"),
        (tmp_path, "cannot be read"),
        (tmp_path / "latin.rq", "not UTF-8"),
        (tmp_path / "empty.rq", "empty"),
        ("which-cities", "question of the library"),
    ):
        with pytest.raises(UsageError, match=message):
            queries.ad_hoc(source)
    with pytest.raises(QueryError, match="line 1"):
        queries.run(EmbeddedStore(), queries.ad_hoc("SELECT oops {}"))
