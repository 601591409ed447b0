"""How far knowledge spreads from many things at once, on Spark: what `seismic_graph.columns.network.Spread` finds in arrays, by joins.

A flow is the same gate in time (`seismic_graph.paths.Reading.gate`): entered with a state up to its ``limit``, it is left with the larger
of that state and its ``add``. A hop joins what the last one made better (the frontier) to the gates, and keeps for each source and each
thing the fewest hops and the smallest state, so that the limit of hops holds exactly.

Seen from its end, a gate is one again: with all days negated, ``add`` becomes the limit and ``limit`` what is added. So what leads to some
things is found by the same joins.

Things are numbered first: a pair is then four numbers, however long the names are. The gates of a thing lie together, those of a hub in
slices, so that a hop moves the frontier and never the gates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seismic_graph.dates import OPEN_END, OPEN_START
from seismic_graph.paths import Search

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SMALL = 200_000
"""A frontier of at most so many pairs is sent to all gates; of a larger one, each pair to the gates of its thing."""
SLICE = 1_000
"""The gates of a hub lie in slices of about so many, each in a part of its own: a part is the work of one task."""
_FAR = 1 << 30


def session() -> SparkSession:
    """The session of `seismic_graph.spark`, with settings of its own: plans stay as they are made.

    Otherwise each hop is several jobs more, and the gates are moved again.

    Raises:
        UsageError: Spark is not installed, or does not start.
    """
    from seismic_graph import spark

    own = spark.session().newSession()
    own.conf.set("spark.sql.adaptive.enabled", "false")
    return own


@dataclass(frozen=True, slots=True)
class Gates:
    """The flows that a search may use, as gates.

    Attributes:
        table: ``tail`` and ``head`` (numbers of things), ``limit``, ``add``, ``kind``; ``rest``: how many hops must be left at the head;
            ``slice``: which slice of its tail it is in.
        hubs: ``tail``, ``slices``: the things with several slices; None where there is none.
        names: ``name``, ``node``: the number of each thing that a gate touches.
        begin: the state in which knowledge begins.
        max_hops: the most hops.
    """

    table: DataFrame
    hubs: DataFrame | None
    names: DataFrame
    begin: int
    max_hops: int

    def backward(self) -> Gates:
        """The same gates seen from their ends: what is reached from a thing is what leads to it, its state the negated last day."""
        table = self.table.selectExpr("head AS tail", "tail AS head", "-add AS limit", "-limit AS add", "kind", "rest", "0 AS slice")
        return replace(self, table=table, hubs=None, begin=-OPEN_END)

    def towards(self, targets: DataFrame) -> Gates:
        """Only the gates on walks to some things (a column ``node``), each shut as soon as it would be too late or too far to get there."""
        from pyspark.sql import functions as sql

        back = replace(self.backward(), max_hops=self.max_hops - 1)
        useful = spread(back, targets.select(sql.lit(0).alias("lane"), "node"))
        useful = useful.select(sql.col("node").alias("head"), sql.col("hops").alias("rest"), (-sql.col("state")).alias("by"))
        table = self.table.drop("rest").join(useful, "head").where("add <= by")
        table = table.select("tail", "head", sql.least("limit", "by").alias("limit"), "add", "kind", "rest", "slice")
        return replace(self, table=kept(table.repartition(*self.place)))

    @property
    def place(self) -> tuple[str, ...]:
        """The columns by which gates are laid out: all of one place are in one part."""
        return ("tail",) if self.hubs is None else ("tail", "slice")

    def numbers(self, names: DataFrame) -> DataFrame:
        """The numbers of some things (a column ``name``), each once; what no gate touches is left out."""
        return names.join(self.names, "name").select("node").distinct()


def gates(flows: DataFrame, search: Search) -> Gates:
    """The flows of a table (see `tables.flows`) as a search sees them."""
    from pyspark.sql import functions as sql

    limit, add, passable = _gate(search)
    named = flows.where(usable(search) & passable).select("source", "target", limit.alias("limit"), add.alias("add"), "kind")
    named = named.where(sql.col("limit") >= search.since)
    ends = named.select(sql.explode(sql.array("source", "target")).alias("name")).distinct()
    names = kept(ends.select("name", sql.monotonically_increasing_id().alias("node")))
    tails, heads = names.toDF("source", "tail"), names.toDF("target", "head")
    table = named.join(tails, "source").join(heads, "target").select("tail", "head", "limit", "add", "kind", sql.lit(0).alias("rest"))
    table = kept(table.distinct().withColumn("slice", sql.lit(0)).repartition("tail"))
    hubs = kept(table.groupBy("tail").count().where(sql.col("count") > SLICE).selectExpr("tail", f"ceil(count / {SLICE}) AS slices"))
    found = Gates(table, None if hubs.isEmpty() else hubs, names, search.since, search.max_hops)
    if found.hubs is None:
        return found
    number = sql.pmod(sql.hash("head"), sql.coalesce("slices", sql.lit(1))).cast("int")
    table = table.join(sql.broadcast(hubs), "tail", "left").withColumn("slice", number).drop("slices")
    return replace(found, table=kept(table.repartition(*found.place)))


def usable(search: Search) -> Column:
    """Which flows a search may use, whatever their dates."""
    from pyspark.sql import functions as sql

    fits = sql.col("basis").isin(*search.bases) & (sql.col("source") != sql.col("target"))
    if search.directions:
        fits &= sql.col("direction").isin(*search.directions)
    if search.avoid:
        fits &= ~sql.col("source").isin(*search.avoid) & ~sql.col("target").isin(*search.avoid)
    return fits


def _gate(search: Search) -> tuple[Column, Column, Column]:
    """Limit and add of a flow, and whether it can be passed at some time."""
    from pyspark.sql import functions as sql

    col, until = sql.col, sql.lit(search.until)
    if search.reading == "static":
        return sql.lit(OPEN_END), sql.lit(OPEN_START), (col("latest") >= search.since) & (col("earliest") <= until)
    if search.reading == "possible":
        limit = sql.least(col("latest"), until)
        return limit, col("earliest"), col("earliest") <= limit
    stands, sure_until = col("standing"), sql.least(col("sure_until"), until)
    limit = sql.when(stands, sure_until).otherwise(col("earliest"))
    add = sql.when(stands, col("sure_from")).otherwise(col("latest"))
    return limit, add, ~col("contradicted") & sql.when(stands, col("sure_from") <= sure_until).otherwise(col("latest") <= until)


def spread(gates: Gates, starts: DataFrame, first: Column | None = None) -> DataFrame:
    """How far knowledge spreads: for each lane and each thing the fewest hops and the smallest state; the starts with no hops.

    Args:
        gates: the gates.
        starts: ``lane``, ``node``: where each lane begins.
        first: which gates may be the first of a walk; all where not given.
    """
    from pyspark.sql import functions as sql

    known = kept(starts.select("lane", "node", sql.lit(0).alias("hops"), sql.lit(gates.begin).alias("state"), sql.lit(True).alias("fresh")))
    for hop in range(1, gates.max_hops + 1):
        frontier = known.where("fresh").select("lane", sql.col("node").alias("tail"), "state")
        many = frontier.count()  # computes the hop before
        if not many:
            break
        table = gates.table.where(sql.col("rest") <= gates.max_hops - hop)
        if hop == 1 and first is not None:
            table = table.where(first)
        if many <= SMALL:
            met = table.join(sql.broadcast(frontier), "tail")
        elif gates.hubs is None:
            met = table.join(frontier, "tail")
        else:
            met = table.join(_to_all_slices(frontier, gates.hubs), ["tail", "slice"])
        passed = met.where("state <= limit")
        reached = passed.select(
            "lane",
            sql.col("head").alias("node"),
            sql.lit(hop).alias("hops"),
            sql.greatest("state", "add").alias("state"),
            sql.lit(_FAR).alias("before"),
        )
        both = known.select("lane", "node", "hops", "state", sql.col("state").alias("before")).union(reached)
        least = both.groupBy("lane", "node").agg(*(sql.min(name).alias(name) for name in ("hops", "state", "before")))
        known = kept(least.select("lane", "node", "hops", "state", (sql.col("state") < sql.col("before")).alias("fresh")))
    return known.select("lane", "node", "hops", "state")


def _to_all_slices(frontier: DataFrame, hubs: DataFrame) -> DataFrame:
    """The frontier, a row for each slice of the thing that it is at."""
    from pyspark.sql import functions as sql

    slices = sql.coalesce("slices", sql.lit(1))
    return (
        frontier.join(sql.broadcast(hubs), "tail", "left")
        .withColumn("slice", sql.explode(sql.sequence(sql.lit(0), (slices - 1).cast("int"))))
        .drop("slices")
    )


def kept(frame: DataFrame) -> DataFrame:
    """A table that is computed once: in the checkpoint directory of the session, or, where it has none, where its tasks run."""
    spark = frame.sparkSession
    return frame.checkpoint() if spark.sparkContext.getCheckpointDir() else frame.localCheckpoint(eager=False)


def reach(gates: Gates, sources: DataFrame, targets: DataFrame | None = None) -> DataFrame:
    """What knowledge from each of some things reaches within the limits: ``source``, ``target``, ``hops``, ``state``.

    The state is the earliest possible day of arrival (possible), or the day by which it is certain (strict), as an ordinal; open bounds are
    `OPEN_START` and `OPEN_END`.

    Args:
        gates: the gates.
        sources: a column ``name``.
        targets: a column ``name``; everything where not given.
    """
    from pyspark.sql import functions as sql

    starts = gates.numbers(sources).select(sql.col("node").alias("lane"), "node")
    if targets is None:
        found = spread(gates, starts)
    else:
        goals = kept(gates.numbers(targets))
        found = spread(gates.towards(goals), starts).join(goals, "node", "left_semi")
    found = found.where("lane <> node")
    found = found.join(gates.names.toDF("source", "lane"), "lane").join(gates.names.toDF("target", "node"), "node")
    return found.select("source", "target", "hops", "state")
