"""What a scorer may tell of its own answers, beside giving them: the words of explanations.

A scorer that does not is explained by what leaving out past events changes alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from motet.recommend.port import Asked

TEXT, MEMORY = "@text", "@memory"
"""Beside items' columns, what can be blanked: the vector of an item's words, and the memory of a ranking."""


@runtime_checkable
class Insight(Protocol):
    """A scorer that can leave parts of an item, or the memory, out of account. Shapes are as in `port`."""

    @property
    def traits(self) -> Sequence[str]:
        """What can be blanked of items: `@text` and names of columns."""
        ...

    def blanked_scores(self, task: str, states: Any, items_Bn: NDArray[np.int32], trait: str) -> NDArray[np.float32]:
        """Return a task's answers about n items per user, each of which alone lacks a trait (or without `@memory`).

        Of a ranking: log-probabilities (B, n), as `next_item_scores` has them; else as `task_scores`.
        """
        ...

    def memory_share(self, states: Any, items_Bn: NDArray[np.int32]) -> NDArray[np.float32] | None:
        """Return (B, n), from 0 to 1: how much of what speaks for an item only the memory says; None without one."""
        ...


@dataclass(frozen=True)
class WordWeights:
    """What a question's words, columns and vector contributed to one answer, by the model's own gradients.

    spans: (first character, behind the last) of the text, and what that run contributed. columns: by the row's column.
    whole: what the language model's vector of the whole text contributed, or None where the task reads none.
    base, total: the answer about an empty question, and about this one; the contributions sum to their difference up
    to the error of the integration.
    """

    spans: tuple[tuple[int, int, float], ...] = ()
    columns: Mapping[str, float] = field(default_factory=dict)
    whole: float | None = None
    base: float = 0.0
    total: float = 0.0


@runtime_checkable
class Attributing(Protocol):
    """A scorer that answers on the scale on which contributions add up, and follows its gradients."""

    def margins(self, task: str, asked: Asked, target: int | None = None) -> tuple[NDArray[np.float64], int]:
        """Return (n,) answers before calibration, and which label they are about.

        binary: log-odds of yes. class: log-probability of the label `target`. tags: log-odds of that tag. rating:
        the mean. number: the value. target: a place among the classes or tags; by default the likeliest of the first
        question.
        """
        ...

    def gradients(self, task: str, asked: Asked, target: int) -> list[WordWeights]:
        """Return contributions per question by integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365)."""
        ...

    def read_texts(self, task: str, asked: Asked) -> Sequence[str] | None:
        """Return the texts that a task reads of its questions, or None where it reads none."""
        ...

    def read_columns(self, task: str) -> tuple[str, ...]:
        """Return the plain columns that a task reads of its questions' rows."""
        ...

    def read_words(self, text: str) -> list[tuple[int, int]]:
        """Return where the words of a text stand: first character, behind the last."""
        ...
