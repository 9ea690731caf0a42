"""Private low-rank adapters: what a task adds to the shared representation, read from the trunk's blocks."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.shape import ModelShape
from motet.model.trunk.items import known_rows

OWN_ITEMS = 16
"""Width of a task's own item table."""


class Adapter(nn.Module):
    """Σ_b up_b · gelu(down_b · LN(h_b)) over the blocks that a view shows; zero at the start (Houlsby et al. 2019,
    arXiv:1902.00751, with the blocks side by side, so that the trunk is passed once for all tasks).
    """

    def __init__(self, blocks: tuple[str, ...], width: int, rank: int) -> None:
        super().__init__()
        self.down = nn.ModuleDict({_key(block): nn.Linear(width, rank) for block in blocks})
        self.up = nn.Linear(len(blocks) * rank, width, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, blocks: Mapping[str, Tensor]) -> Tensor:
        """Return (n, width) of the blocks' values, (n, width) each, given in the order of construction."""
        inner = [F.gelu(self.down[_key(name)](F.layer_norm(each, each.shape[-1:]))) for name, each in blocks.items()]
        return self.up(torch.cat(inner, dim=1))


class ItemAddition(nn.Module):
    """A narrow table of a task's own: up · a_i for item i; nothing at the start, and nothing for later items."""

    def __init__(self, num_items: int, width: int, *, size: int = OWN_ITEMS) -> None:
        super().__init__()
        self.delta = nn.Embedding(num_items + 1, size)
        nn.init.zeros_(self.delta.weight)
        self.up = nn.Linear(size, width, bias=False)

    def forward(self, item_n: Tensor) -> Tensor:
        """Return (n, width) for items (index + 1, or 0 for none)."""
        return self.up(known_rows(self.delta.weight, item_n)) * (item_n > 0)[:, None]

    def all(self, count: int) -> Tensor:
        """Return (count, width) for the rows of a catalogue, row 0 zero."""
        return self(torch.arange(count, device=self.delta.weight.device))


def adapter_blocks(shape: ModelShape, task: str) -> tuple[str, ...]:
    """Return the blocks that a task's adapter reads: those that its view shows; the history alone for a ranking."""
    each = shape.tasks[task]
    view = shape.views[each.view]
    if each.output == "ranking" and "history" in view.sources:
        return ("history",)
    order = [name for name in ("history", "item", "text", "row") if name in view.sources]
    past = ["item/past"] if view.about_items else []
    return (*order, *past, "fusion")


def _key(block: str) -> str:
    """A module's name may hold no slash or dot."""
    return block.replace("/", "_")
