"""Small predictions, made by hand or at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from motet.evaluate import Predictions
from motet.schema import Binary, ClassTask, NextItem, Number, Rating, Tags

TASKS = {
    "ranking": NextItem(name="next_item"),
    "binary": Binary(name="buy", column="c"),
    "class": ClassTask(name="brand", column="c"),
    "ordinal": Rating(name="rating", column="c"),
    "tags": Tags(name="tags", column="c"),
    "number": Number(name="price", column="c"),
}


def make(output: str, *, task: Any = None, units: Any = None, **arrays: Any) -> Predictions:
    """Return predictions with arrays of the right types; every question is its own unit unless told."""
    kinds = {"rank_n": np.int64, "top_nK": np.int32, "target_n": np.int64, "num_items": int, "slices": dict}
    arrays = {
        k: v if kinds.get(k) in (int, dict) else np.asarray(v, kinds.get(k, np.float32)) for k, v in arrays.items()
    }
    count = len(arrays["rank_n"] if output == "ranking" else arrays["label"])
    unit_n = np.asarray([str(n) for n in (range(count) if units is None else units)], dtype=np.str_)
    return Predictions(task or TASKS[output], output, unit_n, **arrays)


def at_random(output: str, *, n: int = 60, seed: int = 0, skill: float = 1.0, units: Any = None) -> Predictions:
    """Return predictions that are right more often the higher the skill; labels depend on `n` alone."""
    truth, noise = np.random.default_rng(n), np.random.default_rng(seed + 1)
    if output == "ranking":
        rank_n = noise.geometric(min(0.9, 0.05 * skill), n) - 1
        top_nK = np.stack([noise.permutation(50)[:10] for _ in range(n)])
        return make(output, rank_n=np.minimum(rank_n, 50), top_nK=top_nK, num_items=50, units=units)
    if output == "binary":
        label = truth.random(n) < 0.4
        score = 1 / (1 + np.exp(-(skill * (label - 0.5) + noise.normal(size=n))))
        return make(output, score=score, label=label, units=units)
    if output in ("class", "ordinal"):
        label = truth.integers(0, 4, n)
        logit = skill * np.eye(4)[label] + noise.normal(size=(n, 4))
        score = np.exp(logit) / np.exp(logit).sum(1, keepdims=True)
        if output == "class":
            return make(output, score=score, label=label, units=units)
        return make(output, score=score, label=label + 1, levels_C=[1, 2, 3, 4], units=units)
    if output == "tags":
        label = truth.random((n, 5)) < 0.3
        score = 1 / (1 + np.exp(-(skill * (label - 0.5) + noise.normal(size=(n, 5)))))
        return make(output, score=score, label=label, units=units)
    label = truth.normal(10, 3, n)
    return make(output, score=label + noise.normal(size=n) / skill, label=label, units=units)


def perfect(output: str) -> Predictions:
    """Return predictions that are right and sure."""
    if output == "ranking":
        return make(output, rank_n=np.zeros(5), top_nK=np.arange(50).reshape(5, 10), num_items=50)
    label = {
        "binary": [0, 1, 1, 0],
        "class": [0, 1, 2, 1],
        "ordinal": [1, 2, 3, 2],
        "tags": np.eye(4)[:, :3].tolist()[:3],
        "number": [1.5, 2.0, 9.0, -3.0],
    }[output]
    if output in ("class", "ordinal"):
        first = 0 if output == "class" else 1
        extra = {} if output == "class" else {"levels_C": [1, 2, 3]}
        return make(output, score=np.eye(3)[np.asarray(label) - first], label=label, **extra)
    return make(output, score=label, label=label)
