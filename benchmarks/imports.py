"""How fast an import is, beside the bulk load of the same triples into the embedded store, and what memory both need.

Run it as ``python -m benchmarks.imports 10000 100000 1000000``. A table `organization` of CORDIS is made up with so many rows
(about four rows an organisation, seven rows a project), imported, and what was written is loaded into a new store on disk as a build does.
The peer is the same load alone. Each part runs in a process of its own. Rows a second, ratio of import to load alone, peak memory.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

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
    print(json.dumps({"seconds": time.perf_counter() - started, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
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
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="+")
    print("| rows | triples | import s | rows/s | MB | bulk load s | rows/s | MB | import and load, share of the rate of the load alone |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory() as room:
            file, home = Path(room) / "organization.csv", Path(room) / "home"
            make(file, rows)
            brought, loaded = run(IMPORT, str(home), str(file)), run(LOAD, str(home))
        share = loaded["seconds"] / (brought["seconds"] + loaded["seconds"])
        cells = (
            *(
                f"{rows:,}",
                f"{brought['triples']:,}",
                f"{brought['seconds']:.1f}",
                f"{rows / brought['seconds']:,.0f}",
                f"{brought['mb']:,}",
            ),
            *(f"{loaded['seconds']:.1f}", f"{rows / loaded['seconds']:,.0f}", f"{loaded['mb']:,}", f"{share:.2f}"),
        )
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
