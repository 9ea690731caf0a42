"""Ask a service thousands of strange questions: 0 answers of 5xx, and none that /openapi.json does not describe.

    python benchmarks/drills/fuzz.py runs/shop [--cases 10000]

Starts `motet serve` on a free port over a store of its own, lets schemathesis ask, and prints one line of figures.
The exit code is 1 where a check failed, or where fewer cases were asked than wanted.
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"
OPERATIONS = 25
MOTET = [sys.executable, "-c", "from motet.cli.main import run; run()"]


def fuzz(url: str, cases: int, *, phases: str = "coverage,fuzzing") -> tuple[int, int, str]:
    """Return how many cases were asked, the exit code of schemathesis, and what it said."""
    each = str(max(1, cases // OPERATIONS))
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{url}/openapi.json", "--no-color"]
    command += ["--checks", CHECKS, "--phases", phases, "--max-examples", each, "--continue-on-failure"]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"(\d+) generated", done.stdout)
    return int(found[1]) if found else 0, done.returncode, done.stdout + done.stderr


def wait_for(url: str, seconds: float = 120.0) -> float:
    """Return after how many seconds the service was ready."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            with urllib.request.urlopen(f"{url}/ready"):
                return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("the service did not become ready")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model folder; it is served, and users in it may be forgotten")
    parser.add_argument("--cases", type=int, default=10_000)
    asked = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "log.db")
        serve = [*MOTET, "serve", str(asked.folder), "--store", store, "--port", str(port), "--open-without-key", "-q"]
        process = subprocess.Popen(serve)
        try:
            ready = wait_for(url)
            began = time.monotonic()
            cases, code, said = fuzz(url, asked.cases)
            taken_seconds = time.monotonic() - began
        finally:
            process.terminate()
            stopped = process.wait(60)
    passed = code == 0 and stopped == 0 and cases >= asked.cases // 2
    if not passed:
        print(said)
    figures = f"{cases:,} cases in {taken_seconds:.0f} s; ready after {ready:.1f} s; exit {stopped}"
    print(f"fuzz: {'passed' if passed else 'FAILED'}; {figures}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
