"""EASE: the closed form of a linear autoencoder over items (Steck 2019, arXiv:1905.03375)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._lists import DECAYS, OWN, best_of, had, listed, ranks_items
from motet.baseline._past import masks_seen
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline.item_knn import nearest
from motet.data import Division
from motet.features.labels import Labels
from motet.recommend.classic import Classic, ItemWeights
from motet.tasks import Examples

MAX_ITEMS = 12_000
"""The inverse is a square of this many items, twice in memory in single precision: 1.2 GB."""

STRENGTHS, FEW_STRENGTHS = (30.0, 100.0, 300.0, 1000.0), (100.0, 500.0)
SMALL = 4_000
"""Up to so many items an inverse takes seconds, and every strength is tried."""

KEPT = 500
"""Weights of each item that are kept, the largest in size; the others change a score next to nothing."""


@BASELINES.register("ease")
class Ease:
    """Item weights from one matrix inverse; the strength of its ridge and the decay are chosen on half A."""

    name = "EASE"
    cheap = False

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task ranks items, and not too many of them."""
        return ranks_items(examples, division) and not self.refusal(examples, division)

    def refusal(self, examples: Examples, division: Division) -> str:
        """Return why a ranking is too large, or an empty string."""
        num_items = 0 if division.events is None else len(division.events.items)
        if num_items <= MAX_ITEMS:
            return ""
        need = 8 * num_items**2 / 1e9
        return f"EASE inverts a square of all {num_items:,} items ({need:.1f} GB); it is limited to {MAX_ITEMS:,}"

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists."""
        return listed(self, examples, division, at)

    def fitted(self, examples: Examples, division: Division) -> Classic:
        """Return the recommender."""
        return best_of(self._tried(examples, division), examples, division)

    def _tried(self, examples: Examples, division: Division) -> Iterator[Classic]:
        matrix, owns = had(division), (0.0,) if masks_seen(examples, division) else OWN
        for strength in STRENGTHS if matrix.shape[1] <= SMALL else FEW_STRENGTHS:
            weights = ease_weights(matrix, strength)
            for decay in DECAYS:
                yield from (ItemWeights(weights, decay, own) for own in owns)


def ease_weights(matrix: sparse.csr_array, strength: float, *, kept: int = KEPT) -> sparse.csr_array:
    """Return (I, I): B = I − P / diag(P) with P = (XᵀX + strength · I)⁻¹, whose diagonal is 0; row i says what i adds.

    Only the weights of the largest size are kept in each row.
    """
    from scipy.linalg import lapack

    square = (matrix.T @ matrix).toarray().astype(np.float32)
    square[np.diag_indices_from(square)] += np.float32(strength)
    factor, failed = lapack.spotrf(square.T, lower=1, overwrite_a=1)
    assert not failed, "a ridge is positive definite"
    inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    assert not failed, "what has a Cholesky factor has an inverse"
    size = len(inverse)
    diagonal = inverse.diagonal().copy()
    blocks = []
    for start in range(0, size, 500):
        stop = min(size, start + 500)
        # Only the lower triangle is filled: the rest of a row stands in the column.
        rows = np.concatenate([inverse[start:stop, :stop], inverse[stop:, start:stop].T], axis=1)
        own = np.arange(stop - start)
        corner = np.tril(rows[:, start:stop])
        rows[:, start:stop] = corner + np.tril(corner, -1).T
        rows = -rows / diagonal[None, :]
        rows[own, start + own] = 0.0
        if size > kept:
            least = np.partition(np.abs(rows), -kept, axis=1)[:, -kept]
            rows[np.abs(rows) < least[:, None]] = 0.0
        blocks.append(sparse.csr_array(rows))
    return nearest(sparse.vstack(blocks).tocsr(), kept)
