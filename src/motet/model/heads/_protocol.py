"""The contract of a head: a representation in, scores out, and the loss between scores and labels."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State
from motet.registry import Shelf


class Head(Protocol):
    """A task's own last layers. n = questions, C = the task's size.

    Built from (task, shape). `scores` are raw; `answer` turns them into what evaluation and people see.
    """

    def __init__(self, task: TaskShape, shape: ModelShape) -> None: ...

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return raw scores: (n,) for binary and number, (n, C) for class, tags and ordinal, (n, I) for a ranking."""
        ...

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean loss, a scalar."""
        ...

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities, or a number in learned units; a ranking answers log-probabilities."""
        ...


def head_name(task: TaskShape, shape: ModelShape) -> str:
    """Return the short name of a task's head: that of its output, or `relation` for a yes or no about two users."""
    return "relation" if "other" in shape.views[task.view].sources else task.output


HEADS: Shelf[type[nn.Module]] = Shelf("head", "motet.model.heads")
