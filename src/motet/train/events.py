"""What listeners see: frozen events of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StepDone:
    """One optimiser step. losses: mean loss per task. done, total: steps of this epoch."""

    epoch: int
    done: int
    total: int
    losses: Mapping[str, float]
    weights: Mapping[str, float]


@dataclass(frozen=True)
class EpochDone:
    """One pass over the data. scores: validation score per task, larger is better. best: whether it is kept."""

    epoch: int
    epochs: int
    losses: Mapping[str, float]
    scores: Mapping[str, float]
    closed: tuple[str, ...]
    best: bool
    seconds: float


class Listener(Protocol):
    """Watches a run; never steers it."""

    def step(self, event: StepDone) -> None:
        """Called after every step."""
        ...

    def epoch(self, event: EpochDone) -> None:
        """Called after every epoch."""
        ...
