"""Weights from learned uncertainty: a task whose loss stays large is taken to be noisy, and counts less.

Kendall et al. 2018, arXiv:1705.07115: minimise Σ exp(−s)·loss + s/2 over the tasks' log-variances s. Here s goes down
its own gradient, ½ − exp(−s)·loss, in steps of bounded length, so that no batch can throw it; it settles where
weight = 1 / (2·loss). One form serves all losses, where the paper halves the first term of squared errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

RATE = 0.02
STEEPEST = 1.0
"""Longest gradient that is followed."""
WIDEST = 6.0
"""Bound of |s|: weights lie between 1/403 and 403."""


@BALANCERS.register("uncertainty")
class Uncertainty:
    """weight = w · exp(−s), one learned log-variance s per task, 0 at first."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._log_variance = dict.fromkeys(weights, 0.0)

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the weights, then move the log-variances of the given tasks."""
        found = {task: self._weights[task] * math.exp(-self._log_variance[task]) for task in losses}
        for task, loss in losses.items():
            now = self._log_variance[task]
            slope = max(-STEEPEST, 0.5 - math.exp(-now) * loss)
            self._log_variance[task] = min(max(now - RATE * slope, -WIDEST), WIDEST)
        return found

    def state(self) -> dict[str, float]:
        """Return the log-variances."""
        return dict(self._log_variance)

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from saved log-variances."""
        self._log_variance |= state
