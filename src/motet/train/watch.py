"""Watching a joint run: how the tasks pull at what they share, who helps whom, and what gates choose.

Watching never steers: a run that is watched ends with the very weights of one that is not. Every `every` steps the
tasks' gradients are taken once, without dropout, at the batches of that step; from them come norms and cosines
(per block of the shared weights), and the look-ahead affinities. An epoch's means go into its row of the log.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors
from motet.model.sharing import collapsed
from motet.train.affinity import LOOK_AHEAD_RATE, RunningAffinity, gains
from motet.train.events import Watched
from motet.train.pulls import agreement, blocks_of, pulls, undisturbed

LEAST_USED = 0.02
"""An expert of which every task takes a smaller share is out of use."""
STEPS_PER_TASK = 16
"""A look costs a backward pass and a judging per task, about as much as a step; so looks take a tenth of the time at
most when this many steps lie between them for each task (benchmarks/results/watch_overhead.md)."""


def default_interval(num_tasks: int) -> int:
    """Return how many steps lie between two looks, so that watching takes at most a tenth of training's time."""
    return STEPS_PER_TASK * (num_tasks + 1)


class Watcher:
    """Looks at a model every so many steps. seconds: what looking has cost since the last epoch's end.

    judge: batches of validation half A, for the affinities. The watcher remembers nothing beyond an epoch, so that
    an interrupted run, which goes on from an epoch's end, sees what it would have seen.
    """

    def __init__(self, model: MotetModel, judge: Sequence[Batch], *, every: int) -> None:
        self.seconds = 0.0
        self._model, self._judge, self._every = model, judge, every
        self._blocks = blocks_of(model)
        self._affinity = RunningAffinity()
        self._sums: dict[str, tuple[float, int]] = {}

    def due(self, step: int) -> bool:
        """Return whether to look after a step, counted from the beginning of the run."""
        # in the middle of the interval: the first steps of a fresh model say little about the tasks
        return step % self._every == self._every // 2

    def look(
        self,
        batches: Sequence[Batch],
        tensors: FeatureTensors,
        *,
        weights: Mapping[str, float],
        teachers: Mapping[str, MotetModel],
    ) -> None:
        """Take the tasks' gradients at a step's batches.

        weights: what the balancer gave to each task's loss; norms are of the weighted losses, as they pull. teachers:
        models that closed tasks imitate.
        """
        began = time.perf_counter()
        with undisturbed(self._model):
            found = pulls(self._model, batches, tensors, teachers=teachers)
            agreed = agreement(found, self._blocks)
            for block, norms in agreed.norms.items():
                for task, norm in norms.items():
                    self._note(f"norm/{block}/{task}", norm * weights.get(task, 1.0))
            for block, cosines in agreed.cosines.items():
                for (one, other), cosine in cosines.items():
                    self._note(f"cosine/{block}/{one}|{other}", cosine)
            self._affinity.update(gains(self._model, found, self._judge, tensors, rate=LOOK_AHEAD_RATE))
        self.seconds += time.perf_counter() - began

    def epoch(self) -> Watched:
        """Return the means since the last call, and begin anew."""
        columns = {name: total / count for name, (total, count) in self._sums.items()}
        for source, targets in self._affinity.mean().items():
            columns |= {f"affinity/{source}>{target}": value for target, value in targets.items()}
        gates = self._model.sharing.gate_usage()
        for task, shares in gates.items():
            columns |= {f"gate/{task}/{name}": float(share) for name, share in shares.items()}
        self._sums, self._affinity, self.seconds = {}, RunningAffinity(), 0.0
        return Watched({name: value for name, value in columns.items() if math.isfinite(value)}, alarms_of(gates))

    def _note(self, name: str, value: float) -> None:
        total, count = self._sums.get(name, (0.0, 0))
        self._sums[name] = (total + value, count + 1)


def alarms_of(gates: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Return a sentence for each shared expert that no task's gate chooses any more."""
    return tuple(
        f"Expert '{name}' has collapsed: no task takes more than {LEAST_USED:.0%} of what it adds from it."
        for name in collapsed(gates, least=LEAST_USED)
    )
