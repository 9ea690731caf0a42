"""Run the drills: python -m benchmarks.drills [--scale 0.1] [NAME ...]

Each prints its figure in one line, and whether its negative control, broken on purpose, fails as it has to. The exit
code is 1 where a drill failed or a control did not.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from benchmarks.drills._bench import Bench, Found, workplace

NAMES = (
    "kills",
    "stopped",
    "full",
    "sigterm",
    "mutants",
    "strange",
    "machine",
    "doors",
    "swaps",
    "overload",
    "purchased",
    "parity",
    "soak",
)
LONG = "soak"
"""At a small scale it goes on beside the others: it asks little, and looks at memory alone."""
ALONE = ("swaps", "overload")
"""These look at how soon answers come, or at memory, and want the machine for themselves."""


def one(name: str, bench: Bench) -> bool:
    """Run a drill and print its line; return whether it passed."""
    began = time.monotonic()
    try:
        found: Found = importlib.import_module(f"benchmarks.drills.{name}").run(bench)
    except Exception:
        traceback.print_exc()
        found = Found(False, "it could not be finished", False)
    print(f"{found.line(name)} ({time.monotonic() - began:.0f} s)", flush=True)
    return found.ok and found.control


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"by default all: {', '.join(NAMES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a tenth of everything")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no such drill: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    names = list(asked.names or NAMES)
    with workplace(asked.scale) as bench, ThreadPoolExecutor(1) as beside:
        soak = beside.submit(one, LONG, bench) if LONG in names and asked.scale < 1 else None
        rest = [name for name in names if name != LONG or soak is None]
        passed = [one(name, bench) for name in rest if name not in ALONE]
        passed += [] if soak is None else [soak.result()]
        passed += [one(name, bench) for name in rest if name in ALONE]
    print(f"{sum(passed)} of {len(passed)} drills passed in {time.monotonic() - began:.0f} s")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
