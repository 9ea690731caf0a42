"""A question with some of its words and columns left out: what methods that ask a model many times ask it.

M = players (the words, then the columns of one question).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.recommend.insight import Attributing
from motet.recommend.port import Asked

AT_ONCE = 512


@dataclass(frozen=True)
class Coalitions:
    """One question to one task, whose words and columns can be left out."""

    scorer: Attributing
    task: str
    asked: Asked
    target: int
    text: str | None
    spans: tuple[tuple[int, int], ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, scorer: Attributing, task: str, asked: Asked, target: int, n: int) -> Coalitions:
        """Return the question at place n."""
        texts = scorer.read_texts(task, asked)
        text = None if texts is None else texts[n]
        spans = () if text is None else tuple(scorer.read_words(text))
        given = asked.frame.columns if asked.frame is not None else []
        columns = tuple(name for name in scorer.read_columns(task) if name in given)
        return cls(scorer, task, one_of(asked, n), target, text, spans, columns)

    def __len__(self) -> int:
        return len(self.spans) + len(self.columns)

    def values(self, present_nM: NDArray[Any]) -> NDArray[np.float64]:
        """Return the answers (n,) when only the players that are present say something."""
        present_nM = np.asarray(present_nM).astype(bool)
        found = [self._values(present_nM[at : at + AT_ONCE]) for at in range(0, len(present_nM), AT_ONCE)]
        return np.concatenate([np.zeros(0), *found])

    def _values(self, present_nM: NDArray[np.bool_]) -> NDArray[np.float64]:
        n, words = len(present_nM), len(self.spans)
        many = repeated(self.asked, n)
        texts = None if self.text is None else [self._without(row[:words]) for row in present_nM]
        frame = many.frame
        for at, name in enumerate(self.columns):
            assert frame is not None
            kept = pl.Series(present_nM[:, words + at])
            frame = frame.with_columns(pl.when(kept).then(pl.col(name)).otherwise(None).alias(name))
        changed = Asked(n, many.histories, many.items_n, frame, texts, many.others, many.pairs)
        return self.scorer.margins(self.task, changed, self.target)[0]

    def _without(self, present: NDArray[np.bool_]) -> str:
        """The text without the absent words; the blanks around them stay, so that others do not run together."""
        assert self.text is not None
        parts, place = [], 0
        for (begin, end), kept in zip(self.spans, present, strict=True):
            parts.append(self.text[place:begin])
            parts.append(self.text[begin:end] if kept else "")
            place = end
        return "".join([*parts, self.text[place:]]) if present.any() else ""


def one_of(asked: Asked, n: int) -> Asked:
    """Return one of the questions."""

    def one(many: Any) -> Any:
        return None if many is None else many[n : n + 1]

    return Asked(1, *(one(each) for each in _fields(asked)))


def repeated(asked: Asked, times: int) -> Asked:
    """Return one question, asked many times."""
    histories, items_n, frame, texts, others, pairs = _fields(asked)
    return Asked(
        times,
        None if histories is None else list(histories) * times,
        None if items_n is None else np.repeat(items_n, times),
        None if frame is None else frame[np.zeros(times, np.int64)],
        None if texts is None else list(texts) * times,
        None if others is None else list(others) * times,
        None if pairs is None else list(pairs) * times,
    )


def _fields(asked: Asked) -> tuple[Any, ...]:
    return asked.histories, asked.items_n, asked.frame, asked.texts, asked.others, asked.pairs
