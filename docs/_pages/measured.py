"""What was measured: the tables in benchmarks/results, each as a page, with the command that makes it again."""

from __future__ import annotations

from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "results"


def pages() -> dict[str, str]:
    """Return a page per table: file name → content."""
    return {f"measured-{path.stem}.md": _titled(path) for path in sorted(RESULTS.glob("*.md"))}


def _titled(path: Path) -> str:
    """The table under a title that says what kind of page this is; recipes are called by their bare names."""
    title, _, rest = path.read_text(encoding="utf-8").partition("\n")
    return f"# Measured: {title.removeprefix('# ').strip()}\n{rest}"
