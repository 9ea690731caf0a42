"""Whose memory is asked: the last items of every question, and of the histories that serving holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.data import Division
from motet.features.item_words import words_of_items
from motet.features.memory import ALIKE, WINDOW, Memory, Recall, Recent, count_transitions
from motet.features.similar import nearest_by_words
from motet.schema import TRAIN

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Recalling:
    """A memory, and the events whose questions it answers.

    item_K: items of the K events that have a known one, in order, and -1 behind them; counted_K: whether each was
    counted, and False. known_N: (N + 1) how many of the events before each have a known item. starts: where each user's
    events begin. item_N, counted_N: of all events.
    """

    memory: Memory
    item_K: NDArray[np.int32]
    counted_K: NDArray[np.bool_]
    known_N: Index
    starts: Index
    item_N: NDArray[np.int32]
    counted_N: NDArray[np.bool_]

    def about(self, row_n: Index, user_n: Index, cut_n: Index) -> Recall:
        """Return what asks the memory about events. row_n: the event. user_n: index + 1, 0 for unknown."""
        return Recall(self.memory, self.recent(row_n, user_n, cut_n))

    def recent(self, row_n: Index, user_n: Index, cut_n: Index) -> Recent:
        """Return the last items before the given events."""
        base_n = self.starts[np.maximum(user_n - 1, 0)]
        begin_n = self.known_N[base_n]
        end_n = np.where(user_n > 0, self.known_N[base_n + cut_n], begin_n)
        place_nW = end_n[:, None] - 1 - np.arange(WINDOW)
        inside = place_nW >= begin_n[:, None]
        place_nW = np.where(inside, place_nW, -1)  # the last entry of both arrays is nothing
        own_n = np.where(self.counted_N[row_n], self.item_N[row_n], -1)
        return Recent(self.item_K[place_nW].astype(np.int64), self.counted_K[place_nW], own_n.astype(np.int64))


def fit_memory(division: Division) -> Recalling:
    """Return the memory of a divided project: of its training events, and of words of items that nobody holds out."""
    events = division.events
    assert events is not None, "a memory needs events"
    known = events.item_N >= 0
    counted_N = known & (events.part_N == TRAIN)
    num = len(events.items)
    empty = Memory.from_arrays(_nothing(num))
    recalling = Recalling(
        memory=empty,
        item_K=np.append(events.item_N[known], -1),
        counted_K=np.append(counted_N[known], False),
        known_N=np.concatenate([[0], np.cumsum(known)]).astype(np.int64),
        starts=events.starts,
        item_N=events.item_N,
        counted_N=counted_N,
    )
    row_n = np.flatnonzero(counted_N)
    user_n = events.user_N[row_n].astype(np.int64)
    recent = recalling.recent(row_n, user_n + 1, events.basket_N[row_n] - events.starts[user_n])
    count_II, total_I = count_transitions(recent, num)
    words = words_of_items(division)
    alike_II = empty.alike_II if words is None else nearest_by_words(words, neighbours=ALIKE)
    memory = Memory(count_II, total_I, alike_II)
    return Recalling(**{**vars(recalling), "memory": memory})


def recent_of(histories: Sequence[NDArray[np.integer]]) -> Recent:
    """Return the last items of histories as serving holds them: item indices, oldest first, -1 for none."""
    item_nW = np.full((len(histories), WINDOW), -1, np.int64)
    for row, items in enumerate(histories):
        last = np.asarray(items)[np.asarray(items) >= 0][-WINDOW:][::-1]
        item_nW[row, : len(last)] = last
    return Recent(item_nW, np.zeros(item_nW.shape, bool), np.full(len(histories), -1, np.int64))


def _nothing(num_items: int) -> dict[str, NDArray[np.generic]]:
    found: dict[str, NDArray[np.generic]] = {"total": np.zeros(num_items, np.float32)}
    for name in ("count", "alike"):
        found[f"{name}.starts"] = np.zeros(num_items + 1, np.int64)
        found[f"{name}.items"], found[f"{name}.values"] = np.zeros(0, np.int32), np.zeros(0, np.float32)
    return found
