"""The history trunk: a causal transformer over a user's profile and events.

Positions are counted backwards from the asking event by a learned bias per head and distance (Shaw et al. 2018,
arXiv:1803.02155, in its scalar form), so that every prefix of a history is read as if it were the whole.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.features.history import NUM_GAPS
from motet.model.inputs import EventTensors, PlainTensors
from motet.model.shape import ModelShape
from motet.model.trunk.columns import ColumnSum


class Attention(nn.Module):
    """Causal multi-head attention with a distance bias and a window of `max_history` events.

    The profile token (position 0) has a bias of its own and is seen from everywhere.
    """

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.window, self.dropout = heads, window, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(heads, window + 1))
        self.profile = nn.Parameter(torch.zeros(heads))

    def forward(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Return (B, T, d). known_BT: whether a token is no padding."""
        B, T, width = x_BTd.shape
        q, k, v = self.qkv(x_BTd).view(B, T, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5 + self._bias(T)
        scores = scores.masked_fill(~known_BT[:, None, None, :], -1e9)
        weights = F.dropout(torch.softmax(scores, dim=-1), self.dropout, self.training)
        return self.out((weights @ v).transpose(1, 2).reshape(B, T, width))

    def _bias(self, T: int) -> Tensor:
        step = torch.arange(T, device=self.distance.device)
        back = step[:, None] - step[None, :]
        bias = self.distance[:, back.clamp(0, self.window)]
        bias = torch.cat([self.profile[:, None, None].expand(-1, T, 1), bias[:, :, 1:]], dim=2)
        hidden = (back < 0) | ((back >= self.window) & (step[None, :] > 0))
        return bias.masked_fill(hidden, -1e9)


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


class HistoryTrunk(nn.Module):
    """States of users: token t = 0 is the profile, token t > 0 has read t events."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        width = shape.width
        self.scale = width**0.5
        self.start = nn.Parameter(torch.zeros(width))
        self.profile = None if shape.profile.empty else ColumnSum(shape.profile, width, scale=0.3)
        self.columns = None if shape.event_columns.empty else ColumnSum(shape.event_columns, width, scale=0.3)
        self.gap = nn.Embedding(NUM_GAPS, width)
        nn.init.normal_(self.gap.weight, std=0.05)
        self.text = nn.Linear(shape.event_text, width, bias=False) if shape.event_text else None
        self.dropout = nn.Dropout(shape.dropout)
        self.layers = nn.ModuleList(
            TransformerLayer(width, shape.heads, shape.max_history, shape.dropout) for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self,
        events: EventTensors,
        profiles: PlainTensors | None,
        event_BL: Tensor,
        user_B: Tensor,
        item_vectors_BLd: Tensor,
    ) -> Tensor:
        """Return states (B, L + 1, d)."""
        x_BLd = item_vectors_BLd * self.scale + F.embedding(events.gap_N[event_BL], self.gap.weight)
        if self.columns is not None:
            plain = events.plain.take(event_BL.flatten())
            x_BLd = x_BLd + self.columns(plain).view_as(x_BLd)
        if self.text is not None:
            x_BLd = x_BLd + self.text(events.text_vectors[events.text_N[event_BL]])
        first_Bd = self.start.expand(len(user_B), -1)
        if self.profile is not None and profiles is not None:
            first_Bd = first_Bd + self.profile(profiles.take(user_B))
        x_BTd = self.dropout(torch.cat([first_Bd[:, None, :], x_BLd], dim=1))
        known_BT = torch.cat([torch.ones_like(user_B, dtype=torch.bool)[:, None], event_BL > 0], dim=1)
        for layer in self.layers:
            x_BTd = layer(x_BTd, known_BT)
        return self.norm(x_BTd)
