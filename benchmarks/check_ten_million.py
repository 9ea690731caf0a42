"""Claim: `motet check` reads and checks ten million events under 4 GB, near the speed of a bare polars scan.

    python benchmarks/check_ten_million.py [--rows 10000000] [--format parquet|csv]

Makes its own table, runs both as processes of their own in turn, and prints one JSON line: seconds (median of three),
their ratio, and peak memory of each.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = """
[project]
name = "ten-million"
[tables.events]
path = "events.{suffix}"
user = "user"
item = "item"
time = "time"
[tables.events.columns]
rating = "number"
[tasks.next_item]
kind = "next_item"
[tasks.rating]
kind = "rating"
column = "rating"
"""

SCAN = """
import sys, polars as pl
path = sys.argv[1]
scan = pl.scan_parquet(path) if path.endswith("parquet") else pl.scan_csv(path)
print(scan.select(pl.all().n_unique()).collect(engine="streaming"))
"""


def make_table(path: Path, rows: int) -> None:
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "user": rng.integers(0, rows // 20, rows),
            "item": rng.zipf(1.3, rows) % 200_000,
            "time": rng.integers(1_500_000_000, 1_700_000_000, rows),
            "rating": rng.integers(1, 6, rows).astype(float),
        }
    )
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)


def run(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak GB of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / f"events.{given.format}"
        make_table(table, given.rows)
        project = Path(folder) / "motet.toml"
        project.write_text(PROJECT.format(suffix=given.format))
        motet = [sys.executable, "-c", "from motet.cli.main import run; run()", "check", str(project), "--json"]
        scan = [sys.executable, "-c", SCAN, str(table)]
        pairs = [(run(motet), run(scan)) for _ in range(given.rounds)]
    print(
        json.dumps(
            {
                "rows": given.rows,
                "format": given.format,
                "check_seconds": round(statistics.median(a[0] for a, _ in pairs), 1),
                "scan_seconds": round(statistics.median(b[0] for _, b in pairs), 1),
                "ratio": round(statistics.median(a[0] / b[0] for a, b in pairs), 2),
                "check_peak_gb": round(max(a[1] for a, _ in pairs), 2),
                "scan_peak_gb": round(max(b[1] for _, b in pairs), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
