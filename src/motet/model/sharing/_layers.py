"""Layers that strategies stack upon a representation: each begins as nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ResidualLayer(nn.Module):
    """x + B · SiLU(A · LN(x)), with B zero at the start, so that a new stack of layers hands on what it reads."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.enter, self.leave = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x_nd: Tensor) -> Tensor:
        """Return (n, width)."""
        return x_nd + self.leave(F.silu(self.enter(self.norm(x_nd))))


def standardise(x_nd: Tensor) -> Tensor:
    """Return every row with mean 0 and variance 1, (n, d): what gates look at, whatever the scale of a view."""
    return F.layer_norm(x_nd, x_nd.shape[-1:])


def logit(share: float) -> float:
    """Return the number whose sigmoid is `share`."""
    return float(torch.logit(torch.tensor(share, dtype=torch.float64)))
