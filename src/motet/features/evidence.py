"""What the labels of one task say about the questions of another: shares over few codes, NumPy only.

A label becomes one code of few (yes or no, a class, a level, a fifth of the numbers) or several at once (tags). Where
both tasks ask about one row, its label counts; else the mean over the training labels of the same user or item.
n = questions of the task that is helped, B = codes of the helper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

Shares = NDArray[np.float32]
MOST_CODES = 32
NUM_BINS = 5
SMOOTHING = 2.0
"""Weight of the helper's own shares, in labels, beside the counts of one value."""


@dataclass(frozen=True)
class Codes:
    """The training labels of a task as shares over codes, (m, B); each row sums to 1, or to 0 where nothing is said."""

    share_mB: Shares
    examples: Examples


def codes_of(examples: Examples, labels: Labels) -> Codes | None:
    """Return a helper's training labels as codes; None for rankings and pairs, and where negatives were drawn."""
    if labels.output == "ranking" or examples.other_n is not None:
        return None
    train = examples.take(examples.part_n == TRAIN)
    if examples.output == "binary" and len(train.row_n) != len(np.unique(train.row_n)):
        return None
    return Codes(one_hot(labels, train.label), train)


def one_hot(labels: Labels, label: pl.Series) -> Shares:
    """Return labels as shares over at most 33 codes; numbers fall into fifths of what is given."""
    encoded = labels.encode(label)
    if labels.output == "tags":
        some = encoded[:, :MOST_CODES]
        return some / np.maximum(some.sum(1, keepdims=True), 1.0)
    if labels.output == "number":
        edges = np.unique(np.quantile(encoded, np.linspace(0, 1, NUM_BINS + 1)[1:-1]))
        code, size = np.searchsorted(edges, encoded, side="right"), len(edges) + 1
    elif labels.output == "binary":
        code, size = encoded.astype(np.int64), 2
    else:
        code = np.where(encoded < 0, MOST_CODES, np.minimum(encoded, MOST_CODES))
        size = min(labels.size, MOST_CODES + 1)
        code = np.minimum(code, size - 1)
    return np.eye(size, dtype=np.float32)[code]


def evidence_for(asked: Examples, codes: Codes) -> Shares | None:
    """Return what a helper's labels say of each asked question, (n, B), zeros where nothing is known.

    None where the two tasks have neither table nor user nor item in common.
    """
    keys = _common(asked, codes.examples)
    if keys is None:
        return None
    wanted, known = keys
    size = int(max(wanted.max(initial=-1), known.max(initial=-1))) + 1
    total = np.zeros((size + 1, codes.share_mB.shape[1]), np.float32)
    said = (known >= 0) & (codes.share_mB.sum(1) > 0)
    np.add.at(total, known[said], codes.share_mB[said])
    total /= np.maximum(total.sum(1, keepdims=True), 1.0)
    total[size] = 0.0
    return total[np.where(wanted < 0, size, wanted)]


def _common(one: Examples, other: Examples) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The keys by which two tasks' questions meet: the row, else the user, else the item."""
    rows = one.table == other.table and bool((other.row_n >= 0).all()) and bool((one.row_n >= 0).all())
    if rows:
        return one.row_n.astype(np.int64), other.row_n.astype(np.int64)
    for name in ("user_n", "item_n"):
        first, second = getattr(one, name), getattr(other, name)
        if first is not None and second is not None:
            return first.astype(np.int64), second.astype(np.int64)
    return None


def log_ratios(own_mC: Shares, seen_mB: Shares) -> NDArray[np.float64]:
    """Return log p(code | value) − log p(code), (C, B), counted on questions that carry both labels, smoothed."""
    both = own_mC.T.astype(np.float64) @ seen_mB
    base = seen_mB.sum(0, dtype=np.float64) + 1.0
    base /= base.sum()
    shares = (both + SMOOTHING * base) / (both.sum(1, keepdims=True) + SMOOTHING)
    found: NDArray[np.float64] = np.log(shares) - np.log(base)
    return found
