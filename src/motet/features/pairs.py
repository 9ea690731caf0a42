"""What a relation's training pairs, and what two users had, say about a pair of users: plain numbers, nothing learned.

Every number is made as if the pair in question were not known, so that a known pair looks like one yet to be found.
U = users of the graph, S = sets of items, I = items, n = pairs, F = PAIR_NUMBERS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

PAIR_NUMBERS = 14
COMMON, ADAMIC_ADAR, THREE = 0, 1, 3
"""Columns of what the graph says: paths of two steps, the same weighted by degree, paths of three."""
BLOCK = 2_048
"""Pairs whose paths are counted at once."""
COSINE_SCALE = 20.0


@dataclass(frozen=True)
class RelationGraph:
    """The known pairs of a relation among U users. pair_p2: int (P, 2), distinct; an undirected one stands once."""

    pair_p2: NDArray[np.int64]
    num_users: int
    directed: bool

    @cached_property
    def adjacency(self) -> sparse.csr_array:
        """Float32 (U + 1, U + 1), 1 from each user to those that they are related to; the last one knows nobody."""
        first, second = self.pair_p2.T
        if not self.directed:
            first, second = np.concatenate([first, second]), np.concatenate([second, first])
        size = self.num_users + 1
        ones = np.ones(len(first), np.float32)
        return sparse.csr_array((ones, (first, second)), shape=(size, size))

    def numbers(self, first_n: NDArray[np.integer], second_n: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return float32 (n, 11) for pairs of users, -1 for an unknown one.

        Logarithms of: paths of two steps, the same weighted by one over the logarithm of the middle's degree (Adamic
        and Adar 2003) and by one over its degree, paths of three steps, whom both are related to, who is related to
        both, the two degrees; then paths of two and of three steps over the geometric mean of the degrees, and whether
        a directed pair is known the other way.
        """
        first, second = (np.where(side < 0, self.num_users, side).astype(np.int64) for side in (first_n, second_n))
        blocks = [self._block(first[at : at + BLOCK], second[at : at + BLOCK]) for at in range(0, len(first), BLOCK)]
        return np.concatenate([np.zeros((0, 11), np.float32), *blocks]).astype(np.float32)

    def _block(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float32]:
        from_first, to_second = self.adjacency[first], self._reverse[second]
        to_first, from_second = self._reverse[first], self.adjacency[second]
        known, back = self._has(first, second), self._has(second, first)
        middle = from_first.multiply(to_second).tocsr()
        two, three = _sum(middle), self._three(first, to_second) - known * self._through(first, second, back)
        if self.directed:
            out, into = self._out[first] - known, self._in[second] - known
            mutual = back
        else:
            degrees = np.stack([self._out[first] - known, self._out[second] - known])
            out, into, mutual = degrees.min(0), degrees.max(0), np.zeros(len(first))
        span = np.sqrt(np.maximum(out * into, 1.0))
        degree = np.maximum(self._out, self._in)
        counted = [
            two,
            middle @ (1.0 / np.log(np.maximum(degree, 2.0))),
            middle @ (1.0 / np.maximum(degree, 1.0)),
            np.maximum(three, 0.0),
            _sum(from_first.multiply(from_second)),
            _sum(to_first.multiply(to_second)),
            out,
            into,
        ]
        return np.column_stack([*(np.log1p(each) for each in counted), two / span, three / span, mutual])

    def _three(self, first: NDArray[np.int64], to_second: sparse.csr_array) -> NDArray[np.float64]:
        asked, place = np.unique(first, return_inverse=True)
        return _sum((self.adjacency[asked] @ self.adjacency)[place].multiply(to_second))

    def _through(
        self, first: NDArray[np.int64], second: NDArray[np.int64], back: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How many paths of three steps use the step from first to second: by turning back at either end, or both."""
        return self._mutual[first] + self._mutual[second] - back

    @cached_property
    def _reverse(self) -> sparse.csr_array:
        return self.adjacency.T.tocsr()

    @cached_property
    def _out(self) -> NDArray[np.float64]:
        return _sum(self.adjacency)

    @cached_property
    def _in(self) -> NDArray[np.float64]:
        return _sum(self._reverse)

    @cached_property
    def _mutual(self) -> NDArray[np.float64]:
        return _sum(self.adjacency.multiply(self._reverse))

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        rows, columns = self.adjacency.nonzero()
        return np.sort(rows.astype(np.int64) * (self.num_users + 1) + columns)

    def _has(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.isin(first * (self.num_users + 1) + second, self._keys).astype(np.float64)


def item_sets(items: Sequence[NDArray[np.integer]], count_I: NDArray[np.integer]) -> sparse.csr_array:
    """Return (S, I): the items of each history as a vector of length 1, in which rare items weigh more.

    items: S arrays of indices into the catalogue, -1 for none. count_I: how often training saw each item; an item
    beyond it counts as unknown.
    """
    lengths = np.array([len(each) for each in items], np.int64)
    row = np.repeat(np.arange(len(items)), lengths)
    item = np.concatenate([np.zeros(0, np.int64), *items]).astype(np.int64)
    kept = (item >= 0) & (item < len(count_I))
    ones = np.ones(int(kept.sum()), np.float64)
    counts = sparse.csr_array((ones, (row[kept], item[kept])), shape=(len(items), len(count_I)))
    counts.sum_duplicates()
    rarity = np.log1p(count_I.max(initial=1) / np.maximum(count_I, 1))
    weighted = sparse.csr_array(counts.log1p().multiply(rarity[None, :]))
    length = np.sqrt(_sum(weighted.multiply(weighted)))
    return sparse.csr_array(sparse.diags_array(1.0 / np.maximum(length, 1e-9)) @ weighted)


def cosines(sets: sparse.csr_array, first_n: NDArray[np.integer], second_n: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how alike two sets are, from 0 to 1, (n,)."""
    blocks = [
        _sum(sets[first_n[at : at + BLOCK]].multiply(sets[second_n[at : at + BLOCK]]))
        for at in range(0, len(first_n), BLOCK)
    ]
    return np.concatenate([np.zeros(0), *blocks])


def pair_numbers(graph_nG: NDArray[np.float32], cosine_n: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return float32 (n, F): what the graph says, the cosine of what both had, its logarithm, and a 1.

    The 1 tells strangers, of whom every number is 0, from a row that is missing (see whitening.Standardise).
    """
    columns: list[NDArray[Any]] = [graph_nG, cosine_n, np.log1p(COSINE_SCALE * cosine_n), np.ones(len(graph_nG))]
    return np.column_stack(columns).astype(np.float32)


def _sum(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(axis=1), np.float64).ravel()
