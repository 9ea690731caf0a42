"""Gradients of one length: every task pulls at the weights that several tasks train with the same force.

Lin et al. 2023 (DB-MTL, arXiv:2308.12029) make all gradients as long as the longest in every step. Lengths change
slowly, so here they are measured now and then, at the cost of a few backward passes in a hundred steps. A loss's scale
says little about its gradient's: a task that is nearly solved has a small loss, and divided by it a gradient twenty
times as long as that of a ranking, whose loss can never be small (benchmarks/LOG.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS
from motet.train.balance.scale import Scale

EVERY = 16
"""Steps between two measurements, per task; at the start they are taken at every power of two."""
KEEP = 0.5
"""What a new measurement leaves of the old one, on a logarithmic scale."""


@BALANCERS.register("norm")
class Norm:
    """weight = w / the length of the task's gradient; that of `scale` for a task that shares no weights."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._scale = Scale(constants, weights, config)
        self._every = EVERY * max(1, len(weights))
        self._seen: dict[str, int] = {}
        self._norm: dict[str, float] = {}

    def due(self, tasks: list[str]) -> bool:
        """Return whether the gradients of these tasks should be measured now."""
        count = self._seen.get(min(tasks), 0)
        early = count < self._every and count & (count - 1) == 0
        return early or count % self._every == 0

    def observe(self, norms: Mapping[str, float]) -> None:
        """Take in measured lengths of the plain losses' gradients; lengths of 0 or beyond numbers are passed over."""
        for task, norm in norms.items():
            if 0 < norm < float("inf"):
                before = self._norm.get(task, norm)
                self._norm[task] = math.exp(KEEP * math.log(before) + (1 - KEEP) * math.log(norm))

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the weights, and count the step."""
        plain = self._scale.weigh(losses)
        for task in losses:
            self._seen[task] = self._seen.get(task, 0) + 1
        return {task: self._weights[task] / self._norm[task] if task in self._norm else plain[task] for task in losses}

    def state(self) -> dict[str, Any]:
        """Return lengths, counts and the running means of losses."""
        return {"norm": dict(self._norm), "seen": dict(self._seen), "scale": self._scale.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._norm, self._seen = dict(state["norm"]), dict(state["seen"])
        self._scale.restore(state["scale"])
