"""Two users' states to what a view of pairs shows: what they are together, and how they meet.

The product of two projections is the bilinear form of a relation: with a head's weights w on it, the score of users a
and b is aᵀ Pᵀ diag(w) P b, any symmetric form at full width (Yang et al. 2015, arXiv:1412.6575, in a learned basis). It
is made here, not in the head, so that strategies and valves act on it as on everything else that is shared.
"""

from __future__ import annotations

from torch import Tensor, nn


class Pair(nn.Module):
    """Undirected pairs share one projection, so that (a, b) is answered as (b, a); directed ones have one per side."""

    def __init__(self, width: int, *, directed: bool) -> None:
        super().__init__()
        self.first = nn.Linear(width, width, bias=False)
        self.second = nn.Linear(width, width, bias=False) if directed else self.first

    def forward(self, one_nd: Tensor, other_nd: Tensor) -> tuple[Tensor, Tensor]:
        """Return (the mean of both sides, their product), (n, width) each."""
        one, other = self.first(one_nd), self.second(other_nd)
        return (one + other) / 2, one * other
