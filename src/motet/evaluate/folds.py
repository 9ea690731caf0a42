"""The paired statistic over folds: each fold has a model and test questions of its own.

Folds are not independent, because their models learn from rows that they share; the variance of their differences,
divided by how many there are, is then too small. The corrected resampled t-test puts 1/k + n_test/n_train in the place
of 1/k, and takes k − 1 degrees of freedom. Source: Nadeau & Bengio 2003, "Inference for the generalization error".
"""

# k = folds

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motet.evaluate.metrics import find
from motet.evaluate.paired import PairedDifference
from motet.evaluate.pairs import sides_of
from motet.evaluate.predictions import Predictions


@dataclass(frozen=True)
class Spread:
    """A value over folds: its mean, its corrected variance, the degrees of freedom; NaN where undefined."""

    mean: float
    variance: float
    degrees: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the two-sided t interval of the mean."""
        from scipy.special import stdtrit

        if self.degrees < 1:
            return math.nan, math.nan
        half = float(stdtrit(self.degrees, 0.5 + level / 2)) * math.sqrt(self.variance)
        return self.mean - half, self.mean + half


def spread_over_folds(values: Sequence[float], ratio: float) -> Spread:
    """Return mean and corrected variance of a value per fold; folds in which it is undefined are left out.

    ratio: test rows / training rows of a fold.
    """
    known = np.array([value for value in values if math.isfinite(value)])
    if not len(known):
        return Spread(math.nan, math.nan, 0)
    variance = float(known.var(ddof=1)) * (1 / len(known) + ratio) if len(known) > 1 else math.nan
    return Spread(float(known.mean()), variance, len(known) - 1)


def compare_folds(
    joint: Sequence[Predictions], twin: Sequence[Predictions], *, ratio: float, metric: str | None = None
) -> PairedDifference:
    """Return the paired difference of two models on one task, one pair of predictions per fold.

    Within a fold both answer the same questions; between folds questions differ. ratio: test rows / training rows of a
    fold, the mean over folds. metric: by default the task's primary one. The whole variance stands as that of units: it
    falls as the rows of all folds grow in number.
    """
    assert len(joint) == len(twin) >= 1, "joint and twin have one prediction per fold"
    for one, other in zip(joint, twin, strict=True):
        assert np.array_equal(one.unit_n, other.unit_n), "within a fold, both answer the same questions in order"
    judge = find(metric or joint[0].task.primary)
    sign = -1.0 if judge.lower_is_better else 1.0
    pairs = [(judge.value(one), judge.value(other)) for one, other in zip(joint, twin, strict=True)]
    pairs = [pair for pair in pairs if all(math.isfinite(value) for value in pair)]
    found = spread_over_folds([sign * (one - other) for one, other in pairs], ratio)
    levels = np.array(pairs).mean(axis=0) if pairs else np.array([math.nan, math.nan])
    return PairedDifference(
        twin=float(levels[1]),
        joint=float(levels[0]),
        difference=found.mean,
        standard_error=math.sqrt(found.variance),
        degrees=float(max(1, found.degrees)),
        unit_variance=found.variance,
        seed_variance=0.0,
        questions=sum(len(each.unit_n) for each in joint),
        units=sum(_num_units(each) for each in joint),
        seeds=len(pairs),
    )


def _num_units(predictions: Predictions) -> int:
    sides = sides_of(predictions)
    return len(np.unique(predictions.unit_n)) if sides is None else sides.users
