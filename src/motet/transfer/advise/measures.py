"""How much two tasks' labels meet, and how much they tell about one another. NumPy only; n = labels."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Measure = Literal["cramer_v", "spearman"]
BINS = 10
"""Numbers are cut into so many parts of equal mass where they meet words."""
FEWEST = 30
"""Fewer labels that meet say nothing about a correlation."""


def overlap(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the share of the smaller task's labels whose key also carries a label of the other; 0 without labels.

    one, other: a key (row, item or user) per label.
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return float(np.isin(few, many).mean()) if len(few) else 0.0


def cramers_v(one_n: NDArray[Any], other_n: NDArray[Any]) -> float:
    """Return Cramér's V between two discrete labels, from 0 to 1, corrected for chance (Bergsma 2013).

    Without the correction, labels of many values would seem related in any small sample. 0 where one is constant.
    """
    rows, row_n = np.unique(one_n, return_inverse=True)
    columns, column_n = np.unique(other_n, return_inverse=True)
    total, shape = len(row_n), (len(rows), len(columns))
    if total < 2 or min(shape) < 2:
        return 0.0
    table = np.bincount(row_n.ravel() * shape[1] + column_n.ravel(), minlength=shape[0] * shape[1]).reshape(shape)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / total
    squared = float(((table - expected) ** 2 / expected).sum()) / total
    height, width = shape[0] - 1, shape[1] - 1
    corrected = max(0.0, squared - height * width / (total - 1))
    sides = (shape[0] - height**2 / (total - 1), shape[1] - width**2 / (total - 1))
    most = min(sides) - 1
    return min(1.0, float(np.sqrt(corrected / most))) if most > 0 else 0.0


def spearman(one_n: NDArray[np.float64], other_n: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation of two numbers, from −1 to 1; 0 where one is constant."""
    from scipy.stats import rankdata

    ranks = rankdata(one_n), rankdata(other_n)
    if len(one_n) < 2 or any(float(np.ptp(rank)) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def binned(value_n: NDArray[np.float64], *, bins: int = BINS) -> NDArray[np.int64]:
    """Return numbers as parts of about equal mass, 0 the smallest; equal numbers fall into one part."""
    edges = np.unique(np.quantile(value_n, np.linspace(0, 1, bins + 1)[1:-1])) if len(value_n) else np.zeros(0)
    return np.searchsorted(edges, value_n, side="left").astype(np.int64)


def correlation(
    one_n: NDArray[Any], other_n: NDArray[Any], *, numbers: tuple[bool, bool]
) -> tuple[float, Measure] | None:
    """Return (value, measure) for labels that stand on the same rows; None where fewer than 30 do.

    numbers: which of the two are numbers. Two numbers: `spearman`; otherwise `cramer_v`, a number cut into bins.
    """
    if len(one_n) < FEWEST:
        return None
    if all(numbers):
        return spearman(one_n, other_n), "spearman"
    words = [binned(each) if number else each for each, number in zip((one_n, other_n), numbers, strict=True)]
    return cramers_v(*words), "cramer_v"
