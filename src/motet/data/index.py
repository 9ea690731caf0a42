"""Events as flat arrays: who, what, when and which part, one user after the other.

N = events, U = users, I = items of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import cuts
from motet.data.folds import Fold
from motet.data.hashing import bucket
from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, EventIndex, Table, Tables
from motet.errors import ProjectError
from motet.schema import EVENTS, FOLDS, ITEMS, TEST, TRAIN, USERS, VALID, Project, Relation


@dataclass(frozen=True)
class DividedEvents:
    """The events after the split.

    table: the events table, its frame sorted as in `index`. kind: the split in force (`random` where there is no
    time). boundaries: as in Division.
    """

    table: Table
    index: EventIndex
    kind: str
    boundaries: tuple[int, int, int] | None
    dropped: int

    @property
    def hashed(self) -> bool:
        """Whether the parts come from a hash, not from time."""
        return self.kind == "random"


def divide_events(project: Project, tables: Tables, *, fold: Fold | None = None) -> DividedEvents:
    """Return the events, divided and indexed; under folds as the fold in force says.

    Order: by user, then time, ties in file order. Without time, or under kind `random`: by user, part, time and file
    order, so that each prefix of a user's events holds the training events first; time_N is then None, because the
    order is not that of time.
    Rows without a user (or a moment, where the table has time) cannot be placed: they are dropped and counted.
    Raises ProjectError where the table names no user, or where kind `time` meets events without time.
    """
    table = tables[EVENTS]
    if USER not in table.frame.columns:
        raise ProjectError("[tables.events] names no user column.", 'Add user = "…" to it.')
    timed = TIME in table.frame.columns
    kind = _kind(project, timed)
    if not timed and project.split.kind == "time":
        raise ProjectError(
            'A split of kind "time" needs a time in [tables.events].', 'Add time = "…", or choose kind = "random".'
        )
    frame = table.frame.drop_nulls([USER, TIME] if timed else [USER])
    users = _sorted_ids(frame[USER], pl.concat([_ids(tables, USERS), *_related(project, tables)]))
    user_N = _codes(frame[USER], users)
    boundaries, part_N = None, None
    if fold is not None and fold.edges is not None:
        last = frame[TIME].max()
        boundaries = (fold.edges[0], fold.edges[1], int(last))  # type: ignore[arg-type]
    elif kind == "time":
        boundaries = cuts.find_boundaries(project.split, frame[TIME], unit=table.time_unit)
    elif kind == "random":
        keys = frame[row_key(frame)]
        part_N = bucket_parts(keys) if fold is None else fold.parts(keys)
    order = _order(frame, user_N, part_N)
    frame, user_N = frame[order], user_N[order]
    starts = np.searchsorted(user_N, np.arange(len(users) + 1)).astype(np.int64)
    time_N = frame[TIME].to_numpy() if kind != "random" else None
    if part_N is not None:
        part_N = part_N[order]
    elif boundaries is not None:
        assert time_N is not None, "a split by time has times"
        part_N = cuts.after_moments(time_N, boundaries[0], boundaries[1])
    else:
        rule = cuts.leave_one_out if kind == "leave_one_out" else cuts.last_fraction
        part_N = rule(starts, _counting(frame))
    items, item_N = _catalogue(frame, _ids(tables, ITEMS), part_N)
    basket_N = _baskets(user_N, time_N) if boundaries is not None and time_N is not None else np.arange(len(frame))
    index = EventIndex(users, starts, items, user_N, item_N, time_N, part_N, basket_N)
    dropped = table.frame.height - frame.height
    return DividedEvents(replace(table, frame=frame), index, kind, boundaries, dropped)


def _kind(project: Project, timed: bool) -> str:
    """The split of the events in force; folds are a split by time where there is time."""
    kind = project.resolved_split() if timed else "random"
    return "time" if kind == FOLDS else kind


def bucket_parts(keys: pl.Series) -> NDArray[np.int8]:
    """Return the part of each key by hash: buckets 0–7 train, 8 validation, 9 test."""
    place = bucket(keys)
    return np.where(place == 9, TEST, np.where(place == 8, VALID, TRAIN)).astype(np.int8)


def row_key(frame: pl.DataFrame) -> str:
    """Return the column that identifies a row for hashing: the id, else the number of the row."""
    return ID if ID in frame.columns and not frame[ID].has_nulls() else ROW


def count_repeated(index: EventIndex) -> int:
    """Return how many events show an item of the catalogue that their user had before that event's basket."""
    shown = np.flatnonzero(index.item_N >= 0)
    pair_n = index.user_N[shown].astype(np.int64) * len(index.items) + index.item_N[shown]
    order = np.argsort(pair_n, kind="stable")
    pair_n, basket_n = pair_n[order], index.basket_N[shown[order]]
    new = np.ones(len(pair_n), bool)
    new[1:] = pair_n[1:] != pair_n[:-1]
    first_n = np.maximum.accumulate(np.where(new, np.arange(len(pair_n)), 0))
    return int((basket_n > basket_n[first_n]).sum())


def _ids(tables: Tables, name: str) -> pl.Series:
    if name not in tables or ID not in tables.frame(name).columns:
        return pl.Series("id", [], pl.String)
    return tables.frame(name)[ID].drop_nulls().alias("id")


def _related(project: Project, tables: Tables) -> list[pl.Series]:
    """Both sides of every relation that is a task: its users are asked about, with or without events."""
    named = {task.table for task in project.tasks.values() if isinstance(task, Relation)}
    frames = [tables.frame(name) for name in sorted(named) if {USER, OTHER} <= set(tables.frame(name).columns)]
    return [frame[side].drop_nulls().alias("id") for frame in frames for side in (USER, OTHER)]


def _sorted_ids(first: pl.Series, second: pl.Series) -> pl.Series:
    return pl.concat([first.unique().alias("id"), second.unique().alias("id")]).drop_nulls().unique().sort()


def _codes(values: pl.Series, ids: pl.Series) -> NDArray[np.int32]:
    """Return the place of each value in the sorted ids, -1 for null and unknown ones."""
    codes = values.cast(pl.Enum(ids), strict=False).to_physical().cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()


def _order(frame: pl.DataFrame, user_N: NDArray[np.int32], part_N: NDArray[np.int8] | None) -> NDArray[np.int64]:
    keys = {"user": user_N, "part": part_N, "time": frame.get_column(TIME, default=None), "row": frame[ROW]}
    given = pl.DataFrame({name: values for name, values in keys.items() if values is not None})
    return given.select(pl.arg_sort_by(given.columns)).to_series().to_numpy().astype(np.int64)


def _counting(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Events that can be targets: those with an item, or all of them where events have no items at all."""
    if ITEM not in frame.columns:
        return np.ones(len(frame), bool)
    return frame[ITEM].is_not_null().to_numpy()


def _catalogue(frame: pl.DataFrame, listed: pl.Series, part_N: NDArray[np.int8]) -> tuple[pl.Series, NDArray[np.int32]]:
    if ITEM not in frame.columns:
        return listed.unique().sort(), np.full(len(frame), -1, np.int32)
    items = _sorted_ids(frame[ITEM].filter(pl.Series(part_N == TRAIN)), listed)
    return items, _codes(frame[ITEM], items)


def _baskets(user_N: NDArray[np.int32], time_N: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first event of the same user and moment, for events in order."""
    place = np.arange(len(user_N))
    first = np.ones(len(user_N), bool)
    first[1:] = (user_N[1:] != user_N[:-1]) | (time_N[1:] != time_N[:-1])
    return np.maximum.accumulate(np.where(first, place, 0))
