"""The loop: epochs of steps, a judgement after each, the best average kept. Resumes to the very same weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from motet.errors import DataError
from motet.features.plan import TrainingPlan
from motet.features.soft import SoftLabels
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors
from motet.schema import TrainConfig
from motet.train.average import AverageWeights
from motet.train.balance import Balancer
from motet.train.checkpoint import (
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
    soft_labels,
    soft_tensors,
)
from motet.train.events import EpochDone, Listener, StepDone, Watched
from motet.train.optimizers import build_optimizer
from motet.train.progress import Progress, votes
from motet.train.start import Start
from motet.train.step import take_step
from motet.train.teachers import Teachers, closable
from motet.train.watch import Watcher

OnValidate = Callable[[MotetModel], dict[str, float]]
"""The judge: a model in evaluation mode → a score per task, larger is better."""
WARM_UP = 0.3
"""Share of the first epoch over which the learning rate rises."""
AVERAGE_OVER = 0.5
"""Half-life of the weights' average, in epochs (but at least 20 steps)."""


class Soften(Protocol):
    """Makes labels of unlabelled questions. best: the best so far, by task, which a checkpoint keeps."""

    best: dict[str, SoftLabels]

    def __call__(self, model: MotetModel | None) -> dict[str, SoftLabels]:
        """Return the next pass's labels. model: the averaged one in evaluation mode, None before the first pass."""
        ...


@dataclass(frozen=True)
class TrainedModel:
    """A model with its best weights, and how it came by them.

    log: a row per epoch (epoch, best, seconds, and per task loss and score). seconds: of training, judging left out.
    """

    model: MotetModel
    log: list[dict[str, Any]]
    seconds: float
    best_epoch: int
    skipped: int


def fit(
    model: MotetModel,
    plan: TrainingPlan,
    tensors: FeatureTensors,
    balancer: Balancer,
    on_validate: OnValidate,
    *,
    config: TrainConfig,
    seed: int,
    listeners: Sequence[Listener] = (),
    checkpoints: Path | None = None,
    budget_seconds: float | None = None,
    epochs: int | None = None,
    start: Start | None = None,
    watcher: Watcher | None = None,
    soften: Soften | None = None,
    uncertainty: OnValidate | None = None,
) -> TrainedModel:
    """Train `model` in place and return it with its best weights.

    checkpoints: a folder; where it holds a checkpoint, the run goes on from there. epochs: a fixed number of passes
    without judging (for a refit). start: how a model that was trained before goes on. watcher: looks at how the tasks
    pull; like judging, it does not count as training time. soften: makes the soft labels of each pass. uncertainty:
    tells the standard error of each score; it is asked once, after the first pass, and where there are several tasks
    the surer ones have more of a say in which snapshot is the best.
    Raises DataError where every step of an epoch had to be skipped.
    """
    start = start or Start()
    training = _Training(
        model=model,
        plan=plan,
        tensors=tensors,
        balancer=balancer,
        optimizer=build_optimizer(model, config),
        average=AverageWeights(model, half_life=max(20.0, AVERAGE_OVER * plan.steps)),
        judge=on_validate if epochs is None else None,
        config=config,
        seed=seed,
        tasks=start.tasks or tuple(model.shape.tasks),
        start=start,
        total=epochs or config.epochs,
        listeners=listeners,
        watcher=watcher,
        soften=soften,
        uncertainty=uncertainty,
    )
    run = _begin(training)
    if checkpoints is not None:
        run = _restore(checkpoints, training, run)
    while not _over(training, run):
        seconds = _epoch(training, run)
        if checkpoints is not None:
            _save(checkpoints, training, run)
        if budget_seconds is not None and run.seconds + seconds > budget_seconds:
            break
    model.load_state_dict(run.snapshot)
    model.eval()
    return TrainedModel(model, run.log, run.seconds, run.progress.best_epoch, run.skipped)


