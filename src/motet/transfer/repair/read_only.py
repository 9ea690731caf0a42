"""read_only: the second rung. The task that harms a harmed one most only reads what the others make of the trunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.transfer.arms import Arms
from motet.transfer.repair._culprits import hold_back
from motet.transfer.repair._protocol import REPAIRS


@dataclass(frozen=True)
class ReadOnly:
    """Keep the worst culprit's gradient out of the shared weights, and train the joint model on."""

    shared: bool = True
    exact: bool = False

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Return the new joint model; None where no other task harms any of these."""
        return hold_back(tasks, arms, joint=joint, share=0.0)


REPAIRS.register("read_only")(ReadOnly())
