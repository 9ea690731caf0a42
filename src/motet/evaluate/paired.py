"""The paired statistic: how much better the joint model is than the twin on the same questions, and how surely.

Per seed, joint and twin answer the same questions, so each unit (a user or a row) is its own control. Two things are
random: which units happen to be asked, and which seeds happened to be drawn. Their variances are added. Where
questions are about pairs of users, both users count (evaluate/pairs.py). How well the intervals keep their word is
measured in benchmarks/results/coverage.md.
"""

# n = questions, U = units, S = seeds, R = bootstrap replicates, M = models

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.influence import influences
from motet.evaluate.metrics import Metric, find
from motet.evaluate.pairs import Sides, sides_of, variance_over_pairs
from motet.evaluate.predictions import Predictions

FloatArray = NDArray[np.float64]
CELLS = 4_000_000
"""How many weights (replicates × questions) are held in memory at once."""


@dataclass(frozen=True)
class PairedDifference:
    """Joint against twin.

    twin, joint: means over seeds of the metric itself. difference: signed so that positive is better.
    unit_variance: of the difference over samples of units. seed_variance: of the mean over seeds, beyond what the units
    explain (0 for one seed). standard_error: of both together. degrees: of freedom, of the t interval.
    questions, units, seeds: how many. NaN where the metric, or with fewer than two units its error, is undefined.
    """

    twin: float
    joint: float
    difference: float
    standard_error: float
    degrees: float
    unit_variance: float
    seed_variance: float
    questions: int
    units: int
    seeds: int

    @property
    def p_harmed(self) -> float:
        """One-sided p-value: small where joint is surely worse."""
        return _tail(-self.difference, self.standard_error, self.degrees)

    @property
    def p_improved(self) -> float:
        """One-sided p-value: small where joint is surely better."""
        return _tail(self.difference, self.standard_error, self.degrees)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the two-sided t interval of the difference."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.degrees, 0.5 + level / 2)) * self.standard_error
        return self.difference - half, self.difference + half


def compare(
    joint: Sequence[Predictions],
    twin: Sequence[Predictions],
    *,
    metric: str | None = None,
    replicates: int = 400,
    seed: int = 0,
) -> PairedDifference:
    """Return the paired difference of two models on one task.

    joint, twin: predictions per seed, in the same order of seeds, on the same questions in the same order.
    metric: by default the task's primary one. replicates, seed: of the bootstrap.

    The variance over units is that of resampling units with all their questions. For a metric that is a mean over
    questions it is computed in closed form (what the bootstrap tends to, to first order); for others by `replicates`
    reweightings, the same for all models. Of pairs of users either user may have been another one: see
    `variance_over_pairs`. See `summarise` for how the seeds' variance joins it.
    """
    assert len(joint) == len(twin) >= 1, "joint and twin have one prediction per seed"
    _assert_same_questions([*joint, *twin])
    judge = find(metric or joint[0].task.primary)
    sign = -1.0 if judge.lower_is_better else 1.0
    _, unit_n = np.unique(joint[0].unit_n, return_inverse=True)
    num_units = int(unit_n.max()) + 1 if len(unit_n) else 0
    sides = sides_of(joint[0])
    joint_S = np.array([judge.value(model) for model in joint])
    twin_S = np.array([judge.value(model) for model in twin])
    if sides is not None:
        unit_variance, of_one_seed = _variance_over_pairs(judge, joint, twin, sides)
    elif judge.per_question(joint[0]) is not None:
        unit_variance, of_one_seed = _variance_of_mean(judge, joint, twin, unit_n)
    else:
        unit_variance, of_one_seed = _variance_by_bootstrap(judge, joint, twin, unit_n, replicates, seed)
    return summarise(
        sign * (joint_S - twin_S),
        unit_variance=unit_variance,
        of_one_seed=of_one_seed,
        units=num_units if sides is None else sides.users,
        clusters=None if sides is None else sides.fewer,
        questions=len(unit_n),
        levels=(float(joint_S.mean()), float(twin_S.mean())),
    )


def summarise(
    difference_S: FloatArray,
    *,
    unit_variance: float,
    units: int,
    questions: int,
    levels: tuple[float, float],
    of_one_seed: float | None = None,
    clusters: int | None = None,
) -> PairedDifference:
    """Return the statistic from the differences per seed (positive is better) and their mean's variance over units.

    of_one_seed: the variance over units of one seed's difference, mean over seeds. levels: the metric of joint, twin.
    clusters: how many units the degrees of freedom go by; `units` unless told.

    Units that answer differently from seed to seed make the seeds' means differ even where no seed is better than
    another. What they contribute to the mean, c = (of_one_seed − unit_variance) / (S − 1), is in the unit variance
    already. The rest of the variance between seeds, s²/S, is s²/S − c, but taken so it is often negative, and its
    interval too short; (s²/S)² / (s²/S + c) is never negative, and tends to s²/S − c where seeds matter.
    """
    seeds = len(difference_S)
    between = float(difference_S.var(ddof=1)) / seeds if seeds > 1 else 0.0
    known = 0.0
    if seeds > 1 and of_one_seed is not None:
        known = max(0.0, of_one_seed - unit_variance) / (seeds - 1)
    seed_variance = between * (between / (between + known)) if between > 0 else between
    return PairedDifference(
        twin=levels[1],
        joint=levels[0],
        difference=float(difference_S.mean()),
        standard_error=math.sqrt(unit_variance + seed_variance),
        degrees=degrees_of_freedom((unit_variance, (clusters or units) - 1), (seed_variance, seeds - 1)),
        unit_variance=unit_variance,
        seed_variance=seed_variance,
        questions=questions,
        units=units,
        seeds=seeds,
    )


