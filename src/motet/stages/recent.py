"""Which questions are about what is new, and which stand in where none is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.schema import EVENTS, TEST, TRAIN
from motet.stages.grown import Grown
from motet.stages.study import Study

FEWEST = 20
"""Recent questions that a comparison wants at least; with fewer, all held-out ones are asked."""
MOST_OLD = 2_000
"""Old rows that are asked about at most, where nothing is held out."""

Index = NDArray[np.int64]


def new_examples(study: Study, grown: Grown, task: str) -> NDArray[np.bool_]:
    """Return, per example of a task, whether it asks about a new row, or about a moment whose next event is new."""
    examples, division = study.examples[task], study.division
    new = grown.is_new(division, examples.table)
    return asked_in(study, new if len(new) else np.zeros(1, bool), examples.row_n, examples.user_n, examples.cut_n)


def asked_in(
    study: Study,
    row_is: NDArray[np.bool_],
    row_n: Index,
    user_n: NDArray[np.integer] | None,
    cut_n: NDArray[np.integer] | None,
) -> NDArray[np.bool_]:
    """Return whether questions are about marked rows of their table: by their row, else by the coming event."""
    found = np.where(row_n >= 0, row_is[np.maximum(row_n, 0) % len(row_is)], False)
    events = study.division.events
    if events is None or user_n is None or cut_n is None or len(row_is) != len(events.item_N):
        return found
    begin, end = events.starts[np.maximum(user_n, 0)], events.starts[np.maximum(user_n, 0) + 1]
    following = np.minimum(begin + cut_n, end - 1)
    known = (row_n < 0) & (user_n >= 0) & (end > begin)
    found[known] = row_is[following[known]]
    return found


def fresh_rows(study: Study, grown: Grown) -> NDArray[np.bool_]:
    """Return, per event, whether it is new, or one of the two before a user's first new one, which were held out."""
    new = grown.is_new(study.division, EVENTS)
    events = study.division.events
    assert events is not None
    fresh = new.copy()
    for back in (1, 2):
        later = np.flatnonzero(new[back:] & (events.user_N[back:] == events.user_N[:-back]))
        fresh[later] = True
    return fresh


def deciding(study: Study, grown: Grown, task: str) -> tuple[Index, str]:
    """Return the examples that decide about a task, and which they are.

    `recent`: held-out ones about new rows. `held out`: all held-out ones, where few are new. `old rows`: some that were
    trained on, where nothing is held out, so that at least what was known is not lost.
    """
    examples = study.examples[task]
    held = examples.part_n == TEST
    recent = held & new_examples(study, grown, task)
    if len(np.unique(examples.unit.filter(recent).to_numpy())) >= FEWEST:
        return np.flatnonzero(recent), "recent"
    if held.any():
        return np.flatnonzero(held), "held out"
    old = np.flatnonzero(examples.part_n == TRAIN)
    return old[np.linspace(0, len(old) - 1, min(len(old), MOST_OLD)).astype(np.int64)], "old rows"
