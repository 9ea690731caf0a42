"""The health of lists, beside how often they hit: what is shown, to whom hits go, how much alike a list is."""

# n = questions, k = length of a list, I = items, W = width of an item vector

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions

HEAD = 0.8
"""The most popular items that take this share of all events are the head; the rest is the long tail."""

CLIP = 100.0
"""No hit counts more than this many times one on the most popular item."""


def list_health(
    predictions: Predictions,
    popularity_I: NDArray[np.integer],
    vectors_IW: NDArray[np.floating] | None = None,
    *,
    k: int = 10,
) -> dict[str, float]:
    """Return how a ranking's lists of the first k are; NaN where undefined.

    popularity_I: training events per item. vectors_IW: unit vectors of the items.
    coverage: share of the catalogue that anybody is shown. gini: how unequally items are shown, 0 (all alike) to 1.
    popularity: mean training events of a shown item. novelty: mean −log₂ of its share of the events (Zhou et al. 2010).
    long_tail: share of places that go to items outside the head. diversity: mean of 1 − cosine over the pairs of a list
    (Ziegler et al. 2005). debiased_ndcg: ndcg in which a hit weighs 1 / popularity, normalised by the same weights of
    all questions (self-normalised inverse propensity: Schnabel et al. 2016, arXiv:1602.05352; popularity as propensity:
    Yang et al. 2018). Names end on `@k`.
    """
    count_I = np.asarray(popularity_I, np.float64)
    assert predictions.top_nK is not None, "the health of lists needs the lists"
    top_nk = predictions.top_nK[:, :k].astype(np.int64)
    share_I = (count_I + 1.0) / (count_I + 1.0).sum()
    shown_I = np.bincount(top_nk.ravel(), minlength=len(count_I)).astype(np.float64)
    some = top_nk.size > 0
    found = {
        "coverage": float((shown_I > 0).mean()) if some else math.nan,
        "gini": _gini(shown_I) if some else math.nan,
        "popularity": float(count_I[top_nk].mean()) if some else math.nan,
        "novelty": float(-np.log2(share_I[top_nk]).mean()) if some else math.nan,
        "long_tail": float(long_tail(count_I)[top_nk].mean()) if some else math.nan,
        "diversity": _diversity(top_nk, vectors_IW) if some and vectors_IW is not None else math.nan,
        "debiased_ndcg": _debiased_ndcg(predictions, count_I, k=k),
    }
    return {f"{name}@{k}": value for name, value in found.items()}


def long_tail(count_I: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return whether each item lies outside of the head, the most popular items with 80 % of all events."""
    order = np.argsort(-count_I, kind="stable")
    before = np.cumsum(count_I[order]) - count_I[order]
    tail_I = np.ones(len(count_I), np.bool_)
    tail_I[order] = before >= HEAD * max(float(count_I.sum()), 1e-12)
    return tail_I


def _gini(shown_I: NDArray[np.float64]) -> float:
    ordered, num = np.sort(shown_I), len(shown_I)
    return float((2 * np.arange(1, num + 1) - num - 1) @ ordered / (num * ordered.sum()))


def _diversity(top_nk: NDArray[np.int64], vectors_IW: NDArray[np.floating]) -> float:
    """A list's cosines, the items with themselves included, sum to the squared length of the sum of its vectors."""
    num = top_nk.shape[1]
    if num < 2 or not len(vectors_IW):
        return math.nan
    total = np.zeros((len(top_nk), vectors_IW.shape[1]))
    own = np.zeros(len(top_nk))
    for place in range(num):
        vectors = vectors_IW[top_nk[:, place]].astype(np.float64)
        total += vectors
        own += (vectors**2).sum(axis=1)
    cosine = ((total**2).sum(axis=1) - own) / (num * (num - 1))
    return float(1.0 - cosine.mean())


def _debiased_ndcg(predictions: Predictions, count_I: NDArray[np.float64], *, k: int) -> float:
    if predictions.target_n is None or predictions.rank_n is None or not len(predictions):
        return math.nan
    target, most = predictions.target_n, max(float(count_I.max()), 1.0)
    known = target >= 0
    popularity = np.maximum(count_I[np.where(known, target, 0)], 1.0)
    weight = np.where(known, np.minimum(most / popularity, CLIP), min(most, CLIP))
    rank = predictions.rank_n
    gain = np.where(rank < k, 1.0 / np.log2(rank + 2.0), 0.0)
    return float((weight * gain).sum() / weight.sum())
