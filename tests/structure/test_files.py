"""Files stay short and say what they are for; none of them belongs to one machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ._tree import ROOT, modules, name_of, texts

MOST_LINES = 400
MACHINE = re.compile(r"(?<![\w.~$}\])*-])/(?:work|opt|root|home|mnt|Users|srv)/\w")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|download\.pytorch\.org|--(?:extra-)?index-url|--find-links|/simple/\w", re.I
)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    assert ast.get_docstring(ast.parse(text))


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in texts():
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("line", ["see /home/ann/data", "'/mnt/data'", "pip install --index-url x", "path=/opt/x"])
def test_the_search_finds_it(line: str) -> None:
    assert MACHINE.search(line) or REGISTRY.search(line)


@pytest.mark.parametrize("line", ["src/mnt/x", "a/home/b", "https://example.com/home/x", "$HOME/mnt/x"])
def test_the_search_leaves_the_harmless_alone(line: str) -> None:
    assert not MACHINE.search(line) and not REGISTRY.search(line)


def test_every_file_ends_its_last_line() -> None:
    assert [
        str(path.relative_to(ROOT)) for path in texts() if path.stat().st_size and path.read_bytes()[-1:] != b"\n"
    ] == []
