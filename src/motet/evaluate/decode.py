"""From probabilities to answers, the same way for every metric."""

# n = questions, C = classes, tags or levels

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions

FloatArray = NDArray[np.float64]


def scores(predictions: Predictions) -> FloatArray:
    """Return the scores in double precision."""
    assert predictions.score is not None, f"{predictions.output} predictions carry scores"
    return predictions.score.astype(np.float64)


def labels(predictions: Predictions) -> FloatArray:
    """Return the labels in double precision."""
    assert predictions.label is not None, f"{predictions.output} predictions carry labels"
    return predictions.label.astype(np.float64)


def levels(predictions: Predictions) -> FloatArray:
    """Return the values of the ordinal levels, rising."""
    assert predictions.levels_C is not None, "ordinal predictions carry their levels"
    return predictions.levels_C.astype(np.float64)


def mean(predictions: Predictions) -> FloatArray:
    """Return the expected value: what squared error asks for."""
    score = scores(predictions)
    if predictions.output == "number":
        return score
    return score @ levels(predictions) / score.sum(axis=1)


def median(predictions: Predictions) -> FloatArray:
    """Return the lowest level that half of the probability lies at or below: what absolute error asks for."""
    score = scores(predictions)
    if predictions.output == "number":
        return score
    below_nC = np.cumsum(score, axis=1)
    return levels(predictions)[(below_nC >= 0.5 * below_nC[:, -1:]).argmax(axis=1)]


def mode(predictions: Predictions) -> FloatArray:
    """Return the most probable level."""
    return levels(predictions)[scores(predictions).argmax(axis=1)]


def decision(predictions: Predictions) -> FloatArray:
    """Return the answer to compare with the label: 0 or 1 at .5, the most probable class or level."""
    if predictions.output in ("binary", "tags"):
        return (scores(predictions) >= 0.5).astype(np.float64)
    if predictions.output == "class":
        return scores(predictions).argmax(axis=1).astype(np.float64)
    return mode(predictions)


def correct(predictions: Predictions) -> NDArray[np.bool_]:
    """Return whether each decision is right. A class that training never showed (-1) is always missed."""
    return np.isclose(decision(predictions), labels(predictions), rtol=1e-6, atol=1e-9)


def confidence(predictions: Predictions) -> tuple[FloatArray, FloatArray]:
    """Return per question what was promised, and what came: the two sides of calibration.

    binary: the probability of yes, and yes. class, ordinal: the highest probability, and whether it was right.
    """
    if predictions.output == "binary":
        return scores(predictions), labels(predictions)
    return scores(predictions).max(axis=1), correct(predictions).astype(np.float64)
