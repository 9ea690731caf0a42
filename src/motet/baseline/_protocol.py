"""The contract of a baseline: examples in, answers out, learned from training examples only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motet.data import Division
from motet.features.labels import Labels
from motet.registry import Shelf
from motet.tasks import Examples

LIST_LENGTH = 20
"""K, the length of the lists that ranking baselines return."""


@dataclass(frozen=True)
class Answer:
    """Answers to n questions, in the shapes of evaluate's Predictions.

    score: probabilities (n,) for binary; (n, C) for class, ordinal and tags; values (n,) in the column's own unit for
    number. rank_n: 0-based rank of the true item; top_nK: the best items.
    """

    score: NDArray[np.float32] | None = None
    rank_n: NDArray[np.int64] | None = None
    top_nK: NDArray[np.int32] | None = None

    def take(self, index: NDArray[np.int64]) -> Answer:
        """Return the answers to the chosen questions."""
        return Answer(
            score=None if self.score is None else self.score[index],
            rank_n=None if self.rank_n is None else self.rank_n[index],
            top_nK=None if self.top_nK is None else self.top_nK[index],
        )


class Baseline(Protocol):
    """One simple method. name: what the certificate calls it.

    A method may also say `cheap = False`, or `cheap(examples)`, if it takes more than seconds: it is then left out of
    certificates. It may tell with `refusal(examples, division)` why it does not answer where it could.
    """

    name: str

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the method can answer this task's questions."""
        ...

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return answers to the examples `at`.

        Learns from training examples and from `division.inputs`; settings may be chosen on validation half A.
        """
        ...


BASELINES: Shelf[type[Baseline]] = Shelf("baseline", "motet.baseline")


def is_cheap(method: Baseline, examples: Examples) -> bool:
    """Return whether a method answers this task in seconds."""
    told = getattr(method, "cheap", True)
    return bool(told(examples) if callable(told) else told)


def refusal(method: Baseline, examples: Examples, division: Division) -> str:
    """Return why a method does not answer a task, in words."""
    told = getattr(method, "refusal", None)
    reason = told(examples, division) if told is not None else ""
    return reason or f"{method.name} does not answer such a question"
