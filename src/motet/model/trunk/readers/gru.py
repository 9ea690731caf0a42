"""A gated recurrent unit over a history (Hidasi et al. 2016, arXiv:1511.06939, who read sessions so)."""

from __future__ import annotations

from torch import nn

from motet.model.trunk.readers._protocol import READERS
from motet.model.trunk.readers._recurrent import Recurrent


@READERS.register("gru")
class GruLayer(Recurrent):
    """One layer of GRU; heads and window mean nothing to it."""

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None:
        super().__init__(nn.GRU, width, dropout)
