"""A training plan cut into portions smaller or larger than a pass, for runs that are to be judged early."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from motet.features.batch import Batch
from motet.features.plan import TrainingPlan


class Portions(TrainingPlan):
    """The same steps in the same order as the whole plan; an epoch ends after every `steps` of them."""

    def __init__(self, whole: TrainingPlan, *, steps: int) -> None:
        self.__dict__.update(vars(whole))
        self.whole = whole
        self.steps = max(1, steps)

    @property
    def passes(self) -> float:
        """How much of a pass over the data a portion is."""
        return self.steps / self.whole.steps

    def epoch(
        self, seed: int, epoch: int, active: Collection[str], *, some: range | None = None, **more: Any
    ) -> Iterator[tuple[int, list[Batch]]]:
        """Yield (step, batches) of a portion, which may lie in several passes. some: of its steps, only these.

        more: what else the whole plan takes.
        """
        chosen = range(self.steps) if some is None else some
        first = epoch * self.steps
        at = chosen.start
        while at < chosen.stop:
            turn, begin = divmod(first + at, self.whole.steps)
            end = min(self.whole.steps, begin + chosen.stop - at)
            for place, batches in self.whole.epoch(seed, turn, active, some=range(begin, end), **more):
                yield at + place - begin, batches
            at += end - begin
