"""popularity: the most frequent training items for everyone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._lists import listed, ranks_items
from motet.baseline._past import training_counts
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.recommend.classic import Classic, Popular
from motet.tasks import Examples


@BASELINES.register("popularity")
class Popularity:
    """Ranks items by their number of training events."""

    name = "popularity"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task ranks items."""
        return ranks_items(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists."""
        return listed(self, examples, division, at)

    def fitted(self, examples: Examples, division: Division) -> Classic:
        """Return the recommender."""
        return Popular(training_counts(division).astype(np.float32))
