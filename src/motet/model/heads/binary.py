"""Yes or no: one logit, binary cross-entropy."""

from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("binary")
class BinaryHead(nn.Module):
    """Answers a probability."""

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, 1)

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n,)."""
        return self.tower(z_nd, state)[:, 0] + self.tower.item_shift(state)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean binary cross-entropy."""
        return F.binary_cross_entropy_with_logits(self.scores(z_nd, state, vectors_Id), label_n)

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n,)."""
        return scores.sigmoid()
