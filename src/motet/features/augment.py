"""Histories and texts varied in training: emptied, shuffled, replaced. Labels and questions stay as they are.

Whether something is varied is drawn by a hash of the seed, the epoch and what it is (this stretch, this event, this
row), not in turn: a twin that skips the rows of other tasks sees its own varied as the joint model does.
B = histories, L = events of the longest, I = items, K = neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motet.features.batch import Hidden, Segments
from motet.schema import AugmentConfig

Index = NDArray[np.int64]
CROP, CROPPED, MASK, REORDER, ORDER, REPLACE, WHICH, TEXT = range(8)


def uniform(stream: int, salt: int, *ids: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return numbers from 0 to below 1, one per tuple of ids, the same for the same stream, salt and ids."""
    state = np.uint64(stream % 2**64) ^ np.uint64((salt + 1) * 0x9E3779B97F4A7C15 % 2**64)
    mixed: NDArray[np.uint64] = np.asarray(state)
    for each in ids:
        mixed = _scramble(mixed ^ _scramble(np.asarray(each).astype(np.uint64)))
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def stream_of(seed: int, epoch: int, step: int = 0) -> int:
    """Return the number that stands for a pass, or for one of its steps."""
    return int(np.random.SeedSequence([seed, epoch, step]).generate_state(1, np.uint64)[0])


@dataclass(frozen=True)
class Augmenter:
    """What to vary, and what replaces what.

    item_N: of EventArrays, item + 1 per event behind an empty row. starts: first event of each user. near_IK: a row per
    item + 1 of neighbours, 0 where there are no more.
    """

    config: AugmentConfig
    item_N: NDArray[np.int32]
    starts: Index
    near_IK: Index

    def histories(self, segments: Segments, stretch_B: Index, free_B: Index, stream: int) -> Segments:
        """Return the histories varied. stretch_B: their numbers. free_B: events before a history's first question."""
        config, event_BL = self.config, segments.event_BL
        if not (event_BL.size and (config.crop or config.mask or config.reorder or config.replace)):
            return segments
        shown, row, place = event_BL, stretch_B[:, None], np.arange(event_BL.shape[1])[None, :]
        if config.reorder:
            chosen = uniform(stream, REORDER, row) < config.reorder
            free = chosen & (place < free_B[:, None])
            key = np.where(free, uniform(stream, ORDER, row, place) * free_B[:, None], place)
            shown = np.take_along_axis(shown, np.argsort(key, axis=1, kind="stable"), axis=1)
        item = self._replaced(shown, event_BL, row, place, stream) if config.replace else None
        empty = uniform(stream, MASK, row, place) < config.mask
        if config.crop:
            length = (event_BL > 0).sum(axis=1, keepdims=True)
            begin = np.floor(uniform(stream, CROPPED, row) * length)
            empty |= (uniform(stream, CROP, row) < config.crop) & (place < begin)
        shown = np.where(empty, 0, shown)
        return replace(segments, shown_BL=shown, item_BL=None if item is None else np.where(empty, 0, item))

    def _replaced(self, shown: Index, event_BL: Index, row: Index, place: Index, stream: int) -> Index:
        """The item + 1 of every event; a neighbour that the user has at any time does not come in."""
        item = self.item_N[shown].astype(np.int64)
        near = self.near_IK[item]
        which = (uniform(stream, WHICH, row, place) * np.maximum((near > 0).sum(axis=2), 1)).astype(np.int64)
        other = np.take_along_axis(near, which[:, :, None], axis=2)[:, :, 0]
        user = np.searchsorted(self.starts, event_BL - 1, side="right") - 1
        key = user * len(self.near_IK) + other
        had = self._had[np.minimum(np.searchsorted(self._had, key), len(self._had) - 1)] == key
        take = (uniform(stream, REPLACE, row, place) < self.config.replace) & (other > 0) & (item > 0) & ~had
        return np.where(take, other, item)

    @cached_property
    def _had(self) -> Index:
        """Every user with every item of theirs, as one sorted number each."""
        user = np.searchsorted(self.starts, np.arange(len(self.item_N) - 1), side="right") - 1
        return np.unique(user * len(self.near_IK) + self.item_N[1:].astype(np.int64))

    def hidden(self, stream: int) -> Hidden | None:
        """Return what a step's texts and representations are to go through, if anything."""
        config = self.config
        if not (config.words or config.text or config.mix):
            return None
        return Hidden(config.words, config.text, config.mix, stream)


def hidden_texts(share: float, stream: int, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which texts a step leaves out, by the rows' (or items') numbers."""
    return uniform(stream, TEXT, ids) < share


def _scramble(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Steele, Lea and Flood 2014, SplitMix."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


__all__ = ["Augmenter", "hidden_texts", "stream_of", "uniform"]
