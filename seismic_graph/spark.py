"""Apache Spark, for work that outgrows one machine: the session that is active, or one on this machine."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from seismic_graph.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def session() -> SparkSession:
    """The active session; where there is none, a new one on this machine, without a web page and without leavings.

    Raises:
        UsageError: PySpark is not installed, or there is no Java to run it.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(f"Spark is not installed ({error.name}). Install it with: pip install 'seismic-graph[link,spark]'") from None
    if active := SparkSession.getActiveSession():
        return active
    options: dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.driver.memory": "4g",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.log.level": "ERROR",
    }
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # its tasks import this package
    builder = SparkSession.builder.master("local[*]").appName("seismic-graph")
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        raise UsageError(f"Spark does not start: {error}. It needs Java 17 or later (on Debian: default-jre-headless).") from error
