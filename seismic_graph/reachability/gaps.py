"""Gaps over tables that do not fit one machine: which things have one, by the rules of `seismic_graph.insight.gaps`.

All five kinds are about reach, so all five are here. Why a chain goes no further and what would close it is not: that is told from a
snapshot, thing by thing.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from typing import TYPE_CHECKING

from seismic_graph.insight.gaps import ANSWERS, BOTTOM_UP, OUTCOMES, checked
from seismic_graph.paths import Search
from seismic_graph.reachability.spread import Gates, gates, kept, reach, spread, usable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GAP, NONE, NOT_JUDGED = "gap", "none", "not judged"
"""What is said of a thing: there is a gap; there is none; the record does not tell (a project without a recorded city)."""


def gaps(flows: DataFrame, things: DataFrame, search: Search | None = None, kinds: Collection[str] = ()) -> DataFrame:
    """Every thing that was looked at: ``kind`` of gap, ``thing``, ``verdict`` (`GAP`, `NONE` or `NOT_JUDGED`).

    Args:
        flows, things: the tables, as `tables.flows` and `tables.things` give them.
        search: what counts as a path; possible in time, stated and structural where not given. A flow without a source never counts.
        kinds: which kinds to look for; all where none is named.

    Raises:
        UsageError: there is no such kind, or the search could never find what would close such a gap.
    """
    from pyspark.sql import functions as sql

    search = search or Search()
    wanted = checked(search, kinds)
    record = _Record(flows.where(sql.coalesce(sql.size("sources"), sql.lit(0)) > 0), things, search)
    found = [_JUDGES[kind](record).select(sql.lit(kind).alias("kind"), "thing", "verdict") for kind in wanted]
    return reduce(lambda one, other: one.union(other), found)


class _Record:
    """What all judges look at."""

    def __init__(self, flows: DataFrame, things: DataFrame, search: Search) -> None:
        from pyspark.sql import functions as sql

        self.flows = flows.where(usable(search))
        self.gates: Gates = gates(flows, search)
        self.avoid, self.all = search.avoid, things
        self.things = things.where(~sql.col("id").isin(*search.avoid)) if search.avoid else things

    def of(self, *types: str) -> DataFrame:
        """The things of some types that the search does not avoid: ``name``."""
        from pyspark.sql import functions as sql

        return self.things.where(sql.col("type").isin(*types)).select(sql.col("id").alias("name"))

    def named(self, nodes: DataFrame) -> DataFrame:
        """The names of some things (a column ``node``): ``thing``."""
        return nodes.join(self.gates.names, "node").selectExpr("name AS thing").distinct()

    def without(self, subjects: DataFrame, fine: DataFrame) -> DataFrame:
        """The verdict on some things (``name``): there is a gap where one is not among those that are fine (``thing``)."""
        from pyspark.sql import functions as sql

        fine = fine.select("thing", sql.lit(NONE).alias("verdict"))
        subjects = subjects.withColumnRenamed("name", "thing")
        return subjects.join(fine, "thing", "left").select("thing", sql.coalesce("verdict", sql.lit(GAP)).alias("verdict"))


def _together(gates: Gates, names: DataFrame) -> DataFrame:
    """What knowledge from some things, taken as one, reaches: a column ``node``."""
    from pyspark.sql import functions as sql

    return spread(gates, gates.numbers(names).select(sql.lit(0).alias("lane"), "node"))


def _needs(record: _Record) -> DataFrame:
    heard = _together(record.gates.backward(), record.of("agenda-item"))
    return record.without(record.of("recommendation"), record.named(heard))


def _items(record: _Record) -> DataFrame:
    reached = _together(record.gates, record.of(*BOTTOM_UP))
    return record.without(record.of("agenda-item"), record.named(reached))


def _calls(record: _Record) -> DataFrame:
    from pyspark.sql import functions as sql

    items = record.gates.numbers(record.of("agenda-item")).withColumnRenamed("node", "tail")
    answers = record.gates.table.where(sql.col("kind").isin(*ANSWERS)).join(items, "tail", "left_semi")
    return record.without(record.of("call"), record.named(answers.selectExpr("head AS node")))


def _projects(record: _Record) -> DataFrame:
    from pyspark.sql import functions as sql

    projects = record.of("project")
    starts = kept(
        record.things.where("type = 'project'")
        .select(sql.col("id").alias("thing"), sql.explode("cities").alias("city"))
        .join(_voices(record), "city")
        .select("thing", "voice")
        .distinct()
    )
    items = record.of("agenda-item").withColumnRenamed("name", "source")
    funded = record.flows.where("kind = 'funded'").selectExpr("target AS thing", "source AS call")
    answered = (
        record.flows.where(sql.col("kind").isin(*ANSWERS)).join(items, "source", "left_semi").selectExpr("target AS call", "source AS goal")
    )
    asked = funded.selectExpr("thing", "call AS goal").union(funded.join(answered, "call").select("thing", "goal"))
    own = projects.selectExpr("name AS thing", "name AS goal").join(funded, "thing", "left_anti")
    pairs = kept(starts.join(asked.union(own).distinct(), "thing"))
    ways = reach(record.gates, *(pairs.select(sql.col(end).alias("name")).distinct() for end in ("voice", "goal")))
    ways = ways.selectExpr("source AS voice", "target AS goal")
    there = pairs.where("voice = goal").select("thing").union(pairs.join(ways, ["voice", "goal"], "left_semi").select("thing")).distinct()
    judged = record.without(starts.select(sql.col("thing").alias("name")).distinct(), there)
    silent = projects.withColumnRenamed("name", "thing").join(starts, "thing", "left_anti")
    return judged.union(silent.select("thing", sql.lit(NOT_JUDGED).alias("verdict")))


def _voices(record: _Record) -> DataFrame:
    """``city``, ``voice``: each city with itself, its initiatives and its municipality: those through which a city speaks."""
    from pyspark.sql import functions as sql

    speakers = record.all.where("type = 'initiative' OR kind = 'municipality'").select(
        sql.explode("cities").alias("city"), sql.col("id").alias("voice")
    )
    alone = record.of("city").selectExpr("name AS city", "name AS voice")
    voices = alone.union(speakers).union(speakers.selectExpr("city", "city AS voice")).distinct()
    return voices.where(~sql.col("voice").isin(*record.avoid)) if record.avoid else voices


def _networks(record: _Record) -> DataFrame:
    from pyspark.sql import functions as sql

    networks, outcomes = record.of("network"), kept(record.gates.numbers(record.of(*OUTCOMES)))
    starts = record.gates.numbers(networks).select(sql.col("node").alias("lane"), "node")
    found = spread(record.gates.towards(outcomes), starts, sql.col("kind") != "part-of").join(outcomes, "node", "left_semi")
    return record.without(networks, record.named(found.selectExpr("lane AS node")))


_JUDGES = {
    "need-without-agenda": _needs,
    "agenda-item-without-origin": _items,
    "call-without-agenda": _calls,
    "project-without-its-cities": _projects,
    "network-ends-at-meeting": _networks,
}
