"""A number in standardised units: Huber loss, so that the answer leans to the median and outliers do not rule.

A task may choose squared or absolute errors instead.
"""

from torch import Tensor, nn

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.losses import number_loss
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State


@HEADS.register("number")
class NumberHead(nn.Module):
    """Answers a number in learned units; features.Labels brings it back."""

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, 1)
        self.kind = task.loss

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return numbers (n,)."""
        return self.tower(z_nd, state)[:, 0] + self.tower.item_shift(state)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean loss."""
        return number_loss(self.scores(z_nd, state, vectors_Id), label_n, self.kind)

    def answer(self, scores: Tensor) -> Tensor:
        """Return the numbers as they are."""
        return scores
