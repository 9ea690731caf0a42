"""What the site needs beside the pages: its menu, and a way out for links to files that are not part of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
PARTS = {
    "Tutorial": "tutorial",
    "How to": "how-to",
    "Guide": "guide",
    "Reference": "reference",
    "Decisions": "decisions",
    "中文": "zh",
}
LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1[ \t]*$", re.M | re.S)


def on_config(config: Any) -> Any:
    """Put every page into the menu; a folder's README comes first."""
    config.nav = menu()
    return config


def on_page_markdown(markdown: str, /, *, page: Any, **_: Any) -> str:
    """Turn links to files outside of docs/ into the files' names: the site does not have them."""
    folder = (DOCS / page.file.src_uri).parent
    done, place = [], 0
    for fence in FENCE.finditer(markdown):
        done += [_without_ways_out(markdown[place : fence.start()], folder), fence[0]]
        place = fence.end()
    return "".join([*done, _without_ways_out(markdown[place:], folder)])


def menu() -> list[dict[str, Any]]:
    """Return the menu: the first page, a tab for each folder, the glossary."""
    tabs: list[dict[str, Any]] = [{"Motet": "README.md"}]
    for title, folder in PARTS.items():
        pages = sorted((DOCS / folder).glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
        tabs.append({title: [path.relative_to(DOCS).as_posix() for path in pages]})
    return [*tabs, {"Glossary": "glossary.md"}]


def _without_ways_out(text: str, folder: Path) -> str:
    def plain(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        if target.is_relative_to(DOCS):
            return link[0]
        name = target.relative_to(DOCS.parent).as_posix()
        said = link[1].strip("`")
        return f"`{name}`" if said in (name, target.name) else f"{link[1]} (`{name}`)"

    return LINK.sub(plain, text)
