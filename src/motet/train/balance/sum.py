"""The plain weighted sum of losses (unitary scalarisation, Kurin et al. 2022, arXiv:2201.04122)."""

from __future__ import annotations

from collections.abc import Mapping

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS


@BALANCERS.register("sum")
class Sum:
    """Every task counts by the project's own weight, 1 by default."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the project's weights."""
        return {task: self._weights[task] for task in losses}

    def state(self) -> dict[str, float]:
        """Return nothing: the sum has no memory."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Do nothing."""
