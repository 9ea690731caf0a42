"""Vectors that were made elsewhere, into the trunk: one linear map and a layer norm per column."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class VectorAdapter(nn.Module):
    """The sum over columns of LN(W·v), or of what is learned to stand for a missing vector.

    sizes: numbers of each column's vectors. scale: the length of a column's share, in units of √width.
    """

    def __init__(self, sizes: Sequence[int], width: int, *, scale: float) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        self.maps = nn.ModuleList(nn.Linear(size, width, bias=False) for size in sizes)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in sizes)
        self.missing = nn.ParameterList(nn.Parameter(torch.zeros(width)) for _ in sizes)
        for norm in self.norms:
            nn.init.constant_(norm.weight, scale)  # type: ignore[arg-type]

    def forward(self, vectors_nV: Tensor) -> Tensor:
        """Return (n, width). vectors_nV: as features.Plain holds them."""
        out = vectors_nV.new_zeros(())
        begin = 0
        for size, map, norm, missing in zip(self.sizes, self.maps, self.norms, self.missing, strict=True):
            known = vectors_nV[:, begin + size : begin + size + 1]
            told = norm(map(vectors_nV[:, begin : begin + size]))
            out = out + known * told + (1 - known) * missing
            begin += size + 1
        return out
