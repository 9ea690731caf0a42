"""Which training labels a task keeps when it is told to learn from a share of them: the same ones in every run.

A label that is dropped is unknown to everyone: its cell is blank as an input, too. The hash is not that of the split,
and a larger share holds all labels of a smaller one, so that shares of one task make a learning curve.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.follow import keys_of
from motet.data.hashing import fraction
from motet.data.tables import Tables
from motet.schema import TRAIN, Project, TaskBase

SALT = "label"


def label_share(task: TaskBase) -> float:
    """Return the share of its training labels that a task keeps; 1 for a task without the key."""
    return float(getattr(task, "label_share", 1.0))


def keeps(keys: pl.Series, share: float) -> NDArray[np.bool_]:
    """Return, per key, whether its label is kept."""
    return fraction(pl.Series([SALT]) + keys.cast(pl.String).fill_null("")) < share


def dropped_labels(
    project: Project, tables: Tables, task_parts: Mapping[str, NDArray[np.int8]], cells: Mapping[str, str | None]
) -> dict[str, NDArray[np.bool_]]:
    """Return, for tasks that keep a share, the training rows whose label cell is dropped.

    cells: the label column of each task, None where the answer is not one cell (these drop whole users, see
    `tasks.make`).
    """
    return {
        name: (task_parts[name] == TRAIN) & ~keeps(keys_of(tables[task.table]), label_share(task))
        for name, task in project.tasks.items()
        if label_share(task) < 1 and cells[name] is not None
    }
