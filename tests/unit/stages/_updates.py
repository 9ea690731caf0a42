"""A tiny shop whose later events are new, and a model of the earlier ones."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from motet import workflow
from motet.schema import Project
from motet.testing.project import tiny_project

TASKS = ("next_item", "rating", "brand")
SETTINGS = {"train": {"epochs": 2, "batch": 512, "device": "cpu"}, "update": {"epochs": 2}}


def old_and_new(folder: Path, *, share: float = 0.75, **chosen: object) -> Path:
    """Write the shop with its earlier events, and the later ones into new.parquet; return the project file."""
    project = tiny_project(folder, **{"tasks": TASKS, "settings": SETTINGS, **chosen})
    events = pl.read_parquet(folder / "events.parquet").sort("time")
    cut = int(share * events.height)
    events[:cut].write_parquet(folder / "events.parquet")
    events[cut:].write_parquet(folder / "new.parquet")
    return project


def trained(folder: Path, **chosen: object) -> Path:
    """Return the folder of a model that was trained on the earlier events."""
    project = old_and_new(folder, **chosen)
    return workflow.train(Project.read(project), folder / "one").path


def bytes_of(folder: Path) -> bytes:
    """Return everything in a folder as one string of bytes, parquet and arrays unpacked to text as well."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found.append(file.read_bytes())
            if file.suffix == ".parquet":
                found.append(str(pl.read_parquet(file).to_dicts()).encode())
    return b"".join(found)
