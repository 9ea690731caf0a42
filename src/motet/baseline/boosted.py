"""boosted: gradient-boosted trees on plain columns, where LightGBM is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.baseline._columns import shown_columns, to_codes
from motet.baseline._half import choosing
from motet.baseline._linear import Matrix, thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

MAX_ROWS, MAX_CLASSES, MIN_ROWS = 500_000, 30, 100
ROUNDS, PATIENCE = 500, 30


@BASELINES.register("boosted")
class Boosted:
    """Trees on what the question shows besides text; the number of rounds is chosen on half A."""

    name = "LightGBM"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether LightGBM is there and the question shows columns, no text and few classes."""
        if find_spec("lightgbm") is None or examples.output in ("ranking", "tags") or "text" in examples.sources:
            return False
        training = examples.label.filter(pl.Series(examples.part_n == TRAIN))
        few = examples.output in ("binary", "number") or training.n_unique() <= MAX_CLASSES
        return few and len(training) >= MIN_ROWS and shown_columns(examples, division).width > 0

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        judged = thinned(choosing(examples), MAX_ROWS)
        encoded = labels.encode(examples.label)
        if labels.output in ("class", "ordinal"):
            train, judged = train[encoded[train] >= 0], judged[encoded[judged] >= 0]
        matrix, categorical = _matrix(shown_columns(examples, division), train)
        known, tried = (matrix[train], encoded[train]), (matrix[judged], encoded[judged])
        return Answer(score=boosted(labels, known, tried, matrix[at], categorical=categorical))


def boosted(
    labels: Labels,
    training: tuple[Matrix, NDArray[Any]],
    judged: tuple[Matrix, NDArray[Any]],
    asked: Matrix,
    *,
    categorical: list[int] | None = None,
) -> NDArray[np.float32]:
    """Return the answers of boosted trees to the rows `asked`; rounds stop where those `judged` gain nothing more.

    categorical: the columns that hold codes.
    """
    import lightgbm

    if asked.shape[0] == 0:
        return np.zeros((0,) if labels.output in ("binary", "number") else (0, labels.size), np.float32)
    known = lightgbm.Dataset(*training, categorical_feature=categorical or [], free_raw_data=False)
    model = lightgbm.train(
        _settings(labels, training[0].shape[0]),
        known,
        num_boost_round=ROUNDS,
        valid_sets=[lightgbm.Dataset(*judged, reference=known)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    return np.asarray(model.predict(asked), np.float32)


def _settings(labels: Labels, num_rows: int) -> dict[str, Any]:
    goal: dict[str, Any] = {"objective": "binary"}
    if labels.output in ("class", "ordinal"):
        goal = {"objective": "multiclass", "num_class": labels.size}
    elif labels.output == "number":
        goal = {"objective": "regression_l1"}
    return {
        **goal,
        "learning_rate": 0.05,
        "num_leaves": 31 if num_rows >= 2_000 else 7,
        "min_data_in_leaf": 20,
        "num_threads": 1 if num_rows < 20_000 else 0,  # threads cost more than small data gives
        "deterministic": True,
        "force_row_wise": True,
        "seed": 0,
        "verbosity": -1,
    }


def _matrix(columns: pl.DataFrame, train: NDArray[np.int64]) -> tuple[NDArray[np.float64], list[int]]:
    """Codes and numbers, NaN where unknown, and which columns are codes."""
    arrays, categorical = [], []
    for k, column in enumerate(columns):
        if column.dtype == pl.String:
            code, _ = to_codes(column, train)
            arrays.append(np.where(code < 0, np.nan, code))
            categorical.append(k)
        else:
            arrays.append(column.to_numpy().astype(np.float64))
    return np.stack(arrays, axis=1), categorical
