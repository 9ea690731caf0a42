"""FAMO: weights under which all losses fall at the same relative pace (Liu et al. 2023, arXiv:2306.03792).

Needs no gradients: logits move against the fall of each task's log-loss from one step to the next. They move by Adam at
the rate and the decay that the authors publish with their code; the plain step that the paper writes down would hardly
move them at that rate. The paper asks for the loss of the same batch again after the update. Here the next batch's loss
stands for it, which costs no second forward pass; for the noise that this adds, log-losses are smoothed by half. In the
weights, losses below 5 % of a constant predictor's count as that much, so that a task that is almost solved does not
take all the weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from motet.schema import BalanceConfig
from motet.train.balance._protocol import BALANCERS

RATE = 0.025
DECAY = 1e-5
SMOOTH = 0.5
FLOOR = 0.05
LEAST = 1e-8
FIRST, SECOND = 0.9, 0.999
"""How much of Adam's moments stays from one step to the next."""
_KEPT = ("logits", "last", "level", "fall", "first", "second", "steps")


@BALANCERS.register("famo")
class Famo:
    """weight = w · K · c · z / loss, where z = softmax(logits) and c = 1 / Σ (z / loss), so that the rest sums to K."""

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None:
        self._weights = dict(weights)
        self._floor = {task: max(FLOOR * constant, LEAST) for task, constant in constants.items()}
        zeros = dict.fromkeys(weights, 0.0)
        self._logits, self._fall, self._first, self._second, self._steps = (dict(zeros) for _ in range(5))
        self._last: dict[str, float] = {}
        self._level: dict[str, float] = {}

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Move the logits by what the last step did to the given losses, and return the weights."""
        self._move(losses)
        self._last |= {task: max(loss, self._floor[task]) for task, loss in losses.items()}
        shares = self._shares()
        pull = {task: shares[task] / self._last[task] for task in self._last}
        # a task not met yet is taken to pull as much as the mean of those met
        mean = sum(pull.values()) / len(pull)
        return {task: self._weights[task] * pull[task] / mean for task in losses}

    def _move(self, losses: Mapping[str, float]) -> None:
        now = {task: math.log(max(loss, LEAST)) for task, loss in losses.items()}
        known = [task for task in now if task in self._level]
        self._fall |= {task: (1 - SMOOTH) * (self._level[task] - now[task]) for task in known}
        self._level |= {task: self._level[task] - self._fall[task] if task in known else now[task] for task in now}
        shares = self._shares()
        common = sum(shares[task] * fall for task, fall in self._fall.items())
        for task in known:
            self._step(task, shares[task] * (self._fall[task] - common) + DECAY * self._logits[task])

    def _step(self, task: str, slope: float) -> None:
        """Take one of Adam's steps (Kingma & Ba 2015, arXiv:1412.6980); each logit counts its own."""
        self._steps[task] += 1
        self._first[task] = FIRST * self._first[task] + (1 - FIRST) * slope
        self._second[task] = SECOND * self._second[task] + (1 - SECOND) * slope**2
        mean = self._first[task] / (1 - FIRST ** self._steps[task])
        length = math.sqrt(self._second[task] / (1 - SECOND ** self._steps[task]))
        self._logits[task] -= RATE * mean / (length + LEAST)

    def _shares(self) -> dict[str, float]:
        top = max(self._logits.values())
        parts = {task: math.exp(logit - top) for task, logit in self._logits.items()}
        return {task: part / sum(parts.values()) for task, part in parts.items()}

    def state(self) -> dict[str, Any]:
        """Return the logits with Adam's moments and steps, and the last losses, smoothed log-losses and falls."""
        return {name: dict(getattr(self, f"_{name}")) for name in _KEPT}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        for name in _KEPT:
            setattr(self, f"_{name}", dict(state[name]))
