"""What a static encoder looks up in a text: words, pairs of neighbours, and pieces of words that it does not know.

n = texts, V = units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

MOST_WORDS, MOST_PAIRS, MOST_PIECES = 30_000, 20_000, 10_000
LEAST_WORD, LEAST_PAIR, LEAST_PIECE = 2, 3, 3
"""Rarer ones are not known: pieces of rare words learn what to say of words that never came."""
SIZE = 3
"""Characters of a piece, of a word between its borders."""
MOST_REMEMBERED = 100_000
BORDER = "·"

T = TypeVar("T", str, tuple[str, str])


@dataclass(frozen=True)
class Units:
    """Known words, pairs of neighbouring words (joined by a blank) and pieces of words, numbered in this order."""

    words: tuple[str, ...]
    pairs: tuple[str, ...]
    pieces: tuple[str, ...]
    _remembered: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs) + len(self.pieces)

    @cached_property
    def _word(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(self.words)}

    @cached_property
    def _pair(self) -> dict[tuple[str, str], int]:
        split = (pair.partition(" ") for pair in self.pairs)
        return {(first, second): len(self.words) + at for at, (first, _, second) in enumerate(split)}

    @cached_property
    def _piece(self) -> dict[str, int]:
        return {piece: len(self.words) + len(self.pairs) + at for at, piece in enumerate(self.pieces)}

    def rows(self, texts: Sequence[Sequence[str]]) -> sp.csr_matrix:
        """Return (n, V) of texts that are cut into words: how often each unit comes, by the root of the text's length.

        A word that is not known counts as its pieces, each in equal parts. By the root and not by the length, since
        the sum of words that point anywhere grows so.
        """
        indices: list[int] = []
        values: list[float] = []
        ends = [0]
        word, pair = self._word, self._pair
        for tokens in texts:
            share = 1 / max(1, len(tokens)) ** 0.5
            known = [at for each in tokens if (at := word.get(each)) is not None]
            known += [at for each in zip(tokens, tokens[1:], strict=False) if (at := pair.get(each)) is not None]
            indices += known
            values += [share] * len(known)
            for each in tokens:
                if each not in word and (found := self._pieces_of(each)):
                    indices += found
                    values += [share / len(found)] * len(found)
            ends.append(len(indices))
        arrays = (np.asarray(values, np.float32), np.asarray(indices, np.int32), np.asarray(ends, np.int64))
        return sp.csr_matrix(arrays, shape=(len(texts), len(self)))

    def spelt(self) -> sp.csr_matrix:
        """Return (pieces, words): which share of a piece's known words each word is."""
        first, rows, columns = len(self.words) + len(self.pairs), [], []
        for at, word in enumerate(self.words):
            found = self._pieces_of(word)
            rows += [piece - first for piece in found]
            columns += [at] * len(found)
        matrix = sp.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)), shape=(len(self.pieces), len(self.words))
        )
        total = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
        return sp.csr_matrix(sp.diags(1 / total.astype(np.float32)) @ matrix)

    def without(self, gone: NDArray[np.bool_]) -> Units:
        """Return the units with those marked put away, every other at its place."""
        ends = np.cumsum([len(self.words), len(self.pairs), len(self.pieces)])
        words, pairs, pieces = [
            tuple(f"\x00{at}" if lost else unit for at, (unit, lost) in enumerate(zip(units, marks, strict=True)))
            for units, marks in zip((self.words, self.pairs, self.pieces), np.split(gone, ends[:-1]), strict=True)
        ]
        return Units(words, pairs, pieces)

    def _pieces_of(self, word: str) -> list[int]:
        found = self._remembered.get(word)
        if found is None:
            found = [at for each in pieces_of(word) if (at := self._piece.get(each)) is not None]
            if len(self._remembered) < MOST_REMEMBERED:
                self._remembered[word] = found
        return found


def pieces_of(word: str) -> list[str]:
    """Return the runs of three characters in a word between its borders; of a very long one, in its beginning."""
    told = f"{BORDER}{word[:64]}{BORDER}"
    return [told[at : at + SIZE] for at in range(max(1, len(told) - SIZE + 1))]


def fit_units(texts: Iterable[Sequence[str]]) -> Units:
    """Return the units of texts that are cut into words, the most frequent first.

    Of few texts every word is known; otherwise those that came twice.
    """
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    pieces: Counter[str] = Counter()
    for tokens in texts:
        words.update(tokens)
        pairs.update(zip(tokens, tokens[1:], strict=False))
    for word in words:
        pieces.update(pieces_of(word))
    least = LEAST_WORD if len(words) > 1_000 else 1
    return Units(
        tuple(_frequent(words, least, MOST_WORDS)),
        tuple(" ".join(pair) for pair in _frequent(pairs, LEAST_PAIR, MOST_PAIRS)),
        tuple(_frequent(pieces, LEAST_PIECE if least > 1 else 1, MOST_PIECES)),
    )


def _frequent(counted: Counter[T], least: int, most: int) -> list[T]:
    """The most frequent; equals in the order of their names, so that two runs agree."""
    kept = sorted((each for each in counted.items() if each[1] >= least), key=lambda each: (-each[1], each[0]))
    return [name for name, _ in kept[:most]]
