"""log_loss: minus the log of the probability that the truth was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motet.evaluate.decode import labels, scores
from motet.evaluate.metrics._protocol import METRICS, FloatArray
from motet.evaluate.metrics._sums import MeanMetric
from motet.evaluate.predictions import Predictions

SMALLEST = 1e-6


@dataclass(frozen=True)
class LogLoss(MeanMetric):
    """Cross-entropy in nats, probabilities clipped to [1e-6, 1 − 1e-6]. Undefined without questions.

    tags: the mean over the tags of a row. class: one that training never showed has probability 0 before clipping.
    """

    outputs = ("binary", "class", "tags")
    lower_is_better = True

    def per_question(self, predictions: Predictions) -> FloatArray:
        """Return the loss of each question."""
        score, label = scores(predictions), labels(predictions)
        if predictions.output == "class":
            index_n = label.astype(np.int64)
            given_n = np.where(index_n >= 0, score[np.arange(len(score)), index_n], 0.0)
            return -np.log(np.clip(given_n, SMALLEST, 1 - SMALLEST))
        loss = -np.log(np.clip(np.where(label > 0.5, score, 1 - score), SMALLEST, 1 - SMALLEST))
        return loss if loss.ndim == 1 else loss.mean(axis=1)


METRICS.register("log_loss")(LogLoss())
