"""The certificate of an update: what would answer from now on against what answers now, on the same questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from motet.evaluate import PairedDifference, compare
from motet.model.assemble import MotetModel
from motet.stages.answer import answer
from motet.stages.grown import Grown
from motet.stages.recent import deciding
from motet.stages.regained import Running
from motet.stages.study import Study
from motet.transfer.certificate import Comparison
from motet.transfer.verdict import judge


@dataclass(frozen=True)
class Against:
    """One task of an update. asked: which questions decided. In `comparison`, twin is the running model, joint the new.

    worse: whether the update must not serve because of it: harmed, or unclear and by more than the margin below.
    """

    metric: str
    asked: str
    questions: int
    comparison: Comparison
    worse: bool

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values; undefined numbers are None."""
        told = asdict(self.comparison)
        told["running"], told["updated"] = told.pop("twin"), told.pop("joint")
        numbers = {
            key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in told.items()
        }
        return {"metric": self.metric, "asked": self.asked, "questions": self.questions, **numbers, "worse": self.worse}


def against_running(
    study: Study, grown: Grown, running: Running, models: Mapping[str, MotetModel], *, margin: float
) -> dict[str, Against]:
    """Return every task's comparison with the running model, with 95 % intervals; Holm's correction is over them."""
    found: dict[str, tuple[PairedDifference, str, int]] = {}
    for task, name in running.served.routes.items():
        chosen, which = deciding(study, grown, task)
        new = answer(study, models[name], task, chosen)
        now = answer(running.before, running.model_of(task), task, chosen)
        found[task] = compare([new], [now]), which, len(chosen)
    return verdicts(study, found, margin=margin)


def verdicts(
    study: Study, found: Mapping[str, tuple[PairedDifference, str, int]], *, margin: float
) -> dict[str, Against]:
    """Return the verdicts on differences, each with which questions decided and how many they were."""
    judged = judge({task: difference for task, (difference, _, _) in found.items()}, margin=margin)
    return {
        task: Against(
            study.project.tasks[task].primary, which, questions, judged[task], is_worse(judged[task], margin=margin)
        )
        for task, (_, which, questions) in found.items()
    }


def is_worse(comparison: Comparison, *, margin: float) -> bool:
    """Return whether what was compared must not take over: harmed, or unclear and below by more than the margin."""
    if comparison.verdict == "harmed":
        return True
    return comparison.verdict == "unclear" and comparison.difference < -margin * abs(comparison.twin)
