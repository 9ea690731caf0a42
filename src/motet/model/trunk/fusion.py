"""What a view shows, put together: its sources, their products, and a residual layer."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor, nn


class Fusion(nn.Module):
    """z = mean of the sources + MLP(LN[sources, pairwise products]); shared by the tasks of a view."""

    def __init__(self, num_sources: int, width: int, *, dropout: float) -> None:
        super().__init__()
        joined = width * (num_sources + num_sources * (num_sources - 1) // 2)
        self.layers = nn.Sequential(
            nn.LayerNorm(joined),
            nn.Linear(joined, 2 * width),
            nn.GELU(),
            nn.Dropout(min(dropout, 0.2)),
            nn.Linear(2 * width, width),
        )

    def forward(self, sources: list[Tensor]) -> Tensor:
        """Return (n, width)."""
        products = [a * b for a, b in combinations(sources, 2)]
        return torch.stack(sources).mean(0) + self.layers(torch.cat([*sources, *products], dim=1))
