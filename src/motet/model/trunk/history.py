"""The history trunk: a user's profile and events, one token each, read from left to right."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.features.history import NUM_GAPS
from motet.model.inputs import EventTensors, PlainTensors
from motet.model.shape import ModelShape
from motet.model.trunk.columns import ColumnSum
from motet.model.trunk.readers import READERS


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
            READERS.get(shape.history)(width, shape.heads, shape.max_history, shape.dropout)
            for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self,
        events: EventTensors,
        profiles: PlainTensors | None,
        event_BL: Tensor,
        user_B: Tensor,
        item_vectors_BLd: Tensor,
        known_BL: Tensor | None = None,
    ) -> Tensor:
        """Return states (B, L + 1, d). known_BL: which events are no padding, by default those that are not 0."""
        x_BLd = item_vectors_BLd * self.scale + F.embedding(events.gap_N[event_BL], self.gap.weight)
        if self.columns is not None:
            plain = events.plain.take(event_BL.flatten())
            x_BLd = x_BLd + self.columns(plain).view_as(x_BLd)
        if self.text is not None:
            x_BLd = x_BLd + self.text(events.text_vectors[events.text_N[event_BL]])
        first_Bd = self.start.expand(user_B.shape[0], -1)
        if self.profile is not None and profiles is not None:
            first_Bd = first_Bd + self.profile(profiles.take(user_B))
        x_BTd = self.dropout(torch.cat([first_Bd[:, None, :], x_BLd], dim=1))
        known_BL = event_BL > 0 if known_BL is None else known_BL
        known_BT = torch.cat([torch.ones_like(user_B, dtype=torch.bool)[:, None], known_BL], dim=1)
        for layer in self.layers:
            x_BTd = layer(x_BTd, known_BT)
        return self.norm(x_BTd)
