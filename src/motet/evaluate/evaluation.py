"""Judge every task: its metrics, an overall score, where it is weak, and whether its probabilities can be believed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from motet.evaluate.calibration import Bin, reliability
from motet.evaluate.calibrators.apply import applied, kept
from motet.evaluate.decode import confidence, labels
from motet.evaluate.kept import KeptAnswers, keep
from motet.evaluate.metrics import find
from motet.evaluate.predictions import Predictions
from motet.evaluate.standard import metrics_of
from motet.evaluate.subset import subset
from motet.recommend.calibrated import NONE, Calibration

CALIBRATED = ("log_loss", "ece")
"""Metrics that calibration is for."""

ENOUGH = 50
"""Questions of a group whose calibration is told."""

SLICE_COLUMNS = {
    "task": pl.String,
    "slice": pl.String,
    "label": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "n": pl.Int64,
}


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found.

    tasks: task → metric → value (NaN where undefined). questions: task → how many questions were asked.
    overall: `score` (see `goodness`), how many `tasks` it averages, and the `questions` of all tasks.
    scores: task → its part in that mean.
    slices: columns task, slice, label, metric (the primary one), value (null where undefined), n.
    calibration: task → reliability table; empty for outputs that promise no single probability.
    uncalibrated: task → what calibration changed (log_loss, ece), before it. intervals: task → how the intervals around
    its numbers fared (level, coverage, width, median_width, questions). calibration_slices: a row per group of
    questions with task, slice, label, n, promised and came (means), ece before and after. lists: task → the health of
    its lists. answers: task → its answers to single questions, for comparisons; not part of the JSON.
    """

    tasks: Mapping[str, Mapping[str, float]]
    questions: Mapping[str, int]
    overall: Mapping[str, float]
    slices: pl.DataFrame
    calibration: Mapping[str, Sequence[Bin]]
    uncalibrated: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    intervals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calibration_slices: Sequence[Mapping[str, Any]] = ()
    lists: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    answers: Mapping[str, KeptAnswers] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values; undefined numbers are None."""
        return {
            "tasks": {task: _defined(values) for task, values in self.tasks.items()},
            "overall": _defined(self.overall),
            "questions": dict(self.questions),
            "slices": self.slices.to_dicts(),
            "calibration": {task: [asdict(bin) for bin in table] for task, table in self.calibration.items()},
            "uncalibrated": {task: _defined(values) for task, values in self.uncalibrated.items()},
            "intervals": {task: _defined(values) for task, values in self.intervals.items()},
            "calibration_slices": [dict(row) for row in self.calibration_slices],
            "lists": {task: _defined(values) for task, values in self.lists.items()},
            "scores": _defined(self.scores),
        }


def evaluate(
    raw: Mapping[str, Predictions],
    *,
    maps: Mapping[str, Calibration] | None = None,
    lists: Mapping[str, Mapping[str, float]] | None = None,
) -> Evaluation:
    """Return the evaluation of every task's answers under its map, the answers themselves where it has none.

    lists: the health of lists, by task. Raises ProjectError for a metric that does not fit its task.
    """
    known_maps = maps or {}
    predictions = {task: applied(answers, known_maps.get(task, NONE)) for task, answers in raw.items()}
    changed = [task for task in raw if predictions[task] is not raw[task]]
    fared = {task: kept(answers, known_maps.get(task, NONE)) for task, answers in predictions.items()}
    scores = {task: goodness(answers) for task, answers in predictions.items()}
    known = [score for score in scores.values() if not math.isnan(score)]
    questions = {task: len(answers) for task, answers in predictions.items()}
    return Evaluation(
        tasks={
            task: {name: find(name).value(answers) for name in metrics_of(answers)}
            for task, answers in predictions.items()
        },
        questions=questions,
        overall={
            "score": float(np.mean(known)) if known else float("nan"),
            "tasks": len(known),
            "questions": sum(questions.values()),
        },
        slices=pl.concat(
            [pl.DataFrame(schema=SLICE_COLUMNS), *(_slices(task, answers) for task, answers in predictions.items())]
        ),
        calibration={task: reliability(answers) for task, answers in predictions.items()},
        uncalibrated={
            task: {name: find(name).value(raw[task]) for name in CALIBRATED if name in metrics_of(raw[task])}
            for task in changed
        },
        intervals={task: each for task, each in fared.items() if each is not None},
        calibration_slices=[row for task in raw for row in _reliable_slices(task, raw[task], predictions[task])],
        lists=lists or {},
        answers={task: each for task, answers in predictions.items() if (each := keep(answers)) is not None},
        scores=scores,
    )


def goodness(predictions: Predictions) -> float:
    """Return the task's primary metric on a scale where 1 is perfect and tasks can be averaged.

    A metric where higher is better stands as it is. An error becomes the part of it that is saved against the best
    constant answer to the same questions (the median for mae, the mean for squared errors): 1 − error / error of the
    constant; 0 is no better than the constant, and negative values are worse. NaN where undefined.
    """
    metric = find(predictions.task.primary)
    value = metric.value(predictions)
    if not metric.lower_is_better or len(predictions) == 0:
        return value
    label_n = labels(predictions)
    spread = float(np.abs(label_n - np.median(label_n)).mean())
    if predictions.task.primary != "mae":
        spread = float(label_n.var()) if predictions.task.primary == "mse" else float(label_n.std())
    return 1.0 - value / spread if spread > 0 else float("nan")


def _slices(task: str, predictions: Predictions) -> pl.DataFrame:
    """Return the primary metric within each label of each slice, the largest groups first."""
    metric = find(predictions.task.primary)
    rows = []
    for name, label_n in predictions.slices.items():
        values, counts = np.unique(label_n, return_counts=True)
        for at in np.argsort(-counts, kind="stable"):
            value = metric.value(subset(predictions, label_n == values[at]))
            row = (task, name, str(values[at]), predictions.task.primary, value, int(counts[at]))
            rows.append(row)
    return pl.DataFrame(rows, schema=SLICE_COLUMNS, orient="row").with_columns(pl.col("value").fill_nan(None))


def _reliable_slices(task: str, raw: Predictions, predictions: Predictions) -> Iterator[dict[str, Any]]:
    """Yield how well promises are kept within each label of each slice, the largest groups first."""
    if predictions.output not in find("ece").outputs:
        return
    promised_n, came_n = confidence(predictions) if len(predictions) else (np.zeros(0), np.zeros(0))
    for name, label_n in predictions.slices.items():
        values, counts = np.unique(label_n, return_counts=True)
        for at in np.argsort(-counts, kind="stable"):
            if counts[at] < ENOUGH:
                continue
            own = label_n == values[at]
            yield {
                "task": task,
                "slice": name,
                "label": str(values[at]),
                "n": int(counts[at]),
                "promised": float(promised_n[own].mean()),
                "came": float(came_n[own].mean()),
                "before": find("ece").value(subset(raw, own)),
                "ece": find("ece").value(subset(predictions, own)),
            }


def _defined(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
