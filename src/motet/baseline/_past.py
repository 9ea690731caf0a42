"""Histories as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.data import Division, EventIndex
from motet.schema import TRAIN
from motet.tasks import Examples


@dataclass(frozen=True)
class Past:
    """The items in the histories of n questions. row: 0 … n − 1, rising. age: 0 is the latest item of its history."""

    row: NDArray[np.int64]
    item: NDArray[np.int64]
    age: NDArray[np.int64]
    num_rows: int

    def matrix(self, weight: NDArray[np.floating], num_items: int) -> sparse.csr_array:
        """Return (n, I) with the given weight of each entry; repeated items add up."""
        values = (weight.astype(np.float32), (self.row, self.item))
        return sparse.coo_array(values, shape=(self.num_rows, num_items)).tocsr()

    def by_row(self) -> list[NDArray[np.int64]]:
        """Return the items of each row."""
        return np.split(self.item, np.searchsorted(self.row, np.arange(1, self.num_rows)))


class Pasts:
    """Looks histories up; events without a known item are passed over."""

    def __init__(self, events: EventIndex) -> None:
        self._starts = events.starts
        self._known = np.concatenate([[0], np.cumsum(events.item_N >= 0)])
        self._item = events.item_N[events.item_N >= 0].astype(np.int64)

    def of(self, examples: Examples, at: NDArray[np.int64], *, last: int | None = None) -> Past:
        """Return the (last) items of the histories of the examples `at`."""
        assert examples.user_n is not None and examples.cut_n is not None, "the view has a history"
        user = examples.user_n[at]
        base = self._starts[np.maximum(user, 0)]
        end = self._known[np.where(user < 0, base, base + examples.cut_n[at])]
        start = self._known[base]
        if last is not None:
            start = np.maximum(start, end - last)
        length = end - start
        row = np.repeat(np.arange(len(at)), length)
        place = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length) + start[row]
        return Past(row, self._item[place], end[row] - 1 - place, len(at))


def training_counts(division: Division) -> NDArray[np.float64]:
    """Return how many training events each item of the catalogue has."""
    events = division.events
    assert events is not None, "counts need events"
    item = events.item_N[(events.part_N == TRAIN) & (events.item_N >= 0)]
    return np.bincount(item, minlength=len(events.items)).astype(np.float64)


def masks_seen(examples: Examples, division: Division) -> bool:
    """Return whether items of the history leave the list."""
    return getattr(division.project.tasks[examples.task], "repeats", "mask") == "mask"
