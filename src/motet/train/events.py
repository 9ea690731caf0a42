"""What listeners see: frozen events of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Watched:
    """What looking at the tasks showed in an epoch, as columns of the log, and what a person should know about it.

    columns: `cosine/BLOCK/a|b`, `norm/BLOCK/task`, `affinity/source>target`, `gate/task/choice`.
    """

    columns: Mapping[str, float] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()


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
    """One pass over the data. scores: validation score per task, larger is better. best: whether it is kept.

    watched: what looking at a joint run showed; empty for others.
    """

    epoch: int
    epochs: int
    losses: Mapping[str, float]
    scores: Mapping[str, float]
    closed: tuple[str, ...]
    best: bool
    seconds: float
    watched: Watched = field(default_factory=Watched)


class Listener(Protocol):
    """Watches a run; never steers it."""

    def step(self, event: StepDone) -> None:
        """Called after every step."""
        ...

    def epoch(self, event: EpochDone) -> None:
        """Called after every epoch."""
        ...
