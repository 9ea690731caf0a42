"""The contract of a listener on the shelf: told of every step and epoch, it writes for another program to show."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from motet.registry import Shelf
from motet.train.events import EpochDone, Listener, StepDone


class Recorder(Listener, Protocol):
    """Made for one arm and seed; writes into a folder, and never to a network.

    folder: where to write; it may not be there yet. project, run: what the run is called.
    """

    @staticmethod
    def require() -> None:
        """Raise MissingExtra where the library is not installed; asked before a run begins."""
        ...

    def __init__(self, folder: Path, *, project: str, run: str) -> None: ...

    def close(self) -> None:
        """Write what is left; called once, however the run ends."""
        ...


LISTENERS: Shelf[type[Recorder]] = Shelf("listener", "motet.train.listeners")


def step_numbers(event: StepDone) -> tuple[int, dict[str, float]]:
    """Return how many steps the run has made, and what a step tells: losses and their weights, by name."""
    told = {f"loss/{task}": value for task, value in event.losses.items()}
    told |= {f"weight/{task}": value for task, value in event.weights.items()}
    return event.epoch * event.total + event.done, told


def epoch_numbers(event: EpochDone) -> dict[str, float]:
    """Return what an epoch tells: scores and what watching showed. `a|b` and `a>b` are written `a/b`."""
    told = {f"score/{task}": value for task, value in event.scores.items()}
    told |= {name.replace("|", "/").replace(">", "/"): value for name, value in event.watched.columns.items()}
    return told | {"seconds": event.seconds}
