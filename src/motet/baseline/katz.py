"""Katz: short paths count, longer ones count less (Katz 1953), cut off after three steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._pairs import asks_pairs, path_counts, share
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.features.pairs import COMMON, THREE
from motet.tasks import Examples

DAMPING = 0.05
"""Weight of a path of three steps against one of two."""


def katz_scores(examples: Examples, division: Division, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the damped number of paths of two and three steps, without the pair itself."""
    paths = path_counts(examples, division, at)
    return paths[:, COMMON] + DAMPING * paths[:, THREE]


@BASELINES.register("katz")
class Katz:
    """Paths between two users through the training pairs."""

    name = "Katz"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks about two users."""
        return asks_pairs(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return one number per pair, larger for likelier ones."""
        return Answer(score=share(katz_scores(examples, division, at)))
