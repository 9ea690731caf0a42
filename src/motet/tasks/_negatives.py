"""Items that a user never had, drawn as negatives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PER_POSITIVE_IN_TRAINING, PER_POSITIVE_AT_EVALUATION = 4, 1
ROUNDS = 30


def draw_unseen(
    user_n: NDArray[np.int32], seen: NDArray[np.int64], *, num_items: int, times: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return (index into user_n, item) of `times` items per entry, uniform over those the user never had.

    seen: sorted keys user · num_items + item. A user who had nearly everything may get fewer.
    """
    index = np.repeat(np.arange(len(user_n)), times)
    item = np.full(len(index), -1, np.int64)
    open_ = np.arange(len(index))
    for _ in range(ROUNDS):
        if len(open_) == 0 or num_items == 0:
            break
        drawn = rng.integers(num_items, size=len(open_))
        key = user_n[index[open_]].astype(np.int64) * num_items + drawn
        fresh = ~_contains(seen, key)
        item[open_[fresh]] = drawn[fresh]
        open_ = open_[~fresh]
    found = item >= 0
    return index[found], item[found].astype(np.int32)


def _contains(sorted_keys: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.bool_]:
    if len(sorted_keys) == 0:
        return np.zeros(len(key), bool)
    place = np.minimum(np.searchsorted(sorted_keys, key), len(sorted_keys) - 1)
    return sorted_keys[place] == key
