"""The contract of a balancer: losses in, weights out, and a state that can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from motet.registry import Shelf


class Balancer(Protocol):
    """Decides how much each task's loss counts. K = tasks.

    constants: mean loss of a constant answer per task. weights: the project's own shares per task.
    """

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float]) -> None: ...

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return a weight for each given loss; called once per forward pass, in order."""
        ...

    def state(self) -> dict[str, float]:
        """Return what must be saved to go on."""
        ...

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from a saved state."""
        ...


BALANCERS: Shelf[type] = Shelf("balancer", "motet.train.balance")
