"""What pages say can be typed: commands parse, project files validate; both languages say the same."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from motet.cli.main import COMMANDS, make_app
from motet.schema import Project
from motet.testing.project import tiny_sections

from ._tree import ROOT, texts

DOCS = ROOT / "docs"
PAGES = [path for path in texts() if path.suffix == ".md" and "reference" not in path.parts and path.name != "LOG.md"]
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>\w*)(?P<rest>[^\n]*)\n(?P<text>.*?)^(?P=ticks)[ \t]*$", re.M | re.S)
SPOKEN = re.compile(r"(?<!`)`((?:\.venv/bin/)?motet [a-z][^`\n]*)`(?!`)")
UNFINISHED = re.compile(r"requires an argument|Missing (argument|option|parameter)", re.I)
"""What may be wanting in a sentence, where a command is named with the option that is spoken of."""
NOT_TYPED = re.compile(r"…|\w\|-|\[[A-Z-]|\.\.\.")
"""What stands for something else, so that the line is no command yet."""


def commands(page: Path) -> Iterator[str]:
    """Yield the command lines of a page: of its blocks, and between its backticks where they have arguments."""
    text = page.read_text(encoding="utf-8")
    for block in FENCE.finditer(text):
        if block["language"] in ("", "bash"):
            for line in block["text"].replace("\\\n", " ").splitlines():
                if re.match(r"(?:\.venv/bin/)?motet [a-z]", line.strip()):
                    yield line.strip()
    for said in SPOKEN.findall(FENCE.sub("", text)):
        if len(said.split()) > 2 and not UNFINISHED.search(refusal(said)):
            yield said


PROGRAM = typer.main.get_command(make_app())


def refusal(line: str) -> str:
    """Return why the real command line would not understand a line, or an empty string; nothing is run."""
    words = shlex.split(re.sub(r"\$\([^)]*\)", "x", line), comments=True)
    words = words[1 : next((at for at, word in enumerate(words) if word in ("|", ">", "<", "&&", "&")), len(words))]
    command = PROGRAM.commands.get(words[0])  # type: ignore[attr-defined]
    if command is None:
        return "no such command"
    if set(words) & {"--help", "-h"} or len(words) == 1:
        return ""
    try:
        command.make_context(words[0], words[1:], resilient_parsing=False)
    except Exception as error:  # whatever the parser raises is the answer
        return str(getattr(error, "message", "") or error)
    return ""


CASES = [(page, line) for page in PAGES for line in commands(page) if not NOT_TYPED.search(line)]


@pytest.mark.parametrize(
    "page", sorted({page for page, _ in CASES}), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_command_lines_parse(page: Path) -> None:
    wrong = [f"{line}: {problem}" for at, line in CASES if at == page and (problem := refusal(line))]
    assert wrong == []


def test_a_wrong_line_is_refused() -> None:
    assert refusal("motet recommend runs/shop --usr 7") and refusal("motet sing") and not refusal("motet check a.toml")
    assert len(COMMANDS) == len(PROGRAM.commands)  # type: ignore[attr-defined]


def projects(page: Path) -> Iterator[dict[str, Any]]:
    """Yield the project files, or parts of one, of a page; files with a title are something else."""
    for block in FENCE.finditer(page.read_text(encoding="utf-8")):
        if block["language"] == "toml" and "title=" not in block["rest"]:
            yield tomllib.loads(block["text"])


TOMLS = [page for page in PAGES if any(True for _ in projects(page))]


@pytest.mark.parametrize("page", TOMLS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_project_files_validate(page: Path) -> None:
    for sections in projects(page):
        whole = "tables" in sections and "tasks" in sections
        Project(**(sections if whole else joined(BASE, sections)))


BASE = tiny_sections()


def joined(base: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project with a part of another put into it, key by key."""
    found = dict(base)
    for key, value in part.items():
        found[key] = (
            joined(found[key], value) if isinstance(value, Mapping) and isinstance(found.get(key), Mapping) else value
        )
    return found


def test_the_two_glossaries_have_the_same_words() -> None:
    words = []
    for page in (DOCS / "glossary.md", DOCS / "zh" / "glossary.md"):
        rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
        words.append([re.findall(r"\*\*([^*]+)\*\*|`(\w)`", row.split(" | ")[0]) for row in rows])
    assert words[0] == words[1]


def test_every_page_is_reached_from_the_page_of_its_folder() -> None:
    missing = []
    for folder in ("how-to", "zh", "decisions"):
        text = (DOCS / folder / "README.md").read_text(encoding="utf-8")
        missing += [path.name for path in (DOCS / folder).glob("*.md") if f"({path.name})" not in text]
    assert [name for name in missing if name != "README.md"] == []


def test_numbers_in_how_to_pages_stand_in_the_benchmarks() -> None:
    known = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").rglob("*.md")).replace("0.", ".")
    for page in (DOCS / "how-to").glob("*.md"):
        prose = FENCE.sub("", page.read_text(encoding="utf-8"))
        said = re.findall(r"(?<![\d/=\w])0?(\.\d{4})\b", prose)
        assert [number for number in said if number not in known] == [], page.name
