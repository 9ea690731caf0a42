"""Losses over their running means, so that units cancel and every task pulls alike.

Dividing by a constant copy of the running mean gives the gradient of the loss's logarithm (Lin et al. 2023,
arXiv:2308.12029, use the logarithm itself). A task that is almost solved would then pull without bound; the divisor
is therefore at least 5 % of a constant predictor's loss.
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

DECAY = 0.99
FLOOR = 0.05


@BALANCERS.register("scale")
class Scale:
    """weight = w / max(running mean of the loss, 5 % of the constant predictor's loss)."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._floor = {task: FLOOR * constant for task, constant in constants.items()}
        self._weights = dict(weights)
        self._mean: dict[str, float] = {}

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Update the running means and return the weights."""
        for task, loss in losses.items():
            before = self._mean.get(task, loss)
            self._mean[task] = DECAY * before + (1 - DECAY) * loss
        return {task: self._weights[task] / max(self._mean[task], self._floor[task], 1e-8) for task in losses}

    def state(self) -> dict[str, float]:
        """Return the running means."""
        return dict(self._mean)

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from saved means."""
        self._mean = dict(state)
