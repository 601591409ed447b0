"""The probabilistic model: comparisons and blocking rules in Splink, run on DuckDB or on Spark.

Comparisons use only what both engines have and count alike: equality, intersections of arrays, edit distance on plain letters,
distances on the globe. The parameters are in ``parameters.json``, trained once by ``python -m seismic_graph.link.training``, so
that a score depends on the two records and on nothing else.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal

from seismic_graph.errors import UsageError
from seismic_graph.link.records import Record
from seismic_graph.link.wording import Wording, acronym, keys, places, wording

if TYPE_CHECKING:
    import pyarrow as pa
    from splink import Linker, SettingsCreator

Engine = Literal["duckdb", "spark"]

PARAMETERS = Path(__file__).with_name("parameters.json")
_RARE = 60
"""A word that at most so many records have is looked up by."""
_NULL = -1


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of two records.

    Attributes:
        left, right: their IRIs.
        probability: that they mean the same thing, rounded to six digits.
        levels: comparison -> the name of the level that was reached; a comparison that lacks a value is not in it.
    """

    left: str
    right: str
    probability: float
    levels: dict[str, str]


def scores(kind: str, records: Sequence[Record], engine: Engine, least: float, parameters: dict[str, Any] | None = None) -> list[Score]:
    """The pairs of records of different datasets that the model finds at least so probable, sorted.

    Args:
        kind: ``organisation`` or ``city``.
        records: those of that kind.
        engine: DuckDB inside this process, or Spark: the session that runs, or one on this machine.
        least: the smallest probability.
        parameters: others than those of the package.

    Raises:
        UsageError: what the engine needs is not installed.
    """
    if len({record.dataset for record in records}) < 2:
        return []
    built: Any = linker(kind, records, engine, settings(kind, parameters or _parameters()[kind]))
    levels = {name: dict(some) for name, some in labels(kind).items()}
    columns = ["unique_id_l", "unique_id_r", "match_probability", *(f"gamma_{name}" for name in levels)]
    predicted = built.inference.predict(threshold_match_probability=least)
    query = f"SELECT {', '.join(columns)} FROM {predicted.physical_name}"  # noqa: S608 (both names are the engine's)
    found = built.misc.query_sql(query).as_record_list()
    made = [
        Score(
            row["unique_id_l"],
            row["unique_id_r"],
            round(row["match_probability"], 6),
            {name: texts[row[f"gamma_{name}"]] for name, texts in levels.items() if row[f"gamma_{name}"] != _NULL},
        )
        for row in found
    ]
    return sorted(made, key=lambda score: (score.left, score.right))


# --- tables ---------------------------------------------------------------------------------------------------------


def table(kind: str, records: Sequence[Record], dataset: str, rare: dict[str, list[str]]) -> pa.Table:
    """The records of one dataset as the engines take them."""
    import pyarrow as pa

    text, texts, number = pa.string(), pa.list_(pa.string()), pa.float64()
    columns: dict[str, Any] = {
        "organisation": {
            **dict.fromkeys(("unique_id", "country", "domain", "body", "main"), text),
            **dict.fromkeys(("names", "bare", "words", "natures", "acronyms", "cities", "rare"), texts),
            "length": pa.int64(),
            "called": pa.int64(),
        },
        "city": {
            **dict.fromkeys(("unique_id", "country", "main", "start"), text),
            "names": texts,
            "latitude": number,
            "longitude": number,
        },
    }[kind]
    rows = [_ROWS[kind](record, rare.get(record.iri, [])) for record in records if record.dataset == dataset]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns.items()))


def _organisation(record: Record, rare: list[str]) -> dict[str, Any]:
    wordings = [wording(name) for name in record.names]
    return {
        "unique_id": record.iri,
        "country": record.country,
        "domain": record.domain,
        "body": record.body,
        "main": _plain(wordings[0].key),
        "names": sorted({*keys(wordings), *(key for one in wordings if (key := _without(one, _nation(record))))}),
        "bare": sorted({key for one in wordings if (key := _without(one, {word for place in record.places for word in place.split()}))}),
        "words": list(wordings[0].words),
        "natures": sorted({" ".join(one.nature) for one in wordings}),
        "acronyms": list(record.acronyms) or None,
        "called": _called(record),
        "cities": [*record.places, *record.towns] or None,
        "rare": rare or None,
        "length": len(wordings[0].words),
    }


