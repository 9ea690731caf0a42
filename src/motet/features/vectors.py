"""Columns of vectors, made elsewhere: of images, of sounds, of graphs. Standardised by training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.whitening import fit_standardise


@dataclass(frozen=True)
class VectorState:
    """How one column's vectors are centred and scaled, number by number; their length is the tuples'."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        return len(self.mean)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> VectorState:
        """Return what `asdict` wrote."""
        return cls(tuple(fields["mean"]), tuple(fields["scale"]))

    def encode(self, cells: pl.Series) -> NDArray[np.float32]:
        """Return (n, size + 1): each vector standardised and a 1, or zeros where there is none of this length."""
        known_n, values_kD = vectors_in(cells, self.size)
        out = np.zeros((cells.len(), self.size + 1), np.float32)
        out[known_n, :-1] = (values_kD - np.asarray(self.mean)) / np.asarray(self.scale)
        out[known_n, -1] = 1.0
        return out


def fit_vectors(cells: pl.Series, *, alike: bool = False) -> VectorState | None:
    """Return the standardising of a column's vectors, or None where it holds none.

    alike: divide all numbers by one scale and move none, where their lengths and signs mean something.
    """
    sizes = _lists(cells).list.len().drop_nulls()
    sizes = sizes.filter(sizes > 0)
    if not sizes.len():
        return None
    size, count = np.unique(sizes.to_numpy(), return_counts=True)
    _, values = vectors_in(cells, int(size[count == count.max()].max()))
    if alike:
        return VectorState((0.0,) * values.shape[1], (float(np.sqrt(np.mean(values**2))) or 1.0,) * values.shape[1])
    found = fit_standardise(values)
    return VectorState(tuple(map(float, found.mean)), tuple(map(float, found.scale)))


def encode_vectors(frame: pl.DataFrame, states: Mapping[str, VectorState]) -> NDArray[np.float32]:
    """Return the vectors of all columns side by side, (n, Σ (size + 1)); a column that the frame lacks is unknown."""
    parts = [
        state.encode(frame[name]) if name in frame.columns else np.zeros((frame.height, state.size + 1), np.float32)
        for name, state in states.items()
    ]
    return np.concatenate(parts, axis=1)


def vectors_in(cells: pl.Series, size: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return (which of the n cells hold a vector of this length and of finite numbers, those vectors)."""
    lists = _lists(cells)
    known = (lists.list.len() == size).fill_null(False).to_numpy().copy()
    flat = lists.filter(pl.Series(known)).explode().to_numpy().astype(np.float64)
    values = flat.reshape(-1, size)
    finite = np.isfinite(values).all(axis=1)
    known[np.flatnonzero(known)[~finite]] = False
    return known, values[finite]


def _lists(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.Array):
        cells = cells.arr.to_list()
    return cells.cast(pl.List(pl.Float64), strict=False)


__all__ = ["VectorState", "encode_vectors", "fit_vectors", "vectors_in"]
