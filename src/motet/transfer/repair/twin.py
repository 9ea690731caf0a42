"""twin: the last rung. The task leaves the shared model and is answered by its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.transfer.arms import TWIN, Arms
from motet.transfer.repair._protocol import REPAIRS


@dataclass(frozen=True)
class Twin:
    """Route the task to its twin: by definition not worse than training it alone."""

    shared: bool = False
    exact: bool = True

    def repair(self, tasks: Sequence[str], arms: Arms, *, joint: str) -> str | None:
        """Return the twin's name."""
        return TWIN


REPAIRS.register("twin")(Twin())
