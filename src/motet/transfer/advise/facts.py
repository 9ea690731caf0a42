"""What is known of each task and of each pair of tasks before anything is advised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from motet.transfer.advise.gains import Gain
from motet.transfer.advise.measures import Measure

Key = Literal["row", "item", "user"]
"""What two labels have in common when they are said to meet."""
FIRM = 0.3
"""A correlation of this strength, or more, makes two tasks related."""


@dataclass(frozen=True)
class TaskFacts:
    """One task: what it offers, what it costs, what it is worth.

    labels: in training. seconds: of one pass over its own rows, alone. private: parameters that no other task uses.
    value: what the project states (`tasks.NAME.value`).
    """

    task: str
    kind: str
    labels: int
    seconds: float
    private: int
    value: float = 1.0

    @property
    def ranks(self) -> bool:
        """Whether its answer is a ranking of the catalogue."""
        return self.kind == "next_item"


@dataclass(frozen=True)
class PairFacts:
    """Two tasks, side by side.

    by: where their labels can meet (None: nowhere). overlap: share of the smaller task's training labels whose row,
    item or user also carries a label of the other. correlation: of the labels that meet, `measure` says which; None
    where fewer than enough meet, or one of them is a ranking. both: how many meet.
    forward, backward: what a step for one does to other, and for other to one, in parts of what the task's own step
    does. cosine: between their gradients at the shared weights, NaN where they share none.
    """

    one: str
    other: str
    by: Key | None
    overlap: float
    correlation: float | None
    measure: Measure | None
    both: int
    complementarity: float
    forward: Gain = Gain()
    backward: Gain = Gain()
    cosine: float = math.nan

    @property
    def related(self) -> bool:
        """Whether the labels that meet tell much about one another."""
        return self.correlation is not None and abs(self.correlation) >= FIRM


def complementarity(labels: int, others: int) -> float:
    """Return 1 − fewer / more: 0 where both have as many labels, close to 1 where one can lend many to the other."""
    more = max(labels, others)
    return 1.0 - min(labels, others) / more if more else 0.0
