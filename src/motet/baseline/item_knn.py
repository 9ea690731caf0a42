"""item-kNN: items that the same people had (Sarwar et al. 2001), with shrunk cosines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._lists import DECAYS, OWN, best_of, had, listed, ranks_items
from motet.baseline._past import masks_seen
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.recommend.classic import Classic, ItemWeights
from motet.tasks import Examples

NEIGHBOURS, SHRINKS = (50, 200), (0.0, 20.0)
BLOCK = 500


@BASELINES.register("item_knn")
class ItemKnn:
    """Sums the cosines to the items of the history; neighbours, shrinkage and decay are chosen on validation half A."""

    name = "item-kNN"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task ranks items."""
        return ranks_items(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists."""
        return listed(self, examples, division, at)

    def fitted(self, examples: Examples, division: Division) -> Classic:
        """Return the recommender."""
        return best_of(self._tried(examples, division), examples, division)

    def _tried(self, examples: Examples, division: Division) -> Iterator[Classic]:
        matrix, owns = had(division), (0.0,) if masks_seen(examples, division) else OWN
        for shrink in SHRINKS:
            wide = cosines(matrix, shrink, max(NEIGHBOURS))
            for neighbours in NEIGHBOURS:
                near = nearest(wide, neighbours)
                for decay in DECAYS:
                    yield from (ItemWeights(near, decay, own) for own in owns)


def cosines(matrix: sparse.csr_array, shrink: float, neighbours: int) -> sparse.csr_array:
    """Return (I, I): shared users / (√(users_i · users_j) + shrink), the nearest of each item, itself left out."""
    by_item = matrix.T.tocsr()
    users_I = np.asarray(by_item.sum(axis=1)).ravel()
    blocks = []
    for start in range(0, by_item.shape[0], BLOCK):
        shared = sparse.coo_array(by_item[start : start + BLOCK] @ matrix)
        row, column = shared.coords
        other = row + start != column
        row, column = row[other], column[other]
        value = shared.data[other] / (np.sqrt(users_I[row + start] * users_I[column]) + np.float32(shrink))
        block = sparse.coo_array((value.astype(np.float32), (row, column)), shape=shared.shape)
        blocks.append(nearest(block.tocsr(), neighbours))
    return sparse.vstack(blocks).tocsr()


def nearest(matrix: sparse.csr_array, most: int) -> sparse.csr_array:
    """Return the matrix with only the entries of largest size in each row; equal ones go by column."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -np.abs(matrix.data), row))
    kept = np.sort(order[np.arange(len(order)) - matrix.indptr[:-1][row] < most])
    content = (matrix.data[kept], (row[kept], matrix.indices[kept]))
    return sparse.coo_array(content, shape=matrix.shape).tocsr()
