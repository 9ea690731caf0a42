"""How each task pulls at the shared weights: its own gradient there, and how the pulls of two tasks agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors
from motet.model.trunk import Trunk

Pull = list[Tensor | None]
"""A task's gradient at each shared weight, None where it does not arrive."""
BETWEEN = "sharing"
"""The block of shared weights that lie between trunk and heads: experts, shared gates."""
_STREAM = 20_210_904


def pulls(
    model: MotetModel,
    batches: Sequence[Batch],
    tensors: FeatureTensors,
    *,
    teachers: Mapping[str, MotetModel] | None = None,
) -> dict[str, Pull]:
    """Return, by task with labels in the batches, the gradient of its mean loss at `model.shared()`.

    Tasks come in the model's order. One forward pass per batch, and one backward pass per task. teachers: models that
    closed tasks imitate. Random draws are the same at every call; nothing is accumulated in the weights' own gradients.
    """
    shared = model.shared()
    labels = label_counts(batches)
    found: dict[str, Pull] = {task: [None] * len(shared) for task in model.shape.tasks if task in labels}
    for place, batch in enumerate(batches):
        torch.manual_seed(_STREAM + place)
        with torch.enable_grad():
            losses = model.losses(batch, tensors, teachers=teachers)
            inside = label_counts([batch])
            for task, loss in losses.items():
                part = loss * (inside[task] / labels[task])
                if not shared or not part.requires_grad:
                    continue
                arrived = torch.autograd.grad(part, shared, retain_graph=True, allow_unused=True)
                found[task] = [_plus(held, new) for held, new in zip(found[task], arrived, strict=True)]
    return found


@torch.no_grad()
def mean_losses(model: MotetModel, batches: Sequence[Batch], tensors: FeatureTensors) -> dict[str, float]:
    """Return each task's mean loss over its labels in all batches, with the same random draws at every call."""
    counts = label_counts(batches)
    sums: dict[str, float] = {}
    for place, batch in enumerate(batches):
        torch.manual_seed(_STREAM + place)
        inside = label_counts([batch])
        for task, loss in model.losses(batch, tensors).items():
            sums[task] = sums.get(task, 0.0) + float(loss) * inside[task]
    return {task: total / counts[task] for task, total in sums.items()}


def label_counts(batches: Sequence[Batch]) -> dict[str, int]:
    """Return how many labels each task has in the batches."""
    found: dict[str, int] = {}
    for batch in batches:
        for block in batch.blocks:
            for task, target in block.targets.items():
                found[task] = found.get(task, 0) + target.count
    return found


@contextmanager
def undisturbed(model: MotetModel) -> Iterator[None]:
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


@dataclass(frozen=True)
class Agreement:
    """Lengths and directions of the tasks' pulls, by block of shared weights.

    norms: block → task → length of its gradient. cosines: block → pair of tasks → cosine between their gradients.
    A task that does not reach a block is absent there, and so is a pair that meets in none of its weights.
    """

    norms: Mapping[str, Mapping[str, float]]
    cosines: Mapping[str, Mapping[tuple[str, str], float]]


def agreement(found: Mapping[str, Pull], blocks: Sequence[str]) -> Agreement:
    """Return how the tasks' pulls agree. blocks: the block of each shared weight, as `blocks_of` gives them."""
    tasks = list(found)
    products = {block: torch.zeros(len(tasks), len(tasks), dtype=torch.float64) for block in dict.fromkeys(blocks)}
    meet = {block: torch.zeros(len(tasks), len(tasks), dtype=torch.bool) for block in products}
    for place, block in enumerate(blocks):
        here = [(row, found[task][place]) for row, task in enumerate(tasks)]
        known = [(row, each) for row, each in here if each is not None]
        if known:
            rows = torch.tensor([row for row, _ in known])
            flat = torch.stack([each.flatten() for _, each in known])
            products[block][rows[:, None], rows] += (flat @ flat.t()).double().cpu()
            meet[block][rows[:, None], rows] = True
    norms: dict[str, dict[str, float]] = {}
    cosines: dict[str, dict[tuple[str, str], float]] = {}
    for block, product in products.items():
        length = product.diagonal().clamp(min=0).sqrt().tolist()
        reach = [row for row, each in enumerate(length) if 0 < each < float("inf")]
        norms[block] = {tasks[row]: length[row] for row in reach}
        cosines[block] = {
            (tasks[one], tasks[other]): max(-1.0, min(1.0, float(product[one, other]) / (length[one] * length[other])))
            for at, one in enumerate(reach)
            for other in reach[at + 1 :]
            if meet[block][one, other]
        }
    return Agreement(norms, cosines)


def blocks_of(model: MotetModel) -> list[str]:
    """Return the block of each of `model.shared()`: a part of a trunk (item, history, text, language, row, fusion), or
    `sharing`.
    """
    places: dict[int, str] = {}
    for trunk in (module for module in model.modules() if isinstance(module, Trunk)):
        parts: dict[str, Sequence[nn.Module | None]] = {
            "item": [trunk.items],
            "history": [trunk.history, trunk.now],
            "text": [trunk.texts],
            "language": [trunk.language],
            "row": [trunk.rows],
            "fusion": [trunk.fusions],
        }
        for block, modules in parts.items():
            places |= {id(each): block for module in modules if module is not None for each in module.parameters()}
    return [places.get(id(parameter), BETWEEN) for parameter in model.shared()]


def _plus(held: Tensor | None, new: Tensor | None) -> Tensor | None:
    return held if new is None else new if held is None else held + new
