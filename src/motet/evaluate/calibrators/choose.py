"""Which map a task gets: by what it answers and by how much there is to fit on; none where that is too little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.calibrators.conformal import offsets
from motet.evaluate.calibrators.isotonic import isotonic
from motet.evaluate.calibrators.platt import platt
from motet.evaluate.calibrators.temperature import TemperatureSearch
from motet.evaluate.decode import labels, levels, mean, scores
from motet.evaluate.predictions import Predictions
from motet.recommend.calibrated import NONE, Calibration, Curve, Interval, signed_log

FEW, MANY = 30, 1_000
"""Of yes and of no: below FEW nothing is fitted, from MANY on a curve of any form, between them Platt's."""

FEWEST = 100
"""Questions that a temperature needs at least."""

FOLDS = 5
Fit = Callable[[NDArray[np.floating], NDArray[np.floating]], Curve]


def calibrate(predictions: Predictions, *, level: float = 0.9, log: bool = False) -> Calibration:
    """Return the map of a task from its validation answers; `NONE` where too little or nothing can be gained.

    binary: a curve. class: a temperature. number, ordinal: an interval with `level` of the truths, on the scale of
    `log`. Rankings are searched piece by piece, see `TemperatureSearch`; tags keep their answers.
    """
    if predictions.output == "binary":
        return curve_for(scores(predictions), labels(predictions))
    if predictions.output == "class":
        search = TemperatureSearch()
        search.add(np.log(np.maximum(scores(predictions), 1e-38)), labels(predictions).astype(np.int64))
        return by_temperature(search)
    if predictions.output in ("number", "ordinal"):
        return replace(NONE, interval=number_interval(predictions, level=level, log=log), questions=len(predictions))
    return NONE


def curve_for(p_n: NDArray[np.floating], yes_n: NDArray[np.floating]) -> Calibration:
    """Return the map of a probability of yes; `NONE` where no curve lowers the log loss of rows it has not seen."""
    p, yes = np.asarray(p_n, np.float64), np.asarray(yes_n, np.float64)
    known = np.isfinite(p) & np.isfinite(yes)
    p, yes = p[known], yes[known]
    fewer = int(min((yes > 0.5).sum(), (yes <= 0.5).sum()))
    if fewer < FEW:
        return replace(NONE, questions=len(p))
    candidates: list[tuple[Literal["platt", "isotonic"], Fit]] = [("platt", platt)]
    if fewer >= MANY:
        candidates.append(("isotonic", isotonic))
    before = _log_loss(p, yes)
    judged = [(_left_out(fit, p, yes), kind, fit) for kind, fit in candidates]
    after, kind, fit = min(judged, key=lambda each: each[0])
    if after >= before:
        return replace(NONE, questions=len(p), before=before, after=before)
    return Calibration(kind, curves=(fit(p, yes),), questions=len(p), before=before, after=after)


def by_temperature(search: TemperatureSearch) -> Calibration:
    """Return the map of what was searched; `NONE` for too few questions."""
    if search.questions < FEWEST:
        return replace(NONE, questions=search.questions)
    temperature, before, after = search.best()
    if after >= before:
        return replace(NONE, questions=search.questions, before=before, after=before)
    return Calibration("temperature", temperature, questions=search.questions, before=before, after=after)


def number_interval(predictions: Predictions, *, level: float, log: bool = False) -> Interval | None:
    """Return the interval of a number or rating around its mean; None where there are too few answers for the level."""
    value, truth = mean(predictions), labels(predictions)
    found = offsets(signed_log(truth) - signed_log(value) if log else truth - value, level=level)
    if found is None:
        return None
    bounds = None
    if predictions.output == "ordinal":
        known = levels(predictions)
        bounds = (float(known[0]), float(known[-1]))
    return Interval(level, found[0], found[1], log, bounds)


def _left_out(fit: Fit, p: NDArray[np.float64], yes: NDArray[np.float64]) -> float:
    """The log loss of every fifth of the rows under a curve that was fitted on the others."""
    fold, total = np.arange(len(p)) % FOLDS, 0.0
    for each in range(FOLDS):
        own = fold == each
        curve = Calibration(curves=(fit(p[~own], yes[~own]),))
        total += _log_loss(curve.probability(p[own]), yes[own]) * own.sum()
    return total / len(p)


def _log_loss(p: NDArray[np.float64], yes: NDArray[np.float64]) -> float:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(-np.where(yes > 0.5, np.log(p), np.log1p(-p)).mean())
