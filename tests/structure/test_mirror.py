"""Tests stand where their source stands, and what has no test is written down."""

from __future__ import annotations

import re
from pathlib import Path

from ._tree import PACKAGE, ROOT, SOURCE, modules

UNIT = ROOT / "tests" / "unit"
ALLOWANCE = Path(__file__).with_name("untested.txt")
"""Modules that no test file is named after or imports from, one a line. The list may shrink, not grow."""


def untested() -> list[str]:
    """Return the modules that no test is named after, and that no test imports from."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "structure" not in path.parts]
    words = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    named = {(path.parent.relative_to(UNIT).as_posix(), path.stem) for path in UNIT.rglob("test_*.py")}
    found = []
    for path in modules():
        room = path.parent.relative_to(PACKAGE).as_posix()
        dotted = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        has_own = (room, f"test_{path.stem.strip('_')}") in named
        if path.name != "__init__.py" and not has_own and not re.search(rf"{re.escape(dotted)}\b", words):
            found.append(dotted)
    return found


def allowed() -> list[str]:
    """Return the modules that may be without a test of their own."""
    return ALLOWANCE.read_text(encoding="utf-8").split()


def test_every_unit_test_stands_beside_a_room() -> None:
    folders = {path.parent.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert sorted(str(folder) for folder in folders if not (PACKAGE / folder).is_dir()) == []


def test_what_has_no_test_does_not_grow() -> None:
    assert sorted(set(untested()) - set(allowed())) == []


def test_the_allowance_names_files_that_exist() -> None:
    known = {".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in modules()}
    assert sorted(set(allowed()) - known) == []
