"""The certificate: per task, what sharing did, with an interval, a verdict, and the repair taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from motet.transfer.claims import claims
from motet.transfer.table import render, render_html

Verdict = Literal["improved", "not worse", "unclear", "harmed"]


@dataclass(frozen=True)
class Comparison:
    """Joint against twin on one task and one set of questions.

    twin, joint: means over seeds of the primary metric. difference: joint − twin, signed so that positive is better.
    low, high: unadjusted 95 % interval. holm_low: lower bound after Holm's correction over the tasks.
    needed, needed_seeds: for an unclear verdict, how many units would resolve it; where no number of units would, how
    many seeds; where neither would alone, how many of both. Both None where nothing within reason would, or nothing
    has to, and over folds, whose spread need not fall as rows are added. needed is FEWEST where there are fewer units.
    """

    twin: float
    joint: float
    difference: float
    low: float
    high: float
    holm_low: float
    verdict: Verdict
    needed: int | None = None
    needed_seeds: int | None = None


@dataclass(frozen=True)
class Tried:
    """A rung that a task climbed: seconds of training (of a shared rung: for all tasks), and whether it held."""

    rung: str
    seconds: float
    passed: bool


@dataclass(frozen=True)
class TaskCertificate:
    """One row of the certificate: what ships, the verdict before repair, and the simple baseline.

    repair: how the model that ships answers the task. repairs: over folds, in how many of them each repair was taken,
    NO_REPAIR where none was; empty elsewhere, and in older certificates. tried: the rungs in the order in which they
    were climbed, over folds by the last. calibration: log_loss and ece where they are defined, each as (twin, what
    ships), means over seeds on test.
    """

    task: str
    kind: str
    metric: str
    shipped: Comparison
    initial: Comparison
    repair: str | None
    baseline: float | None
    baseline_name: str | None
    shipped_metrics: Mapping[str, float] = field(default_factory=dict)
    tried: tuple[Tried, ...] = ()
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)

    @property
    def routed(self) -> bool:
        """Whether the twin answers the task; over folds, whether it does in most of them."""
        if not self.repairs:
            return self.repair == "twin"
        return 2 * self.repairs.get("twin", 0) > sum(self.repairs.values())


@dataclass(frozen=True)
class Sharing:
    """What the shared model saves against the sum of its twins. Latency is per request, in milliseconds.

    certify_seconds: of all training, every arm, repair and seed together. joint_runs: the same in trainings of the
    joint model on all seeds. Both NaN where unknown.
    """

    tasks_shared: int
    parameters: int
    twin_parameters: int
    train_seconds: float
    twin_seconds: float
    latency_ms: float
    twin_latency_ms: float
    certify_seconds: float = math.nan
    joint_runs: float = math.nan


@dataclass(frozen=True)
class Certificate:
    """The whole certificate; prints as a table (see transfer/table.py).

    auxiliary: tasks that only helped: trained in the joint model, without a twin, neither judged nor counted.
    folds: over how many folds intervals are, one seed each; 0 where all seeds answer the same questions.
    tutored: tasks that the joint models learned from their twins' answers, too, with what these reach on the metric
    when they answer together: how far imitation alone might go. NaN where unknown.
    """

    tasks: Mapping[str, TaskCertificate]
    sharing: Sharing
    seeds: tuple[int, ...]
    margin: float
    auxiliary: tuple[str, ...] = ()
    folds: int = 0
    tutored: Mapping[str, float] = field(default_factory=dict)

    def claims(self) -> tuple[str, ...]:
        """Return what may be said: tasks harmed before repair, verdicts as shipped, tasks routed, what is saved."""
        return claims(self)

    def claim(self) -> str:
        """Return the claims as one paragraph; it says so where sharing failed (more than a third routed)."""
        return " ".join(claims(self))

    def __str__(self) -> str:
        return render(self)

    def _repr_html_(self) -> str:
        return render_html(self)
