"""Texts as token ids, for a language model that is trained: what a trunk reads instead of finished vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motet.features.whitening import Standardise, Whitening


@dataclass(frozen=True)
class Tokens:
    """Row r holds ids[starts[r]:starts[r + 1]]; a row without any has no text.

    fit: what makes a vector of the language model fit for use. It was fitted on vectors of the model as it came, and
    stays: what is learned, is learned by the model behind it.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    fit: Standardise | Whitening

    def __len__(self) -> int:
        return len(self.starts) - 1

    def followed_by(self, other: Tokens) -> Tokens:
        """Return the rows of both, one after the other."""
        ids = np.concatenate([self.ids, other.ids])
        return replace(self, ids=ids, starts=np.concatenate([self.starts, self.starts[-1] + other.starts[1:]]))

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """Return the chosen rows, in this order."""
        return tokens_of([self.ids[self.starts[row] : self.starts[row + 1]] for row in rows], self.fit)

    def with_empty_first(self) -> Tokens:
        """Return the rows behind one without text."""
        return replace(self, starts=np.concatenate([[0], self.starts]))


def tokens_of(rows: Sequence[Sequence[int] | NDArray[np.int32]], fit: Standardise | Whitening) -> Tokens:
    """Return rows of token ids in one array."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    ids = np.concatenate([np.zeros(0, np.int32), *[np.asarray(row, np.int32) for row in rows]])
    return Tokens(ids.astype(np.int32), starts, fit)


def no_tokens(size: int, fit: Standardise | Whitening) -> Tokens:
    """Return so many rows without text."""
    return Tokens(np.zeros(0, np.int32), np.zeros(size + 1, np.int64), fit)
