"""What trees look at: plain columns, and how often the most frequent words are in the text."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._columns import shown_columns, to_matrix
from motet.baseline._linear import MAX_CLASSES
from motet.baseline._texts import words_of
from motet.baseline.linear_text import tfidf
from motet.data import Division
from motet.schema import TRAIN
from motet.tasks import Examples

WORDS = 1_000


def asks_little(examples: Examples, division: Division, *, most: int = MAX_CLASSES) -> bool:
    """Return whether a question shows columns or words and asks for a number, yes or no, or few classes."""
    if examples.output in ("ranking", "tags"):
        return False
    training = examples.label.filter(pl.Series(examples.part_n == TRAIN))
    if examples.output not in ("binary", "number") and training.n_unique() > most:
        return False
    return shown_columns(examples, division).width > 0 or _reads(examples, division)


def inputs(examples: Examples, division: Division, rows: list[NDArray[np.int64]]) -> list[sparse.csr_matrix]:
    """Return a matrix for each list of rows, fitted on the first: columns, and the 1,000 most frequent words."""
    columns, blocks = shown_columns(examples, division), []
    if columns.width:
        blocks.append(to_matrix(columns, rows))
    words = words_of(examples, division)
    if words is not None:
        language = division.project.project.language
        found = tfidf(words, rows, language=language, fine=False, most=WORDS)
        for matrix in found:
            matrix.data[:] = 1.0  # a share of a text's words would change with words that training never showed
        blocks.append(found)
    return [sparse.hstack(several).tocsr() for several in zip(*blocks, strict=True)]


def _reads(examples: Examples, division: Division) -> bool:
    return bool({"text", "item"} & set(examples.sources)) and words_of(examples, division) is not None
