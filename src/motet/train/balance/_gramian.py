"""What balancers have in common that turn the tasks' inner products into shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from motet.schema import BalanceConfig


class GramianBalancer:
    """Losses count by the project's weights; `solve` decides about the gradients. No memory."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self.weights = dict(weights)

    def solve(self, gramian_KK: Tensor, tasks: Sequence[str]) -> Tensor:
        """Return shares (K,) for finite inner products, float64, whose diagonal is positive with mean 1."""
        raise NotImplementedError

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the project's weights."""
        return {task: self.weights[task] for task in losses}

    def share(self, gramian_KK: Tensor, tasks: Sequence[str]) -> dict[str, float]:
        """Return the shares; a task without a gradient keeps 1, and so do all where a number is not finite."""
        gramian = gramian_KK.detach().to("cpu", torch.float64)
        found = torch.ones(len(tasks), dtype=torch.float64)
        pulling = torch.nonzero(gramian.diagonal() > 0)[:, 0]
        if torch.isfinite(gramian).all() and len(pulling):
            some = gramian[pulling][:, pulling]
            found[pulling] = self.solve(some / some.diagonal().mean(), [tasks[place] for place in pulling.tolist()])
        return dict(zip(tasks, found.clamp(min=0.0).tolist(), strict=True))

    def state(self) -> dict[str, Any]:
        """Return nothing: every step is solved for itself."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Do nothing."""
