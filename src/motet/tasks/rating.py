"""rating: a number on a scale."""

from __future__ import annotations

import polars as pl

from motet.data import Division
from motet.schema import TRAIN, Rating
from motet.tasks._anchors import anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import as_numbers, column_of
from motet.tasks._protocol import TASK_KINDS, Examples, Output
from motet.tasks._sources import sources_of

MAX_LEVELS = 20


@TASK_KINDS.register("rating")
class RatingKind:
    """Up to 20 distinct training values are ordered levels; more are a plain number."""

    def examples(self, task: Rating, division: Division) -> Examples:
        """Return one example per row with a known rating."""
        label = as_numbers(task, *column_of(task, division))
        anchors = anchors_of(task, division)
        training = label.filter(pl.Series(anchors.part_n == TRAIN)).drop_nulls()
        output: Output = "ordinal" if training.n_unique() <= MAX_LEVELS else "number"
        return assemble(task, output, sources=sources_of(task, division), anchors=anchors, label=label)
