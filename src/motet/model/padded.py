"""Bags and plain rows with as many places for everybody: what a graph of fixed operations can read.

K = places of the longest row; a place that is not used weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from motet.model.inputs import BagTensors, PlainTensors, WordTensors


class PaddedBags(BagTensors):
    """Ids and weights, (n, K) each."""

    def __init__(self, ids_nK: Tensor, weights_nK: Tensor) -> None:
        super().__init__(ids_nK, ids_nK, weights_nK)

    def take(self, rows: Tensor) -> PaddedBags:
        """Return the chosen rows."""
        return PaddedBags(self.ids[rows], self.weights[rows])

    def summed(self, table: Tensor) -> Tensor:
        """Return the weighted sum of each row's vectors, (n, d)."""
        return torch.bmm(self.weights[:, None, :], table[self.ids])[:, 0]


@dataclass(frozen=True)
class PaddedPlain(PlainTensors):
    """Plain columns whose tags stand in padded bags that weigh as a mean does."""

    tags: PaddedBags = None  # type: ignore[assignment]

    def take(self, rows: Tensor) -> PaddedPlain:
        """Return the chosen rows."""
        vectors = None if self.vectors_nV is None else self.vectors_nV[rows]
        tags = self.tags.take(rows)
        return PaddedPlain(self.codes_nC[rows], self.bins_nB[rows], tags.ids, tags.ids, vectors, tags)


class PaddedWords(WordTensors):
    """Words of every row, (n, L), 0 behind the shorter ones."""

    def __init__(self, word_nL: Tensor) -> None:
        super().__init__(word_nL, word_nL)

    def take(self, rows: Tensor) -> Tensor:
        """Return the words of the chosen rows."""
        return self.ids[rows]
