"""Maps from what a model promises to what comes: applied wherever it answers, with NumPy alone.

n = questions, C = classes, K = knots of a curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motet.errors import ArtifactError

FloatArray = NDArray[np.float64]
SMALLEST = 1e-9
"""Probabilities are held this far from 0 and 1, so that their log-odds are numbers."""


@dataclass(frozen=True)
class Curve:
    """A rising curve from log-odds to log-odds: straight between its knots, and beyond them as steep as `ends` says."""

    x: tuple[float, ...] = (0.0,)
    y: tuple[float, ...] = (0.0,)
    ends: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        rising = len(self.x) == len(self.y) > 0 and bool((np.diff(self.x) > 0).all() and (np.diff(self.y) > 0).all())
        if not rising or min(self.ends) <= 0 or not np.isfinite([*self.x, *self.y, *self.ends]).all():
            raise ArtifactError("A calibration curve does not rise.", "Train anew.")

    def __call__(self, odds_n: FloatArray) -> FloatArray:
        """Return the log-odds of the calibrated probability; larger ones stay larger."""
        inside = np.interp(odds_n, self.x, self.y)
        below, above = np.minimum(odds_n - self.x[0], 0.0), np.maximum(odds_n - self.x[-1], 0.0)
        return inside + self.ends[0] * below + self.ends[1] * above


@dataclass(frozen=True)
class Interval:
    """How far the truth lies from a predicted number.

    level: the share of truths inside. below, above: distances from the prediction, on the scale of `log` (sign·log(1 +
    |value|), then nothing below 0) or in the label's own unit. bounds: of the levels of a rating.
    """

    level: float
    below: float
    above: float
    log: bool = False
    bounds: tuple[float, float] | None = None

    def around(self, value_n: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the lower and upper ends for predicted values."""
        centre = signed_log(value_n) if self.log else np.asarray(value_n, np.float64)
        ends = [centre + self.below, centre + self.above]
        if self.log:
            ends = [np.maximum(np.sign(each) * np.expm1(np.minimum(np.abs(each), 60.0)), 0.0) for each in ends]
        if self.bounds is not None:
            ends = [np.clip(each, *self.bounds) for each in ends]
        return ends[0], ends[1]


@dataclass(frozen=True)
class Calibration:
    """What was fitted for one task.

    kind: `none`, `temperature` (class, ranking), `platt` or `isotonic` (yes or no; of a rating: being high).
    curves: joined by their minimum or maximum; a task of a chain has those of its neighbours, too. interval: of a
    number or rating. questions: how many it was fitted on. before, after: log loss on these (of a curve: on rows left
    out).
    """

    kind: Literal["none", "temperature", "platt", "isotonic"] = "none"
    temperature: float = 1.0
    curves: tuple[Curve, ...] = ()
    join: Literal["min", "max"] = "min"
    interval: Interval | None = None
    questions: int = 0
    before: float | None = None
    after: float | None = None

    def probability(self, p_n: NDArray[Any]) -> FloatArray:
        """Return calibrated probabilities of yes; their order stays."""
        p = np.asarray(p_n, np.float64)
        if not self.curves:
            return p
        odds = log_odds(p)
        joined = np.minimum if self.join == "min" else np.maximum
        found = joined.reduce([curve(odds) for curve in self.curves])
        return np.where(np.isnan(p), p, 1.0 / (1.0 + np.exp(-np.clip(found, -700.0, 700.0))))

    def distribution(self, p_nC: NDArray[Any]) -> FloatArray:
        """Return calibrated probabilities of the classes, rows summing to 1; the order within a row stays."""
        p = np.asarray(p_nC, np.float64)
        if self.temperature == 1.0:
            return p
        odds = np.log(np.maximum(p, 1e-38)) / self.temperature
        weight = np.exp(odds - odds.max(axis=-1, keepdims=True))
        return weight / weight.sum(axis=-1, keepdims=True)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Calibration:
        """Return what `to_json` wrote; raises ArtifactError for anything else."""
        try:
            curves = tuple(
                Curve(tuple(each["x"]), tuple(each["y"]), (each["ends"][0], each["ends"][1]))
                for each in fields["curves"]
            )
            told = fields["interval"]
            interval = None
            if told is not None:
                bounds = told["bounds"]
                interval = Interval(**{**told, "bounds": None if bounds is None else (bounds[0], bounds[1])})
            if not float(fields["temperature"]) > 0:
                raise ValueError("a temperature is above 0")
            return cls(**{**fields, "curves": curves, "interval": interval})
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ArtifactError(f"A calibration cannot be read: {error}.", "Train anew.") from None


NONE = Calibration()
"""What a task without a map of its own has."""


def log_odds(p_n: NDArray[Any]) -> FloatArray:
    """Return log(p / (1 − p)), p held a little inside of 0 and 1."""
    p = np.clip(np.asarray(p_n, np.float64), SMALLEST, 1.0 - SMALLEST)
    return np.log(p) - np.log1p(-p)


def signed_log(value_n: NDArray[Any]) -> FloatArray:
    """Return sign(v) · log(1 + |v|)."""
    value = np.asarray(value_n, np.float64)
    return np.sign(value) * np.log1p(np.abs(value))