def _without(name: Wording, own: set[str]) -> str:
    """The name without the words of its own place; nothing where only its nature is left, or it has none: a firm is told by its place."""
    left = [word for word in name.words if word not in own]
    return " ".join(left) if name.nature and len(left) > 1 and set(left) - set(name.nature) else ""


def _nation(record: Record) -> set[str]:
    return {"republic", _NATIONS[record.country]} if record.country in _NATIONS else set()


_NATIONS = {
    **{"AT": "austrian", "BE": "belgian", "BG": "bulgarian", "CH": "swiss", "CY": "cyprus", "CZ": "czech", "DE": "german", "DK": "danish"},
    **{"EE": "estonian", "ES": "spanish", "FI": "finnish", "FR": "french", "GB": "british", "GR": "greek", "HR": "croatian"},
    **{"HU": "hungarian", "IE": "irish", "IT": "italian", "LT": "lithuanian", "LV": "latvian", "NL": "dutch", "NO": "norwegian"},
    **{"PL": "polish", "PT": "portuguese", "RO": "romanian", "SE": "swedish", "SI": "slovenian", "SK": "slovak", "TR": "turkish"},
    "UA": "ukrainian",
}
"""Country -> the word of the table for what belongs to it."""


def _called(record: Record) -> int:
    """The letters of the acronym by which alone a record is known; 0 where it has another name. A long one is not that of many."""
    acronyms = {acronym(name) for name in record.names}
    return max(map(len, acronyms)) if acronyms <= set(record.acronyms) else 0


def _city(record: Record, rare: list[str]) -> dict[str, Any]:
    main = min(places(record.label), key=len, default="")
    return {
        "unique_id": record.iri,
        "country": record.country,
        "main": _plain(main),
        "start": main[:4] or None,
        "names": list(record.places),
        "latitude": record.latitude,
        "longitude": record.longitude,
    }


_ROWS = {"organisation": _organisation, "city": _city}


def _plain(text: str) -> str | None:
    """Edit distances count bytes on one engine and letters on the other, so only ASCII is compared so."""
    return text if text.isascii() and text else None


def rare_words(records: Sequence[Record]) -> dict[str, list[str]]:
    """IRI -> the two rarest words of its names, if any is rare among these records."""
    words = {record.iri: sorted({word for name in record.names for word in wording(name).words}) for record in records}
    counts = Counter(word for some in words.values() for word in some)
    found: dict[str, list[str]] = defaultdict(list)
    for iri, some in words.items():
        for word in sorted(some, key=lambda word: (counts[word], word))[:2]:
            if counts[word] <= _RARE and len(word) > 2:
                found[iri].append(word)
    return found


# --- the model ------------------------------------------------------------------------------------------------------


def comparisons(kind: str) -> dict[str, list[tuple[str, Any]]]:
    """Comparison -> its levels, best first: a name for people and the condition of Splink; the last is everything else."""
    from splink import comparison_level_library as level

    def known(column: str) -> tuple[str, Any]:
        return ("", level.NullLevel(column))

    def short(column: str, distance: int, letters: int) -> Any:
        long_enough = level.CustomLevel(f"least(length({column}_l), length({column}_r)) >= {letters}")
        return level.And(long_enough, level.LevenshteinLevel(column, distance))

    def equal(column: str, same: str, other: str) -> list[tuple[str, Any]]:
        return [known(column), (same, level.ExactMatchLevel(column)), (other, level.ElseLevel())]

    def common(column: str, same: str, other: str) -> list[tuple[str, Any]]:
        return [known(column), (same, level.ArrayIntersectLevel(column)), (other, level.ElseLevel())]

    if kind == "city":
        return {
            "names": [
                ("same name", level.ArrayIntersectLevel("names")),
                ("one letter off", short("main", 1, 6)),
                ("other name", level.ElseLevel()),
            ],
            "distance": [
                known("latitude"),
                ("within 10 km", level.DistanceInKMLevel("latitude", "longitude", 10)),
                ("within 30 km", level.DistanceInKMLevel("latitude", "longitude", 30)),
                ("far apart", level.ElseLevel()),
            ],
            "country": equal("country", "same country", "other country"),
        }
    some = level.CustomLevel("least(length_l, length_r) >= 2")
    return {
        "names": [
            ("same name", level.ArrayIntersectLevel("names")),
            ("same name without the city", level.ArrayIntersectLevel("bare")),
            (
                "known by its acronym",
                level.And(level.CustomLevel("greatest(called_l, called_r) > 4"), level.ArrayIntersectLevel("acronyms")),
            ),
            ("two letters off", short("main", 2, 12)),
            ("one name within the other", level.And(some, level.ArraySubsetLevel("words"))),
            ("two words shared", level.ArrayIntersectLevel("words", 2)),
            ("other name", level.ElseLevel()),
        ],
        "natures": [("same nature", level.ArrayIntersectLevel("natures")), ("other nature", level.ElseLevel())],
        "acronyms": common("acronyms", "same acronym", "other acronym"),
        "country": equal("country", "same country", "other country"),
        "cities": common("cities", "same city", "other city"),
        "domain": equal("domain", "same web domain", "other web domain"),
        "body": equal("body", "same kind", "other kind"),
    }


