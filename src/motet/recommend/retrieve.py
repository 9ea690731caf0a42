"""The best few of many, by one score per item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32] | NDArray[np.float64]


def best(score_I: Scores, allowed_I: NDArray[np.bool_], num: int) -> NDArray[np.int32]:
    """Return the numbers of the `num` best allowed items, best first; equal scores keep the catalogue's order.

    A score that is not a number counts as the lowest.
    """
    allowed = np.flatnonzero(allowed_I)
    score = np.nan_to_num(score_I[allowed].astype(np.float64), nan=-np.inf, neginf=-np.inf, posinf=np.inf)
    if len(allowed) > num:
        # Everything that ties with the last one in must be seen, or chance would choose among the tied.
        threshold = np.partition(score, len(score) - num)[len(score) - num]
        inside = score >= threshold
        allowed, score = allowed[inside], score[inside]
    return allowed[np.argsort(-score, kind="stable")][:num].astype(np.int32)
