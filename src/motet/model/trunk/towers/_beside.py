"""What was read of a sequence of words, put beside the language model's vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

HIDDEN = 128


class Beside(nn.Module):
    """Two GELU layers over [language-model vector, S numbers of the sequence], with a skip around them."""

    def __init__(self, text: int, sequence: int, width: int) -> None:
        super().__init__()
        joined = HIDDEN + sequence
        self.vector = nn.Sequential(nn.Dropout(0.2), nn.Linear(text, HIDDEN))
        self.enter = nn.Sequential(nn.LayerNorm(joined), nn.Dropout(0.3))
        self.layers = nn.Sequential(
            nn.Linear(joined, HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, HIDDEN), nn.GELU()
        )
        self.leave = nn.Linear(HIDDEN + joined, width)

    def forward(self, vector_nT: Tensor, sequence_nS: Tensor) -> Tensor:
        """Return (n, width)."""
        joined = self.enter(torch.cat([self.vector(vector_nT), sequence_nS], dim=1))
        return self.leave(torch.cat([self.layers(joined), joined], dim=1))


def highest(x_nLS: Tensor, known_nL: Tensor) -> Tensor:
    """Return the highest value over the known places, (n, S); zero where there is none."""
    if x_nLS.shape[1] == 0:
        return x_nLS.new_zeros(len(x_nLS), x_nLS.shape[2])
    top = x_nLS.masked_fill(~known_nL[:, :, None], -torch.inf).amax(1)
    return top.masked_fill(~known_nL.any(1)[:, None], 0.0)
