"""Gradients of known length: a task pulls at the weights that several tasks train as hard as the root of its labels.

Lin et al. 2023 (DB-MTL, arXiv:2308.12029) make all gradients as long as the longest in every step. Lengths change
slowly, so here they are measured now and then, at the cost of a few backward passes in a hundred steps. A loss's
scale says little about its gradient's: a task that is nearly solved has a small loss, and divided by it a gradient
twenty times as long as that of a ranking, whose loss can never be small (benchmarks/LOG.md). A task with a hundredth
of the labels knows a tenth as surely where the weights should go, and pulls a tenth as hard. Beside a main task (a
ranking, where nothing else is said) no other task pulls more than a quarter as hard as it does: what many thousands
of items need to be told apart is soon overrun by what a few hundred labels ask for.
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
STRENGTH = 0.25
"""How hard another task may pull beside a main one, unless the project says otherwise."""


@BALANCERS.register("norm")
class Norm:
    """weight = w · force / the gradient's length; that of `scale` for a task that shares no weights.

    force = √(labels / most labels), and beside a main task at most `strength` (a quarter) times the main task's.

    Labels are counted as they come: every step holds the same share of every task's.
    """

    reads = frozenset({"strength"})

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._scale = Scale(constants, weights, config)
        self._main = config.main
        self._strength = STRENGTH if config.strength is None else config.strength
        self._every = EVERY * max(1, len(weights))
        self._seen: dict[str, int] = {}
        self._norm: dict[str, float] = {}
        self._labels: dict[str, int] = {}

    def due(self, tasks: list[str]) -> bool:
        """Return whether the gradients of these tasks should be measured now."""
        count = self._seen.get(min(tasks), 0)
        early = count < self._every and count & (count - 1) == 0
        return early or count % self._every == 0

    def observe(self, norms: Mapping[str, float], labels: Mapping[str, int]) -> None:
        """Take in measured lengths of the plain losses' gradients; lengths of 0 or beyond numbers are passed over."""
        for task, norm in norms.items():
            self._labels[task] = max(self._labels.get(task, 1), labels[task])
            if 0 < norm < float("inf"):
                before = self._norm.get(task, norm)
                self._norm[task] = math.exp(KEEP * math.log(before) + (1 - KEEP) * math.log(norm))

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return the weights, and count the step."""
        plain = self._scale.weigh(losses)
        for task in losses:
            self._seen[task] = self._seen.get(task, 0) + 1
        return {task: self._force(task) / self._norm[task] if task in self._norm else plain[task] for task in losses}

    def _force(self, task: str) -> float:
        most = max(self._labels.values())
        force = (self._labels[task] / most) ** 0.5
        if self._main in self._labels and task != self._main:
            force = min(force, self._strength * (self._labels[self._main] / most) ** 0.5)
        return self._weights[task] * force

    def state(self) -> dict[str, Any]:
        """Return lengths, counts of steps and labels, and the running means of losses."""
        own = {"norm": dict(self._norm), "seen": dict(self._seen), "labels": dict(self._labels)}
        return {**own, "scale": self._scale.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._norm, self._seen = dict(state["norm"]), dict(state["seen"])
        self._labels = dict(state["labels"])
        self._scale.restore(state["scale"])
