"""Dynamic weight average: a task whose loss falls slowly counts more (Liu et al. 2019, arXiv:1803.10704).

The paper compares the mean losses of the last two epochs. A balancer is not told where epochs end, so means are taken
over windows of 50 steps; until a task has two of them its pace is 1. A pace above 10 counts as 10, so that one bad
window cannot silence the other tasks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

WINDOW = 50
TEMPERATURE = 2.0
FASTEST = 10.0


@BALANCERS.register("dwa")
class DynamicWeightAverage:
    """weight = w · K · softmax(pace / 2), where pace = mean loss of the last window / that of the one before."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._open: dict[str, list[float]] = {}
        self._means: dict[str, list[float]] = {}

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the weights, and take the losses into the open window."""
        for task, loss in losses.items():
            total, count = self._open.get(task, [0.0, 0])
            self._open[task] = [total + loss, count + 1]
            if count + 1 == WINDOW:
                self._means[task] = [*self._means.get(task, []), (total + loss) / WINDOW][-2:]
                del self._open[task]
        pull = {task: math.exp(self._pace(task) / TEMPERATURE) for task in self._weights}
        mean = sum(pull.values()) / len(pull)
        return {task: self._weights[task] * pull[task] / mean for task in losses}

    def _pace(self, task: str) -> float:
        means = self._means.get(task, [])
        return min(means[1] / max(means[0], 1e-12), FASTEST) if len(means) == 2 else 1.0

    def state(self) -> dict[str, Any]:
        """Return the open windows' sums and counts, and the means of the last two."""
        return {
            "open": {task: list(each) for task, each in self._open.items()},
            "means": {task: list(each) for task, each in self._means.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from saved windows."""
        self._open = {task: list(each) for task, each in state["open"].items()}
        self._means = {task: list(each) for task, each in state["means"].items()}
