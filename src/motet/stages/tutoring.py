"""What the joint model may learn from the twins beside the labels: their mean answers to the training questions.

A label says which class it was; a model that learned one task alone also says what it nearly was (Hinton et al. 2015,
arXiv:1503.02531). One shared model that imitates single-task models while it reads the labels can pass them (Clark et
al. 2019, arXiv:1907.04829). A certificate trains the twins anyway. Only training questions are asked, and twins have
seen no others: nothing held out comes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from motet.features.soft import SoftLabels
from motet.model.assemble import MotetModel
from motet.model.predict import Predictor
from motet.schema import TRAIN
from motet.stages.outcomes import Outcome
from motet.stages.softening import answers_of
from motet.stages.study import Study

WEIGHT = 3.0
"""What an answer of the twins counts beside the label of the same question (benchmarks/LOG.md)."""
LARGEST = 200_000_000
"""Numbers in the answers kept for one task; a task with more of them is not tutored."""


def tutored(study: Study, twins: Mapping[str, Sequence[Outcome]]) -> dict[str, SoftLabels]:
    """Return each task's tutoring: the mean of its twins' answers to its training questions.

    Left out: rankings (an answer is a whole catalogue), tasks with soft targets (their twins have seen few labels),
    and answers too many to keep.
    """
    return tutored_by(study, {task: [arm.model for arm in arms] for task, arms in twins.items()})


def tutored_by(study: Study, models: Mapping[str, Sequence[MotetModel]]) -> dict[str, SoftLabels]:
    """Return each task's tutoring by models that answer it; left out is what `tutored` leaves out."""
    return {task: _mean_answers(study, task, some) for task, some in models.items() if _may_be(study, task)}


def _may_be(study: Study, task: str) -> bool:
    questions = int((study.features.questions[study.features.state.views[task].name].tasks[task].part_m == TRAIN).sum())
    size = questions * study.features.state.labels[task].size
    return study.shape.tasks[task].output != "ranking" and task not in study.soft and size <= LARGEST


def _mean_answers(study: Study, task: str, models: Sequence[MotetModel]) -> SoftLabels:
    known = study.features.questions[study.features.state.views[task].name].tasks[task]
    asked = known.question_m[known.part_m == TRAIN]
    answers = [answers_of(study, Predictor(each, study.tensors), [task], task, asked)[task] for each in models]
    return SoftLabels(asked, np.asarray(np.mean(np.stack(answers), axis=0), np.float32), weight=WEIGHT)
