"""Tests stand where their source stands, and what has no test is written down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ._tree import PACKAGE, ROOT, SOURCE, modules

UNIT = ROOT / "tests" / "unit"
ALLOWANCE = Path(__file__).with_name("untested.txt")
"""Modules that no test file is named after or imports from, one a line. The list may shrink, not grow."""


def untested() -> list[str]:
    """Return the modules that no test is named after, and whose names no test imports, directly or from the room."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "structure" not in path.parts]
    used = {module for path in tests for module in imported(path)}
    named = {(path.parent.relative_to(UNIT).as_posix(), path.stem) for path in UNIT.rglob("test_*.py")}
    found = []
    for path in modules():
        own = (path.parent.relative_to(PACKAGE).as_posix(), f"test_{path.stem.strip('_')}")
        if path.name != "__init__.py" and own not in named and dotted(path) not in used:
            found.append(dotted(path))
    return found


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports names from; a name that a room offers counts for where it comes from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
                yield from offered_from(node.module, alias.name)


def offered_from(room: str, name: str) -> Iterator[str]:
    """Yield the module from which a room takes a name that it offers."""
    init = SOURCE.joinpath(*room.split("."), "__init__.py")
    if room.startswith("motet") and init.exists():
        for node in ast.parse(init.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
                yield str(node.module)


def dotted(path: Path) -> str:
    """Return the dotted name of a source file."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def allowed() -> list[str]:
    """Return the modules that may be without a test of their own."""
    return ALLOWANCE.read_text(encoding="utf-8").split()


def test_every_unit_test_stands_beside_a_room() -> None:
    folders = {path.parent.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert sorted(str(folder) for folder in folders if not (PACKAGE / folder).is_dir()) == []


def test_what_has_no_test_does_not_grow() -> None:
    assert sorted(set(untested()) - set(allowed())) == []


def test_the_allowance_names_files_that_exist() -> None:
    known = {dotted(path) for path in modules()}
    assert sorted(set(allowed()) - known) == []
