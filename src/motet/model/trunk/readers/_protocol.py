"""The contract of a layer that reads histories. B = histories, T = tokens (the profile first), d = width."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from motet.registry import Shelf


class Reader(Protocol):
    """One layer, residual, of which the history trunk stacks `trunk.layers`.

    heads, window: what a layer with attention needs; others may ignore them.
    """

    def __init__(self, width: int, heads: int, window: int, dropout: float) -> None: ...

    def forward(self, x_BTd: Tensor, known_BT: Tensor) -> Tensor:
        """Return states (B, T, d), of which the one at t has read tokens 0 … t and none after it.

        known_BT: whether a token is no padding; padding, wherever it stands, changes no state of a known token.
        """
        ...


READERS: Shelf[type[nn.Module]] = Shelf("history trunk", "motet.model.trunk.readers")
