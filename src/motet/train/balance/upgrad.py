"""UPGrad: each gradient is first turned so that it hurts no task, then all are added up (Quinton & Rey 2024).

arXiv:2406.16232: every gradient is projected onto the dual cone of all of them, so the step is against none.
"""

from __future__ import annotations

from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS
from motet.train.balance._torchjd import TorchjdBalancer, dual_cone_projector


@BALANCERS.register("upgrad")
class UpGrad(TorchjdBalancer):
    """Gradients without conflict keep a share of 1."""

    weighting = "UPGradWeighting"

    def options(self, config: BalanceConfig) -> dict[str, Any]:
        """Return the projector."""
        return {"projector": dual_cone_projector()}

    def scale(self, count: int) -> float:
        """Return K: the library takes the mean of the projected gradients, Motet adds up."""
        return float(count)
