"""Next item: a softmax over the whole catalogue, tied to the item vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motet.model.heads._protocol import HEADS
from motet.model.heads._softmax import fused_cross_entropy, sampled_cross_entropy
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State

FULL_SOFTMAX = 50_000
"""Catalogues above this size are trained against sampled negatives."""
NEGATIVES = 2_048


@HEADS.register("ranking")
class RankingHead(nn.Module):
    """Scores are state · item + the item's bias. count_I: how often each item was seen, for drawing negatives."""

    count_I: Tensor

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape.num_items))
        self.register_buffer("count_I", torch.ones(shape.num_items), persistent=False)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return (n, I) scores of the catalogue."""
        assert vectors_Id is not None
        return z_nd @ vectors_Id[1:].t() + self.bias

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean cross-entropy over the catalogue; labels outside it have none."""
        assert vectors_Id is not None
        known = label_n >= 0
        states, target = z_nd[known], label_n[known]
        if len(target) == 0:
            return z_nd.sum() * 0.0
        if len(self.bias) <= FULL_SOFTMAX:
            return fused_cross_entropy(states, vectors_Id[1:], self.bias, target)
        return sampled_cross_entropy(
            states,
            vectors_Id[1:],
            self.bias,
            target,
            self.count_I,
            negatives=NEGATIVES,
        )

    def answer(self, scores: Tensor) -> Tensor:
        """Return log-probabilities (n, I)."""
        return scores.log_softmax(dim=1)
