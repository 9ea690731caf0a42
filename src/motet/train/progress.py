"""Which snapshot to keep, which tasks to close, and when to stop: rules on validation scores alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CLOSE_AFTER = 3
"""A task with other tasks beside it may be closed after so many epochs without a better score."""
CLOSE_BELOW = 0.005
"""It is closed where the mean of those epochs lies this far below its best, relatively: it overfits. One that stands
still stays open, because its labels hold its place in the trunk better than imitation does (benchmarks/LOG.md)."""
STANDS_STILL = 0.001
"""A task that has not gained this much, relatively, since it last moved does not keep a run going: with several tasks
there is always one that creeps up by a hair."""
STEADY = 0.05
"""A task whose score is uncertain by this much, relatively, has half a vote on which snapshot is the best."""
MOST = 1.0
"""A relative change counts at most so much: a score that leaves zero has gained no end, and would choose alone."""


@dataclass
class Progress:
    """The course of a run. Scores are larger-is-better (an error enters with a minus sign).

    closable: tasks that may be closed before the run ends. votes: what each task's change counts (see `votes`); all the
    same where it is empty. best: scores of the kept snapshot, reached at best_epoch.
    peak: each task's own best, and peak_epoch when it was reached. since: its scores after that. mark: its score when
    it last moved by more than a hair, and moved_at the epoch of that.
    """

    tasks: tuple[str, ...]
    patience: int
    closable: tuple[str, ...] = ()
    best: dict[str, float] = field(default_factory=dict)
    best_epoch: int = -1
    peak: dict[str, float] = field(default_factory=dict)
    peak_epoch: dict[str, int] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    since: dict[str, list[float]] = field(default_factory=dict)
    mark: dict[str, float] = field(default_factory=dict)
    moved_at: dict[str, int] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)

    def update(self, epoch: int, scores: Mapping[str, float]) -> bool:
        """Take in an epoch's scores; return whether it is the new best snapshot.

        Open tasks decide: a closed one stands still, and what its score still does is noise that would drown the
        others' progress. A task that is closed here joins `closed`.
        """
        running = self.open
        for task in running:
            if task not in self.peak or scores[task] > self.peak[task]:
                self.peak[task], self.peak_epoch[task], self.since[task] = scores[task], epoch, []
            else:
                self.since[task] = [*self.since[task], scores[task]]
            if task not in self.mark or scores[task] > self.mark[task] + STANDS_STILL * abs(self.mark[task]):
                self.mark[task], self.moved_at[task] = scores[task], epoch
        better = not self.best or mean_relative(scores, {task: self.best[task] for task in running}, self.votes) > 0
        if better:
            self.best, self.best_epoch = dict(scores), epoch
        self.closed += [task for task in running if task in self.closable and self._falls(task)]
        return better

    def _falls(self, task: str) -> bool:
        """Return whether a task's last scores lie clearly below its best."""
        last = self.since[task][-CLOSE_AFTER:]
        return len(last) == CLOSE_AFTER and sum(last) / len(last) < self.peak[task] - CLOSE_BELOW * abs(self.peak[task])

    @property
    def open(self) -> list[str]:
        """The tasks that still learn from their labels."""
        return [task for task in self.tasks if task not in self.closed]

    def finished(self, epoch: int) -> bool:
        """Return whether nothing better is to be expected: no open task moved for `patience` epochs."""
        return not self.open or epoch - max(self.moved_at[task] for task in self.open) >= self.patience

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Progress:
        """Return the progress that `to_json` wrote."""
        return cls(**{**fields, "tasks": tuple(fields["tasks"]), "closable": tuple(fields["closable"])})


def mean_relative(
    scores: Mapping[str, float], reference: Mapping[str, float], votes: Mapping[str, float] | None = None
) -> float:
    """Return the mean over tasks of (score − reference) / |reference|, weighted by their votes where there are any.

    A task's change counts at most ±MOST.
    """
    counts = {task: (votes or {}).get(task, 1.0) for task in reference}
    changes = {task: (scores[task] - each) / max(abs(each), 1e-9) for task, each in reference.items()}
    total = sum(counts[task] * max(-MOST, min(MOST, change)) for task, change in changes.items())
    return total / max(sum(counts.values()), 1e-9)


def votes(scores: Mapping[str, float], errors: Mapping[str, float]) -> dict[str, float]:
    """Return what each task's change may count in choosing a snapshot: 1 for a sure score, less for a less sure one.

    errors: the scores' standard errors over people or rows. With a relative error e a vote is 1 / (1 + (e / STEADY)²),
    nearly the inverse of the change's variance, since scores move by chance as they would with other people asked. With
    few validation labels a score jumps by a tenth from pass to pass, and would drown what the other tasks gain.
    """
    found = {}
    for task, score in scores.items():
        relative = errors.get(task, 0.0) / max(abs(score), 1e-9)
        found[task] = 1 / (1 + (relative / STEADY) ** 2) if math.isfinite(relative) else 0.0
    return found if any(found.values()) else {}
