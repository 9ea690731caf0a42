"""The certificate over folds: every fold repairs by its own validation questions, and all test questions are counted.

A choice that looked at all folds together would look at rows that another fold is tested on, so each fold climbs the
ladder alone, and what is compared is the whole way to a model, repairs included. What ships is the last fold's model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from motet.schema import TaskBase
from motet.transfer.arms import TWIN
from motet.transfer.certificate import Certificate, Comparison, Sharing, TaskCertificate
from motet.transfer.claims import FEWEST, NO_REPAIR
from motet.transfer.climb import Choice
from motet.transfer.difference import Difference, Same
from motet.transfer.verdict import judge


@dataclass(frozen=True)
class FoldedTask:
    """What all folds found about a task.

    choices: per fold, what it shipped. before, after: the joint model, and what each fold shipped, against the twin.
    baseline: name and value, the mean over folds. metrics: of what shipped, means over folds. calibration: as in
    TaskCertificate.
    """

    spec: TaskBase
    choices: Sequence[Choice]
    before: Difference
    after: Difference
    baseline: tuple[str, float] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def certify_folds(
    tasks: Mapping[str, FoldedTask],
    sharing: Sharing,
    seeds: Sequence[int],
    *,
    margin: float = 0.02,
    auxiliary: Sequence[str] = (),
    tutored: Sequence[str] = (),
) -> Certificate:
    """Return the certificate of all tasks over folds. sharing: of the model that ships. seeds: one per fold.

    margin, auxiliary, tutored: as for `certify`; a fold has one tutor for each task, its twin. A task's `repair` is
    that of the last fold, whose model ships; `repairs` counts those of all, and the task counts as
    routed where most folds routed it.
    """
    before = {task: each.before for task, each in tasks.items()}
    after = {task: _after(each) for task, each in tasks.items()}
    initial, shipped = (_judged(each, margin) for each in (before, after))
    rows = {task: _row(task, each, initial[task], shipped[task]) for task, each in tasks.items()}
    tutors = {task: tasks[task].before.twin for task in tutored}
    return Certificate(rows, sharing, tuple(seeds), margin, tuple(auxiliary), folds=len(seeds), tutored=tutors)


def _after(task: FoldedTask) -> Difference:
    if _always_routed(task):
        return Same(task.before.twin, task.before.units, task.before.seeds)
    return task.after


def _always_routed(task: FoldedTask) -> bool:
    """Whether every fold answers the task by its twin."""
    return all(choice.arm == TWIN for choice in task.choices)


def _judged(differences: Mapping[str, Difference], margin: float) -> dict[str, Comparison]:
    found = judge(differences, margin=margin)
    return {task: _without_guess(one, differences[task].units) for task, one in found.items()}


def _without_guess(one: Comparison, units: int) -> Comparison:
    """The comparison without a number of rows that would resolve it, unless there are too few to say anything good.

    What varies between folds is what was learned from as well as who was asked; how much of it would fall with more of
    either, a handful of folds does not show.
    """
    few = one.verdict == "unclear" and units < FEWEST
    return replace(one, needed=FEWEST if few else None, needed_seeds=None)


def _row(name: str, task: FoldedTask, initial: Comparison, shipped: Comparison) -> TaskCertificate:
    last = task.choices[-1]
    if _always_routed(task):
        # Also where the metric is undefined: what ships is the twin, so it cannot be worse.
        shipped = replace(shipped, verdict="not worse", needed=None, needed_seeds=None)
    baseline, value = task.baseline or (None, None)
    return TaskCertificate(
        task=name,
        kind=str(getattr(task.spec, "kind", type(task.spec).__name__)),
        metric=task.spec.primary,
        shipped=shipped,
        initial=initial,
        repair=last.repair,
        baseline=value,
        baseline_name=baseline,
        shipped_metrics=dict(task.metrics),
        tried=last.tried,
        calibration=dict(task.calibration),
        repairs=dict(Counter(choice.repair or NO_REPAIR for choice in task.choices)),
    )
