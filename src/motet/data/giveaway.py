"""How well one column alone predicts a label: cheap closed forms, no model.

Categories are judged by cross-fitting: each row is predicted from rows of other folds with the same value, so that a
column of rare values cannot shine by memorising. Values that no other fold shows are not judged.
n = rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log

import numpy as np
import polars as pl
from numpy.typing import NDArray

FOLDS = 5
MAX_ROWS = 200_000
MIN_ROWS, MIN_SHARE, MIN_EACH_WAY = 20, 0.1, 3
_LUCK = log(10_000)
"""A perfect ranking counts only where chance would reach it less than once in so many columns."""


@dataclass(frozen=True)
class Giveaway:
    """What a column alone reaches: measure is `AUC`, `accuracy` or `correlation`, score lies in 0–1."""

    measure: str
    score: float


def giveaway(label: pl.Series, column: pl.Series) -> Giveaway:
    """Return how well `column` alone predicts `label`, over the rows whose label is known.

    label: Boolean (judged by AUC), Float64 (by absolute correlation, of the values or of their ranks) or anything else
    (by accuracy, which counts only where it halves the errors of the most frequent class). column: String, Boolean,
    List[String] or Float64.
    Being unknown is judged as a column of its own. Too few rows to tell give the score 0.
    """
    known = label.is_not_null()
    label, column = _sample(label.filter(known), column.filter(known))
    scores = [_score(label, column.is_null())]
    present = column.is_not_null()
    if present.sum() >= MIN_SHARE * len(column):
        scores += [_score(label.filter(present), column.filter(present))]
    measure = {pl.Boolean: "AUC", pl.Float64: "correlation"}.get(label.dtype.base_type(), "accuracy")
    return Giveaway(measure, max(scores))


def same_text(label: pl.Series, text: pl.Series) -> Giveaway:
    """Return the share of rows whose text is literally the label."""
    both = pl.DataFrame({"label": label.cast(pl.String), "text": text.cast(pl.String)}).drop_nulls()
    if both.height < MIN_ROWS or both["label"].n_unique() < 2:
        return Giveaway("accuracy", 0.0)
    plain = both.select(pl.all().str.strip_chars().str.to_lowercase())
    return Giveaway("accuracy", float((plain["label"] == plain["text"]).mean() or 0.0))  # type: ignore[arg-type]


def _sample(label: pl.Series, column: pl.Series) -> tuple[pl.Series, pl.Series]:
    if len(label) <= MAX_ROWS:
        return label, column
    rows = np.sort(np.random.default_rng(0).choice(len(label), MAX_ROWS, replace=False))
    return label.gather(rows), column.gather(rows)


def _score(label: pl.Series, column: pl.Series) -> float:
    if len(label) < MIN_ROWS or column.n_unique() < 2 or label.n_unique() < 2:
        return 0.0
    if isinstance(column.dtype, pl.List):
        return max(_tags(label, column), _categories(label, column.list.sort().list.join("|")))
    if column.dtype.is_numeric():
        return max(_numbers(label, column.cast(pl.Float64)), _categories(label, column))
    return _categories(label, column)


def _numbers(label: pl.Series, column: pl.Series) -> float:
    if label.dtype == pl.Boolean:
        auc = _auc(label.to_numpy(), column.to_numpy())
        return max(auc, 1 - auc) if _telling(label.to_numpy()) else 0.0
    if label.dtype == pl.Float64:
        ranks = [each.rank("average").to_numpy() for each in (label, column)]
        return max(_correlation(label.to_numpy(), column.to_numpy()), _correlation(ranks[0], ranks[1]))
    return _runs(label, column)


def _runs(label: pl.Series, column: pl.Series) -> float:
    """The share of rows that lie in one run with their class when sorted by the column; 1 if each class is one run."""
    # Shuffled first: rows with equal values must not keep the order of a file that is sorted by its label.
    rows = pl.DataFrame({"label": label, "value": column}).sample(fraction=1.0, shuffle=True, seed=len(label))
    repeated = rows.filter(pl.len().over("label") > 1).sort("value", maintain_order=True)["label"]
    if len(repeated) < MIN_ROWS:
        return 0.0
    runs = int((repeated != repeated.shift(1)).sum()) + 1
    return _beyond_base(1 - (runs - repeated.n_unique()) / len(repeated), _codes(repeated))


def _categories(label: pl.Series, column: pl.Series) -> float:
    value_n = _codes(column)
    if label.dtype not in (pl.Boolean, pl.Float64):
        return _accuracy(_codes(label), value_n)
    label_n = label.cast(pl.Float64).to_numpy()
    mean_n, judged = _fitted_elsewhere(label_n, value_n)
    if not _enough(judged):
        return 0.0
    if label.dtype == pl.Float64:
        return _correlation(label_n[judged], mean_n[judged])
    truth = label_n[judged] > 0
    return _auc(truth, mean_n[judged]) if _telling(truth) else 0.0


def _tags(label: pl.Series, column: pl.Series) -> float:
    """One tag that tells yes from no, or a tag that is the class."""
    pairs = pl.DataFrame({"row": np.arange(len(column)), "tag": column}).explode("tag").drop_nulls().unique()
    if label.dtype == pl.Float64:
        return 0.0
    if label.dtype == pl.Boolean:
        if not _telling(label.to_numpy()):
            return 0.0
        rates = (
            pairs.with_columns(yes=label.gather(pairs["row"]))
            .group_by("tag")
            .agg(hit=pl.col("yes").sum() / label.sum(), false=(~pl.col("yes")).sum() / (~label).sum())
        )
        return 0.5 + 0.5 * float((rates["hit"] - rates["false"]).abs().max() or 0.0)  # type: ignore[arg-type]
    names = label.cast(pl.String)
    named = pairs.filter(pl.col("tag").is_in(names.unique().to_list()))
    own = (
        named.with_columns(label=names.gather(named["row"]))
        .group_by("row")
        .agg((pl.col("tag") == pl.col("label")).mean().alias("share"))
    )
    return _beyond_base(float(own["share"].sum()) / len(label), _codes(label))


def _fitted_elsewhere(
    label_n: NDArray[np.float64], value_n: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the mean label of the same value in the other folds, and where there is one."""
    fold_n = _folds(len(label_n))
    size = (value_n.max() + 1) * FOLDS
    place = value_n * FOLDS + fold_n
    count = np.bincount(place, minlength=size).reshape(-1, FOLDS)
    total = np.bincount(place, weights=label_n, minlength=size).reshape(-1, FOLDS)
    others = (count.sum(1, keepdims=True) - count)[value_n, fold_n]
    summed = (total.sum(1, keepdims=True) - total)[value_n, fold_n]
    return summed / np.maximum(others, 1), others > 0


