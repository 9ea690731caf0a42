"""Answers after calibration, and what the intervals hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from motet.evaluate.decode import labels, mean, scores
from motet.evaluate.predictions import Predictions
from motet.recommend.calibrated import Calibration


def applied(predictions: Predictions, map: Calibration) -> Predictions:
    """Return a task's answers under its map: yes or no, and classes; others stay as they are."""
    if predictions.output == "binary" and map.curves:
        return replace(predictions, score=map.probability(scores(predictions)).astype(np.float32))
    if predictions.output == "class" and map.temperature != 1.0:
        return replace(predictions, score=map.distribution(scores(predictions)).astype(np.float32))
    return predictions


def kept(predictions: Predictions, map: Calibration) -> dict[str, float] | None:
    """Return how an interval fared: `level` promised, `coverage` that came, mean and median `width`, `questions`."""
    if map.interval is None or predictions.output not in ("number", "ordinal") or len(predictions) == 0:
        return None
    low, high = map.interval.around(mean(predictions))
    truth = labels(predictions)
    # a truth on the end is inside, whatever its last bit
    slack = 1e-6 * np.maximum(1.0, np.abs(truth))
    inside = (truth >= low - slack) & (truth <= high + slack)
    return {
        "level": map.interval.level,
        "coverage": float(inside.mean()),
        "width": float((high - low).mean()),
        "median_width": float(np.median(high - low)),
        "questions": len(truth),
    }
