"""What to show to someone of whom nothing is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def popularity_scores(count_I: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return float32 (I,): log of each item's share of the training events, with one event added to every item."""
    smoothed = count_I.astype(np.float64) + 1.0
    return np.log(smoothed / max(smoothed.sum(), 1.0)).astype(np.float32)
