"""FAMO: weights under which all losses fall at the same relative pace (Liu et al. 2023, arXiv:2306.03792).

Needs no gradients: logits move against the fall of each task's log-loss from one step to the next. The paper asks for
the loss of the same batch again after the update; here the next batch's loss stands for it, which costs no second
forward pass and adds noise that the small rate averages out. Losses below 5 % of a constant predictor's count as that
much, so that a task that is almost solved does not take all the weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

RATE = 0.025
DECAY = 0.001
FLOOR = 0.05


@BALANCERS.register("famo")
class Famo:
    """weight = w · K · c · z / loss, where z = softmax(logits) and c = 1 / Σ (z / loss), so that the rest sums to K."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._floor = {task: max(FLOOR * constant, 1e-8) for task, constant in constants.items()}
        self._logits = dict.fromkeys(weights, 0.0)
        self._last: dict[str, float] = {}
        self._fall = dict.fromkeys(weights, 0.0)

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Move the logits by what the last step did to the given losses, and return the weights."""
        now = {task: max(loss, self._floor[task]) for task, loss in losses.items()}
        self._move(now)
        self._last |= now
        shares = self._shares()
        pull = {task: shares[task] / self._last[task] for task in self._last}
        # a task not met yet is taken to pull as much as the mean of those met
        mean = sum(pull.values()) / len(pull)
        return {task: self._weights[task] * pull[task] / mean for task in losses}

    def _move(self, now: Mapping[str, float]) -> None:
        known = [task for task in now if task in self._last]
        self._fall |= {task: math.log(self._last[task]) - math.log(now[task]) for task in known}
        shares = self._shares()
        common = sum(shares[task] * fall for task, fall in self._fall.items())
        for task in known:
            slope = shares[task] * (self._fall[task] - common)
            self._logits[task] -= RATE * (slope + DECAY * self._logits[task])

    def _shares(self) -> dict[str, float]:
        top = max(self._logits.values())
        parts = {task: math.exp(logit - top) for task, logit in self._logits.items()}
        return {task: part / sum(parts.values()) for task, part in parts.items()}

    def state(self) -> dict[str, Any]:
        """Return logits, last losses and last falls."""
        return {"logits": dict(self._logits), "last": dict(self._last), "fall": dict(self._fall)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._logits, self._last, self._fall = dict(state["logits"]), dict(state["last"]), dict(state["fall"])
