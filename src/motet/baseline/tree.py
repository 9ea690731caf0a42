"""decision tree: questions about columns, one after the other; with words, about the most frequent of them, too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.baseline._frequent import asks_little, inputs
from motet.baseline._half import choosing
from motet.baseline._linear import Matrix, log_loss, shares, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

MAX_ROWS = 60_000
DEPTHS = (3, 6, 10, 16)
LEAF = 5


@BASELINES.register("tree")
class Tree:
    """One tree on what the question shows; its depth is chosen on half A."""

    name = "decision tree"

    def cheap(self, examples: Examples) -> bool:
        """Return whether it takes seconds: columns do, words do not."""
        return "text" not in examples.sources and "item" not in examples.sources

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the question shows columns or words, and asks for few classes."""
        return asks_little(examples, division)

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        judged = thinned(choosing(examples), MAX_ROWS)
        matrices = inputs(examples, division, [train, judged, at])
        encoded = labels.encode(examples.label)
        return Answer(score=_scores(labels, (matrices[0], encoded[train]), (matrices[1], encoded[judged]), matrices[2]))


def _scores(
    labels: Labels, training: tuple[Matrix, NDArray[Any]], judged: tuple[Matrix, NDArray[Any]], asked: Matrix
) -> NDArray[np.float32]:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    number = labels.output == "number"
    kind = DecisionTreeRegressor if number else DecisionTreeClassifier
    rows, truth = training
    if not number:
        rows, truth = rows[truth >= 0], truth[truth >= 0].astype(np.int64)
    size = 2 if labels.output == "binary" else labels.size
    target = labels.scaled(truth) if number else truth
    best, least = None, np.inf
    for depth in DEPTHS:
        model = kind(max_depth=depth, min_samples_leaf=min(LEAF, max(1, rows.shape[0] // 10)), random_state=0)
        model.fit(rows, target)
        loss = _loss(labels, model, judged, size)
        if best is None or loss < least:
            best, least = model, loss
    if number:
        return _values(labels, best, asked)
    share_nC = shares(best, asked, size)
    return share_nC[:, 1] if labels.output == "binary" else share_nC


def _loss(labels: Labels, model: Any, judged: tuple[Matrix, NDArray[Any]], size: int) -> float:
    if judged[0].shape[0] == 0:
        return 0.0
    if labels.output == "number":
        return float(np.abs(_values(labels, model, judged[0]) - judged[1]).mean())
    return log_loss(shares(model, judged[0], size), judged[1].astype(np.int64))


def _values(labels: Labels, model: Any, rows: Matrix) -> NDArray[np.float32]:
    if rows.shape[0] == 0:
        return np.zeros(0, np.float32)
    return np.asarray(labels.unscaled(model.predict(rows).astype(np.float32)), np.float32)
