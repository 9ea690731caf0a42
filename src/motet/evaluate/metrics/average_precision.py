"""map: the mean over rows of the average precision of the ranked tags."""

# n = rows, C = tags, P = pairs of a row and one of its true tags

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.decode import labels, scores
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions

CELLS = 8_000_000
"""How many comparisons are held in memory at once."""


@dataclass(frozen=True)
class MeanAveragePrecision(MeanMetric):
    """Rows without a true tag do not count; equal scores count against us. Undefined where no row has a true tag."""

    outputs = ("tags",)

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return, per row, the mean over its true tags of the precision at that tag's place."""
        score_nC, true_nC = scores(predictions), labels(predictions) > 0.5
        row_P, tag_P = np.nonzero(true_nC)
        order = np.lexsort((-score_nC[row_P, tag_P], row_P))
        row_P, tag_P = row_P[order], tag_P[order]
        counts_n = true_nC.sum(axis=1)
        starts_n = np.cumsum(counts_n) - counts_n
        hits_P = np.arange(len(row_P)) - starts_n[row_P] + 1.0
        precision_P = hits_P / (hits_P + _false_before(score_nC, true_nC, row_P, tag_P))
        total_n = np.bincount(row_P, weights=precision_P, minlength=len(true_nC))
        return np.divide(total_n, counts_n, out=np.full(len(true_nC), np.nan), where=counts_n > 0)


def _false_before(
    score_nC: FloatArray, true_nC: NDArray[np.bool_], row_P: NDArray[np.int64], tag_P: NDArray[np.int64]
) -> FloatArray:
    """Return, per pair, how many false tags of the row score at least as much."""
    rivals_nC = np.where(true_nC, -np.inf, score_nC)
    before_P = np.zeros(len(row_P))
    step = max(1, CELLS // max(1, score_nC.shape[1]))
    for start in range(0, len(row_P), step):
        rows, tags = row_P[start : start + step], tag_P[start : start + step]
        before_P[start : start + step] = (rivals_nC[rows] >= score_nC[rows, tags][:, None]).sum(axis=1)
    return before_P


METRICS.register("map")(MeanAveragePrecision())
