"""Which task helps which: what one step for the one does to the other's loss on rows that nobody trains on.

Look-ahead affinity (TAG, Fifty et al. 2021, arXiv:2109.04617): Z[source → target] = 1 − L_target(θ′) / L_target(θ),
where θ′ are the shared weights after one step of plain gradient descent on the source's loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors
from motet.train.pulls import Pull, mean_losses, pulls, undisturbed

Affinity = dict[str, dict[str, float]]
"""source → target → Z; above 0 the source helps, below it harms."""
LOOK_AHEAD_RATE = 3e-3
"""Length of the step as a share of the weights that it moves: small enough to follow the gradient's own slope."""
WORST = -1.0


def look_ahead(
    model: MotetModel, learn: Sequence[Batch], judge: Sequence[Batch], tensors: FeatureTensors, *, rate: float
) -> Affinity:
    """Return Z[source][target] for every task with labels in `learn`, and every one with labels in `judge`.

    learn: batches that give the source's gradient (mean over their labels). judge: batches that give the target's
    loss, of validation half A. rate: the step's length over the norm of the weights that the source's gradient
    reaches (LOOK_AHEAD_RATE where you have no opinion), so that tasks with loud and with quiet losses step alike;
    the paper steps with the optimiser's own rate. The step moves all shared weights, not the last block alone: the
    cost is a forward pass over `judge` per source either way. All sources' gradients are held at once. Z is 0 where
    the source's gradient reaches nothing, and never below −1 (a loss that doubled; a step that broke the target).

    The model comes back as it was, bit for bit: weights, gradients, mode. Dropout is off, and the random stream goes
    on where it stood.
    """
    with undisturbed(model):
        return gains(model, pulls(model, learn, tensors), judge, tensors, rate=rate)


def gains(
    model: MotetModel, found: Mapping[str, Pull], judge: Sequence[Batch], tensors: FeatureTensors, *, rate: float
) -> Affinity:
    """Return Z for gradients that are there already (see `look_ahead`); the model is in evaluation mode."""
    shared = model.shared()
    before = mean_losses(model, judge, tensors)
    affinity: Affinity = {}
    for source, gradients in found.items():
        with _stepped(shared, gradients, rate) as moved:
            after = mean_losses(model, judge, tensors) if moved else before
        affinity[source] = {target: _gain(loss, after[target]) for target, loss in before.items()}
    return affinity


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


@contextmanager
def _stepped(shared: Sequence[nn.Parameter], gradients: Pull, rate: float) -> Iterator[bool]:
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
