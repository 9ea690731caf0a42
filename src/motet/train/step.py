"""One optimiser step: every task's micro-batches, accumulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.cut import Cut
from motet.model.inputs import FeatureTensors
from motet.train.balance import Balancer, looks_at_gradients, looks_at_norms
from motet.train.gradients import backward, gradient_norms, task_gradients


@dataclass(frozen=True)
class StepResult:
    """Losses and weights of the step's tasks; skipped where a loss or gradient was not finite."""

    losses: dict[str, float]
    weights: dict[str, float]
    skipped: bool


def take_step(
    model: MotetModel,
    batches: Sequence[Batch],
    tensors: FeatureTensors,
    balancer: Balancer,
    optimizer: torch.optim.Optimizer,
    *,
    teachers: Mapping[str, MotetModel],
    clip: float,
    seed: tuple[int, int, int],
    trust: Mapping[str, float] | None = None,
) -> StepResult:
    """Train on one step's batches.

    teachers: models that closed tasks imitate, by task. seed: (seed, epoch, step).
    trust: see `MotetModel.losses`.
    The random stream is set anew for every forward pass, by its views, so that a step can be repeated exactly and
    one view's dropout does not depend on another view's presence.
    A loss or gradient that is not finite leaves the weights as they are.
    """
    optimizer.zero_grad(set_to_none=True)
    losses: dict[str, float] = {}
    weights: dict[str, float] = {}
    finite = True

    def losses_of(batch: Batch, cut: Cut | None = None) -> dict[str, Tensor]:
        torch.manual_seed(_stream(seed, batch))
        return model.losses(batch, tensors, teachers=teachers, trust=trust, cut=cut)

    for batch in batches:
        cut = Cut() if looks_at_gradients(balancer) else None
        found = losses_of(batch, cut)
        values = {task: float(loss.detach()) for task, loss in found.items()}
        losses |= values
        if not all(abs(value) < float("inf") for value in values.values()):
            finite = False
            break
        if looks_at_norms(balancer) and balancer.due(list(found)):
            labels = {task: each.count for block in batch.blocks for task, each in block.targets.items()}
            balancer.observe(_lengths(model, found, partial(losses_of, batch)), labels)
        weights |= balancer.weigh(values)
        _backward(model, {task: weights[task] * loss for task, loss in found.items()}, balancer, cut)
    if not finite:
        optimizer.zero_grad(set_to_none=True)
        return StepResult(losses, weights, skipped=True)
    if not _clip(model, clip):
        optimizer.zero_grad(set_to_none=True)
        return StepResult(losses, weights, skipped=True)
    optimizer.step()
    return StepResult(losses, weights, skipped=False)


def _lengths(
    model: MotetModel, losses: Mapping[str, Tensor], again: Callable[[], Mapping[str, Tensor]]
) -> dict[str, float]:
    """Return the lengths of the tasks' gradients as they would be with open valves.

    again: makes the very same losses anew.

    What a valve takes away would otherwise be given back by dividing by the shorter length.
    """
    valves = getattr(model.sharing, "valves", None)
    if valves is None or not valves.turned:
        return gradient_norms(model, losses)
    with valves.opened():
        return gradient_norms(model, again())


def _backward(model: MotetModel, weighted: Mapping[str, Tensor], balancer: Balancer, cut: Cut | None) -> None:
    """Accumulate the gradients of weighted losses."""
    if cut is None or not looks_at_gradients(balancer):
        torch.stack(list(weighted.values())).sum().backward()
        return
    gradients = task_gradients(model, weighted, cut)
    shares = balancer.share(gradients.gramian(), list(weighted))
    backward(gradients, shares)


def _clip(model: MotetModel, most: float) -> bool:
    """Shorten the gradients of the shared weights and of every task's own, each group by itself.

    A task that explodes then shortens nobody else's step. Returns whether all norms were finite.
    """
    groups = [model.shared(), *(model.private(task) for task in model.shape.tasks)]
    norms = [nn.utils.clip_grad_norm_(group, most) for group in groups if group]
    return bool(torch.isfinite(torch.stack(norms)).all())


def _stream(seed: tuple[int, int, int], batch: Batch) -> int:
    """A number in 63 bits from the seed and the batch's place: histories together, other views by name."""
    name = "histories" if batch.segments is not None else batch.blocks[0].view
    value = 1469598103934665603
    for part in (*seed, *name.encode()):
        value = ((value ^ part) * 1099511628211) % (1 << 63)
    return value
