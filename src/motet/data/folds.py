"""Folds: every row is tested once, by a model that has seen neither it nor anything later.

Rows without time fall into folds by the hash of their key: fold i tests part i, validates on part i + 1 and learns from
the others. Events with time are cut into windows that follow one another: each fold tests the next window, validates on
the one before, learns from all that lies earlier, and knows nothing of what comes after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.hashing import fold as hashed_fold
from motet.data.tables import OTHER, TIME, USER, Table, Tables
from motet.errors import DataError, ProjectError
from motet.schema import EVENTS, FOLDS, ITEMS, TEST, TRAIN, USERS, VALID, Project


@dataclass(frozen=True)
class Fold:
    """One fold of so many.

    edges: the first moments of validation, of test, and of what this fold may not know; None where events have no time.
    """

    number: int
    count: int
    edges: tuple[int, int, int] | None = None

    def parts(self, keys: pl.Series) -> NDArray[np.int8]:
        """Return the part of each key by its hash."""
        place = hashed_fold(keys, self.count)
        valid = (self.number + 1) % self.count
        return np.where(place == self.number, TEST, np.where(place == valid, VALID, TRAIN)).astype(np.int8)


def count_folds(project: Project, tables: Tables) -> int:
    """Return how many folds the split has; 1 for every other kind.

    Raises ProjectError for windows over events that have no time.
    """
    split = project.split
    if split.kind != FOLDS:
        return 1
    if _timed(tables):
        return split.windows or split.folds
    if split.windows is not None:
        raise ProjectError(
            "[split] has windows, but there are no events with time.", "Remove windows; rows take folds = 5."
        )
    return split.folds


def fold_of(project: Project, tables: Tables) -> Fold | None:
    """Return the fold in force (the last one where the project names none); None for every other kind of split.

    Raises ProjectError for a fold that there is not, DataError where the events show too few moments.
    """
    if project.split.kind != FOLDS:
        return None
    count = count_folds(project, tables)
    number = count - 1 if project.split.fold is None else project.split.fold
    if number >= count:
        raise ProjectError(f"[split] names fold {number}; there are folds 0 to {count - 1}.", "Choose one of these.")
    if not _timed(tables):
        return Fold(number, count)
    edges = window_edges(tables.frame(EVENTS)[TIME].drop_nulls(), count)
    return Fold(number, count, (edges[number], edges[number + 1], edges[number + 2]))


def window_edges(times: pl.Series, windows: int) -> list[int]:
    """Return windows + 2 moments: the first of validation of the first fold, of every test window, and after the last.

    The windows and the two parts before them hold about equally many events; no moment is cut.
    """
    moments = times.alias("time").value_counts().sort("time")
    moment, ends = moments["time"].to_numpy(), np.cumsum(moments["count"].to_numpy())
    parts = windows + 2
    if len(moment) < parts:
        raise DataError(
            f"The events show only {len(moment)} different moments; {windows} windows need {parts}.",
            "Set fewer windows under [split].",
        )
    found, last = [], 0
    for part in range(1, parts):
        least, most = last + 1, len(moment) - (parts - part)
        last = min(max(int(np.searchsorted(ends, ends[-1] * part / parts + 1e-6, side="right")), least), most)
        found.append(int(moment[last]))
    return [*found, int(moment[-1]) + 1]


def without_the_future(tables: Tables, fold: Fold) -> Tables:
    """Return the tables without the rows that lie after a fold's window; rows without a moment stay."""
    if fold.edges is None:
        return tables
    end, unit = fold.edges[2], tables[EVENTS].time_unit
    kept = {
        name: replace(table, frame=table.frame.filter((pl.col(TIME) < end) | pl.col(TIME).is_null()))
        if name == EVENTS or (follows_time(table) and table.time_unit == unit)
        else table
        for name, table in tables.tables.items()
    }
    return Tables(kept, tables.quarantine)


def follows_time(table: Table) -> bool:
    """Whether a table's rows are somebody's at a moment, so that they can follow the events in time."""
    has = {USER, TIME} <= set(table.frame.columns)
    return has and table.name not in (ITEMS, USERS) and OTHER not in table.frame.columns


def _timed(tables: Tables) -> bool:
    return EVENTS in tables and TIME in tables.frame(EVENTS).columns
