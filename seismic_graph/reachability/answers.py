"""Questions as people ask them, put to the tables, and answers as files: what the command line does with Spark."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.errors import SeismicError, UsageError
from seismic_graph.paths import Search
from seismic_graph.reachability import tables
from seismic_graph.reachability.gaps import NONE, gaps
from seismic_graph.reachability.spread import gates, kept, reach, session
from seismic_graph.vocabulary import ID

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def reached(
    folder: str,
    search: Search,
    *,
    sources: Collection[str] = (),
    source_type: str | None = None,
    targets: Collection[str] = (),
    target_type: str | None = None,
) -> DataFrame:
    """What of some things reaches what of others: ``source``, ``target``, ``hops``, ``first_day`` (a date; null where it is open).

    Args:
        folder: the tables.
        search: the limits.
        sources, targets: IRIs, or the end of one after ``id/``, such as ``network/nanet-se``.
        source_type, target_type: instead, all things of a type. Neither names nor type: all things.

    Raises:
        UsageError: there are no such tables or things, or Spark does not start.
        DataError: the tables are not as they should be.
    """
    from pyspark.sql import functions as sql

    spark = session()
    flows = tables.flows(spark, folder)
    seen = gates(flows, search)
    chosen = [_things(spark, folder, flows, names, of) for names, of in ((sources, source_type), (targets, target_type))]
    found = reach(seen, chosen[0] if chosen[0] is not None else seen.names.select("name"), chosen[1])
    day = sql.when((sql.col("state") > OPEN_START) & (sql.col("state") < OPEN_END), sql.col("state") - tables.EPOCH)
    return found.select("source", "target", "hops", sql.date_from_unix_date(day).alias("first_day"))


def _things(spark: SparkSession, folder: str, flows: DataFrame, names: Collection[str], of: str | None) -> DataFrame | None:
    """Some things as a column ``name``; None for all."""
    from pyspark.sql import functions as sql

    if of:
        known = tables.things(spark, folder)
        found = known.where(sql.col("type") == of).select(sql.col("id").alias("name"))
        if found.isEmpty():
            types = sorted(row[0] for row in known.select("type").distinct().collect())
            raise UsageError(f"There is nothing of the type {of!r} in {folder}; the types are {', '.join(types)}.")
        return found
    if not names:
        return None
    wanted = spark.createDataFrame([(name,) for name in iris(names)], "name string")
    ends = flows.select(sql.explode(sql.array("source", "target")).alias("name"))
    if missing := sorted(row[0] for row in wanted.join(ends, "name", "left_anti").collect()):
        raise UsageError(f"No flow in {folder} begins or ends at {', '.join(missing)}.")
    return wanted


def iris(names: Collection[str]) -> list[str]:
    """Names as IRIs: what has no colon is the end of one of ours, such as ``network/nanet-se``."""
    return sorted({name if ":" in name else ID + name for name in names})


def stopped(folder: str, search: Search, kinds: Collection[str]) -> DataFrame:
    """The gaps of a record, and what could not be judged: ``kind``, ``thing``, ``verdict``.

    Raises:
        UsageError, DataError: as in `reached`, or there is no such kind of gap.
    """
    spark = session()
    return gaps(tables.flows(spark, folder), tables.things(spark, folder), search, kinds).where(f"verdict <> '{NONE}'")


def write(answer: DataFrame, target: str | None) -> int:
    """Write an answer and say how many rows it has.

    A name that ends in ``.parquet`` becomes a folder of as many files as there are tasks; one in ``.csv`` one file in the order of its
    columns, written by one task; without a name, the same goes to the terminal. On the disk it is there whole or not at all; at an address
    (``hdfs://``, ``s3a://``) Spark writes the file ``_SUCCESS`` last.

    Raises:
        UsageError: another ending, or the target is there already.
        SeismicError: the disk refused.
    """
    from pyspark.errors import PySparkException

    answer = kept(answer)
    count = answer.count()
    if target is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.orderBy(*answer.columns).toLocalIterator())
        return count
    there = f"{target} is there already. Remove it, or give another name."
    if "://" in target:
        try:
            answer.write.parquet(target)
        except PySparkException as error:
            raise UsageError(there if error.getCondition() == "PATH_ALREADY_EXISTS" else f"{target} cannot be written: {error}.") from None
        return count
    file = Path(target)
    if file.suffix not in (".parquet", ".csv"):
        raise UsageError(f"{file} must end in .parquet or .csv.")
    if file.exists():
        raise UsageError(there)
    if not file.parent.is_dir():
        raise UsageError(f"The folder {file.parent} does not exist. Make it first.")
    new = file.with_name(f".{file.name}.{os.getpid()}").resolve()
    try:
        if file.suffix == ".parquet":
            answer.write.parquet(new.as_uri())
            new.replace(file)
        else:
            answer.coalesce(1).sortWithinPartitions(*answer.columns).write.csv(new.as_uri(), header=True)
            next(new.glob("part-*.csv")).replace(file)
    except (OSError, PySparkException) as error:
        raise SeismicError(f"{file} could not be written: {error}. Make room in {file.parent}.") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return count
