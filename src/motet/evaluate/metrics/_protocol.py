"""The contract of a metric: predictions in, a number out, and the same number under other weights of the questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions
from motet.registry import Shelf

FloatArray = NDArray[np.float64]
Resampler = Callable[[NDArray[np.float32]], FloatArray]
"""(R, n) weights of the n questions → R values of the metric."""


class Metric(Protocol):
    """One metric.

    outputs: the kinds of output that it can judge. lower_is_better: its direction.
    Where the metric is undefined (each says when), the value is NaN; reports write null.
    """

    @property
    def outputs(self) -> tuple[str, ...]: ...

    @property
    def lower_is_better(self) -> bool: ...

    def value(self, predictions: Predictions) -> float:
        """Return the metric over all questions."""
        ...

    def per_question(self, predictions: Predictions) -> FloatArray | None:
        """Return n values whose mean is the metric, or None if it is no mean over questions.

        NaN marks a question that does not count; which ones these are depends on the labels alone, so that two models
        can be compared question by question.
        """
        ...

    def resampler(self, predictions: Predictions) -> Resampler:
        """Prepare once, and return the function from weights of the questions to values."""
        ...


METRICS: Shelf[Metric] = Shelf("metric", "motet.evaluate.metrics")


def find(name: str) -> Metric:
    """Return the metric called `name`; cut-offs other than the registered ones work too, for instance `recall@50`."""
    family, _, cutoff = name.partition("@")
    if name not in METRICS.names() and f"{family}@10" in METRICS.names() and re.fullmatch(r"[1-9]\d*", cutoff):
        return cast(Metric, replace(cast(Any, METRICS.get(f"{family}@10")), k=int(cutoff)))
    return METRICS.get(name)
