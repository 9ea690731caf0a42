"""A project as a notebook shows it: its tables and its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.notebook import paragraph, table
from motet.schema.urls import without_password

if TYPE_CHECKING:
    from motet.schema.project import Project
    from motet.schema.tables import TableSpec

KEYS = ("id", "user", "item", "other", "time")


def render_html(project: Project) -> str:
    """Return two HTML tables with every text escaped; of a URL the password is left out."""
    told = paragraph(f"project '{project.project.name}', split: {project.resolved_split()}")
    tables = [
        [
            name,
            _rows_of(spec),
            _keys(spec),
            ", ".join(f"{column}: {each.meaning}" for column, each in spec.columns.items()),
        ]
        for name, spec in project.tables.items()
    ]
    tasks = [
        [name, getattr(task, "kind", ""), task.table, getattr(task, "column", ""), task.primary]
        for name, task in project.tasks.items()
    ]
    return (
        told
        + table(("table", "rows", "keys", "columns"), tables)
        + table(("task", "kind", "table", "column", "judged by"), tasks)
    )


def _rows_of(spec: TableSpec) -> str:
    if spec.frame is not None:
        return "a data frame"
    return spec.path or without_password(spec.url or "")


def _keys(spec: TableSpec) -> str:
    return ", ".join(f"{key} = {getattr(spec, key)}" for key in KEYS if getattr(spec, key) is not None)
