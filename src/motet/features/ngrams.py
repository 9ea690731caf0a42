"""Bags of hashed n-grams: what a text says literally, beside what a language model makes of it.

Two families, words and characters, and where it is asked for a third, parts of speech. An n-gram falls into one of
2²² buckets (feature hashing, Weinberger et al. 2009). Unlike there, buckets that too few training texts fill are
dropped and the others, at most 2¹⁸, numbered afresh: many buckets keep n-grams apart, few ids keep the embedding tables
small. Hashes are the same on every machine.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tokenise = Callable[[str], list[str]]
"""Text → words. It comes from the room that knows languages.

It may offer more: `plain(text)`, the normal form that character n-grams are taken from; `tags` and
`parts_of_speech(text)`; `options` and `like(options)`, so that what was fitted finds the same way of reading again.
"""

BUCKETS = 2**22
MAX_IDS = 2**18
"""Ids of a family; where more buckets qualify, those that most texts fill stay."""

CHUNK_TEXTS, CHUNK_CHARACTERS = 4_096, 4_000_000
"""How much is hashed at a time, to bound memory."""

READING = "reading"
"""Among the families' names in what is saved: the options of the tokeniser."""

_SPACE = ord(" ")


@dataclass(frozen=True)
class Bags:
    """Weighted sets of ids, one per text, laid end to end.

    offsets: n + 1 positions; text i has ids[offsets[i] : offsets[i + 1]], rising. weights: of unit length per text.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[np.integer[Any]]) -> Bags:
        """Return the bags of these rows, in this order; a row may come more than once."""
        start = self.offsets[rows]
        length = self.offsets[np.asarray(rows) + 1] - start
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
        places = np.repeat(start - offsets[:-1], length) + np.arange(offsets[-1])
        return Bags(offsets, self.ids[places], self.weights[places])


@dataclass(frozen=True)
class Family:
    """One family of n-grams.

    part: `word`, `char` or `tag`. sizes: smallest and largest n. within_words: character n-grams do not reach over a
    blank. min_df: training texts that must fill a bucket. buckets: the V buckets that stayed, rising; idf: their
    weights.
    """

    part: str
    sizes: tuple[int, int]
    within_words: bool
    min_df: int
    buckets: NDArray[np.int32]
    idf: NDArray[np.float32]

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.buckets)

    def transform(self, texts: Sequence[str], tokenise: Tokenise) -> Bags:
        """Return one bag per text: weights (1 + log tf)·idf, scaled to unit length; unknown n-grams are left out."""
        parts = [self._bags(chunk, tokenise) for chunk in _chunks(texts)]
        if not parts:
            return Bags(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
        lengths = np.concatenate([np.diff(bags.offsets) for bags in parts])
        return Bags(
            np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
            np.concatenate([bags.ids for bags in parts]),
            np.concatenate([bags.weights for bags in parts]),
        )

    @cached_property
    def _id_of(self) -> NDArray[np.int32]:
        """The id of every bucket, -1 for those that were dropped."""
        id_of = np.full(BUCKETS, -1, np.int32)
        id_of[self.buckets] = np.arange(self.size, dtype=np.int32)
        return id_of

    def _bags(self, texts: Sequence[str], tokenise: Tokenise) -> Bags:
        row, bucket, count = _counts(texts, tokenise, self.part, self.sizes, self.within_words)
        ids = self._id_of[bucket]
        row, ids, count = row[ids >= 0], ids[ids >= 0], count[ids >= 0]
        weight = (1 + np.log(count)) * self.idf[ids]
        length = np.sqrt(np.bincount(row, weight**2, minlength=len(texts)))
        per_text = np.bincount(row, minlength=len(texts))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(per_text)])
        return Bags(offsets, ids, (weight / length[row]).astype(np.float32))


@dataclass(frozen=True)
class NgramBag:
    """The fitted families, by name (`word`, `char`, `tag`), and the tokeniser that they were fitted with."""

    families: Mapping[str, Family]
    tokenise: Tokenise

    @property
    def sizes(self) -> dict[str, int]:
        """How many ids each family has: rows of its embedding table."""
        return {name: family.size for name, family in self.families.items()}

    def transform(self, texts: Sequence[str]) -> dict[str, Bags]:
        """Return the bags of each family, one per text."""
        return {name: family.transform(texts, self.tokenise) for name, family in self.families.items()}

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return (how n-grams are made, as JSON values; `word.buckets`, `word.idf`, `char.buckets`, `char.idf`)."""
        fields: dict[str, Any] = {
            name: {"sizes": list(family.sizes), "within_words": family.within_words, "min_df": family.min_df}
            for name, family in self.families.items()
        }
        arrays = {
            f"{name}.{key}": getattr(family, key)
            for name, family in self.families.items()
            for key in ("buckets", "idf")
        }
        options = dict(getattr(self.tokenise, "options", {}))
        return fields | ({READING: options} if options else {}), arrays

    @classmethod
    def from_parts(
        cls, fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, tokenise: Tokenise
    ) -> NgramBag:
        """Return what `to_parts` wrote; a tokeniser is code, and must be given again."""
        options = fields.get(READING, {})
        families = {
            name: Family(
                part=name,
                sizes=(int(made["sizes"][0]), int(made["sizes"][1])),
                within_words=bool(made["within_words"]),
                min_df=int(made["min_df"]),
                buckets=np.asarray(arrays[f"{name}.buckets"], np.int32),
                idf=np.asarray(arrays[f"{name}.idf"], np.float32),
            )
            for name, made in fields.items()
            if name != READING
        }
        return cls(families, tokenise.like(options) if options else tokenise)  # type: ignore[attr-defined]


