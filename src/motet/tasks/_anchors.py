"""Which user, moment, item and part each question has: one function per kind of table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ID, ITEM, ROW, TIME, USER, Division, EventIndex
from motet.schema import EVENTS, ITEMS, TEST, TRAIN, USERS, VALID, TaskBase
from motet.tasks._history import codes_of, events_before, events_within


@dataclass(frozen=True)
class Anchors:
    """n questions before their labels are known; the fields are those of Examples."""

    row_n: NDArray[np.int64]
    part_n: NDArray[np.int8]
    unit: pl.Series
    user_n: NDArray[np.int32] | None = None
    cut_n: NDArray[np.int64] | None = None
    now_n: NDArray[np.int64] | None = None
    item_n: NDArray[np.int32] | None = None
    other_n: NDArray[np.int32] | None = None
    other_cut_n: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.row_n)

    def take(self, index: NDArray[np.int64]) -> Anchors:
        """Return the chosen questions, in the order of `index`."""
        names = ("user_n", "cut_n", "now_n", "item_n", "other_n", "other_cut_n")
        arrays = {name: getattr(self, name) for name in names}
        taken = {name: None if array is None else array[index] for name, array in arrays.items()}
        return replace(self, row_n=self.row_n[index], part_n=self.part_n[index], unit=self.unit.gather(index), **taken)


def anchors_of(task: TaskBase, division: Division) -> Anchors:
    """Return one question per row of the task's table."""
    events = division.events
    if events is not None and task.table == EVENTS:
        return event_anchors(events, np.arange(len(events.user_N)), parts_of(task, division))
    if events is not None and task.table == USERS:
        return _user_anchors(task, division, events)
    if events is not None and task.table == ITEMS:
        return _item_anchors(task, division, events)
    return _row_anchors(task, division)


def parts_of(task: TaskBase, division: Division) -> NDArray[np.int8]:
    """Return the part of each row of the task's table, under the task's own split where it has one."""
    return division.task_parts.get(task.name, division.parts[task.table])


def event_anchors(events: EventIndex, rows: NDArray[np.int64], part_N: NDArray[np.int8]) -> Anchors:
    """Return questions about the given events; their histories end before the event's basket."""
    user_n = events.user_N[rows]
    return Anchors(
        row_n=rows.astype(np.int64),
        part_n=part_N[rows],
        unit=events.users.gather(user_n),
        user_n=user_n,
        cut_n=events.basket_N[rows] - events.starts[user_n],
        now_n=None if events.time_N is None else events.time_N[rows],
        item_n=events.item_N[rows],
    )


def pair_anchors(
    division: Division, rows: NDArray[np.int64], part_n: NDArray[np.int8], pair_n2: NDArray[np.int32]
) -> Anchors:
    """Return questions about pairs of users, which know no moment: each sees what a profile would see.

    rows: of the relation's table, -1 for a pair that it does not hold. pair_n2: indices of the two users.
    """
    events = division.events
    assert events is not None, "pairs of users need events"
    past_n = np.where(part_n == TEST, VALID, TRAIN)
    return Anchors(
        row_n=rows,
        part_n=part_n,
        unit=events.users.gather(pair_n2[:, 0]),
        user_n=pair_n2[:, 0],
        cut_n=_cut_by_part(events, pair_n2[:, 0], past_n),
        other_n=pair_n2[:, 1],
        other_cut_n=_cut_by_part(events, pair_n2[:, 1], past_n),
    )


def _user_anchors(task: TaskBase, division: Division, events: EventIndex) -> Anchors:
    """Profiles know no moment: the history is what training showed, and at test time the validation events too."""
    frame = division.tables.frame(task.table)
    ids = frame[ID] if ID in frame.columns else frame[USER]
    part_n = parts_of(task, division)
    user_n = codes_of(ids, events.users)
    past_n = np.where(part_n == TEST, VALID, TRAIN)
    return Anchors(
        row_n=np.arange(frame.height),
        part_n=part_n,
        unit=_unit(ids, frame),
        user_n=user_n,
        cut_n=_cut_by_part(events, user_n, past_n),
    )


def _item_anchors(task: TaskBase, division: Division, events: EventIndex) -> Anchors:
    frame = division.tables.frame(task.table)
    ids = frame[ID] if ID in frame.columns else frame[ITEM]
    return Anchors(
        row_n=np.arange(frame.height),
        part_n=parts_of(task, division),
        unit=_unit(ids, frame),
        item_n=codes_of(ids, events.items),
    )


def _row_anchors(task: TaskBase, division: Division) -> Anchors:
    """Rows of any further table; user, item and time are filled in where the table has them."""
    frame, events = division.tables.frame(task.table), division.events
    ids = next((frame[key] for key in (USER, ID) if key in frame.columns), None)
    part_n = parts_of(task, division)
    anchors = Anchors(row_n=np.arange(frame.height), part_n=part_n, unit=_unit(ids, frame))
    if events is not None and ITEM in frame.columns:
        anchors = replace(anchors, item_n=codes_of(frame[ITEM], events.items))
    if events is not None and USER in frame.columns:
        user_n = codes_of(frame[USER], events.users)
        cut_n, now_n = _cut_by_time(division, task, user_n, part_n)
        anchors = replace(anchors, user_n=user_n, cut_n=cut_n, now_n=now_n)
    return anchors


def _cut_by_time(
    division: Division, task: TaskBase, user_n: NDArray[np.int32], part_n: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """The events strictly before the row's time, and of no later part than the row; (cut, now).

    A row without time, or with another clock than the events', sees what a profile would see.
    """
    events, table = division.events, division.tables[task.table]
    assert events is not None, "rows with a history need events"
    clock = EVENTS in division.tables and division.tables[EVENTS].time_unit == table.time_unit
    if events.time_N is None or TIME not in table.frame.columns or not clock:
        return _cut_by_part(events, user_n, np.where(part_n == TEST, VALID, TRAIN)), None
    time = table.frame[TIME]
    limit_n = _cut_by_part(events, user_n, part_n)
    cut_n = np.minimum(events_before(events, user_n, time.fill_null(0).to_numpy()), limit_n)
    timeless = time.is_null().to_numpy()
    cut_n = np.where(timeless, _cut_by_part(events, user_n, np.where(part_n == TEST, VALID, TRAIN)), cut_n)
    last_n = np.clip(events.starts[np.maximum(user_n, 0)] + cut_n - 1, 0, len(events.user_N) - 1)
    latest_n = np.where(cut_n > 0, events.time_N[last_n], events.time_N.min())
    return cut_n, np.where(timeless, latest_n, time.fill_null(0).to_numpy())


def _cut_by_part(events: EventIndex, user_n: NDArray[np.int32], last_part_n: NDArray[np.int8]) -> NDArray[np.int64]:
    """How many leading events of each user belong to parts up to the given one; 0 for an unknown user."""
    counts_PU = np.stack([events_within(events, part) for part in (TRAIN, VALID, TEST)])
    known_n = counts_PU[np.maximum(last_part_n, 0), np.maximum(user_n, 0)]
    return np.where(user_n < 0, 0, known_n)


def _unit(ids: pl.Series | None, frame: pl.DataFrame) -> pl.Series:
    rows = frame[ROW].cast(pl.String)
    if ids is None:
        return rows
    return ids.zip_with(ids.is_not_null(), "row " + rows)
