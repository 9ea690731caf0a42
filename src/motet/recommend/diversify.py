"""A list of many kinds of things: maximal marginal relevance (Carbonell and Goldstein 1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def diversify(
    score_n: NDArray[np.float64], vector_nW: NDArray[np.float32], *, k: int, diversity: float
) -> NDArray[np.int64]:
    """Return the places of up to k candidates, in the order in which they were chosen.

    Each choice has the largest (1 − diversity) · relevance − diversity · similarity to what was chosen before.
    score_n: higher is better; relevance is the score brought to 0…1. vector_nW: unit length; similarity is their
    cosine. Ties keep the candidates' order.
    """
    n = len(score_n)
    if n == 0:
        return np.zeros(0, np.int64)
    spread = score_n.max() - score_n.min()
    relevance = (score_n - score_n.min()) / spread if spread > 0 else np.ones(n)
    similar = np.full(n, -np.inf)
    left = np.ones(n, np.bool_)
    chosen: list[int] = []
    for _ in range(min(k, n)):
        penalty = diversity * similar if chosen else 0.0
        value = np.where(left, (1 - diversity) * relevance - penalty, -np.inf)
        place = int(value.argmax())
        chosen.append(place)
        left[place] = False
        similar = np.maximum(similar, vector_nW @ vector_nW[place])
    return np.asarray(chosen, np.int64)
