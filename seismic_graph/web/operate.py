"""What operators need: health, metrics, and a log of JSON lines."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seismic_graph import __version__
from seismic_graph.web.workers import WorkerPool

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Metrics:
    """What is counted, of requests and of the pool, in the text format of Prometheus."""

    def __init__(self, pool: WorkerPool) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method"]
        self._requests = Counter("seismic_requests", "Requests answered.", [*labels, "status"], registry=self.registry)
        self._seconds = Histogram("seismic_request_seconds", "Seconds a request took.", labels, registry=self.registry)
        self.registry.register(_PoolCollector(pool))

    def served(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is the pattern, not the address, so that the labels stay few."""
        method = method if method in _METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _PoolCollector(Collector):
    """The state of the pool at the moment of asking."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool

    def collect(self) -> Iterator[Metric]:
        """One family of numbers after the other."""
        jobs = CounterMetricFamily("seismic_jobs", "Jobs by how they ended.", labels=["ended"])
        for ended, count in sorted(self.pool.counts.items()):
            jobs.add_metric([ended], count)
        yield jobs
        yield GaugeMetricFamily("seismic_workers", "Workers that are up.", value=self.pool.ready)
        yield GaugeMetricFamily("seismic_jobs_running", "Jobs that run now.", value=self.pool.running)
        yield GaugeMetricFamily("seismic_jobs_waiting", "Requests that wait for a worker.", value=self.pool.waiting)
        snapshot = GaugeMetricFamily("seismic_snapshot", "The snapshot in use.", labels=["id"])
        snapshot.add_metric([self.pool.snapshot], 1)
        yield snapshot


async def health(request: Request) -> Response:
    """How the service is: 200 where it can answer, 503 where no worker is up and none comes up."""
    pool: WorkerPool = request.app.state.pool
    ready = pool.ready
    well = ready > 0 or not pool.failing
    told: dict[str, Any] = {
        "status": "ok" if well else "failing",
        "version": __version__,
        "snapshot": pool.snapshot,
        "workers": {"size": pool.size, "ready": ready, "running": pool.running, "waiting": pool.waiting},
        "uptime": round(time.monotonic() - request.app.state.started, 1),
    }
    if pool.failing:
        told["reason"] = pool.failing
    return JSONResponse(told, 200 if well else 503, {"Cache-Control": "no-store"})


async def metrics(request: Request) -> Response:
    """The numbers, as Prometheus reads them."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


routes = [Route("/health", health, name="health"), Route("/metrics", metrics, name="metrics")]


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and the ``fields`` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)
