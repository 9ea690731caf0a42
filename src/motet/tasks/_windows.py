"""Windows of time: a user's events of the coming weeks, summed up."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division, EventIndex
from motet.errors import DataError, ProjectError
from motet.schema import EVENTS, TEST, TRAIN, VALID, Number
from motet.tasks._anchors import Anchors
from motet.tasks._assemble import assemble
from motet.tasks._history import events_before
from motet.tasks._labels import as_numbers, column_of
from motet.tasks._protocol import Examples

MAX_TRAINING = 200_000
STEPS_PER_WINDOW = 4
_GRAINS = (86_400_000, 3_600_000, 60_000, 1_000)


def window_examples(task: Number, division: Division) -> Examples:
    """Return one example per user and moment: the history up to the moment, the aggregate after it.

    Training moments stand a quarter of a window apart and end a window before validation; validation and test ask
    once per user, at the first moment of their part. Every window lies inside its part.
    """
    events, table = division.events, division.tables[task.table]
    if events is None or task.table != EVENTS:
        raise ProjectError(f"Task '{task.name}' has a window, which only the events can fill.", 'Use table = "events".')
    if table.time_unit != "ms" or events.time_N is None or division.boundaries is None:
        raise DataError(
            f"Task '{task.name}' has a window of {task.window}, which needs events with real times "
            f"and a split by time; the time of the events counts: {table.time_unit}.",
            'Declare a time column with dates or unix times and set kind = "time" under [split].',
        )
    _, meaning = column_of(task, division)
    assert division.past is not None, "windows are of events"
    values = division.past[task.column]
    anchors = _anchors(task, events, _moments(task, events, division.boundaries))
    label = _aggregate(task, events, anchors, values, meaning)
    coverage = float(values.is_not_null().mean() or 0.0)  # type: ignore[arg-type]
    return assemble(task, "number", sources=("history",), anchors=anchors, label=label, coverage=coverage)


def _moments(task: Number, events: EventIndex, boundaries: tuple[int, int, int]) -> dict[int, NDArray[np.int64]]:
    """The moments asked about, by part."""
    assert events.time_N is not None and task.window_ms is not None, "windows need times"
    window, first = task.window_ms, int(events.time_N.min())
    valid, test, last = boundaries
    end = last + _grain(events.time_N)
    lengths = {"training": valid - first, "validation": test - valid, "test": end - test}
    if min(lengths["validation"], lengths["test"]) < window or lengths["training"] < 2 * window:
        found = ", ".join(f"{name} {_days(length)}" for name, length in lengths.items())
        raise DataError(
            f"Task '{task.name}' has a window of {task.window}; the parts last: {found}.",
            "Validation and test must last at least one window, training at least two: "
            "shorten the window, or move the boundaries with fractions or cut under [split].",
        )
    grid = np.arange(valid - window, first + window - 1, -max(window // STEPS_PER_WINDOW, 1))
    one = np.asarray
    return {TRAIN: grid[::-1], VALID: one([valid]), TEST: one([test])}


def _grain(time_N: NDArray[np.int64]) -> int:
    """How long the last moment lasts: a day where all times are days, and so on down to a millisecond."""
    return next((grain for grain in _GRAINS if not (time_N % grain).any()), 1)


def _anchors(task: Number, events: EventIndex, moments: dict[int, NDArray[np.int64]]) -> Anchors:
    assert events.time_N is not None, "windows need times"
    active = np.flatnonzero(np.diff(events.starts) > 0)
    born = events.time_N[events.starts[active]]
    user, now, part = [], [], []
    for which, chosen in moments.items():
        if which == TRAIN:
            chosen = _thinned(chosen, np.searchsorted(np.sort(born), chosen, side="left"))
        for moment in chosen:
            alive = active[born < moment]
            if which == TRAIN:
                alive = alive[:: 1 + len(alive) // (MAX_TRAINING + 1)]
            user.append(alive)
            now.append(np.full(len(alive), moment))
            part.append(np.full(len(alive), which, np.int8))
    user_n, now_n = np.concatenate(user).astype(np.int32), np.concatenate(now).astype(np.int64)
    return Anchors(
        row_n=np.full(len(user_n), -1, np.int64),
        part_n=np.concatenate(part),
        unit=events.users.gather(user_n),
        user_n=user_n,
        cut_n=events_before(events, user_n, now_n),
        now_n=now_n,
    )


def _thinned(moments: NDArray[np.int64], users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every k-th moment, counted from the latest, so that the examples stay below the cap."""
    step = -(-int(users.sum()) // MAX_TRAINING)
    return moments[::-1][:: max(step, 1)][::-1]


def _aggregate(task: Number, events: EventIndex, anchors: Anchors, values: pl.Series, meaning: str) -> pl.Series:
    assert anchors.user_n is not None and anchors.cut_n is not None and anchors.now_n is not None, "windows have users"
    base_n = events.starts[anchors.user_n]
    start_n = base_n + anchors.cut_n
    end_n = base_n + events_before(events, anchors.user_n, anchors.now_n + (task.window_ms or 0))
    known_N = values.is_not_null().to_numpy()
    count_n = _over(np.add, known_N.astype(np.float64), start_n, end_n)
    if task.aggregate == "count":
        return pl.Series(count_n)
    number_N = as_numbers(task, values, meaning).to_numpy()
    if task.aggregate == "max":
        highest_n = _over(np.maximum, np.where(known_N, number_N, -np.inf), start_n, end_n)
        return _where_known(highest_n, count_n)
    sum_n = _over(np.add, np.where(known_N, number_N, 0.0), start_n, end_n)
    return pl.Series(sum_n) if task.aggregate == "sum" else _where_known(sum_n / np.maximum(count_n, 1), count_n)


def _where_known(value_n: NDArray[np.float64], count_n: NDArray[np.float64]) -> pl.Series:
    return pl.Series(np.where(count_n > 0, value_n, np.nan)).fill_nan(None)


def _over(
    combine: np.ufunc, value_N: NDArray[np.float64], start_n: NDArray[np.int64], end_n: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Combine value_N[start:end] for every range; 0 for an empty one."""
    out = np.zeros(len(start_n))
    some = end_n > start_n
    pairs = np.stack([start_n[some], end_n[some]], axis=1).ravel()
    if len(pairs):
        out[some] = combine.reduceat(np.append(value_N, 0.0), pairs)[::2]
    return out


def _days(length: int) -> str:
    return f"{length / 86_400_000:.1f} days"
