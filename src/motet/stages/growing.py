"""A trained model in another shape: the same weights, and room for something new."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch

from motet.features.batch import Batch
from motet.model.assemble import MotetModel, build
from motet.model.inputs import FeatureTensors
from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.schema import valve_of


def with_adapter(shape: ModelShape, task: str, rank: int) -> ModelShape:
    """Return the shape with a private low-rank adapter for a task."""
    return replace(shape, sharing=replace(shape.sharing, ranks={**shape.sharing.ranks, task: rank}))


def with_valves(shape: ModelShape, shares: Mapping[str, float]) -> ModelShape:
    """Return the shape with no more than these shares of the tasks' gradients in the shared weights."""
    held = shape.sharing.valves
    turned = {task: min(share, held.get(task, 1.0)) for task, share in shares.items()}
    # valves of single blocks come after those of all blocks, which they refine
    rest = {key: share for key, share in held.items() if key not in turned}
    rest = {key: min(share, turned.get(valve_of(key, shape.tasks)[0], 1.0)) for key, share in rest.items()}
    return replace(shape, sharing=replace(shape.sharing, valves={**turned, **rest}))


def regrown(model: MotetModel, shape: ModelShape, *, seed: int) -> MotetModel:
    """Return a model of another shape with the weights of this one; what is new starts as `seed` says.

    What this one has and the other shape has not is left out.
    """
    grown = build(shape, seed=seed).to(next(model.parameters()).device)
    fill(grown, model)
    return grown.train(model.training)


@torch.no_grad()
def fill(target: MotetModel, source: MotetModel, *, tasks: Iterable[str] | None = None) -> None:
    """Copy weights and buffers by name; tasks: only what is private to these."""
    tasks = None if tasks is None else tuple(tasks)
    only = None if tasks is None else {id(weight) for task in tasks for weight in target.private(task)}
    weights = dict(source.named_parameters())
    for name, weight in target.named_parameters():
        # a weight that has changed its size (an adapter of another rank) is a new one
        if name in weights and weight.shape == weights[name].shape and (only is None or id(weight) in only):
            weight.copy_(weights[name])
    heads = None if tasks is None else tuple(f"heads.{module_name(task)}." for task in tasks)
    buffers = dict(source.named_buffers())
    for name, buffer in target.named_buffers():
        same = name in buffers and buffer.shape == buffers[name].shape
        if same and (heads is None or name.startswith(heads)):
            buffer.copy_(buffers[name])


def between(one: MotetModel, other: MotetModel, share: float) -> MotetModel:
    """Return one + share · (other − one), weight by weight, and gates alike: one itself at 0, the other at 1."""
    found = copy.deepcopy(one)
    towards = dict(other.named_parameters())
    with torch.no_grad():
        for name, weight in found.named_parameters():
            weight.lerp_(towards[name], share)
        for mine, its in zip(found.tuned(), other.tuned(), strict=True):
            for own, there in zip(mine.buffers(), its.buffers(), strict=True):
                own.lerp_(there, share)  # what the language model made of items lies about there, too
        for task in found.shape.tasks:
            mix = getattr(found.head(task), "mix", None)
            if mix is not None:
                mix.gate.lerp_(other.head(task).mix.gate, share)  # type: ignore[attr-defined]
    return found


@torch.no_grad()
def stands_alone(model: MotetModel, task: str, batches: Iterable[Batch], tensors: FeatureTensors) -> bool:
    """Return whether a task's private weights may change without any other task noticing.

    Some strategies let tasks read one another's private states. batches: with the others' questions, to find out.
    """
    shaken = copy.deepcopy(model).eval()
    for weight in shaken.private(task):
        weight.add_(torch.linspace(0.5, 1.0, weight.numel(), device=weight.device).view_as(weight))
    for batch in batches:
        for other in {name for block in batch.blocks for name in block.targets} - {task}:
            before, after = (each.answers_to(other, batch, tensors, most=64) for each in (model.eval(), shaken))
            if not torch.equal(before, after):
                return False
    return True
