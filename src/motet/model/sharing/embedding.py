"""One low-dimensional space for everything: users, items and texts as points that can be compared with one another.

After StarSpace (Wu et al. 2017, arXiv:1709.03856), where things of unlike kinds are learned as vectors of one space;
here the trunk makes them, and every task looks at the points through a linear map of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._protocol import SHARING

SHARPNESS = 10.0
"""What a ranking multiplies cosines with at first, so that a softmax over the catalogue can be sure of something."""


@SHARING.register("embedding")
class Embedding(SharedTrunk):
    """z → a point of unit length with `size` numbers (at most the trunk's width) → each task's own linear map."""

    reads = frozenset({"size"})

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.size = min(shape.sharing.size, shape.width)
        self.down = nn.Linear(shape.width, self.size, bias=False)
        nn.init.orthogonal_(self.down.weight)
        for task in shape.tasks:
            self.private[module_name(task)] = _Look(self.size, shape.width, ranks=task in self.rankings)

    def embed(self, z_nd: Tensor) -> Tensor:
        """Return the points of representations, or of items' vectors, (n, size), of unit length; nothing stays zero."""
        return F.normalize(self.down(z_nd), dim=-1)

    def adapt(self, tasks: Sequence[str], z_nd: Tensor) -> dict[str, Tensor]:
        """Return what each task sees of the points."""
        return {task: self._look(task).point(self._valved(task, z_nd)) for task in tasks}

    def items(self, task: str, vectors_Id: Tensor, *, rows: Tensor | None = None) -> Tensor:
        """Return the catalogue's points under the very map that the ranking puts users under."""
        return self._look(task).up(self._valved(task, super().items(task, vectors_Id, rows=rows)))

    def _look(self, task: str) -> _Look:
        return self.private[module_name(task)]  # type: ignore[return-value]

    def _valved(self, task: str, z_nd: Tensor) -> Tensor:
        return F.normalize(F.linear(z_nd, self.valves.through(task, "fusion", self.down.weight)), dim=-1)


class _Look(nn.Module):
    """A task's linear map from the space to the trunk's width.

    A ranking uses one map for users and items and begins with multiples of cosines: near in the space is then likely
    next. For other tasks the map begins with numbers as large as the trunk's.
    """

    def __init__(self, size: int, width: int, *, ranks: bool) -> None:
        super().__init__()
        self.up = nn.Linear(size, width, bias=False)
        nn.init.orthogonal_(self.up.weight, gain=1.0 if ranks else width**0.5)
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS).log()) if ranks else None

    def point(self, unit_ns: Tensor) -> Tensor:
        """Return what the head reads of points, (n, d)."""
        seen = self.up(unit_ns)
        return seen if self.sharpness is None else seen * self.sharpness.exp()
