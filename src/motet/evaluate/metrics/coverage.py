"""coverage: the share of the catalogue that appears in anybody's first ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import SumMetric
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class Coverage(SumMetric):
    """Aggregate diversity of the lists. Undefined without lists or without a catalogue."""

    k: int = 10
    outputs = ("ranking",)

    def value(self, predictions: Predictions) -> float:
        """Return the share of items shown at least once."""
        if predictions.top_nK is None or not predictions.num_items or len(predictions) == 0:
            return float("nan")
        return len(np.unique(predictions.top_nK[:, : self.k])) / predictions.num_items

    def terms(self, predictions: Predictions) -> Any:
        """Return which items each question's list shows, as a sparse (n, I) array."""
        from scipy.sparse import csr_array

        assert predictions.top_nK is not None, "coverage needs the lists themselves"
        top_nk = predictions.top_nK[:, : self.k]
        starts = np.arange(len(top_nk) + 1) * top_nk.shape[1]
        shape = (len(top_nk), predictions.num_items)
        return csr_array((np.ones(top_nk.size), top_nk.ravel(), starts), shape=shape)

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return the share of items with any weight."""
        return (sums_RS > 0).mean(axis=1)


METRICS.register("coverage")(Coverage())
