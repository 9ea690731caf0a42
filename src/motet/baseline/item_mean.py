"""item mean: how this item usually does, and how this user usually answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

SHRINK = 5.0
ROUNDS = 5


@BASELINES.register("item_mean")
class ItemMean:
    """Shrunk user and item effects.

    A number is mean + user effect + item effect. A yes or no, a level or a class is the prior times the user's and the
    item's shrunk shares over the prior (naive Bayes).
    """

    name = "user and item means"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the question is about a user and an item."""
        wanted = examples.output in ("binary", "ordinal", "class", "number")
        return wanted and {"history", "item"} <= set(examples.sources) and "text" not in examples.sources

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        assert examples.user_n is not None and examples.item_n is not None, "the view has user and item"
        train = np.flatnonzero(examples.part_n == TRAIN)
        encoded = labels.encode(examples.label)
        groups = (examples.user_n, examples.item_n)
        if labels.output == "number":
            return Answer(score=_effects(encoded.astype(np.float64), groups, train, at).astype(np.float32))
        size = 2 if labels.output == "binary" else labels.size
        share_nC = _bayes(encoded.astype(np.int64), groups, train, at, size)
        return Answer(score=share_nC[:, 1] if labels.output == "binary" else share_nC)


def _effects(
    value_n: NDArray[np.float64],
    groups: tuple[NDArray[np.int32], ...],
    train: NDArray[np.int64],
    at: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Alternate between users and items, each explaining what the other left."""
    mean = value_n[train].mean()
    effects = [np.zeros(group.max(initial=-1) + 2) for group in groups]  # the last one stays 0: unknown
    for _ in range(ROUNDS):
        for own, group in enumerate(groups):
            others = sum(effects[k][groups[k][train]] for k in range(len(groups)) if k != own)
            rest = value_n[train] - mean - others
            known = group[train] >= 0
            index, size = group[train][known], len(effects[own])
            total = np.bincount(index, rest[known], minlength=size)
            effects[own] = total / (np.bincount(index, minlength=size) + SHRINK)
    return mean + sum(effects[k][group[at]] for k, group in enumerate(groups))


def _bayes(
    code_n: NDArray[np.int64],
    groups: tuple[NDArray[np.int32], ...],
    train: NDArray[np.int64],
    at: NDArray[np.int64],
    size: int,
) -> NDArray[np.float32]:
    train = train[code_n[train] >= 0]
    prior_C = (np.bincount(code_n[train], minlength=size) + 1e-3) / (len(train) + 1e-3 * size)
    log_nC = np.tile(np.log(prior_C), (len(at), 1))
    for group in groups:
        kept = train[group[train] >= 0]
        names, code = np.unique(group[kept], return_inverse=True)
        counts_GC = np.zeros((len(names) + 1, size))  # the last one stays 0: unknown
        np.add.at(counts_GC, (code, code_n[kept]), 1.0)
        share_GC = (counts_GC + SHRINK * prior_C) / (counts_GC.sum(axis=1, keepdims=True) + SHRINK)
        place = np.searchsorted(names, group[at])
        found = (place < len(names)) & (names[np.minimum(place, len(names) - 1)] == group[at]) if len(names) else False
        log_nC += np.log(share_GC / prior_C)[np.where(found, place, len(names))]
    log_nC -= log_nC.max(axis=1, keepdims=True)
    share_nC = np.exp(log_nC)
    return (share_nC / share_nC.sum(axis=1, keepdims=True)).astype(np.float32)
