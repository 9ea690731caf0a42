"""The text tower: a language-model vector and trainable n-gram bags, into the trunk's space.

A frozen vector alone loses to TF-IDF on sentiment; both together win (see docs/decisions).
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.inputs import BagTensors
from motet.model.padded import PaddedBags
from motet.model.shape import ViewShape

BAG_WIDTH = 64
HIDDEN = 128
BAG_GAIN = 4.0
NGRAM_DROPOUT = 0.6


def drop_ngrams(bags: dict[str, BagTensors], *, training: bool, rate: float = NGRAM_DROPOUT) -> dict[str, BagTensors]:
    """Return the bags with a share of their n-grams silenced, in training."""
    if not training:
        return bags
    return {
        family: BagTensors(bag.ids, bag.starts, F.dropout(bag.weights, rate, training=True))
        for family, bag in bags.items()
    }


def sum_bags(table: Tensor, bag: BagTensors) -> Tensor:
    """Return the weighted sum of each row's vectors, (n, d)."""
    if isinstance(bag, PaddedBags):
        return bag.summed(table)
    return F.embedding_bag(
        bag.ids, table, bag.starts, mode="sum", per_sample_weights=bag.weights, include_last_offset=True
    )


class TextTower(nn.Module):
    """Two GELU layers over [language-model vector, word bag, character bag], with a skip around them."""

    reads: ClassVar = "ngrams"

    def __init__(self, view: ViewShape, width: int) -> None:
        super().__init__()
        self.bags = nn.ModuleDict({family: nn.Embedding(max(size, 1), BAG_WIDTH) for family, size in view.bags.items()})
        for table in self.bags.values():
            nn.init.normal_(table.weight, std=0.02)  # type: ignore[arg-type]
        self.vector = nn.Linear(view.text, HIDDEN)
        joined = HIDDEN + BAG_WIDTH * len(view.bags)
        self.dropout = nn.Dropout(0.2)
        self.enter = nn.Sequential(nn.LayerNorm(joined), nn.Dropout(0.3))
        self.layers = nn.Sequential(
            nn.Linear(joined, HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, HIDDEN), nn.GELU()
        )
        self.leave = nn.Linear(HIDDEN + joined, width)

    def forward(self, vector_nT: Tensor, bags: dict[str, BagTensors], word_nL: Tensor | None = None) -> Tensor:
        """Return (n, width)."""
        parts = [self.vector(self.dropout(vector_nT))]
        parts += [BAG_GAIN * sum_bags(table.weight, bags[family]) for family, table in self.bags.items()]  # type: ignore[arg-type]
        joined = self.enter(torch.cat(parts, dim=1))
        return self.leave(torch.cat([self.layers(joined), joined], dim=1))
