"""What certifying asks of the outside world: it trains nothing and judges nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from motet.transfer.certificate import Sharing
from motet.transfer.difference import Difference

JOINT, TWIN = "joint", "twin"

Role = Literal["A", "B", "valid", "test"]
"""A and B are the halves of the validation questions, by the parity of sha1(unit); valid is both; test is test."""


class Arms(Protocol):
    """The trained models, asked through callables. An arm is `joint`, `twin`, or a repaired model's name."""

    def compare(self, task: str, arm: str, role: Role) -> Difference:
        """Return the paired difference of this arm against the twin, over all seeds, on the task's primary metric."""
        ...

    def metrics(self, task: str, arm: str) -> Mapping[str, float]:
        """Return the test metrics of the model that would ship: this arm, first seed."""
        ...

    def baseline(self, task: str) -> tuple[str, float] | None:
        """Return name and test value of the simple method, on the primary metric; None if there is none."""
        ...

    def sharing(self, routes: Mapping[str, str]) -> Sharing:
        """Return what is shared, and what it saves, when each task is answered by the arm in `routes`."""
        ...