@dataclass(frozen=True)
class _Training:
    """What a run works with from its first step to its last. judge: None for a fixed number of passes."""

    model: MotetModel
    plan: TrainingPlan
    tensors: FeatureTensors
    balancer: Balancer
    optimizer: torch.optim.Optimizer
    average: AverageWeights
    judge: OnValidate | None
    config: TrainConfig
    seed: int
    tasks: tuple[str, ...]
    start: Start
    total: int
    listeners: Sequence[Listener]
    watcher: Watcher | None
    soften: Soften | None
    uncertainty: OnValidate | None


@dataclass
class _Run:
    """How far a run has come: what a checkpoint keeps beside weights and optimiser."""

    progress: Progress
    teachers: Teachers
    snapshot: dict[str, Tensor]
    log: list[dict[str, Any]]
    seconds: float
    next_epoch: int
    skipped: int


def _begin(training: _Training) -> _Run:
    """Return a run before its first epoch; tasks that are closed from the start imitate the model as it is."""
    model = training.model
    tasks = tuple(task for task in training.tasks if task in model.shape.judged)
    may_close = tuple(task for task in closable(model.shape) if task in tasks and len(tasks) > 1)
    progress, teachers = Progress(tasks, training.config.patience, may_close), Teachers(model)
    closed = [task for task in training.start.closed if task in may_close]
    if closed:
        progress.closed = closed
        teachers.close(model, progress)
    return _Run(progress, teachers, {}, [], 0.0, 0, 0)


def _over(training: _Training, run: _Run) -> bool:
    """Whether all passes are done, or the judge has seen nothing better for too long."""
    if run.next_epoch >= training.total:
        return True
    return training.judge is not None and run.next_epoch > 0 and run.progress.finished(run.next_epoch - 1)


def _epoch(training: _Training, run: _Run) -> float:
    """One pass with its judgement, told to the listeners; returns its seconds of training."""
    model, watcher, epoch, began = training.model, training.watcher, run.next_epoch, time.perf_counter()
    losses = _pass(training, run)
    seconds = time.perf_counter() - began - (watcher.seconds if watcher else 0.0)
    watched = watcher.epoch() if watcher else Watched()
    run.seconds += seconds
    training.average.swap(model)
    for language in model.tuned():
        language.refresh(training.tensors.items)
    scores, better = _judged(training, run)
    if better:
        run.snapshot = {name: value.detach().clone() for name, value in model.state_dict().items()}
    training.average.swap(model)
    done = EpochDone(epoch, training.total, losses, scores, tuple(run.progress.closed), better, seconds, watched)
    run.log.append(_row(done))
    run.next_epoch += 1
    for listener in training.listeners:
        listener.epoch(done)
    return seconds


def _judged(training: _Training, run: _Run) -> tuple[dict[str, float], bool]:
    """Return the scores of the model as it stands, and whether its weights are to be kept."""
    model, epoch = training.model, run.next_epoch
    if training.judge is None:
        return {}, epoch == training.total - 1
    model.eval()
    scores = training.judge(model)
    if epoch == 0 and training.uncertainty is not None and len(scores) > 1:
        run.progress.votes = votes(scores, training.uncertainty(model))
    better = run.progress.update(epoch, scores)
    run.teachers.follow(model, run.progress, epoch)
    return scores, better


def _softened(training: _Training, run: _Run) -> dict[str, SoftLabels]:
    """Return the soft labels of the next pass; a closed task has put all its labels away."""
    if training.soften is None:
        return {}
    if run.next_epoch == 0:
        found = training.soften(None)
    else:
        training.average.swap(training.model)
        found = training.soften(training.model.eval())
        training.average.swap(training.model)
    return {task: each for task, each in found.items() if task not in run.progress.closed}


