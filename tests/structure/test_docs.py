"""The documentation keeps up with the code: generated pages are fresh, nothing is missing, links lead somewhere."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import motet
from motet.cli.main import main

from ._tree import ROOT, texts

REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(path for path in texts() if path.suffix == ".md")
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$", re.M | re.S)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    path = ROOT / "docs" / "generate.py"
    spec = spec_from_file_location("generate_docs", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def targets(page: Path) -> list[str]:
    """Return the relative links of a page, without those in code."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in LINK.findall(prose) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", prose, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_generated_pages_are_fresh(generate: ModuleType) -> None:
    assert generate.stale() == [], "run: make docs"


def test_every_command_and_option_is_in_the_reference(
    generate: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    shared, missing = text.partition("\n## ")[0], []
    for name in generate.commands.commands():
        part = re.search(rf"^## motet {name}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        assert part is not None, name
        assert main([name, "--help"]) == 0
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", capsys.readouterr().out))
        assert "--json" in options
        missing += [f"{name} {each}" for each in options if f"`{each}" not in part[1] + shared]
    assert missing == []


def test_every_key_is_in_the_reference(generate: ModuleType) -> None:
    text = (REFERENCE / "project-file.md").read_text(encoding="utf-8")
    for title, fields in generate.keys.sections().items():
        part = re.search(rf"^## \[?{re.escape(title)}\]?\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        assert part is not None, title
        assert [key for key in fields if f"| `{key}` |" not in part[1]] == []


def test_every_endpoint_and_object_is_in_the_reference(generate: ModuleType) -> None:
    told = generate.http.description()
    text = (REFERENCE / "http.md").read_text(encoding="utf-8")
    assert [path for path, method, _ in generate.http.endpoints(told) if f"\n## {method} {path}\n" not in text] == []
    assert [name for name in told["components"]["schemas"] if f"\n### {name}\n" not in text] == []


def test_the_reference_lists_all_its_pages() -> None:
    listed = set(targets(REFERENCE / "README.md"))
    assert listed == {path.name for path in REFERENCE.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in targets(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        known = target.exists() and (not anchor or target.suffix != ".md" or anchor in anchors(target))
        broken += [] if known else [link]
    assert broken == []


def test_every_room_has_a_page_in_the_guide() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "motet").glob("*/__init__.py")}
    pages = {path.stem for path in (ROOT / "docs" / "guide").glob("*.md")} - {"README"}
    assert rooms - pages == set()


def test_decisions_are_numbered_once_and_all_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert set(targets(folder / "README.md")) == {path.name for path in pages}
    assert len({path.name[:4] for path in pages}) == len(pages)
    assert [page.name for page in pages if page.name[:4] not in page.read_text(encoding="utf-8").splitlines()[0]] == []


def test_commands_in_prose_exist(generate: ModuleType) -> None:
    known = set(generate.commands.commands())
    wrong = []
    for page in PAGES:
        if REFERENCE not in page.parents:
            said = re.findall(r"(?:^|`)(?:\.venv/bin/)?motet ([a-z][a-z-]*)\b", page.read_text(encoding="utf-8"), re.M)
            wrong += [f"{page.name}: motet {name}" for name in said if name not in known]
    assert wrong == []


def test_the_two_readmes_have_the_same_build() -> None:
    shapes = []
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        headings = [line.split()[0] for line in FENCE.sub("", text).splitlines() if line.startswith("#")]
        code = [re.sub(r"#.*", "", block[0]).rstrip() for block in re.finditer(FENCE, text)]
        shapes.append((headings, [re.sub(r"[ \t]+$", "", block, flags=re.M) for block in code], text.count("<!--")))
    assert shapes[0] == shapes[1]


def test_the_changelog_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version == motet.__version__
    assert "## [Unreleased]" in text and f"## [{version}]" in text
