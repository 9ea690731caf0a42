"""Which columns that a task reads are not among the rows that it is asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_PLAIN = ("category", "behaviour", "flag", "number", "tags", "vector")


def lacking(project: Mapping[str, Any], task: str, given: Collection[str]) -> list[str]:
    """Return the plain columns of its rows that a task reads and that are not `given`, in the project's order.

    project: a project file's content; of a task that it does not declare nothing is known. Tables of events and items
    show only what `inputs` names, as do those with a text; all others show what is no task's label.
    """
    from motet.schema import EVENTS, ITEMS, TableSpec

    tasks = project.get("tasks", {})
    own = tasks.get(task)
    if own is None:
        return []
    table = own.get("table", EVENTS)
    content = {key: value for key, value in project["tables"][table].items() if key not in ("path", "url", "query")}
    spec = TableSpec(**{**content, "path": "-"})
    inputs = own.get("inputs") or []
    labels = {each.get("column") for each in tasks.values() if each.get("table", EVENTS) == table}
    told = table not in (EVENTS, ITEMS) and not inputs and not spec.of("text")
    read = [name for name in spec.of(*_PLAIN) if name in inputs or (told and name not in labels)]
    return [name for name in read if name not in given]
