"""How far a score may be off because other people or rows might have been asked."""

from __future__ import annotations

import math

import numpy as np

from motet.evaluate.influence import influences
from motet.evaluate.metrics import find
from motet.evaluate.paired import clustered_variance, resampled_units
from motet.evaluate.pairs import sides_of, variance_over_pairs
from motet.evaluate.predictions import Predictions


def standard_error(predictions: Predictions, *, metric: str | None = None, replicates: int = 100) -> float:
    """Return the standard error of a score over its units, in the metric's own unit.

    metric: by default the task's primary one. In closed form for a mean over questions, else by so many resamples of
    the units; over pairs of users as in `pairs`. NaN with fewer than two units, or where the metric is undefined on
    most resamples.
    """
    judge = find(metric or predictions.task.primary)
    sides = sides_of(predictions)
    if sides is not None:
        return math.sqrt(variance_over_pairs(influences(judge, predictions), sides))
    _, unit_n = np.unique(predictions.unit_n, return_inverse=True)
    if not len(unit_n) or unit_n.max() == 0:
        return math.nan
    value_n = judge.per_question(predictions)
    if value_n is not None:
        return math.sqrt(clustered_variance(value_n, unit_n))
    weight_Rn = resampled_units(np.random.default_rng(0), unit_n, replicates)
    found_R = judge.resampler(predictions)(weight_Rn)
    found_R = found_R[np.isfinite(found_R)]
    return float(found_R.std(ddof=1)) if 2 * len(found_R) >= replicates else math.nan
