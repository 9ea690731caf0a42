"""Texts as words in order, for towers that read them so.

A word falls into one of 2²² buckets, as n-grams do (see `ngrams`); buckets that too few training texts fill stand for
an unknown word. Long texts keep head and tail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.features.ngrams import BUCKETS, READING, Tokenise, word_units

PADDING, UNKNOWN, FIRST = 0, 1, 2
"""Ids: behind a shorter text, of a word that training did not know, and of the known ones from here on."""
MAX_WORDS = 2**17
MIN_TEXTS = 2


@dataclass(frozen=True)
class WordRows:
    """n texts, laid end to end: text i has ids[offsets[i] : offsets[i + 1]], never 0, in reading order."""

    offsets: NDArray[np.int64]
    ids: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True)
class WordIds:
    """What was fitted: the buckets of known words, rising. most: words of a text; a longer one keeps head and tail."""

    buckets: NDArray[np.int32]
    most: int
    tokenise: Tokenise

    @property
    def size(self) -> int:
        """How many ids there are: rows of the table of word vectors."""
        return FIRST + len(self.buckets)

    def transform(self, texts: Sequence[str]) -> WordRows:
        """Return the ids of the texts' words. Of a long text the first three quarters and the last quarter stay."""
        row, bucket = _buckets(texts, self.tokenise)
        length = np.bincount(row, minlength=len(texts)).astype(np.int64)
        start = np.cumsum(length) - length
        place = np.arange(len(row)) - np.repeat(start, length)
        tail = self.most // 4
        many = np.repeat(length, length)
        kept = (many <= self.most) | (place < self.most - tail) | (place >= many - tail)
        known = np.searchsorted(self.buckets, bucket)
        padded = np.append(self.buckets, -1)
        ids = np.where(padded[known] == bucket, FIRST + known, UNKNOWN).astype(np.int32)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.minimum(length, self.most))])
        return WordRows(offsets, ids[kept])

    def truncated(self, texts: Sequence[str]) -> int:
        """Return how many of the texts are cut."""
        row, _ = _buckets(texts, self.tokenise)
        return int((np.bincount(row, minlength=len(texts)) > self.most).sum())

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return (how words are cut, as JSON values; their buckets)."""
        options = dict(getattr(self.tokenise, "options", {}))
        return {"most": self.most, **({READING: options} if options else {})}, {"buckets": self.buckets}

    @classmethod
    def from_parts(
        cls, fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, tokenise: Tokenise
    ) -> WordIds:
        """Return what `to_parts` wrote; a tokeniser is code, and must be given again."""
        options = fields.get(READING, {})
        reading = tokenise.like(options) if options else tokenise  # type: ignore[attr-defined]
        return cls(np.asarray(arrays["buckets"], np.int32), int(fields["most"]), reading)


def fit_words(texts: Sequence[str], tokenise: Tokenise, *, most: int) -> WordIds:
    """Return the ids of the words that at least two training texts hold; of very many, those that most texts hold."""
    row, bucket = _buckets(texts, tokenise)
    held = np.unique(row * BUCKETS + bucket) % BUCKETS
    word, count = np.unique(held, return_counts=True)
    word, count = word[count >= MIN_TEXTS], count[count >= MIN_TEXTS]
    if len(word) > MAX_WORDS:
        word = np.sort(word[np.argsort(-count, kind="stable")[:MAX_WORDS]])
    return WordIds(word.astype(np.int32), most, tokenise)


def _buckets(texts: Sequence[str], tokenise: Tokenise) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    row, unit = word_units(texts, tokenise)
    return row, (unit % np.uint64(BUCKETS)).astype(np.int64)
