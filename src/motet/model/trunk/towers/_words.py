"""Vectors of words, learned with the tower."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.features.word_ids import UNKNOWN

WORD_WIDTH = 64
WORD_DROPOUT = 0.1
"""So many words of a text are taken for unknown ones in a step, so that an unknown one is nothing to stumble over."""


class Words(nn.Module):
    """Ids to vectors; padding, id 0, is a row of zeros."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(max(size, UNKNOWN + 1), WORD_WIDTH, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[0] = 0.0
        self.dropout = nn.Dropout(0.3)

    def forward(self, word_nL: Tensor) -> Tensor:
        """Return (n, L, WORD_WIDTH)."""
        if self.training:
            lost = (torch.rand(word_nL.shape, device=word_nL.device) < WORD_DROPOUT) & (word_nL > 0)
            word_nL = torch.where(lost, UNKNOWN, word_nL)
        return self.dropout(F.embedding(word_nL, self.table.weight, padding_idx=0)) * (word_nL > 0)[:, :, None]
