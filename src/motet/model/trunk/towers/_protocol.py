"""The contract of a text tower. n = texts, T = width of the language model's vector, L = tokens of the longest."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from torch import Tensor, nn

from motet.model.inputs import BagTensors
from motet.model.shape import ViewShape
from motet.registry import Shelf


class TextReader(Protocol):
    """Built from a view's sizes. reads: what it looks at beside the vector; only that is made."""

    reads: ClassVar[Literal["ngrams", "words"]]

    def __init__(self, view: ViewShape, width: int) -> None: ...

    def forward(self, vector_nT: Tensor, bags: dict[str, BagTensors], word_nL: Tensor | None = None) -> Tensor:
        """Return (n, width).

        word_nL: ids of the words in order, 0 for padding behind them, which changes nothing; a text may be empty.
        """
        ...


TOWERS: Shelf[type[nn.Module]] = Shelf("text tower", "motet.model.trunk.towers")
