"""The contract of an encoder: texts in, vectors out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from motet.registry import Shelf
from motet.schema import EncoderConfig

Progress = Callable[[int, int], None]
"""Called with (texts done, texts in all)."""

State = Mapping[str, Any]
"""What fitting learned: a flat mapping of names to NumPy arrays or plain JSON values."""


class Encoder(Protocol):
    """Turns texts into vectors.

    id: a name and a digest of the weights and of all that changes a vector; cached vectors are found by it.
    width: length of a vector, known before anything is encoded.
    pretrained: whether it works without `fit`; only such vectors are worth a place in the cache.
    truncated: how many of the texts encoded so far were longer than it reads, and kept only head and tail.
    """

    pretrained: bool
    truncated: int

    @property
    def width(self) -> int:
        """Length of a vector."""
        ...

    @property
    def id(self) -> str:
        """Name and digest."""
        ...

    def fit(self, texts: Sequence[str]) -> None:
        """Learn from training texts; does nothing where the weights are given."""
        ...

    def encode(self, texts: Sequence[str], *, on_progress: Progress | None = None) -> NDArray[np.float32]:
        """Return one vector per text, (n, width), of unit length; zeros where there is nothing to read."""
        ...

    def state(self) -> State:
        """Return what `fit` learned; empty where the weights are given."""
        ...

    def restore(self, state: State) -> None:
        """Take over what `state` returned, in place of fitting."""
        ...


EncoderFactory = Callable[[EncoderConfig], Encoder]

ENCODERS: Shelf[EncoderFactory] = Shelf("encoder", "motet.language.encoders")
