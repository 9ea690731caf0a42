"""popularity: the most frequent training items for everyone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._past import masks_seen, training_counts
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline._rank import ranked
from motet.data import Division
from motet.features.labels import Labels
from motet.tasks import Examples


@BASELINES.register("popularity")
class Popularity:
    """Ranks items by their number of training events."""

    name = "popularity"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task ranks items."""
        return examples.output == "ranking" and division.events is not None

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists."""
        count_I = training_counts(division).astype(np.float32)
        return ranked(
            lambda block: np.broadcast_to(count_I, (len(block), len(count_I))),
            examples,
            division,
            at=at,
            mask=masks_seen(examples, division),
        )
