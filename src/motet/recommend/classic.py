"""Classic recommenders as plain arrays: what popularity, item-kNN, EASE and ALS learned, ready to score a history.

B = histories, I = items of the catalogue, F = factors. A history is the numbers of its items, oldest first; an item may
return. Items that came after training have no score of their own: 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.errors import ArtifactError

Items = NDArray[np.integer]


class Classic(Protocol):
    """A fitted recommender."""

    kind: ClassVar[str]

    def scores(self, histories: Sequence[Items]) -> NDArray[np.float32]:
        """Return (B, I): the larger, the better."""
        ...

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays."""
        ...


@dataclass(frozen=True)
class Popular:
    """The same order for everyone. count_I: training events."""

    count_I: NDArray[np.float32]
    kind: ClassVar[str] = "popular"

    def scores(self, histories: Sequence[Items]) -> NDArray[np.float32]:
        """Return the counts, once per history."""
        return np.tile(self.count_I, (len(histories), 1))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts."""
        return {"count": self.count_I}


@dataclass(frozen=True)
class ItemWeights:
    """score_j = Σ over the history's items i of decay^age · weight[i, j], and what the user comes back to.

    weight_II: sparse. decay: what an event weighs against the one after it. own: how much the item's decayed share of
    the history itself adds, for lists in which items may return.
    """

    weight_II: sparse.csr_array
    decay: float = 1.0
    own: float = 0.0
    kind: ClassVar[str] = "item weights"

    def scores(self, histories: Sequence[Items]) -> NDArray[np.float32]:
        """Return the sums."""
        query = decayed(histories, self.weight_II.shape[0], self.decay)
        found = (query @ self.weight_II).toarray()
        if self.own:
            found += np.float32(self.own) * shares(query).toarray()
        return np.asarray(found, np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the matrix in its compressed form, and the two numbers."""
        matrix = self.weight_II
        numbers = np.array([self.decay, self.own], np.float64)
        return {
            "indptr": matrix.indptr.astype(np.int64),
            "indices": matrix.indices.astype(np.int32),
            "data": matrix.data.astype(np.float32),
            "numbers": numbers,
        }


@dataclass(frozen=True)
class Factors:
    """Implicit matrix factors; a user is folded in from the history (Hu, Koren and Volinsky 2008).

    item_IF: item factors. alpha: confidence in an item that the user had, against 1 for all others. strength: of the
    regularisation.
    """

    item_IF: NDArray[np.float32]
    alpha: float
    strength: float
    kind: ClassVar[str] = "factors"

    def scores(self, histories: Sequence[Items]) -> NDArray[np.float32]:
        """Return inner products with the folded-in users; 0 for an empty history."""
        item = self.item_IF.astype(np.float64)
        square = item.T @ item + self.strength * np.eye(item.shape[1])
        user_BF = np.zeros((len(histories), item.shape[1]))
        for row, history in enumerate(histories):
            had = item[np.unique(history)]
            if len(had):
                user_BF[row] = np.linalg.solve(square + (self.alpha - 1) * had.T @ had, self.alpha * had.sum(axis=0))
        return (user_BF @ item.T).astype(np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the factors and the two numbers."""
        return {"factors": self.item_IF, "numbers": np.array([self.alpha, self.strength], np.float64)}


def from_arrays(kind: str, arrays: Mapping[str, NDArray[Any]], num_items: int) -> Classic:
    """Return what `to_arrays` wrote, checked against the size of the catalogue; raises ArtifactError otherwise."""
    try:
        if kind == Popular.kind and arrays["count"].shape == (num_items,):
            return Popular(arrays["count"].astype(np.float32))
        if kind == ItemWeights.kind:
            decay, own = (float(value) for value in arrays["numbers"])
            content = (arrays["data"], arrays["indices"], arrays["indptr"])
            matrix = sparse.csr_array(content, shape=(num_items, num_items))
            matrix.check_format(full_check=True)
            return ItemWeights(matrix, decay, own)
        if kind == Factors.kind and arrays["factors"].shape[0] == num_items and arrays["factors"].ndim == 2:
            alpha, strength = (float(value) for value in arrays["numbers"])
            return Factors(arrays["factors"], alpha, strength)
    except (KeyError, ValueError, IndexError) as error:
        raise ArtifactError(f"A classic member cannot be read: {error}.", "Fuse anew.") from None
    raise ArtifactError(f"A classic member '{kind}' does not fit {num_items} items.", "Fuse anew.")


def decayed(histories: Sequence[Items], num_items: int, decay: float) -> sparse.csr_array:
    """Return (B, I): per item of a history Σ decay^age; age 0 is the last event."""
    length = np.array([len(each) for each in histories], np.int64)
    row = np.repeat(np.arange(len(histories)), length)
    item = np.concatenate([np.zeros(0, np.int64), *[np.asarray(each, np.int64) for each in histories]])
    place = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    weight = (decay ** (length[row] - 1 - place)).astype(np.float32)
    return sparse.coo_array((weight, (row, item)), shape=(len(histories), num_items)).tocsr()


def shares(query: sparse.csr_array) -> sparse.csr_array:
    """Return a matrix with rows that sum to 1, or are empty."""
    total = np.maximum(np.asarray(query.sum(axis=1)).ravel(), 1e-9)
    return (sparse.diags_array((1.0 / total).astype(np.float32)) @ query).tocsr()
