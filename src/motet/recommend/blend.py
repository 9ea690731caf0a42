"""Mixing tasks into one score: Σ w_task · log p_task, or Σ v_task · p_task where tasks have a value of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.port import TaskView
from motet.registry import nearest

Mode = Literal["log", "value"]

FLOOR = 1e-6
"""No task may veto an item: probabilities are clipped here."""


def resolve_weights(tasks: Mapping[str, TaskView], wanted: Mapping[str, float]) -> dict[str, float]:
    """Return task → weight for the tasks that count, all above zero.

    Defaults: 1 for the first ranking task, 0 for the others; without a ranking task, 1 for every task that can rank
    items. `wanted` replaces the defaults of the tasks it names. Raises RequestError for an unknown task, a task that
    cannot rank items, a weight that is negative or no number, and weights that are all zero.
    """
    known = [name for name, view in tasks.items() if view.ranks_items]
    if not known:
        raise RequestError(
            f"This model has no task that ranks items; its tasks: {', '.join(tasks) or 'none'}.",
            "Ask it with predict, or train it with a next_item task.",
        )
    ranking = ranking_task(tasks)
    weights = {name: 1.0 if ranking in (name, None) else 0.0 for name in known}
    for name, weight in wanted.items():
        if name not in weights:
            message = f"'{name}' cannot be weighted in a list; known: {', '.join(known)}."
            raise RequestError(message, nearest(str(name), known).strip() or "Use one of these.")
        if isinstance(weight, bool) or not math.isfinite(weight) or weight < 0:
            raise RequestError(f"The weight of '{name}' is {weight}; a weight is 0 or more.", "Change it.")
        weights[name] = float(weight)
    counting = {name: weight for name, weight in weights.items() if weight > 0}
    if not counting:
        raise RequestError("All weights are zero.", f"Give one of these a weight: {', '.join(known)}.")
    return counting


def ranking_task(tasks: Mapping[str, TaskView]) -> str | None:
    """Return the name of the first ranking task, or None."""
    return next((name for name, view in tasks.items() if view.output == "ranking"), None)


def as_probability(view: TaskView, answer: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a task's answers as probabilities, one per item.

    binary (…, n): as they are. ordinal (…, n, C): the probability of a level at or above the threshold.
    number (…, n): the probability of a value at or above the threshold, for a normal error of the task's spread.
    An answer that is not a number counts as 0.
    """
    p = np.asarray(answer, np.float64)
    if view.output == "ordinal":
        high_C = np.asarray(view.levels) >= view.threshold
        p = p[..., high_C].sum(-1)
    elif view.output == "number":
        assert view.threshold is not None, "only ratings with a threshold rank items"
        p = _normal_tail((view.threshold - p) / max(view.spread or 1.0, 1e-9))
    return np.clip(np.nan_to_num(p, nan=0.0), 0.0, 1.0)


def contributions(
    weights: Mapping[str, float], probability: Mapping[str, NDArray[np.float64]], *, mode: Mode = "log"
) -> dict[str, NDArray[np.float64]]:
    """Return what each task adds to the score: w · log p with p clipped at 1e-6 (`log`), or v · p (`value`)."""
    if mode == "value":
        return {name: value * probability[name] for name, value in weights.items()}
    return {name: weight * np.log(np.clip(probability[name], FLOOR, 1.0)) for name, weight in weights.items()}


def blend(
    weights: Mapping[str, float], probability: Mapping[str, NDArray[np.float64]], *, mode: Mode = "log"
) -> NDArray[np.float64]:
    """Return the sum of the contributions of the tasks in `weights`."""
    return sum(contributions(weights, probability, mode=mode).values(), start=np.zeros(()))


def _normal_tail(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Z ≥ z) of a standard normal."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-z))
