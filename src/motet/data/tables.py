"""The batons of the data room: checked tables, and the same tables divided into parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.schema import Project, TableSpec

USER, ITEM, OTHER, TIME, ID, ROW = "@user", "@item", "@other", "@time", "@id", "@row"
"""Key columns of a checked frame. The first three and @id are String; @time is Int64; @row is the Int64 number of the
row in file order. Rows that were set aside count; so do duplicates before it, unless the table says `dedupe = true`
itself (see `data.check.wants_dedupe` for when they are removed without that)."""

TimeUnit = Literal["none", "order", "ms"]
"""What @time counts: nothing, an integer order, or milliseconds since 1970 (whatever form the file had)."""


@dataclass(frozen=True)
class Table:
    """One checked table.

    frame: key columns (see above) and the declared columns under their own names. Types by meaning: text, category
    and behaviour String; tags List[String]; number Float64; flag Boolean; time Int64. Null means unknown; there are
    no empty strings, NaN or infinities. A declared key column that also has a meaning keeps both.
    outliers: per number column, how many values lie beyond 4 robust standard deviations (they stay in).
    """

    name: str
    spec: TableSpec
    frame: pl.DataFrame
    time_unit: TimeUnit = "none"
    rows_read: int = 0
    duplicates: int = 0
    quarantined: int = 0
    outliers: Mapping[str, int] = field(default_factory=dict)
    capped: bool = False


@dataclass(frozen=True)
class Tables:
    """All tables of a project, checked, and the rows that were kept aside.

    quarantine: columns table, file, row (1-based line or row of the file), column, reason; all String but row.
    """

    tables: Mapping[str, Table]
    quarantine: pl.DataFrame

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def frame(self, name: str) -> pl.DataFrame:
        """Return the frame of a table."""
        return self.tables[name].frame


@dataclass(frozen=True)
class EventIndex:
    """The events as flat arrays, one user after the other, each in the order that the split defines.

    N = events, U = users, I = items of the catalogue.
    users: U sorted user ids (of events, of the users table, and of relations that are tasks). starts: U + 1 offsets
    into the events.
    items: the catalogue, sorted: ids of the items table and of training events.
    user_N, item_N: indices; item is -1 where an event has no item, or one outside the catalogue.
    time_N: @time, or None where the events have no time. part_N: TRAIN, VALID or TEST.
    basket_N: the first event of the same user and moment, under a split by time; elsewhere the event itself.
    A history of an event holds the user's events before its basket.
    """

    users: pl.Series
    starts: NDArray[np.int64]
    items: pl.Series
    user_N: NDArray[np.int32]
    item_N: NDArray[np.int32]
    time_N: NDArray[np.int64] | None
    part_N: NDArray[np.int8]
    basket_N: NDArray[np.int64]


@dataclass(frozen=True)
class Division:
    """The tables after the split: what may be learned from, and what is held out.

    tables: the checked tables; the events frame is sorted as in `events`, so that row n there is event n here.
    inputs: per table, the frame from which the asked row's inputs, attributes, texts and statistics are made: as in
    `tables`, with every label cell that some task holds out set to null.
    past: the events as histories, windows and topics know them (None without events). Here label cells that are held
    out by time stay, since they enter a history only after their event; only those held out by hash or by a task's
    own split are null.
    parts: per table, the part of each row. task_parts: per task with a column, the part of each row of its table
    (differs from `parts` only where the task names its own split).
    dropped: for tasks that keep a share of their labels, the training rows whose label counts as unknown.
    boundaries: for a split by time, the first moments of validation and of test and the last moment of all.
    removed: counts of what the split took away, for instance {"repeated targets": 12}.
    """

    project: Project
    tables: Tables
    inputs: Mapping[str, pl.DataFrame]
    past: pl.DataFrame | None
    parts: Mapping[str, NDArray[np.int8]]
    task_parts: Mapping[str, NDArray[np.int8]]
    events: EventIndex | None
    boundaries: tuple[int, int, int] | None = None
    removed: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
