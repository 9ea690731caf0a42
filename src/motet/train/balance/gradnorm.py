"""GradNorm: weights under which gradients are equally long, longer for tasks that lag (Chen et al. 2018).

arXiv:1711.02257: the norm of each weighted gradient is driven towards mean norm · rate^a, where rate is the loss over
the constant predictor's loss (the paper's initial loss), relative to the mean over tasks, and a is `balance.strength`,
1.5 by default. The weights go down that distance's gradient in logarithms, so that they stay positive, and are scaled
to sum to the number of tasks. Norms come from the Gramian's diagonal, at the features that the tasks share. Tasks of
other forward passes take part with their latest norm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

RATE = 0.025
STRENGTH = 1.5


@BALANCERS.register("gradnorm")
class GradNorm:
    """weight = w · v, with learned v; the shared weights get every gradient as it is."""

    reads = frozenset({"strength"})

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._constants = {task: max(constant, 1e-8) for task, constant in constants.items()}
        self._strength = STRENGTH if config.strength is None else config.strength
        self._learned = dict.fromkeys(weights, 1.0)
        self._rate: dict[str, float] = {}
        self._norm: dict[str, float] = {}

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Note the losses and return the weights."""
        self._rate |= {task: loss / self._constants[task] for task, loss in losses.items()}
        return {task: self._weights[task] * self._learned[task] for task in losses}

    def share(self, gramian_KK: Tensor, tasks: Sequence[str]) -> dict[str, float]:
        """Move the learned weights by the gradients' norms; every share is 1."""
        norms = gramian_KK.diagonal().clamp(min=0.0).sqrt().tolist()
        if all(math.isfinite(norm) for norm in norms):
            # the project's own weight is no part of the comparison
            self._norm |= {task: norm / self._weights[task] for task, norm in zip(tasks, norms, strict=True)}
            self._move(tasks)
        return dict.fromkeys(tasks, 1.0)

    def _move(self, tasks: Sequence[str]) -> None:
        known = [task for task in self._norm if task in self._rate]
        mean_norm = sum(self._norm[task] for task in known) / max(len(known), 1)
        mean_rate = sum(self._rate[task] for task in known) / max(len(known), 1)
        if mean_norm <= 0 or mean_rate <= 0:
            return
        for task in tasks:
            length = self._norm[task] / mean_norm
            wanted = (self._rate[task] / mean_rate) ** self._strength
            self._learned[task] *= math.exp(-RATE * length * math.copysign(1.0, length - wanted))
        mean = sum(self._learned.values()) / len(self._learned)
        self._learned = {task: value / mean for task, value in self._learned.items()}

    def state(self) -> dict[str, Any]:
        """Return learned weights, and the last rates and norms."""
        return {"learned": dict(self._learned), "rate": dict(self._rate), "norm": dict(self._norm)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._learned, self._rate, self._norm = dict(state["learned"]), dict(state["rate"]), dict(state["norm"])
