"""What each task may train on, and which cells nobody may see."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.follow import RowParts, keys_of
from motet.data.hashing import fraction
from motet.data.tables import ITEM, Tables
from motet.errors import ProjectError
from motet.schema import EVENTS, TEST, TRAIN, VALID, Interest, Masked, NextItem, Number, Project, Relation, TaskBase

EXCLUDED = -1
"""The part of a row that a task may not use: it would train on what another task holds out."""


def row_label(task: TaskBase) -> str | None:
    """Return the column of the task's own table that holds its label, row by row.

    None for tasks whose answer is not one cell: the next item, interests, numbers over a window; and for masked ones,
    which hide an input and hold nothing out.
    """
    if isinstance(task, NextItem | Interest | Masked) or (isinstance(task, Number) and task.window is not None):
        return None
    return getattr(task, "column", None)


def divide_tasks(project: Project, tables: Tables, rows: Mapping[str, RowParts]) -> dict[str, NDArray[np.int8]]:
    """Return, per task, the part of each row of its table.

    A task follows its table unless it names its own split. A row that a task would train on, and that another task of
    the table (or the events' own split) holds out with a known label, is EXCLUDED for it. Interests and windows ask
    about no single row: they follow the events. A masked task trains on what is left, and holds nothing out.
    Raises ProjectError for an own split where answers are not cells of a row.
    """
    wanted = {name: _own_parts(task, tables, rows) for name, task in project.tasks.items()}
    held: dict[str, NDArray[np.bool_]] = {}
    if EVENTS in rows:
        held[EVENTS] = rows[EVENTS].part > TRAIN
    for name, task in project.tasks.items():
        if task.split is not None:
            before = held.get(task.table, False)
            held[task.table] = before | ((wanted[name] > TRAIN) & _known(task, tables))
    found = {
        name: _without(wanted[name], _held_elsewhere(task, project, tables, rows, held))
        for name, task in project.tasks.items()
    }
    masked = {name: np.where(found[name] > TRAIN, EXCLUDED, found[name]).astype(np.int8) for name in _masked(project)}
    return {**found, **masked}


def _masked(project: Project) -> list[str]:
    return [name for name, task in project.tasks.items() if isinstance(task, Masked)]


def without_dropped(
    task_parts: Mapping[str, NDArray[np.int8]], dropped: Mapping[str, NDArray[np.bool_]]
) -> dict[str, NDArray[np.int8]]:
    """Return the parts with the rows whose label a task drops excluded for it."""
    return {
        name: np.where(dropped[name], EXCLUDED, part).astype(np.int8) if name in dropped else part
        for name, part in task_parts.items()
    }


def blank_inputs(
    project: Project,
    tables: Tables,
    task_parts: Mapping[str, NDArray[np.int8]],
    dropped: Mapping[str, NDArray[np.bool_]],
) -> dict[str, pl.DataFrame]:
    """Return each table's frame with every label cell that some task holds out or drops set to null."""
    held = {name: (task_parts[name] > TRAIN) | dropped.get(name, False) for name in project.tasks}
    return {name: _blanked(table.frame, name, held, project) for name, table in tables.tables.items()}


def past_events(
    project: Project,
    tables: Tables,
    rows: Mapping[str, RowParts],
    task_parts: Mapping[str, NDArray[np.int8]],
    dropped: Mapping[str, NDArray[np.bool_]],
) -> pl.DataFrame | None:
    """Return the events as what lies behind a question knows them, or None without events.

    A label cell that is held out by time stays: it enters a history only after its event. One that is held out by
    hash, or by a task's own split, is null, for events of training may follow it; so is one that a task drops.
    """
    if EVENTS not in tables:
        return None
    held = {
        name: ((task_parts[name] > TRAIN) & (task.split is not None or rows[EVENTS].hashed)) | dropped.get(name, False)
        for name, task in project.tasks.items()
        if task.table == EVENTS
    }
    return _blanked(tables.frame(EVENTS), EVENTS, held, project)


def _blanked(frame: pl.DataFrame, table: str, held: Mapping[str, NDArray[np.bool_]], project: Project) -> pl.DataFrame:
    """The frame of a table without the label cells of the rows that are held out, given by task."""
    hidden: dict[str, NDArray[np.bool_]] = {}
    for name, rows in held.items():
        column = row_label(project.tasks[name])
        if project.tasks[name].table == table and column in frame.columns:
            hidden[column] = hidden.get(column, False) | rows
    return frame.with_columns(
        pl.when(pl.Series(~rows)).then(pl.col(column)).alias(column) for column, rows in hidden.items() if rows.any()
    )


def _own_parts(task: TaskBase, tables: Tables, rows: Mapping[str, RowParts]) -> NDArray[np.int8]:
    if task.split is None:
        return rows[task.table].part
    if row_label(task) is None and not isinstance(task, Relation):
        raise ProjectError(
            f"Task '{task.name}' names its own split, but its targets follow the events' split.",
            f"Remove split from [tasks.{task.name}].",
        )
    place = fraction(keys_of(tables[task.table]))
    # Rounded to the six digits that the hash has: .7 + .1 is a little less than .8 in binary.
    train, valid = np.round(np.cumsum(task.split.fractions)[:2], 6)
    return np.where(place < train, TRAIN, np.where(place < valid, VALID, TEST)).astype(np.int8)


def _known(task: TaskBase, tables: Tables) -> NDArray[np.bool_]:
    """Rows whose label is known to the task: only these are questions, and so only these are held out."""
    frame = tables.frame(task.table)
    column = ITEM if isinstance(task, NextItem) else row_label(task)
    if column is None or column not in frame.columns:
        return np.ones(len(frame), bool)
    return frame[column].is_not_null().to_numpy()


def _held_elsewhere(
    task: TaskBase,
    project: Project,
    tables: Tables,
    rows: Mapping[str, RowParts],
    held: Mapping[str, NDArray[np.bool_]],
) -> NDArray[np.bool_]:
    """Rows that the events' split, or some task of the same table, holds out."""
    if row_label(task) is None and not isinstance(task, NextItem | Relation | Masked):
        return np.zeros(len(rows[task.table].part), bool)
    out = held.get(task.table)
    out = np.zeros(len(rows[task.table].part), bool) if out is None else out.copy()
    if task.split is not None:
        for other in project.tasks.values():
            if other.table == task.table and other.split is None and not isinstance(other, Masked):
                out |= (rows[task.table].part > TRAIN) & _known(other, tables)
    return out


def _without(part: NDArray[np.int8], held: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where((part == TRAIN) & held, EXCLUDED, part).astype(np.int8)
