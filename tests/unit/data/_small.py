"""Small checked tables, built by hand."""

from __future__ import annotations

from typing import Any

import polars as pl

from motet.data.divide import divide
from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, Division, Table, Tables
from motet.schema import Project

ROLES = {"id": ID, "user": USER, "item": ITEM, "other": OTHER, "time": TIME}
EVENT = {"user": "u", "item": "i", "time": "t"}


def table(data: dict[str, Any], *, unit: str | None = None, **spec: Any) -> dict[str, Any]:
    """Describe a table: its columns by name; `spec` holds key roles and meanings (`columns`)."""
    return {"data": data, "unit": unit, "spec": spec}


def events(*rows: tuple[Any, ...], unit: str = "order", **more: Any) -> dict[str, Any]:
    """Describe events of rows (user, item, time)."""
    users, items, times = zip(*rows, strict=True)
    return table({"u": users, "i": items, "t": times}, unit=unit, **EVENT, **more)


def checked(tables: dict[str, dict[str, Any]], tasks: dict[str, Any], **sections: Any) -> tuple[Project, Tables]:
    specs = {name: {"path": "rows.csv", **each["spec"]} for name, each in tables.items()}
    project = Project(tables=specs, tasks=tasks, **sections)
    return project, Tables({name: _table(name, each, project) for name, each in tables.items()}, pl.DataFrame())


def divided(tables: dict[str, dict[str, Any]], tasks: dict[str, Any], **sections: Any) -> Division:
    return divide(*checked(tables, tasks, **sections))


def _table(name: str, each: dict[str, Any], project: Project) -> Table:
    spec = project.tables[name]
    frame = pl.DataFrame(each["data"], strict=False).with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
    for role, column in spec.keys().items():
        frame = frame.with_columns(pl.col(column).cast(pl.Int64 if role == "time" else pl.String).alias(ROLES[role]))
    frame = frame.drop([column for column in spec.keys().values() if column not in spec.columns])
    return Table(name, spec, frame, time_unit=each["unit"] or ("order" if TIME in frame.columns else "none"))
