"""majority: the same answer for everyone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.tasks import Examples


@BASELINES.register("majority")
class Majority:
    """Shares of the training labels; for a number its median."""

    name = "majority"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task has a label other than an item."""
        return examples.output != "ranking"

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return the prior, once per question."""
        prior = np.asarray(labels.prior, np.float32)
        if labels.output in ("binary", "number"):
            return Answer(score=np.full(len(at), prior[0], np.float32))
        return Answer(score=np.tile(prior, (len(at), 1)))
