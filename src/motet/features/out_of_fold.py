"""What a linear model of a task reads from texts, about every row, and never about a row that it was fitted on.

A network's answers to its own training rows are too sure to learn from: they repeat the labels. Answers to rows that
were held apart keep what lies between the labels, which is why stacked models are fitted on such (Wolpert 1992,
"Stacked generalization"). Ridge regression on n-grams makes them within seconds. NumPy, SciPy and scikit-learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.ngrams import Bags

Shares = NDArray[np.float32]
FOLDS = 5
RIDGES = (1.0, 3.0, 10.0)
"""Strengths to choose from, by the squared error on the rows held apart."""
MOST_CODES = 8
"""Of a label with more codes than these, the most frequent are read."""


def out_of_fold(bags: Bags, size: int, row_m: NDArray[np.int64], share_mB: Shares) -> Shares:
    """Return what n-grams say of every text's codes, (len(bags), B'), one column less where all rows sum to one.

    bags: of the texts, with ids below `size`. row_m: the labelled texts; share_mB: their labels as shares over codes.
    A labelled text is answered by a model of the other folds, any other text by all of them, on average.
    """
    from scipy.sparse import csr_matrix

    inputs = csr_matrix((bags.weights, bags.ids, bags.offsets), shape=(len(bags), size))
    wanted = _columns(share_mB)
    fold_m = np.random.default_rng(0).permutation(len(row_m)) % FOLDS
    found = [_answers(inputs, row_m, wanted, fold_m, ridge) for ridge in RIDGES]
    return min(found, key=lambda answer: float(((answer[row_m] - wanted) ** 2).sum()))


def _columns(share_mB: Shares) -> Shares:
    """The columns worth reading: the last of two says nothing that the first does not."""
    if share_mB.shape[1] == 2:
        return share_mB[:, 1:]
    return share_mB[:, np.argsort(-share_mB.sum(0), kind="stable")[:MOST_CODES]]


def _answers(
    inputs: Any, row_m: NDArray[np.int64], wanted_mB: Shares, fold_m: NDArray[np.int64], ridge: float
) -> Shares:
    from sklearn.linear_model import Ridge

    rest = np.ones(inputs.shape[0], bool)
    rest[row_m] = False
    answer = np.zeros((len(rest), wanted_mB.shape[1]), np.float32)
    for fold in range(FOLDS):
        inside = fold_m == fold
        model = Ridge(alpha=ridge, solver="sparse_cg", tol=1e-3)
        model.fit(inputs[row_m[~inside]], wanted_mB[~inside])
        asked = rest.copy()
        asked[row_m[inside]] = True
        told = model.predict(inputs[asked]).reshape(asked.sum(), -1)
        answer[asked] += told / np.where(rest[asked], FOLDS, 1)[:, None]
    return answer
