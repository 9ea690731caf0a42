"""Items that return: what a ranking adds to the score of an item that the user already had.

A learned weight on how often and on how lately, and a learned readiness of each item to return (milk does, a pan does
not); after the idea of a repeat mode beside an explore mode (Ren et al. 2019, arXiv:1812.02646), as plain addition.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motet.model.trunk.items import known_rows
from motet.model.trunk.past import Past


class Repeats(nn.Module):
    """Scores of past items."""

    def __init__(self, num_items: int) -> None:
        super().__init__()
        self.often = nn.Parameter(torch.ones(()))
        self.lately = nn.Parameter(torch.ones(()))
        self.shift = nn.Embedding(num_items + 1, 1)
        nn.init.zeros_(self.shift.weight)

    def forward(self, past: Past) -> Tensor:
        """Return what is added to the score of each pair, (P,)."""
        readiness = self.often + known_rows(self.shift.weight, past.item_p)[:, 0]
        return readiness * torch.log1p(past.count_p) + self.lately * past.nearness_p
