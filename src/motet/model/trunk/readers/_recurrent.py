"""What both recurrent layers share: they read known tokens only, one after the other."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Recurrent(nn.Module):
    """Pre-norm recurrence, residual: x + dropout(cell(norm(x))). A recurrence needs no positions and no window."""

    def __init__(self, cell: type[nn.GRU] | type[nn.LSTM], width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.cell = cell(width, width, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Return (B, T, d)."""
        return x_BTd + self.dropout(self._read(self.norm(x_BTd), known_BT))

    def _read(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Known tokens move to the front, where padding behind them cannot be heard, and their states back."""
        order_BT = torch.argsort((~known_BT).int(), dim=1, stable=True)
        place_BT = torch.argsort(order_BT, dim=1)
        states, _ = self.cell(_along(x_BTd, order_BT))
        return _along(states, place_BT)


def _along(x_BTd: Tensor, index_BT: Tensor) -> Tensor:
    return x_BTd.gather(1, index_BT[:, :, None].expand_as(x_BTd))
