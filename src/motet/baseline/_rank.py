"""Scores of all items, block by block, to ranks and lists."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from motet.baseline._past import Pasts
from motet.baseline._protocol import LIST_LENGTH, Answer
from motet.data import Division
from motet.tasks import Examples, target_ranks, top_items

CELLS = 8_000_000


def ranked(
    scores_of: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    examples: Examples,
    division: Division,
    *,
    at: NDArray[np.int64],
    mask: bool,
) -> Answer:
    """Return ranks and lists of the examples `at`; `scores_of` answers a block of them with (B, I) scores."""
    assert division.events is not None, "ranking needs events"
    pasts = Pasts(division.events)
    target = examples.label.to_numpy()
    num_items = max(len(division.events.items), 1)
    size = max(CELLS // num_items, 1)
    ranks, tops = [np.zeros(0, np.int64)], [np.zeros((0, min(LIST_LENGTH, num_items)), np.int32)]
    for start in range(0, len(at), size):
        block = at[start : start + size]
        scores = scores_of(block)
        seen = pasts.of(examples, block).by_row() if mask else None
        ranks.append(target_ranks(scores, target[block], seen=seen))
        tops.append(top_items(scores, LIST_LENGTH, seen=seen))
    return Answer(rank_n=np.concatenate(ranks), top_nK=np.concatenate(tops))
