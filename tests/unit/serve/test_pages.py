"""The built console: it is what its sources make, names no other host, and carries the licences of its libraries."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from motet.serve.pages import FOLDER, PAGES

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "console"
OWN = ("index.html", "package-lock.json", "package.json", "seal.mjs", "tsconfig.json", "vite.config.ts")


def test_the_build_is_made_from_these_sources() -> None:
    files = [SOURCES / name for name in OWN]
    files += [file for folder in ("src", "public") for file in (SOURCES / folder).rglob("*") if file.is_file()]
    digest = hashlib.sha256()
    for name, file in sorted((file.relative_to(SOURCES).as_posix().encode(), file) for file in files):
        digest.update(name + b"\0" + file.read_bytes() + b"\0")
    told = json.loads((FOLDER / "console.json").read_text())
    assert told == {"sources": digest.hexdigest(), "files": len(files)}, "Build it again: make console"


def test_nothing_is_asked_of_another_host() -> None:
    for file in FOLDER.rglob("*"):
        if file.suffix in (".html", ".js", ".css", ".svg"):
            hosts = set(re.findall(r"(?:https?:)?//((?:[\w-]+\.)+[a-z]{2,})", file.read_text(encoding="utf-8")))
            assert hosts <= {"www.w3.org"}, file.name  # the name of SVG, which nobody asks


def test_no_script_and_no_style_stands_in_the_page() -> None:
    page = PAGES["/console"].file.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page) == []
    assert not [
        f for f in (SOURCES / "src").rglob("*.ts*") if "dangerouslySetInnerHTML" in f.read_text(encoding="utf-8")
    ]


def test_it_is_small_and_carries_its_licences() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 2_500_000
    licences = (FOLDER / "licences.txt").read_text(encoding="utf-8")
    for name in json.loads((SOURCES / "package.json").read_text())["dependencies"]:
        assert f"\n{name} " in f"\n{licences}"
    assert "Apache ECharts" in licences and "MIT License" in licences


def test_versions_are_exact() -> None:
    package = json.loads((SOURCES / "package.json").read_text())
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert re.fullmatch(r"[\d.]+", version)


@pytest.mark.parametrize("language", [0, 1])
def test_the_console_speaks_as_the_report_does(language: int) -> None:
    words = json.loads((SOURCES / "src" / "words.json").read_text(encoding="utf-8"))
    report = tomllib.loads((ROOT / "src/motet/report/words.toml").read_text(encoding="utf-8"))
    terms = ["improved", "not worse", "unclear", "harmed", "routed", "twin", "joint", "verdict", "repair", "baseline"]
    terms += [
        "certificate",
        "savings",
        "affinity",
        "cosine",
        "health",
        "quarantined",
        "coverage",
        "parameters",
        "latency",
    ]
    assert [words[term][language] for term in terms] == [report[term][language] for term in terms]
    for name, said in words.items():
        assert len(said) == 2 and all(said), name
        assert re.findall(r"\{\w+\}", said[0]) == [] or sorted(re.findall(r"\{\w+\}", said[0])) == sorted(
            re.findall(r"\{\w+\}", said[1])
        ), name
