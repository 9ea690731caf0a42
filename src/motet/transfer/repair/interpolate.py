"""interpolate: the fourth rung. Part of the way from the joint model to one trained on for the task alone.

Merging what was trained together with what was forked off is that of ForkMerge (Jiang et al. 2023, arXiv:2301.12618);
here there is one fork, and its share is chosen on validation half A.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from motet.transfer.arms import Arms
from motet.transfer.repair._protocol import REPAIRS

SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Interpolate:
    """Ship the task in a model of its own, between the joint model and what it becomes when trained on for it."""

    shared: bool = False
    exact: bool = False

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Return the arm of the share that does best on half A."""
        (task,) = tasks
        best, found = -math.inf, None
        for share in SHARES:
            arm = arms.interpolated(joint, task, share)
            if arm is not None and (gain := arms.compare(task, arm, "A").difference) > best:
                best, found = gain, share
        return None if found is None else arms.interpolated(joint, task, found)


REPAIRS.register("interpolate")(Interpolate())
