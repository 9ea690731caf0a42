"""How well the running model does on what is new, against what it was certified with: the feedback loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from motet.artifact import Folder, layout
from motet.evaluate import find
from motet.stages.answer import answer
from motet.stages.arms import MOST_VALIDATED
from motet.stages.grown import Grown, continued
from motet.stages.head_start import main_task
from motet.stages.recent import FEWEST, new_examples
from motet.stages.regained import Running
from motet.stages.study import Study


@dataclass(frozen=True)
class Quality:
    """One task on new rows. value, certified: the metric there, and what it was when the model was certified.

    ratio: the one in parts of the other, so that 1 is as good and less is worse, also for errors. main: whether the
    others serve it. below: whether it asks for training anew.
    """

    metric: str
    value: float
    certified: float
    ratio: float
    questions: int
    main: bool
    below: bool

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return dict(vars(self))


def certified_values(folder: Folder, study: Study) -> dict[str, float]:
    """Return, by task, the primary metric that a folder's model was certified with, before it ever went on."""
    kept = continued(folder).get("certified")
    if kept:
        return {task: float(value) for task, value in kept.items()}
    tasks = folder.json(layout.METRICS)["tasks"]
    told = {
        task: values.get(study.project.tasks[task].primary) for task, values in tasks.items() if task in study.examples
    }
    return {task: float(value) for task, value in told.items() if value is not None}


def quality(folder: Folder, study: Study, grown: Grown, running: Running) -> dict[str, Quality]:
    """Return, for every task with new rows, how well the running model answers about all of them."""
    certified = certified_values(folder, study)
    main = main_task(study, study.shape)
    found = {}
    for task in running.served.routes:
        chosen = np.flatnonzero(new_examples(study, grown, task))
        if not len(chosen):
            continue
        if len(chosen) > MOST_VALIDATED:
            chosen = chosen[np.linspace(0, len(chosen) - 1, MOST_VALIDATED).astype(np.int64)]
        metric = find(study.project.tasks[task].primary)
        value = metric.value(answer(running.before, running.model_of(task), task, chosen))
        ratio = _ratio(value, certified.get(task, float("nan")), lower_is_better=metric.lower_is_better)
        is_main = main is None or task == main
        below = is_main and len(chosen) >= FEWEST and ratio < study.project.update.retrain_below
        found[task] = Quality(
            study.project.tasks[task].primary,
            value,
            certified.get(task, float("nan")),
            ratio,
            len(chosen),
            is_main,
            below,
        )
    return found


def asks_for_training(found: Mapping[str, Quality]) -> list[str]:
    """Return the main tasks that fell too far below what was certified."""
    return [task for task, each in found.items() if each.below]


def _ratio(value: float, certified: float, *, lower_is_better: bool) -> float:
    above, below = (certified, value) if lower_is_better else (value, certified)
    return above / below if below > 0 else float("nan")
