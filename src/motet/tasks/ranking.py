"""Ranks of true items among all items, and the best items of each row.

B = rows, I = items, K = list length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Seen = Sequence[NDArray[np.integer]]
"""Per row, the indices of items that must not be listed; -1 is ignored."""


def target_ranks(
    scores_BI: NDArray[np.floating], target_B: NDArray[np.integer], *, seen: Seen | None = None
) -> NDArray[np.int64]:
    """Return the 0-based rank of each target among all items.

    Seen items leave the list, but never the target itself. Ties count against the target; a target without a number
    (NaN) comes last; a target outside the catalogue (-1) has rank I.
    """
    num_items = scores_BI.shape[1]
    rows = np.arange(len(target_B))
    known = target_B >= 0
    if num_items == 0:
        return np.zeros(len(target_B), np.int64)
    own_B = scores_BI[rows, np.where(known, target_B, 0)]
    own_B = np.where(np.isnan(own_B), -np.inf, own_B)
    lost = np.isneginf(own_B)
    rank_B = np.count_nonzero(scores_BI >= own_B[:, None], axis=1)
    rank_B[lost] = num_items  # comparisons with NaN are false, but what has no number still ties with the last
    rank_B -= 1  # the target itself
    if seen is not None:
        row, item = _pairs(seen, num_items)
        other = item != target_B[row]
        row, item = row[other], item[other]
        above = (scores_BI[row, item] >= own_B[row]) | lost[row]
        rank_B -= np.bincount(row[above], minlength=len(rank_B))
    return np.where(known, rank_B, num_items).astype(np.int64)


def top_items(scores_BI: NDArray[np.floating], k: int, *, seen: Seen | None = None) -> NDArray[np.int32]:
    """Return the indices (B, min(k, I)) of the best items, best first.

    Equal scores go by index, so that the answer depends on nothing else; NaN and seen items come last.
    """
    num_items = scores_BI.shape[1]
    k = min(k, num_items)
    if k == 0 or len(scores_BI) == 0:
        return np.zeros((len(scores_BI), k), np.int32)
    loss_BI = -scores_BI.astype(np.float32, copy=False)
    np.nan_to_num(loss_BI, copy=False, nan=np.inf, posinf=np.inf, neginf=-np.inf)
    if seen is not None:
        loss_BI[_pairs(seen, num_items)] = np.inf
    chosen_BK = np.argpartition(loss_BI, k - 1, axis=1)[:, :k]
    worst_B = np.take_along_axis(loss_BI, chosen_BK, 1).max(1)
    chosen_BK.sort(axis=1)
    order_BK = np.argsort(np.take_along_axis(loss_BI, chosen_BK, 1), axis=1, kind="stable")
    top_BK = np.take_along_axis(chosen_BK, order_BK, 1)
    tied_B = np.count_nonzero(loss_BI <= worst_B[:, None], axis=1) > k
    if tied_B.any():
        top_BK[tied_B] = np.argsort(loss_BI[tied_B], axis=1, kind="stable")[:, :k]
    return top_BK.astype(np.int32)


def _pairs(seen: Seen, num_items: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct (row, item) pairs."""
    lengths = [len(items) for items in seen]
    row = np.repeat(np.arange(len(seen)), lengths)
    item = np.concatenate([*seen, np.zeros(0, np.int64)]).astype(np.int64)
    row, item = row[item >= 0], item[item >= 0]
    key = np.sort(row * num_items + item)  # several times as fast as numpy's own way to distinct numbers
    return np.divmod(key[np.diff(key, prepend=-1) > 0], num_items)
