"""What another way of making lists would have earned, from a log that says how likely each shown item was.

n = impressions. Each has a propensity (how likely the logging policy was to show it), the probability that the new
policy would have shown it, and a reward. Swaminathan and Joachims 2015 (self-normalised inverse propensity, SNIPS).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
REPLICATES = 1_000
CLIP = 10.0
"""Weights above this are cut in the clipped estimate, which varies less and is biased towards the log."""

FEWEST_EFFECTIVE, FEWEST_UNITS = 50.0, 20
"""Fewer effective impressions, or units, tell nothing."""


@dataclass(frozen=True)
class OffPolicy:
    """What was found.

    logged: mean reward of the log. new: SNIPS of the new policy. difference, low, high: new − logged, with a bootstrap
    interval over units. clipped, clipped_share: SNIPS with weights cut at `CLIP`, and how many were cut. effective: (Σ
    w)² / Σ w², how many impressions the weighted ones are worth. mean_weight: about 1 where propensities are right and
    cover the new policy; mean_weight_error is its standard error. largest: the largest weight. verdict: `better`,
    `worse` or `cannot tell`. reasons: why it cannot be told, in words; empty where it can.
    """

    logged: float
    new: float
    difference: float
    low: float
    high: float
    clipped: float
    clipped_share: float
    effective: float
    mean_weight: float
    mean_weight_error: float
    largest: float
    impressions: int
    units: int
    verdict: str
    reasons: tuple[str, ...] = ()


def snips(weight_n: FloatArray, reward_n: FloatArray) -> float:
    """Return Σ w · r / Σ w; NaN where all weights are 0."""
    total = float(weight_n.sum())
    return float(weight_n @ reward_n) / total if total > 0 else float("nan")


def effective_size(weight_n: FloatArray) -> float:
    """Return (Σ w)² / Σ w² (Kish 1965): n for equal weights, 1 where one weight is all."""
    square = float((weight_n**2).sum())
    return float(weight_n.sum()) ** 2 / square if square > 0 else 0.0


def off_policy(
    new_n: NDArray[np.floating],
    propensity_n: NDArray[np.floating],
    reward_n: NDArray[np.floating],
    unit_n: NDArray[np.generic],
    *,
    clip: float = CLIP,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> OffPolicy:
    """Return the value of the new policy against the logged one.

    new: the probability with which the new policy shows what was shown. unit: whom an impression belongs to; whole
    units are resampled, for both policies at once. Propensities are above 0 and at most 1 (the caller's door checks).
    """
    weight = np.asarray(new_n, np.float64) / np.asarray(propensity_n, np.float64)
    reward = np.asarray(reward_n, np.float64)
    _, unit = np.unique(unit_n, return_inverse=True)
    units = int(unit.max()) + 1 if len(unit) else 0
    counted = (weight * reward, weight, reward, np.ones(len(unit)))
    sums = np.stack([np.bincount(unit, each, units).astype(np.float64) for each in counted])
    drawn = _resampled(sums, replicates, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = drawn[0] / drawn[1] - drawn[2] / drawn[3]
    known = change[np.isfinite(change)]
    tail = 50 * (1 - level)
    low, high = np.percentile(known, [tail, 100 - tail]) if len(known) else (np.nan, np.nan)
    logged, new = float(reward.mean()) if len(reward) else float("nan"), snips(weight, reward)
    effective, error = effective_size(weight), _error_of_mean(weight, unit, units)
    cut = np.minimum(weight, clip)
    reasons = _reasons(weight, effective, units, error)
    sure = low > 0 or high < 0
    if not reasons and not sure:
        reasons = ("the interval of the difference holds 0",)
    return OffPolicy(
        logged=logged,
        new=new,
        difference=new - logged,
        low=float(low),
        high=float(high),
        clipped=snips(cut, reward),
        clipped_share=float((weight > clip).mean()) if len(weight) else 0.0,
        effective=effective,
        mean_weight=float(weight.mean()) if len(weight) else float("nan"),
        mean_weight_error=error,
        largest=float(weight.max(initial=0.0)),
        impressions=len(weight),
        units=units,
        verdict="cannot tell" if reasons else "better" if low > 0 else "worse",
        reasons=reasons,
    )


def _reasons(weight: FloatArray, effective: float, units: int, error: float) -> tuple[str, ...]:
    found = []
    if units < FEWEST_UNITS:
        found.append(f"{units} users or rows; at least {FEWEST_UNITS} are needed")
    if effective < FEWEST_EFFECTIVE:
        found.append(
            f"the {len(weight):,} impressions are worth {effective:.0f} under the new policy; at least "
            f"{FEWEST_EFFECTIVE:.0f} are needed"
        )
    mean = float(weight.mean()) if len(weight) else 0.0
    if len(weight) and abs(mean - 1) > max(0.1, 4 * error):
        found.append(
            f"the mean weight is {mean:.2f} and not about 1: the propensities are not what they say, or the log never "
            "shows what the new policy would"
        )
    return tuple(found)


def _resampled(sums_SU: FloatArray, replicates: int, seed: int) -> FloatArray:
    """The sums over units drawn with replacement, (S, R)."""
    rng, units = np.random.default_rng(seed), sums_SU.shape[1]
    if units == 0:
        return np.full((len(sums_SU), replicates), np.nan)
    found = np.empty((len(sums_SU), replicates))
    for at in range(replicates):
        found[:, at] = sums_SU @ np.bincount(rng.integers(0, units, units), minlength=units)
    return found


def _error_of_mean(weight: FloatArray, unit: NDArray[np.int64], units: int) -> float:
    if units < 2:
        return float("nan")
    mean, count = weight.mean(), np.bincount(unit, minlength=units)
    rest = np.bincount(unit, weight, units) - mean * count
    return float(np.sqrt((rest**2).sum() * units / (units - 1)) / len(weight))
