"""Questions that a task may learn from without a label of its own: training rows where that label is unknown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from motet.data import Division
from motet.data.held_out import row_label
from motet.errors import ProjectError
from motet.schema import TRAIN, Masked, TaskBase
from motet.tasks._anchors import anchors_of
from motet.tasks._protocol import Examples
from motet.tasks.make import kept_by_user, known_examples

MOST = 200_000
"""More questions without a label add time and little else; they are thinned evenly."""


def wants_soft(task: TaskBase) -> bool:
    """Return whether a task learns from rows without a label."""
    return getattr(task, "soft_targets", "off") != "off"


def soft_questions(task: TaskBase, division: Division, known: Examples) -> Examples:
    """Return the questions of a task's training part whose label is unknown or dropped; their labels are null.

    known: the task's own examples. Raises ProjectError where negatives are drawn, since then no row lacks a label.
    """
    if getattr(task, "negatives", "") == "sampled" or isinstance(task, Masked):
        raise ProjectError(
            f"Task '{task.name}' asks for soft targets, but its questions are drawn, so that none lacks a label.",
            "Leave out soft_targets.",
        )
    found = _rows_without(task, division, known) if row_label(task) is not None else _users_without(task, division)
    if len(found) > MOST:
        chosen = np.zeros(len(found), bool)
        chosen[np.linspace(0, len(found) - 1, MOST).astype(np.int64)] = True
        found = found.take(chosen)
    return found


def _rows_without(task: TaskBase, division: Division, known: Examples) -> Examples:
    """Rows of the table that train for the task, were its label known."""
    anchors, parts = anchors_of(task, division), division.task_parts[task.name]
    dropped = division.dropped.get(task.name, np.zeros(len(parts), bool))
    labelled = np.zeros(len(parts), bool)
    labelled[known.row_n[known.row_n >= 0]] = True
    index = np.flatnonzero(((parts == TRAIN) | dropped) & ~labelled)
    kept = anchors.take(index)
    history, item = "history" in known.sources, "item" in known.sources
    return replace(
        known,
        row_n=kept.row_n,
        user_n=kept.user_n if history else None,
        cut_n=kept.cut_n if history else None,
        now_n=kept.now_n if history else None,
        item_n=kept.item_n if item else None,
        label=pl.Series("label", [None] * len(index), dtype=known.label.dtype),
        part_n=np.full(len(index), TRAIN, np.int8),
        unit=kept.unit.rename("unit"),
    )


def _users_without(task: TaskBase, division: Division) -> Examples:
    """Questions about users whose labels a share leaves out; what is never known (no coming events) stays so."""
    everything = known_examples(task, division)
    left_out = ~kept_by_user(task, everything)
    found = everything.take(left_out)
    return replace(found, label=pl.Series("label", [None] * len(found), dtype=everything.label.dtype))
