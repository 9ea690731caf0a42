"""From a paired difference to a verdict. Pure functions of numbers.

In this order: harmed (high < 0) · improved (Holm-adjusted low > 0) · not worse (low ≥ −margin · |twin|) · unclear. Of
fewer than FEWEST users or rows nothing good is said: three that answer alike leave no variance to be unsure about.
Intervals are two-sided 95 % t intervals; Holm's correction guards the word "improved" over all tasks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from motet.transfer.certificate import Comparison, Verdict
from motet.transfer.claims import FEWEST
from motet.transfer.difference import Difference, Same

TAIL = 0.025
"""What a two-sided 95 % interval leaves out on each side."""

MOST_UNITS, MOST_SEEDS = 10_000, 100
"""A comparison is not called resolvable beyond so many times its units, or beyond so many seeds."""


def interval(difference: float, standard_error: float, degrees: float, *, tail: float = TAIL) -> tuple[float, float]:
    """Return the t interval that leaves `tail` out on each side."""
    half = quantile(degrees, tail) * standard_error
    return difference - half, difference + half


def quantile(degrees: float, tail: float) -> float:
    """Return the value that Student's t exceeds with probability `tail`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1.0 - tail))


def p_above(difference: float, standard_error: float, degrees: float) -> float:
    """Return the one-sided p-value of a positive difference: small where it is surely above zero; 1 if undefined."""
    from scipy.special import stdtr

    if not math.isfinite(difference) or not math.isfinite(standard_error):
        return 1.0
    if standard_error == 0:
        return 0.0 if difference > 0 else 1.0
    return float(stdtr(degrees, -difference / standard_error))


def holm_tails(p_by_task: Mapping[str, float], *, tail: float = TAIL) -> dict[str, float]:
    """Return per task the tail probability that Holm's procedure grants it.

    Of m tasks the smallest p is held against tail / m, the next against tail / (m − 1), and so on; after the first that
    fails, all others are held to the level at which it failed. Source: Holm 1979.
    """
    granted: dict[str, float] = {}
    level, failed = tail, False
    for place, (task, p) in enumerate(sorted(p_by_task.items(), key=lambda pair: pair[1])):
        level = level if failed else tail / (len(p_by_task) - place)
        failed = failed or p > level
        granted[task] = level
    return granted


def verdict(low: float, high: float, holm_low: float, *, twin: float, margin: float) -> Verdict:
    """Return the verdict; undefined bounds are unclear."""
    if high < 0:
        return "harmed"
    if holm_low > 0:
        return "improved"
    if low >= -margin * abs(twin):
        return "not worse"
    return "unclear"


def judge(differences: Mapping[str, Difference], *, margin: float) -> dict[str, Comparison]:
    """Return every task's comparison with its verdict; Holm's correction is over these tasks."""
    tails = holm_tails(
        {task: p_above(one.difference, one.standard_error, one.degrees) for task, one in differences.items()}
    )
    return {task: _compare(one, tails[task], margin) for task, one in differences.items()}


def _compare(one: Difference, tail: float, margin: float) -> Comparison:
    low, high = interval(one.difference, one.standard_error, one.degrees)
    holm_low, _ = interval(one.difference, one.standard_error, one.degrees, tail=tail)
    found = verdict(low, high, holm_low, twin=one.twin, margin=margin)
    units, seeds = needed(one, margin=margin) if found == "unclear" else (None, None)
    units = None if units is None else max(FEWEST, units)
    if found in ("improved", "not worse") and one.units < FEWEST and not isinstance(one, Same):
        found, units, seeds = "unclear", FEWEST, None
    return Comparison(
        twin=one.twin,
        joint=one.joint,
        difference=one.difference,
        low=low,
        high=high,
        holm_low=holm_low,
        verdict=found,
        needed=units,
        needed_seeds=seeds,
    )


def needed(one: Difference, *, margin: float) -> tuple[int | None, int | None]:
    """Return how many units and seeds would make the same difference harmed or not worse.

    (units, None) if more units alone would do, (None, seeds) if more seeds alone would, (units, seeds) if both would
    when they grow by the same factor, (None, None) if even that would not, or the difference is undefined.
    """
    reach = max(one.difference + margin * abs(one.twin), -one.difference)
    if not reach > 0 or not one.standard_error > 0 or one.units < 2:
        return None, None

    units = _smallest(lambda units: half_width(one, units, one.seeds) < reach, one.units, MOST_UNITS * one.units)
    if units is not None:
        return units, None
    seeds = _smallest(lambda seeds: half_width(one, one.units, seeds) < reach, one.seeds, MOST_SEEDS)
    if seeds is not None:
        return None, seeds
    seeds = _smallest(
        lambda seeds: half_width(one, _in_step(one, seeds), seeds) < reach, one.seeds, max(one.seeds, MOST_SEEDS)
    )
    return (None, None) if seeds is None else (_in_step(one, seeds), seeds)


def _in_step(one: Difference, seeds: int) -> int:
    """Return how many units there are when they grow by the same factor as the seeds, rounded up."""
    return -(-one.units * seeds // one.seeds)


def half_width(one: Difference, units: int, seeds: int) -> float:
    """Return half the interval's width, were there so many units and seeds."""
    unit_variance = one.unit_variance * one.units / units
    seed_variance = one.seed_variance * one.seeds / seeds
    total = unit_variance + seed_variance
    # a harmonic mean of the degrees of freedom, as in the paired statistic
    spread = unit_variance / max(1, units - 1) + seed_variance / max(1, seeds - 1)
    return quantile(total / spread, TAIL) * math.sqrt(total)


def _smallest(enough: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the smallest count between least and most that is enough, by bisection; None if even `most` is not."""
    if not enough(most):
        return None
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle + 1, most)
    return least
