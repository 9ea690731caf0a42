"""Katz and shared items: the graph and what both had, as equals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from motet.baseline._pairs import asks_pairs, item_cosines
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline.katz import katz_scores
from motet.data import Division
from motet.features.labels import Labels
from motet.tasks import Examples


@BASELINES.register("katz_items")
class KatzItems:
    """The mean of two ranks among the questions of the same part: by Katz, and by the cosine of items."""

    name = "Katz + cosine of items"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks about two users."""
        return asks_pairs(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return one number per pair, from 0 to 1."""
        both = [katz_scores(examples, division, at), item_cosines(examples, division, at)]
        score = np.zeros(len(at), np.float32)
        for part in np.unique(examples.part_n[at]):
            inside = np.flatnonzero(examples.part_n[at] == part)
            score[inside] = np.mean([rankdata(each[inside]) for each in both], axis=0) / (len(inside) + 1)
        return Answer(score=score)
