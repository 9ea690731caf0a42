"""auc: the chance that a random yes is scored above a random no."""

# R = reweightings, P = questions answered yes, N = questions answered no

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.decode import labels, scores
from motet.evaluate.metrics._protocol import METRICS, FloatArray, Resampler
from motet.evaluate.metrics._sums import ratio
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class AreaUnderCurve:
    """Area under the ROC curve; equal scores count one half. Undefined unless both answers occur."""

    outputs: ClassVar[tuple[str, ...]] = ("binary",)
    lower_is_better: ClassVar[bool] = False

    def value(self, predictions: Predictions) -> float:
        """Return the area."""
        return float(self.resampler(predictions)(np.ones((1, len(predictions)), np.float32))[0])

    def per_question(self, predictions: Predictions) -> FloatArray | None:
        """Return None: pairs of questions are judged."""
        return None

    def resampler(self, predictions: Predictions) -> Resampler:
        """Sort the noes once; a yes then collects the weight of the noes below it."""
        score_n, yes_n = scores(predictions), labels(predictions) > 0.5
        yes_P, no_N = np.flatnonzero(yes_n), np.flatnonzero(~yes_n)
        no_N = no_N[np.argsort(score_n[no_N], kind="stable")]
        below_P = np.searchsorted(score_n[no_N], score_n[yes_P], side="left")
        upto_P = np.searchsorted(score_n[no_N], score_n[yes_P], side="right")

        def areas(weight_Rn: NDArray[np.float32]) -> FloatArray:
            passed = np.zeros((len(weight_Rn), len(no_N) + 1))
            np.cumsum(weight_Rn[:, no_N], axis=1, out=passed[:, 1:])
            weight_RP = weight_Rn[:, yes_P].astype(np.float64)
            won_R = np.einsum("rp,rp->r", weight_RP, passed[:, below_P] + passed[:, upto_P]) / 2
            return ratio(won_R, weight_RP.sum(axis=1) * passed[:, -1])

        return areas

    def influences(self, predictions: Predictions) -> FloatArray:
        """Return, of a yes, how far above the area its share of noes below is, over the yeses; likewise of a no."""
        score_n, yes_n = scores(predictions), labels(predictions) > 0.5
        if yes_n.all() or not yes_n.any():
            return np.full(len(score_n), np.nan)
        won_n = np.where(yes_n, _share_below(score_n, score_n[~yes_n]), 1 - _share_below(score_n, score_n[yes_n]))
        area, yes = float(won_n[yes_n].mean()), int(yes_n.sum())
        return (won_n - area) / np.where(yes_n, yes, len(yes_n) - yes)


def _share_below(score_n: FloatArray, other_m: FloatArray) -> FloatArray:
    """The share of the others that lie below each score; equal ones count one half."""
    other_m = np.sort(other_m)
    below_n, upto_n = (np.searchsorted(other_m, score_n, side=side) for side in ("left", "right"))
    return (below_n + upto_n) / (2 * len(other_m))


METRICS.register("auc")(AreaUnderCurve())
