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
from motet.transfer.difference import Difference, Same
from motet.transfer.repair import REPAIRS
from motet.transfer.verdict import judge, p_above

CAUTION = 0.2
"""A task is repaired when its harm on validation has a one-sided p-value below this (docs/decisions/0003)."""

LADDER = ("twin",)

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Certified:
    """The certificate, and the arm that answers each task: `joint`, `twin`, or a repaired model's name."""

    certificate: Certificate
    routes: Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """What ships for one task: the arm, and the rung that led there (None for the joint model as it is)."""

    arm: str = JOINT
    repair: str | None = None


def certify(
    tasks: Mapping[str, TaskBase],
    seeds: Sequence[int],
    arms: Arms,
    *,
    margin: float = 0.02,
    caution: float = CAUTION,
    ladder: Sequence[str] = LADDER,
    on_progress: Progress | None = None,
) -> Certified:
    """Return the certificate of all tasks, and what answers each.

    margin: how much worse than its twin, relatively, still counts as not worse. caution: see `seems_harmed`.
    ladder: names of repairs, tried in this order; a task that no rung repairs is routed to its twin.
    on_progress: told (task, what was found).
    """
    tell = on_progress or (lambda task, found: None)
    choices: dict[str, Choice] = {}
    for task in tasks:
        choices[task] = choose(task, arms, caution=caution, ladder=ladder)
        tell(task, f"repaired: {choices[task].repair}" if choices[task].repair else "shared")
    initial, shipped = _report(choices, arms, margin)
    routes = {task: choice.arm for task, choice in choices.items()}
    rows = {task: _row(task, spec, arms, choices[task], initial[task], shipped[task]) for task, spec in tasks.items()}
    return Certified(Certificate(rows, arms.sharing(routes), tuple(seeds), margin), routes)


def choose(task: str, arms: Arms, *, caution: float = CAUTION, ladder: Sequence[str] = LADDER) -> Choice:
    """Return what ships: the joint model, or the first repair that looks harmless on half A and then on half B.

    Failure on B ends the climb at the twin, so that B is asked once and stays an honest check.
    """
    if not seems_harmed(arms.compare(task, JOINT, "valid"), caution=caution):
        return Choice()
    for name in ladder:
        rung = REPAIRS.get(name)
        arm = rung.repair(task, arms)
        if arm is None or (not rung.exact and seems_harmed(arms.compare(task, arm, "A"), caution=caution)):
            continue
        if rung.exact or not seems_harmed(arms.compare(task, arm, "B"), caution=caution):
            return Choice(arm, name)
        break
    return Choice(TWIN, "twin")


def seems_harmed(difference: Difference, *, caution: float = CAUTION) -> bool:
    """Return whether harm is likely enough to act: a one-sided p-value below `caution`. Undefined is no evidence."""
    return p_above(-difference.difference, difference.standard_error, difference.degrees) < caution


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
    )
