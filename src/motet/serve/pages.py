"""The console's files, as they were built into the package: a fixed list, so that no path leads anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "console"
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True)
class Page:
    """A file of the console. lasting: its name changes with its content."""

    file: Path
    media: str
    lasting: bool


def _found() -> dict[str, Page]:
    pages = {}
    for file in sorted(FOLDER.rglob("*")):
        if file.is_file() and file.suffix in TYPES:
            name = file.relative_to(FOLDER).as_posix()
            pages[f"/console/{name}"] = Page(file, TYPES[file.suffix], name.startswith("assets/"))
    if f"/console/{INDEX}" in pages:
        pages["/console"] = pages["/console/"] = pages[f"/console/{INDEX}"]
    return pages


PAGES = _found()
"""Path → file."""
PATHS = frozenset({"/console", "/console/", *PAGES})
"""What is shown without a key: the console asks for one itself. There is nothing of the model in it."""
