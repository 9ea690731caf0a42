"""Ranks of the true items, with those outside the catalogue out of reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions


def ranks(predictions: Predictions) -> NDArray[np.float64]:
    """Return 0-based ranks; infinite for a target outside the catalogue, so that no cut-off ever reaches it."""
    assert predictions.rank_n is not None, "ranking predictions carry the rank of the true item"
    rank_n = predictions.rank_n.astype(np.float64)
    if predictions.num_items:
        rank_n[predictions.rank_n >= predictions.num_items] = np.inf
    return rank_n
