"""What most heads have: a small layer, a wide path from n-grams, and a shift per item."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State
from motet.model.trunk.items import known_rows
from motet.model.trunk.text import sum_bags


class Tower(nn.Module):
    """Linear + GELU + linear on z, plus a zero-initialised wide path from n-grams straight to the scores.

    Where the view shows an item that is not itself the question, each item also has a scalar shift along one learned
    direction (its popularity, or how well it is liked); zero at the start.
    """

    def __init__(self, task: TaskShape, shape: ModelShape, size: int) -> None:
        super().__init__()
        view = shape.views[task.view]
        width = shape.width
        self.hidden = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(0.1))
        self.out = nn.Linear(2 * width, size)
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.out.bias)
        self.wide = nn.ModuleDict({family: nn.Embedding(max(count, 1), size) for family, count in view.bags.items()})
        for table in self.wide.values():
            nn.init.zeros_(table.weight)  # type: ignore[arg-type]
        self.shift = None
        if "item" in view.sources and not view.about_items:
            self.shift = nn.Embedding(shape.num_items + 1, 1)
            nn.init.zeros_(self.shift.weight)

    def forward(self, z_nd: Tensor, state: State) -> Tensor:
        """Return (n, size) scores."""
        scores = self.out(torch.cat([self.hidden(z_nd), z_nd], dim=1))
        for family, table in self.wide.items():
            scores = scores + sum_bags(table.weight, state.bags[family])  # type: ignore[arg-type]
        return scores

    def item_shift(self, state: State) -> Tensor | float:
        """Return the asked items' shifts, (n,), or 0."""
        if self.shift is None or state.item_n is None:
            return 0.0
        return known_rows(self.shift.weight, state.item_n)[:, 0]
