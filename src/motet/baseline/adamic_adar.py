"""Adamic-Adar: a common friend who has few friends says more (Adamic and Adar 2003)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._pairs import asks_pairs, path_counts, share
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.features.pairs import ADAMIC_ADAR
from motet.tasks import Examples


@BASELINES.register("adamic_adar")
class AdamicAdar:
    """Common neighbours, each weighing one over the logarithm of its degree."""

    name = "Adamic-Adar"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks about two users."""
        return asks_pairs(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return one number per pair, larger for likelier ones."""
        return Answer(score=share(path_counts(examples, division, at)[:, ADAMIC_ADAR]))