@cache
def labels(kind: str) -> dict[str, list[tuple[int, str]]]:
    """Comparison -> the value that Splink gives a level, and its name; the best level first."""
    found = {}
    for name, levels in comparisons(kind).items():
        texts = [text for text, _ in levels if text]
        found[name] = [(len(texts) - 1 - place, text) for place, text in enumerate(texts)]
    return found


def blocking(kind: str) -> list[Any]:
    """The rules of which a pair must meet one to be compared at all."""
    from splink import block_on

    def any_of(column: str, *others: str) -> Any:
        return block_on(column, *others, arrays_to_explode=[column])

    if kind == "city":
        return [any_of("names", "country"), block_on("country", "start")]
    return [any_of("names"), any_of("bare", "country"), block_on("domain", "country"), any_of("acronyms", "country"), any_of("rare")]


def settings(kind: str, parameters: dict[str, Any] | None = None) -> SettingsCreator:
    """The model of a kind as Splink takes it; without parameters, one to be trained."""
    from splink import SettingsCreator
    from splink import comparison_library as library

    made = []
    for name, levels in comparisons(kind).items():
        configured = []
        known = iter(parameters["comparisons"][name]) if parameters else None
        for text, condition in levels:
            if text and known:
                m, u = next(known)
                condition.configure(m_probability=m, u_probability=u)
            configured.append(condition)
        made.append(library.CustomComparison(output_column_name=name, comparison_levels=configured))
    return SettingsCreator(
        link_type="link_only",
        comparisons=[*made],
        blocking_rules_to_generate_predictions=blocking(kind),
        probability_two_random_records_match=parameters["prior"] if parameters else 0.0001,
        retain_matching_columns=True,  # the levels come with them
    )


@cache
def _parameters() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    return loaded


# --- the engines ----------------------------------------------------------------------------------------------------


def linker(kind: str, records: Sequence[Record], engine: Engine, model: SettingsCreator) -> Linker:
    """Splink with the records in the engine, a table a dataset.

    Raises:
        UsageError: what the engine needs is not installed.
    """
    from splink import Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = _ENGINES[engine]()
    rare = rare_words(records) if kind == "organisation" else {}
    datasets = sorted({record.dataset for record in records})
    inputs = [
        api.register(table(kind, records, name, rare), dataset_display_name=name, table_name=f"seismic_{token_hex(8)}") for name in datasets
    ]
    return Linker(inputs, model, log_level=None)


def _duckdb() -> Any:
    from splink import DuckDBAPI

    return DuckDBAPI()


def _spark() -> Any:
    from splink import SparkAPI

    from seismic_graph import spark

    api: Any = SparkAPI
    return api(spark_session=spark.session(), break_lineage_method="persist", register_udfs_automatically=False)


_ENGINES = {"duckdb": _duckdb, "spark": _spark}


def require() -> None:
    """Make sure that Splink is there.

    Raises:
        UsageError: it is not; the message says how to install it.
    """
    try:
        import splink  # noqa: F401
    except ImportError:
        raise UsageError("Linking needs Splink. Install it with: pip install 'seismic-graph[link]'") from None
