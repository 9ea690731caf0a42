"""Nash-MTL: the tasks bargain for a common direction (Navon et al. 2022, arXiv:2202.01017).

The bargaining solution has shares α with (G·α)_k = w_k / α_k. That is where the strictly convex function
½ α'Gα − Σ w_k log α_k is smallest, so Newton's method finds it exactly, in place of the paper's sequence of convex
approximations. A small ridge keeps shares finite where gradients cancel. Where the paper bounds the length of the
update, shares here are in the unit of the gradients' mean norm: a task that pulls alone keeps its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from motet.train.balance._gramian import GramianBalancer
from motet.train.balance._protocol import BALANCERS

RIDGE = 1e-3
STEPS = 50
CLOSE = 1e-12


@BALANCERS.register("nashmtl")
class NashMtl(GramianBalancer):
    """Every task gains in proportion to its weight, however long its gradient is."""

    def solve(self, gramian_KK: Tensor, tasks: Sequence[str]) -> Tensor:
        """Return the bargaining solution."""
        weight_K = torch.tensor([self.weights[task] for task in tasks], dtype=torch.float64)
        return bargain(gramian_KK + RIDGE * torch.eye(len(tasks), dtype=torch.float64), weight_K / weight_K.mean())


def bargain(gramian_KK: Tensor, weight_K: Tensor) -> Tensor:
    """Return α (K,) > 0 with (G·α)_k = w_k / α_k, for a positive definite G."""
    alpha = (weight_K / gramian_KK.diagonal()).sqrt()
    for _ in range(STEPS):
        slope = gramian_KK @ alpha - weight_K / alpha
        step = torch.linalg.solve(gramian_KK + torch.diag(weight_K / alpha**2), slope)
        decrement = float(slope @ step)
        if decrement < CLOSE:
            break
        # damped by its own length, a Newton step on a logarithmic barrier stays inside it
        alpha = alpha - step / (1 + (decrement / float(weight_K.min())) ** 0.5)
    return alpha
