"""The tiny shop as files with a project file: every kind of task over every kind of table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import tomli_w

from motet.schema import Project
from motet.testing.tables import tiny_shop

TABLES: dict[str, dict[str, Any]] = {
    "events": {
        "path": "events.parquet",
        "user": "user",
        "item": "item",
        "time": "time",
        "columns": {"event": "behaviour", "rating": "number", "query": "text"},
    },
    "items": {
        "path": "items.parquet",
        "id": "item",
        "columns": {"title": "text", "brand": "category", "categories": "tags", "price": "number"},
    },
    "users": {"path": "users.csv", "id": "user", "columns": {"age_group": "category", "club": "category"}},
    "reviews": {
        "path": "reviews.csv",
        "user": "user",
        "item": "item",
        "time": "time",
        "columns": {"text": "text", "recommended": "flag", "stars": "number"},
    },
    "friends": {"path": "friends.csv", "user": "user", "other": "friend"},
}

TASKS: dict[str, dict[str, Any]] = {
    "next_item": {"kind": "next_item"},
    "buy": {"kind": "binary", "column": "event", "positive": ["buy"]},
    "rating": {"kind": "rating", "column": "rating"},
    "interest": {"kind": "interest", "column": "items.categories", "horizon": 3},
    "brand": {"kind": "class", "table": "items", "column": "brand", "split": {"fractions": [0.7, 0.15, 0.15]}},
    "categories": {"kind": "tags", "table": "items", "column": "categories", "split": {"fractions": [0.7, 0.15, 0.15]}},
    "price": {"kind": "number", "table": "items", "column": "price", "split": {"fractions": [0.7, 0.15, 0.15]}},
    "sentiment": {"kind": "binary", "table": "reviews", "column": "recommended", "text": ["text"]},
    "club": {"kind": "class", "table": "users", "column": "club"},
    "friend": {"kind": "relation", "table": "friends", "split": {"fractions": [0.7, 0.15, 0.15]}},
}
"""One of every kind, divided by leaving one event out."""

WINDOWED: dict[str, dict[str, Any]] = {
    "spend": {"kind": "number", "column": "rating", "aggregate": "sum", "window": "7d"},
    "buy": TASKS["buy"],
}
"""Tasks that need a split by time."""

SETTINGS: dict[str, dict[str, Any]] = {
    "encoder": {"name": "lexical"},
    "trunk": {"width": 16, "layers": 1, "max_history": 10},
    "train": {"epochs": 2, "batch": 128, "device": "cpu"},
    "certify": {"seeds": 2},
}


def tiny_sections(
    *,
    windowed: bool = False,
    tasks: Collection[str] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the sections of the tiny shop's project file.

    windowed: divide by time, with a task over the coming week, in place of all other kinds.
    tasks: the names of those to keep, by default all. settings: keys that replace those of a section, for instance
    {"train": {"epochs": 5}}.
    """
    known = WINDOWED if windowed else TASKS
    kept = {name: task for name, task in known.items() if tasks is None or name in tasks}
    split = {"kind": "time", "fractions": [0.7, 0.15, 0.15]} if windowed else {"kind": "leave_one_out"}
    sections = {"project": {"name": "tiny"}, "tables": TABLES, "tasks": kept, "split": split, **SETTINGS}
    for name, keys in (settings or {}).items():
        sections[name] = {**sections.get(name, {}), **keys}
    return sections


def tiny_project(folder: str | Path, *, seed: int = 0, users: int = 80, items: int = 60, **chosen: Any) -> Path:
    """Write the tiny shop's tables and motet.toml into `folder`; return the project file.

    chosen: what `tiny_sections` takes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tiny_shop(seed, users=users, items=items).items():
        path = folder / TABLES[name]["path"]
        if path.suffix == ".csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
    project = folder / "motet.toml"
    project.write_text(tomli_w.dumps(tiny_sections(**chosen)), encoding="utf-8")
    return project


def tiny_in_memory(frames: Mapping[str, pl.DataFrame] | None = None, **chosen: Any) -> Project:
    """Return the same project over data frames, by default those of `tiny_shop()`.

    chosen: what `tiny_sections` takes.
    """
    frames = tiny_shop() if frames is None else frames
    sections = tiny_sections(**chosen)
    tables = {
        name: {**{key: value for key, value in TABLES[name].items() if key != "path"}, "frame": frame}
        for name, frame in frames.items()
    }
    return Project(**{**sections, "tables": tables})
