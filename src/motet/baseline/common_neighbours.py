"""common neighbours: friends of friends are friends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._pairs import asks_pairs, path_counts, share
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.features.pairs import COMMON
from motet.tasks import Examples


@BASELINES.register("common_neighbours")
class CommonNeighbours:
    """How many users both are related to, in the training pairs."""

    name = "common neighbours"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks about two users."""
        return asks_pairs(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return one number per pair, larger for likelier ones."""
        return Answer(score=share(path_counts(examples, division, at)[:, COMMON]))
