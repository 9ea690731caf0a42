"""What a scorer needs so that its answers can be explained by asking again with less, and without gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.calibrated import SMALLEST, log_odds
from motet.recommend.insight import WordWeights
from motet.recommend.port import Asked
from motet.recommend.predicted import Answering


class AskingAgain:
    """The part of `insight.Attributing` that follows from plain answers; the rest is the scorer's own."""

    tasks: Mapping[str, Any]

    def answers(self, task: str, asked: Asked) -> NDArray[np.float32]:
        """Return answers before their map, (n,) or (n, C)."""
        raise NotImplementedError

    def margins(self, task: str, asked: Asked, target: int | None = None) -> tuple[NDArray[np.float64], int]:
        """Return (n,) answers on the scale on which they add up, and which label they are about; see `Attributing`."""
        answer, view = self.answers(task, asked), self.tasks[task]
        if target is None:
            target = int(answer[0].argmax()) if view.output in ("class", "tags") and len(answer) else 0
        return margin_of(view, answer, target), target

    def gradients(self, task: str, asked: Asked, target: int) -> list[WordWeights]:
        """Refuse: there are no gradients to follow."""
        raise RequestError(
            f"'{task}' is answered by the ONNX form or by several models, through which no gradients are followed.",
            "Use the method 'leave_out'.",
        )


def margin_of(view: Answering, answer: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    """Return (n,): log-odds of yes or of the tag `target`, the log-probability of the class `target`, or the value."""
    if view.output == "binary":
        return log_odds(answer)
    if view.output == "class":
        return np.log(np.maximum(answer[:, target].astype(np.float64), SMALLEST))
    if view.output == "tags":
        return log_odds(answer[:, target])
    if view.output == "ordinal":
        return answer.astype(np.float64) @ np.asarray(view.levels, np.float64)
    return answer.astype(np.float64)
