"""Certify and repair: which tasks did sharing harm, what ships instead, and the proof.

The choice of what ships looks at validation questions only; the test questions are compared once per arm, to report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from motet.schema import TaskBase
from motet.transfer.arms import JOINT, TWIN, Arms
from motet.transfer.certificate import Certificate, Comparison, TaskCertificate
from motet.transfer.climb import LADDER, Choice, climb
from motet.transfer.difference import Difference, Same
from motet.transfer.harm import CAUTION
from motet.transfer.verdict import judge

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Certified:
    """The certificate, and the arm that answers each task: `joint`, `twin`, or a repaired model's name."""

    certificate: Certificate
    routes: Mapping[str, str]


def certify(
    tasks: Mapping[str, TaskBase],
    seeds: Sequence[int],
    arms: Arms,
    *,
    margin: float = 0.02,
    caution: float = CAUTION,
    ladder: Sequence[str] = LADDER,
    auxiliary: Sequence[str] = (),
    tutored: Sequence[str] = (),
    on_progress: Progress | None = None,
) -> Certified:
    """Return the certificate of all tasks, and what answers each.

    margin: how much worse than its twin, relatively, still counts as not worse. caution: see `harm.seems_harmed`.
    ladder: names of repairs, tried in this order; a task that no rung repairs is routed to its twin.
    auxiliary: tasks that only helped; tutored: tasks that also learned from their twins; both are named in it.
    on_progress: told (task, what was found).
    """
    tell = on_progress or (lambda task, found: None)
    choices = climb(tasks, arms, caution=caution, ladder=ladder, tell=tell)
    initial, shipped = _report(choices, arms, margin)
    routes = {task: choice.arm for task, choice in choices.items()}
    rows = {task: _row(task, spec, arms, choices[task], initial[task], shipped[task]) for task, spec in tasks.items()}
    certificate = Certificate(
        rows,
        arms.sharing(routes),
        tuple(seeds),
        margin,
        tuple(auxiliary),
        tutored={task: arms.together(task) for task in tutored},
    )
    return Certified(certificate, routes)


def _report(
    choices: Mapping[str, Choice], arms: Arms, margin: float
) -> tuple[dict[str, Comparison], dict[str, Comparison]]:
    """Return the comparisons on test before and after repair, each family with its own correction."""
    before = {task: arms.compare(task, JOINT, "test") for task in choices}
    after: dict[str, Difference] = {}
    for task, choice in choices.items():
        if choice.arm == TWIN:
            after[task] = Same(before[task].twin, before[task].units, before[task].seeds)
        else:
            after[task] = before[task] if choice.arm == JOINT else arms.compare(task, choice.arm, "test")
    return judge(before, margin=margin), judge(after, margin=margin)


def _row(
    task: str, spec: TaskBase, arms: Arms, choice: Choice, initial: Comparison, shipped: Comparison
) -> TaskCertificate:
    kind: Any = getattr(spec, "kind", type(spec).__name__)
    name, value = arms.baseline(task) or (None, None)
    if choice.arm == TWIN:
        # Also where the metric is undefined: what ships is the twin, so it cannot be worse.
        shipped = replace(shipped, verdict="not worse", needed=None, needed_seeds=None)
    return TaskCertificate(
        task=task,
        kind=str(kind),
        metric=spec.primary,
        shipped=shipped,
        initial=initial,
        repair=choice.repair,
        baseline=value,
        baseline_name=name,
        shipped_metrics=dict(arms.metrics(task, choice.arm)),
        tried=choice.tried,
        calibration=dict(arms.calibration(task, choice.arm)),
    )
