"""One of many: softmax cross-entropy; a class that training never showed has no loss."""

from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("class")
class ClassHead(nn.Module):
    """Answers probabilities of the classes."""

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, task.size)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n, C)."""
        return self.tower(z_nd, state)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean cross-entropy over known classes."""
        logits = self.scores(z_nd, state, vectors_Id)
        total = F.cross_entropy(logits, label_n, ignore_index=-1, reduction="sum")
        return total / (label_n >= 0).sum().clamp(min=1)

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n, C)."""
        return scores.softmax(dim=1)
