"""qwk: agreement of ordered answers beyond chance, with squared distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.decode import labels, levels, mode
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import SumMetric, ratio
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class QuadraticWeightedKappa(SumMetric):
    """1 − E(a − t)² / E(a − t')², with the answer a (the mode), its truth t, and the truth t' of another question.

    Source: Cohen 1968. Distances are between the values of the levels, so it equals the kappa on level numbers where
    levels are evenly spaced. Undefined where truth and answers are one and the same constant.
    """

    outputs = ("ordinal",)

    def terms(self, predictions: Predictions) -> FloatArray:
        """Return t, a, t², a², t·a and 1; centred, as squares of large values would cancel badly."""
        centre = levels(predictions).mean()
        truth_n, answer_n = labels(predictions) - centre, mode(predictions) - centre
        ones_n = np.ones(len(truth_n))
        return np.stack([truth_n, answer_n, truth_n**2, answer_n**2, truth_n * answer_n, ones_n], axis=1)

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return kappa from the moments."""
        truth_R, answer_R, truth2_R, answer2_R, both_R, count_R = sums_RS.T
        observed_R = truth2_R + answer2_R - 2 * both_R
        by_chance_R = truth2_R + answer2_R - 2 * ratio(truth_R * answer_R, count_R)
        negligible_R = by_chance_R <= 1e-12 * np.maximum(count_R, 1.0)
        return 1.0 - ratio(observed_R, np.where(negligible_R, 0.0, by_chance_R))


METRICS.register("qwk")(QuadraticWeightedKappa())
