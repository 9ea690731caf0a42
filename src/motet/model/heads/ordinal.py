"""Ordered levels: a distribution, trained by cross-entropy and the ranked probability score (Epstein 1969).

The second term punishes mass far from the true level more than mass beside it; both are proper scores, so median,
mean and mode of the answer can be read off as each metric asks.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("ordinal")
class OrdinalHead(nn.Module):
    """Answers probabilities of the levels. An item's shift moves mass along the scale."""

    scale_C: Tensor

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, task.size)
        levels = torch.tensor(task.levels)
        self.register_buffer("scale_C", (levels - levels.mean()) / levels.std(correction=0).clamp(min=1e-6), False)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n, C)."""
        logits = self.tower(z_nd, state)
        shift = self.tower.item_shift(state)
        return logits if isinstance(shift, float) else logits + shift[:, None] * self.scale_C

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean of cross-entropy + ranked probability score."""
        logits = self.scores(z_nd, state, vectors_Id)
        below = logits.softmax(dim=1).cumsum(dim=1)[:, :-1]
        truth = (label_n[:, None] <= torch.arange(below.shape[1], device=below.device)).float()
        return F.cross_entropy(logits, label_n) + ((below - truth) ** 2).sum(dim=1).mean()

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n, C)."""
        return scores.softmax(dim=1)
