"""accuracy: the share of right answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.decode import correct
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class Accuracy(MeanMetric):
    """Binary answers are decided at .5, classes and levels by the mode. Undefined without questions."""

    outputs = ("binary", "class", "ordinal")

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return 1 for a right answer, else 0."""
        return correct(predictions).astype(np.float64)


METRICS.register("accuracy")(Accuracy())
