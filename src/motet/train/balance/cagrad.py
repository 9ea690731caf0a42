"""CAGrad: the direction near the mean gradient in which the worst-off task gains most (Liu et al. 2021).

arXiv:2110.14048. `balance.strength` is the paper's c, .4 by default: 0 is the mean gradient, and below 1 the mean loss
still goes down to its minimum. The paper's step is about 1 + c times as long as the mean's; it is divided by that, and
multiplied by the number of tasks, as the other balancers add losses up.
"""

from __future__ import annotations

from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS
from motet.train.balance._torchjd import TorchjdBalancer

STRENGTH = 0.4


@BALANCERS.register("cagrad")
class CaGrad(TorchjdBalancer):
    """Where gradients cancel almost wholly, every share is 0."""

    reads = frozenset({"strength"})

    weighting = "CAGradWeighting"

    def options(self, config: BalanceConfig) -> dict[str, Any]:
        """Return c."""
        self._strength = STRENGTH if config.strength is None else config.strength
        return {"c": self._strength}

    def scale(self, count: int) -> float:
        """Return K / (1 + c)."""
        return count / (1 + self._strength)
