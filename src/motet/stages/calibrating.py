"""Make the shipped model's promises honest: maps fitted on validation half A, once it is decided what ships.

The certificate compares answers as the heads give them; only what serves and what is told of it is calibrated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.evaluate import Evaluation, Predictions, evaluate, list_health
from motet.evaluate.calibrators import TemperatureSearch, calibrate, consistent, curve_for
from motet.evaluate.calibrators.choose import by_temperature
from motet.model.predict import Predictor
from motet.recommend.blend import as_probability
from motet.recommend.calibrated import Calibration
from motet.recommend.port import TaskView
from motet.schema import TRAIN
from motet.stages.answer import questions_of_role
from motet.stages.outcomes import Outcome, role_of
from motet.stages.study import Study
from motet.stages.together import batches_of

HIGH = 0.75
"""A rating counts as high from this quantile of its training labels on."""

CELLS, FEWEST, MOST = 30_000_000, 200, 4_000
"""A ranking's temperature is searched on so many scores, but on so many questions at least and at most."""


def calibrations(study: Study, outcomes: Mapping[str, Outcome]) -> dict[str, Calibration]:
    """Return task → its map, fitted on what each task's shipped model answers to validation half A.

    Empty where the project says `calibrate.kind = "off"`.
    """
    settings = study.project.calibrate
    if settings.kind == "off":
        return {}
    answers = {
        task: role_of(study, task, outcome.answers[task], "A")
        for task, outcome in outcomes.items()
        if study.features.state.labels[task].output != "ranking"
    }
    maps: dict[str, Calibration] = {}
    for task, outcome in outcomes.items():
        labels = study.features.state.labels[task]
        if labels.output == "ranking":
            maps[task] = _ranking(study, task, outcome)
            continue
        maps[task] = calibrate(answers[task], level=settings.level, log=labels.log)
        if study.examples[task].kind == "rating" and labels.output == "ordinal":
            high = high_of(study, task, answers[task])
            maps[task] = replace(high, interval=maps[task].interval)
    return consistent(maps, study.project.sharing.chain, answers)


def judged(
    study: Study,
    raw: Mapping[str, Predictions],
    maps: Mapping[str, Calibration],
    vectors: NDArray[np.float32] | None,
) -> Evaluation:
    """Return the evaluation of answers under their maps, with the health of lists."""
    items = study.features.arrays.items
    lists = {}
    if items is not None:
        fitting = vectors if vectors is not None and len(vectors) == len(items.count) - 1 else None
        lists = {
            task: list_health(answers, items.count[1:], fitting)
            for task, answers in raw.items()
            if answers.output == "ranking" and answers.top_nK is not None
        }
    return evaluate(raw, maps=maps, lists=lists)


def high_threshold(study: Study, task: str) -> float:
    """Return the rating from which on one counts as high: the 75th percentile of the training labels."""
    examples = study.examples[task]
    known = examples.label.filter(pl.Series(examples.part_n == TRAIN)).cast(pl.Float64)
    return float(known.quantile(HIGH, interpolation="nearest") or 0.0)


def high_of(study: Study, task: str, answers: Predictions) -> Calibration:
    """Return the map of a rating's probability of being high, by which it takes part in lists."""
    threshold = high_threshold(study, task)
    levels = study.features.state.labels[task].levels
    view = TaskView("rating", "ordinal", (), levels=levels, threshold=threshold)
    assert answers.score is not None and answers.label is not None
    return curve_for(as_probability(view, answers.score), (answers.label >= threshold).astype(np.float64))


def _ranking(study: Study, task: str, outcome: Outcome) -> Calibration:
    num_items = max(1, study.shape.num_items)
    most = int(np.clip(CELLS // num_items, FEWEST, MOST))
    chosen = questions_of_role(study, task, "A", most=most)
    target = study.examples[task].label.gather(chosen).to_numpy()
    predictor, search = Predictor(outcome.model, study.tensors), TemperatureSearch()
    step = max(1, 4_000_000 // num_items)
    for place, batch in batches_of(study, task, chosen):
        states = predictor.ranking_states(task, batch)
        for begin in range(0, len(place), step):
            scores = predictor.ranking_scores(task, states[begin : begin + step]).float().cpu().numpy()
            search.add(scores, target[place[begin : begin + step]])
    return by_temperature(search)
