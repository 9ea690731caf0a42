"""Linear models over any matrix, with their strength chosen on validation.

n = questions, F = features, C = classes or levels.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.labels import Labels

Matrix = Any
"""A dense array or a sparse matrix (n, F)."""

MAX_CLASSES = 60
STRENGTHS, RIDGES = (1.0, 5.0), (1.0, 3.0, 10.0)


def linear_scores(
    labels: Labels,
    training: tuple[Matrix, NDArray[Any]],
    validation: tuple[Matrix, NDArray[Any]],
    asked: Matrix,
) -> NDArray[np.float32]:
    """Return the answers of logistic regression, or for numbers of ridge regression, to the rows `asked`.

    training, validation: a matrix and the encoded labels (features.labels.Labels.encode).
    """
    if labels.output == "number":
        return _numbers(labels, training, validation, asked)
    rows, codes = training
    known = codes >= 0
    rows, codes = rows[known], codes[known].astype(np.int64)
    size = 2 if labels.output == "binary" else labels.size
    best, best_loss = None, np.inf
    for strength in STRENGTHS:
        model = _fitted(rows, codes, strength)
        loss = log_loss(shares(model, validation[0], size), validation[1].astype(np.int64))
        if best is None or loss < best_loss:
            best, best_loss = model, loss
    share_nC = shares(best, asked, size)
    return share_nC[:, 1] if labels.output == "binary" else share_nC


def _fitted(rows: Matrix, codes: NDArray[np.int64], strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    # liblinear is the faster one for two classes; its random state only orders the coordinates.
    two = len(np.unique(codes)) == 2
    solver: dict[str, Any] = {"solver": "liblinear", "random_state": 0} if two else {"solver": "lbfgs", "tol": 1e-3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a baseline that stops a little early is still a baseline
        return LogisticRegression(C=strength, max_iter=100, **solver).fit(rows, codes)


def shares(model: Any, rows: Matrix, size: int) -> NDArray[np.float32]:
    """Return a fitted classifier's probabilities of all classes, 0 for those it has never seen, (n, size)."""
    share_nC = np.zeros((rows.shape[0], size), np.float32)
    if rows.shape[0]:
        share_nC[:, model.classes_] = model.predict_proba(rows)
    return share_nC


def log_loss(share_nC: NDArray[np.float32], code_n: NDArray[np.int64]) -> float:
    """Return the mean −log of the true class's probability; codes below 0 do not count."""
    known = code_n >= 0
    own = share_nC[np.flatnonzero(known), code_n[known]]
    return float(-np.log(np.clip(own, 1e-6, None)).mean()) if len(own) else 0.0


def _numbers(
    labels: Labels,
    training: tuple[Matrix, NDArray[Any]],
    validation: tuple[Matrix, NDArray[Any]],
    asked: Matrix,
    ridges: Sequence[float] = RIDGES,
) -> NDArray[np.float32]:
    from sklearn.linear_model import Ridge

    best, best_error = None, np.inf
    low, high = training[1].min(), training[1].max()
    for strength in ridges:
        model = Ridge(alpha=strength, solver="lsqr").fit(training[0], labels.scaled(training[1]))
        if validation[0].shape[0] == 0:
            best = model
            break
        guess = labels.unscaled(model.predict(validation[0]).astype(np.float32))
        error = float(np.abs(np.clip(guess, low, high) - validation[1]).mean())
        if best is None or error < best_error:
            best, best_error = model, error
    if asked.shape[0] == 0:
        return np.zeros(0, np.float32)
    assert best is not None, "some ridge was fitted"
    return np.clip(labels.unscaled(best.predict(asked).astype(np.float32)), low, high).astype(np.float32)


def thinned(index: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most so many of the indices, drawn with a fixed seed, in their order."""
    if len(index) <= most:
        return index
    return np.sort(np.random.default_rng(0).choice(index, most, replace=False))
