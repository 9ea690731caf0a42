"""shared items: who had the same things know one another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._pairs import asks_pairs, item_cosines
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.tasks import Examples


@BASELINES.register("shared_items")
class SharedItems:
    """The cosine of what both users had, rare items weighing more."""

    name = "cosine of items"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks about two users."""
        return asks_pairs(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return one number per pair, from 0 to 1."""
        return Answer(score=item_cosines(examples, division, at).astype(np.float32))
