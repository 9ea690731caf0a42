"""What a question shows: the history, the item, texts of the row, plain columns of the row."""

from __future__ import annotations

from motet.data import Division
from motet.errors import ProjectError
from motet.registry import nearest
from motet.schema import EVENTS, ITEMS, USERS, TableSpec, TaskBase
from motet.tasks._protocol import Source

PLAIN = ("category", "behaviour", "flag", "number", "tags", "vector")
"""Meanings that a plain column may have."""


def sources_of(task: TaskBase, division: Division) -> tuple[Source, ...]:
    """Return the sources of a task whose label is a column. Raises ProjectError where nothing can be shown."""
    spec = division.project.tables[task.table]
    _check_names(task, spec)
    if division.events is not None:
        if task.table == EVENTS:
            return _of_events(task, spec)
        if task.table == USERS:
            return ("history",)
        if task.table == ITEMS:
            return _of_items(task, spec, division)
    return _of_rows(task, spec, division)


def _of_events(task: TaskBase, spec: TableSpec) -> tuple[Source, ...]:
    found: list[Source] = ["history"]
    if spec.item is not None:
        found.append("item")
    if task.text:
        found.append("text")
    if _listed(task, spec):
        found.append("row")
    return tuple(found)


def _of_items(task: TaskBase, spec: TableSpec, division: Division) -> tuple[Source, ...]:
    """An item is shown as the catalogue knows it, without the columns that are labels, and its words as a text."""
    labels = division.project.label_columns(ITEMS)
    text = [name for name in spec.of("text") if name not in labels] if task.text is None else list(task.text)
    found: list[Source] = ["item"]
    if text:
        found.append("text")
    if _listed(task, spec):
        found.append("row")
    return tuple(found)


def _of_rows(task: TaskBase, spec: TableSpec, division: Division) -> tuple[Source, ...]:
    """Text tables show texts, vectors and what `inputs` names; tables without text show all that they have."""
    labels = division.project.label_columns(task.table)
    text = [name for name in spec.of("text") if name not in labels] if task.text is None else list(task.text)
    plain = _listed(task, spec)
    if spec.of("text"):
        plain += [name for name in spec.of("vector") if name not in plain]
    elif not plain:
        plain = [name for name in spec.of(*PLAIN) if name not in labels]
    found: list[Source] = []
    if division.events is not None:
        if _asked(task, "user", spec.user) or (not text and spec.user and (spec.time or not plain)):
            found.append("history")
        if _asked(task, "item", spec.item) or (not text and spec.item):
            found.append("item")
    if text:
        found.append("text")
    if plain:
        found.append("row")
    if not found:
        raise ProjectError(
            f"Task '{task.name}' has nothing to look at: table '{task.table}' declares no column besides the labels.",
            "Declare a text or plain column of the table, or name one in inputs = […].",
        )
    return tuple(found)


def _listed(task: TaskBase, spec: TableSpec) -> list[str]:
    keys = set(spec.keys().values())
    return [name for name in task.inputs if name in spec.of(*PLAIN) and name not in keys]


def _asked(task: TaskBase, role: str, column: str | None) -> bool:
    return column is not None and (role in task.inputs or column in task.inputs)


def _check_names(task: TaskBase, spec: TableSpec) -> None:
    known = [*spec.columns, *spec.keys().values()]
    roles = [role for role, column in (("user", spec.user), ("item", spec.item)) if column is not None]
    for name in task.inputs:
        if name not in [*known, *roles]:
            raise ProjectError(
                f"Task '{task.name}' names '{name}' in inputs, but table '{task.table}' declares {', '.join(known)}.",
                nearest(name, known).strip() or "Declare the column, or take it out of inputs.",
            )
    for name in task.text or ():
        if name not in spec.of("text"):
            texts = ", ".join(spec.of("text")) or "none"
            raise ProjectError(
                f"Task '{task.name}' names '{name}' in text; text columns of table '{task.table}': {texts}.",
                nearest(name, spec.of("text")).strip() or 'Declare it with the meaning "text".',
            )
