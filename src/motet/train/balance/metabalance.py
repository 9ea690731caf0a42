"""MetaBalance: auxiliary gradients come closer to the main task's length (He et al. 2022, arXiv:2203.06801).

Longer ones are shortened and shorter ones enlarged, which is the paper's last strategy and what the authors publish.
`balance.strength` is its relax factor r: 0 would leave all lengths as they are, 1 makes them equal. Lengths are moving
averages, as in the paper. Other than there, which takes each layer's weights by themselves, one share holds for all
shared weights, by lengths that are measured where the views begin (see `model.cut`); and the first average is the first
length, not a tenth of it. `balance.main` names the main task, by default the first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from motet.errors import ProjectError
from motet.registry import nearest
from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

DECAY = 0.9
STRENGTH = 0.7
"""The authors' r."""


@BALANCERS.register("metabalance")
class MetaBalance:
    """share = r · norm of the main task / own norm + 1 − r; 1 for the main task, and until it was met."""

    reads = frozenset({"strength"})

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._strength = STRENGTH if config.strength is None else config.strength
        self._norm: dict[str, float] = {}
        self._main = config.main or next(iter(weights))
        # a task that trains alone has no other to serve
        if self._main not in weights and len(weights) > 1:
            raise ProjectError(
                f"balance.main is '{self._main}', which is no task; known: {', '.join(weights)}.",
                nearest(self._main, list(weights)).strip() or "Choose one of these.",
            )

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the project's weights."""
        return {task: self._weights[task] for task in losses}

    def share(self, gramian_KK: Tensor, tasks: Sequence[str]) -> dict[str, float]:
        """Update the norms and return the shares."""
        norms = gramian_KK.diagonal().clamp(min=0.0).sqrt().tolist()
        for task, norm in zip(tasks, norms, strict=True):
            if math.isfinite(norm):
                self._norm[task] = DECAY * self._norm.get(task, norm) + (1 - DECAY) * norm
        return {task: self._share(task) for task in tasks}

    def _share(self, task: str) -> float:
        main, own = self._norm.get(self._main), self._norm.get(task, 0.0)
        if main is None or task == self._main or own <= 0:
            return 1.0
        return self._strength * main / own + 1 - self._strength

    def state(self) -> dict[str, Any]:
        """Return the moving averages of the norms."""
        return dict(self._norm)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from saved norms."""
        self._norm = dict(state)
