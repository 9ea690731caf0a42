"""linear text: logistic or ridge regression on TF-IDF of words and characters."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._columns import shown_columns, to_matrix
from motet.baseline._linear import MAX_CLASSES, linear_scores, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline._texts import words_of
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN, VALID
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
        valid = thinned(np.flatnonzero(examples.part_n == VALID), MAX_ROWS)
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
    words: pl.Series, rows: list[NDArray[np.int64]], *, language: str, fine: bool = True
) -> list[sparse.csr_matrix]:
    """Return a matrix for each list of rows, fitted on the first.

    Words and characters, for Chinese characters only; unless `fine`, single words (characters) alone.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    texts = [words.gather(index).to_list() for index in rows]
    least = 2 if len(texts[0]) >= 1_000 else 1
    common = {"sublinear_tf": True, "dtype": np.float32, "max_features": MAX_FEATURES, "min_df": least}
    vectorizers = []
    if language != "zh":
        pattern = r"(?u)\b\w+\b"
        vectorizers.append(TfidfVectorizer(ngram_range=(1, 2 if fine else 1), token_pattern=pattern, **common))
    if language != "zh" and fine:
        vectorizers.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **common))
    if language != "en":
        vectorizers.append(TfidfVectorizer(analyzer="char", ngram_range=(1, 3 if fine else 1), **common))
    kept = [vectorizer for vectorizer in vectorizers if _has_terms(vectorizer, texts[0])]
    if not kept:
        return [sparse.csr_matrix((len(text), 1), dtype=np.float32) for text in texts]
    union = make_union(*kept).fit(texts[0])
    return [sparse.csr_matrix(union.transform(text)) if text else _empty(union) for text in texts]


def _has_terms(vectorizer: object, texts: list[str]) -> bool:
    """Whether a vectoriser finds anything at all; it refuses a vocabulary of nothing."""
    analyse = vectorizer.build_analyzer()  # type: ignore[attr-defined]
    return any(analyse(text) for text in texts)


def _empty(union: object) -> sparse.csr_matrix:
    return sparse.csr_matrix((0, len(union.get_feature_names_out())), dtype=np.float32)  # type: ignore[attr-defined]
