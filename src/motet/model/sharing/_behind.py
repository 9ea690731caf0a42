"""Shared weights between trunk and heads, behind the valves of the tasks that use them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.func import functional_call

from motet.model.sharing._valves import Valves, scale_gradient

BLOCK = "fusion"
"""The valve that a strategy's shared weights stand behind: like the fusion they join what a view shows."""


def by_share(valves: Valves, tasks: Sequence[str]) -> dict[float, list[str]]:
    """Return the tasks by the share of their gradient that may enter a strategy's shared weights."""
    found: dict[float, list[str]] = {}
    for task in tasks:
        found.setdefault(valves.of(task, BLOCK), []).append(task)
    return found


def behind(module: nn.Module, share: float) -> Callable[..., Tensor]:
    """Return a call of `module` that scales the gradient of its weights by `share`.

    The gradient of its inputs is left as it is: those went through a valve already.
    """
    if share == 1.0:
        return module
    weights = {name: scale_gradient(weight, share) for name, weight in module.named_parameters()}
    return lambda *inputs: functional_call(module, weights, inputs)
