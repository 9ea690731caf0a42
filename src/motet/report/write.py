"""Write report.html into a packed run."""

from __future__ import annotations

from pathlib import Path

from motet.artifact import layout, update_folder
from motet.report.page import page
from motet.report.saved import read_saved


def write_report(path: str | Path) -> None:
    """Draw the report of the folder at `path` and add it to the folder, in place of an older one.

    The page stands alone: it loads nothing and needs no script. Raises ArtifactError where the folder cannot be read
    or written.
    """
    update_folder(path, lambda folder: {layout.REPORT: page(read_saved(folder))})
