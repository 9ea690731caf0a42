"""What a head answers to one question, as the prediction that people see."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motet.recommend.calibrated import Calibration
from motet.recommend.port import Prediction


class Answering(Protocol):
    """What has to be known of a task to read its answers: the labels of a model, or the view that lists have of it."""

    @property
    def output(self) -> str:
        """Return the form of its answers."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of classes or tags."""
        ...

    @property
    def levels(self) -> tuple[float, ...]:
        """Return the values of an ordinal label, rising."""
        ...


def prediction(labels: Answering, map: Calibration, row: NDArray[np.float32]) -> Prediction:
    """Return one row of a head's answers as a prediction, calibrated by the task's map."""
    if labels.output == "binary":
        p = float(map.probability(row))
        return Prediction(label="yes" if p >= 0.5 else "no", probability=p)
    if labels.output == "number":
        return _with_ends(Prediction(value=float(row)), map)
    if labels.output == "ordinal":
        best = int(row.argmax())
        value = float(row @ np.asarray(labels.levels, np.float32))
        return _with_ends(Prediction(f"{labels.levels[best]:g}", float(row[best]), value), map)
    share = map.distribution(row) if labels.output == "class" else row
    best = int(share.argmax())
    return Prediction(label=labels.classes[best], probability=float(share[best]))


def _with_ends(found: Prediction, map: Calibration) -> Prediction:
    """A predicted number with the ends of its interval, where the task has one."""
    if map.interval is None or found.value is None:
        return found
    low, high = map.interval.around(np.asarray(found.value, np.float64))
    return replace(found, low=float(low), high=float(high))
