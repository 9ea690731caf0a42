"""linear row: logistic or ridge regression on plain columns."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.baseline._columns import shown_columns, to_matrix
from motet.baseline._half import choosing
from motet.baseline._linear import MAX_CLASSES, linear_scores, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

MAX_ROWS = 200_000


@BASELINES.register("linear_row")
class LinearRow:
    """One-hot categories and standardised numbers of what the question shows besides text."""

    name = "linear on columns"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the question shows columns and no text, and asks for few classes."""
        if examples.output in ("ranking", "tags") or "text" in examples.sources:
            return False
        training = examples.label.filter(pl.Series(examples.part_n == TRAIN))
        few = examples.output in ("binary", "number") or training.n_unique() <= MAX_CLASSES
        return few and shown_columns(examples, division).width > 0

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        valid = thinned(choosing(examples), MAX_ROWS)
        matrices = to_matrix(shown_columns(examples, division), [train, valid, at])
        encoded = labels.encode(examples.label)
        score = linear_scores(labels, (matrices[0], encoded[train]), (matrices[1], encoded[valid]), matrices[2])
        return Answer(score=score)