def degrees_of_freedom(*parts: tuple[float, int]) -> float:
    """Return the degrees of freedom of a sum of independent variances, each with its own; infinite for a sum of 0.

    The harmonic mean of the parts' own degrees, weighted by their shares of the sum. Satterthwaite (1946) weights them
    by the squared shares, which is right where shares are known. Here a share is estimated from two or three seeds:
    when it comes out small by chance, the interval would be short and sure of itself at once, and 95 % would be 91 %.
    """
    parts = tuple((variance, degrees) for variance, degrees in parts if variance != 0)
    total = sum(variance for variance, _ in parts)
    return total / sum(variance / max(1, degrees) for variance, degrees in parts) if parts else math.inf


def _assert_same_questions(models: Sequence[Predictions]) -> None:
    first = models[0]
    for model in models[1:]:
        assert np.array_equal(model.unit_n, first.unit_n), "joint and twin answer the same questions, in order"
        assert _same_pairs(model, first), "joint and twin are asked about the same pairs"
        if first.label is not None and model.label is not None:
            assert np.array_equal(model.label, first.label), "joint and twin are judged by the same labels"


def _same_pairs(one: Predictions, other: Predictions) -> bool:
    if one.other_n is None or other.other_n is None:
        return one.other_n is other.other_n
    return np.array_equal(one.other_n, other.other_n)


def _variance_of_mean(
    judge: Metric, joint: Sequence[Predictions], twin: Sequence[Predictions], unit_n: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the variance over clustered units of the mean difference, and of one seed's, mean over seeds."""
    differences = [_values(judge, one) - _values(judge, other) for one, other in zip(joint, twin, strict=True)]
    of_each = [clustered_variance(difference_n, unit_n) for difference_n in differences]
    return clustered_variance(np.mean(differences, axis=0), unit_n), float(np.mean(of_each))


def _variance_over_pairs(
    judge: Metric, joint: Sequence[Predictions], twin: Sequence[Predictions], sides: Sides
) -> tuple[float, float]:
    """Return the variance over pairs of users of the mean difference, and of one seed's, mean over seeds."""
    differences = [influences(judge, one) - influences(judge, other) for one, other in zip(joint, twin, strict=True)]
    of_each = [variance_over_pairs(influence_n, sides) for influence_n in differences]
    return variance_over_pairs(np.mean(differences, axis=0), sides), float(np.mean(of_each))


def clustered_variance(difference_n: FloatArray, unit_n: NDArray[np.int64]) -> float:
    """Return the variance of a mean over clustered units (of a ratio of two sums, linearised); NaN values are left out.

    NaN with fewer than two units.
    """
    counts_n = ~np.isnan(difference_n)
    sum_U = np.bincount(unit_n[counts_n], weights=difference_n[counts_n])
    count_U = np.bincount(unit_n[counts_n])
    sum_U, count_U = sum_U[count_U > 0], count_U[count_U > 0]
    if len(sum_U) < 2:
        return math.nan
    residual_U = sum_U - count_U * (sum_U.sum() / count_U.sum())
    return float((residual_U**2).sum() / count_U.sum() ** 2 * len(sum_U) / (len(sum_U) - 1))


def _values(judge: Metric, model: Predictions) -> FloatArray:
    value_n = judge.per_question(model)
    assert value_n is not None, "a mean has a value per question"
    return value_n


def _variance_by_bootstrap(
    judge: Metric,
    joint: Sequence[Predictions],
    twin: Sequence[Predictions],
    unit_n: NDArray[np.int64],
    replicates: int,
    seed: int,
) -> tuple[float, float]:
    """Return the variance over resamples of the units of the mean difference, and of one seed's, mean over seeds.

    NaN if fewer than half of the resamples are defined.
    """
    if len(unit_n) == 0 or unit_n.max() == 0:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    pairs = [(judge.resampler(one), judge.resampler(other)) for one, other in zip(joint, twin, strict=True)]
    step = max(1, CELLS // len(unit_n))
    differences = []
    for start in range(0, replicates, step):
        weight_Rn = resampled_units(rng, unit_n, min(step, replicates - start))
        differences.append(np.stack([one(weight_Rn) - other(weight_Rn) for one, other in pairs]))
    difference_SR = np.concatenate(differences, axis=1)
    difference_SR = difference_SR[:, np.isfinite(difference_SR).all(axis=0)]
    if 2 * difference_SR.shape[1] < replicates:
        return math.nan, math.nan
    return float(difference_SR.mean(axis=0).var(ddof=1)), float(difference_SR.var(axis=1, ddof=1).mean())


def resampled_units(rng: np.random.Generator, unit_n: NDArray[np.int64], rows: int) -> NDArray[np.float32]:
    """Return how often each question occurs when as many units as there are get drawn with replacement, (rows, n)."""
    num_units = int(unit_n.max()) + 1
    drawn_RU = rng.integers(0, num_units, (rows, num_units)) + num_units * np.arange(rows)[:, None]
    count_RU = np.bincount(drawn_RU.ravel(), minlength=rows * num_units).reshape(rows, num_units)
    return count_RU.astype(np.float32)[:, unit_n]


def _tail(difference: float, standard_error: float, degrees: float) -> float:
    """Return P(T ≥ difference / standard error); 1 without any difference or error, NaN where undefined."""
    from scipy.special import stdtr

    if standard_error == 0:
        return 0.0 if difference > 0 else 1.0
    return float(stdtr(degrees, -difference / standard_error))
