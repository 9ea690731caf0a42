"""The contract of a repair: a rung of the ladder that harmed tasks climb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from motet.registry import Shelf
from motet.transfer.arms import Arms


class Rung(Protocol):
    """One way to repair.

    shared: it makes a new joint model, for all tasks at once; other rungs repair one task, and leave the rest alone.
    exact: the repaired task answers as its twin does, so that nothing is left to compare.
    """

    @property
    def shared(self) -> bool: ...

    @property
    def exact(self) -> bool: ...

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Repair the harmed tasks (one, unless shared), and return the name of the arm that may answer for them.

        joint: the arm that answers them so far. None where this repair is impossible.
        """
        ...


REPAIRS: Shelf[Rung] = Shelf("repair", "motet.transfer.repair")
