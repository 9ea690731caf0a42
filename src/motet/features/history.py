"""Histories as flat arrays: every event is a row, row 0 is nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.features.columns import Plain

NUM_GAPS = 34
"""Buckets of elapsed time: 0 unknown, then 1 + floor(log2(1 + seconds)), capped."""


@dataclass(frozen=True)
class EventArrays:
    """N events (and an empty row 0), one user's after the other's.

    item_N: catalogue index + 1, 0 for none. gap_N: bucket of the time since the user's event before.
    text_N: row of `text_vectors`, 0 for none. plain: the event's own columns (behaviour, rating, …).
    text_vectors: float32 (texts + 1, T), row 0 zeros.
    """

    item_N: NDArray[np.int32]
    gap_N: NDArray[np.int32]
    text_N: NDArray[np.int32]
    plain: Plain
    text_vectors: NDArray[np.float32]


def gap_bucket(milliseconds: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the bucket of each elapsed time; negative times count as unknown."""
    seconds = np.maximum(milliseconds, 0) / 1000.0
    bucket = 1 + np.floor(np.log2(1.0 + seconds)).astype(np.int32)
    return np.where(milliseconds < 0, 0, np.minimum(bucket, NUM_GAPS - 1)).astype(np.int32)


def gaps_within(time_N: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return each event's bucket of time since the event before of the same user (0 for a user's first)."""
    gap = np.full(len(time_N), -1, np.int64)
    gap[1:] = time_N[1:] - time_N[:-1]
    first = starts[:-1][np.diff(starts) > 0]
    gap[first] = -1
    return gap_bucket(gap)
