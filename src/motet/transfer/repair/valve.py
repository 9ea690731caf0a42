"""valve: the first rung. The task that harms a harmed one most may move the shared weights less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.transfer.arms import Arms
from motet.transfer.repair._culprits import hold_back
from motet.transfer.repair._protocol import REPAIRS

SHARE = 0.3


@dataclass(frozen=True)
class Valve:
    """Let 0.3 of the worst culprit's gradient into the shared weights, and train the joint model on."""

    shared: bool = True
    exact: bool = False

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Return the new joint model; None where no other task harms any of these."""
        return hold_back(tasks, arms, joint=joint, share=SHARE)


REPAIRS.register("valve")(Valve())
