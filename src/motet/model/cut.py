"""Cuts through the graph of a step, so that every task's gradient at what tasks share can be had for itself.

There are two. The lower one lies where a view's representation ends and the tasks' own graphs begin: K tasks go back
that far one by one, and the trunk is passed once for all of them. The upper one lies where the views begin: at the
history trunk's states, the items' vectors, and what a view makes of its own texts and columns. Tasks of different views
meet there and nowhere below it, so that is where their gradients are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from motet.model.trunk import State


class Cut:
    """Remembers what it cut: `above` belongs to the trunk's graph, `leaves` are where the tasks' graphs begin.

    common: the tensors at which tasks are compared, as the views read them; they lie above `above` or are part of it.
    """

    def __init__(self) -> None:
        self.above: list[Tensor] = []
        self.leaves: list[Tensor] = []
        self.common: list[Tensor] = []
        self._met: dict[int, tuple[Tensor, Tensor]] = {}

    def meet(self, x: Tensor) -> Tensor:
        """Return a tensor as the views shall read it, and remember it as one where tasks are compared.

        What reads the tensor itself, as the history trunk reads the items' vectors, is no part of the comparison. The
        same tensor given again comes back as before.
        """
        if not x.requires_grad:
            return x
        if id(x) not in self._met:
            self._met[id(x)] = (x, x.view_as(x))
            self.common.append(self._met[id(x)][1])
        return self._met[id(x)][1]

    def tensor(self, x: Tensor | None) -> Tensor | None:
        """Return the tensor as the beginning of a graph of its own; None stays None."""
        if x is None or not x.requires_grad:
            return x
        leaf = x.detach().requires_grad_()
        self.above.append(x)
        self.leaves.append(leaf)
        return leaf

    def state(self, state: State) -> State:
        """Return a state cut off from the trunk, its sources included."""
        z_nd, history_nd = self.tensor(state.z_nd), self.tensor(state.history_nd)
        assert z_nd is not None
        sources = {name: self.tensor(each) for name, each in state.sources.items()}
        known = {name: each for name, each in sources.items() if each is not None}
        return replace(state, z_nd=z_nd, history_nd=history_nd, sources=known)

    def at_common(self, at_leaves: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Return, per common tensor x, xᵀg with the gradient g that arrives there; (d, d), None where none arrives.

        That is the gradient of a linear map over x: tasks that ask about different users or items meet in it, as they
        do in the trunk's weights. It passes what lies between the two cuts, a view's fusion, and neither a tower nor
        the history trunk.
        """
        known = [(above, each) for above, each in zip(self.above, at_leaves, strict=True) if each is not None]
        if not known or not self.common:
            return [None] * len(self.common)
        outputs, arriving = zip(*known, strict=True)
        found = torch.autograd.grad(outputs, self.common, arriving, retain_graph=True, allow_unused=True)
        return [None if g is None else x.detach().T @ g for x, g in zip(self.common, found, strict=True)]