def _pass(training: _Training, run: _Run) -> dict[str, float]:
    """One pass over the data; returns the mean loss of each task."""
    model, steps, start, watcher = training.model, training.plan.steps, training.start, training.watcher
    epoch, soft = run.next_epoch, _softened(training, run)
    model.train()
    sums: dict[str, list[float]] = {}
    skipped = 0
    for step, batches in training.plan.epoch(training.seed, epoch, training.tasks, soft=soft):
        if not batches:
            continue
        _warm_up(training.optimizer, epoch * steps + step, steps)
        result = take_step(
            model,
            batches,
            training.tensors,
            training.balancer,
            training.optimizer,
            teachers={**run.teachers.active, **start.tutors},
            trust=start.trust(epoch + step / steps, training.total),
            clip=training.config.clip,
            seed=(training.seed, epoch, step),
        )
        skipped += result.skipped
        training.average.update(model)
        if watcher is not None and watcher.due(epoch * steps + step) and not result.skipped:
            watcher.look(batches, training.tensors, weights=result.weights, teachers=run.teachers.active)
        for task, loss in result.losses.items():
            sums.setdefault(task, []).append(loss)
        for listener in training.listeners:
            listener.step(StepDone(epoch, step + 1, steps, result.losses, result.weights))
    run.skipped += skipped
    if skipped == steps:
        raise DataError(
            "Training cannot go on: no step of a whole epoch had finite losses.",
            "Look for extreme numbers with 'motet check', or set a smaller train.learning_rate.",
        )
    return {task: sum(values) / len(values) for task, values in sums.items()}


def _warm_up(optimizer: torch.optim.Optimizer, step: int, steps: int) -> None:
    share = min(1.0, (step + 1) / max(1.0, WARM_UP * steps))
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


def _row(done: EpochDone) -> dict[str, Any]:
    row: dict[str, Any] = {"epoch": done.epoch, "best": done.best, "seconds": round(done.seconds, 3)}
    row |= {f"loss/{task}": value for task, value in done.losses.items()}
    row |= {f"score/{task}": value for task, value in done.scores.items()}
    row |= done.watched.columns
    if done.watched.alarms:
        row["alarm"] = " ".join(done.watched.alarms)
    return row


def _save(folder: Path, training: _Training, run: _Run) -> None:
    average = training.average
    tensors = {f"model/{name}": value for name, value in training.model.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.weights.items()}
    tensors |= {f"best/{name}": value for name, value in run.snapshot.items()}
    tensors |= {f"optimizer/{name}": value for name, value in optimizer_tensors(training.optimizer).items()}
    tensors |= {f"peaks/{name}": value for name, value in run.teachers.to_tensors().items()}
    soft = {} if training.soften is None else training.soften.best
    tensors |= {f"soft/{name}": value for name, value in soft_tensors(soft).items()}
    # a tensor may stand under several names, and safetensors refuses shared memory
    tensors = {name: value.clone() for name, value in tensors.items()}
    fields = {
        "epoch": run.next_epoch,
        "progress": run.progress.to_json(),
        "balancer": training.balancer.state(),
        "average_steps": average.steps,
        "log": run.log,
        "seconds": run.seconds,
        "skipped": run.skipped,
        "soft": [[task, each.weight, each.loss] for task, each in soft.items()],
    }
    save_checkpoint(folder, tensors, fields)


def _restore(folder: Path, training: _Training, run: _Run) -> _Run:
    """Return the run as its last checkpoint left it, with model, average, optimiser and balancer put back."""
    model, average = training.model, training.average
    found = load_checkpoint(folder)
    if found is None:
        return run
    tensors, fields = found

    def below(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

    model.load_state_dict(below("model/"))
    average.weights = {name: value.to(average.weights[name].device) for name, value in below("average/").items()}
    average.steps = fields["average_steps"]
    restore_optimizer(training.optimizer, below("optimizer/"))
    training.balancer.restore(fields["balancer"])
    progress = Progress.from_json(fields["progress"])
    run.teachers.restore(below("peaks/"), progress, model)
    if training.soften is not None:
        training.soften.best = soft_labels(fields["soft"], below("soft/"))
    return _Run(
        progress, run.teachers, below("best/"), fields["log"], fields["seconds"], fields["epoch"], fields["skipped"]
    )
