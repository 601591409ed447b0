"""How fast an import is, beside the bulk load of the same triples, and what memory both need: ``python -m benchmarks.run imports``.

A table `organization` of CORDIS is made up with so many rows that about so many triples come of it (about four rows an organisation,
seven rows a project), imported, and what was written is loaded into a new store on disk as a build does. The floor is the same load
alone. Each part runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.tables import OURS, Row, Table
from benchmarks.timing import process

TRIPLES_A_ROW = 14

HEAD = (
    "projectID;projectAcronym;organisationID;vatNumber;name;shortName;SME;activityType;street;postCode;city;country;nutsCode;geolocation;"
    "organizationURL;contactForm;contentUpdateDate;rcn;order;role;ecContribution;netEcContribution;totalCost;endOfParticipation;active"
)

IMPORT = """
import json, resource, sys, time
from pathlib import Path
from seismic_graph import build, imports
from seismic_graph.settings import Settings
settings, file = Settings(home=Path(sys.argv[1])), Path(sys.argv[2])
started = time.perf_counter()
report = build.bring(settings, "cordis", [file])
print(json.dumps({"seconds": time.perf_counter() - started, "triples": report.total("triples"), "rows": report.total("loaded"),
                  "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
"""

LOAD = """
import json, resource, sys, tempfile, time
from pathlib import Path
import pyoxigraph as ox
from seismic_graph import imports
from seismic_graph.settings import Settings
with tempfile.TemporaryDirectory() as room:
    work = Path(room)
    files = [file for _, file in imports.files_to_load(Settings(home=Path(sys.argv[1])), work)]
    store = ox.Store(str(work / "store"))
    started = time.perf_counter()
    for file in files:
        store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode("urn:graph"))
    seconds = time.perf_counter() - started
    del store  # closed, so that its folder can be deleted
    print(json.dumps({"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
"""


def make(file: Path, rows: int) -> None:
    """A table of so many participations, the same for the same number."""
    chosen = random.Random(rows)
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(";".join(f'"{name}"' for name in HEAD.split(";")) + "\n")
        for row in range(rows):
            body, project = chosen.randrange(max(1, rows // 4)), row // 7
            cells = [
                *(
                    str(190000000 + project),
                    f"ACR{project}",
                    str(900000000 + body),
                    f"SE{body:012}",
                    f"Organisation number {body}",
                    f"ORG{body}",
                ),
                *("false", "HES", f"Street {body % 999}", "100 44", f"Town {body % 3000}", "SE", f"SE{body % 9}{body % 7}{body % 5}"),
                *(f"{55 + body % 1000 / 100:.4f},{12 + body % 700 / 100:.4f}", f"https://www.example{body}.se", "", "2024-06-01 10:00:00"),
                *(str(row), str(row % 7 + 1), "coordinator" if row % 7 == 0 else "participant"),
                *(f"{chosen.randrange(10**6)}.5", f"{chosen.randrange(10**6)}", f"{chosen.randrange(10**7)},25", "false", ""),
            ]
            out.write(";".join(f'"{cell}"' for cell in cells) + "\n")


def run(program: str, *arguments: str) -> dict[str, float]:
    """What a program told in the last line that it wrote."""
    answer: dict[str, float] = json.loads(process([sys.executable, "-c", program, *arguments]).splitlines()[-1])
    return answer


def measure(triples: int) -> Table:
    """The table of an import that gives about so many triples."""
    rows = max(1, triples // TRIPLES_A_ROW)
    with tempfile.TemporaryDirectory() as room:
        file, home = Path(room) / "organization.csv", Path(room) / "home"
        make(file, rows)
        brought, loaded = run(IMPORT, str(home), str(file)), run(LOAD, str(home))
    both = brought["seconds"] + loaded["seconds"]
    question = f"{rows:,} rows, {brought['triples']:,} triples: read, check, map, write and load"
    said = f"{brought['seconds']:.2f} s without the load, {rows / brought['seconds']:,.0f} rows a second"
    told = [
        Row(question, OURS, both, said, megabytes=brought["mb"]),
        Row(question, "floor: the bulk load alone, pyoxigraph", loaded["seconds"], "no row is read or checked", megabytes=loaded["mb"]),
    ]
    wrong = [f"{rows - brought['rows']:,.0f} rows were not loaded"] if brought["rows"] != rows else []
    return Table("imports", f"Import of {rows:,} rows of CORDIS", told, {"rows": rows, "triples": brought["triples"]}, wrong)
