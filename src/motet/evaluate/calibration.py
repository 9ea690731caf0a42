"""Reliability: in bins of equal mass, what was promised and what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.decode import confidence
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class Bin:
    """One row of a reliability table. confidence: mean promise. frequency: how often it came true. count: questions."""

    confidence: float
    frequency: float
    count: int


def bin_of(promised_n: NDArray[np.float64], *, bins: int = 15) -> NDArray[np.int64]:
    """Return the bin of each promise: equal mass, and equal promises in one bin (so some bins may be empty)."""
    lower_n = np.searchsorted(np.sort(promised_n), promised_n, side="left")
    return (lower_n * bins) // max(1, len(promised_n))


def reliability(predictions: Predictions, *, bins: int = 15) -> list[Bin]:
    """Return the reliability table, by rising promise, without empty bins.

    binary: probability of yes against yes. class and ordinal: highest probability against being right. Other outputs
    promise no single probability and have an empty table.
    """
    if predictions.output not in ("binary", "class", "ordinal") or len(predictions) == 0:
        return []
    promised_n, came_n = confidence(predictions)
    bin_n = bin_of(promised_n, bins=bins)
    count_B = np.bincount(bin_n, minlength=bins)
    promised_B = np.bincount(bin_n, weights=promised_n, minlength=bins)
    came_B = np.bincount(bin_n, weights=came_n, minlength=bins)
    filled = np.flatnonzero(count_B)
    return [Bin(float(promised_B[b] / count_B[b]), float(came_B[b] / count_B[b]), int(count_B[b])) for b in filled]
