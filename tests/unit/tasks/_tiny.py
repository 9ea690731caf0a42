"""Small divisions, built without files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from motet.data import ID, ITEM, OTHER, ROW, TIME, USER, Division, Table, Tables
from motet.data.divide import divide
from motet.schema import Project, TaskBase

DAY = 86_400_000
_ROLES = {"id": ID, "user": USER, "item": ITEM, "other": OTHER, "time": TIME}


def divided(tables: dict[str, dict[str, Any]], tasks: Sequence[TaskBase], **sections: Any) -> Division:
    """Return the division of tables written as {"rows": frame, "user": …, "columns": {…}, "unit": "ms"}."""
    specs = {
        name: {"frame": t["rows"], **{k: v for k, v in t.items() if k not in ("rows", "unit")}}
        for name, t in tables.items()
    }
    project = Project(tables=specs, tasks=list(tasks), **sections)
    checked = {name: _table(name, project, tables[name].get("unit")) for name in tables}
    return divide(project, Tables(checked, pl.DataFrame()))


def _table(name: str, project: Project, unit: str | None) -> Table:
    spec = project.tables[name]
    frame = spec.frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW))
    keys = spec.keys()
    for role, column in keys.items():
        kind = pl.Int64 if role == "time" else pl.String
        frame = frame.with_columns(pl.col(column).cast(kind).alias(_ROLES[role]))
    dropped = [column for column in keys.values() if column not in spec.columns]
    return Table(name, spec, frame.drop(dropped), time_unit=unit or ("order" if "time" in keys else "none"))


def events(rows: Sequence[tuple[Any, ...]], *names: str) -> pl.DataFrame:
    """Return rows (user, item, time, …) as a frame."""
    return pl.DataFrame(rows, schema=["user", "item", "time", *names], orient="row")


EVENT_KEYS = {"user": "user", "item": "item", "time": "time"}
