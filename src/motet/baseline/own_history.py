"""own history: people go on as they did."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import Interest
from motet.tasks import Examples
from motet.tasks.interest import topics_before

PRIOR = 2.0
"""Weight of the prior, in events."""

RECENT = 20


@BASELINES.register("own_history")
class OwnHistory:
    """Interests as the shares of the user's last twenty events that were about each tag, shrunk to the prior."""

    name = "own history"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task asks what the next events are about."""
        return isinstance(division.project.tasks[examples.task], Interest)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities of the tags."""
        task = division.project.tasks[examples.task]
        assert isinstance(task, Interest), "only interests have topics"
        question, name, num_events = topics_before(task, division, examples, at, last=RECENT)
        index = {known: code for code, known in enumerate(labels.classes)}
        code = name.replace_strict(index, default=-1, return_dtype=pl.Int64).to_numpy()
        counts = np.zeros((len(at), labels.size), np.float32)
        np.add.at(counts, (question[code >= 0], code[code >= 0]), 1.0)
        prior = PRIOR * np.asarray(labels.prior, np.float32)
        return Answer(score=((counts + prior) / (num_events[:, None] + PRIOR)).astype(np.float32))
