"""What never met, drawn as negatives: items that a user never had, users who are strangers."""

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


def draw_strangers(
    pair_N2: NDArray[np.int32],
    sides: tuple[NDArray[np.int32], NDArray[np.int32]],
    *,
    num_users: int,
    number: int,
    directed: bool,
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """Return (number, 2) distinct pairs of two users, uniform over the sides, none of which is a known pair.

    pair_N2: all known pairs, of every part. directed: whether (a, b) is another pair than (b, a). Where nearly everyone
    knows everyone, there may be fewer.
    """
    known = np.unique(_pair_keys(pair_N2, num_users, directed=directed))
    kept: list[NDArray[np.int32]] = [np.zeros((0, 2), np.int32)]
    missing = number
    for _ in range(ROUNDS):
        if missing == 0 or min(map(len, sides)) == 0:
            break
        drawn = np.stack([rng.choice(side, size=missing) for side in sides], axis=1).astype(np.int32)
        drawn = drawn[drawn[:, 0] != drawn[:, 1]]
        key, first = np.unique(_pair_keys(drawn, num_users, directed=directed), return_index=True)
        fresh = ~_contains(known, key)
        kept.append(drawn[np.sort(first[fresh])])
        known = np.union1d(known, key)
        missing = number - sum(map(len, kept))
    return np.concatenate(kept)


def _pair_keys(pair_n2: NDArray[np.int32], num_users: int, *, directed: bool) -> NDArray[np.int64]:
    ordered = pair_n2 if directed else np.sort(pair_n2, axis=1)
    return ordered[:, 0].astype(np.int64) * num_users + ordered[:, 1]


def _contains(sorted_keys: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.bool_]:
    if len(sorted_keys) == 0:
        return np.zeros(len(key), bool)
    place = np.minimum(np.searchsorted(sorted_keys, key), len(sorted_keys) - 1)
    return sorted_keys[place] == key
