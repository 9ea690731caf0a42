"""What certifying asks of the outside world: it trains nothing and judges nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from motet.transfer.certificate import Sharing
from motet.transfer.difference import Difference

JOINT, TWIN = "joint", "twin"

Role = Literal["A", "B", "valid", "test"]
"""A and B are the halves of the validation questions, by the parity of sha1(unit); valid is both; test is test."""


class Arms(Protocol):
    """The trained models, asked through callables. An arm is `joint`, `twin`, or a repaired model's name.

    Repairs are trained for all seeds when they are asked for, and only once. `joint` in their arguments is the arm that
    is to be repaired: the joint model, or one that took its place. None: this repair is not possible here.
    """

    def compare(self, task: str, arm: str, role: Role) -> Difference:
        """Return the paired difference of this arm against the twin, over all seeds, on the task's primary metric."""
        ...

    def metrics(self, task: str, arm: str) -> Mapping[str, float]:
        """Return the test metrics of the model that would ship: this arm, first seed."""
        ...

    def calibration(self, task: str, arm: str) -> Mapping[str, tuple[float, float]]:
        """Return log_loss and ece where they are defined: (twin, arm) on test, means over seeds."""
        ...

    def baseline(self, task: str) -> tuple[str, float] | None:
        """Return name and test value of the simple method, on the primary metric; None if there is none."""
        ...

    def together(self, task: str) -> float:
        """Return what the twins of all seeds reach on test when their answers are averaged, on the primary metric."""
        ...

    def sharing(self, routes: Mapping[str, str]) -> Sharing:
        """Return what is shared, and what it saves, when each task is answered by the arm in `routes`."""
        ...

    def affinity(self, joint: str) -> Mapping[str, Mapping[str, float]]:
        """Return source → target → what a step for the source does to the target: below zero where it harms."""
        ...

    def valved(self, joint: str, shares: Mapping[str, float], harmed: Sequence[str]) -> str | None:
        """Train the joint model on, with no more than these shares of the tasks' gradients in its shared weights."""
        ...

    def private(self, joint: str, task: str) -> str | None:
        """Give the task an adapter of its own in the joint model, whose shared weights stay as they are."""
        ...

    def interpolated(self, joint: str, task: str, share: float) -> str | None:
        """Return the model that lies this share of the way from the joint model to one trained on for the task.

        Of such models of one task, only the one that was asked for last need be kept.
        """
        ...

    def seconds(self, arm: str) -> float:
        """Return the seconds of training that a repair took, all seeds together; 0 for joint and twin."""
        ...
