"""An index of a large catalogue (inverted lists, faiss), measured against the exact answer when it is built.

What an index finds depends on the vectors: of well-clustered ones nearly everything, of shapeless ones far less. So its
recall is measured on the very catalogue, on states of real users, and it is used above a floor only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import MissingExtra

Floats = NDArray[np.float32]
MEASURED, USERS = 100, 256
"""Recall is of the first hundred, over at most so many users."""
SAMPLE = 16_384
"""Items that stand for all that are not scored, where probabilities have to sum to one."""
_PER_CELL = 39
"""faiss wants so many training points of each cell at least."""


@dataclass(frozen=True)
class Index:
    """Cells of items. size: items in it, the first ones of the catalogue. recall: as measured. sample_s: items drawn
    evenly. seconds: to build and to measure.
    """

    cells: Any
    size: int
    probes: int
    recall: float
    sample_s: NDArray[np.int64]
    seconds: float

    def search(self, z_nd: Floats, num: int, *, allowed_I: NDArray[np.bool_] | None = None) -> list[NDArray[np.int64]]:
        """Return up to `num` items for each user, unordered; fewer where the searched cells hold no more allowed ones.

        allowed_I: the items that may be found, by default all.
        """
        return _search(self.cells, z_nd, min(num, self.size), self.probes, allowed_I)


def build_index(vectors_Id: Floats, bias_I: Floats, users_nd: Floats, *, probes: int, seed: int = 0) -> Index:
    """Return an index of state · item + bias, its recall measured on users' states, (n, d), n above 0.

    Raises MissingExtra without faiss.
    """
    try:
        import faiss
    except ImportError:
        raise MissingExtra("faiss, which searches large catalogues,", "ann") from None
    began, size = time.monotonic(), len(vectors_Id)
    points = np.concatenate([vectors_Id, bias_I[:, None]], axis=1).astype(np.float32)
    faiss.omp_set_num_threads(1)  # threads that spin while they wait would slow down whoever answers meanwhile
    number = max(1, min(int(4 * size**0.5), size // _PER_CELL))
    rng = np.random.default_rng(seed)
    cells = faiss.IndexIVFFlat(faiss.IndexFlatIP(points.shape[1]), points.shape[1], number, faiss.METRIC_INNER_PRODUCT)
    cells.cp.seed, cells.cp.niter = seed, 10
    cells.train(points[np.sort(rng.choice(size, min(size, 64 * number), replace=False))])
    cells.add(points)
    users = users_nd[np.linspace(0, len(users_nd) - 1, min(len(users_nd), USERS)).astype(np.int64)]
    recall = _recall(cells, points, users.astype(np.float32), min(probes, number))
    sample = np.sort(rng.choice(size, min(size, SAMPLE), replace=False)).astype(np.int64)
    return Index(cells, size, min(probes, number), recall, sample, time.monotonic() - began)


def _recall(cells: Any, points_ID: Floats, users_nd: Floats, probes: int) -> float:
    """The share of the true first hundred that is found, on average over users."""
    most, shares = min(MEASURED, len(points_ID)), []
    for begin in range(0, len(users_nd), 16):
        some = users_nd[begin : begin + 16]
        true = _asked(some) @ points_ID.T
        best = np.argpartition(-true, most - 1, axis=1)[:, :most]
        for row, found in enumerate(_search(cells, some, most, probes, None)):
            shares.append(np.isin(best[row], found).mean())
    return float(np.mean(shares))


def _search(
    cells: Any, z_nd: Floats, num: int, probes: int, allowed_I: NDArray[np.bool_] | None
) -> list[NDArray[np.int64]]:
    import faiss

    given: dict[str, Any] = {"nprobe": probes}
    if allowed_I is not None:
        bitmap: Any = faiss.IDSelectorBitmap  # what it takes from Python is not what its signature says
        given["sel"] = bitmap(np.packbits(allowed_I, bitorder="little"))
    _, found = cells.search(_asked(z_nd), num, params=faiss.SearchParametersIVF(**given))
    return [row[row >= 0] for row in found]


def _asked(z_nd: Floats) -> Floats:
    """States with a 1 behind them, which the items' biases meet."""
    return np.ascontiguousarray(np.concatenate([z_nd, np.ones((len(z_nd), 1))], axis=1), np.float32)