def fit_ngrams(texts: Sequence[str], tokenise: Tokenise, *, chinese: bool = False) -> NgramBag:
    """Return the n-gram bag fitted on training texts.

    Words and pairs of words that at least 2 texts hold; and character n-grams that at least 5 hold: 2 to 4 within
    words or, for Chinese, 1 to 3 anywhere. Where the tokeniser offers tags, runs of up to 3 parts of speech too.
    """
    char_sizes = (1, 3) if chinese else (2, 4)
    families = {
        "word": _fit_family(texts, tokenise, part="word", sizes=(1, 2), within_words=False, min_df=2),
        "char": _fit_family(texts, tokenise, part="char", sizes=char_sizes, within_words=not chinese, min_df=5),
    }
    if getattr(tokenise, "tags", False):
        families["tag"] = _fit_family(texts, tokenise, part="tag", sizes=(1, 3), within_words=False, min_df=5)
    return NgramBag(families, tokenise)


def _fit_family(
    texts: Sequence[str], tokenise: Tokenise, *, part: str, sizes: tuple[int, int], within_words: bool, min_df: int
) -> Family:
    document_frequency = np.zeros(BUCKETS, np.int64)
    for chunk in _chunks(texts):
        _, bucket, _ = _counts(chunk, tokenise, part, sizes, within_words)
        document_frequency += np.bincount(bucket, minlength=BUCKETS)
    buckets = np.flatnonzero(document_frequency >= min_df)
    if len(buckets) > MAX_IDS:
        buckets = np.sort(buckets[np.argsort(-document_frequency[buckets], kind="stable")[:MAX_IDS]])
    idf = np.log((1 + len(texts)) / (1 + document_frequency[buckets])) + 1
    return Family(part, sizes, within_words, min_df, buckets.astype(np.int32), idf.astype(np.float32))


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = characters = 0
    for end, text in enumerate(texts):
        if end > start and (end - start >= CHUNK_TEXTS or characters + len(text) > CHUNK_CHARACTERS):
            yield texts[start:end]
            start, characters = end, 0
        characters += len(text)
    if start < len(texts):
        yield texts[start:]


def _counts(
    texts: Sequence[str], tokenise: Tokenise, part: str, sizes: tuple[int, int], within_words: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return (row, bucket, count), sorted by row and bucket, of all n-grams of some texts."""
    if part != "char":
        row, unit = word_units(texts, tokenise if part == "word" else tokenise.parts_of_speech)  # type: ignore[attr-defined]
        blank = None
    else:
        row, unit = _char_units(texts, getattr(tokenise, "plain", _plain))
        blank = unit == _SPACE if within_words else None
    keys = [_gram_keys(row, unit, size, blank) for size in range(sizes[0], sizes[1] + 1)]
    key, count = np.unique(np.concatenate(keys), return_counts=True)
    return key // BUCKETS, key % BUCKETS, count


def _gram_keys(
    row: NDArray[np.int64], unit: NDArray[np.uint64], size: int, blank: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """Return row · BUCKETS + bucket of every run of `size` units that stays in its row.

    blank: where a unit is a blank; a run may begin or end with one, which marks the edge of a word, but not hold one
    in between.
    """
    number = len(unit) - size + 1
    if number <= 0:
        return np.zeros(0, np.int64)
    whole = row[:number] == row[size - 1 :]
    if blank is not None:
        for inner in range(1, size - 1):
            whole &= ~blank[inner : inner + number]
    start = np.flatnonzero(whole)
    hashed = np.full(len(start), size, np.uint64)
    for step in range(size):
        hashed = _mix(hashed ^ unit[start + step])
    return row[start] * BUCKETS + (hashed % np.uint64(BUCKETS)).astype(np.int64)


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values with their bits well stirred (the finaliser of SplitMix64, Steele et al. 2014)."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def word_units(texts: Sequence[str], tokenise: Tokenise) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the row of each word, and a 64-bit number that stands for it."""
    number_of: dict[str, int] = {}
    units: list[int] = []
    lengths = np.zeros(len(texts), np.int64)
    for row, text in enumerate(texts):
        found = tokenise(text)
        lengths[row] = len(found)
        for word in found:
            number = number_of.get(word)
            if number is None:
                digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                number = number_of[word] = int.from_bytes(digest, "little")
            units.append(number)
    return np.repeat(np.arange(len(texts)), lengths), np.asarray(units, np.uint64)


def _char_units(texts: Sequence[str], plainly: Callable[[str], str]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the row and code point of each character of the texts in lower case, single blanks around words."""
    plain = [plainly(text) for text in texts]
    row = np.repeat(np.arange(len(texts)), np.fromiter(map(len, plain), np.int64, len(plain)))
    points = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), "<u4")
    return row, points.astype(np.uint64)


def _plain(text: str) -> str:
    text = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    words = text.split()
    return f" {' '.join(words)} " if words else ""
