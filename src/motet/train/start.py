"""How training goes on with a model that was trained before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.model.assemble import MotetModel


@dataclass(frozen=True)
class Start:
    """What differs from a run of all tasks from scratch.

    tasks: those that learn and are judged; all where none is named. closed: of these, the tasks that imitate the
    model as it now is. tutors: models that a task imitates at first and ever less: their weight falls from 1 to 0
    over the epochs, and that of the labels rises (teacher annealing, Clark et al. 2019, arXiv:1907.04829). steady: the
    weight that they keep throughout instead.
    """

    tasks: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    tutors: Mapping[str, MotetModel] = field(default_factory=dict)
    steady: float | None = None

    def trust(self, epochs_done: float, total: int) -> dict[str, float]:
        """Return the weight of each tutor after so many of `total` epochs."""
        falling = max(0.0, 1.0 - epochs_done / total)
        return dict.fromkeys(self.tutors, falling if self.steady is None else self.steady)
