"""Looking for help, and checking tables, waits for no heavy library."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from motet.testing.shop import write_tiny_shop

HELP_SECONDS = 0.5
TRIES = 5


def loaded_after(*arguments: str) -> set[str]:
    """Return the modules that a fresh process has loaded after a command line."""
    code = (
        "import sys; from motet.cli.main import main; "
        f"code = main({list(arguments)!r}); print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_importing_motet_loads_no_torch() -> None:
    code = "import sys, motet; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["certify", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"torch", "numpy", "polars", "sklearn", "transformers"}
    assert loaded_after(*arguments) & heavy == set()


def test_check_loads_no_torch(tmp_path: Path) -> None:
    project = write_tiny_shop(tmp_path)
    loaded = loaded_after("check", str(project), "--quiet")
    assert "polars" in loaded
    assert loaded & {"torch", "transformers", "sklearn"} == set()


def test_help_is_there_at_once() -> None:
    """In processor time, the best of a few tries: what the machine does besides is not ours."""
    command = [sys.executable, "-c", "from motet.cli.main import run; run()", "--help"]
    taken = []
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(taken) < HELP_SECONDS
