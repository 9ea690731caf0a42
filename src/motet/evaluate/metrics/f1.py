"""macro_f1 and micro_f1, as scikit-learn defines them."""

# R = reweightings, n = questions, C = classes or tags

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.decode import decision, labels
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import SumMetric, ratio
from motet.evaluate.predictions import Predictions


def _indicators(predictions: Predictions) -> tuple[Any, Any]:
    """Return truth and decision as sparse (n, C) indicators; a class unseen in training has a column of its own."""
    from scipy.sparse import csr_array

    truth, answer = labels(predictions), decision(predictions)
    if predictions.output == "tags":
        return csr_array(truth), csr_array(answer)
    classes = 2 if predictions.output == "binary" else _width(predictions) + 1
    return _one_hot(truth, classes), _one_hot(answer, classes)


def _width(predictions: Predictions) -> int:
    """Return how many classes there are."""
    assert predictions.score is not None, "class predictions carry scores"
    return int(predictions.score.shape[1])


def _one_hot(value_n: FloatArray, classes: int) -> Any:
    from scipy.sparse import csr_array

    # The unseen class, -1, is the last column.
    column_n: NDArray[np.int64] = value_n.astype(np.int64) % classes
    return csr_array((np.ones(len(value_n)), column_n, np.arange(len(value_n) + 1)), shape=(len(value_n), classes))


@dataclass(frozen=True)
class _F1(SumMetric):
    outputs: ClassVar[tuple[str, ...]] = ("binary", "class", "tags")

    def terms(self, predictions: Predictions) -> Any:
        """Return per class: both say so, the truth says so, the answer says so."""
        from scipy.sparse import csr_array, hstack

        truth_nC, answer_nC = _indicators(predictions)
        return csr_array(hstack([truth_nC * answer_nC, truth_nC, answer_nC]))


@dataclass(frozen=True)
class MacroF1(_F1):
    """The plain mean of F1 over classes.

    Classes: those that occur in truth or answers; tags: all of them, 0 for one that never occurs.
    Undefined without questions.
    """

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return 2·both / (truth + answer), averaged over classes."""
        both_RC, truth_RC, answer_RC = np.split(sums_RS, 3, axis=1)
        f1_RC = np.nan_to_num(ratio(2 * both_RC, truth_RC + answer_RC))
        if predictions.output == "tags":
            return f1_RC.mean(axis=1)
        return ratio(f1_RC.sum(axis=1), (truth_RC + answer_RC > 0).sum(axis=1).astype(np.float64))


@dataclass(frozen=True)
class MicroF1(_F1):
    """F1 of all decisions together; for one of many it equals accuracy. Undefined where nobody says yes."""

    outputs: ClassVar[tuple[str, ...]] = ("class", "tags")

    def combine(self, sums_RS: FloatArray, predictions: Predictions) -> FloatArray:
        """Return 2·both / (truth + answer) of the totals."""
        both_R, truth_R, answer_R = (part.sum(axis=1) for part in np.split(sums_RS, 3, axis=1))
        return ratio(2 * both_R, truth_R + answer_R)


METRICS.register("macro_f1")(MacroF1())
METRICS.register("micro_f1")(MicroF1())
