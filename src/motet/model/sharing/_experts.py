"""Experts, and gates that mix them: what mmoe and ple are made of.

After HoME (Wang et al. 2024, arXiv:2408.05430), which found that experts die, are captured by one task, or starve where
a task has few rows: outputs are normalised, SiLU keeps a gradient below zero, and a gate of its own lets the
representation itself through beside the mixture. HoME normalises over the batch; here it is over the width, so that an
answer never depends on the other questions.

Axes: n questions, d width, E experts, g = 1 + E choices, the first of which is the representation itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from motet.model.sharing._layers import logit, standardise

ITSELF = "itself"
"""The name of a gate's first choice: the representation as it came."""
EXPERT = "expert "
"""The names of shared experts begin so."""
START = 0.95
"""How much of the representation itself a gate lets through at the start: nearly plain sharing."""


class Expert(nn.Module):
    """LN(B · SiLU(A · x)): (n, d) → (n, d), of unit variance over the width until its gain is learned."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.LayerNorm(width, bias=False)
        )

    def forward(self, x_nd: Tensor) -> Tensor:
        """Return (n, d)."""
        return self.layers(x_nd)


class Experts(nn.Module):
    """Several experts, which all read the same standardised representation."""

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(Expert(width) for _ in range(count))

    def forward(self, z_nd: Tensor) -> Tensor:
        """Return (n, E, d)."""
        x_nd = standardise(z_nd)
        return torch.stack([expert(x_nd) for expert in self.experts], dim=1)


class Gate(nn.Module):
    """How much of z itself, and how much of each expert: a sigmoid, and a softmax that is even at first.

    itself: the self-gate. choose: the softmax over experts.
    """

    def __init__(self, width: int, experts: int) -> None:
        super().__init__()
        self.itself, self.choose = nn.Linear(width, 1), nn.Linear(width, experts)
        for layer, start in ((self.itself, logit(START)), (self.choose, 0.0)):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, start)

    def forward(self, z_nd: Tensor) -> Tensor:
        """Return shares (n, 1 + E) that sum to 1: of z itself, then of each expert."""
        x_nd = standardise(z_nd)
        itself_n1 = torch.sigmoid(self.itself(x_nd))
        return torch.cat([itself_n1, (1 - itself_n1) * torch.softmax(self.choose(x_nd), dim=1)], dim=1)


def mix(share_ng: Tensor, z_nd: Tensor, experts: Sequence[Tensor]) -> Tensor:
    """Return z and the experts' outputs (n, E, d), E over all of them, mixed by a gate's shares: (n, d)."""
    sizes = [1, *(each.shape[1] for each in experts)]
    itself_n1, *parts = share_ng.split(sizes, dim=1)
    mixed_nd = itself_n1 * z_nd
    for share_nE, expert_nEd in zip(parts, experts, strict=True):
        # products and sums beside each other: several times as quick as a batch of small matrix products
        mixed_nd = mixed_nd + (share_nE[..., None] * expert_nEd).sum(1)
    return mixed_nd


def expert_names(count: int, level: int | None = None) -> list[str]:
    """Return the names by which gates know shared experts: `expert 1`, or `expert 2.1` on the second level."""
    return [f"{EXPERT}{number}" if level is None else f"{EXPERT}{level}.{number}" for number in range(1, count + 1)]
