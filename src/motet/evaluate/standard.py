"""Which metrics a task is judged by, unless it asks for more."""

from __future__ import annotations

from motet.errors import ProjectError
from motet.evaluate.metrics import METRICS, find
from motet.evaluate.predictions import Predictions

STANDARD: dict[str, tuple[str, ...]] = {
    "ranking": ("recall@10", "ndcg@10", "recall@5", "ndcg@5", "mrr", "coverage"),
    "binary": ("auc", "log_loss", "ece", "accuracy", "precision", "recall", "macro_f1"),
    "class": ("accuracy", "macro_f1", "micro_f1", "log_loss", "ece"),
    "ordinal": ("mae", "rmse", "mse", "accuracy", "qwk"),
    "tags": ("map", "micro_f1", "macro_f1", "log_loss"),
    "number": ("mae", "rmse", "mse"),
}


def metrics_of(predictions: Predictions) -> tuple[str, ...]:
    """Return the names of the metrics: the standard ones of the output, then those the task asks for.

    Raises ProjectError for a name that is unknown, or that cannot judge this output.
    """
    names = STANDARD[predictions.output]
    for name in predictions.task.metrics:
        if predictions.output not in find(name).outputs:
            fitting = [known for known in METRICS.names() if predictions.output in METRICS.get(known).outputs]
            raise ProjectError(
                f"Task '{predictions.task.name}' asks for {name}, which does not judge {predictions.output} answers.",
                f"Choose from: {', '.join(fitting)}.",
            )
    return tuple(dict.fromkeys((*names, *predictions.task.metrics)))
