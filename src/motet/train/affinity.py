"""Which task helps which: what one step for the one does to the other's loss on rows that nobody trains on.

Look-ahead affinity (TAG, Fifty et al. 2021, arXiv:2109.04617): Z[source → target] = 1 − L_target(θ′) / L_target(θ),
where θ′ are the shared weights after one step of plain gradient descent on the source's loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor, nn

from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors

Affinity = dict[str, dict[str, float]]
"""source → target → Z; above 0 the source helps, below it harms."""
LOOK_AHEAD_RATE = 3e-3
"""Length of the step as a share of the weights that it moves: small enough to follow the gradient's own slope."""
WORST = -1.0
_STREAM = 20_210_904


def look_ahead(
    model: MotetModel, learn: Sequence[Batch], judge: Sequence[Batch], tensors: FeatureTensors, *, rate: float
) -> Affinity:
    """Return Z[source][target] for every task with labels in `learn`, and every one with labels in `judge`.

    learn: batches that give the source's gradient (mean over their labels). judge: batches that give the target's
    loss, of validation half A. rate: the step's length over the norm of the weights that the source's gradient
    reaches (LOOK_AHEAD_RATE where you have no opinion), so that tasks with loud and with quiet losses step alike;
    the paper steps with the optimiser's own rate. The step moves all shared weights, not the last block alone: the
    cost is a forward pass over `judge` per source either way. Z is 0 where the source's gradient reaches nothing, and
    never below −1 (a loss that doubled; a step that broke the target).

    The model comes back as it was, bit for bit: weights, gradients, mode. Dropout is off, and the random stream goes
    on where it stood.
    """
    shared = model.shared()
    found: Affinity = {}
    with _undisturbed(model):
        before = mean_losses(model, judge, tensors)
        for source in _labelled(learn):
            gradients = _gradients(model, source, learn, tensors, shared)
            with _stepped(shared, gradients, rate) as moved:
                after = mean_losses(model, judge, tensors) if moved else before
            found[source] = {target: _gain(loss, after[target]) for target, loss in before.items()}
    return found


@torch.no_grad()
def mean_losses(model: MotetModel, batches: Sequence[Batch], tensors: FeatureTensors) -> dict[str, float]:
    """Return each task's mean loss over its labels in all batches, with the same random draws at every call."""
    sums: dict[str, float] = {}
    counts = _labelled(batches)
    for place, batch in enumerate(batches):
        torch.manual_seed(_STREAM + place)
        for task, loss in model.losses(batch, tensors).items():
            sums[task] = sums.get(task, 0.0) + float(loss) * _count(batch, task)
    return {task: total / counts[task] for task, total in sums.items()}


class RunningAffinity:
    """The mean of several look-aheads, pair by pair."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, tuple[float, int]]] = {}

    def update(self, found: Mapping[str, Mapping[str, float]]) -> None:
        """Take in one look-ahead."""
        for source, targets in found.items():
            row = self._held.setdefault(source, {})
            for target, value in targets.items():
                total, count = row.get(target, (0.0, 0))
                row[target] = (total + value, count + 1)

    def mean(self) -> Affinity:
        """Return the mean per pair; pairs never measured are absent."""
        return {
            source: {target: total / count for target, (total, count) in row.items()}
            for source, row in self._held.items()
        }

    def state(self) -> dict[str, dict[str, list[float]]]:
        """Return what a checkpoint must hold, as JSON values."""
        return {source: {target: list(pair) for target, pair in row.items()} for source, row in self._held.items()}

    def restore(self, state: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
        """Go on from a saved state."""
        self._held = {
            source: {target: (float(total), int(count)) for target, (total, count) in row.items()}
            for source, row in state.items()
        }


def _gain(before: float, after: float) -> float:
    if not (math.isfinite(before) and before > 0):
        return 0.0
    return max(WORST, 1.0 - after / before) if math.isfinite(after) else WORST


def _labelled(batches: Sequence[Batch]) -> dict[str, int]:
    """Return how many labels each task has in the batches, in their order."""
    found: dict[str, int] = {}
    for batch in batches:
        for task in dict.fromkeys(task for block in batch.blocks for task in block.targets):
            found[task] = found.get(task, 0) + _count(batch, task)
    return found


def _count(batch: Batch, task: str) -> int:
    return sum(len(block.targets[task].index_m) for block in batch.blocks if task in block.targets)


def _gradients(
    model: MotetModel, task: str, batches: Sequence[Batch], tensors: FeatureTensors, shared: list[nn.Parameter]
) -> list[Tensor | None]:
    """Return the gradient of a task's mean loss at each shared weight, None where it does not arrive.

    Tasks come one after the other, each with a pass of its own, so that one gradient is held at a time.
    """
    total: list[Tensor | None] = [None] * len(shared)
    labels = _labelled(batches)[task]
    for place, batch in enumerate(batches):
        alone = _only(batch, task)
        if alone is None or not shared:
            continue
        torch.manual_seed(_STREAM + place)
        with torch.enable_grad():
            loss = model.losses(alone, tensors)[task] * (_count(batch, task) / labels)
            if not loss.requires_grad:
                continue
            arrived = torch.autograd.grad(loss, shared, allow_unused=True)
        total = [_plus(held, new) for held, new in zip(total, arrived, strict=True)]
    return total


def _plus(held: Tensor | None, new: Tensor | None) -> Tensor | None:
    return held if new is None else new if held is None else held + new


def _only(batch: Batch, task: str) -> Batch | None:
    blocks = tuple(
        replace(block, targets={task: block.targets[task]}) for block in batch.blocks if task in block.targets
    )
    return replace(batch, blocks=blocks) if blocks else None


@contextmanager
def _stepped(shared: Sequence[nn.Parameter], gradients: Sequence[Tensor | None], rate: float) -> Iterator[bool]:
    """Hold the weights one step further down the gradient while inside; False where there is nowhere to go."""
    pairs = [(weight, each) for weight, each in zip(shared, gradients, strict=True) if each is not None]
    weights, slopes = [weight.data for weight, _ in pairs], [each for _, each in pairs]
    steep = float(_norm(slopes))
    if steep == 0 or not math.isfinite(steep):
        yield False
        return
    kept = [weight.clone() for weight in weights]
    length = rate * float(_norm(weights)) / steep
    try:
        torch._foreach_add_(weights, slopes, alpha=-length)
        yield True
    finally:
        torch._foreach_copy_(weights, kept)


def _norm(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack(torch._foreach_norm(list(tensors))).norm() if tensors else torch.zeros(())


@contextmanager
def _undisturbed(model: MotetModel) -> Iterator[None]:
    """Put the model into evaluation mode while inside; every module's mode and the random streams come back."""
    modes = [(module, module.training) for module in model.modules()]
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=list(devices)):
        model.eval()
        try:
            yield
        finally:
            for module, training in modes:
                module.training = training
