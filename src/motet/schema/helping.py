"""Checks of what helps a task with few labels: masked columns, auxiliary tasks, and where soft targets come from."""

from __future__ import annotations

from collections.abc import Mapping

from motet.registry import nearest
from motet.schema.tables import ITEMS, USERS, TableSpec
from motet.schema.tasks import Interest, Masked, TaskBase


def check_helping(tasks: Mapping[str, TaskBase], tables: Mapping[str, TableSpec], main: str | None) -> None:
    """Raise ValueError for a masked column that is no input, a project of helpers alone, and unknown teachers."""
    judged = [name for name, task in tasks.items() if not task.auxiliary]
    if not judged:
        raise ValueError("every task is auxiliary: at least one must be there to be helped")
    if main is not None and main not in judged:
        raise ValueError(f"balance.main is '{main}', which is auxiliary; known: {', '.join(judged)}")
    for name, task in tasks.items():
        if isinstance(task, Masked):
            _check_masked(name, task, tasks, tables)
        wanted = getattr(task, "soft_targets", "off")
        for other in wanted if isinstance(wanted, tuple) else ():
            if other not in tasks or other == name:
                known = [each for each in tasks if each != name]
                raise ValueError(
                    f"task '{name}' names '{other}' in soft_targets; known: {', '.join(known)}.{nearest(other, known)}"
                )


def _check_masked(name: str, task: Masked, tasks: Mapping[str, TaskBase], tables: Mapping[str, TableSpec]) -> None:
    spec = tables[task.table]
    if not spec.columns:  # those of a bare data frame are guessed when it is read
        return
    inputs = spec.of("text", "category", "behaviour", "flag", "number", "tags")
    if task.table == USERS:
        raise ValueError(f"task '{name}' masks a column of '{USERS}'; take items, or a further table of rows")
    if task.column not in inputs or (task.table == ITEMS and task.column in spec.of("text")):
        known = [each for each in inputs if task.table != ITEMS or each not in spec.of("text")]
        raise ValueError(
            f"task '{name}' masks '{task.column}', but table '{task.table}' has the inputs "
            f"{', '.join(known) or 'none'}.{nearest(task.column, known)}"
        )
    for other in tasks.values():
        labelled = other.table == task.table and not isinstance(other, Masked | Interest)
        if labelled and getattr(other, "column", None) == task.column:
            raise ValueError(f"task '{name}' masks '{task.column}', which is the label of task '{other.name}'")
    twice = [each.name for each in tasks.values() if isinstance(each, Masked) and each.column == task.column]
    if len(twice) > 1 and len({tasks[each].table for each in twice}) < len(twice):
        raise ValueError(f"tasks {', '.join(twice)} mask the same column '{task.column}'")
