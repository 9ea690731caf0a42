"""Write docs/reference from the code: rooms, shelves, the project file's keys, the commands, the HTTP interface; and
what was measured.

    python docs/generate.py            write the pages
    python docs/generate.py --check    say which pages are out of date, and exit with 1 if any is

Rooms and shelves are read from the source without running it; keys come from the pydantic fields, with their meaning
from docs/keys.toml; commands come from the command line's own declarations, endpoints from the app's description,
measured tables from benchmarks/results.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from _pages import commands, http, keys, measured, rooms, shelves  # noqa: E402

REFERENCE = DOCS / "reference"
NOTICE = "<!-- Written by docs/generate.py; change the source and run `make docs`. -->\n\n"


def pages() -> dict[str, str]:
    """Return every generated page: file name in docs/reference → content."""
    written = {
        "project-file.md": keys.page(DOCS / "keys.toml"),
        "commands.md": commands.page(),
        "http.md": http.page(),
        "shelves.md": shelves.page(),
        **rooms.pages(),
        **measured.pages(),
    }
    written["README.md"] = index(written)
    return {name: NOTICE + text.rstrip() + "\n" for name, text in sorted(written.items())}


def index(written: dict[str, str]) -> str:
    """Return the page that lists the others by their titles."""
    lines = ["# Reference", "", "Generated from the code: what there is, by name; and what was measured.", ""]
    order = ("room-", "measured-")
    for name, text in sorted(
        written.items(), key=lambda entry: ([entry[0].startswith(part) for part in order], entry[0])
    ):
        lines.append(f"- [{text.splitlines()[0].removeprefix('# ')}]({name})")
    return "\n".join(lines)


def stale() -> list[str]:
    """Return the names of pages that are missing, out of date, or left over."""
    wanted = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write() -> None:
    """Write every page, and remove pages that nothing makes any more."""
    REFERENCE.mkdir(exist_ok=True)
    wanted = pages()
    for path in REFERENCE.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


def main() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is out of date")
    if not parser.parse_args().check:
        write()
        return 0
    old = stale()
    if old:
        print(f"Out of date: {', '.join(old)}. Run: make docs", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
