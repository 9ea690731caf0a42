"""Write report.html into a packed run."""

from __future__ import annotations

from pathlib import Path


def write_report(path: str | Path) -> None:
    """Draw the report of the folder at `path` and add it to the folder."""
