"""private: the third rung. A part of its own, taught by the twin, on shared weights that stay as they are.

Distillation from models of single tasks, with labels slowly taking over, is that of BAM (Clark et al. 2019,
arXiv:1907.04829).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.transfer.arms import Arms
from motet.transfer.repair._protocol import REPAIRS


@dataclass(frozen=True)
class Private:
    """Give the task a private adapter and retrain it with its head; all other tasks answer as before, bit for bit."""

    shared: bool = False
    exact: bool = False

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Return the joint model with the task's private part."""
        (task,) = tasks
        return arms.private(joint, task)


REPAIRS.register("private")(Private())
