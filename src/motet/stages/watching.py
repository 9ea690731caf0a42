"""Who watches a run: nobody by default; the command line draws bars. Watching never steers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from motet.train.events import Listener


class Watch:
    """Told what a run is doing. Subclass and override what is of interest."""

    def reading(self, table: str) -> None:
        """A table is about to be read."""

    def set_aside(self, rows: int, path: Path) -> None:
        """Bad rows were kept aside, and written to a file."""

    def preparing(self, what: str, done: int, total: int) -> None:
        """Texts encoded so far."""

    def choosing(self, section: str, kinds: Sequence[str], arms: Sequence[tuple[str, int]], units: int) -> None:
        """A round of choosing a section's kind begins.

        kinds: those still in the race. arms: what will be trained from here on, each for at most so many units; of
        later rounds only the number is known. An arm's training is told like any other's, a unit as an epoch.
        """

    def chose(self, section: str, kind: str, why: str, seconds: float) -> None:
        """A section's kind is chosen; seconds: what that took, 0 where it had been chosen before."""

    def folding(self, fold: int, folds: int) -> None:
        """A fold of so many begins, counted from 0."""

    def planned(self, arms: Sequence[tuple[str, int]], epochs: int) -> None:
        """The arms that will be trained, as (name, seed), and the most epochs of each."""

    def estimated(self, seconds: float, epochs: int) -> None:
        """One pass of the first arm through the language model takes about so long, and there are so many at most."""

    def searching(self, trial: int, passes: int, score: float | None, best: float, left: float) -> None:
        """A trial of a search was judged after so many passes.

        score: relative to the project's own settings, None for these themselves. best: of all trials so far.
        left: seconds of the budget.
        """

    def listeners(self, arm: str, seed: int) -> Sequence[Listener]:
        """Return who listens to an arm's training."""
        return ()

    def trained(self, arm: str, seed: int, seconds: float) -> None:
        """An arm is finished."""

    def judging(self, task: str, what: str) -> None:
        """A task is compared, repaired, or its simple baseline is fitted."""
