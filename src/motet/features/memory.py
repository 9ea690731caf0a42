"""The memory: what followed what in training, and what resembles what. Counts and cosines; nothing is trained here.

Beside a neural ranking it answers what was seen too seldom to be learned: an untrained graph of this kind beats most
trained sequence models on sparse catalogues (arXiv:2605.07125). What a question recalls of item j, after the items
h_1 (the last one), h_2, …, h_W, are two numbers:

    follows    log(1 + f / ε),  f = Σ_k decay^(k−1) · c(h_k, j) / (Σ_j c(h_k, j) + shrink)
    resembles  Σ_k decay^(k−1) · cos(words of h_k, words of j)

where c counts training events j that came k events after h, each with the weight 1 / k. A training event that asks for
its own item leaves its own counts out, so that a model does not learn to trust what it was told a moment ago. A ranking
may instead mix in the shares f themselves, with a decay and a shrinkage of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

WINDOW, DECAY, SHRINK = 5, 0.7, 20.0
"""How many items of a history recall something, how much less each earlier one says, and how many counts a row needs
before half of it is believed."""
FLOOR = 1e-3
"""ε: what a share of counts is measured by. Every item that is not recalled stands at it."""
FOLLOWERS, ALIKE = 200, 50
"""Neighbours that are kept of an item, at most."""
FOLLOWS, RESEMBLES = 0, 1
_EMPTY = 1e-9
CHUNK, CROWDED = 4_000_000, 40_000_000
"""Events that are counted at a time, and pairs above which only the strongest of each item are carried on."""

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Recalled:
    """P pairs of a question and an item, sorted by question; an item may stand twice, once of each kind.

    row_p: the question. item_p: the item's index. kind_p: FOLLOWS or RESEMBLES. value_p: above 0.
    """

    row_p: Index
    item_p: Index
    kind_p: NDArray[np.int8]
    value_p: NDArray[np.float32]


@dataclass(frozen=True)
class Recent:
    """The last items of n questions, the last one first: item_nW, -1 where there is none.

    counted_nW: whether that event was counted. own_n: the item of the asked event itself where that was counted, -1
    elsewhere.
    """

    item_nW: Index
    counted_nW: NDArray[np.bool_]
    own_n: Index

    def take(self, rows: NDArray[np.integer] | slice) -> Recent:
        """Return the chosen questions."""
        return Recent(self.item_nW[rows], self.counted_nW[rows], self.own_n[rows])


@dataclass(frozen=True)
class Memory:
    """count_II: (I, I) counts, the strongest of each row. total_I: sums of the whole rows. alike_II: (I, I) cosines."""

    count_II: sparse.csr_array
    total_I: NDArray[np.float32]
    alike_II: sparse.csr_array

    def recall(self, recent: Recent) -> Recalled:
        """Return what n questions recall, their own counts left out."""
        follows, alike = self.shares(recent)
        follows.data = np.log1p(follows.data / FLOOR)
        both = sparse.hstack([follows, alike], format="csr")
        row_p = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
        kind_p, item_p = np.divmod(both.indices.astype(np.int64), len(self.total_I))
        kept = both.data > 0
        value_p = both.data.astype(np.float32)
        return Recalled(row_p[kept], item_p[kept], kind_p.astype(np.int8)[kept], value_p[kept])

    def shares(
        self, recent: Recent, *, decay: float = DECAY, shrink: float = SHRINK
    ) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return (n, I) shares f of what followed, and (n, I) decayed cosines; own counts are left out of f."""
        weight_nW = decay ** np.arange(recent.item_nW.shape[1]) * (recent.item_nW >= 0)
        own_nW = _own(recent)
        total_nW = np.maximum(self.total_I[recent.item_nW] - own_nW, 0.0)  # rows of -1 weigh nothing
        part_nW = weight_nW / np.maximum(total_nW + shrink, _EMPTY)
        follows = self._queries(recent, part_nW) @ self.count_II
        self._leave_out(follows, recent, part_nW, own_nW)
        follows.data = np.maximum(follows.data, 0.0)
        return follows, self._queries(recent, weight_nW) @ self.alike_II

    def _queries(self, recent: Recent, weight_nW: NDArray[np.floating]) -> sparse.csr_array:
        known = recent.item_nW >= 0
        starts = np.concatenate([[0], np.cumsum(known.sum(axis=1))])
        parts = (weight_nW[known].astype(np.float32), recent.item_nW[known], starts)
        return sparse.csr_array(parts, shape=(len(known), len(self.total_I)))

    def _leave_out(
        self,
        follows: sparse.csr_array,
        recent: Recent,
        weight_nW: NDArray[np.floating],
        own_nW: NDArray[np.floating],
    ) -> None:
        """Take from the asked items' scores, in place, what their own events have added to them."""
        asked = np.flatnonzero(recent.own_n >= 0)
        if not len(asked):
            return
        item_mW, own_m = np.maximum(recent.item_nW[asked], 0), recent.own_n[asked]
        held_mW = self.count_II[item_mW.ravel(), np.repeat(own_m, item_mW.shape[1])]
        held_mW = np.asarray(held_mW.todense() if sparse.issparse(held_mW) else held_mW).reshape(item_mW.shape)
        much_n = np.zeros(follows.shape[0], np.float32)
        much_n[asked] = (weight_nW[asked] * np.minimum(own_nW[asked], held_mW)).sum(axis=1)
        row_p = np.repeat(np.arange(follows.shape[0]), np.diff(follows.indptr))
        hit = np.flatnonzero(follows.indices == recent.own_n[row_p])
        left = follows.data[hit] - much_n[row_p[hit]]
        follows.data[hit] = np.where(left > 1e-6, left, 0.0)  # what is left of a sum of floats is nothing

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the memory as arrays."""
        found: dict[str, NDArray[Any]] = {"total": self.total_I}
        for name, each in (("count", self.count_II), ("alike", self.alike_II)):
            found |= {f"{name}.starts": each.indptr.astype(np.int64), f"{name}.items": each.indices.astype(np.int32)}
            found[f"{name}.values"] = each.data.astype(np.float32)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Memory:
        """Return the memory that `to_arrays` wrote."""
        num = len(arrays["total"])

        def matrix(name: str) -> sparse.csr_array:
            parts = (arrays[f"{name}.values"], arrays[f"{name}.items"], arrays[f"{name}.starts"])
            return sparse.csr_array(parts, shape=(num, num))

        return cls(matrix("count"), arrays["total"], matrix("alike"))


@dataclass(frozen=True)
class Recall:
    """Asks a memory about n questions, when somebody wants to know."""

    memory: Memory
    recent: Recent

    def take(self, rows: NDArray[np.integer] | slice) -> Recall:
        """Return what asks about the chosen questions."""
        return Recall(self.memory, self.recent.take(rows))

    def pairs(self) -> Recalled:
        """Return what the questions recall."""
        return self.memory.recall(self.recent)

    def shares(self, *, decay: float, shrink: float) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return (n, I) shares of what followed the questions' last items, and (n, I) cosines with these."""
        return self.memory.shares(self.recent, decay=decay, shrink=shrink)


