"""recall@k: the share of questions whose true item is among the first k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._ranks import ranks
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class RecallAt(MeanMetric):
    """With one true item per question, recall@k is the hit rate. Undefined without questions."""

    k: int = 10
    outputs = ("ranking",)

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return 1 for a hit, else 0."""
        return (ranks(predictions) < self.k).astype(np.float64)


for _k in (5, 10, 20):
    METRICS.register(f"recall@{_k}")(RecallAt(_k))
