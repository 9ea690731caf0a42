"""What a joint run is watched with: validation rows to look ahead on, and how often to look."""

from __future__ import annotations

from collections.abc import Collection

from motet.features.batch import Batch
from motet.features.labelled import labelled_batches
from motet.model.assemble import MotetModel
from motet.stages.answer import Role, questions_of_role
from motet.stages.study import Study
from motet.train.watch import Watcher, default_interval

FEWEST, MOST = 32, 2_048
"""Examples of a task that a look is judged on, at least and at most, where it has them."""


def watcher_of(study: Study, model: MotetModel) -> Watcher | None:
    """Return who watches a model's training; None where a task trains alone, or watching is turned off."""
    every, tasks = study.project.train.watch, list(model.shape.tasks)
    if len(tasks) < 2 or every == 0 or not model.shared():
        return None
    return Watcher(model, judge_batches(study, tasks), every=every or default_interval(len(tasks)))


def judge_batches(study: Study, tasks: Collection[str], *, role: Role = "A", most: int | None = None) -> list[Batch]:
    """Return batches with the labels of validation half A (or another role) for the given tasks.

    most: examples per task; by default about as much work as one step of training.
    """
    starts = study.division.events.starts if study.division.events is not None else None
    found: list[Batch] = []
    for view, questions in study.features.questions.items():
        few = _share_of_a_step(study, view) if most is None else most
        chosen = {task: questions_of_role(study, task, role, most=few) for task in questions.tasks if task in tasks}
        found += labelled_batches(questions, chosen, starts, max_history=study.project.trunk.max_history)
    return found


def _share_of_a_step(study: Study, view: str) -> int:
    """A question outside of training costs a forward pass over a history of its own, so histories count, not labels."""
    plan = study.plan
    histories = view in plan.histories and plan.stretches is not None
    size = len(plan.stretches.length_S) if histories and plan.stretches is not None else len(plan.train[view])
    return min(MOST, max(FEWEST, size // plan.steps))
