"""A linear model's answers: right where texts tell, and never about a row that it was fitted on."""

from __future__ import annotations

import numpy as np

from motet.features.ngrams import Bags
from motet.features.out_of_fold import out_of_fold


def bags(words: list[list[int]]) -> Bags:
    """Return texts as sets of word ids of equal weight."""
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in words])])
    ids = np.concatenate([np.asarray(each, np.int32) for each in words])
    weights = np.concatenate([np.full(len(each), len(each) ** -0.5, np.float32) for each in words])
    return Bags(offsets, ids, weights)


def one_hot(code: np.ndarray, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[code]


def test_a_word_that_tells_the_label_is_read_in_texts_with_and_without_one() -> None:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 300)
    texts = bags([[int(code), int(random.integers(2, 30))] for code in label])
    known = np.arange(200)
    found = out_of_fold(texts, 30, known, one_hot(label[known], 2))
    assert found.shape == (300, 1)
    assert found[label == 1].min() > found[label == 0].max()


def test_a_row_is_not_answered_by_a_model_that_saw_its_label() -> None:
    """Every text has a word of its own, so that whoever saw a label could repeat it: labels of chance must not come."""
    random = np.random.default_rng(1)
    label = random.integers(0, 2, 400)
    texts = bags([[row] for row in range(400)])
    found = out_of_fold(texts, 400, np.arange(400), one_hot(label, 2))[:, 0]
    assert abs(np.corrcoef(found, label)[0, 1]) < 0.2
    other = label.copy()
    other[7] = 1 - other[7]
    again = out_of_fold(texts, 400, np.arange(400), one_hot(other, 2))[:, 0]
    assert again[7] == found[7]


def test_of_many_codes_the_most_frequent_are_read() -> None:
    label = np.repeat(np.arange(12), np.arange(1, 13))
    texts = bags([[int(code)] for code in label])
    found = out_of_fold(texts, 12, np.arange(len(label)), one_hot(label, 12))
    assert found.shape == (len(label), 8)
    assert found[label == 11].mean(0).argmax() == 0
