"""precision and recall of a binary answer, decided at .5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.decode import decision, labels
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import MeanMetric, SumMetric, ratio
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class Precision(SumMetric):
    """Of those answered yes, the share that is. Undefined where nothing was answered yes.

    No mean over questions in the sense of `Metric`: which questions count depends on the answers.
    """

    outputs = ("binary",)

    def terms(self, predictions: Predictions) -> FloatArray:
        """Return rightly answered yes, and answered yes."""
        answer_n = decision(predictions)
        return np.stack([answer_n * labels(predictions), answer_n], axis=1)

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return the first over the second."""
        return ratio(sums_RS[:, 0], sums_RS[:, 1])


@dataclass(frozen=True)
class Recall(MeanMetric):
    """Of those that are yes, the share answered so. Undefined where nothing is yes."""

    outputs = ("binary",)

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return 1 or 0 for a question whose truth is yes; the others do not count."""
        return np.where(labels(predictions) > 0.5, decision(predictions), np.nan)


METRICS.register("precision")(Precision())
METRICS.register("recall")(Recall())
