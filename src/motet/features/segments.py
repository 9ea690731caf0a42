"""Histories cut into stretches that a transformer reads in one pass.

In training one stretch answers many questions: it holds the events of `max_history` consecutive positions and up to
`max_history` events before them as context. In evaluation and serving each question has its own stretch, the last
`max_history` events before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.features.batch import Segments

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Stretches:
    """S stretches: the user (index + 1), the first event and how many events, counted among that user's events."""

    user_S: Index
    first_S: Index
    length_S: Index


def training_stretches(user_n: Index, cut_n: Index, *, max_history: int) -> tuple[Stretches, Index]:
    """Return stretches that cover all questions, and the stretch of each question."""
    chunk_n = cut_n // max_history
    key = user_n * (int(chunk_n.max(initial=0)) + 1) + chunk_n
    _, index, stretch_n = np.unique(key, return_index=True, return_inverse=True)
    last = np.zeros(len(index), np.int64)
    np.maximum.at(last, stretch_n, cut_n)
    first = np.maximum(chunk_n[index] * max_history - max_history, 0)
    return Stretches(user_n[index], first, last - first), stretch_n


def single_stretches(user_n: Index, cut_n: Index, *, max_history: int) -> Stretches:
    """Return one stretch per question: the last `max_history` events before it."""
    length = np.minimum(cut_n, max_history)
    return Stretches(user_n, cut_n - length, length)


def gather(stretches: Stretches, chosen: Index, starts: Index) -> Segments:
    """Return the chosen stretches as padded rows of event numbers (0 is nothing, event e of all is e + 1)."""
    user, first, length = stretches.user_S[chosen], stretches.first_S[chosen], stretches.length_S[chosen]
    width = int(length.max(initial=0))
    step = np.arange(width)
    begin = starts[np.maximum(user - 1, 0)] + first
    event = np.where(step[None, :] < length[:, None], begin[:, None] + step[None, :] + 1, 0)
    return Segments(event.astype(np.int64), user.astype(np.int64))
