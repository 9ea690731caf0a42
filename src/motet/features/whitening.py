"""Text vectors made fit for use: centred, decorrelated, of one length. Fitted on training rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 16_384
_EMPTY = 1e-12


@dataclass(frozen=True)
class Whitening:
    """Centre, project and rescale vectors of width D to width W.

    mean: (D,). projection: (D, W), principal axes divided by their relaxed spread; columns beyond the rank are zero.
    norm: the length of every vector that comes out.
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    norm: float = 1.0

    @property
    def width(self) -> int:
        """Length of a whitened vector."""
        return self.projection.shape[1]

    def apply(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (n, W) of length `norm`; rows of zeros (no text) stay zero."""
        result = np.zeros((len(vectors), self.width), np.float32)
        for start in range(0, len(vectors), CHUNK):
            chunk = np.asarray(vectors[start : start + CHUNK], np.float32)
            projected = (chunk - self.mean) @ self.projection
            length = np.linalg.norm(projected, axis=1)
            keep = (length > _EMPTY) & chunk.any(axis=1)
            result[start : start + len(chunk)][keep] = projected[keep] * (self.norm / length[keep])[:, None]
        return result

    @property
    def spread(self) -> NDArray[np.float32]:
        """(W,): the relaxed spread of the texts along each axis, by which it was divided; 0 where an axis is unused."""
        length = np.linalg.norm(self.projection, axis=0)
        return np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)

    def inside(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (n,), 0 to 1: how much of each vector's way from the mean lies along the axes; 0 where no text is."""
        centred = np.asarray(vectors, np.float32) - self.mean
        along = np.linalg.norm(centred @ (self.projection * self.spread), axis=1)
        whole = np.linalg.norm(centred, axis=1)
        told = (whole > _EMPTY) & np.asarray(vectors).any(axis=1)
        return np.divide(along, whole, out=np.zeros_like(along), where=told)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the fitted numbers as arrays."""
        return {"mean": self.mean, "projection": self.projection, "norm": np.asarray([self.norm])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Whitening:
        """Return what `to_arrays` wrote."""
        return cls(arrays["mean"], arrays["projection"], float(arrays["norm"][0]))


def fit_whitening(
    vectors: NDArray[np.floating[Any]],
    *,
    width: int,
    rows: NDArray[Any] | None = None,
    shrink: float = 0.1,
    norm: float = 1.0,
) -> Whitening:
    """Return the whitening of (n, D) vectors to `width`, fitted on `rows` (indices or a mask; default all).

    Centre → principal components → each divided by the root of (1 − shrink)·its variance + shrink·their mean
    variance (relaxed whitening, after WhitenRec, arXiv:2402.10602) → length `norm`. Rows of zeros are no
    text and do not count. In principal coordinates ZCA's rotation back is the identity, so none is applied.
    """
    mean, covariance = _moments(vectors, rows)
    variance, axes = np.linalg.eigh(covariance)
    order = np.argsort(-variance, kind="stable")[:width]
    variance, axes = np.maximum(variance[order], 0), axes[:, order]
    largest = axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])]
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    real = variance > 1e-9 * max(float(variance.max(initial=0)), _EMPTY)
    projection = np.zeros((len(mean), width), np.float32)
    if real.any():
        relaxed = (1 - shrink) * variance[real] + shrink * variance[real].mean()
        projection[:, np.flatnonzero(real)] = axes[:, real] / np.sqrt(relaxed)
    return Whitening(mean.astype(np.float32), projection, norm)


@dataclass(frozen=True)
class Standardise:
    """Centre each of D columns and divide it by its spread. mean, scale: (D,)."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    def apply(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (n, D); rows of zeros (no text) stay zero, which is the mean of the others."""
        vectors = np.asarray(vectors, np.float32)
        result: NDArray[np.float32] = (vectors - self.mean) / self.scale
        result[~vectors.any(axis=1)] = 0
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the fitted numbers as arrays."""
        return {"mean": self.mean, "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Standardise:
        """Return what `to_arrays` wrote."""
        return cls(arrays["mean"], arrays["scale"])


def fit_standardise(
    vectors: NDArray[np.floating[Any]], *, rows: NDArray[Any] | None = None, floor: float = 0.05
) -> Standardise:
    """Return the standardising of (n, D) vectors, fitted on `rows` (indices or a mask; default all).

    floor: no column is divided by less than this share of the root mean square spread, so that noise stays small.
    """
    mean, covariance = _moments(vectors, rows)
    spread = np.sqrt(np.maximum(np.diag(covariance), 0))
    typical = float(np.sqrt((spread**2).mean())) if len(spread) else 0.0
    scale = np.maximum(spread, floor * typical) if typical > _EMPTY else np.ones_like(spread)
    return Standardise(mean.astype(np.float32), scale.astype(np.float32))


def _moments(
    vectors: NDArray[np.floating[Any]], rows: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean (D,) and covariance (D, D) of the chosen rows that are not zero, summed in float64 by chunks."""
    index = np.arange(len(vectors)) if rows is None else np.asarray(rows)
    index = np.flatnonzero(index) if index.dtype == bool else index
    width = vectors.shape[1]
    total, number = np.zeros(width), 0
    for chunk in _filled(vectors, index):
        total += chunk.sum(0)
        number += len(chunk)
    mean = total / max(number, 1)
    covariance = np.zeros((width, width))
    for chunk in _filled(vectors, index):
        centred = chunk - mean
        covariance += centred.T @ centred
    return mean, covariance / max(number, 1)


def _filled(vectors: NDArray[np.floating[Any]], index: NDArray[Any]) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(index), CHUNK):
        chunk = vectors[index[start : start + CHUNK]]
        yield chunk[chunk.any(axis=1)].astype(np.float64)
