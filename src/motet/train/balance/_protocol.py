"""The contract of a balancer: losses in, weights out, and a state that can be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from torch import Tensor

from motet.registry import Shelf
from motet.schema import BalanceConfig


class Balancer(Protocol):
    """Decides how much each task's loss counts. K = tasks.

    constants: mean loss of a constant answer per task. weights: the project's own shares per task. config: the
    project's section [balance]. A class that looks at more of it than `kind` and `main` names that in a set `reads`;
    other settings are refused at the door, since they would do nothing.
    """

    def __init__(self, constants: Mapping[str, float], weights: Mapping[str, float], config: BalanceConfig) -> None: ...

    def weigh(self, losses: Mapping[str, float]) -> dict[str, float]:
        """Return a weight for each given loss; called once per forward pass, in order."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what must be saved to go on, as JSON values."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        ...


class GradientBalancer(Balancer, Protocol):
    """A balancer that looks at gradients, too; each already carries its weight from `weigh`."""

    def share(self, gramian_KK: Tensor, tasks: Sequence[str]) -> dict[str, float]:
        """Return how much of each task's gradient enters the shared weights.

        gramian_KK: inner products of the tasks' gradients where the views of a forward pass begin (see `model.cut`), in
        the order of `tasks`. The tasks' private weights follow their own gradient, whatever is returned here.
        """
        ...


class NormBalancer(Balancer, Protocol):
    """A balancer that is told now and then how long each task's gradient is."""

    def due(self, tasks: list[str]) -> bool:
        """Return whether the gradients of these tasks should be measured now; asked before `weigh`."""
        ...

    def observe(self, norms: Mapping[str, float], labels: Mapping[str, int]) -> None:
        """Take in, by task, the length of its plain loss's gradient at the weights that several tasks train.

        labels: how many labels each loss is the mean of.
        """
        ...


def looks_at_norms(balancer: Balancer) -> TypeGuard[NormBalancer]:
    """Return whether a balancer wants to be told the lengths of gradients."""
    return hasattr(balancer, "observe")


def looks_at_gradients(balancer: Balancer) -> TypeGuard[GradientBalancer]:
    """Return whether a balancer wants to see gradients."""
    return hasattr(balancer, "share")


BALANCERS: Shelf[type] = Shelf("balancer", "motet.train.balance")
