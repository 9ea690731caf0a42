"""A causal transformer over a history.

Positions are counted backwards from the asking event by a learned bias per head and distance (Shaw et al. 2018,
arXiv:1803.02155, in its scalar form), so that every prefix of a history is read as if it were the whole.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.trunk.readers._protocol import READERS


class Attention(nn.Module):
    """Causal multi-head attention with a distance bias and a window of `max_history` events.

    The profile token (position 0) has a bias of its own and is seen from everywhere.
    """

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.size, self.window, self.dropout = heads, width // heads, window, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(heads, window + 1))
        self.profile = nn.Parameter(torch.zeros(heads))

    def forward(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Return (B, T, d). known_BT: whether a token is no padding."""
        B, T, _ = x_BTd.shape
        q, k, v = self.qkv(x_BTd).view(B, T, 3, self.heads, self.size).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / self.size**0.5 + self._bias(T)
        scores = scores.masked_fill(~known_BT[:, None, None, :], -1e9)
        weights = F.dropout(torch.softmax(scores, dim=-1), self.dropout, self.training)
        return self.out((weights @ v).transpose(1, 2).reshape(B, T, self.heads * self.size))

    def keep_heads(self, heads: int) -> None:
        """Make room for so many heads only, each as wide as before; their weights are new."""
        width, inside = self.qkv.in_features, heads * self.size
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * inside), nn.Linear(inside, width)
        self.distance = nn.Parameter(torch.zeros(heads, self.window + 1))
        self.profile = nn.Parameter(torch.zeros(heads))

    def _bias(self, T: int) -> Tensor:
        step = torch.arange(T, device=self.distance.device)
        back = step[:, None] - step[None, :]
        bias = self.distance[:, back.clamp(0, self.window)]
        bias = torch.cat([self.profile[:, None, None].expand(-1, T, 1), bias[:, :, 1:]], dim=2)
        hidden = (back < 0) | ((back >= self.window) & (step[None, :] > 0))
        return bias.masked_fill(hidden, -1e9)


@READERS.register("transformer")
class TransformerLayer(nn.Module):
    """Pre-norm attention and a GELU feed-forward layer, both residual."""

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention, self.norm_forward = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, window, dropout)
        self.forward_layer = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Return (B, T, d)."""
        x_BTd = x_BTd + self.dropout(self.attention(self.norm_attention(x_BTd), known_BT))
        return x_BTd + self.dropout(self.forward_layer(self.norm_forward(x_BTd)))
