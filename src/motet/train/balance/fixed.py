"""Shares that never move: the project's weights, scaled so that they sum to the number of tasks.

`sum` takes the weights as they are written, so that doubling all of them doubles the loss (and meets the clipping
sooner). Here they are shares: only their ratios count, and a task that trains alone counts 1. This is the fixed
weighting that papers call linear scalarisation (Kurin et al. 2022, arXiv:2201.04122).
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS


@BALANCERS.register("fixed")
class Fixed:
    """weight = K · w / Σ w over all tasks."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        mean = sum(weights.values()) / len(weights)
        self._weights = {task: weight / mean for task, weight in weights.items()}

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the fixed shares."""
        return {task: self._weights[task] for task in losses}

    def state(self) -> dict[str, float]:
        """Return nothing: fixed shares have no memory."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Do nothing."""
