"""What encoders that are fitted on a project's own texts have in common: reading in chunks, and a state to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motet.errors import MissingExtra, RequestError
from motet.language.chinese import HAN
from motet.language.encoders._protocol import Progress, State
from motet.language.tokenise import has_segmenter

MAX_CHARACTERS = 20_000
CHUNK = 8_192


class Fitted:
    """An encoder with a state, `cut` in it saying how texts are cut. name: what its id begins with.

    unfitted: what is said of one that has no state yet. truncated: texts that were too long so far.
    """

    name: ClassVar[str]
    unfitted: ClassVar[str]

    def __init__(self) -> None:
        self.truncated = 0
        self._state: dict[str, Any] = {}
        self._digest = ""

    @property
    def width(self) -> int:
        """Length of a vector."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The name, and once fitted a digest of what was learned."""
        return f"{self.name}:{self._digest}" if self._digest else self.name

    def encode(self, texts: Sequence[str], *, on_progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (n, width) of unit length; zeros for texts of which nothing is known."""
        if not self._state:
            raise RequestError(self.unfitted, "Fit it on training texts first.")
        found = np.zeros((len(texts), self.width), np.float32)
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            self.truncated += sum(len(text) > MAX_CHARACTERS for text in chunk)
            found[start : start + CHUNK] = self._encode(chunk)
            if on_progress:
                on_progress(start + len(chunk), len(texts))
        return found

    def state(self) -> State:
        """Return lists of strings and arrays."""
        return dict(self._state)

    def restore(self, state: State) -> None:
        """Take over a fitted state. MissingExtra where its texts were cut with jieba and jieba is not here."""
        if state["cut"] == "jieba" and not has_segmenter():
            raise MissingExtra("jieba, with which this model's texts were cut into words,", "language")
        self._take_over(dict(state))

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise NotImplementedError

    def _take_over(self, state: dict[str, Any]) -> None:
        raise NotImplementedError


def way_to_cut(texts: Sequence[str]) -> str:
    """Return jieba (characters without it) where at least one text in twenty holds Chinese, else simple."""
    chinese = sum(bool(HAN.search(text)) for text in texts)
    if not chinese or chinese * 20 < len(texts):
        return "simple"
    return "jieba" if has_segmenter() else "characters"
