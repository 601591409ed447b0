"""What operators meet: start and stop, health, metrics, logs, another snapshot, and what is left behind."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seismic_graph import __version__
from seismic_graph.settings import resources
from tests.conftest import ROOT, Runner
from tests.web.service import CROSS, DIRECT, Service, children, serving


def gone(pids: set[int], seconds: float = 15) -> bool:
    """Whether processes end within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = set()
        for pid in pids:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if ") Z " not in Path(f"/proc/{pid}/stat").read_text():
                    left.add(pid)
        if not left:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_it_stops_when_told_and_lets_requests_end(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    with serving(home, tmp_path / "log", "--timeout", "2") as service, ThreadPoolExecutor() as threads:
        running = threads.submit(service.ask, "/sparql", "POST", DIRECT, CROSS.encode())
        deadline = time.monotonic() + 20
        while not service.health["workers"]["running"]:
            assert time.monotonic() < deadline
        below = children(service.process.pid)
        assert len(below) >= 2
        assert service.stop(number) == 0
        assert running.result().status == 504  # it was answered, not dropped
        assert gone(below)
        with pytest.raises(ConnectionRefusedError):
            service.ask("/health")
        assert "Traceback" not in service.log.read_text()


def test_nothing_is_left_where_it_is_killed(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "log") as service:
        below = children(service.process.pid)
        assert service.stop(signal.SIGKILL) == -signal.SIGKILL
        assert gone(below)


def test_a_taken_port_is_an_error(seismic: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = seismic("serve", "--port", port)
        assert done.returncode == 2
        assert f"port {port}" in done.stderr
        assert "--port" in done.stderr
        assert "Traceback" not in done.stderr
    elsewhere = seismic("serve", "--host", "192.0.2.1", "--port", "0")
    assert (elsewhere.returncode, "192.0.2.1" in elsewhere.stderr) == (2, True)


@pytest.mark.parametrize("base", ["example.org/kg", "ftp://example.org/", "https://", "https://example.org/?x", "/kg/"])
def test_a_base_that_is_no_address_is_an_error(seismic: Runner, base: str) -> None:
    done = seismic("serve", "--port", "0", "--base", base)
    assert (done.returncode, base in done.stderr) == (2, True)


def test_where_there_is_no_snapshot_one_is_built(tmp_path: Path) -> None:
    with serving(tmp_path / "new", tmp_path / "log", "--workers", "1") as service:
        assert "building the dossier once" in service.log.read_text()
        assert int(service.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"]) > 10_000


def test_health(service: Service) -> None:
    reply = service.ask("/health")
    health = reply.json()
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert (health["status"], health["version"]) == ("ok", __version__)
    assert len(health["snapshot"]) == 16
    assert health["workers"]["ready"] == health["workers"]["size"] >= 2
    assert health["uptime"] > 0


def test_metrics(home: Path, tmp_path: Path) -> None:
    with serving(home, tmp_path / "log", "--timeout", "0.5", "--workers", "1") as service:
        for text in ("ASK {}", "ASK {}", "ASK {", CROSS):
            service.query(text)
        service.ask("/no/such/place", "BREW")
        reply = service.ask("/metrics")
        text = reply.body.decode()
        assert reply.type == "text/plain"
        assert 'seismic_requests_total{method="GET",route="/sparql",status="200"} 2.0' in text
        assert 'seismic_requests_total{method="GET",route="/sparql",status="400"} 1.0' in text
        assert 'seismic_requests_total{method="GET",route="/sparql",status="504"} 1.0' in text
        assert 'seismic_requests_total{method="other",route="other",status="404"} 1.0' in text
        assert 'seismic_request_seconds_bucket{le="0.5",method="GET",route="/sparql"} 3.0' in text
        assert 'seismic_jobs_total{ended="timeout"} 1.0' in text
        assert 'seismic_jobs_total{ended="done"} 2.0' in text
        assert f'seismic_snapshot{{id="{service.health["snapshot"]}"}} 1.0' in text


def test_the_log_is_json_with_the_id_of_the_request(service: Service) -> None:
    reply = service.query("ASK {}")
    line = service.logged(request=reply.headers["x-request-id"])
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"], line["client"]) == ("GET", "/sparql", 200, "127.0.0.1")
    assert line["snapshot"] == reply.headers["x-seismic-snapshot"]
    assert line["bytes"] == len(reply.body)
    assert line["seconds"] >= 0
    assert set(line) >= {"time", "level"}


def test_a_new_snapshot_comes_into_use_without_a_request_dropped(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    home = tmp_path / "home"
    before = (home / "current").read_text().strip()
    changed = shutil.copytree(resources() / "dossier", tmp_path / "dossier")
    flows = (changed / "flows.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (changed / "flows.csv").write_text("".join(flows[:-1]), encoding="utf-8")
    count = "PREFIX sg: <https://w3id.org/seismic-graph/ontology#> SELECT (COUNT(?flow) AS ?n) { ?flow a sg:KnowledgeFlow }"
    seen: list[tuple[int, str, str]] = []
    with serving(home, tmp_path / "log") as service:
        stop = threading.Event()

        def hammer() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
            while not stop.is_set():
                connection.request("POST", "/sparql", count, DIRECT | {"Accept": "text/csv"})
                answer = connection.getresponse()
                seen.append((answer.status, answer.headers["X-Seismic-Snapshot"], answer.read().decode().split()[1]))
            connection.close()

        with ThreadPoolExecutor() as threads:
            clients = [threads.submit(hammer) for _ in range(4)]
            environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "seismic_graph.cli", "build", "--dossier", str(changed)]
            subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
            after = (home / "current").read_text().strip()
            deadline = time.monotonic() + 30
            while {snapshot for _, snapshot, _ in seen[-20:]} != {after}:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            stop.set()
            for client in clients:
                client.result()
        assert before != after
        assert {status for status, _, _ in seen} == {200}
        counts = {snapshot: {number for _, one, number in seen if one == snapshot} for snapshot in (before, after)}
        assert {snapshot for _, snapshot, _ in seen} == {before, after}
        assert [len(numbers) for numbers in counts.values()] == [1, 1]
        assert counts[before] != counts[after]
        assert service.health["snapshot"] == after
        assert service.logged(event="a new snapshot is in use", snapshot=after)
