"""The files of the project, as the structure tests see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "motet"
FOLDERS = ("src", "tests", "docs", "examples", "recipes", "benchmarks", ".ci")
TEXTS = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".json", ".csv", ""}


def modules() -> list[Path]:
    """Return every source file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """Return a source file as a short test id."""
    return path.relative_to(SOURCE).as_posix()


def texts() -> Iterator[Path]:
    """Yield every text file that belongs to the project."""
    yield from sorted(path for path in ROOT.iterdir() if _is_text(path))
    for folder in FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*") if _is_text(path))


def _is_text(path: Path) -> bool:
    return path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts and path.name != ".DS_Store"
