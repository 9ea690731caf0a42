"""Valves: how much of a task's gradient enters a block of shared weights.

Forward they are nothing; backward they multiply. At 0 a task only reads what the others make of the trunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.trunk import State, Trunk
from motet.schema import BLOCKS, valve_of


class _Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, share: float) -> Tensor:
        ctx.share = share
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0] * ctx.share, None


def scale_gradient(x: Tensor, share: float) -> Tensor:
    """Return x itself forward; backward its gradient times `share`, and none at all at 0."""
    if share == 1.0:
        return x
    return x.detach() if share == 0.0 else _Scale.apply(x, share)


class Valves:
    """share[task][block] in [0, 1]; 1 where nothing is said."""

    def __init__(self, shape: ModelShape) -> None:
        self._shares: dict[str, dict[str, float]] = {}
        for key, share in shape.sharing.valves.items():
            task, blocks = valve_of(key, shape.tasks)
            self.turn(task, share, blocks)

    def turn(self, task: str, share: float, blocks: tuple[str, ...] = BLOCKS) -> None:
        """Let only this share of a task's gradient into these blocks from now on."""
        held = self._shares.setdefault(task, dict.fromkeys(BLOCKS, 1.0))
        held |= dict.fromkeys(blocks, share)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Within this context every valve is open; afterwards they stand as before."""
        held, self._shares = self._shares, {}
        try:
            yield
        finally:
            self._shares = held

    @property
    def turned(self) -> bool:
        """Whether any valve is not fully open."""
        return any(share != 1.0 for held in self._shares.values() for share in held.values())

    def of(self, task: str, block: str) -> float:
        """Return the share of a task's gradient that enters a block."""
        return self._shares.get(task, {}).get(block, 1.0)

    def through(self, task: str, block: str, x: Tensor) -> Tensor:
        """Return what a task reads of a block."""
        return scale_gradient(x, self.of(task, block))

    def fused(self, task: str, state: State, trunk: Trunk) -> Tensor:
        """Return the fused representation as a task reads it, (n, d).

        Equal shares act on the fused representation at once; unequal ones need the fusion to be made anew of sources
        that are valved one by one.
        """
        held = self._shares.get(task)
        if held is None or all(share == 1.0 for share in held.values()):
            return state.z_nd
        if len(set(held.values())) == 1:
            return scale_gradient(state.z_nd, held["fusion"])
        fusion = trunk.fusions[module_name(state.view)]
        weights = {name: scale_gradient(weight, held["fusion"]) for name, weight in fusion.named_parameters()}
        sources = [self.through(task, name.partition("/")[0], each) for name, each in state.sources.items()]
        return functional_call(fusion, weights, (sources,))
