"""A long short-term memory over a history (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from torch import nn

from motet.model.trunk.readers._protocol import READERS
from motet.model.trunk.readers._recurrent import Recurrent


@READERS.register("lstm")
class LstmLayer(Recurrent):
    """One layer of LSTM; heads and window mean nothing to it."""

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None:
        super().__init__(nn.LSTM, width, dropout)
