"""Most metrics are functions of a few sums over questions; written so, any reweighting is one matrix product."""

# n = questions, S = sums, R = reweightings

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.metrics._protocol import FloatArray, Resampler
from motet.evaluate.predictions import Predictions

STEP = 1e-6
"""How far each sum is moved to find the metric's slope in it, per question."""


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return above / below, NaN where below is zero."""
    return np.divide(above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=below != 0)


@dataclass(frozen=True)
class SumMetric(ABC):
    """A metric that is a function of sums over questions."""

    outputs: ClassVar[tuple[str, ...]] = ()
    lower_is_better: ClassVar[bool] = False

    @abstractmethod
    def terms(self, predictions: Predictions) -> Any:
        """Return the (n, S) terms, as an array or a scipy sparse array."""

    @abstractmethod
    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return R values from R rows of sums."""

    def value(self, predictions: Predictions) -> float:
        """Return the metric over all questions."""
        if len(predictions) == 0:
            return float("nan")
        sums_S = np.asarray(self.terms(predictions).sum(axis=0), np.float64)
        return float(self.combine(sums_S.reshape(1, -1), predictions)[0])

    def per_question(self, predictions: Predictions) -> FloatArray | None:
        """Return None: the metric is no mean over questions."""
        return None

    def resampler(self, predictions: Predictions) -> Resampler:
        """Return the function from weights of the questions to values."""
        terms_nS = self.terms(predictions)

        def values(weight_Rn: NDArray[np.float32]) -> FloatArray:
            return self.combine(np.asarray(weight_Rn.astype(np.float64) @ terms_nS), predictions)

        return values

    def influences(self, predictions: Predictions) -> FloatArray:
        """Return each question's terms times the slopes of the metric in the sums."""
        terms_nS = self.terms(predictions)
        sums_S = np.asarray(terms_nS.sum(axis=0), np.float64).reshape(-1)
        step = STEP * max(1, len(predictions))
        aside_SS = step * np.eye(len(sums_S))
        up_S, down_S = (self.combine(sums_S + sign * aside_SS, predictions) for sign in (1, -1))
        return np.asarray(terms_nS @ ((up_S - down_S) / (2 * step)), np.float64)


@dataclass(frozen=True)
class MeanMetric(SumMetric):
    """A metric that is a mean over questions; those with NaN do not count."""

    @abstractmethod
    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return one value per question."""

    def terms(self, predictions: Predictions) -> FloatArray:
        """Return value and count per question."""
        value_n = self.per_question(predictions)
        counts_n = ~np.isnan(value_n)
        return np.stack([np.where(counts_n, value_n, 0.0), counts_n.astype(np.float64)], axis=1)

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return sum over count."""
        return ratio(sums_RS[:, 0], sums_RS[:, 1])
