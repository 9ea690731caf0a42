"""The documentation builds as a site without a warning, and its pages ask no other host for anything."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from _snippets import ROOT, environment

LOADED = re.compile(r"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*>", re.I)
AWAY = re.compile(r"""(?:src|href|data)\s*=\s*["']?(?:https?:)?//""", re.I)
HARMLESS = ('rel="canonical"', 'rel="alternate"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    site = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=ROOT,
        env=environment(NO_MKDOCS_2_WARNING="1"),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def test_every_page_is_there_and_in_the_menu(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    made = {page.with_name("index.html") if page.name == "README.md" else page.with_suffix(".html") for page in pages}
    assert [str(page) for page in made if not (site / page).exists()] == []
    menu = (site / "index.html").read_text(encoding="utf-8")
    assert [str(page) for page in made if f'href="{page.as_posix()}"' not in menu and len(page.parts) > 1] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    found = []
    for page in site.rglob("*.html"):
        tags = LOADED.findall(page.read_text(encoding="utf-8"))
        found += [tag for tag in tags if AWAY.search(tag) and not any(each in tag for each in HARMLESS)]
    for sheet in site.rglob("*.css"):
        found += re.findall(r"url\(['\"]?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*", sheet.read_text(encoding="utf-8"))
    assert found == []


def test_both_languages_can_be_searched_and_find_each_other(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert index["config"]["lang"] == ["en", "zh"]
    text = " ".join(each["text"] for each in index["docs"])
    assert "\u200b孪生\u200b" in text and "twin" in text
    assert "../zh/tutorial.html" in (site / "tutorial" / "index.html").read_text(encoding="utf-8")
    assert "../tutorial/index.html" in (site / "zh" / "tutorial.html").read_text(encoding="utf-8")


def test_links_to_files_beside_the_pages_become_names(site: Path) -> None:
    text = (site / "how-to" / "by-domain.html").read_text(encoding="utf-8")
    assert "<code>recipes/movies.toml</code>" in text and 'href="../../recipes' not in text
