"""mae, mse and rmse: how far a number is off, in its own unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.decode import labels, mean, median
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import MeanMetric, SumMetric, ratio
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class MeanAbsoluteError(MeanMetric):
    """An ordinal answer is its median. Undefined without questions."""

    outputs = ("ordinal", "number")
    lower_is_better = True

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return |answer − truth|."""
        return np.abs(median(predictions) - labels(predictions))


@dataclass(frozen=True)
class MeanSquaredError(MeanMetric):
    """An ordinal answer is its mean. Undefined without questions."""

    outputs = ("ordinal", "number")
    lower_is_better = True

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return (answer − truth)²."""
        return (mean(predictions) - labels(predictions)) ** 2


@dataclass(frozen=True)
class RootMeanSquaredError(SumMetric):
    """The square root of mse. Undefined without questions."""

    outputs = ("ordinal", "number")
    lower_is_better = True

    def terms(self, predictions: Predictions) -> FloatArray:
        """Return squared error and count per question."""
        return MeanSquaredError().terms(predictions)

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return the root of sum over count."""
        return np.sqrt(ratio(sums_RS[:, 0], sums_RS[:, 1]))


METRICS.register("mae")(MeanAbsoluteError())
METRICS.register("mse")(MeanSquaredError())
METRICS.register("rmse")(RootMeanSquaredError())
