"""Which items resemble which, by their words: cosines of TF-IDF, the nearest of each item, sparse at any size."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

MAX_SHARE, MAX_ITEMS, SMALL = 0.2, 2_000, 1_000
"""A word counts where it stands at a fifth of the catalogue and at 2,000 items at most (in a catalogue below 1,000:
anywhere), so that the work grows with the catalogue, not with its square."""
BLOCK = 1_000


def nearest_by_words(words_I: pl.Series, *, neighbours: int) -> sparse.csr_array:
    """Return (I, I) cosines of each item with its nearest `neighbours`, itself left out; null words resemble nothing.

    Words that stand at a single item say nothing of others and are passed over.
    """
    num = len(words_I)
    vectors = _tfidf(words_I)
    if vectors is None:
        return sparse.csr_array((num, num), dtype=np.float32)
    turned = vectors.T.tocsr()
    starts, columns, values = [np.zeros(1, np.int64)], [], []
    for begin in range(0, num, BLOCK):
        cosine = vectors[begin : begin + BLOCK] @ turned
        for row in range(cosine.shape[0]):
            inside = slice(cosine.indptr[row], cosine.indptr[row + 1])
            column, value = _best(cosine.indices[inside], cosine.data[inside], begin + row, neighbours)
            columns.append(column)
            values.append(value)
    lengths = [len(each) for each in columns]
    starts.append(np.cumsum(lengths))
    parts = (np.concatenate(values), np.concatenate(columns), np.concatenate(starts))
    return sparse.csr_array(parts, shape=(num, num))


def _best(
    column: NDArray[np.integer], value: NDArray[np.float32], own: int, most: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The largest values of a row, in the order of their columns; of equal ones the first columns."""
    kept = (column != own) & (value > 0)
    column, value = column[kept], value[kept]
    if len(column) > most:
        least = np.partition(value, len(value) - most)[len(value) - most]
        above, level = np.flatnonzero(value > least), np.flatnonzero(value == least)
        level = level[np.argsort(column[level], kind="stable")][: most - len(above)]
        chosen = np.concatenate([above, level])
        column, value = column[chosen], value[chosen]
    order = np.argsort(column, kind="stable")
    return column[order].astype(np.int32), value[order].astype(np.float32)


def _tfidf(words_I: pl.Series) -> sparse.csr_array | None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    num = len(words_I)
    common = 1.0 if num <= SMALL else min(MAX_SHARE, MAX_ITEMS / num)
    vectorizer = TfidfVectorizer(min_df=2, max_df=common, sublinear_tf=True, dtype=np.float32)
    try:
        return sparse.csr_array(vectorizer.fit_transform(words_I.fill_null("").to_list()))
    except ValueError:  # no word is left
        return None
