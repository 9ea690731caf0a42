"""ece: how far promises are from what comes, over bins of equal mass."""

# R = reweightings, n = questions, B = bins

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.calibration import bin_of
from motet.evaluate.decode import confidence
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import SumMetric, ratio
from motet.evaluate.predictions import Predictions

BINS = 15


@dataclass(frozen=True)
class ExpectedCalibrationError(SumMetric):
    """Weighted mean over the bins of |mean promise − frequency|. Undefined without questions.

    Source: Naeini et al. 2015; bins of equal mass rather than width, so that none is judged by a handful of questions.
    Under other weights the bins stay where the whole sample put them.
    """

    outputs = ("binary", "class")
    lower_is_better = True

    def terms(self, predictions: Predictions) -> FloatArray:
        """Return per question a 1, and promise − outcome, each in the column of its bin."""
        promised_n, came_n = confidence(predictions)
        bin_n, row_n = bin_of(promised_n, bins=BINS), np.arange(len(predictions))
        terms = np.zeros((len(predictions), 2 * BINS))
        terms[row_n, bin_n] = 1.0
        terms[row_n, BINS + bin_n] = promised_n - came_n
        return terms

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return the sum of the bins' gaps over the count."""
        return ratio(np.abs(sums_RS[:, BINS:]).sum(axis=1), sums_RS[:, :BINS].sum(axis=1))


METRICS.register("ece")(ExpectedCalibrationError())
