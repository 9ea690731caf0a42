"""From checked tables to divided ones: what may be learned from, and what is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from motet.data.folds import Fold, fold_of, without_the_future
from motet.data.follow import RowParts, divide_table
from motet.data.hashing import pair_key
from motet.data.held_out import blank_inputs, divide_tasks, past_events, row_label, without_dropped
from motet.data.index import DividedEvents, count_repeated, divide_events
from motet.data.label_share import dropped_labels
from motet.data.tables import OTHER, USER, Division, Table, Tables
from motet.schema import EVENTS, NextItem, Project


def divide(project: Project, tables: Tables) -> Division:
    """Return the tables divided as the project's split says; under folds as the fold in force does.

    Events without time go by the hash of their id or row number, whatever the kind. Relations lose repeated pairs
    (an undirected pair is one pair in either direction). task_parts holds every task; -1 there marks rows that the
    task may not use, because it would train on what another task holds out, or keeps only a share of its labels.
    removed: "repeated targets" (items that a user already had, counted here, dropped by the task), "repeated pairs",
    "events without user or time".
    Raises ProjectError or DataError where the split does not fit the events.
    """
    fold = fold_of(project, tables)
    tables = tables if fold is None else without_the_future(tables, fold)
    events = divide_events(project, tables, fold=fold) if EVENTS in tables else None
    divided = {name: _without_repeats(table) for name, table in tables.tables.items()}
    removed = {
        "repeated pairs": sum(table.frame.height - divided[name].frame.height for name, table in tables.tables.items())
    }
    if events is not None:
        divided[EVENTS] = events.table
        removed |= {"events without user or time": events.dropped} | _repeated_targets(project, events)
    ready = Tables(divided, tables.quarantine)
    rows = {name: _row_parts(table, events, fold) for name, table in divided.items()}
    all_parts = divide_tasks(project, ready, rows)
    cells = {name: row_label(task) for name, task in project.tasks.items()}
    dropped = dropped_labels(project, ready, all_parts, cells)
    task_parts = without_dropped(all_parts, dropped)
    return Division(
        project=project,
        tables=ready,
        inputs=blank_inputs(project, ready, task_parts, dropped),
        past=past_events(project, ready, rows, task_parts, dropped),
        parts={name: row.part for name, row in rows.items()},
        task_parts=task_parts,
        dropped=dropped,
        events=events.index if events else None,
        boundaries=events.boundaries if events else None,
        removed={reason: count for reason, count in removed.items() if count},
    )


def _row_parts(table: Table, events: DividedEvents | None, fold: Fold | None) -> RowParts:
    if table.name == EVENTS and events is not None:
        part = events.index.part_N
        return RowParts(part, np.full(len(part), events.hashed))
    return divide_table(table, events, fold=fold)


def _repeated_targets(project: Project, events: DividedEvents) -> dict[str, int]:
    masked = any(isinstance(task, NextItem) and task.repeats == "mask" for task in project.tasks.values())
    return {"repeated targets": count_repeated(events.index)} if masked else {}


def _without_repeats(table: Table) -> Table:
    """A relation keeps the first row of each pair; other tables stay as they are."""
    if OTHER not in table.frame.columns or table.name == EVENTS:
        return table
    if table.spec.directed:
        return replace(table, frame=table.frame.filter(pl.struct(USER, OTHER).is_first_distinct()))
    pairs = pair_key(table.frame[USER], table.frame[OTHER])
    return replace(table, frame=table.frame.filter(pairs.is_first_distinct()))
