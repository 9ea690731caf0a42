"""Short runs with a scripted judge."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from motet.model.assemble import MotetModel
from motet.stages.arms import new_model
from motet.stages.study import Study
from motet.train.balance import BALANCERS
from motet.train.events import EpochDone, StepDone
from motet.train.loop import TrainedModel, fit
from motet.train.watch import Watcher


class Judge:
    """Gives the scores of a script, one row per epoch, and notes what it was shown.

    first: the epoch at which it is asked first.
    """

    def __init__(self, script: Sequence[dict[str, float]], *, first: int = 0) -> None:
        self.script, self.epoch, self.seen = list(script), first, []

    def __call__(self, model: MotetModel) -> dict[str, float]:
        assert not model.training
        self.seen.append(digest(model))
        self.epoch += 1
        return self.script[self.epoch - 1]


class Notes:
    """Writes down what happens, and stops the run at a chosen point as a crash would."""

    def __init__(self, *, stop_epoch: int | None = None, stop_step: tuple[int, int] | None = None) -> None:
        self.steps: list[StepDone] = []
        self.epochs: list[EpochDone] = []
        self.stop_epoch, self.stop_step = stop_epoch, stop_step

    def step(self, event: StepDone) -> None:
        self.steps.append(event)
        if self.stop_step == (event.epoch, event.done):
            raise KeyboardInterrupt

    def epoch(self, event: EpochDone) -> None:
        self.epochs.append(event)
        if self.stop_epoch == event.epoch:
            raise KeyboardInterrupt


def run(
    study: Study,
    judge: Judge,
    *,
    seed: int = 0,
    notes: Notes | None = None,
    checkpoints: Path | None = None,
    balance: str = "scale",
    watch: Callable[[MotetModel], Watcher] | None = None,
    **options: Any,
) -> TrainedModel:
    """Train the joint model of a study. watch: makes who watches it."""
    shape = study.shape
    constants = {name: task.constant_loss for name, task in shape.tasks.items()}
    balancer = BALANCERS.get(balance)(
        constants, {name: task.weight for name, task in shape.tasks.items()}, study.project.balance
    )
    model = new_model(study, shape, seed=seed)
    return fit(
        model,
        study.plan,
        study.tensors,
        balancer,
        judge,
        config=study.project.train,
        seed=seed,
        listeners=() if notes is None else (notes,),
        checkpoints=checkpoints,
        watcher=None if watch is None else watch(model),
        **options,
    )


def digest(model: torch.nn.Module) -> str:
    """Return the sha256 of all weights."""
    found = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        found.update(name.encode() + value.contiguous().numpy().tobytes())
    return found.hexdigest()


def rising(study: Study, epochs: int) -> list[dict[str, float]]:
    """Scores that get better and better."""
    return [dict.fromkeys(study.shape.tasks, 1.0 + epoch) for epoch in range(epochs)]
