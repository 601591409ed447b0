"""A service as operators start it, and plain HTTP to ask it with: nothing between the test and the wire."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}


def cross(patterns: int) -> str:
    """A query over all combinations of so many triples."""
    return f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'?s{n} ?p{n} ?o{n} .' for n in range(patterns))} }}"


CROSS = cross(3)
"""Over the shipped dossier, a query that only a killed process ends."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the service."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass(slots=True)
class Service:
    """A running service: its address, its process, and the file with its log."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.port = urllib.parse.urlsplit(self.base).port or 80

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None, timeout: float = 60
    ) -> Reply:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())
        finally:
            connection.close()

    def query(self, text: str, accept: str = "", path: str = "/sparql", **fields: str) -> Reply:
        """A query by GET."""
        asked = urllib.parse.urlencode({"query": text, **fields})
        return self.ask(f"{path}?{asked}", headers={"Accept": accept} if accept else {})

    def rows(self, text: str) -> list[dict[str, str]]:
        """The rows of a SELECT, as plain values."""
        reply = self.query(text)
        assert reply.status == 200, reply.body
        return [{name: term["value"] for name, term in row.items()} for row in reply.json()["results"]["bindings"]]

    @property
    def health(self) -> Any:
        return self.ask("/health").json()

    def logged(self, *, within: float = 20, **fields: Any) -> dict[str, Any]:
        """The last line of the log with these fields, once there is one."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
            if found := [line for line in lines if fields.items() <= line.items()]:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"no line of the log has {fields}:\n{self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30) -> int:
        """Its exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextlib.contextmanager
def serving(home: Path, log: Path, *options: str) -> Iterator[Service]:
    """``seismic serve`` on a free port over the snapshots in a folder."""
    environment = os.environ | {"SEISMIC_HOME": str(home), "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "seismic_graph.cli", "serve", "--port", "0", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, stderr=output, stdout=output, env=environment, cwd=ROOT)
    try:
        base = ""
        deadline = time.monotonic() + 60
        while not base and process.poll() is None and time.monotonic() < deadline:
            found = re.search(r"^Serving at (http://\S+)", log.read_text(), re.MULTILINE)
            base = found[1] if found else ""
            time.sleep(0.02)
        assert base, log.read_text()
        yield Service(base, process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def children(pid: int) -> set[int]:
    """The processes that descend from one, as the system tells."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found
