"""Yes or no: one logit, binary cross-entropy unless the task chose another loss."""

import torch
from torch import Tensor, nn

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.losses import binary_loss
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("binary")
class BinaryHead(nn.Module):
    """Answers a probability."""

    weight_2: Tensor | None

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, 1)
        self.kind = task.loss
        self.register_buffer("weight_2", torch.tensor(task.label_weights) if task.label_weights else None, False)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n,)."""
        return self.tower(z_nd, state)[:, 0] + self.tower.item_shift(state)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean loss, each question weighted by its label."""
        return self.loss_of(self.scores(z_nd, state, vectors_Id), label_n)

    def loss_of(self, scores: Tensor, label_n: Tensor) -> Tensor:
        """Return the mean loss of logits, however they were made."""
        return binary_loss(scores, label_n, self.kind, self.weight_2)

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n,)."""
        return scores.sigmoid()
