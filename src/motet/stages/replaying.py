"""Which questions a model goes on with: all that are new, and a sample of old ones, so that nothing is unlearned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motet.features.plan import TrainingPlan
from motet.features.questions import Questions
from motet.schema import EVENTS, TRAIN
from motet.stages.augmenting import plan_of
from motet.stages.grown import Grown
from motet.stages.recent import asked_in, fresh_rows
from motet.stages.study import Study

LEFT_OUT = -1


def replay_plan(study: Study, grown: Grown, *, replay: int, seed: int) -> tuple[TrainingPlan, dict[str, int]]:
    """Return the plan of new questions and at most `replay` old ones of each view, and by task how many are new."""
    questions: dict[str, Questions] = {}
    news: dict[str, int] = {}
    for name, asked in study.features.questions.items():
        new = _is_new(study, grown, asked)
        kept = new | _sample(asked, ~new, replay, np.random.default_rng([seed, len(questions)]))
        tasks = {}
        for task, labels in asked.tasks.items():
            train = labels.part_m == TRAIN
            news[task] = int((train & new[labels.question_m]).sum())
            out = train & ~kept[labels.question_m]
            tasks[task] = replace(labels, part_m=np.where(out, LEFT_OUT, labels.part_m).astype(np.int8))
        soft = {task: each[kept[each]] for task, each in asked.soft.items()}
        questions[name] = replace(asked, tasks=tasks, soft=soft)
    plan = plan_of(study.project, study.division, study.features, questions)
    return plan, news


def _is_new(study: Study, grown: Grown, asked: Questions) -> NDArray[np.bool_]:
    table = asked.view.table
    rows = fresh_rows(study, grown) if table == EVENTS else grown.is_new(study.division, table)
    if not len(rows):
        return np.zeros(len(asked), bool)
    user_n = None if asked.user_n is None else asked.user_n - 1
    return asked_in(study, rows, asked.row_n, user_n, asked.cut_n)


def _sample(asked: Questions, among: NDArray[np.bool_], most: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """At most so many of the questions that training could ask."""
    learn = np.zeros(len(asked), bool)
    for labels in asked.tasks.values():
        learn[labels.question_m[labels.part_m == TRAIN]] = True
    for each in asked.soft.values():
        learn[each] = True
    at = np.flatnonzero(learn & among)
    chosen = np.zeros(len(asked), bool)
    chosen[at if len(at) <= most else rng.choice(at, most, replace=False)] = True
    return chosen
