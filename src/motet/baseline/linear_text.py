"""linear text: logistic or ridge regression on TF-IDF of words and characters."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._columns import shown_columns, to_matrix
from motet.baseline._half import choosing
from motet.baseline._linear import MAX_CLASSES, linear_scores, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline._texts import words_of
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

MAX_ROWS, MAX_FEATURES = 60_000, 300_000


@BASELINES.register("linear_text")
class LinearText:
    """Reads the row's texts, or those of its item, and plain columns where the view shows them."""

    name = "linear on TF-IDF"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the question shows words, and few enough classes."""
        if examples.output in ("ranking", "tags") or not {"text", "item"} & set(examples.sources):
            return False
        training = examples.label.filter(pl.Series(examples.part_n == TRAIN))
        few = examples.output in ("binary", "number") or training.n_unique() <= MAX_CLASSES
        return few and words_of(examples, division) is not None

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        valid = thinned(choosing(examples), MAX_ROWS)
        rows = [train, valid, at]
        words = words_of(examples, division)
        assert words is not None, "the question shows words"
        fine = "history" not in examples.sources  # items that return in many events: their words say enough
        matrices = tfidf(words, rows, language=division.project.project.language, fine=fine)
        columns = shown_columns(examples, division)
        if columns.width:
            plain = to_matrix(columns, rows)
            matrices = [sparse.hstack(pair).tocsr() for pair in zip(matrices, plain, strict=True)]
        encoded = labels.encode(examples.label)
        score = linear_scores(labels, (matrices[0], encoded[train]), (matrices[1], encoded[valid]), matrices[2])
        return Answer(score=score)


def tfidf(
    words: pl.Series, rows: list[NDArray[np.int64]], *, language: str, fine: bool = True, most: int = MAX_FEATURES
) -> list[sparse.csr_matrix]:
    """Return a matrix for each list of rows, fitted on the first.

    Words and characters, for Chinese characters only; unless `fine`, single words (characters) alone. most: terms that
    are looked at, the most frequent.
    """
    texts = [words.gather(index).to_list() for index in rows]
    fitted = [each for each in _vectorizers(len(texts[0]), language, fine, most) if _finds_terms(each, texts[0])]
    if not fitted:
        return [sparse.csr_matrix((len(text), 1), dtype=np.float32) for text in texts]
    return [sparse.hstack([_transformed(each, text) for each in fitted]).tocsr() for text in texts]


def _vectorizers(num_rows: int, language: str, fine: bool, most: int) -> list[Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    word_rows, character_rows = (2, 5) if num_rows >= 1_000 else (1, 1)  # in how many rows a term must stand
    common = {"sublinear_tf": True, "dtype": np.float32, "max_features": most}
    found = []
    if language != "zh":
        span, pattern = (1, 2 if fine else 1), r"(?u)\b\w+\b"
        found.append(TfidfVectorizer(ngram_range=span, token_pattern=pattern, min_df=word_rows, **common))
    if language != "zh" and fine:
        found.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=character_rows, **common))
    if language != "en":
        span = (1, 3 if fine else 1)
        found.append(TfidfVectorizer(analyzer="char", ngram_range=span, min_df=word_rows, **common))
    return found


def _finds_terms(vectorizer: Any, texts: list[str]) -> bool:
    """Fit a vectoriser; False where it finds nothing to count."""
    try:
        vectorizer.fit(texts)
    except ValueError:
        return False
    return True


def _transformed(vectorizer: Any, texts: list[str]) -> sparse.csr_matrix:
    if not texts:
        return sparse.csr_matrix((0, len(vectorizer.vocabulary_)), dtype=np.float32)
    return sparse.csr_matrix(vectorizer.transform(texts))
