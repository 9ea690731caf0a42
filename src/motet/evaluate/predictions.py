"""What the judges see: answers and truths as arrays, and nothing of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from motet.schema import TaskBase


@dataclass(frozen=True)
class Predictions:
    """One model's answers to one task's questions in one part of the data.

    n = questions, C = classes, tags or levels, I = items of the catalogue.
    output: `ranking, binary, ordinal, class, tags, number`, as in tasks.
    unit_n: the user or row that each question belongs to (resampling goes by unit).
    other_n: of questions about pairs of users, the second one; None elsewhere. Two questions that share a user, on
    whichever side, depend on each other (evaluate/pairs.py).
    slices: name → a label per question, for instance {"item": ["warm", "cold", …]}.

    ranking: rank_n is the 0-based rank of the true item among all I items, ties counted against us; a target outside
    the catalogue has rank I. top_nK: the indices of the K best items. target_n: the true item's index, -1 outside.
    binary: score_n is a probability, label_n is 0 or 1.
    class: score_nC are probabilities, label_n the index of the true class, -1 for one that training never showed
    (always a miss).
    ordinal: score_nC are probabilities of the levels, levels_C their values, label_n the true value.
    tags: score_nC are probabilities, label_nC is 0 or 1.
    number: score_n and label_n are values in the column's own unit.
    """

    task: TaskBase
    output: str
    unit_n: NDArray[np.str_]
    score: NDArray[np.float32] | None = None
    label: NDArray[np.float32] | None = None
    levels_C: NDArray[np.float32] | None = None
    rank_n: NDArray[np.int64] | None = None
    top_nK: NDArray[np.int32] | None = None
    num_items: int = 0
    target_n: NDArray[np.int64] | None = None
    slices: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    other_n: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.unit_n)