def _accuracy(label_n: NDArray[np.int64], value_n: NDArray[np.int64]) -> float:
    """The share of rows whose label is the most frequent one of the same value in the other folds."""
    fold_n = _folds(len(label_n))
    pairs, pair_n = np.unique(value_n * (label_n.max() + 1) + label_n, return_inverse=True)
    count = np.bincount(pair_n * FOLDS + fold_n, minlength=len(pairs) * FOLDS).reshape(-1, FOLDS)
    others = count.sum(1, keepdims=True) - count
    value_of_pair = pairs // (label_n.max() + 1)
    best = np.maximum.reduceat(others, np.flatnonzero(np.r_[True, np.diff(value_of_pair) > 0]))
    top_n = best[np.searchsorted(np.unique(value_of_pair), value_n), fold_n]
    judged = top_n > 0
    if not _enough(judged):
        return 0.0
    right_n = others[pair_n, fold_n] == top_n
    return _beyond_base(float(right_n[judged].mean()), label_n[judged])


def _beyond_base(accuracy: float, label_n: NDArray[np.int64]) -> float:
    """The accuracy, or 0 where it is hardly better than always naming the most frequent class."""
    base = np.bincount(label_n).max() / len(label_n)
    return accuracy if base < 1 and 1 - accuracy <= 0.5 * (1 - base) else 0.0


def _auc(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    rank = pl.Series(score).rank("average").to_numpy()
    yes = int(truth.sum())
    no = len(truth) - yes
    return float((rank[truth].sum() - yes * (yes + 1) / 2) / (yes * no)) if yes and no else 0.5


def _telling(truth: NDArray[np.bool_]) -> bool:
    """Whether a perfect ranking of so many yes and no could hardly be luck."""
    yes, no = int(truth.sum()), int((~truth).sum())
    ways = lgamma(yes + no + 1) - lgamma(yes + 1) - lgamma(no + 1)
    return min(yes, no) >= MIN_EACH_WAY and ways >= _LUCK


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(abs(a @ b) / size) if size > 0 else 0.0


def _enough(judged: NDArray[np.bool_]) -> bool:
    return bool(judged.sum() >= max(MIN_ROWS, MIN_SHARE * len(judged)))


def _folds(n: int) -> NDArray[np.int64]:
    """Shuffled, because files are often sorted by their label."""
    return np.random.default_rng(n).permutation(n) % FOLDS


def _codes(values: pl.Series) -> NDArray[np.int64]:
    return values.rank("dense").to_numpy().astype(np.int64) - 1
