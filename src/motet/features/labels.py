"""Labels to arrays: which classes, tags and levels there are, and how a number is scaled. Fitted on training rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.schema import TRAIN
from motet.tasks import Examples, Output

MAX_TAGS = 2_000


@dataclass(frozen=True)
class Labels:
    """How one task's labels are written as arrays.

    classes: names of the classes or tags, by falling training count. levels: values of an ordinal label, rising.
    log: whether a number is learned as sign(y)·log(1 + |y|). centre, scale: of that learned number. low, high: the
    range of the training labels, in their own unit; answers stay within it.
    prior: the mean (binary; a half for a relation, whose strangers are drawn), shares (class, tags, ordinal) or median
    (number) of the training labels.
    """

    output: Output
    classes: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    log: bool = False
    centre: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    prior: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers a head answers: classes, tags or levels, else one."""
        return len(self.classes) or len(self.levels) or 1

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Labels:
        """Return the labels that `to_json` wrote."""
        lists = {key: tuple(fields[key]) for key in ("classes", "levels", "prior")}
        return cls(**{**fields, **lists})

    def encode(self, label: pl.Series) -> NDArray[Any]:
        """Return labels as arrays.

        ranking: int64 item indices. binary: float32 0 or 1. class: int64, -1 for a class that training never showed.
        ordinal: int64 index of the nearest level. tags: float32 (n, C). number: float32 in the column's own unit.
        """
        if self.output == "ranking":
            return label.to_numpy().astype(np.int64)
        if self.output in ("binary", "number"):
            return label.cast(pl.Float64).to_numpy().astype(np.float32)
        if self.output == "ordinal":
            levels = np.asarray(self.levels)
            return np.abs(label.to_numpy()[:, None] - levels[None, :]).argmin(1).astype(np.int64)
        index = {name: code for code, name in enumerate(self.classes)}
        if self.output == "class":
            return label.replace_strict(index, default=-1, return_dtype=pl.Int64).to_numpy()
        encoded = np.zeros((len(label), len(self.classes)), np.float32)
        pairs = pl.DataFrame({"row": np.arange(len(label)), "tag": label}).explode("tag").drop_nulls()
        codes = pairs["tag"].replace_strict(index, default=-1, return_dtype=pl.Int64).to_numpy()
        encoded[pairs["row"].to_numpy()[codes >= 0], codes[codes >= 0]] = 1.0
        return encoded

    def targets(self, label: pl.Series) -> NDArray[Any]:
        """Return labels as heads learn them: as encoded, but numbers scaled."""
        encoded = self.encode(label)
        return self.scaled(encoded) if self.output == "number" else encoded

    def scaled(self, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return numbers as the model learns them."""
        value = np.sign(value) * np.log1p(np.abs(value)) if self.log else value
        return ((value - self.centre) / self.scale).astype(np.float32)

    def unscaled(self, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return learned numbers in the column's own unit."""
        value = value * self.scale + self.centre
        value = np.sign(value) * np.expm1(np.minimum(np.abs(value), 60.0)) if self.log else value
        return np.clip(value, self.low, self.high).astype(np.float32)


def fit_labels(examples: Examples) -> Labels:
    """Return the labels of a task, fitted on its training examples."""
    label = examples.label.filter(pl.Series(examples.part_n == TRAIN))
    output = examples.output
    if output == "ranking":
        return Labels(output)
    if output == "binary":
        if "other" in examples.sources:  # strangers are drawn: judging shows one for each pair
            return Labels(output, prior=(0.5,))
        return Labels(output, prior=(float(label.cast(pl.Float64).mean() or 0.0),))  # type: ignore[arg-type]
    if output == "number":
        return _fit_number(label.to_numpy())
    if output == "ordinal":
        counts = label.value_counts().sort(label.name)
        shares = counts["count"] / counts["count"].sum()
        return Labels(output, levels=tuple(counts[label.name].to_list()), prior=tuple(shares.to_list()))
    names = label.explode() if output == "tags" else label
    counts = names.drop_nulls().value_counts().sort(["count", names.name], descending=[True, False]).head(MAX_TAGS)
    prior = counts["count"] / len(label)
    return Labels(output, classes=tuple(counts[names.name].to_list()), prior=tuple(prior.to_list()))


def _fit_number(value: NDArray[np.float64]) -> Labels:
    """A heavy right tail (skewness above 2 and no negative value) is learned on the log scale."""
    spread = value.std()
    skew = ((value - value.mean()) ** 3).mean() / spread**3 if spread > 0 else 0.0
    log = bool(skew > 2 and value.min() >= 0)
    learned = np.sign(value) * np.log1p(np.abs(value)) if log else value
    scale = float(learned.std()) or 1.0
    return Labels(
        "number",
        log=log,
        centre=float(learned.mean()),
        scale=scale,
        low=float(value.min()),
        high=float(value.max()),
        prior=(float(np.median(value)),),
    )