def count_transitions(recent: Recent, num_items: int) -> tuple[sparse.csr_array, NDArray[np.float32]]:
    """Return (counts, sums of their rows): how often, and how soon, own_n came after the counted items before it.

    Rows keep their FOLLOWERS largest counts; of equal ones the first items.
    """
    counts = sparse.csr_array((num_items, num_items), dtype=np.float32)
    total_I = np.zeros(num_items)
    for begin in range(0, len(recent.own_n), CHUNK):
        part = slice(begin, begin + CHUNK)
        for lag in range(recent.item_nW.shape[1]):
            source, target = recent.item_nW[part, lag], recent.own_n[part]
            known = (source >= 0) & (target >= 0) & recent.counted_nW[part, lag]
            weight = np.full(int(known.sum()), 1.0 / (lag + 1), np.float32)
            counts = counts + sparse.coo_array((weight, (source[known], target[known])), shape=counts.shape).tocsr()
            total_I += np.bincount(source[known], minlength=num_items) / (lag + 1)
        if counts.nnz > CROWDED:
            counts = strongest(counts, 4 * FOLLOWERS)
    return strongest(counts, FOLLOWERS), total_I.astype(np.float32)


def strongest(matrix: sparse.csr_array, most: int) -> sparse.csr_array:
    """Return the matrix with the `most` largest values of each row; of equal ones the first columns."""
    matrix = matrix.tocsr()
    matrix.sort_indices()
    length_I = np.diff(matrix.indptr)
    if length_I.max(initial=0) <= most:
        return matrix
    row_p = np.repeat(np.arange(len(length_I)), length_I)
    order = np.lexsort((matrix.indices, -matrix.data, row_p))
    place = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], length_I)
    kept = np.sort(order[place < most])
    starts = np.concatenate([[0], np.cumsum(np.minimum(length_I, most))])
    return sparse.csr_array((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)


def _own(recent: Recent) -> NDArray[np.floating]:
    """What a question's own event has counted in the row of each of its last items, (n, W)."""
    lag_W = 1.0 / np.arange(1, recent.item_nW.shape[1] + 1)
    weight_nW = lag_W * (recent.counted_nW & (recent.own_n >= 0)[:, None])
    same_nWW = recent.item_nW[:, :, None] == recent.item_nW[:, None, :]
    return (same_nWW * weight_nW[:, None, :]).sum(axis=2)
