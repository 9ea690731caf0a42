"""Plain columns into the trunk: summed for items, events and profiles; side by side for rows. Vectors among them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.inputs import PlainTensors
from motet.model.padded import PaddedPlain
from motet.model.shape import ColumnShape
from motet.model.trunk.adapter import VectorAdapter

CODE_WIDTH = 8
VECTOR_SCALE = 0.5


def tag_mean(table: nn.Embedding, plain: PlainTensors) -> Tensor:
    """Return the mean vector of each row's tags, (n, d); zero for a row without tags."""
    if isinstance(plain, PaddedPlain):
        return plain.tags.summed(table.weight)
    starts = plain.tag_starts
    return F.embedding_bag(plain.tag_ids, table.weight, starts, mode="mean", include_last_offset=True)


class ColumnSum(nn.Module):
    """Every column is a vector of the trunk's width; a row is their sum."""

    def __init__(self, shape: ColumnShape, width: int, *, scale: float) -> None:
        super().__init__()
        self.codes = nn.Embedding(max(shape.codes, 1), width)
        self.tags = nn.Embedding(max(shape.tags, 1), width)
        self.bins = nn.Linear(shape.bins, width, bias=False) if shape.bins else None
        nn.init.normal_(self.codes.weight, std=scale)
        nn.init.normal_(self.tags.weight, std=scale)
        if self.bins is not None:
            nn.init.normal_(self.bins.weight, std=scale / max(shape.bins, 1) ** 0.5)
        self.vectors = VectorAdapter(shape.vectors, width, scale=scale) if shape.vectors else None
        self.has_codes, self.has_tags = shape.code_columns > 0, shape.tags > 0

    def forward(self, plain: PlainTensors) -> Tensor:
        """Return (n, width)."""
        out = torch.zeros(plain.codes_nC.shape[0], self.codes.embedding_dim, device=plain.codes_nC.device)
        if self.has_codes:
            out = out + F.embedding(plain.codes_nC, self.codes.weight).sum(1)
        if self.bins is not None:
            out = out + self.bins(plain.bins_nB)
        if self.has_tags:
            out = out + tag_mean(self.tags, plain)
        if self.vectors is not None:
            assert plain.vectors_nV is not None
            out = out + self.vectors(plain.vectors_nV)
        return out


class RowTower(nn.Module):
    """A plain row: code embeddings side by side with piecewise-linear numbers, then two GELU layers."""

    def __init__(self, shape: ColumnShape, width: int, *, dropout: float) -> None:
        super().__init__()
        self.codes = nn.Embedding(max(shape.codes, 1), CODE_WIDTH)
        self.tags = nn.Embedding(shape.tags, CODE_WIDTH) if shape.tags else None
        nn.init.normal_(self.codes.weight, std=0.1)
        inputs = shape.code_columns * CODE_WIDTH + shape.bins + (CODE_WIDTH if shape.tags else 0)
        inputs += width if shape.vectors else 0
        self.layers = nn.Sequential(
            nn.Linear(inputs, 2 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.LayerNorm(2 * width),
            nn.Linear(2 * width, 2 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(2 * width, width),
        )
        self.vectors = VectorAdapter(shape.vectors, width, scale=VECTOR_SCALE) if shape.vectors else None

    def forward(self, plain: PlainTensors) -> Tensor:
        """Return (n, width)."""
        parts = [F.embedding(plain.codes_nC, self.codes.weight).flatten(1), plain.bins_nB]
        if self.tags is not None:
            parts.append(tag_mean(self.tags, plain))
        if self.vectors is not None:
            assert plain.vectors_nV is not None
            parts.append(self.vectors(plain.vectors_nV))
        return self.layers(torch.cat(parts, dim=1))
