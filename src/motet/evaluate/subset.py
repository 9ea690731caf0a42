"""Some of the questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions


def subset(predictions: Predictions, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Predictions:
    """Return the predictions of the chosen questions: a mask over all of them, or their numbers."""

    def cut(array: NDArray[Any] | None) -> Any:
        return None if array is None else array[chosen]

    return replace(
        predictions,
        unit_n=predictions.unit_n[chosen],
        other_n=cut(predictions.other_n),
        score=cut(predictions.score),
        label=cut(predictions.label),
        rank_n=cut(predictions.rank_n),
        top_nK=cut(predictions.top_nK),
        target_n=cut(predictions.target_n),
        slices={name: label_n[chosen] for name, label_n in predictions.slices.items()},
    )
