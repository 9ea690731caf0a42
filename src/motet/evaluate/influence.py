"""How much each question sways a metric: the metric's slope in the question's weight, at equal weights.

A metric then varies, to first order, as a sum of its influences does, whatever the questions share. Source: Hampel
1974; for auc the sums over yeses and noes are those of DeLong, DeLong & Clarke-Pearson 1988.
"""

# n = questions

from __future__ import annotations

import numpy as np

from motet.evaluate.metrics import Metric
from motet.evaluate.metrics._protocol import FloatArray
from motet.evaluate.predictions import Predictions

CELLS = 4_000_000
"""How many weights (questions left out × questions) are held in memory at once."""


def influences(judge: Metric, predictions: Predictions) -> FloatArray:
    """Return n influences, which add up to 0; NaN for a question that does not count, all NaN where undefined.

    A metric that is no mean may bring a method `influences(predictions)`. One that does not is judged without each
    question in turn, which takes time with the square of their number.
    """
    value_n = judge.per_question(predictions)
    if value_n is not None:
        counts = int((~np.isnan(value_n)).sum())
        return (value_n - np.nansum(value_n) / counts) / counts if counts else value_n
    own = getattr(judge, "influences", None)
    return own(predictions) if own is not None else _left_out(judge, predictions)


def _left_out(judge: Metric, predictions: Predictions) -> FloatArray:
    """What the metric loses without each question."""
    values, questions = judge.resampler(predictions), len(predictions)
    whole = values(np.ones((1, questions), np.float32))
    lost, step = [np.zeros(0)], max(1, CELLS // max(1, questions))
    for start in range(0, questions, step):
        weight_Rn = 1 - np.eye(min(step, questions - start), questions, start, dtype=np.float32)
        lost.append(whole - values(weight_Rn))
    lost_n = np.concatenate(lost)
    return lost_n - lost_n.mean() if questions else lost_n
