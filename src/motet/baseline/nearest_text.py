"""nearest text: the labels of the training rows with the most similar words."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.baseline._linear import MAX_CLASSES, Matrix, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline._texts import words_of
from motet.baseline.linear_text import tfidf
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

NEIGHBOURS, MAX_ROWS, BLOCK = 20, 60_000, 1_000
PRIOR = 0.5
"""Weight of the prior beside the summed cosines of the neighbours."""


@BASELINES.register("nearest_text")
class NearestText:
    """Averages over the twenty nearest by TF-IDF cosine, weighted by it, with a little of the prior."""

    name = "nearest by TF-IDF"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the question shows words and asks for tags, or for one of very many classes."""
        if examples.output not in ("class", "tags") or not {"text", "item"} & set(examples.sources):
            return False
        many = examples.output == "tags" or examples.label.n_unique() > MAX_CLASSES
        return many and words_of(examples, division) is not None

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities."""
        words = words_of(examples, division)
        assert words is not None, "the question shows words"
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        known, asked = tfidf(words, [train, at], language=division.project.project.language)
        label_nC = _one_hot(labels, examples.label.gather(train))
        blocks = [
            _averaged(asked[start : start + BLOCK], known, label_nC, labels) for start in range(0, len(at), BLOCK)
        ]
        return Answer(score=np.concatenate([np.zeros((0, labels.size), np.float32), *blocks]))


def _averaged(asked: Matrix, known: Matrix, label_nC: NDArray[np.float32], labels: Labels) -> NDArray[np.float32]:
    cosine = (asked @ known.T).toarray()
    least = min(NEIGHBOURS, cosine.shape[1])
    nearest = np.argpartition(cosine, -least, axis=1)[:, -least:]
    weight = np.take_along_axis(cosine, nearest, 1)
    total = np.einsum("nk,nkc->nc", weight, label_nC[nearest]) + PRIOR * np.asarray(labels.prior, np.float32)
    return (total / (weight.sum(axis=1, keepdims=True) + PRIOR)).astype(np.float32)


def _one_hot(labels: Labels, label: pl.Series) -> NDArray[np.float32]:
    encoded = labels.encode(label)
    if labels.output == "tags":
        return encoded
    return (encoded[:, None] == np.arange(labels.size)).astype(np.float32)
