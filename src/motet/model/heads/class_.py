"""One of many: softmax cross-entropy or the task's own choice; a class that training never showed has no loss."""

import torch
from torch import Tensor, nn

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.losses import class_loss
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("class")
class ClassHead(nn.Module):
    """Answers probabilities of the classes."""

    weight_C: Tensor | None

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, task.size)
        self.kind = task.loss
        self.register_buffer("weight_C", torch.tensor(task.label_weights) if task.label_weights else None, False)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n, C)."""
        return self.tower(z_nd, state)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean loss over questions of known classes, each weighted by its class."""
        return class_loss(self.scores(z_nd, state, vectors_Id), label_n, self.kind, self.weight_C)

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n, C)."""
        return scores.softmax(dim=1)
