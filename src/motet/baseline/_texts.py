"""The words that a question shows: of its row, or of its item."""

from __future__ import annotations

import numpy as np
import polars as pl

from motet.data import Division
from motet.features.item_words import words_of_items
from motet.features.views import text_columns
from motet.schema import ITEMS
from motet.tasks import Examples


def words_of(examples: Examples, division: Division) -> pl.Series | None:
    """Return one text per example, or None where the view shows no words."""
    task = division.project.tasks[examples.task]
    found = []
    if "text" in examples.sources:
        frame = division.inputs[examples.table].select(text_columns(division.project, task))
        found.append(_joined(frame).gather(examples.row_n))
    elif "item" in examples.sources and examples.item_n is not None:
        hidden = division.project.label_columns(ITEMS) - set(task.inputs) if examples.table == ITEMS else set()
        words = words_of_items(division, hidden=hidden)
        if words is not None:
            found.append(pl.concat([words, pl.Series([None], dtype=pl.String)]).gather(_or_last(examples, len(words))))
    return found[0].fill_null("") if found else None


def _joined(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.concat_str(pl.all(), separator="\n", ignore_nulls=True).alias("text"))["text"]


def _or_last(examples: Examples, size: int) -> pl.Series:
    assert examples.item_n is not None, "the view has an item"
    return pl.Series(np.where(examples.item_n < 0, size, examples.item_n))
