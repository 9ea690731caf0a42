"""The contract of a repair: a rung of the ladder that a harmed task climbs."""

from __future__ import annotations

from typing import Protocol

from motet.registry import Shelf
from motet.transfer.arms import Arms


class Rung(Protocol):
    """One way to repair a task.

    exact: the repaired task answers as its twin does, so that nothing is left to compare.
    """

    @property
    def exact(self) -> bool: ...

    def repair(self, task: str, arms: Arms) -> str | None:
        """Repair one task, and return the name of the arm that now answers for it; None where this is impossible."""
        ...


REPAIRS: Shelf[Rung] = Shelf("repair", "motet.transfer.repair")
