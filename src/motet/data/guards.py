"""Checks of what was made: no history reaches its own answer, no row serves training and judging at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.hashing import pair_key
from motet.data.held_out import row_label
from motet.data.tables import OTHER, TIME, USER, Division, EventIndex
from motet.errors import LeakageError
from motet.schema import EVENTS, TRAIN, Relation

_REMEDY = "This is a fault of the split or of the task's kind, not of the data: please report it."


class Questions(Protocol):
    """What these checks read of a task's examples (see motet.tasks.Examples, which stands further up)."""

    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def table(self) -> str: ...  # noqa: D102
    @property
    def row_n(self) -> NDArray[np.int64]: ...  # noqa: D102
    @property
    def user_n(self) -> NDArray[np.int32] | None: ...  # noqa: D102
    @property
    def cut_n(self) -> NDArray[np.int64] | None: ...  # noqa: D102
    @property
    def now_n(self) -> NDArray[np.int64] | None: ...  # noqa: D102
    @property
    def part_n(self) -> NDArray[np.int8]: ...  # noqa: D102


def assert_history_is_past(examples: Questions, division: Division) -> None:
    """Raise LeakageError where a history holds the event asked about, its basket, or anything later.

    A question about an event must cut its user's history at the event's basket or before. Every other question may
    hold no event of a later part than its own, and, where it has a moment, only strictly earlier events.
    """
    events = division.events
    if events is None or examples.user_n is None or examples.cut_n is None:
        return
    known = np.flatnonzero(examples.user_n >= 0)
    user_n, cut_n = examples.user_n[known], examples.cut_n[known]
    end_n = events.starts[user_n] + cut_n
    bad = (cut_n < 0) | (end_n > events.starts[user_n + 1])
    about_event = (examples.row_n[known] >= 0) & (examples.table == EVENTS)
    row_n = np.where(about_event, examples.row_n[known], 0)
    bad[about_event] |= ((events.user_N[row_n] != user_n) | (end_n > events.basket_N[row_n]))[about_event]
    others = np.flatnonzero(~about_event & (cut_n > 0) & ~bad)
    bad[others] = _too_late(examples, division, events, known[others], end_n[others] - 1)
    if bad.any():
        raise LeakageError(
            f"Task '{examples.task}' on table '{examples.table}': {int(bad.sum())} of {len(bad)} histories reach "
            f"the event asked about or a later one.",
            _REMEDY,
        )


def _too_late(
    examples: Questions,
    division: Division,
    events: EventIndex,
    which: NDArray[np.int64],
    last_n: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether the last event of each chosen question's history is of a later part or no earlier than its moment."""
    late = events.part_N[last_n] > examples.part_n[which]
    if examples.now_n is None or events.time_N is None:
        return late
    frame = division.tables.frame(examples.table)
    row_n = examples.row_n[which]
    timed = row_n < 0
    if TIME in frame.columns:  # a row without a moment of its own carries that of its history's last event
        timed = timed | frame[TIME].is_not_null().gather(np.maximum(row_n, 0)).to_numpy()
    return late | (timed & (events.time_N[last_n] >= examples.now_n[which]))


def assert_no_training_on_held_out(all_examples: Mapping[str, Questions], division: Division) -> None:
    """Raise LeakageError where one task trains on a row that it or another task of the table holds out.

    Tasks whose answer is neither a cell of a row nor the row itself (next item, interest, windows) are left out: they
    follow the events.
    """
    tasks = division.project.tasks
    cells = {
        name: found
        for name, found in all_examples.items()
        if row_label(tasks[name]) is not None or isinstance(tasks[name], Relation)
    }
    for name, examples in cells.items():
        _no_overlap(name, examples, name, examples)
    for (name, examples), (other, judged) in permutations(cells.items(), 2):
        if examples.table == judged.table:
            _no_overlap(name, examples, other, judged)


def _no_overlap(name: str, examples: Questions, other: str, judged: Questions) -> None:
    trained = np.unique(examples.row_n[(examples.part_n == TRAIN) & (examples.row_n >= 0)])
    held = np.unique(judged.row_n[(judged.part_n > TRAIN) & (judged.row_n >= 0)])
    shared = np.intersect1d(trained, held, assume_unique=True)
    if len(shared):
        raise LeakageError(
            f"Task '{name}' trains on {len(shared)} rows of table '{examples.table}' that task '{other}' holds out "
            f"(the first is row {shared[0]}).",
            _REMEDY,
        )


def check_relations(division: Division) -> None:
    """Raise LeakageError where a pair of a relation stands in one part and its reverse in another."""
    for name, table in division.tables.tables.items():
        if OTHER not in table.frame.columns:
            continue
        pairs = pl.DataFrame({"pair": pair_key(table.frame[USER], table.frame[OTHER]), "part": division.parts[name]})
        mixed = pairs.group_by("pair").agg(pl.col("part").n_unique()).filter(pl.col("part") > 1)
        if mixed.height:
            raise LeakageError(
                f"Table '{name}': {mixed.height} pairs stand in one part and their reverse in another "
                f"(for instance {mixed.get_column('pair').to_list()[0]}).",
                _REMEDY,
            )
