"""ndcg@k: a hit counts by how early it comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._ranks import ranks
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class NdcgAt(MeanMetric):
    """Normalised discounted cumulative gain with one true item per question. Undefined without questions.

    Source: Järvelin and Kekäläinen 2002. With one true item the ideal gain is 1.
    """

    k: int = 10
    outputs = ("ranking",)

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return 1 / log2(rank + 2) for a hit, else 0."""
        rank_n = ranks(predictions)
        return np.where(rank_n < self.k, 1.0 / np.log2(rank_n + 2.0), 0.0)


for _k in (5, 10, 20):
    METRICS.register(f"ndcg@{_k}")(NdcgAt(_k))
