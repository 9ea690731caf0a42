"""How much of a user's history a question may hold."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import EventIndex


def codes_of(ids: pl.Series, known: pl.Series) -> NDArray[np.int32]:
    """Return the position of each id among the `known` (distinct) ids, -1 for a null or unknown id."""
    left = pl.DataFrame({"id": ids.cast(pl.String)})
    right = pl.DataFrame({"id": known.cast(pl.String), "code": np.arange(len(known), dtype=np.int32)})
    joined = left.join(right, on="id", how="left", maintain_order="left")
    return joined["code"].fill_null(-1).to_numpy().astype(np.int32)


def events_within(events: EventIndex, last_part: int) -> NDArray[np.int64]:
    """Return, per user, how many leading events belong to parts up to `last_part`."""
    later = np.flatnonzero(events.part_N > last_part)
    first_U = events.starts[1:].copy()
    np.minimum.at(first_U, events.user_N[later], later)
    return first_U - events.starts[:-1]


def events_before(events: EventIndex, user_n: NDArray[np.int32], moment_n: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of each user's events are strictly earlier than the moment; 0 for an unknown user.

    Every user's events stand in time order, so (user, rank of the time) is one rising key.
    """
    assert events.time_N is not None, "events without time have no moments"
    times, rank_N = np.unique(events.time_N, return_inverse=True)
    stride = len(times) + 1
    key_N = events.user_N.astype(np.int64) * stride + rank_N
    key_n = user_n.astype(np.int64) * stride + np.searchsorted(times, moment_n, side="left")
    count_n = np.searchsorted(key_N, key_n, side="left") - events.starts[np.maximum(user_n, 0)]
    return np.where(user_n < 0, 0, count_n).astype(np.int64)


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the integers start, start + 1, … of every range, one range after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
