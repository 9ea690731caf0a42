"""mrr: the mean reciprocal rank of the true item, over the whole list."""

from __future__ import annotations

from dataclasses import dataclass

from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._ranks import ranks
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class MeanReciprocalRank(MeanMetric):
    """Undefined without questions; 0 for a target outside the catalogue."""

    outputs = ("ranking",)

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return 1 / (rank + 1)."""
        return 1.0 / (ranks(predictions) + 1.0)


METRICS.register("mrr")(MeanReciprocalRank())
