"""Which items resemble which, by their words, categories and tags."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from motet.baseline._texts import words_of_items
from motet.data import Division

NEIGHBOURS, MAX_ITEMS, MAX_SHARE, SMALL = 200, 60_000, 0.2, 1_000
BLOCK = 1_000


def similar_items(division: Division) -> sparse.csr_array | None:
    """Return (I, I) cosines of TF-IDF attributes, the nearest 200 of each item; None where nothing is known.

    For speed, words in more than a fifth of a larger catalogue are passed over, and so are catalogues beyond 60,000.
    """
    words = words_of_items(division)
    if words is None or len(words) > MAX_ITEMS or words.drop_nulls().len() == 0:
        return None
    attributes = _tfidf(words)
    if attributes is None:
        return None
    blocks = [_nearest(attributes, start) for start in range(0, len(words), BLOCK)]
    return sparse.vstack(blocks).tocsr()


def _tfidf(words: pl.Series) -> sparse.csr_array | None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    common = MAX_SHARE if len(words) > SMALL else 1.0
    vectorizer = TfidfVectorizer(min_df=2, max_df=common, sublinear_tf=True, dtype=np.float32)
    try:
        return sparse.csr_array(vectorizer.fit_transform(words.fill_null("").to_list()))
    except ValueError:  # no word is left
        return None


def _nearest(attributes: sparse.csr_array, start: int) -> sparse.csr_array:
    """The rows from `start` on, against all items, thinned to the nearest."""
    cosine = (attributes[start : start + BLOCK] @ attributes.T).toarray()
    rows = np.arange(len(cosine))
    cosine[rows, start + rows] = 0.0
    if cosine.shape[1] > NEIGHBOURS:
        least = np.partition(cosine, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS]
        cosine[cosine < least[:, None]] = 0.0
    return sparse.csr_array(cosine)
