"""The Parquet tables that Spark reads: the flows and the things of a record, each in a folder of any number of files.

=============== ================= ==================================================================================
flows/          type              what it holds
=============== ================= ==================================================================================
id              string            IRI of the flow
source, target  string            IRIs of the things at its ends, along the movement
kind            string            slug of its kind
direction       string            ``bottom-up``, ``top-down`` or ``horizontal``
basis           string            ``stated``, ``structural`` or ``contextual``
earliest        date, null        the first day on which it can have happened; open where null
latest          date, null        the last day; open where null
standing        boolean           it holds over a period, and knowledge passes at once on any day of it
timeless        boolean           it holds for certain at all times
surely_from     date, null        the first day on which what stands holds for certain; never for certain where null
surely_until    date, null        the last such day
contradicted    boolean           its stated date contradicts the own time of one of its ends
sources         array of strings  IRIs of the sources that state it
=============== ================= ==================================================================================

=============== ================= ==================================================================================
things/         type              what it holds
=============== ================= ==================================================================================
id              string            IRI of the thing
type            string            ``network``, ``agenda-item``, ``city``, ...
kind            string, null      slug of its kind: ``municipality``, ``need``, ...
label           string, null      its English name
cities          array of strings  IRIs of its cities
=============== ================= ==================================================================================

Days may as well be whole numbers: proleptic ordinals, as `datetime.date.toordinal` counts them. Other columns are left alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seismic_graph.columns import Columns
from seismic_graph.columns.record import CONTRADICTED, STANDING
from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import DataError, Problem, SeismicError, UsageError
from seismic_graph.flows import BASES, DIRECTIONS
from seismic_graph.things import Thing

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, SparkSession

FLOWS, THINGS = "flows", "things"
"""The folders of the two tables."""
ROWS = 1_000_000
"""How many flows go into one file."""

_TEXT, _DAY, _FLAG, _TEXTS = "string", "day", "boolean", "array<string>"
_SCHEMA: dict[str, dict[str, str]] = {
    FLOWS: {
        **dict.fromkeys(("id", "source", "target", "kind", "direction", "basis"), _TEXT),
        **dict.fromkeys(("earliest", "latest"), _DAY),
        **dict.fromkeys(("standing", "timeless"), _FLAG),
        **dict.fromkeys(("surely_from", "surely_until"), _DAY),
        "contradicted": _FLAG,
        "sources": _TEXTS,
    },
    THINGS: {**dict.fromkeys(("id", "type", "kind", "label"), _TEXT), "cities": _TEXTS},
}
_NEEDED = {FLOWS: ("source", "target", "kind", "direction", "basis"), THINGS: ("id", "type")}
_CLOSED = {"direction": DIRECTIONS, "basis": BASES}
EPOCH = 719_163
"""The ordinal of 1970-01-01, from which Parquet and Spark count days."""


# --- writing --------------------------------------------------------------------------------------------------------


def write(columns: Columns, things: Mapping[str, Thing], folder: Path) -> int:
    """Write both tables, whole or not at all; how many flows.

    Flows come in the order of their source, a file for each million of them: what leaves a thing lies together.

    Raises:
        UsageError: the folder is there already, or pyarrow is not installed.
        SeismicError: the disk refused.
    """
    pa, parquet = _pyarrow()
    if folder.exists():
        raise UsageError(f"{folder} is there already. Remove it, or give another name.")
    if not folder.parent.is_dir():
        raise UsageError(f"The folder {folder.parent} does not exist. Make it first.")
    new = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for name in (FLOWS, THINGS):
            (new / name).mkdir(parents=True)
        for number, part in enumerate(_flow_parts(pa, columns)):
            parquet.write_table(part, new / FLOWS / f"part-{number:05}.parquet")
        parquet.write_table(_thing_table(pa, things.values()), new / THINGS / "part-00000.parquet")
        new.replace(folder)
    except OSError as error:
        raise SeismicError(f"{folder} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return len(columns)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(f"Parquet needs pyarrow ({error.name} is missing). Install it with: pip install 'seismic-graph[spark]'") from None
    return pa, parquet


def _flow_parts(pa: Any, columns: Columns) -> Iterator[pa.Table]:
    """The flows as tables of `ROWS` rows; one without rows where there are none."""
    import numpy as np

    array = columns.table.array
    nodes, ids, names = (_texts(pa, columns, name) for name in ("nodes", "flows", "sources"))
    cited = pa.ListArray.from_arrays(pa.array(array("evidence.sources.starts")), names.take(pa.array(array("evidence.sources"))))

    def days(column: np.ndarray[Any, Any]) -> pa.Array:
        return pa.array((column - EPOCH).astype("<i4"), mask=(column <= OPEN_START) | (column >= OPEN_END)).cast(pa.date32())

    for first in range(0, max(1, len(columns)), ROWS):
        rows = slice(first, first + ROWS)
        flags, sure_from, sure_until = array("flags")[rows], array("sure_from")[rows], array("sure_until")[rows]
        slugs = {
            name: pa.array(of, pa.string()).take(pa.array(array(name)[rows]))
            for name, of in (("kind", columns.kinds), ("direction", columns.directions), ("basis", columns.bases))
        }
        yield pa.table(
            {
                "id": ids[rows],
                "source": nodes.take(pa.array(array("source")[rows])),
                "target": nodes.take(pa.array(array("target")[rows])),
                **slugs,
                "earliest": days(array("earliest")[rows]),
                "latest": days(array("latest")[rows]),
                "standing": pa.array((flags & STANDING).astype(bool)),
                "timeless": pa.array((sure_from <= OPEN_START) & (sure_until >= OPEN_END)),
                "surely_from": days(sure_from),
                "surely_until": days(sure_until),
                "contradicted": pa.array((flags & CONTRADICTED).astype(bool)),
                "sources": cited.take(pa.array(array("evidence")[rows])),
            }
        )


def _texts(pa: Any, columns: Columns, name: str) -> pa.Array:
    """Texts of the columns as an array that shares their memory."""
    starts, body = columns.table.array(f"{name}.starts"), columns.table.array(f"{name}.texts")
    return pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(body))


def _thing_table(pa: Any, things: Iterable[Thing]) -> pa.Table:
    rows = [{"id": one.id, "type": one.type, "kind": one.kind or None, "label": one.label, "cities": list(one.cities)} for one in things]
    types = {_TEXT: pa.string(), _TEXTS: pa.list_(pa.string())}
    return pa.Table.from_pylist(rows, schema=pa.schema((name, types[what]) for name, what in _SCHEMA[THINGS].items()))


# --- reading --------------------------------------------------------------------------------------------------------


def flows(spark: SparkSession, folder: str) -> DataFrame:
    """The flows of a folder, checked: days as ordinals with `OPEN_START` and `OPEN_END` for what is open, as `Flow` has them.

    Raises:
        UsageError: there is no such table.
        DataError: a column is missing or of another type, or holds what it must not.
    """
    from pyspark.sql import functions as sql

    table = _checked(spark, folder, FLOWS)
    earliest, latest = sql.coalesce("earliest", sql.lit(OPEN_START)), sql.coalesce("latest", sql.lit(OPEN_END))
    sure_from = sql.greatest(earliest, sql.coalesce("surely_from", sql.lit(OPEN_END)))
    sure_until = sql.least(latest, sql.coalesce("surely_until", sql.lit(OPEN_START)))
    return table.select(
        *("id", "source", "target", "kind", "direction", "basis", "standing", "contradicted", "sources"),
        earliest.alias("earliest"),
        latest.alias("latest"),
        sql.when(sql.col("timeless"), OPEN_START).otherwise(sure_from).alias("sure_from"),
        sql.when(sql.col("timeless"), OPEN_END).otherwise(sure_until).alias("sure_until"),
    )


def things(spark: SparkSession, folder: str) -> DataFrame:
    """The things of a folder, checked.

    Raises:
        UsageError, DataError: as in `flows`.
    """
    return _checked(spark, folder, THINGS)


def _checked(spark: SparkSession, folder: str, name: str) -> DataFrame:
    """The columns of a table that count, flags never null; its schema and its values are as they should be."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as sql

    place = f"{folder.rstrip('/')}/{name}"
    try:
        table = spark.read.parquet(place)
    except AnalysisException as error:
        raise UsageError(
            f"There is no table of {name} in {place} ({error.getCondition()}). `seismic export NAME.parquet` writes one; "
            "docs/scale.md says what is in it."
        ) from None
    given = dict(table.dtypes)
    problems = [
        Problem(
            place, None, column, given.get(column), "is missing." if column not in given else "has another type.", f"It must be {what}."
        )
        for column, what in _SCHEMA[name].items()
        if not _fits(given.get(column), what)
    ]
    if problems:
        raise DataError(problems)
    table = table.select(*(_read(sql.col(column), given[column], what).alias(column) for column, what in _SCHEMA[name].items()))
    wrong = {(column, "is empty.", "Fill it."): sql.col(column).isNull() for column in _NEEDED[name]}
    wrong |= {
        (column, "holds a word that is not on the list.", f"It is one of {', '.join(words)}."): ~sql.col(column).isin(*words)
        for column, words in _CLOSED.items()
        if column in given and name == FLOWS
    }
    counts = (
        table.where(reduce(lambda one, other: one | other, wrong.values())).agg(*(sql.count_if(here) for here in wrong.values())).first()
    )
    problems = [
        Problem(place, None, column, None, f"{message[:-1]} in {count:,} rows.", remedy)
        for (column, message, remedy), count in zip(wrong, counts or (), strict=True)
        if count
    ]
    if problems:
        raise DataError(problems)
    return table


def _fits(given: str | None, what: str) -> bool:
    return given in ({"date", "int", "bigint", "smallint", "tinyint"} if what == _DAY else {what})


def _read(column: Column, given: str, what: str) -> Column:
    from pyspark.sql import functions as sql

    if what == _FLAG:
        return sql.coalesce(column, sql.lit(False))
    if what != _DAY:
        return column
    return (sql.unix_date(column) + EPOCH) if given == "date" else column.cast("int")
